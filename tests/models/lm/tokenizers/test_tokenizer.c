/* Ids and decoded texts of Hugging Face tokenizers 0.23.3 (tests/golden/tokenizers). */
#include <stdio.h>
#include <string.h>

#include "core/file.h"
#include "core/json.h"
#include "models/lm/tokenizers/tokenizer.h"
#include "tests/suite.h"

#define GOLDEN REC_TEST_DIR "/golden/tokenizers/"

typedef void (*line_fn)(const rec_tokenizer *t, const cJSON *line, size_t number);

static void for_each_line(const rec_tokenizer *t, const char *path, line_fn check)
{
    rec_text text;
    ck_assert_ok(rec_text_read(&text, path, err));
    size_t number = 0;
    for (size_t i = 0; i < text.length;) {
        const char *end = memchr(text.data + i, '\n', text.length - i);
        size_t n = end != NULL ? (size_t)(end - text.data) - i : text.length - i;
        cJSON *line = NULL;
        ck_assert_ok(rec_json_parse(&line, text.data + i, n, path, ++number, err));
        check(t, line, number);
        cJSON_Delete(line);
        i += n + 1;
    }
    ck_assert_uint_gt(number, 5);
    rec_text_close(&text);
}

static void assert_ids(const rec_tokenizer *t, const char *text, size_t length, const cJSON *wanted,
                       unsigned flags, size_t number)
{
    rec_token_list ids = {0};
    ck_assert_ok(rec_tokenizer_encode(&ids, t, text, length, flags, err));
    size_t i = 0;
    const cJSON *id;
    cJSON_ArrayForEach(id, wanted)
    {
        ck_assert_msg(i < ids.n && ids.ids[i] == (uint32_t)id->valuedouble,
                      "line %zu \"%s\": id %zu is %d, wanted %d", number, text, i,
                      i < ids.n ? (int)ids.ids[i] : -1, (int)id->valuedouble);
        i++;
    }
    ck_assert_uint_eq(i, ids.n);
    rec_token_list_deinit(&ids);
}

/* JSON texts of the goldens may hold U+0000, where cJSON's string ends: such lines are cut. */
static void check_line(const rec_tokenizer *t, const cJSON *line, size_t number, unsigned flags)
{
    const char *text = cJSON_GetObjectItemCaseSensitive(line, "text")->valuestring;
    const cJSON *ids = cJSON_GetObjectItemCaseSensitive(line, "ids");
    assert_ids(t, text, strlen(text), ids, flags, number);
    const cJSON *decoded = cJSON_GetObjectItemCaseSensitive(line, "decoded");
    if (decoded == NULL)
        return;
    uint32_t list[512];
    size_t n = 0;
    const cJSON *id;
    cJSON_ArrayForEach(id, ids) list[n++] = (uint32_t)id->valuedouble;
    rec_buffer out = {0}, streamed = {0};
    ck_assert_ok(rec_tokenizer_decode(&out, t, list, n, true, err));
    ck_assert_str_eq(out.data, decoded->valuestring);
    rec_token_stream stream;
    rec_token_stream_init(&stream, t, true);
    for (size_t i = 0; i < n; i++)
        ck_assert_ok(rec_token_stream_push(&streamed, &stream, list[i], err));
    ck_assert_ok(rec_token_stream_finish(&streamed, &stream, err));
    ck_assert_str_eq(streamed.data != NULL ? streamed.data : "", decoded->valuestring);
    rec_buffer_deinit(&out);
    rec_buffer_deinit(&streamed);
}

static void check_wrapped(const rec_tokenizer *t, const cJSON *line, size_t number)
{
    check_line(t, line, number, REC_TOKENIZE_ADD_SPECIAL | REC_TOKENIZE_PARSE_SPECIAL);
}

START_TEST(equals_reference)
{
    static const char *const names[] = {"gpt2",    "llama3",  "qwen2",
                                        "spm-bpe", "unigram", "wordpiece-cased"};
    char path[512];
    snprintf(path, sizeof path, GOLDEN "%s/tokenizer.json", names[_i]);
    rec_tokenizer *t = NULL;
    ck_assert_ok(rec_tokenizer_read(&t, path, err));
    snprintf(path, sizeof path, GOLDEN "%s/expected.jsonl", names[_i]);
    for_each_line(t, path, check_wrapped);
    rec_tokenizer_free(t);
}
END_TEST

REC_SUITE("models/lm/tokenizers/tokenizer", tcase_add_loop_test(t, equals_reference, 0, 6);)
