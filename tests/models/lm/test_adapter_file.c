/* Adapters that PEFT wrote (golden/lm/make_adapter.py), and adapters that do not fit. */
#include <math.h>
#include <string.h>

#include "core/file.h"
#include "core/tensor_file.h"
#include "models/lm/adapter_file.h"
#include "models/lm/checkpoint.h"
#include "models/lm/export.h"
#include "models/lm/score.h"
#include "tests/folder.h"
#include "tests/models/lm/tiny.h"

#define ADAPTER GOLDEN("lm/adapter")
#define EXPECTED GOLDEN("lm/adapter/expected.h5")

static rec_lm_config config_of(const char *name)
{
    char path[512];
    rec_lm_config config;
    snprintf(path, sizeof path, GOLDEN("lm/%s"), name);
    ck_assert_ok(rec_lm_config_read(&config, path, err));
    return config;
}

START_TEST(what_peft_wrote)
{
    rec_lm_config config = config_of("qwen2");
    rec_adapter_file *f = NULL;
    ck_assert_ok(rec_adapter_file_open(&f, &config, ADAPTER, err));
    ck_assert_uint_eq(f->rank, 4);
    ck_assert_double_eq(rec_adapter_file_scale(f), 2.0);
    ck_assert_double_eq(f->dropout, 0.0);
    ck_assert_uint_eq(f->n_pairs, 6); /* 2 layers x q, o, down */
    ck_assert_uint_eq(f->targets.n, 3);
    ck_assert_ptr_nonnull(f->pairs[1][REC_LM_DOWN].b);
    ck_assert_ptr_null(f->pairs[1][REC_LM_UP].a);
    rec_adapter_file_free(f);
    rec_adapter_file_free(NULL);
}
END_TEST

START_TEST(a_row_by_hand)
{
    /* B[1, :] A = 3 (1, 2, 3) - 1 (4, 5, 6) = (-1, 1, 3); times 0.5, on top of (1, 1, 1) */
    static const float a[] = {1, 2, 3, 4, 5, 6}, b[] = {9, 9, 3, -1};
    const rec_adapter_pair pair = {.a = a, .b = b};
    float row[] = {1, 1, 1};
    rec_adapter_pair_add_row(row, &pair, 1, 2, 3, 0.5);
    ck_assert_float_eq(row[0], 0.5f);
    ck_assert_float_eq(row[1], 1.5f);
    ck_assert_float_eq(row[2], 2.5f);
}
END_TEST

START_TEST(names_of_targets)
{
    static const char module[] = "encoder.layer.0.attention.self.query";
    ck_assert(rec_adapter_targets("query", module));
    ck_assert(rec_adapter_targets("attention.self.query", module));
    ck_assert(rec_adapter_targets(module, module));
    ck_assert(rec_adapter_targets("all-linear", module));
    ck_assert(!rec_adapter_targets("uery", module));
    ck_assert(!rec_adapter_targets("self", module));
}
END_TEST

/* Merged into the weights while they are read: PEFT's log-probabilities. */
START_TEST(merged_weights_say_what_peft_says)
{
    rec_lm_files files;
    tiny m = {.engine = NULL};
    ck_assert_ok(rec_lm_files_find(&files, GOLDEN("lm/qwen2"), err));
    ck_assert_ok(rec_lm_files_set_adapter(&files, ADAPTER, err));
    ck_assert_ok(rec_lm_weights_open(&m.weights, &files, REC_WEIGHTS_FILE, err));
    ck_assert_ok(rec_engine_new(&m.engine, &m.weights, err));
    size_t n, n_wanted;
    int64_t *golden_ids = golden_integers(EXPECTED, "ids", &n);
    float *wanted = golden_floats(EXPECTED, "logprobs", &n_wanted);
    uint32_t ids[64];
    float logprobs[64], *rows[] = {logprobs};
    for (size_t i = 0; i < n; i++)
        ids[i] = (uint32_t)golden_ids[i];
    const rec_score_request request = {.ids = ids, .n = n};
    rec_kv_pool *pool = NULL;
    ck_assert_ok(
        rec_kv_pool_new(&pool, &m.weights.config, rec_score_cache_tokens(&request, 1), err));
    ck_assert_ok(rec_score(rows, m.engine, pool, &request, 1, err));
    for (size_t i = 0; i < n_wanted; i++)
        ck_assert_float_eq_tol(logprobs[i], wanted[i], 1e-4f);
    rec_kv_pool_free(pool);
    free(wanted);
    free(golden_ids);

    /* the files that determine what the model says include the adapter's */
    char **paths;
    size_t n_paths, n_adapter = 0;
    ck_assert_ok(rec_lm_files_list(&paths, &n_paths, &files, err));
    for (size_t i = 0; i < n_paths; i++) {
        n_adapter += strstr(paths[i], "adapter/adapter_") != NULL;
        free(paths[i]);
    }
    ck_assert_uint_eq(n_adapter, 2);
    free(paths);
    tiny_close(&m);
    rec_lm_files_deinit(&files);
}
END_TEST

