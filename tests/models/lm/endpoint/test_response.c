#include "models/lm/endpoint/response.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tests/suite.h"

static rec_lm_reply generated(rec_response_meta *meta, const char *body, bool chat)
{
    rec_lm_reply reply = {.best = NULL};
    ck_assert_ok(rec_response_generated(&reply, meta, body, strlen(body), chat, err));
    return reply;
}

START_TEST(error_messages)
{
    static const struct {
        const char *body, *text;
    } cases[] = {
        {"", ""},
        {"{\"error\":{\"message\":\"a\",\"type\":\"t\"}}", "a"},
        {"{\"error\":\"b\"}", "b"},
        {"{\"object\":\"error\",\"message\":\"c\"}", "c"},
        {"{\"detail\":\"d\"}", "d"},
        {"{\"error\":{\"message\":\"two\\nlines\\t\"}}", "two lines "},
        {"{\"error\":5}", "{\"error\":5}"},
        {"plain\r\ntext \xff", "plain  text ?"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char out[64];
        rec_response_error(out, sizeof out, cases[i].body, strlen(cases[i].body));
        ck_assert_str_eq(out, cases[i].text);
    }
    char small[6];
    rec_response_error(small, sizeof small, "abc\xc3\xa9\xc3\xa9", 7); /* not within a character */
    ck_assert_str_eq(small, "abcé");
}
END_TEST

START_TEST(usage)
{
    rec_response_meta meta;
    rec_lm_reply r =
        generated(&meta,
                  "{\"model\":\"x\",\"choices\":[{\"message\":{\"content\":\"\"}}],\"usage\":{"
                  "\"prompt_tokens\":10,\"completion_tokens\":2,\"prompt_tokens_details\":{"
                  "\"cached_tokens\":4}}}",
                  true);
    ck_assert_str_eq(r.best[0].text, ""); /* nothing is an answer, too */
    ck_assert(meta.has_usage);
    ck_assert_uint_eq(r.tokens_in, 10);
    ck_assert_uint_eq(r.tokens_shared, 4);
    ck_assert_uint_eq(r.tokens_out, 2);
    ck_assert_str_eq(meta.model, "x");
    rec_lm_reply_deinit(&r);
    static const char *const odd[] = {"-1", "1.5", "\"7\"", "1e300", "null"};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        char body[200];
        snprintf(
            body, sizeof body,
            "{\"choices\":[{\"message\":{\"content\":\"a\"}}],\"usage\":{\"prompt_tokens\":%s}}",
            odd[i]);
        r = generated(&meta, body, true);
        ck_assert_msg(!meta.has_usage, "%s", odd[i]);
        ck_assert_uint_eq(r.tokens_in, 0);
        rec_lm_reply_deinit(&r);
    }
}
END_TEST

START_TEST(several_choices)
{
    rec_response_meta meta;
    rec_lm_reply r =
        generated(&meta,
                  "{\"choices\":[{\"index\":1,\"text\":\"b\",\"finish_reason\":\"stop\"},"
                  "{\"index\":0,\"text\":\"a\",\"finish_reason\":\"length\"}]}",
                  false);
    ck_assert_uint_eq(r.n_best, 2);
    ck_assert_str_eq(r.best[0].text, "a");
    ck_assert_int_eq(r.best[0].finish, REC_FINISH_LENGTH);
    ck_assert_str_eq(r.best[1].text, "b");
    rec_lm_reply_deinit(&r);
    /* One without text makes the answer a failure: no half answers. */
    r = generated(&meta, "{\"choices\":[{\"text\":\"a\"},{\"text\":null}]}", false);
    ck_assert_ptr_nonnull(r.failure);
    ck_assert_uint_eq(r.n_best, 0);
    ck_assert_ptr_null(r.best);
    rec_lm_reply_deinit(&r);
}
END_TEST

START_TEST(logprobs)
{
    rec_response_meta meta;
    rec_lm_reply r = generated(&meta,
                               "{\"choices\":[{\"message\":{\"content\":\"ab\"},\"logprobs\":{"
                               "\"content\":[{\"logprob\":-0.5},{\"logprob\":-0.25}]}}]}",
                               true);
    ck_assert_uint_eq(r.best[0].n, 2);
    ck_assert_double_eq(r.best[0].sum, -0.75);
    ck_assert_ptr_null(r.best[0].ids);
    rec_lm_reply_deinit(&r);
    r = generated(&meta,
                  "{\"choices\":[{\"message\":{\"content\":\"ab\"},\"logprobs\":{"
                  "\"content\":[{\"logprob\":\"x\"}]}}]}",
                  true);
    ck_assert_ptr_null(r.best[0].logprobs);
    ck_assert_str_eq(r.best[0].text, "ab");
    rec_lm_reply_deinit(&r);
}
END_TEST

