/* Generation and scoring on an open model; the model itself is opened before. */
#include <string.h>

#include "models/lm/generate.h"
#include "models/lm/score.h"
#include "models/lm/token_trie.h"
#include "tests/failing_malloc.h"
#include "tests/models/lm/tiny.h"

static tiny model;
static rec_token_trie *trie;
static const uint32_t first[] = {10, 11}, second[] = {10, 12, 13}, end[] = {1};
static const uint32_t *const titles[] = {first, second};
static const size_t lengths[] = {2, 3};
static const uint32_t prompt[] = {5, 6, 7, 8, 9};

static void set_up(void)
{
    tiny_open(&model, GOLDEN("lm/qwen2"), REC_WEIGHTS_Q8_0);
    ck_assert_ok(rec_token_trie_new(&trie, titles, lengths, 2, err));
}

static void tear_down(void)
{
    rec_token_trie_free(trie);
    tiny_close(&model);
}

static rec_status generate(rec_error *err)
{
    const rec_trie_rules rules = {
        .open = REC_TRIE_NONE, .end = end, .n_end = 1, .min_items = 1, .max_items = 1};
    const rec_generator_limits limits = {.n_slots = 2, .cache_tokens = 256};
    rec_generator *g = NULL;
    rec_constraint *state = NULL;
    rec_generation_result results[2] = {{.best = NULL}, {.best = NULL}};
    rec_status status = REC_OK;
    REC_TRY(rec_token_trie_start(&state, trie, &rules, err));
    REC_TRY(rec_generator_new(&g, model.engine, NULL, &limits, err));
    const rec_generation requests[2] = {{.prompt = prompt,
                                         .n_prompt = 5,
                                         .max_tokens = 3,
                                         .sampling = rec_sampling_greedy(),
                                         .ignore_eos = true,
                                         .logprobs = true},
                                        {.prompt = prompt,
                                         .n_prompt = 4,
                                         .max_tokens = 5,
                                         .sampling = rec_sampling_greedy(),
                                         .constraint = state,
                                         .n_beams = 2,
                                         .n_best = 2}};
    REC_TRY(rec_generate(results, g, requests, 2, err));
    for (int i = 0; i < 2; i++)
        rec_generation_result_deinit(&results[i]);
cleanup:
    rec_generator_free(g);
    rec_constraint_free(state);
    return status;
}

static rec_status score(rec_error *err)
{
    float logprobs[2][4], *const rows[] = {logprobs[0], logprobs[1]};
    const rec_score_request requests[] = {{.ids = prompt, .n = 5}, {.ids = prompt, .n = 4}};
    rec_kv_pool *pool = NULL;
    rec_status status = REC_OK;
    REC_TRY(
        rec_kv_pool_new(&pool, &model.weights.config, rec_score_cache_tokens(requests, 2), err));
    REC_TRY(rec_score(rows, model.engine, pool, requests, 2, err));
cleanup:
    rec_kv_pool_free(pool);
    return status;
}

START_TEST(every_allocation_may_fail)
{
    ck_assert_uint_gt(failing_malloc_exhaust(_i == 0 ? generate : score), _i == 0 ? 40 : 5);
}
END_TEST

REC_SUITE("models/lm/generate_alloc", tcase_add_checked_fixture(t, set_up, tear_down);
          tcase_add_loop_test(t, every_allocation_may_fail, 0, 2);)
