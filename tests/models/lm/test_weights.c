#include <math.h>
#include <string.h>

#include "core/file.h"
#include "core/tensor_file.h"
#include "tests/folder.h"
#include "tests/models/lm/tiny.h"

static void run(const char *format, const char *a, const char *b)
{
    char command[900];
    snprintf(command, sizeof command, format, a, b);
    ck_assert_int_eq(system(command), 0);
}

static void copy_golden(const char *name)
{
    char path[512];
    snprintf(path, sizeof path, GOLDEN("lm/%s"), name);
    run("cp -r %s %s", path, test_path("m"));
    run("chmod -R u+w %s%s", test_path("m"), "");
}

static rec_status open_at(rec_lm_weights *w, const char *path, rec_error *problem)
{
    rec_lm_files files;
    rec_status status = rec_lm_files_find(&files, path, problem);
    if (status != REC_OK)
        return status;
    status = rec_lm_weights_open(w, &files, REC_WEIGHTS_FILE, problem);
    rec_lm_files_deinit(&files);
    return status;
}

/* Rewrite model.safetensors: tensors in [from, to), `drop` left out, `extra` added under that name;
 * dtype and shape of `bad` changed. */
typedef struct change {
    const char *drop, *extra, *reshape, *nan, *retype;
    size_t from, to;
    const char *file;
} change;

static void rewrite(change c)
{
    static float nan_values[64];
    rec_tensor_file *in = NULL;
    rec_tensor_writer *out = NULL;
    ck_assert_ok(rec_tensor_file_open(&in, test_path("m/original"), err));
    ck_assert_ok(rec_tensor_writer_new(&out, err));
    size_t n = rec_tensor_file_count(in);
    for (size_t i = c.from; i < (c.to > 0 ? c.to : n); i++) {
        const rec_tensor_view *v = rec_tensor_file_at(in, i);
        size_t shape[2] = {v->shape[0], v->n_dims > 1 ? v->shape[1] : 0};
        const void *data = v->data;
        rec_dtype dtype = v->dtype;
        if (c.drop != NULL && strcmp(c.drop, v->name) == 0)
            continue;
        if (c.reshape != NULL && strcmp(c.reshape, v->name) == 0) {
            size_t first = shape[0];
            shape[0] = shape[1];
            shape[1] = first;
        }
        if (c.nan != NULL && strcmp(c.nan, v->name) == 0) {
            memcpy(nan_values, v->data, sizeof nan_values);
            nan_values[5] = NAN;
            data = nan_values;
        }
        if (c.retype != NULL && strcmp(c.retype, v->name) == 0)
            dtype = REC_I32;
        ck_assert_ok(rec_tensor_writer_add(out, v->name, dtype, v->n_dims, shape, data, err));
    }
    if (c.extra != NULL)
        ck_assert_ok(
            rec_tensor_writer_add(out, c.extra, REC_F32, 1, (size_t[]){64}, nan_values, err));
    ck_assert_ok(rec_tensor_writer_write(
        out, test_path(c.file != NULL ? c.file : "m/model.safetensors"), err));
    rec_tensor_writer_free(out);
    rec_tensor_file_close(in);
}

static void assert_refused(change c, const char *message)
{
    rec_lm_weights w;
    rewrite(c);
    ck_assert_fails(open_at(&w, test_path("m"), err), REC_ERR_MODEL, message);
    ck_assert_ptr_null(w.table);
}

START_TEST(tensors_that_do_not_fit)
{
    copy_golden("qwen2");
    run("mv %s %s", test_path("m/model.safetensors"), test_path("m/original"));
    assert_refused((change){.drop = "model.layers.1.mlp.up_proj.weight"},
                   "tensor model.layers.1.mlp.up_proj.weight is missing");
    assert_refused((change){.drop = "model.embed_tokens.weight"},
                   "tensor model.embed_tokens.weight is missing");
    assert_refused((change){.extra = "model.layers.2.mlp.up_proj.weight"},
                   "unexpected tensor model.layers.2.mlp.up_proj.weight");
    assert_refused((change){.reshape = "model.layers.0.mlp.up_proj.weight"},
                   "shape (64, 112) should be (112, 64)");
    assert_refused((change){.nan = "model.layers.1.input_layernorm.weight"},
                   "tensor model.layers.1.input_layernorm.weight: NaN or infinity in row 0");
    assert_refused((change){.retype = "model.norm.weight"},
                   "tensor model.norm.weight: I32 weights (F32, F16, BF16)");
    /* what checkpoints carry along without a part in the numbers */
    rec_lm_weights w;
    rewrite((change){.extra = "model.layers.0.self_attn.rotary_emb.inv_freq"});
    ck_assert_ok(open_at(&w, test_path("m"), err));
    rec_lm_weights_deinit(&w);
    rewrite((change){.extra = "lm_head.weight"}); /* tied: the embeddings are used */
    ck_assert_ok(open_at(&w, test_path("m"), err));
    rec_lm_weights_deinit(&w);
}
END_TEST

