/* The forward pass against the reference implementation (golden/lm/README.md), and its invariance:
 * the same bits for any batch, any cut into chunks and any number of threads. */
#include <math.h>
#include <string.h>

#include "core/parallel.h"
#include "models/lm/engine.h"
#include "tests/golden.h"
#include "tests/suite.h"

static const struct {
    const char *name;
    bool encoder;
} models[] = {{"llama3-rope", false}, {"mistral-window", false}, {"qwen2", false},
              {"qwen3", false},       {"gemma3", false},         {"bert", true},
              {"xlm-roberta", true}};

enum { N_MODELS = sizeof models / sizeof *models, N_TOKENS = 20 };

typedef struct model {
    rec_lm_weights weights;
    rec_engine *engine;
    rec_kv_pool *pool;
    rec_arena arena;
    uint32_t ids[N_TOKENS];
} model;

static const char *golden_file(const char *name, const char *file)
{
    static char path[512];
    snprintf(path, sizeof path, GOLDEN("lm/%s/%s"), name, file);
    return path;
}

static void open_model(model *m, const char *name, rec_weight_policy policy)
{
    rec_lm_files files;
    *m = (model){.engine = NULL};
    ck_assert_ok(rec_lm_files_find(&files, golden_file(name, ""), err));
    ck_assert_ok(rec_lm_weights_open(&m->weights, &files, policy, err));
    rec_lm_files_deinit(&files);
    ck_assert_ok(rec_engine_new(&m->engine, &m->weights, err));
    ck_assert_ok(rec_kv_pool_new(&m->pool, &m->weights.config, 1024, err));
    size_t n;
    int64_t *ids = golden_integers(golden_file(name, "expected.h5"), "ids", &n);
    ck_assert_uint_eq(n, N_TOKENS);
    for (size_t i = 0; i < n; i++)
        m->ids[i] = (uint32_t)ids[i];
    free(ids);
}

static void close_model(model *m)
{
    rec_arena_deinit(&m->arena);
    rec_kv_pool_free(m->pool);
    rec_engine_free(m->engine);
    rec_lm_weights_deinit(&m->weights);
}

/* Hidden states of the golden's tokens, new storage. */
static float *hidden_states(model *m)
{
    rec_kv cache = {.pages = NULL};
    rec_chunk chunk = {
        .ids = m->ids, .n = N_TOKENS, .cache = m->weights.config.encoder ? NULL : &cache};
    float *hidden, *copy;
    size_t bytes = N_TOKENS * m->weights.config.d_model * sizeof *copy;
    ck_assert_ok(rec_engine_forward(&hidden, m->engine, m->pool, &chunk, 1, &m->arena, err));
    copy = malloc(bytes);
    memcpy(copy, hidden, bytes);
    rec_kv_clear(&cache, m->pool);
    return copy;
}

static void assert_close(const float *values, const float *expected, size_t n, double tolerance)
{
    for (size_t i = 0; i < n; i++)
        ck_assert_msg(fabs((double)values[i] - (double)expected[i]) <= tolerance,
                      "element %zu: %g, expected %g", i, (double)values[i], (double)expected[i]);
}

/* Cross-entropy of every next token. */
static double loss_of(const float *logits, const uint32_t *ids, size_t n, size_t vocab)
{
    double loss = 0.0;
    for (size_t i = 0; i + 1 < n; i++) {
        loss += rec_log_sum_exp(logits + i * vocab, vocab) - (double)logits[i * vocab + ids[i + 1]];
    }
    return loss / (double)(n - 1);
}

static double golden_attribute(const char *path, const char *name)
{
    double value = NAN;
    hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    hid_t attribute = H5Aopen(file, name, H5P_DEFAULT);
    ck_assert(attribute >= 0 && H5Aread(attribute, H5T_NATIVE_DOUBLE, &value) >= 0);
    H5Aclose(attribute);
    H5Fclose(file);
    return value;
}

START_TEST(outputs_of_the_reference)
{
    model m;
    size_t n, vocab = 320;
    open_model(&m, models[_i].name, REC_WEIGHTS_FILE);
    ck_assert(m.weights.config.encoder == models[_i].encoder);
    float *hidden = hidden_states(&m);
    const char *path = golden_file(models[_i].name, "expected.h5");
    if (models[_i].encoder) {
        float *expected = golden_floats(path, "last_hidden", &n);
        assert_close(hidden, expected, n, 1e-4);
        free(expected);
    } else {
        float *expected = golden_floats(path, "logits", &n);
        float *logits = malloc(n * sizeof *logits);
        ck_assert_ok(rec_engine_logits(logits, m.engine, hidden, m.weights.config.d_model, N_TOKENS,
                                       &m.arena, err));
        assert_close(logits, expected, n, 1e-4);
        ck_assert_double_eq_tol(loss_of(logits, m.ids, N_TOKENS, vocab),
                                golden_attribute(path, "loss"), 1e-5);
        free(logits);
        free(expected);
    }
    free(hidden);
    close_model(&m);
}
END_TEST

