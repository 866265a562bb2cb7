/* Rounds of requests that go to several models of lms:. */
#include "harness/run/party.h"

#include <string.h>

#include "tests/suite.h"

static rec_lm_pool *pool_of(rec_yaml **yaml, const char *text)
{
    rec_lm_pool *pool;
    ck_assert_ok(rec_yaml_parse(yaml, text, strlen(text), "t.yaml", err));
    ck_assert_ok(rec_lm_pool_new(&pool, *yaml, err));
    return pool;
}

START_TEST(each_request_to_its_party)
{
    rec_yaml *yaml;
    rec_lm_pool *pool = pool_of(&yaml, "{a: {backend: scripted, role: say, text: I am a}, "
                                       "b: {backend: scripted, role: say, text: I am b}}");
    static const char *const names[] = {"a", "b", "b", "a"};
    const rec_text_part part = {"user", "who?", false, 0};
    rec_request requests[4];
    for (size_t i = 0; i < 4; i++)
        requests[i] = (rec_request){.to = i % 2 == 0 ? REC_PARTY_JUDGE : REC_PARTY_SIMULATOR,
                                    .lm = names[i],
                                    .kind = REC_REQUEST_TEXT,
                                    .parts = &part,
                                    .n_parts = 1,
                                    .text = {.max_tokens = 8}};
    const rec_parties parties = {.lms = pool};
    rec_reply_batch b = {0};
    ck_assert_ok(rec_parties_answer(&b, &parties, requests, 4, err));
    ck_assert_uint_eq(b.n, 4);
    for (size_t i = 0; i < 4; i++)
        ck_assert_str_eq(b.replies[i].text, names[i][0] == 'a' ? "I am a" : "I am b");
    rec_reply_batch_deinit(&b);
    requests[2].lm = "c";
    ck_assert_fails(rec_parties_answer(&b, &parties, requests, 4, err), REC_ERR_CONFIG,
                    "no language model is named \"c\"");
    rec_reply_batch_deinit(&b);
    requests[2].lm = NULL;
    ck_assert_fails(rec_parties_answer(&b, &parties, requests, 4, err), REC_ERR_INTERNAL,
                    "does not name");
    rec_reply_batch_deinit(&b);
    rec_lm_pool_free(pool);
    rec_yaml_free(yaml);
}
END_TEST

REC_SUITE("harness/run/party", tcase_add_test(t, each_request_to_its_party);)
