/* Answers and events as text, with a byte-level tokenizer whose tokens are 256 bytes and two specials. */
#include <math.h>
#include <string.h>

#include "harness/serve/completion_reply.h"
#include "tests/suite.h"

static rec_tokenizer *byte_tokenizer(void)
{
    static const char *const texts[] = {"a"}, *const special[] = {"<s>", "</s>"};
    rec_tokenizer *t = NULL;
    ck_assert_ok(rec_tokenizer_train(&t, texts, 1, 258, special, 2, err));
    return t;
}

static uint32_t id_of(const rec_tokenizer *t, const char *text)
{
    rec_token_list ids = {.ids = NULL};
    ck_assert_ok(rec_tokenizer_encode(&ids, t, text, strlen(text), 0, err));
    ck_assert_uint_ge(ids.n, 1);
    uint32_t id = ids.ids[0];
    rec_token_list_deinit(&ids);
    return id;
}

static const rec_completion_head chat_head = {
    .chat = true, .id = "chatcmpl-1", .model = "m", .created = 9};
static const rec_completion_head text_head = {.id = "cmpl-1", .model = "m", .created = 9};

START_TEST(chat_reply)
{
    rec_completion_piece p = {.text = "Hi \"x\"!", .n_bytes = 6, .finish = "stop"};
    rec_completion_usage u = {.n_prompt = 3, .n_generated = 2, .n_shared = 1};
    char *text = rec_completion_reply(&chat_head, &p, 1, &u, NULL);
    ck_assert_str_eq(
        text, "{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion\",\"created\":9,"
              "\"model\":\"m\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\","
              "\"content\":\"Hi \\\"x\\\"\"},\"logprobs\":null,\"finish_reason\":\"stop\"}],"
              "\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2,\"total_tokens\":5,"
              "\"prompt_tokens_details\":{\"cached_tokens\":1}}}");
    free(text);
}
END_TEST

static void add(rec_token_trace *t, uint32_t id, float logprob, const rec_token_chance *top,
                size_t n_top)
{
    rec_token_view view = {.id = id, .logprob = logprob, .top = top, .n_top = n_top};
    ck_assert_ok(rec_token_trace_add(t, &view, err));
}

/* "a" and the two bytes of "é": two characters, three tokens. */
START_TEST(text_logprobs)
{
    rec_tokenizer *tokenizer = byte_tokenizer();
    uint32_t a = id_of(tokenizer, "a"), b = id_of(tokenizer, "b"), e = id_of(tokenizer, "\xc3\xa9");
    rec_token_chance top[2] = {{.id = b, .logprob = -0.25f}, {.id = a, .logprob = -0.5f}};
    rec_token_trace trace;
    rec_token_trace_init(&trace, tokenizer);
    add(&trace, a, NAN, NULL, 0);
    add(&trace, e, -1.0f, top, 1);
    add(&trace, e - 26, -2.0f, top, 2); /* any byte */
    ck_assert_uint_eq(trace.tokens[0].text_end, 1);
    ck_assert_uint_eq(trace.tokens[1].text_end, 1); /* a character is not there yet */
    rec_completion_piece p = {
        .text = "a\xc3\xa9", .n_bytes = 3, .trace = &trace, .end = 2, .finish = "length"};
    rec_completion_usage u = {.n_prompt = 1};
    char *text = rec_completion_reply(&text_head, &p, 1, &u, NULL);
    ck_assert_ptr_nonnull(
        strstr(text, "\"text\":\"a\xc3\xa9\",\"logprobs\":{\"tokens\":[\"a\",\"bytes:\\\\xc3\"],"
                     "\"token_logprobs\":[null,-1],\"top_logprobs\":[null,{\"b\":-0.25,"
                     "\"bytes:\\\\xc3\":-1}],\"text_offset\":[0,1]},\"finish_reason\":\"length\""));
    free(text);
    rec_token_trace_deinit(&trace);
    rec_tokenizer_free(tokenizer);
}
END_TEST

START_TEST(chat_logprobs)
{
    rec_tokenizer *tokenizer = byte_tokenizer();
    uint32_t a = id_of(tokenizer, "a");
    rec_token_chance top = {.id = 1, .logprob = -0.125f};
    rec_token_trace trace;
    rec_token_trace_init(&trace, tokenizer);
    add(&trace, a, -2.0f, &top, 1);
    rec_completion_piece p = {.text = "a", .n_bytes = 1, .trace = &trace, .end = 1};
    rec_buffer out = {.data = NULL};
    ck_assert_ok(rec_completion_event(&out, &chat_head, &p, err));
    ck_assert_str_eq(
        out.data,
        "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":9,"
        "\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"},\"logprobs\":"
        "{\"content\":[{\"token\":\"a\",\"logprob\":-2,\"bytes\":[97],\"top_logprobs\":["
        "{\"token\":\"</s>\",\"logprob\":-0.125,\"bytes\":[]}]}]},\"finish_reason\":null}]}\n\n");
    rec_buffer_deinit(&out);
    rec_token_trace_deinit(&trace);
    rec_tokenizer_free(tokenizer);
}
END_TEST

/* Two tokens with one text: the likelier stays. The answer's text starts behind the prompt's. */
START_TEST(tracing)
{
    rec_tokenizer *tokenizer = byte_tokenizer();
    rec_token_trace trace;
    rec_token_trace_init(&trace, tokenizer);
    add(&trace, id_of(tokenizer, "a"), NAN, NULL, 0);
    rec_token_trace_start_answer(&trace, 10);
    for (int i = 0; i < 100; i++)
        add(&trace, id_of(tokenizer, "b"), -1.0f, NULL, 0);
    ck_assert_uint_eq(trace.n, 101);
    ck_assert_uint_eq(trace.tokens[1].text_end, 11);
    ck_assert_uint_eq(trace.tokens[100].text_end, 110);
    rec_token_trace_deinit(&trace);
    rec_tokenizer_free(tokenizer);
}
END_TEST

START_TEST(events)
{
    rec_buffer out = {.data = NULL};
    rec_completion_piece p = {.text = "", .is_first = true};
    ck_assert_ok(rec_completion_event(&out, &chat_head, &p, err));
    ck_assert_ptr_nonnull(strstr(out.data, "\"delta\":{\"role\":\"assistant\",\"content\":\"\"}"));
    rec_buffer_clear(&out);
    p = (rec_completion_piece){.finish = "stop"};
    ck_assert_ok(rec_completion_event(&out, &chat_head, &p, err));
    ck_assert_ptr_nonnull(
        strstr(out.data, "\"delta\":{},\"logprobs\":null,\"finish_reason\":\"stop\""));
    rec_buffer_clear(&out);
    rec_completion_usage u = {.n_prompt = 3, .n_generated = 2};
    ck_assert_ok(rec_completion_end(&out, &text_head, &u, err));
    ck_assert_ptr_nonnull(strstr(out.data, "\"choices\":[],\"usage\":{\"prompt_tokens\":3,"));
    ck_assert_str_eq(out.data + out.length - 14, "data: [DONE]\n\n");
    rec_buffer_clear(&out);
    ck_assert_ok(rec_completion_end(&out, &text_head, NULL, err));
    ck_assert_str_eq(out.data, "data: [DONE]\n\n");
    rec_buffer_deinit(&out);
}
END_TEST

REC_SUITE("harness/serve/completion_reply", tcase_add_test(t, chat_reply);
          tcase_add_test(t, text_logprobs); tcase_add_test(t, chat_logprobs);
          tcase_add_test(t, tracing); tcase_add_test(t, events);)
