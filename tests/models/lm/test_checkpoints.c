/* Public checkpoints against the reference implementation: golden/lm/smollm2.py, minilm.h5. */
#include <math.h>
#include <string.h>

#include "core/cpu.h"
#include "core/parallel.h"
#include "models/lm/engine.h"
#include "models/lm/local.h"
#include "models/lm/tokenizers/tokenizer.h"
#include "tests/checkpoint.h"
#include "tests/golden.h"
#include "tests/suite.h"

#define SMOLLM2 GOLDEN("lm/smollm2.h5")
#define MINILM GOLDEN("lm/minilm.h5")

typedef struct model {
    rec_lm_weights weights;
    rec_engine *engine;
    rec_kv_pool *pool;
    rec_arena arena;
} model;

static void open_model(model *m, const char *path, rec_weight_policy policy)
{
    rec_lm_files files;
    *m = (model){.engine = NULL};
    ck_assert_ok(rec_lm_files_find(&files, path, err));
    ck_assert_ok(rec_lm_weights_open(&m->weights, &files, policy, err));
    rec_lm_files_deinit(&files);
    ck_assert_ok(rec_engine_new(&m->engine, &m->weights, err));
    ck_assert_ok(rec_kv_pool_new(&m->pool, &m->weights.config, 4096, err));
}

static void close_model(model *m)
{
    rec_arena_deinit(&m->arena);
    rec_kv_pool_free(m->pool);
    rec_engine_free(m->engine);
    rec_lm_weights_deinit(&m->weights);
}

static void assert_close(const float *values, const float *expected, size_t n, size_t step,
                         double tolerance)
{
    for (size_t i = 0; i < n; i++)
        ck_assert_msg(fabs((double)values[i * step] - (double)expected[i]) <= tolerance,
                      "element %zu: %g, expected %g", i, (double)values[i * step],
                      (double)expected[i]);
}

static uint32_t *golden_ids(const char *name, size_t *n)
{
    int64_t *wide = golden_integers(SMOLLM2, name, n);
    uint32_t *ids = malloc(*n * sizeof *ids);
    for (size_t i = 0; i < *n; i++)
        ids[i] = (uint32_t)wide[i];
    free(wide);
    return ids;
}

static float *golden_chat(const char *what, int chat, size_t *n)
{
    char name[32];
    snprintf(name, sizeof name, "%s_%d", what, chat);
    return golden_floats(SMOLLM2, name, n);
}

static void check_chat(model *m, int chat)
{
    char name[32];
    size_t n, vocab = m->weights.config.vocab_size, d = m->weights.config.d_model;
    snprintf(name, sizeof name, "ids_%d", chat);
    uint32_t *ids = golden_ids(name, &n);
    rec_kv cache = {.pages = NULL};
    rec_chunk chunk = {.ids = ids, .n = n, .cache = &cache};
    float *hidden, *logits = malloc(vocab * sizeof *logits);
    ck_assert_ok(rec_engine_forward(&hidden, m->engine, m->pool, &chunk, 1, &m->arena, err));
    const float *last = hidden + (n - 1) * d;
    ck_assert_ok(rec_engine_logits(logits, m->engine, last, d, 1, &m->arena, err));

    float *expected = golden_chat("hidden", chat, &n);
    assert_close(last, expected, n, 1, 2e-3);
    free(expected);
    expected = golden_chat("some_logits", chat, &n);
    assert_close(logits, expected, n, 64, 2e-3);
    free(expected);
    expected = golden_chat("top_logits", chat, &n);
    snprintf(name, sizeof name, "top_ids_%d", chat);
    uint32_t *top = golden_ids(name, &n);
    for (size_t i = 0; i < n; i++)
        ck_assert_float_eq_tol(logits[top[i]], expected[i], 2e-3f);
    free(top);
    free(expected);
    free(logits);
    free(ids);
    rec_kv_clear(&cache, m->pool);
}

