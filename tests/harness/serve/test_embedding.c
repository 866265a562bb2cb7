/* Requests for embeddings, and vectors as numbers and as base64. */
#include <string.h>

#include "core/json.h"
#include "harness/serve/embedding.h"
#include "tests/suite.h"

static rec_status parse(rec_embedding_request *r, const char *body, rec_api_error *api)
{
    return rec_embedding_request_parse(r, body, strlen(body), api);
}

START_TEST(request)
{
    rec_embedding_request r;
    rec_api_error api;
    ck_assert_int_eq(parse(&r, "{\"model\": \"m\", \"input\": [\"a\", \"b\"]}", &api), REC_OK);
    ck_assert_str_eq(r.model, "m");
    ck_assert_uint_eq(r.prompts.n, 2);
    ck_assert(!r.base64 && r.dimensions == 0);
    rec_embedding_request_deinit(&r);
    ck_assert_int_eq(
        parse(&r, "{\"input\": [1, 2], \"encoding_format\": \"base64\", \"dimensions\": 3}", &api),
        REC_OK);
    ck_assert(r.base64 && r.dimensions == 3 && r.prompts.n == 1);
    rec_embedding_request_deinit(&r);
    ck_assert_int_ne(parse(&r, "{\"input\": \"a\", \"encoding_format\": \"hex\"}", &api), REC_OK);
    ck_assert_str_eq(api.param, "encoding_format");
    ck_assert_int_ne(parse(&r, "{}", &api), REC_OK);
    ck_assert_str_eq(api.param, "input");
}
END_TEST

START_TEST(reply)
{
    const float vectors[4] = {0.1f, -2.0f, 1.0f, 0.0f};
    char *text = rec_embedding_reply("a \"model\"", vectors, 2, 2, false, 5, NULL);
    ck_assert_str_eq(text, "{\"object\":\"list\",\"data\":["
                           "{\"object\":\"embedding\",\"index\":0,\"embedding\":[0.100000001,-2]},"
                           "{\"object\":\"embedding\",\"index\":1,\"embedding\":[1,0]}],"
                           "\"model\":\"a \\\"model\\\"\",\"usage\":{\"prompt_tokens\":5,"
                           "\"total_tokens\":5}}");
    free(text);
    /* 1.0f is 00 00 80 3f, 0.0f is 00 00 00 00 */
    text = rec_embedding_reply("m", vectors + 2, 1, 2, true, 1, NULL);
    ck_assert_ptr_nonnull(strstr(text, "\"embedding\":\"AACAPwAAAAA=\"}"));
    free(text);
}
END_TEST

/* More than one group of the encoder: 100 floats are 400 bytes, 533.3 digits. */
START_TEST(long_base64)
{
    float vector[100] = {0};
    cJSON *json = NULL;
    char *text = rec_embedding_reply("m", vector, 1, 100, true, 1, NULL);
    ck_assert_ok(rec_json_parse(&json, text, strlen(text), "reply", 1, err));
    const cJSON *data = cJSON_GetObjectItemCaseSensitive(json, "data");
    const char *digits =
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(data->child, "embedding"));
    ck_assert_uint_eq(strlen(digits), 536);
    ck_assert_uint_eq(strspn(digits, "A"), 534);
    cJSON_Delete(json);
    free(text);
}
END_TEST

REC_SUITE("harness/serve/embedding", tcase_add_test(t, request); tcase_add_test(t, reply);
          tcase_add_test(t, long_base64);)
