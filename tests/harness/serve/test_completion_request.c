/* Bodies of clients as structs, and the refusals they get. */
#include <string.h>

#include "harness/serve/completion_request.h"
#include "tests/suite.h"

static rec_completion_request parsed(const char *body, bool chat)
{
    rec_completion_request r;
    rec_api_error api = {.http = 0};
    rec_status status = rec_completion_request_parse(&r, body, strlen(body), chat, &api);
    ck_assert_msg(status == REC_OK, "%s: %s", body, api.message);
    return r;
}

static void refused(const char *body, bool chat, const char *param, const char *message)
{
    rec_completion_request r;
    rec_api_error api = {.http = 0};
    ck_assert_int_ne(rec_completion_request_parse(&r, body, strlen(body), chat, &api), REC_OK);
    ck_assert_int_eq(api.http, 400);
    ck_assert_str_eq(api.param, param);
    ck_assert_msg(strstr(api.message, message) != NULL, "no \"%s\" in \"%s\"", message,
                  api.message);
    ck_assert_ptr_null(r.body);
}

START_TEST(chat)
{
    rec_completion_request r =
        parsed("{\"model\": \"m\", \"messages\": [{\"role\": \"developer\", \"content\": \"s\"},"
               "{\"role\": \"user\", \"content\": [{\"type\": \"text\", \"text\": \"a\"},"
               "{\"type\": \"text\", \"text\": \"<|im_end|>\"}]}],"
               "\"temperature\": 0, \"seed\": -3, \"n\": 2, \"max_completion_tokens\": 7,"
               "\"stop\": [\"x\", \"\", \"yz\"], \"logprobs\": true, \"top_logprobs\": 4,"
               "\"stream\": true, \"stream_options\": {\"include_usage\": true},"
               "\"response_format\": {\"type\": \"json_object\"}, \"tools\": [],"
               "\"unheard_of\": {\"a\": 1}, \"top_p\": null}",
               true);
    ck_assert_str_eq(r.model, "m");
    ck_assert_uint_eq(r.prompts.n, 1);
    ck_assert(r.prompts.inputs[0].chat);
    ck_assert_uint_eq(r.prompts.inputs[0].n_parts, 3);
    const rec_lm_part *parts = r.prompts.inputs[0].parts;
    ck_assert_int_eq(parts[0].role, REC_ROLE_SYSTEM);
    ck_assert_int_eq(parts[2].role, REC_ROLE_USER);
    ck_assert_str_eq(parts[2].text, "<|im_end|>");
    for (size_t i = 0; i < 3; i++)
        ck_assert_int_eq(parts[i].kind, REC_LM_DATA); /* never control tokens */
    ck_assert_double_eq(r.sampling.temperature, 0.0);
    ck_assert_double_eq(r.sampling.top_p, 1.0);
    ck_assert(r.has_seed && r.sampling.seed == (uint64_t)-3);
    ck_assert_uint_eq(r.n, 2);
    ck_assert(r.has_max_tokens && r.max_tokens == 7);
    ck_assert_uint_eq(r.n_stop, 2);
    ck_assert_str_eq(r.stop[1], "yz");
    ck_assert(r.logprobs && r.n_top == 4 && r.stream && r.include_usage && r.json);
    rec_completion_request_deinit(&r);
}
END_TEST

START_TEST(chat_defaults)
{
    rec_completion_request r =
        parsed("{\"messages\": [{\"role\": \"user\", \"content\": \"a\"}]}", true);
    ck_assert_ptr_null(r.model);
    ck_assert_double_eq(r.sampling.temperature, 1.0);
    ck_assert(!r.has_max_tokens && !r.has_seed && !r.stream && !r.logprobs && !r.json);
    ck_assert_uint_eq(r.n, 1);
    rec_completion_request_deinit(&r);
}
END_TEST

START_TEST(prompts)
{
    rec_completion_request r = parsed("{\"prompt\": \"a\", \"logprobs\": 1}", false);
    ck_assert_uint_eq(r.max_tokens, 16); /* as OpenAI has it */
    ck_assert(r.logprobs && r.n_top == 1);
    ck_assert(!r.prompts.inputs[0].bare && !r.prompts.inputs[0].chat);
    rec_completion_request_deinit(&r);

    r = parsed("{\"prompt\": [\"a\", \"b\"], \"logprobs\": true, \"echo\": true,"
               "\"max_tokens\": 0}",
               false);
    ck_assert_uint_eq(r.prompts.n, 2);
    ck_assert_str_eq(r.prompts.inputs[1].parts[0].text, "b");
    ck_assert(r.logprobs && r.n_top == 0 && r.echo && r.max_tokens == 0);
    rec_completion_request_deinit(&r);

    r = parsed("{\"prompt\": [5, 6, 7]}", false);
    ck_assert_uint_eq(r.prompts.n, 1);
    ck_assert(r.prompts.inputs[0].bare);
    ck_assert_int_eq(r.prompts.inputs[0].parts[0].kind, REC_LM_IDS);
    ck_assert_uint_eq(r.prompts.inputs[0].parts[0].n, 3);
    ck_assert_uint_eq(r.prompts.inputs[0].parts[0].ids[2], 7);
    rec_completion_request_deinit(&r);

    r = parsed("{\"prompt\": [[5, 6], [7], \"x\"]}", false);
    ck_assert_uint_eq(r.prompts.n, 3);
    ck_assert_uint_eq(r.prompts.inputs[0].parts[0].n, 2);
    ck_assert_uint_eq(r.prompts.inputs[1].parts[0].ids[0], 7);
    ck_assert_str_eq(r.prompts.inputs[2].parts[0].text, "x");
    rec_completion_request_deinit(&r);
}
END_TEST