#define ECHO(offsets, values)                                                                      \
    "{\"choices\":[{\"logprobs\":{\"text_offset\":" offsets ",\"token_logprobs\":" values "}}]}"

START_TEST(scored)
{
    static const struct {
        const char *body;
        size_t from, to;
        const char *failure; /* NULL: n tokens, sum */
        size_t n;
        double sum;
    } cases[] = {
        {ECHO("[0,2,5]", "[null,-1,-2]"), 2, 5, NULL, 1, -1.0},
        {ECHO("[0,2,5]", "[null,-1,-2]"), 2, 6, NULL, 2, -3.0},
        {ECHO("[0,2,5]", "[null,-1,-2]"), 0, 6, NULL, 3, -3.0},
        {ECHO("[0,2,5]", "[null,-1,-2]"), 3, 6, "boundary", 0, 0},
        {ECHO("[]", "[]"), 0, 1, "boundary", 0, 0},
        {ECHO("[0,2]", "[null]"), 0, 1, "no_logprobs", 0, 0},
        {ECHO("[\"0\"]", "[-1]"), 0, 1, "malformed", 0, 0},
        {ECHO("[0]", "[\"x\"]"), 0, 1, "malformed", 0, 0},
        {"{\"choices\":[{\"text\":\"x\"}]}", 0, 1, "no_logprobs", 0, 0},
        {"{\"choices\":[]}", 0, 1, "no_choices", 0, 0},
        {"{\"error\":\"e\"}", 0, 1, "error: e", 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        rec_lm_score score = {.ids = NULL};
        rec_response_meta meta;
        ck_assert_ok(rec_response_scored(&score, &meta, cases[i].body, strlen(cases[i].body),
                                         cases[i].from, cases[i].to, err));
        if (cases[i].failure != NULL) {
            ck_assert_ptr_nonnull(score.failure);
            ck_assert_ptr_nonnull(strstr(score.failure, cases[i].failure));
        } else {
            ck_assert_ptr_null(score.failure);
            ck_assert_uint_eq(score.n, cases[i].n);
            ck_assert_double_eq(score.sum, cases[i].sum);
            ck_assert_int_eq(isnan(score.logprobs[0]), cases[i].from == 0);
        }
        rec_lm_score_deinit(&score);
    }
}
END_TEST

START_TEST(embedded)
{
    static const struct {
        const char *body, *failure;
    } cases[] = {
        {"{\"data\":[{\"index\":1,\"embedding\":[3,4]},{\"index\":0,\"embedding\":[1,2]}]}", NULL},
        {"{\"data\":[{\"embedding\":[1,2]},{\"embedding\":[3,4]}]}", NULL},
        {"{\"data\":[{\"embedding\":[1,2]}]}", "malformed: 1 embeddings for 2 texts"},
        {"{}", "malformed: 0 embeddings for 2 texts"},
        {"{\"data\":[{},{}]}", "malformed"},
        {"{\"data\":[{\"embedding\":[1,null]},{\"embedding\":[3,4]}]}", "malformed"},
        {"{\"data\":[{\"embedding\":[1,1e39]},{\"embedding\":[3,4]}]}", "malformed"},
        {"{\"data\":[{\"embedding\":[1]},{\"embedding\":[3,4]}]}", "dimension: an embedding of 1"},
        {"<html>", "malformed: not JSON"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        float out[4];
        char *failure;
        rec_response_meta meta;
        ck_assert_ok(rec_response_embedded(out, &failure, &meta, cases[i].body,
                                           strlen(cases[i].body), 2, 2, err));
        if (cases[i].failure == NULL) {
            ck_assert_ptr_null(failure);
            for (int k = 0; k < 4; k++)
                ck_assert(out[k] == (float)(k + 1));
        } else {
            ck_assert_ptr_nonnull(strstr(failure, cases[i].failure));
        }
        free(failure);
    }
}
END_TEST

REC_SUITE("models/lm/endpoint/response", tcase_add_test(t, error_messages);
          tcase_add_test(t, usage); tcase_add_test(t, several_choices); tcase_add_test(t, logprobs);
          tcase_add_test(t, scored); tcase_add_test(t, embedded);)
