/* A completion as events while it grows. */
#include "harness/serve/stream.h"

#include <string.h>

#include "tests/suite.h"

static rec_call *call;
static rec_stream stream;

static void begin(const char *body, bool chat)
{
    rec_api_error api = {.http = 0};
    rec_completion_head head = {.chat = chat, .id = "i", .model = "m"};
    ck_assert_ok(rec_call_new(&call, REC_CALL_COMPLETE, err));
    ck_assert_int_eq(
        rec_completion_request_parse(&call->completion, body, strlen(body), chat, &api), REC_OK);
    ck_assert_ok(rec_call_make_choices(call, err));
    ck_assert_ok(rec_stream_init(&stream, call, &head, err));
}

static void end(void)
{
    rec_stream_deinit(&stream);
    rec_call_release(call);
}

/* What is new; static storage. */
static const char *next(void)
{
    static char text[4000];
    ck_assert_ok(rec_stream_collect(&stream, err));
    text[rec_stream_take(&stream, text, sizeof text - 1)] = '\0';
    return text;
}

static size_t count(const char *text, const char *what)
{
    size_t n = 0;
    for (const char *at = text; (at = strstr(at, what)) != NULL; at++)
        n++;
    return n;
}

static void add(size_t choice, const char *text)
{
    ck_assert_ok(rec_buffer_puts(&call->choices[choice].text, text, err));
}

START_TEST(chat)
{
    begin("{\"messages\":[{\"role\":\"user\",\"content\":\"a\"}],\"n\":2,\"stream\":true,"
          "\"stream_options\":{\"include_usage\":true}}",
          true);
    const char *text = next();
    ck_assert_uint_eq(count(text, "\"role\":\"assistant\",\"content\":\"\""), 2);
    ck_assert_str_eq(next(), "");
    add(1, "one");
    text = next();
    ck_assert_uint_eq(count(text, "data: "), 1);
    ck_assert_ptr_nonnull(strstr(text, "\"index\":1,\"delta\":{\"content\":\"one\"}"));
    add(1, " two");
    add(0, "x");
    text = next();
    ck_assert_ptr_nonnull(strstr(text, "\"index\":0,\"delta\":{\"content\":\"x\"}"));
    ck_assert_ptr_nonnull(strstr(text, "\"index\":1,\"delta\":{\"content\":\" two\"}"));
    call->choices[0].finish = "length";
    text = next();
    ck_assert_ptr_nonnull(
        strstr(text, "\"index\":0,\"delta\":{},\"logprobs\":null,\"finish_reason\":\"length\""));
    ck_assert(!stream.has_ended);
    call->choices[1].finish = "stop";
    call->usage.n_prompt = 7;
    call->done = true;
    text = next();
    ck_assert_ptr_nonnull(strstr(text, "\"choices\":[],\"usage\":{\"prompt_tokens\":7"));
    ck_assert_ptr_nonnull(strstr(text, "data: [DONE]\n\n"));
    ck_assert(stream.has_ended);
    ck_assert_str_eq(next(), "");
    end();
}
END_TEST

/* A failure after the beginning ends the stream by name. */
START_TEST(failure)
{
    begin("{\"prompt\":\"a\",\"stream\":true}", false);
    ck_assert_str_eq(next(), "");
    add(0, "half");
    ck_assert_ptr_nonnull(strstr(next(), "\"text\":\"half\""));
    call->error = (rec_api_error){.http = 503, .message = "stopping"};
    call->done = true;
    ck_assert_ptr_nonnull(strstr(next(), "data: {\"error\":{\"message\":\"stopping\""));
    ck_assert(stream.has_ended);
    end();
}
END_TEST

/* Tokens go out with their text; those of a stop string never do. */
START_TEST(tokens_follow_their_text)
{
    static const char *const texts[] = {"a"}, *const special[] = {"<s>"};
    rec_tokenizer *tokenizer = NULL;
    rec_token_list ids = {.ids = NULL};
    ck_assert_ok(rec_tokenizer_train(&tokenizer, texts, 1, 257, special, 1, err));
    ck_assert_ok(rec_tokenizer_encode(&ids, tokenizer, "abc", 3, 0, err));
    begin("{\"prompt\":\"a\",\"stream\":true,\"logprobs\":0}", false);
    rec_call_choice *c = &call->choices[0];
    rec_token_trace_init(&c->trace, tokenizer);
    for (size_t i = 0; i < 3; i++) {
        rec_token_view view = {.id = ids.ids[i], .logprob = -1.0f};
        ck_assert_ok(rec_token_trace_add(&c->trace, &view, err));
    }
    add(0, "a"); /* "bc" may become a stop string */
    ck_assert_ptr_nonnull(strstr(next(), "\"tokens\":[\"a\"]"));
    add(0, "b");
    const char *text = next();
    ck_assert_ptr_nonnull(strstr(text, "\"tokens\":[\"b\"]"));
    ck_assert_ptr_nonnull(strstr(text, "\"text_offset\":[1]"));
    c->finish = "stop";
    c->n_shown = 2;
    call->done = true;
    ck_assert_uint_eq(count(next(), "\"tokens\""), 0);
    end();
    rec_token_list_deinit(&ids);
    rec_tokenizer_free(tokenizer);
}
END_TEST

START_TEST(taking_in_parts)
{
    char bytes[8];
    begin("{\"prompt\":\"a\",\"stream\":true}", false);
    ck_assert_ok(rec_stream_probe(&stream, err));
    ck_assert_uint_eq(rec_stream_take(&stream, bytes, 2), 2);
    ck_assert_mem_eq(bytes, ":\n", 2);
    ck_assert_uint_eq(rec_stream_take(&stream, bytes, 8), 1);
    ck_assert_uint_eq(rec_stream_take(&stream, bytes, 8), 0);
    ck_assert_uint_eq(stream.out.length, 0);
    end();
}
END_TEST

REC_SUITE("harness/serve/stream", tcase_add_test(t, chat); tcase_add_test(t, failure);
          tcase_add_test(t, tokens_follow_their_text); tcase_add_test(t, taking_in_parts);)