START_TEST(a_config_that_does_not_fit)
{
    rec_lm_weights w;
    copy_golden("qwen2");
    run("sed -i 's/\"vocab_size\": 320/\"vocab_size\": 321/' %s%s", test_path("m/config.json"), "");
    ck_assert_fails(open_at(&w, test_path("m"), err), REC_ERR_MODEL, "shape (320, 64) should be");
}
END_TEST

static void write_text(const char *name, const char *text)
{
    test_write(name, text, strlen(text));
}

#define INDEX(map) "{\"metadata\":{},\"weight_map\":{" map "}}"

START_TEST(sharded_checkpoints)
{
    rec_lm_weights whole, w;
    char index[8000] = "{\"weight_map\":{";
    rec_tensor_file *in = NULL;
    copy_golden("llama3-rope");
    run("cp %s %s", test_path("m/model.safetensors"), test_path("m/original"));
    ck_assert_ok(open_at(&whole, test_path("m"), err));
    rewrite((change){.to = 9, .file = "m/a.safetensors"});
    rewrite((change){.from = 9, .file = "m/b.safetensors"});
    ck_assert_ok(rec_tensor_file_open(&in, test_path("m/original"), err));
    for (size_t i = 0; i < rec_tensor_file_count(in); i++)
        sprintf(index + strlen(index), "%s\"%s\":\"%s\"", i > 0 ? "," : "",
                rec_tensor_file_at(in, i)->name, i < 9 ? "a.safetensors" : "b.safetensors");
    rec_tensor_file_close(in);
    strcat(index, "}}");
    write_text("m/model.safetensors.index.json", index);
    run("rm %s%s", test_path("m/model.safetensors"), "");
    ck_assert_ok(open_at(&w, test_path("m"), err));
    for (size_t l = 0; l < 2; l++) {
        const rec_weight *a = rec_lm_weight(&w, REC_LM_DOWN, l);
        ck_assert_mem_eq(a->data, rec_lm_weight(&whole, REC_LM_DOWN, l)->data, 64 * 112 * 4);
    }
    rec_lm_weights_deinit(&w);
    rec_lm_weights_deinit(&whole);
    write_text("m/model.safetensors.index.json", INDEX("\"x\":\"../m/a.safetensors\""));
    ck_assert_fails(open_at(&w, test_path("m"), err), REC_ERR_MODEL, "not the name of a file");
    write_text("m/model.safetensors.index.json", INDEX("\"x\":\"c.safetensors\""));
    ck_assert_fails(open_at(&w, test_path("m"), err), REC_ERR_MODEL, "c.safetensors: cannot open");
    write_text("m/model.safetensors.index.json", INDEX("\"x\":\"a.safetensors\""));
    ck_assert_fails(open_at(&w, test_path("m"), err), REC_ERR_MODEL, "tensor x is in none");
    write_text("m/model.safetensors.index.json", INDEX(""));
    ck_assert_fails(open_at(&w, test_path("m"), err), REC_ERR_MODEL, "weight_map is missing");
}
END_TEST