START_TEST(smollm2_logits_and_hidden_states)
{
    model m;
    if (!checkpoint_is_there("data:smollm2"))
        return;
    open_model(&m, "data:smollm2", _i == 0 ? REC_WEIGHTS_F32 : REC_WEIGHTS_FILE);
    for (int chat = 0; chat < 3; chat++)
        check_chat(&m, chat);
    close_model(&m);
}
END_TEST

START_TEST(smollm2_log_likelihoods)
{
    model m;
    if (!checkpoint_is_there("data:smollm2"))
        return;
    open_model(&m, "data:smollm2", REC_WEIGHTS_FILE);
    size_t vocab = m.weights.config.vocab_size, d = m.weights.config.d_model, n, n_values;
    for (int row = 0; row < 3; row++) {
        char name[32];
        snprintf(name, sizeof name, "loglik_ids_%d", row);
        uint32_t *ids = golden_ids(name, &n);
        float *expected = golden_chat("loglik", row, &n_values), *hidden;
        float *logits = malloc(n * vocab * sizeof *logits);
        rec_kv cache = {.pages = NULL};
        rec_chunk chunk = {.ids = ids, .n = n, .cache = &cache};
        ck_assert_ok(rec_engine_forward(&hidden, m.engine, m.pool, &chunk, 1, &m.arena, err));
        ck_assert_ok(rec_engine_logits(logits, m.engine, hidden, d, n, &m.arena, err));
        for (size_t i = 0; i + 1 < n; i++) {
            double sum = rec_log_sum_exp(logits + i * vocab, vocab);
            ck_assert_double_eq_tol((double)logits[i * vocab + ids[i + 1]] - sum,
                                    (double)expected[i], 1e-3);
        }
        rec_kv_clear(&cache, m.pool);
        free(logits);
        free(expected);
        free(ids);
    }
    close_model(&m);
}
END_TEST

/* The reference's greedy ids, up to the first step where another order of additions may choose another
 * token (margin below 0.01). */
static void check_greedy(const rec_lm_reply *reply, int chat)
{
    char name[32];
    size_t n, n_margins, same = 0;
    snprintf(name, sizeof name, "greedy_%d", chat);
    uint32_t *expected = golden_ids(name, &n);
    float *margins = golden_chat("margins", chat, &n_margins);
    while (same < n_margins && margins[same] >= 0.01f)
        same++;
    bool ends = expected[n - 1] == 2; /* with <|im_end|>, which our replies leave out */
    same = same < n - ends ? same : n - ends;
    ck_assert_uint_ge(reply->best[0].n, same);
    if (ends && same == n - 1)
        ck_assert(reply->best[0].n == same && reply->best[0].finish == REC_FINISH_STOP);
    ck_assert_mem_eq(reply->best[0].ids, expected, same * sizeof *expected);
    ck_assert_uint_gt(same, 5);
    free(expected);
    free(margins);
}

/* Three chats, by themselves and many times over in batches of 1, 7 and 64, on one and two threads. */
START_TEST(smollm2_greedy_answers)
{
    rec_lm *lm = NULL;
    rec_lm_local_options options;
    rec_lm_request requests[21];
    rec_lm_reply replies[21];
    rec_lm_part parts[3];
    uint32_t *prompts[3];
    size_t n = _i == 0 ? 3 : 21;
    if (!checkpoint_is_there("data:smollm2"))
        return;
    rec_parallel_set_threads(_i == 2 ? 1 : 2);
    ck_assert_ok(rec_options_defaults(&options, rec_lm_local_option_table, err));
    options.path = "data:smollm2";
    options.slots = _i == 0 ? 1 : _i == 1 ? 7 : 64;
    ck_assert_ok(rec_lm_local_open(&lm, &options, err));
    for (int i = 0; i < 3; i++) {
        char name[32];
        snprintf(name, sizeof name, "ids_%d", i);
        parts[i] = (rec_lm_part){.kind = REC_LM_IDS};
        prompts[i] = golden_ids(name, &parts[i].n);
        parts[i].ids = prompts[i];
    }
    for (size_t i = 0; i < n; i++)
        requests[i] =
            (rec_lm_request){.input = {.parts = &parts[i % 3], .n_parts = 1, .bare = true},
                             .max_tokens = 40,
                             .sampling = rec_sampling_greedy()};
    ck_assert_ok(rec_lm_generate(replies, lm, requests, n, err));
    for (size_t i = 0; i < n; i++) {
        check_greedy(&replies[i], (int)(i % 3));
        ck_assert_mem_eq(replies[i].best[0].ids, replies[i % 3].best[0].ids,
                         replies[i].best[0].n * sizeof(uint32_t));
        ck_assert_str_eq(replies[i].best[0].text, replies[i % 3].best[0].text);
    }
    for (size_t i = 0; i < n; i++)
        rec_lm_reply_deinit(&replies[i]);
    for (int i = 0; i < 3; i++)
        free(prompts[i]);
    rec_lm_free(lm);
}
END_TEST

