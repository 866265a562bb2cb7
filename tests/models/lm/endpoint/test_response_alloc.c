/* Requests and answers of a server with the n-th allocation failing. */
#include "models/lm/endpoint/response.h"

#include <string.h>

#include "models/lm/endpoint/body.h"
#include "models/lm/endpoint/options.h"
#include "tests/failing_malloc.h"
#include "tests/suite.h"

static const rec_lm_part part = {.role = REC_ROLE_USER, .kind = REC_LM_DATA, .text = "hello"};
static const rec_lm_input input = {.parts = &part, .n_parts = 1, .chat = true};
static const rec_body_options plain = {
    .model = "m", .temperature = -1.0, .top_p = -1.0, .length_key = "max_tokens"};

static rec_status write_bodies(rec_error *err)
{
    const rec_lm_request r = {.input = input, .sampling = {.temperature = 1.0, .top_p = 0.5}};
    const rec_lm_score_request s = {.completion = input};
    char *generate = NULL, *score = NULL, *embed = NULL;
    size_t from, to;
    rec_status status;
    REC_TRY(rec_body_generate(&generate, &plain, &r, err));
    REC_TRY(rec_body_score(&score, &from, &to, &plain, &s, err));
    REC_TRY(rec_body_embed(&embed, &plain, &input, 1, err));
cleanup:
    free(embed);
    free(score);
    free(generate);
    return status;
}

static rec_status read_text(const char *body, rec_error *err)
{
    rec_lm_reply reply = {.best = NULL};
    rec_response_meta meta;
    rec_status status = rec_response_generated(&reply, &meta, body, strlen(body), true, err);
    failing_malloc_check(status != REC_OK || (reply.failure == NULL) == (reply.n_best > 0));
    rec_lm_reply_deinit(&reply);
    return status;
}

static rec_status read_answers(rec_error *err)
{
    static const char echo[] = "{\"choices\":[{\"logprobs\":{\"text_offset\":[0],"
                               "\"token_logprobs\":[-1]}}]}",
                      vectors[] = "{\"data\":[{\"embedding\":[1]}]}";
    rec_lm_score score = {.ids = NULL};
    rec_response_meta meta;
    char *failure = NULL;
    float row[1];
    rec_status status;
    REC_TRY(read_text("{\"choices\":[{\"message\":{\"content\":\"a\"},\"logprobs\":{\"content\":["
                      "{\"logprob\":-1}]}}]}",
                      err));
    REC_TRY(read_text("{\"choices\":[{\"message\":{\"content\":\"a\"}},{}]}", err));
    REC_TRY(read_text("<html>", err));
    REC_TRY(rec_response_scored(&score, &meta, echo, strlen(echo), 0, 1, err));
    REC_TRY(rec_response_embedded(row, &failure, &meta, vectors, strlen(vectors), 1, 1, err));
cleanup:
    free(failure);
    rec_lm_score_deinit(&score);
    return status;
}

static rec_status make_names(rec_error *err)
{
    const rec_endpoint_options o = {.base_url = "http://h/v1",
                                    .model = "m",
                                    .key_env = "TEST_KEY",
                                    .key_header = "Authorization",
                                    .temperature = -1.0,
                                    .top_p = -1.0};
    char *url = NULL, *header = NULL, *secret = NULL, *identity = NULL;
    rec_status status;
    REC_TRY(rec_endpoint_url(&url, o.base_url, "/x", err));
    REC_TRY(rec_endpoint_key(&header, &secret, &o, err));
    REC_TRY(rec_endpoint_identity(&identity, &o, NULL, err));
cleanup:
    free(identity);
    free(secret);
    free(header);
    free(url);
    return status;
}

START_TEST(bodies)
{
    ck_assert_uint_gt(failing_malloc_exhaust(write_bodies), 3);
}
END_TEST

START_TEST(answers)
{
    ck_assert_uint_gt(failing_malloc_exhaust(read_answers), 5);
}
END_TEST

START_TEST(names)
{
    setenv("TEST_KEY", "k", 1);
    ck_assert_uint_gt(failing_malloc_exhaust(make_names), 4);
}
END_TEST

REC_SUITE("models/lm/endpoint/response_alloc", tcase_add_test(t, bodies);
          tcase_add_test(t, answers); tcase_add_test(t, names);)
