/* Log-likelihoods on a tiny model: the definition, and the same in any batch, with and without shared
 * beginnings, for one and two threads. */
#include <math.h>
#include <string.h>

#include "core/parallel.h"
#include "models/lm/score.h"
#include "tests/models/lm/tiny.h"

enum { N = 64, LENGTH = 60, VOCAB = 320 };

static tiny model;
static uint32_t texts[N][LENGTH];
static rec_score_request requests[N];

/* Eight prompts of 40 tokens, each with eight continuations of 5 to 20 tokens. */
static void set_up(void)
{
    tiny_open(&model, GOLDEN("lm/llama3-rope"), REC_WEIGHTS_FILE);
    for (size_t i = 0; i < N; i++) {
        size_t prompt = i / 8;
        for (size_t t = 0; t < LENGTH; t++)
            texts[i][t] =
                (uint32_t)(t < 40 ? 3 + (t * 7 + prompt * 11) % 300 : 3 + (t * 31 + i * 17) % 300);
        requests[i] = (rec_score_request){.ids = texts[i], .n = 45 + i % 16, .first = 40};
    }
}

static void tear_down(void)
{
    tiny_close(&model);
}

/* Requests in calls of `batch`: a call shares beginnings among its own. */
static void score_in(float out[N][LENGTH], size_t batch)
{
    for (size_t i = 0; i < N; i += batch) {
        size_t n = N - i < batch ? N - i : batch;
        rec_kv_pool *pool = NULL;
        float *rows[N];
        for (size_t k = 0; k < n; k++)
            rows[k] = out[i + k];
        ck_assert_ok(rec_kv_pool_new(&pool, &model.weights.config,
                                     rec_score_cache_tokens(requests + i, n), err));
        ck_assert_ok(rec_score(rows, model.engine, pool, requests + i, n, err));
        rec_kv_pool_free(pool);
    }
}

/* log softmax of all logits at the position before. */
START_TEST(the_definition)
{
    static float scores[N][LENGTH], logits[LENGTH * VOCAB];
    rec_arena arena = {.block_size = 0};
    score_in(scores, N);
    for (size_t i = 0; i < N; i += 13) {
        rec_kv_pool *pool = NULL;
        rec_kv cache = {.pages = NULL};
        rec_chunk chunk = {.ids = texts[i], .n = requests[i].n, .cache = &cache};
        float *hidden;
        ck_assert_ok(rec_kv_pool_new(&pool, &model.weights.config, 128, err));
        ck_assert_ok(rec_engine_forward(&hidden, model.engine, pool, &chunk, 1, &arena, err));
        ck_assert_ok(
            rec_engine_logits(logits, model.engine, hidden, 64, requests[i].n, &arena, err));
        for (size_t t = 40; t < requests[i].n; t++) {
            const float *row = logits + (t - 1) * VOCAB;
            double wanted = (double)row[texts[i][t]] - rec_log_sum_exp(row, VOCAB);
            ck_assert_double_eq_tol((double)scores[i][t - 40], wanted, 1e-5);
        }
        rec_kv_clear(&cache, pool);
        rec_kv_pool_free(pool);
    }
    rec_arena_deinit(&arena);
}
END_TEST

/* A call with one request shares nothing; calls of 7 and 64 share prompts. */
START_TEST(same_in_any_batch)
{
    static const size_t batches[] = {1, 7, 64};
    static float alone[N][LENGTH], scores[N][LENGTH];
    rec_parallel_set_threads(1);
    score_in(alone, 1);
    for (size_t threads = 1; threads <= 2; threads++) {
        rec_parallel_set_threads(threads);
        for (size_t b = 0; b < 3; b++) {
            memset(scores, 0, sizeof scores);
            score_in(scores, batches[b]);
            for (size_t i = 0; i < N; i++)
                for (size_t t = 0; t < requests[i].n - 40; t++)
                    ck_assert_float_eq_tol(scores[i][t], alone[i][t], 1e-4f);
        }
    }
}
END_TEST

START_TEST(nothing_to_score)
{
    rec_kv_pool *pool = NULL;
    float none[1] = {7}, *rows[] = {none};
    const rec_score_request one = {.ids = texts[0], .n = 1};
    ck_assert_ok(
        rec_kv_pool_new(&pool, &model.weights.config, rec_score_cache_tokens(&one, 1), err));
    ck_assert_ok(rec_score(rows, model.engine, pool, &one, 1, err));
    ck_assert_float_eq(none[0], 7);
    const uint32_t bad[] = {3, 320, 5};
    float two[2], *more[] = {two};
    const rec_score_request outside = {.ids = bad, .n = 3};
    ck_assert_fails(rec_score(more, model.engine, pool, &outside, 1, err), REC_ERR_MODEL, "320");
    rec_kv_pool_free(pool);
}
END_TEST

REC_SUITE("models/lm/score", tcase_add_checked_fixture(t, set_up, tear_down);
          tcase_add_test(t, the_definition); tcase_add_test(t, same_in_any_batch);
          tcase_add_test(t, nothing_to_score);)