/* ---- perplexity of quantised forms (golden/lm/make_perplexity.py) ---- */

/* Log-probabilities of the tokens of perplexity.txt; returns how many. */
static size_t score_text(float **logprobs, rec_weight_policy policy, int activations)
{
    rec_lm *lm = NULL;
    rec_lm_local_options options;
    rec_lm_score score;
    rec_text text;
    ck_assert_ok(rec_options_defaults(&options, rec_lm_local_option_table, err));
    options.path = "data:smollm2";
    options.weights = (int)policy;
    options.activations = activations;
    ck_assert_ok(rec_lm_local_open(&lm, &options, err));
    ck_assert_ok(rec_text_read(&text, GOLDEN("lm/perplexity.txt"), err));
    const rec_lm_part part = {.kind = REC_LM_DATA, .text = text.data, .n = text.length};
    const rec_lm_score_request request = {.completion = {.parts = &part, .n_parts = 1}};
    ck_assert_ok(rec_lm_score_all(&score, lm, &request, 1, err));
    size_t n = score.n - 1; /* the first token has none */
    *logprobs = malloc(n * sizeof **logprobs);
    memcpy(*logprobs, score.logprobs + 1, n * sizeof **logprobs);
    rec_lm_score_deinit(&score);
    rec_text_close(&text);
    rec_lm_free(lm);
    return n;
}

static double perplexity(const float *logprobs, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++)
        sum -= (double)logprobs[i];
    return exp(sum / (double)n);
}

/* Not further from float32 than llama.cpp with the same file is from its own: in perplexity, and in the
 * root mean square over tokens of what a log-probability changes by. llama.cpp multiplies in 8 bits;
 * so do the last two forms. */
START_TEST(perplexity_of_quantised_forms)
{
    static const struct {
        rec_weight_policy policy;
        int activations;
        double perplexity, moved; /* of llama.cpp */
    } forms[] = {{REC_WEIGHTS_F16, REC_LM_ACTIVATIONS_F32, 43.4291, 0.00326},
                 {REC_WEIGHTS_Q8_0, REC_LM_ACTIVATIONS_F32, 43.7214, 0.09469},
                 {REC_WEIGHTS_Q4_1, REC_LM_ACTIVATIONS_F32, 43.8462, 0.08838},
                 {REC_WEIGHTS_Q8_0, REC_LM_ACTIVATIONS_INT8, 43.7214, 0.09469},
                 {REC_WEIGHTS_Q4_1, REC_LM_ACTIVATIONS_INT8, 43.8462, 0.08838}};
    const double own = 43.4316; /* llama.cpp's F32 */
    /* Without vector instructions the forms in 8 bits take minutes; their kernels have own tests. */
    const size_t n_forms = rec_cpu_level() == REC_CPU_GENERIC ? 3 : sizeof forms / sizeof *forms;
    float *exact, *logprobs;
    if (!checkpoint_is_there("data:smollm2"))
        return;
    size_t n = score_text(&exact, REC_WEIGHTS_F32, REC_LM_ACTIVATIONS_F32);
    double f32 = perplexity(exact, n);
    ck_assert_uint_eq(n, 663);
    ck_assert_double_eq_tol(f32, 43.4338, 2e-3); /* llama.cpp with a float32 cache */
    for (size_t i = 0; i < n_forms; i++) {
        double squares = 0.0;
        ck_assert_uint_eq(score_text(&logprobs, forms[i].policy, forms[i].activations), n);
        for (size_t t = 0; t < n; t++)
            squares += pow((double)logprobs[t] - (double)exact[t], 2);
        double distance = fabs(perplexity(logprobs, n) - f32), moved = sqrt(squares / (double)n);
        double allowed = fmax(fabs(forms[i].perplexity - own), 5e-3);
        ck_assert_msg(distance <= allowed, "%s: perplexity moves by %.4f, llama.cpp's by %.4f",
                      rec_weight_policy_names[forms[i].policy], distance, allowed);
        ck_assert_msg(moved <= forms[i].moved, "%s: log-probabilities move by %.4f",
                      rec_weight_policy_names[forms[i].policy], moved);
        free(logprobs);
    }
    free(exact);
}
END_TEST

