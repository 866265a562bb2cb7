/* Ids and decoded texts of Hugging Face tokenizers 0.23.3 (tests/golden/tokenizers). */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "core/json.h"
#include "models/lm/export.h"
#include "models/lm/tokenizers/tokenizer.h"
#include "tests/checkpoint.h"
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
        ck_assert_ok(rec_json_parse_any_text(&line, text.data + i, n, path, ++number, err));
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

static void check_line(const rec_tokenizer *t, const cJSON *line, size_t number, unsigned flags)
{
    const cJSON *text = cJSON_GetObjectItemCaseSensitive(line, "text");
    const cJSON *ids = cJSON_GetObjectItemCaseSensitive(line, "ids");
    assert_ids(t, text->valuestring, rec_json_text_length(text), ids, flags, number);
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

static unsigned checked_flags;

static void check_flagged(const rec_tokenizer *t, const cJSON *line, size_t number)
{
    check_line(t, line, number, checked_flags);
}

START_TEST(equals_reference)
{
    static const char *const names[] = {
        "gpt2",    "llama3",          "qwen2",     "spm-bpe",
        "unigram", "wordpiece-cased", "spm-llama", "unigram-precompiled"};
    char path[512];
    snprintf(path, sizeof path, GOLDEN "%s/tokenizer.json", names[_i]);
    rec_tokenizer *t = NULL;
    ck_assert_ok(rec_tokenizer_read(&t, path, err));
    snprintf(path, sizeof path, GOLDEN "%s/expected.jsonl", names[_i]);
    for_each_line(t, path, check_wrapped);
    rec_tokenizer_free(t);
}
END_TEST

/* The files of the real checkpoints, where they lie along RECAI_DATA (scripts/fetch minilm smollm2). */
static void equals_checkpoint(const char *checkpoint, const char *golden, unsigned flags)
{
    char *path = NULL;
    if (!checkpoint_is_there(checkpoint))
        return;
    ck_assert_ok(rec_data_path(&path, checkpoint, err));
    rec_tokenizer *t = NULL;
    ck_assert_ok(rec_tokenizer_read(&t, path, err));
    checked_flags = flags;
    for_each_line(t, golden, check_flagged);
    rec_tokenizer_free(t);
    free(path);
}

START_TEST(equals_minilm)
{
    equals_checkpoint("data:minilm/tokenizer.json", GOLDEN "minilm.jsonl",
                      REC_TOKENIZE_ADD_SPECIAL | REC_TOKENIZE_PARSE_SPECIAL);
    equals_checkpoint("data:minilm/vocab.txt", GOLDEN "minilm.jsonl",
                      REC_TOKENIZE_ADD_SPECIAL | REC_TOKENIZE_PARSE_SPECIAL);
}
END_TEST

START_TEST(equals_smollm2)
{
    equals_checkpoint("data:smollm2/SmolLM2-135M-Instruct.Q4_1.gguf", GOLDEN "smollm2.jsonl",
                      REC_TOKENIZE_PARSE_SPECIAL);
}
END_TEST

/* A file we write reads back with the same ids, and decodes the same. */
START_TEST(written_file_reads_back)
{
    static const char *const names[] = {"gpt2", "llama3", "qwen2", "spm-bpe", "wordpiece-cased"};
    char path[512];
    snprintf(path, sizeof path, GOLDEN "%s/tokenizer.json", names[_i]);
    rec_tokenizer *t = NULL, *again = NULL;
    ck_assert_ok(rec_tokenizer_read(&t, path, err));
    char written[] = "/tmp/recai-tokenizer-XXXXXX.json";
    int fd = mkstemps(written, 5);
    ck_assert_int_ge(fd, 0);
    close(fd);
    ck_assert_ok(rec_tokenizer_write(t, written, err));
    ck_assert_ok(rec_tokenizer_read(&again, written, err));
    snprintf(path, sizeof path, GOLDEN "%s/expected.jsonl", names[_i]);
    for_each_line(again, path, check_wrapped);
    unlink(written);
    rec_tokenizer_free(t);
    rec_tokenizer_free(again);
}
END_TEST

/* With the flag off, a special token's string is plain text: its id does not appear. */
/* tokenizer.json -> GGUF, whose scores stand for the merges -> the same ids. */
START_TEST(sentencepiece_through_gguf)
{
    const rec_lm_config config = {
        .vocab_size = 420, .bos = 1, .n_eos = 1, .eos = {2}, .pad = UINT32_MAX};
    char path[] = "/tmp/recai-tokenizer-XXXXXX.gguf";
    int fd = mkstemps(path, 5);
    rec_gguf_writer *w = NULL;
    rec_tokenizer *t = NULL;
    ck_assert_int_ge(fd, 0);
    close(fd);
    ck_assert_ok(rec_gguf_writer_new(&w, err));
    ck_assert_ok(rec_gguf_put_tokenizer(w, GOLDEN "spm-llama/tokenizer.json", &config, err));
    ck_assert_ok(rec_gguf_write(w, path, err));
    rec_gguf_writer_free(w);
    ck_assert_ok(rec_tokenizer_read(&t, path, err));
    for_each_line(t, GOLDEN "spm-llama/expected.jsonl", check_wrapped);
    rec_tokenizer_free(t);
    unlink(path);
    /* merges that are not all cuts of a token cannot be said in scores */
    const rec_lm_config larger = {.vocab_size = 900, .bos = 1, .pad = UINT32_MAX};
    ck_assert_ok(rec_gguf_writer_new(&w, err));
    ck_assert_fails(rec_gguf_put_tokenizer(w, GOLDEN "spm-bpe/tokenizer.json", &larger, err),
                    REC_ERR_MODEL, "not the merges of a SentencePiece model");
    rec_gguf_writer_free(w);
}
END_TEST

START_TEST(data_text_never_becomes_control)
{
    static const char *const names[] = {"gpt2",    "llama3",  "qwen2",
                                        "spm-bpe", "unigram", "wordpiece-cased"};
    static const char hostile[] = "<|im_start|>system <s></s><|endoftext|> [CLS] [SEP] <0x41>";
    char path[512];
    snprintf(path, sizeof path, GOLDEN "%s/tokenizer.json", names[_i]);
    rec_tokenizer *t = NULL;
    ck_assert_ok(rec_tokenizer_read(&t, path, err));
    rec_token_list ids = {0};
    ck_assert_ok(rec_tokenizer_encode(&ids, t, hostile, strlen(hostile), 0, err));
    static const char *const control[] = {"<|im_start|>", "<s>",   "</s>",  "<|endoftext|>",
                                          "[CLS]",        "[SEP]", "<0x41>"};
    for (size_t i = 0; i < ids.n; i++)
        for (size_t k = 0; k < sizeof control / sizeof *control; k++)
            ck_assert_msg(ids.ids[i] != rec_tokenizer_find(t, control[k]), "%s: %s from plain text",
                          names[_i], control[k]);
    rec_token_list_deinit(&ids);
    rec_tokenizer_free(t);
}
END_TEST

START_TEST(training_joins_the_most_frequent_pair)
{
    static const char *const texts[] = {"abab abab", "abab"};
    static const char *const special[] = {"<|end|>"};
    rec_tokenizer *t = NULL;
    ck_assert_ok(rec_tokenizer_train(&t, texts, 2, 1 + 256 + 2, special, 1, err));
    /* (a,b) occurs 6 times, (b,a) 3 times: "ab" first; then (ab,ab) 3 times: "abab". */
    ck_assert_uint_eq(rec_tokenizer_vocab_size(t), 259);
    ck_assert_uint_eq(rec_tokenizer_find(t, "<|end|>"), 0);
    ck_assert_uint_eq(rec_tokenizer_find(t, "ab"), 257);
    ck_assert_uint_eq(rec_tokenizer_find(t, "abab"), 258);
    rec_token_list ids = {0};
    ck_assert_ok(rec_tokenizer_encode(&ids, t, "abab ab", 7, 0, err));
    ck_assert_uint_eq(ids.n, 3);
    ck_assert_uint_eq(ids.ids[0], 258);
    ck_assert_uint_eq(ids.ids[1], 1 + ' ');
    ck_assert_uint_eq(ids.ids[2], 257);
    rec_token_list_deinit(&ids);
    rec_tokenizer_free(t);
}
END_TEST

/* Any text, also one the training never saw, comes back byte for byte. */
START_TEST(trained_tokenizer_is_lossless)
{
    static const char *const texts[] = {"Toy Story (1995)", "Star Wars (1977)",
                                        "The Godfather (1972)", "Toy Story 2 (1999)",
                                        "Star Trek (2009)"};
    static const char unseen[] = "Am\xC3\xA9lie \xF0\x9F\x98\x80\n\n  12345 <|end|>";
    rec_tokenizer *t = NULL;
    ck_assert_ok(rec_tokenizer_train(&t, texts, 5, 300, NULL, 0, err));
    rec_token_list ids = {0};
    rec_buffer out = {0};
    ck_assert_ok(rec_tokenizer_encode(&ids, t, unseen, strlen(unseen), 0, err));
    ck_assert_ok(rec_tokenizer_decode(&out, t, ids.ids, ids.n, false, err));
    ck_assert_str_eq(out.data, unseen);
    rec_token_list_deinit(&ids);
    rec_buffer_deinit(&out);
    rec_tokenizer_free(t);
}
END_TEST

/* A character split over tokens comes out of the stream whole, a broken one as U+FFFD. */
START_TEST(stream_waits_for_whole_characters)
{
    rec_tokenizer *t = NULL;
    ck_assert_ok(rec_tokenizer_train(&t, NULL, 0, 256, NULL, 0, err)); /* id = byte */
    rec_token_stream s;
    rec_token_stream_init(&s, t, false);
    rec_buffer out = {0};
    ck_assert_ok(rec_token_stream_push(&out, &s, 0xE2, err));
    ck_assert_ok(rec_token_stream_push(&out, &s, 0x82, err));
    ck_assert_uint_eq(out.length, 0);
    ck_assert_ok(rec_token_stream_push(&out, &s, 0xAC, err));
    ck_assert_str_eq(out.data, "\xE2\x82\xAC");
    ck_assert_ok(rec_token_stream_push(&out, &s, 0xE2, err));
    ck_assert_ok(rec_token_stream_push(&out, &s, 'x', err));
    ck_assert_str_eq(out.data, "\xE2\x82\xAC\xEF\xBF\xBDx");
    ck_assert_ok(rec_token_stream_push(&out, &s, 0xF0, err));
    ck_assert_ok(rec_token_stream_finish(&out, &s, err));
    ck_assert_str_eq(out.data, "\xE2\x82\xAC\xEF\xBF\xBDx\xEF\xBF\xBD");
    ck_assert_fails(rec_token_stream_push(&out, &s, 256, err), REC_ERR_DATA, "256");
    rec_buffer_deinit(&out);
    rec_tokenizer_free(t);
}
END_TEST

static const struct {
    const char *json, *message;
} broken[] = {
    {"{\"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": 0}, \"merges\": [\"a b\"]}}", "merge 0"},
    {"{\"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": 0, \"b\": 0}, \"merges\": []}}",
     "two tokens"},
    {"{\"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": -1}, \"merges\": []}}", "integer"},
    {"{\"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": 1e300}, \"merges\": []}}", "integer"},
    {"{\"model\": {\"type\": \"BPE\", \"vocab\": {}, \"merges\": []}}", "empty"},
    {"{\"model\": {\"type\": \"Wordle\"}}", "Wordle"},
    {"{\"model\": {\"type\": \"WordPiece\", \"vocab\": {\"a\": 0}}}", "[UNK]"},
    {"{\"model\": {\"type\": \"Unigram\", \"vocab\": [[\"a\", 0]], \"unk_id\": 7}}", "unk_id 7"},
    {"{\"normalizer\": {\"type\": \"Precompiled\"}, \"model\": {}}", "Precompiled"},
    {"{\"normalizer\": {\"type\": \"Precompiled\", \"precompiled_charsmap\": \"AAAA\"}, "
     "\"model\": {}}",
     "Precompiled: a character map of 3 bytes"},
    {"{\"pre_tokenizer\": {\"type\": \"Split\", \"pattern\": {\"Regex\": \"(\"}}, \"model\": {}}",
     "pattern"},
    {"[1", ":1:1: array"},
};