START_TEST(what_is_no_model)
{
    rec_lm_weights w;
    ck_assert_fails(open_at(&w, test_path("none"), err), REC_ERR_MODEL, "no such model");
    ck_assert_ok(rec_make_folders(test_path("m"), err));
    ck_assert_fails(open_at(&w, test_path("m"), err), REC_ERR_MODEL, "no model: neither");
    write_text("m/config.json", "{}");
    write_text("m/pytorch_model.bin", "pickle");
    ck_assert_fails(open_at(&w, test_path("m"), err), REC_ERR_MODEL, "a pickle can run any code");
    ck_assert_fails(open_at(&w, test_path("m/pytorch_model.bin"), err), REC_ERR_MODEL, "a pickle");
    write_text("m/a.gguf", "x");
    ck_assert_fails(open_at(&w, test_path("m"), err), REC_ERR_MODEL, "not a GGUF file");
    write_text("m/b.gguf", "x");
    ck_assert_fails(open_at(&w, test_path("m"), err), REC_ERR_MODEL, "2 .gguf files; name one");
    write_text("m/model.safetensors", "short");
    ck_assert_fails(open_at(&w, test_path("m"), err), REC_ERR_MODEL, "model_type");
}
END_TEST

START_TEST(damaged_weights)
{
    rec_lm_weights w;
    copy_golden("qwen2");
    run("truncate -s 200000 %s%s", test_path("m/model.safetensors"), "");
    ck_assert_fails(open_at(&w, test_path("m"), err), REC_ERR_MODEL, "lie outside");
}
END_TEST

/* ---- formats in memory ---- */

