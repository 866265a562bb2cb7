/* What clients are told. */
#include "harness/serve/api_error.h"

#include <string.h>

#include "harness/serve/completion_reply.h"
#include "tests/suite.h"

START_TEST(errors)
{
    rec_api_error api;
    rec_buffer out = {.data = NULL};
    rec_api_fail(&api, 404, "model_not_found", "model", "no model \"%s\"", "x");
    char *text = rec_api_error_json(&api, NULL);
    ck_assert_str_eq(text, "{\"error\":{\"message\":\"no model \\\"x\\\"\",\"type\":"
                           "\"not_found_error\",\"param\":\"model\",\"code\":"
                           "\"model_not_found\"}}");
    free(text);
    rec_api_fail(&api, 503, NULL, NULL, "stopping");
    ck_assert_ok(rec_completion_error_event(&out, &api, err));
    ck_assert_str_eq(out.data, "data: {\"error\":{\"message\":\"stopping\",\"type\":"
                               "\"server_error\",\"param\":null,\"code\":null}}\n\n");
    rec_buffer_deinit(&out);
    ck_assert_str_eq(rec_api_error_type(429), "rate_limit_error");
    ck_assert_str_eq(rec_api_error_type(401), "authentication_error");
    ck_assert_str_eq(rec_api_error_type(413), "invalid_request_error");
}
END_TEST

/* What the library reports, as a client sees it; a message cut within a character stays UTF-8. */
START_TEST(statuses)
{
    static const struct {
        rec_status status;
        int http;
    } pairs[] = {{REC_ERR_DATA, 400},       {REC_ERR_CONFIG, 400},   {REC_ERR_MODEL, 500},
                 {REC_ERR_ENDPOINT, 502},   {REC_ERR_RESOURCE, 503}, {REC_ERR_INTERNAL, 500},
                 {REC_ERR_INTERRUPTED, 503}};
    char wide[REC_ERROR_MESSAGE_MAX];
    rec_api_error api;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        rec_error from = {.status = pairs[i].status, .message = "why"};
        ck_assert_int_ne(rec_api_fail_from(&api, NULL, &from), REC_OK);
        ck_assert_int_eq(api.http, pairs[i].http);
        ck_assert_str_eq(api.message, "why");
    }
    for (size_t i = 0; i + 1 < sizeof wide; i++)
        wide[i] = i % 2 == 0 ? '\xc3' : '\xa9';
    wide[sizeof wide - 1] = '\0';
    rec_api_fail(&api, 400, NULL, wide, "%s", wide);
    ck_assert_uint_eq(strlen(api.message), sizeof wide - 2);
    ck_assert_uint_eq(strlen(api.param), 62);
}
END_TEST

REC_SUITE("harness/serve/api_error", tcase_add_test(t, errors); tcase_add_test(t, statuses);)
