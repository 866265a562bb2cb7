#include "models/lm/replies/record.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tests/suite.h"

START_TEST(replies)
{
    uint32_t ids[] = {4294967295U, 0};
    float logprobs[] = {-0.1F, -FLT_MIN};
    rec_generated best[] = {{.ids = ids,
                             .n = 2,
                             .text = "a\n\"é",
                             .logprobs = logprobs,
                             .sum = -0.1,
                             .score = 0.3,
                             .finish = REC_FINISH_LENGTH},
                            {.text = ""}};
    const rec_lm_reply r = {.best = best,
                            .n_best = 2,
                            .tokens_in = 9,
                            .tokens_out = 8,
                            .tokens_shared = 7,
                            .tokens_dropped = 6,
                            .cost_microdollars = -1};
    rec_lm_reply again;
    char *record = rec_record_of_reply(&r, NULL);
    ck_assert_ptr_nonnull(record);
    ck_assert_ok(rec_reply_of_record(&again, record, err));
    ck_assert_uint_eq(again.n_best, 2);
    ck_assert_str_eq(again.best[0].text, "a\n\"é");
    ck_assert_int_eq(again.best[0].finish, REC_FINISH_LENGTH);
    ck_assert_mem_eq(again.best[0].ids, ids, sizeof ids);
    ck_assert_mem_eq(again.best[0].logprobs, logprobs, sizeof logprobs);
    ck_assert(again.best[0].sum == -0.1 && again.best[0].score == 0.3);
    ck_assert_str_eq(again.best[1].text, "");
    ck_assert_ptr_null(again.best[1].ids);
    ck_assert_int_eq(again.best[1].finish, REC_FINISH_STOP);
    ck_assert_uint_eq(again.tokens_in, 9);
    ck_assert_uint_eq(again.tokens_out, 8);
    ck_assert_uint_eq(again.tokens_shared, 7);
    ck_assert_uint_eq(again.tokens_dropped, 6);
    ck_assert_int_eq(again.cost_microdollars, -1);
    ck_assert(again.cached);
    rec_lm_reply_deinit(&again);
    free(record);
}
END_TEST

START_TEST(scores)
{
    float logprobs[] = {NAN, -1.5F};
    const rec_lm_score s = {.logprobs = logprobs, .n = 2, .sum = -1.5, .tokens_in = 2};
    rec_lm_score again;
    char *record = rec_record_of_score(&s, NULL);
    ck_assert_ok(rec_score_of_record(&again, record, err));
    ck_assert_uint_eq(again.n, 2);
    ck_assert(isnan(again.logprobs[0]) && again.logprobs[1] == -1.5F);
    ck_assert_ptr_null(again.ids);
    ck_assert_double_eq(again.sum, -1.5);
    rec_lm_score_deinit(&again);
    free(record);
}
END_TEST

/* 1.0 is 00 00 80 3f in little-endian order. */
START_TEST(embeddings)
{
    for (size_t dim = 1; dim <= 5; dim++) { /* every padding of base64 */
        float vector[5] = {1.0F, -0.1F, FLT_MAX, FLT_MIN, 0.0F}, again[5];
        char *record = rec_record_of_embedding(vector, dim, NULL);
        if (dim == 1)
            ck_assert_str_eq(record, "{\"embedding\":\"AACAPw==\"}");
        ck_assert_uint_eq(rec_record_embedding_dim(record), dim);
        ck_assert_ok(rec_embedding_of_record(again, dim, record, err));
        ck_assert_mem_eq(again, vector, dim * sizeof *vector);
        ck_assert_fails(rec_embedding_of_record(again, dim + 1, record, err), REC_ERR_DATA,
                        "another dimension");
        free(record);
    }
}
END_TEST

#define BEST "\"text\":\"a\",\"finish\":\"stop\",\"sum\":0,\"score\":0"
#define TOKENS "\"tokens_in\":1,\"tokens_out\":1,\"tokens_shared\":0,\"tokens_dropped\":0"

START_TEST(no_replies)
{
    static const char *const bad[] = {
        "",
        "{}",
        "{\"best\":[]}",
        "{\"best\":[{" BEST "}]," TOKENS ",\"cost\":0}",          /* no n */
        "{\"best\":[{" BEST ",\"n\":-1}]," TOKENS ",\"cost\":0}", /* no count */
        "{\"best\":[{" BEST ",\"n\":0}]," TOKENS ",\"cost\":-2}", /* no cost */
        "{\"best\":[{" BEST ",\"n\":0}],\"tokens_in\":1}",        /* no tokens_out */
        "{\"best\":[{" BEST ",\"n\":2,\"ids\":[1]}]," TOKENS ",\"cost\":0}",
        "{\"best\":[{" BEST ",\"n\":1,\"ids\":[4294967296]}]," TOKENS ",\"cost\":0}",
        "{\"best\":[{" BEST ",\"n\":1,\"logprobs\":[\"x\"]}]," TOKENS ",\"cost\":0}",
        "{\"best\":[{\"n\":0}]," TOKENS ",\"cost\":0}",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        rec_lm_reply r;
        rec_error e;
        ck_assert_msg(rec_reply_of_record(&r, bad[i], &e) == REC_ERR_DATA, "%s", bad[i]);
        ck_assert_ptr_null(r.best);
    }
    static const char *const bad_scores[] = {
        "{}", "{\"logprobs\":[1]}", "{\"logprobs\":[true],\"sum\":0,\"tokens_in\":0}",
        "{\"logprobs\":[0],\"ids\":[],\"sum\":0,\"tokens_in\":0}"};
    for (size_t i = 0; i < sizeof bad_scores / sizeof *bad_scores; i++) {
        rec_lm_score s;
        rec_error e;
        ck_assert_int_eq(rec_score_of_record(&s, bad_scores[i], &e), REC_ERR_DATA);
        ck_assert_ptr_null(s.logprobs);
    }
    static const char *const bad_vectors[] = {
        "{}", "{\"embedding\":\"\"}", "{\"embedding\":\"AAA\"}", "{\"embedding\":\"AACAPw=!\"}",
        "{\"embedding\":[1]}"};
    for (size_t i = 0; i < sizeof bad_vectors / sizeof *bad_vectors; i++) {
        float v[1];
        rec_error e;
        ck_assert_int_eq(rec_embedding_of_record(v, 1, bad_vectors[i], &e), REC_ERR_DATA);
    }
}
END_TEST

REC_SUITE("models/lm/replies/record", tcase_add_test(t, replies); tcase_add_test(t, scores);
          tcase_add_test(t, embeddings); tcase_add_test(t, no_replies);)