/* The golden model as a GGUF file of a storage policy, with a tokenizer that fits. */
static void run_export(rec_weight_policy policy)
{
    char command[900];
    rec_lm_files files;
    rec_lm_weights w;
    snprintf(command, sizeof command, "rm -rf %s; cp -r %s %s && cp %s/*.json %s", test_path("m"),
             GOLDEN("lm/qwen2"), test_path("m"), GOLDEN("lm/tokenizer"), test_path("m"));
    ck_assert_int_eq(system(command), 0);
    ck_assert_ok(rec_lm_files_find(&files, test_path("m"), err));
    ck_assert_ok(rec_lm_weights_open(&w, &files, policy, err));
    ck_assert_ok(rec_lm_export(&w, &files, test_path("m.gguf"), err));
    rec_lm_weights_deinit(&w);
    rec_lm_files_deinit(&files);
}

/* Blocks as stored would round an adapter's change away: F32 unless a policy asks for blocks. */
START_TEST(formats_of_changed_matrices)
{
    static const struct {
        rec_weight_policy stored, opened;
        rec_weight_format changed, other;
    } cases[] = {
        {REC_WEIGHTS_Q8_0, REC_WEIGHTS_FILE, REC_FORMAT_F32, REC_FORMAT_Q8_0},
        {REC_WEIGHTS_Q8_0, REC_WEIGHTS_Q8_0, REC_FORMAT_Q8_0, REC_FORMAT_Q8_0},
        {REC_WEIGHTS_F16, REC_WEIGHTS_FILE, REC_FORMAT_F16, REC_FORMAT_F16},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        rec_lm_files files;
        rec_lm_weights w;
        run_export(cases[i].stored);
        ck_assert_ok(rec_lm_files_find(&files, test_path("m.gguf"), err));
        ck_assert_ok(rec_lm_files_set_adapter(&files, ADAPTER, err));
        ck_assert_ok(rec_lm_weights_open(&w, &files, cases[i].opened, err));
        ck_assert_int_eq(rec_lm_weight(&w, REC_LM_Q, 0)->format, cases[i].changed);
        ck_assert_int_eq(rec_lm_weight(&w, REC_LM_K, 0)->format, cases[i].other);
        rec_lm_weights_deinit(&w);
        rec_lm_files_deinit(&files);
    }
}
END_TEST

/* ---- what does not fit ---- */

static void copy_adapter(void)
{
    char command[900];
    snprintf(command, sizeof command, "rm -rf %s && cp -r %s %s && chmod -R u+w %s", test_path("a"),
             ADAPTER, test_path("a"), test_path("a"));
    ck_assert_int_eq(system(command), 0);
}

static void assert_refused(const char *model, const char *message)
{
    rec_lm_config config = config_of(model);
    rec_adapter_file *f = NULL;
    ck_assert_fails(rec_adapter_file_open(&f, &config, test_path("a"), err), REC_ERR_MODEL,
                    message);
    ck_assert_ptr_null(f);
}

START_TEST(another_base)
{
    copy_adapter();
    assert_refused("bert", "belongs to no linear map of this model: an adapter of another base");
    assert_refused("qwen3", "for rank 4 on this model"); /* other head sizes */
}
END_TEST