START_TEST(policies)
{
    static const struct {
        rec_weight_policy policy;
        rec_weight_format up, down, embed;
    } cases[] = {/* rows of down_proj have 112 values: no multiple of 32 */
                 {REC_WEIGHTS_FILE, REC_FORMAT_F32, REC_FORMAT_F32, REC_FORMAT_F32},
                 {REC_WEIGHTS_F32, REC_FORMAT_F32, REC_FORMAT_F32, REC_FORMAT_F32},
                 {REC_WEIGHTS_F16, REC_FORMAT_F16, REC_FORMAT_F16, REC_FORMAT_F16},
                 {REC_WEIGHTS_Q8_0, REC_FORMAT_Q8_0, REC_FORMAT_F16, REC_FORMAT_Q8_0},
                 {REC_WEIGHTS_Q4_1, REC_FORMAT_Q4_1, REC_FORMAT_F16, REC_FORMAT_Q8_0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        rec_lm_files files;
        rec_lm_weights w;
        ck_assert_ok(rec_lm_files_find(&files, GOLDEN("lm/qwen3"), err));
        ck_assert_ok(rec_lm_weights_open(&w, &files, cases[i].policy, err));
        rec_lm_files_deinit(&files);
        ck_assert_int_eq(rec_lm_weight(&w, REC_LM_UP, 1)->format, cases[i].up);
        ck_assert_int_eq(rec_lm_weight(&w, REC_LM_DOWN, 1)->format, cases[i].down);
        ck_assert_int_eq(rec_lm_weight(&w, REC_LM_EMBED, 0)->format, cases[i].embed);
        ck_assert_int_eq(rec_lm_weight(&w, REC_LM_Q_NORM, 0)->format, REC_FORMAT_F32);
        ck_assert_ptr_null(rec_lm_weight(&w, REC_LM_Q_BIAS, 0)->data);
        ck_assert_ptr_eq(rec_lm_output_matrix(&w), rec_lm_weight(&w, REC_LM_EMBED, 0));
        rec_lm_weights_deinit(&w);
    }
}
END_TEST

/* Q4_0 becomes Q4_1 with the same values to the last bit. */
START_TEST(q4_0_is_exact)
{
    enum { D = 64, V = 320 };
    static unsigned char blocks[V * D / 32 * 18];
    static float expected[V * D], values[V * D];
    for (size_t i = 0; i < sizeof blocks; i++)
        blocks[i] = (unsigned char)(i * 37 % 251);
    for (size_t b = 0; b < sizeof blocks; b += 18) { /* scales that are finite halves */
        blocks[b] = (unsigned char)(b % 256);
        blocks[b + 1] = (unsigned char)(0x20 + b % 0x30);
    }
    rec_dequantise(expected, REC_FORMAT_Q4_0, blocks, V * D);
    /* a GGUF of the golden model with this embedding matrix */
    rec_lm_weights w;
    rec_gguf_writer *out = NULL;
    rec_lm_files files;
    ck_assert_ok(rec_lm_files_find(&files, GOLDEN("lm/qwen2"), err));
    ck_assert_ok(rec_lm_weights_open(&w, &files, REC_WEIGHTS_FILE, err));
    rec_lm_files_deinit(&files);
    ck_assert_ok(rec_gguf_writer_new(&out, err));
    ck_assert_ok(rec_gguf_put_string(out, "general.architecture", "qwen2", err));
    const struct {
        const char *key;
        uint32_t value;
    } sizes[] = {{"qwen2.block_count", 2},
                 {"qwen2.embedding_length", D},
                 {"qwen2.feed_forward_length", 112},
                 {"qwen2.attention.head_count", 4},
                 {"qwen2.attention.head_count_kv", 2},
                 {"qwen2.context_length", 128}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        ck_assert_ok(rec_gguf_put_u32(out, sizes[i].key, sizes[i].value, err));
    for (int role = 0; role < REC_LM_N_ROLES; role++) {
        for (size_t l = 0; l < (role < REC_LM_FIRST_LAYER_ROLE ? 1 : 2); l++) {
            const rec_weight *t = rec_lm_weight(&w, (rec_lm_role)role, l);
            rec_lm_tensor described;
            if (t->data == NULL)
                continue;
            rec_lm_describe(&described, &w.config, (rec_lm_role)role, l);
            size_t shape[2] = {t->rows, t->cols};
            bool embed = role == REC_LM_EMBED;
            ck_assert_ok(
                rec_gguf_add_tensor(out, described.gguf, embed ? REC_FORMAT_Q4_0 : REC_FORMAT_F32,
                                    described.vector ? 1 : 2, described.vector ? shape + 1 : shape,
                                    embed ? (const void *)blocks : t->data, err));
        }
    }
    ck_assert_ok(rec_gguf_write(out, test_path("q.gguf"), err));
    rec_gguf_writer_free(out);
    rec_lm_weights_deinit(&w);
    ck_assert_ok(open_at(&w, test_path("q.gguf"), err));
    ck_assert_int_eq(rec_lm_weight(&w, REC_LM_EMBED, 0)->format, REC_FORMAT_Q4_1);
    rec_dequantise(values, REC_FORMAT_Q4_1, rec_lm_weight(&w, REC_LM_EMBED, 0)->data, V * D);
    ck_assert_mem_eq(values, expected, sizeof values);
    ck_assert_ptr_nonnull(rec_lm_weights_gguf(&w));
    rec_lm_weights_deinit(&w);
}
END_TEST

/* ---- weights of a model in memory ---- */

static const float *find_tensor(const void *context, const rec_lm_tensor *tensor)
{
    const rec_lm_weights *w = context;
    return rec_lm_weight(w, tensor->role, tensor->layer)->data;
}

static const float *find_nothing(const void *context, const rec_lm_tensor *tensor)
{
    (void)context;
    (void)tensor;
    return NULL;
}

START_TEST(borrowed_weights)
{
    rec_lm_weights w, borrowed;
    copy_golden("gemma3");
    ck_assert_ok(open_at(&w, test_path("m"), err));
    ck_assert_ok(rec_lm_weights_borrow(&borrowed, &w.config, find_tensor, &w, err));
    ck_assert_ptr_eq(rec_lm_weight(&borrowed, REC_LM_GATE, 1)->data,
                     rec_lm_weight(&w, REC_LM_GATE, 1)->data);
    ck_assert_ptr_null(rec_lm_weights_gguf(&borrowed));
    rec_lm_weights_deinit(&borrowed);
    ck_assert_fails(rec_lm_weights_borrow(&borrowed, &w.config, find_nothing, NULL, err),
                    REC_ERR_MODEL, "tensor model.embed_tokens.weight is missing");
    rec_lm_weights_deinit(&w);
}
END_TEST

REC_SUITE("models/lm/weights", tcase_add_checked_fixture(t, test_folder, test_folder_remove);
          tcase_add_test(t, tensors_that_do_not_fit); tcase_add_test(t, a_config_that_does_not_fit);
          tcase_add_test(t, sharded_checkpoints); tcase_add_test(t, what_is_no_model);
          tcase_add_test(t, damaged_weights); tcase_add_test(t, policies);
          tcase_add_test(t, q4_0_is_exact); tcase_add_test(t, borrowed_weights);)