/* Three copies of the sequence of different lengths in one batch, cut into chunks of any size. */
START_TEST(same_bits_in_any_batch)
{
    model m;
    open_model(&m, models[_i].name, REC_WEIGHTS_FILE);
    size_t d = m.weights.config.d_model;
    bool encoder = m.weights.config.encoder;
    float *alone = hidden_states(&m), *hidden;
    for (size_t cut = encoder ? N_TOKENS : 1; cut <= N_TOKENS; cut += 3) {
        rec_kv caches[3] = {{.pages = NULL}, {.pages = NULL}, {.pages = NULL}};
        for (size_t start = 0; start < N_TOKENS; start += cut) {
            rec_chunk chunks[3];
            size_t n = N_TOKENS - start < cut ? N_TOKENS - start : cut;
            for (size_t s = 0; s < 3; s++) /* one short, one of vectors, one whole */
                chunks[s] = (rec_chunk){.ids = m.ids + start,
                                        .n = s == 0 ? (n + 1) / 2 : n,
                                        .cache = encoder ? NULL : &caches[s]};
            ck_assert_ok(rec_engine_forward(&hidden, m.engine, m.pool, chunks, 3, &m.arena, err));
            const float *last = hidden + (chunks[0].n + n) * d;
            ck_assert_mem_eq(last, alone + start * d, n * d * sizeof *last);
        }
        for (size_t s = 0; s < 3; s++)
            rec_kv_clear(&caches[s], m.pool);
    }
    free(alone);
    close_model(&m);
}
END_TEST

/* More tokens than any tile of a product has. */
START_TEST(same_bits_in_a_large_batch)
{
    enum { COPIES = 60 };
    model m;
    open_model(&m, models[_i].name, REC_WEIGHTS_FILE);
    size_t size = N_TOKENS * m.weights.config.d_model;
    float *alone = hidden_states(&m), *hidden;
    rec_kv caches[COPIES] = {{.pages = NULL}};
    rec_chunk chunks[COPIES];
    rec_kv_pool *pool;
    ck_assert_ok(rec_kv_pool_new(&pool, &m.weights.config, COPIES * 64, err));
    for (size_t i = 0; i < COPIES; i++)
        chunks[i] = (rec_chunk){
            .ids = m.ids, .n = N_TOKENS, .cache = models[_i].encoder ? NULL : &caches[i]};
    ck_assert_ok(rec_engine_forward(&hidden, m.engine, pool, chunks, COPIES, &m.arena, err));
    for (size_t i = 0; i < COPIES; i++) {
        ck_assert_mem_eq(hidden + i * size, alone, size * sizeof *alone);
        rec_kv_clear(&caches[i], pool);
    }
    rec_kv_pool_free(pool);
    free(alone);
    close_model(&m);
}
END_TEST

START_TEST(same_bits_for_any_number_of_threads)
{
    model m;
    open_model(&m, models[_i].name, REC_WEIGHTS_FILE);
    float *results[3];
    for (size_t i = 0; i < 3; i++) {
        rec_parallel_set_threads(i == 2 ? 7 : i + 1);
        results[i] = hidden_states(&m);
    }
    size_t bytes = N_TOKENS * m.weights.config.d_model * sizeof(float);
    ck_assert_mem_eq(results[0], results[1], bytes);
    ck_assert_mem_eq(results[0], results[2], bytes);
    for (size_t i = 0; i < 3; i++)
        free(results[i]);
    close_model(&m);
}
END_TEST

/* Embeddings handed in as vectors are as good as their tokens. */
START_TEST(vectors_stand_for_tokens)
{
    model m;
    open_model(&m, "qwen3", REC_WEIGHTS_FILE);
    size_t d = m.weights.config.d_model;
    const float *table = rec_lm_weight(&m.weights, REC_LM_EMBED, 0)->data;
    float *alone = hidden_states(&m), *hidden, vectors[2 * 64];
    memcpy(vectors, table + m.ids[3] * d, d * sizeof *vectors);
    memcpy(vectors + d, table + m.ids[7] * d, d * sizeof *vectors);
    m.ids[3] = m.ids[7] = REC_VECTOR_ID;
    rec_kv cache = {.pages = NULL};
    rec_chunk chunk = {.ids = m.ids, .n = N_TOKENS, .vectors = vectors, .cache = &cache};
    ck_assert_ok(rec_engine_forward(&hidden, m.engine, m.pool, &chunk, 1, &m.arena, err));
    ck_assert_mem_eq(hidden, alone, N_TOKENS * d * sizeof *hidden);
    rec_kv_clear(&cache, m.pool);
    free(alone);
    close_model(&m);
}
END_TEST

