/* What is written opens again, with the same numbers to the last bit (float32). */
#include <string.h>

#include "core/file.h"
#include "models/lm/checkpoint.h"
#include "models/lm/export.h"
#include "tests/folder.h"
#include "tests/models/lm/tiny.h"

static const char *const names[] = {"llama3-rope", "mistral-window", "qwen2",
                                    "qwen3",       "gemma3",         "bert"};

static void copy(const char *from, const char *to)
{
    char command[800];
    snprintf(command, sizeof command, "cp -r %s %s", from, to);
    ck_assert_int_eq(system(command), 0);
}

/* A golden model with a tokenizer that fits, in the test's folder. */
static void make_checkpoint(const char *name)
{
    char path[512];
    snprintf(path, sizeof path, GOLDEN("lm/%s"), name);
    copy(path, test_path("source"));
    copy(GOLDEN("lm/tokenizer/*.json"), test_path("source"));
    if (strcmp(name, "gemma3") ==
        0) { /* GGUF has every sixth layer full: the second slides as well */
        char command[400];
        snprintf(command, sizeof command,
                 "chmod u+w %s/* && sed -i 's/^    \"full_attention\"$/    "
                 "\"sliding_attention\"/' %s",
                 test_path("source"), test_path("source/config.json"));
        ck_assert_int_eq(system(command), 0);
    }
}

static rec_lm_weights open_weights(const char *path, rec_weight_policy policy)
{
    rec_lm_files files;
    rec_lm_weights w;
    ck_assert_ok(rec_lm_files_find(&files, path, err));
    ck_assert_ok(rec_lm_weights_open(&w, &files, policy, err));
    rec_lm_files_deinit(&files);
    return w;
}

static rec_status export_to(const char *to, rec_weight_policy policy, rec_error *problem)
{
    rec_lm_files files;
    rec_lm_weights w;
    ck_assert_ok(rec_lm_files_find(&files, test_path("source"), err));
    ck_assert_ok(rec_lm_weights_open(&w, &files, policy, err));
    rec_status status = rec_lm_export(&w, &files, to, problem);
    rec_lm_weights_deinit(&w);
    rec_lm_files_deinit(&files);
    return status;
}

/* Hidden states of twelve tokens, new storage. */
static float *hidden_of(const rec_lm_weights *w)
{
    uint32_t ids[12];
    rec_engine *e = NULL;
    rec_kv_pool *pool = NULL;
    rec_arena arena = {.block_size = 0};
    rec_kv cache = {.pages = NULL};
    float *hidden;
    for (uint32_t i = 0; i < 12; i++)
        ids[i] = 7 + 23 * i;
    rec_chunk chunk = {.ids = ids, .n = 12, .cache = w->config.encoder ? NULL : &cache};
    ck_assert_ok(rec_engine_new(&e, w, err));
    ck_assert_ok(rec_kv_pool_new(&pool, &w->config, 64, err));
    ck_assert_ok(rec_engine_forward(&hidden, e, pool, &chunk, 1, &arena, err));
    size_t bytes = 12 * w->config.d_model * sizeof *hidden;
    float *kept = malloc(bytes);
    memcpy(kept, hidden, bytes);
    rec_kv_clear(&cache, pool);
    rec_kv_pool_free(pool);
    rec_engine_free(e);
    rec_arena_deinit(&arena);
    return kept;
}

static void assert_same_numbers(const char *a, const char *b, rec_weight_policy policy)
{
    rec_lm_weights x = open_weights(a, policy), y = open_weights(b, REC_WEIGHTS_FILE);
    float *hidden_x = hidden_of(&x), *hidden_y = hidden_of(&y);
    ck_assert_mem_eq(hidden_x, hidden_y, 12 * x.config.d_model * sizeof *hidden_x);
    ck_assert(y.config.n_eos == x.config.n_eos && y.config.eos[0] == x.config.eos[0]);
    free(hidden_x);
    free(hidden_y);
    rec_lm_weights_deinit(&x);
    rec_lm_weights_deinit(&y);
}

static void assert_same_tokens(const char *a, const char *b)
{
    static const char text[] = "Toy Story (1995), the 2nd film?";
    rec_token_list ids[2] = {{0}, {0}};
    const char *const paths[2] = {a, b};
    for (int i = 0; i < 2; i++) {
        rec_lm_files files;
        rec_tokenizer *t = NULL;
        ck_assert_ok(rec_lm_files_find(&files, paths[i], err));
        ck_assert_ok(rec_lm_open_tokenizer(&t, &files, err));
        ck_assert_ok(rec_tokenizer_encode(&ids[i], t, text, strlen(text), 0, err));
        rec_tokenizer_free(t);
        rec_lm_files_deinit(&files);
    }
    ck_assert_uint_eq(ids[0].n, ids[1].n);
    ck_assert_mem_eq(ids[0].ids, ids[1].ids, ids[0].n * sizeof *ids[0].ids);
    rec_token_list_deinit(&ids[0]);
    rec_token_list_deinit(&ids[1]);
}