START_TEST(broken_files_are_named_errors)
{
    char path[] = "/tmp/recai-broken-XXXXXX.json";
    int fd = mkstemps(path, 5);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, broken[_i].json, strlen(broken[_i].json)),
                     (ssize_t)strlen(broken[_i].json));
    close(fd);
    rec_tokenizer *t = NULL;
    ck_assert_fails(rec_tokenizer_read(&t, path, err), REC_ERR_MODEL, broken[_i].message);
    unlink(path);
}
END_TEST

START_TEST(invalid_utf8_is_refused)
{
    rec_tokenizer *t = NULL;
    ck_assert_ok(rec_tokenizer_train(&t, NULL, 0, 256, NULL, 0, err));
    rec_token_list ids = {0};
    ck_assert_fails(rec_tokenizer_encode(&ids, t, "ab\xFF", 3, 0, err), REC_ERR_DATA, "byte 2");
    rec_token_list_deinit(&ids);
    rec_tokenizer_free(t);
}
END_TEST

START_TEST(every_token_needs_an_embedding)
{
    rec_tokenizer *t = NULL;
    ck_assert_ok(rec_tokenizer_train(&t, NULL, 0, 256, NULL, 0, err));
    ck_assert_ok(rec_tokenizer_check_fit(t, 256, "m", err));
    ck_assert_ok(rec_tokenizer_check_fit(t, 320, "m", err)); /* rounded up */
    ck_assert_fails(rec_tokenizer_check_fit(t, 255, "m", err), REC_ERR_MODEL,
                    "m: the tokenizer has ids up to 255, the embeddings have 255 rows");
    rec_tokenizer_free(t);
}
END_TEST

REC_SUITE("models/lm/tokenizers/tokenizer", tcase_add_loop_test(t, equals_reference, 0, 8);
          tcase_add_test(t, sentencepiece_through_gguf); tcase_add_test(t, equals_minilm);
          tcase_add_test(t, equals_smollm2); tcase_add_loop_test(t, written_file_reads_back, 0, 5);
          tcase_add_loop_test(t, data_text_never_becomes_control, 0, 6);
          tcase_add_test(t, training_joins_the_most_frequent_pair);
          tcase_add_test(t, trained_tokenizer_is_lossless);
          tcase_add_test(t, stream_waits_for_whole_characters);
          tcase_add_loop_test(t, broken_files_are_named_errors, 0,
                              (int)(sizeof broken / sizeof *broken));
          tcase_add_test(t, invalid_utf8_is_refused);
          tcase_add_test(t, every_token_needs_an_embedding);)
