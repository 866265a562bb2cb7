/* Conversations as the checkpoints' own templates write them. */
#include <string.h>

#include "core/file.h"
#include "core/json.h"
#include "models/lm/chat.h"
#include "tests/golden.h"
#include "tests/suite.h"

static const char smollm2[] =
    "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}"
    "{{ '<|im_start|>system\\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face"
    "<|im_end|>\\n' }}{% endif %}{{'<|im_start|>' + message['role'] + '\\n' + message['content'] + "
    "'<|im_end|>' + '\\n'}}{% endfor %}{% if add_generation_prompt %}"
    "{{ '<|im_start|>assistant\\n' }}{% endif %}";

static void assert_renders(const char *jinja, const char *family, const rec_chat_part *parts,
                           size_t n, const char *wanted)
{
    rec_chat_template *t = NULL;
    rec_chat_text text = {0};
    ck_assert_ok(rec_chat_template_new(&t, jinja, family, err));
    ck_assert_ok(rec_chat_render(&text, t, parts, n, true, err));
    ck_assert_str_eq(text.text.data, wanted);
    ck_assert_uint_eq(text.text.length, text.trusted.length);
    rec_chat_text_deinit(&text);
    rec_chat_template_free(t);
}

static const rec_chat_part question[] = {{REC_ROLE_USER, "Hi", false}};
static const rec_chat_part dialogue[] = {{REC_ROLE_SYSTEM, "Be brief.", true},
                                         {REC_ROLE_USER, "Hi", false},
                                         {REC_ROLE_ASSISTANT, "Hello.", false},
                                         {REC_ROLE_USER, "Bye", false}};

START_TEST(chatml_with_its_default_system)
{
    assert_renders(
        smollm2, NULL, question, 1,
        "<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by "
        "Hugging Face<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n");
    assert_renders(smollm2, NULL, dialogue, 4,
                   "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n"
                   "<|im_start|>assistant\nHello.<|im_end|>\n<|im_start|>user\nBye<|im_end|>\n"
                   "<|im_start|>assistant\n");
}
END_TEST

START_TEST(families_by_name)
{
    assert_renders(NULL, "chatml", question, 1,
                   "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n");
    assert_renders(
        NULL, "llama3", dialogue, 4,
        "<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\nBe brief.<|eot_id|>"
        "<|start_header_id|>user<|end_header_id|>\n\nHi<|eot_id|>"
        "<|start_header_id|>assistant<|end_header_id|>\n\nHello.<|eot_id|>"
        "<|start_header_id|>user<|end_header_id|>\n\nBye<|eot_id|>"
        "<|start_header_id|>assistant<|end_header_id|>\n\n");
    assert_renders(NULL, "llama2", dialogue, 4,
                   "<s>[INST] <<SYS>>\nBe brief.\n<</SYS>>\n\nHi [/INST] Hello. </s>"
                   "<s>[INST] Bye [/INST]");
    assert_renders(NULL, "gemma", dialogue, 4,
                   "<bos><start_of_turn>user\nBe brief.\n\nHi<end_of_turn>\n"
                   "<start_of_turn>model\nHello.<end_of_turn>\n"
                   "<start_of_turn>user\nBye<end_of_turn>\n<start_of_turn>model\n");
    assert_renders(NULL, "mistral", question, 1, "<s>[INST] Hi [/INST]");
    assert_renders(NULL, "phi3", question, 1, "<|user|>\nHi<|end|>\n<|assistant|>\n");
    assert_renders(NULL, "zephyr", question, 1, "<|user|>\nHi</s>\n<|assistant|>\n");
}
END_TEST

/* ---- templates of public checkpoints as transformers renders them (golden/chat/make_chat.py) ---- */

static cJSON *read_lines(const char *path, size_t *n)
{
    rec_text text;
    cJSON *lines = cJSON_CreateArray();
    ck_assert_ok(rec_text_read(&text, path, err));
    for (const char *at = text.data, *end; (end = memchr(at, '\n', 65536)) != NULL; at = end + 1) {
        cJSON *line = NULL;
        ck_assert_ok(rec_json_parse(&line, at, (size_t)(end - at), path, 1, err));
        cJSON_AddItemToArray(lines, line);
        if (end + 1 == text.data + text.length)
            break;
    }
    rec_text_close(&text);
    *n = (size_t)cJSON_GetArraySize(lines);
    return lines;
}

static const char *string_of(const cJSON *line, const char *key)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(line, key));
}

static size_t read_messages(rec_chat_part *parts, const cJSON *line)
{
    static const char *const roles[] = {"system", "user", "assistant"};
    const cJSON *message, *messages = cJSON_GetObjectItemCaseSensitive(line, "messages");
    size_t n = 0;
    cJSON_ArrayForEach(message, messages)
    {
        int role = 0;
        while (strcmp(roles[role], message->child->valuestring) != 0)
            role++;
        parts[n++] = (rec_chat_part){(rec_role)role, message->child->next->valuestring, false};
    }
    return n;
}

/* Where ours differs on purpose: chat.h. */
static bool differs(const char *name, const rec_chat_part *parts, size_t n)
{
    return strcmp(name, "mistral v3") == 0 && parts[0].role == REC_ROLE_SYSTEM &&
           parts[n - 1].role == REC_ROLE_ASSISTANT;
}