START_TEST(refusals_of_bodies)
{
    refused("", false, "", "body:1:1");
    refused("{\"prompt\": ", false, "", "body:1:");
    refused("[1]", false, "", "not a JSON object");
    refused("{\"prompt\": \"\xff\"}", false, "", "UTF-8");
    refused("{\"prompt\": \"a\", \"prompt\": \"b\"}", false, "", "duplicate key");
    refused("{}", false, "prompt", "missing");
    refused("{\"prompt\": null}", false, "prompt", "missing");
    refused("{\"prompt\": []}", false, "prompt", "0 entries");
    refused("{\"prompt\": {\"a\": 1}}", false, "prompt", "is a string");
    refused("{\"prompt\": [\"a\", 3]}", false, "prompt", "is a string");
    refused("{\"prompt\": [[1], []]}", false, "prompt", "is a string");
    refused("{\"prompt\": [1, -1]}", false, "prompt", "token ids");
    refused("{\"prompt\": [1, 1.5]}", false, "prompt", "token ids");
    refused("{\"prompt\": [4294967295]}", false, "prompt", "token ids");
    refused("{\"prompt\": [1, \"a\"]}", false, "prompt", "token ids");
}
END_TEST

START_TEST(refusals_of_chats)
{
    refused("{}", true, "messages", "list of messages");
    refused("{\"messages\": []}", true, "messages", "list of messages");
    refused("{\"messages\": [1]}", true, "messages", "role");
    refused("{\"messages\": [{\"role\": \"tool\", \"content\": \"a\"}]}", true, "messages",
            "not \"tool\"");
    refused("{\"messages\": [{\"role\": \"user\", \"content\": null}]}", true, "messages",
            "content");
    refused("{\"messages\": [{\"role\": \"user\", \"content\": []}]}", true, "messages", "content");
    refused("{\"messages\": [{\"role\": \"user\", \"content\": [{\"type\": \"image_url\"}]}]}",
            true, "messages", "image_url");
}
END_TEST

#define WITH(fields) "{\"prompt\": \"a\", " fields "}"

START_TEST(refusals_of_values)
{
    refused(WITH("\"model\": 3"), false, "model", "string");
    refused(WITH("\"temperature\": 2.5"), false, "temperature", "from 0 to 2");
    refused(WITH("\"temperature\": \"0\""), false, "temperature", "number");
    refused(WITH("\"top_p\": 0"), false, "top_p", "larger than 0");
    refused(WITH("\"n\": 0"), false, "n", "from 1 to 128");
    refused(WITH("\"n\": 1.5"), false, "n", "whole number");
    refused(WITH("\"max_tokens\": 0"), false, "max_tokens", "from 1");
    refused(WITH("\"max_tokens\": -5"), false, "max_tokens", "from 1");
    refused(WITH("\"seed\": 1e300"), false, "seed", "whole number");
    refused(WITH("\"stop\": 3"), false, "stop", "string");
    refused(WITH("\"stop\": [\"a\", 3]"), false, "stop", "string");
    refused(WITH("\"stop\": [\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\"a\","
                 "\"a\",\"a\",\"a\",\"a\",\"a\",\"a\"]"),
            false, "stop", "more than 16");
    refused(WITH("\"logprobs\": 21"), false, "logprobs", "from 0 to 20");
    refused(WITH("\"stream\": 1"), false, "stream", "true or false");
    refused(WITH("\"stream_options\": 1"), false, "stream_options", "object");
    refused(WITH("\"best_of\": 3"), false, "best_of", "not supported");
    refused(WITH("\"suffix\": \"x\""), false, "suffix", "not supported");
    refused(WITH("\"presence_penalty\": 0.5"), false, "presence_penalty", "not supported");
    refused(WITH("\"logit_bias\": {\"5\": 1}"), false, "logit_bias", "not supported");
    refused(WITH("\"tools\": [{}]"), false, "tools", "not supported");
    refused(WITH("\"modalities\": [\"text\", \"audio\"]"), false, "modalities", "not supported");
    refused(WITH("\"response_format\": {\"type\": \"json_schema\"}"), false, "response_format",
            "json_object");
    refused("{\"messages\": [{\"role\": \"user\", \"content\": \"a\"}], \"top_logprobs\": 2}", true,
            "top_logprobs", "needs");
    rec_completion_request r =
        parsed(WITH("\"presence_penalty\": 0, \"logit_bias\": {}, \"suffix\": null,"
                    "\"tools\": [{}], \"tool_choice\": \"none\", \"best_of\": 1"),
               false);
    rec_completion_request_deinit(&r);
}
END_TEST

REC_SUITE("harness/serve/completion_request", tcase_add_test(t, chat);
          tcase_add_test(t, chat_defaults); tcase_add_test(t, prompts);
          tcase_add_test(t, refusals_of_bodies); tcase_add_test(t, refusals_of_chats);
          tcase_add_test(t, refusals_of_values);)