/* sed on the config, and the message. */
START_TEST(configs)
{
    static const struct {
        const char *sed, *message;
    } cases[] = {
        {"s/\"r\": 4/\"r\": 3/", "shape (4, 64) should be (3, 64) for rank 3"},
        {"s/\"r\": 4/\"r\": 2.5/", "r must be a whole number"},
        {"s/\"r\": 4/\"r\": 1e9/", "r must be a whole number from 1 to 4096"},
        {"s/\"r\": 4/\"r\": null/", "r or lora_alpha is not a number"},
        {"s/LORA/IA3/", "peft_type is IA3, only LORA"},
        {"s/\"use_dora\": false/\"use_dora\": true/", "use_dora is not supported"},
        {"s/\"bias\": \"none\"/\"bias\": \"all\"/", "bias is \"all\""},
        {"s/\"modules_to_save\": null/\"modules_to_save\": [\"lm_head\"]/",
         "modules_to_save is not supported"},
        {"s/\"rank_pattern\": {}/\"rank_pattern\": {\"q_proj\": 8}/",
         "rank_pattern is not supported"},
        {"s/\"lora_dropout\": 0.0/\"lora_dropout\": 1.5/", "lora_dropout must be"},
        {"s/\"target_modules\"/\"modules\"/", "target_modules is missing"},
        {"s/\"q_proj\"/3/", "target_modules is not a list of names"},
        {"s/{/[/", "adapter_config.json:"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char command[900];
        copy_adapter();
        snprintf(command, sizeof command, "sed -i '%s' %s", cases[i].sed,
                 test_path("a/adapter_config.json"));
        ck_assert_int_eq(system(command), 0);
        assert_refused("qwen2", cases[i].message);
    }
}
END_TEST

/* alpha / sqrt(r) of rank-stabilised adapters; a pattern as targets. */
START_TEST(configs_that_are_understood)
{
    rec_lm_config config = config_of("qwen2");
    rec_adapter_file *f = NULL;
    char command[900];
    copy_adapter();
    snprintf(command, sizeof command, "sed -i 's/\"use_rslora\": false/\"use_rslora\": true/' %s",
             test_path("a/adapter_config.json"));
    ck_assert_int_eq(system(command), 0);
    ck_assert_ok(rec_adapter_file_open(&f, &config, test_path("a"), err));
    ck_assert_double_eq(rec_adapter_file_scale(f), 4.0); /* 8 / sqrt 4 */
    rec_adapter_file_free(f);

    static const char pattern[] = "{\"peft_type\": \"LORA\", \"r\": 4, \"lora_alpha\": 8, "
                                  "\"target_modules\": \".*(q|o|down)_proj\"}";
    test_write("a/adapter_config.json", pattern, sizeof pattern - 1);
    ck_assert_ok(rec_adapter_file_open(&f, &config, test_path("a"), err));
    ck_assert_uint_eq(f->targets.n, 6);
    ck_assert_str_eq(f->targets.items[0], "model.layers.0.self_attn.q_proj");
    rec_adapter_file_free(f);
}
END_TEST

typedef struct change {
    const char *drop, *nan, *retype, *prefix;
    rec_dtype dtype; /* of retype */
} change;

static void rewrite(change c)
{
    static float nan_values[16384];
    rec_tensor_file *in = NULL;
    rec_tensor_writer *out = NULL;
    ck_assert_ok(rec_tensor_file_open(&in, ADAPTER "/adapter_model.safetensors", err));
    ck_assert_ok(rec_tensor_writer_new(&out, err));
    for (size_t i = 0; i < rec_tensor_file_count(in); i++) {
        const rec_tensor_view *v = rec_tensor_file_at(in, i);
        const void *data = v->data;
        char name[200];
        snprintf(name, sizeof name, "%s%s", c.prefix != NULL ? c.prefix : "", v->name);
        if (c.drop != NULL && strstr(v->name, c.drop) != NULL)
            continue;
        if (c.nan != NULL && strstr(v->name, c.nan) != NULL) {
            memcpy(nan_values, v->data, v->n_bytes);
            nan_values[5] = NAN;
            data = nan_values;
        }
        bool retyped = c.retype != NULL && strstr(v->name, c.retype) != NULL;
        ck_assert_ok(rec_tensor_writer_add(out, name, retyped ? c.dtype : v->dtype, v->n_dims,
                                           v->shape, data, err));
    }
    ck_assert_ok(rec_tensor_writer_write(out, test_path("a/adapter_model.safetensors"), err));
    rec_tensor_writer_free(out);
    rec_tensor_file_close(in);
}

START_TEST(tensors)
{
    copy_adapter();
    rewrite((change){.drop = "layers.1.self_attn.q_proj.lora_B"});
    assert_refused("qwen2", "model.layers.1.self_attn.q_proj has no lora_B");
    rewrite((change){.nan = "layers.0.mlp.down_proj.lora_A"});
    assert_refused("qwen2", "down_proj.lora_A.weight: NaN or infinity in row 0");
    rewrite((change){.retype = "layers.0.mlp.down_proj.lora_A", .dtype = REC_I32});
    assert_refused("qwen2", "I32 weights");
    rewrite((change){.drop = "lora"});
    assert_refused("qwen2", "there is no tensor in it");
    /* a wrapper's prefix is passed over */
    rec_lm_config config = config_of("qwen2");
    rec_adapter_file *f = NULL;
    rewrite((change){.prefix = "0.auto_model."});
    ck_assert_ok(rec_adapter_file_open(&f, &config, test_path("a"), err));
    rec_adapter_file_free(f);
}
END_TEST

START_TEST(files_that_are_missing_or_damaged)
{
    char command[900];
    copy_adapter();
    test_write("a/adapter_model.safetensors", "\xff\xff\xff\xff\xff\xff\xff\x7f{}", 10);
    assert_refused("qwen2", "adapter_model.safetensors");
    unlink(test_path("a/adapter_model.safetensors"));
    assert_refused("qwen2", "adapter_model.safetensors");
    test_write("a/adapter_model.bin", "PK", 2);
    assert_refused("qwen2", "adapter_model.bin: a pickle can run any code");
    unlink(test_path("a/adapter_config.json"));
    assert_refused("qwen2", "no adapter: adapter_config.json is missing");
    /* as a model */
    copy_adapter();
    rec_lm_files files;
    ck_assert_fails(rec_lm_files_find(&files, test_path("a"), err), REC_ERR_MODEL,
                    "open its base model and give this folder as the adapter");
    /* on a model */
    snprintf(command, sizeof command, "sed -i 's/LORA/OFT/' %s",
             test_path("a/adapter_config.json"));
    ck_assert_int_eq(system(command), 0);
    rec_lm_weights w;
    ck_assert_ok(rec_lm_files_find(&files, GOLDEN("lm/qwen2"), err));
    ck_assert_ok(rec_lm_files_set_adapter(&files, test_path("a"), err));
    ck_assert_fails(rec_lm_weights_open(&w, &files, REC_WEIGHTS_FILE, err), REC_ERR_MODEL,
                    "peft_type is OFT");
    ck_assert_ok(rec_lm_files_set_adapter(&files, NULL, err));
    ck_assert_ptr_null(files.adapter);
    rec_lm_files_deinit(&files);
}
END_TEST

static void add_tests(TCase *t)
{
    tcase_add_checked_fixture(t, test_folder, test_folder_remove);
    tcase_add_test(t, what_peft_wrote);
    tcase_add_test(t, a_row_by_hand);
    tcase_add_test(t, names_of_targets);
    tcase_add_test(t, merged_weights_say_what_peft_says);
    tcase_add_test(t, formats_of_changed_matrices);
    tcase_add_test(t, another_base);
    tcase_add_test(t, configs);
    tcase_add_test(t, configs_that_are_understood);
    tcase_add_test(t, tensors);
    tcase_add_test(t, files_that_are_missing_or_damaged);
}

REC_SUITE("models/lm/adapter_file", add_tests(t);)