static char **golden_strings(const char *name, size_t *n)
{
    hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, H5T_VARIABLE);
    H5Tset_cset(type, H5T_CSET_UTF8);
    return golden_read(MINILM, name, type, n);
}

/* Of vectors of length 1. */
static double cosine(const float *a, const float *b, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++)
        sum += (double)a[i] * (double)b[i];
    return sum;
}

/* All sentences in one ragged batch; each stands alone in the reference. The second time in 8 bits:
 * weights and activations. */
START_TEST(minilm_embeddings)
{
    model m;
    bool exact = _i == 0;
    size_t n, n_values;
    rec_tokenizer *tokenizer = NULL;
    char *folder = NULL;
    if (!checkpoint_is_there("data:minilm"))
        return;
    open_model(&m, "data:minilm", exact ? REC_WEIGHTS_FILE : REC_WEIGHTS_Q8_0);
    if (!exact)
        ck_assert_ok(rec_lm_weights_add_panels(&m.weights, err));
    ck_assert_ok(rec_data_path(&folder, "data:minilm", err));
    ck_assert_ok(rec_tokenizer_read(&tokenizer, folder, err));
    char **sentences = golden_strings("sentences", &n);
    float *expected = golden_floats(MINILM, "embeddings", &n_values), *hidden, embedding[384];
    rec_token_list lists[16] = {{0}};
    rec_chunk chunks[16];
    ck_assert_uint_eq(m.weights.config.max_pooled, 256);
    for (size_t i = 0; i < n; i++) {
        ck_assert_ok(rec_tokenizer_encode(&lists[i], tokenizer, sentences[i], strlen(sentences[i]),
                                          REC_TOKENIZE_ADD_SPECIAL, err));
        if (lists[i].n > 256) { /* cut, but closed by [SEP] */
            lists[i].ids[255] = lists[i].ids[lists[i].n - 1];
            lists[i].n = 256;
        }
        chunks[i] = (rec_chunk){.ids = lists[i].ids, .n = lists[i].n};
    }
    ck_assert_ok(rec_engine_forward(&hidden, m.engine, NULL, chunks, n, &m.arena, err));
    for (size_t i = 0; i < n; i++) {
        rec_engine_pool(embedding, m.engine, hidden, lists[i].n);
        if (exact)
            assert_close(embedding, expected + i * 384, 384, 1, 2e-5);
        ck_assert_double_gt(cosine(embedding, expected + i * 384, 384), exact ? 0.99999 : 0.999);
        hidden += lists[i].n * 384;
        rec_token_list_deinit(&lists[i]);
        free(sentences[i]);
    }
    free(sentences);
    free(expected);
    free(folder);
    rec_tokenizer_free(tokenizer);
    close_model(&m);
}
END_TEST

REC_SUITE("models/lm/checkpoints", tcase_add_loop_test(t, smollm2_logits_and_hidden_states, 0, 2);
          tcase_add_test(t, smollm2_log_likelihoods);
          tcase_add_loop_test(t, smollm2_greedy_answers, 0, 3);
          tcase_add_test(t, perplexity_of_quantised_forms);
          tcase_add_loop_test(t, minilm_embeddings, 0, 2);)