static void compare_render(const rec_chat_template *t, const cJSON *line)
{
    rec_chat_part parts[8];
    rec_chat_text text = {0};
    rec_error problem = {.status = REC_OK};
    const char *wanted = string_of(line, "text"), *name = string_of(line, "name");
    size_t n = read_messages(parts, line);
    bool generate = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(line, "generate"));
    rec_status status = rec_chat_render(&text, t, parts, n, generate, &problem);
    if (wanted == NULL) {
        ck_assert_msg(status == REC_ERR_CONFIG, "%s renders what the template refuses", name);
    } else if (!differs(name, parts, n)) {
        ck_assert_msg(status == REC_OK, "%s: %s", name, problem.message);
        size_t length = strlen(wanted), end = strlen("<|endoftext|>");
        if (length > end && strcmp(wanted + length - end, "<|endoftext|>") == 0)
            length -= end;
        ck_assert_msg(text.text.length == length && memcmp(text.text.data, wanted, length) == 0,
                      "%s:\n%s\nwanted\n%s", name, text.text.data, wanted);
    }
    rec_chat_text_deinit(&text);
}

START_TEST(public_templates)
{
    size_t n_templates, n_lines, n_compared = 0;
    cJSON *templates = read_lines(GOLDEN("chat/templates.jsonl"), &n_templates);
    cJSON *expected = read_lines(GOLDEN("chat/expected.jsonl"), &n_lines);
    const cJSON *entry, *line;
    ck_assert_uint_eq(n_templates, 13);
    cJSON_ArrayForEach(entry, templates)
    {
        const char *family = string_of(entry, "family"), *jinja = string_of(entry, "template");
        rec_chat_template *t = NULL;
        if (family == NULL) {
            ck_assert_fails(rec_chat_template_new(&t, jinja, NULL, err), REC_ERR_MODEL,
                            "also writes bos_token; pick a family");
            continue;
        }
        ck_assert_ok(rec_chat_template_new(&t, jinja, NULL, err));
        ck_assert_str_eq(rec_chat_template_family(t), family);
        cJSON_ArrayForEach(line, expected)
        {
            if (strcmp(string_of(line, "name"), string_of(entry, "name")) == 0) {
                compare_render(t, line);
                n_compared++;
            }
        }
        rec_chat_template_free(t);
    }
    ck_assert_uint_eq(n_compared, n_lines);
    cJSON_Delete(expected);
    cJSON_Delete(templates);
}
END_TEST

/* A template without system messages: an error that names the way out, which folds them. */
START_TEST(templates_without_system_messages)
{
    static const char jinja[] =
        "{{ bos_token }}{% for m in messages %}{{ '[INST] ' + m['content'] + "
        "' [/INST]' }}{% endfor %}";
    rec_chat_template *t = NULL;
    rec_chat_text text = {0};
    ck_assert_ok(rec_chat_template_new(&t, jinja, NULL, err));
    ck_assert_fails(rec_chat_render(&text, t, dialogue, 4, true, err), REC_ERR_CONFIG,
                    "no system messages (chat_template: mistral puts them");
    rec_chat_text_deinit(&text);
    rec_chat_template_free(t);
    assert_renders(NULL, "mistral", dialogue, 2, "<s>[INST] Be brief.\n\nHi [/INST]");
}
END_TEST

START_TEST(parts_of_one_role_are_one_message)
{
    const rec_chat_part parts[] = {{REC_ROLE_USER, "Rank these: ", true},
                                   {REC_ROLE_USER, "<|im_end|>", false}};
    rec_chat_template *t = NULL;
    rec_chat_text text = {0};
    ck_assert_ok(rec_chat_template_new(&t, NULL, "chatml", err));
    ck_assert_ok(rec_chat_render(&text, t, parts, 2, false, err));
    ck_assert_str_eq(text.text.data, "<|im_start|>user\nRank these: <|im_end|><|im_end|>\n");
    /* the first <|im_end|> came from data: its bytes are not trusted, the second's are */
    const char *first = strstr(text.text.data, "<|im_end|>");
    size_t offset = (size_t)(first - text.text.data);
    ck_assert_int_eq(text.trusted.data[offset], 0);
    ck_assert_int_eq(text.trusted.data[offset + 10], 1);
    rec_chat_text_deinit(&text);
    rec_chat_template_free(t);
}
END_TEST

START_TEST(what_is_not_understood_is_refused)
{
    rec_chat_template *t = NULL;
    ck_assert_fails(rec_chat_template_new(&t, "{{ messages }}", NULL, err), REC_ERR_MODEL,
                    "chat_template");
    ck_assert_fails(rec_chat_template_new(&t, NULL, NULL, err), REC_ERR_MODEL, "no chat template");
    ck_assert_fails(
        rec_chat_template_new(&t, "'<|im_start|>' '<|im_end|>' '<|mystery|>'", NULL, err),
        REC_ERR_MODEL, "<|mystery|>");
    ck_assert_fails(rec_chat_template_new(&t, NULL, "klingon", err), REC_ERR_CONFIG, "klingon");
    rec_chat_text text = {0};
    const rec_chat_part late[] = {{REC_ROLE_USER, "a", false}, {REC_ROLE_SYSTEM, "b", false}};
    ck_assert_ok(rec_chat_template_new(&t, NULL, "chatml", err));
    ck_assert_fails(rec_chat_render(&text, t, late, 2, true, err), REC_ERR_CONFIG, "system");
    rec_chat_text_deinit(&text);
    rec_chat_template_free(t);
}
END_TEST

REC_SUITE("models/lm/chat", tcase_add_test(t, chatml_with_its_default_system);
          tcase_add_test(t, families_by_name); tcase_add_test(t, public_templates);
          tcase_add_test(t, templates_without_system_messages);
          tcase_add_test(t, parts_of_one_role_are_one_message);
          tcase_add_test(t, what_is_not_understood_is_refused);)
