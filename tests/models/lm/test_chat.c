/* Conversations as the checkpoints' own templates write them: SmolLM2's is the one of transformers 5.23.0
 * and the others are written by hand from the model cards. */
#include <string.h>

#include "models/lm/chat.h"
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
          tcase_add_test(t, families_by_name); tcase_add_test(t, parts_of_one_role_are_one_message);
          tcase_add_test(t, what_is_not_understood_is_refused);)
