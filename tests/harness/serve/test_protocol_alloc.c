/* Every allocation of reading a request and of writing an answer fails once: the request is refused with
 * 503, the answer is missing, and nothing leaks (ASan). */
#include <string.h>

#include "harness/serve/completion_request.h"
#include "harness/serve/embedding.h"
#include "harness/serve/recommend.h"
#include "harness/serve/stream.h"
#include "tests/failing_malloc.h"
#include "tests/suite.h"

static rec_status refused(rec_status status, const rec_api_error *api, rec_error *err)
{
    if (status == REC_OK)
        return REC_OK;
    failing_malloc_check(api->http == 503);
    return rec_fail(err, REC_ERR_RESOURCE, "%s", api->message);
}

static rec_status read_chat(rec_error *err)
{
    static const char body[] = "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":"
                               "[{\"type\":\"text\",\"text\":\"a\"}]}],\"stop\":[\"x\"]}";
    rec_completion_request r;
    rec_api_error api = {.http = 0};
    rec_status status = rec_completion_request_parse(&r, body, sizeof body - 1, true, &api);
    if (status == REC_OK)
        rec_completion_request_deinit(&r);
    return refused(status, &api, err);
}

static rec_status read_prompts(rec_error *err)
{
    static const char body[] = "{\"prompt\":[[1,2],\"a\"]}";
    rec_completion_request r;
    rec_api_error api = {.http = 0};
    rec_status status = rec_completion_request_parse(&r, body, sizeof body - 1, false, &api);
    if (status == REC_OK)
        rec_completion_request_deinit(&r);
    return refused(status, &api, err);
}

static rec_status read_recommend(rec_error *err)
{
    static const char body[] = "{\"history\":[\"a\",\"b\"],\"exclude\":[\"c\"]}";
    rec_recommend_request r;
    rec_api_error api = {.http = 0};
    rec_status status = rec_recommend_request_parse(&r, body, sizeof body - 1, &api);
    if (status == REC_OK)
        rec_recommend_request_deinit(&r);
    return refused(status, &api, err);
}

static rec_status write_embeddings(rec_error *err)
{
    const float vectors[4] = {0};
    char *text = rec_embedding_reply("m", vectors, 2, 2, true, 1, err);
    free(text);
    return text != NULL ? REC_OK : REC_ERR_RESOURCE;
}

static rec_status write_stream(rec_error *err)
{
    static const char body[] = "{\"prompt\":\"a\",\"n\":2,\"stream\":true,"
                               "\"stream_options\":{\"include_usage\":true}}";
    const rec_completion_head head = {.id = "i", .model = "m"};
    rec_api_error api = {.http = 0};
    rec_stream stream = {.call = NULL};
    rec_call *call = NULL;
    rec_status status;
    REC_TRY(rec_call_new(&call, REC_CALL_COMPLETE, err));
    REC_TRY(
        refused(rec_completion_request_parse(&call->completion, body, sizeof body - 1, false, &api),
                &api, err));
    REC_TRY(rec_call_make_choices(call, err));
    REC_TRY(rec_stream_init(&stream, call, &head, err));
    REC_TRY(rec_buffer_puts(&call->choices[0].text, "hello", err));
    REC_TRY(rec_stream_collect(&stream, err));
    call->choices[0].finish = call->choices[1].finish = "stop";
    call->done = true;
    REC_TRY(rec_stream_collect(&stream, err));
cleanup:
    rec_stream_deinit(&stream);
    rec_call_release(call);
    return status;
}

START_TEST(every_allocation_may_fail)
{
    ck_assert_uint_gt(failing_malloc_exhaust(read_chat), 3);
    ck_assert_uint_gt(failing_malloc_exhaust(read_prompts), 3);
    ck_assert_uint_gt(failing_malloc_exhaust(read_recommend), 0);
    ck_assert_uint_gt(failing_malloc_exhaust(write_embeddings), 3);
    ck_assert_uint_gt(failing_malloc_exhaust(write_stream), 10);
}
END_TEST

REC_SUITE("harness/serve/protocol_alloc", tcase_add_test(t, every_allocation_may_fail);)