START_TEST(as_gguf)
{
    make_checkpoint(names[_i]);
    ck_assert_ok(export_to(test_path("out.gguf"), REC_WEIGHTS_F32, err));
    assert_same_numbers(test_path("source"), test_path("out.gguf"), REC_WEIGHTS_F32);
    if (_i < 5) /* the BERT model's tokenizer here is not its own */
        assert_same_tokens(test_path("source"), test_path("out.gguf"));
}
END_TEST

START_TEST(as_quantised_gguf)
{
    rec_weight_policy policy = _i == 0 ? REC_WEIGHTS_Q8_0 : REC_WEIGHTS_Q4_1;
    make_checkpoint("llama3-rope");
    ck_assert_ok(export_to(test_path("out.gguf"), policy, err));
    assert_same_numbers(test_path("source"), test_path("out.gguf"), policy);
}
END_TEST

/* Folder to folder, and through GGUF back into a folder. */
START_TEST(as_a_folder)
{
    make_checkpoint(names[_i]);
    ck_assert_ok(export_to(test_path("out"), REC_WEIGHTS_F32, err));
    assert_same_numbers(test_path("source"), test_path("out"), REC_WEIGHTS_F32);
    assert_same_tokens(test_path("source"), test_path("out"));
    if (_i == 5)
        return;
    ck_assert_ok(export_to(test_path("via.gguf"), REC_WEIGHTS_F32, err));
    rec_lm_files files;
    rec_lm_weights w;
    ck_assert_ok(rec_lm_files_find(&files, test_path("via.gguf"), err));
    ck_assert_ok(rec_lm_weights_open(&w, &files, REC_WEIGHTS_FILE, err));
    ck_assert_ok(rec_lm_export(&w, &files, test_path("back"), err));
    rec_lm_weights_deinit(&w);
    rec_lm_files_deinit(&files);
    assert_same_numbers(test_path("source"), test_path("back"), REC_WEIGHTS_F32);
    assert_same_tokens(test_path("source"), test_path("back"));
}
END_TEST

START_TEST(half_precision_folder)
{
    make_checkpoint("qwen3");
    ck_assert_ok(export_to(test_path("out"), REC_WEIGHTS_F16, err));
    assert_same_numbers(test_path("source"), test_path("out"), REC_WEIGHTS_F16);
}
END_TEST

START_TEST(what_cannot_be_written)
{
    make_checkpoint("llama3-rope");
    ck_assert_fails(export_to(test_path("out"), REC_WEIGHTS_Q8_0, err), REC_ERR_CONFIG,
                    "is Q8_0, which safetensors cannot hold");
    ck_assert_fails(export_to("/proc/out.gguf", REC_WEIGHTS_F32, err), REC_ERR_RESOURCE, "/proc");
    copy(GOLDEN("tokenizers/unigram/tokenizer.json"), test_path("source/tokenizer.json"));
    ck_assert_fails(export_to(test_path("out.gguf"), REC_WEIGHTS_F32, err), REC_ERR_MODEL,
                    "only byte-level BPE (GPT-2, Llama 3, Qwen, SmolLM), SentencePiece BPE and");
    ck_assert(!rec_path_exists(test_path("out.gguf")));
    copy(GOLDEN("lm/gemma3/config.json"), test_path("source/config.json"));
    copy(GOLDEN("lm/gemma3/model.safetensors"), test_path("source/model.safetensors"));
    ck_assert_fails(export_to(test_path("out.gguf"), REC_WEIGHTS_F32, err), REC_ERR_CONFIG,
                    "layer 1: GGUF knows sliding windows");
}
END_TEST

REC_SUITE("models/lm/export", tcase_add_checked_fixture(t, test_folder, test_folder_remove);
          tcase_add_loop_test(t, as_gguf, 0, 6); tcase_add_loop_test(t, as_quantised_gguf, 0, 2);
          tcase_add_loop_test(t, as_a_folder, 0, 6); tcase_add_test(t, half_precision_folder);
          tcase_add_test(t, what_cannot_be_written);)