START_TEST(logits_of_chosen_rows)
{
    model m;
    open_model(&m, "llama3-rope", REC_WEIGHTS_Q8_0);
    float *hidden = hidden_states(&m), all[320], chosen[3];
    uint32_t rows[3] = {319, 0, 77};
    float *scratch = malloc(rec_engine_logits_scratch(m.engine) * sizeof *scratch);
    ck_assert_ok(rec_engine_logits(all, m.engine, hidden, 64, 1, &m.arena, err));
    rec_engine_logits_of(chosen, m.engine, hidden, rows, 3, scratch);
    for (size_t i = 0; i < 3; i++)
        ck_assert_float_eq(chosen[i], all[rows[i]]);
    free(scratch);
    free(hidden);
    close_model(&m);
}
END_TEST

/* Quantised weights: the mean distance to float32 hidden states (of size about 1) is that of the
 * rounding, not of an error: about 0.04 at 8 bits, ten times that at 4. */
START_TEST(quantised_weights_are_near)
{
    static const struct {
        rec_weight_policy policy;
        double mean_error;
    } cases[] = {{REC_WEIGHTS_F16, 0.002}, {REC_WEIGHTS_Q8_0, 0.06}, {REC_WEIGHTS_Q4_1, 0.6}};
    model exact;
    open_model(&exact, "llama3-rope", REC_WEIGHTS_F32);
    float *expected = hidden_states(&exact);
    for (size_t i = 0; i < 3; i++) {
        model m;
        open_model(&m, "llama3-rope", cases[i].policy);
        ck_assert_uint_lt(rec_lm_weights_bytes(&m.weights), rec_lm_weights_bytes(&exact.weights));
        float *hidden = hidden_states(&m);
        double error = 0.0;
        for (size_t j = 0; j < N_TOKENS * 64; j++)
            error += fabs((double)hidden[j] - (double)expected[j]) / (N_TOKENS * 64);
        ck_assert_double_lt(error, cases[i].mean_error);
        ck_assert_double_gt(error, 0.0);
        free(hidden);
        close_model(&m);
    }
    free(expected);
    close_model(&exact);
}
END_TEST

START_TEST(bad_input)
{
    model m;
    float *hidden;
    open_model(&m, "qwen2", REC_WEIGHTS_FILE);
    uint32_t ids[200] = {320};
    rec_kv cache = {.pages = NULL};
    rec_chunk chunk = {.ids = ids, .n = 1, .cache = &cache};
    ck_assert_fails(rec_engine_forward(&hidden, m.engine, m.pool, &chunk, 1, &m.arena, err),
                    REC_ERR_MODEL, "token id 320 is outside the vocabulary of 320");
    ids[0] = REC_VECTOR_ID;
    ck_assert_fails(rec_engine_forward(&hidden, m.engine, m.pool, &chunk, 1, &m.arena, err),
                    REC_ERR_MODEL, "outside the vocabulary");
    ids[0] = 0;
    chunk.n = 129;
    ck_assert_fails(rec_engine_forward(&hidden, m.engine, m.pool, &chunk, 1, &m.arena, err),
                    REC_ERR_MODEL, "a sequence of 129 tokens; the model has 128 positions");
    float vector[64] = {NAN};
    ids[0] = REC_VECTOR_ID;
    chunk.n = 1;
    chunk.vectors = vector;
    ck_assert_fails(rec_engine_forward(&hidden, m.engine, m.pool, &chunk, 1, &m.arena, err),
                    REC_ERR_MODEL, "NaN or infinity");
    ck_assert_uint_eq(cache.length, 0);
    rec_kv_clear(&cache, m.pool);
    close_model(&m);
}
END_TEST

START_TEST(full_cache)
{
    model m;
    float *hidden;
    rec_kv_pool *small = NULL;
    open_model(&m, "qwen2", REC_WEIGHTS_FILE);
    ck_assert_ok(rec_kv_pool_new(&small, &m.weights.config, 32, err));
    uint32_t ids[40] = {0};
    rec_kv cache = {.pages = NULL};
    rec_chunk chunk = {.ids = ids, .n = 33, .cache = &cache};
    ck_assert_fails(rec_engine_forward(&hidden, m.engine, small, &chunk, 1, &m.arena, err),
                    REC_ERR_RESOURCE, "is full (32 tokens)");
    chunk.n = 32;
    ck_assert_ok(rec_engine_forward(&hidden, m.engine, small, &chunk, 1, &m.arena, err));
    ck_assert_uint_eq(cache.length, 32);
    ck_assert_uint_eq(rec_kv_pool_room(small), 0);
    rec_kv_clear(&cache, small);
    rec_kv_pool_free(small);
    close_model(&m);
}
END_TEST

REC_SUITE("models/lm/engine", tcase_add_loop_test(t, outputs_of_the_reference, 0, N_MODELS);
          tcase_add_loop_test(t, same_bits_in_any_batch, 0, N_MODELS);
          tcase_add_loop_test(t, same_bits_in_a_large_batch, 0, N_MODELS);
          tcase_add_loop_test(t, same_bits_for_any_number_of_threads, 0, N_MODELS);
          tcase_add_test(t, vectors_stand_for_tokens); tcase_add_test(t, logits_of_chosen_rows);
          tcase_add_test(t, quantised_weights_are_near); tcase_add_test(t, bad_input);
          tcase_add_test(t, full_cache);)
