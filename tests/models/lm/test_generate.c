/* Generation on a tiny model of random weights: every result is what the request alone asks for. */
#include <math.h>
#include <string.h>

#include "core/parallel.h"
#include "models/lm/generate.h"
#include "models/lm/token_trie.h"
#include "tests/models/lm/tiny.h"

enum { N = 64, PROMPT = 40, NEW = 12, VOCAB = 320 };

static tiny model;
static uint32_t prompts[N][PROMPT];

/* Prompts that share their first tokens (the first two thirds, or less) and differ then. */
static void set_up(void)
{
    tiny_open(&model, GOLDEN("lm/llama3-rope"), REC_WEIGHTS_FILE);
    for (size_t i = 0; i < N; i++) {
        for (size_t t = 0; t < PROMPT; t++)
            prompts[i][t] = (uint32_t)(t < 34 ? 3 + t * 7 % 300 : 3 + (t * 31 + i * 17) % 300);
    }
}

static void tear_down(void)
{
    tiny_close(&model);
}

static rec_generator *generator(size_t n_slots)
{
    rec_generator *g = NULL;
    rec_generator_limits limits = {.n_slots = n_slots, .cache_tokens = n_slots * 128};
    ck_assert_ok(rec_generator_new(&g, model.engine, NULL, &limits, err));
    return g;
}

static rec_generation request(size_t i)
{
    return (rec_generation){.prompt = prompts[i],
                            .n_prompt = PROMPT,
                            .max_tokens = NEW,
                            .sampling = rec_sampling_greedy(),
                            .id = i,
                            .ignore_eos = true,
                            .logprobs = true};
}

/* The definition: the whole sequence anew for every token, the largest logit. */
static void generate_naively(uint32_t *out, double *sum, const uint32_t *prompt, size_t n_new)
{
    uint32_t ids[PROMPT + NEW];
    rec_kv_pool *pool = NULL;
    rec_arena arena = {.block_size = 0};
    float *hidden, logits[VOCAB];
    *sum = 0.0;
    memcpy(ids, prompt, PROMPT * sizeof *ids);
    ck_assert_ok(rec_kv_pool_new(&pool, &model.weights.config, 128, err));
    for (size_t i = 0; i < n_new; i++) {
        rec_kv cache = {.pages = NULL};
        rec_chunk chunk = {.ids = ids, .n = PROMPT + i, .cache = &cache};
        ck_assert_ok(rec_engine_forward(&hidden, model.engine, pool, &chunk, 1, &arena, err));
        ck_assert_ok(rec_engine_logits(logits, model.engine, hidden + (PROMPT + i - 1) * 64, 64, 1,
                                       &arena, err));
        out[i] = ids[PROMPT + i] = (uint32_t)rec_argmax(logits, VOCAB);
        *sum += (double)logits[out[i]] - rec_log_sum_exp(logits, VOCAB);
        rec_kv_clear(&cache, pool);
    }
    rec_kv_pool_free(pool);
    rec_arena_deinit(&arena);
}

START_TEST(greedy_is_the_largest_logit)
{
    uint32_t expected[NEW];
    double sum;
    rec_generator *g = generator(4);
    for (size_t i = 0; i < 3; i++) {
        rec_generation r = request(i);
        rec_generation_result result;
        generate_naively(expected, &sum, prompts[i], NEW);
        ck_assert_ok(rec_generate(&result, g, &r, 1, err));
        ck_assert_uint_eq(result.n_best, 1);
        ck_assert_uint_eq(result.best[0].n, NEW);
        ck_assert_mem_eq(result.best[0].ids, expected, sizeof expected);
        ck_assert_double_eq_tol(result.best[0].sum, sum, 1e-5);
        ck_assert_int_eq(result.best[0].finish, REC_FINISH_LENGTH);
        ck_assert_ptr_null(result.best[0].text);
        rec_generation_result_deinit(&result);
    }
    rec_generator_free(g);
}
END_TEST

static void run_all(rec_generation_result *results, size_t n_slots, double temperature)
{
    rec_generation requests[N];
    rec_generator *g = generator(n_slots);
    for (size_t i = 0; i < N; i++) {
        requests[i] = request(i);
        requests[i].max_tokens = 1 + i % NEW; /* slots become free at different times */
        requests[i].sampling.temperature = temperature;
        requests[i].sampling.top_p = 0.9;
        requests[i].sampling.seed = 5;
    }
    ck_assert_ok(rec_generate(results, g, requests, N, err));
    rec_generator_free(g);
}

/* Batch sizes 1, 7 and 64, one and two threads, with shared prefixes (the later prompts find those of
 * the first) and without (one slot and nothing retained does not exist, so the first of all). */
START_TEST(same_results_in_any_batch)
{
    static const size_t slots[] = {1, 7, 64};
    double temperature = _i == 0 ? 0.0 : 0.8;
    rec_generation_result expected[N], results[N];
    rec_parallel_set_threads(1);
    run_all(expected, 1, temperature);
    ck_assert_uint_eq(expected[0].n_shared, 0);
    for (size_t threads = 1; threads <= 2; threads++) {
        rec_parallel_set_threads(threads);
        for (size_t s = 0; s < 3; s++) {
            run_all(results, slots[s], temperature);
            for (size_t i = 0; i < N; i++) {
                const rec_generated *a = &expected[i].best[0], *b = &results[i].best[0];
                ck_assert_uint_eq(a->n, b->n);
                ck_assert_mem_eq(a->ids, b->ids, a->n * sizeof *a->ids);
                ck_assert_mem_eq(a->logprobs, b->logprobs, a->n * sizeof *a->logprobs);
                ck_assert_uint_eq(results[i].n_shared, i == 0 ? 0 : 34);
                rec_generation_result_deinit(&results[i]);
            }
        }
    }
    for (size_t i = 0; i < N; i++)
        rec_generation_result_deinit(&expected[i]);
}
END_TEST

START_TEST(seeds_and_ids_name_the_draws)
{
    rec_generator *g = generator(4);
    rec_generation requests[4];
    rec_generation_result results[4];
    for (size_t i = 0; i < 4; i++) {
        requests[i] = request(0);
        requests[i].sampling.temperature = 1.0;
        requests[i].sampling.seed = i == 2;
        requests[i].id = i == 3;
    }
    ck_assert_ok(rec_generate(results, g, requests, 4, err));
    size_t bytes = NEW * sizeof(uint32_t);
    ck_assert_mem_eq(results[0].best[0].ids, results[1].best[0].ids, bytes);
    ck_assert_mem_ne(results[0].best[0].ids, results[2].best[0].ids, bytes);
    ck_assert_mem_ne(results[0].best[0].ids, results[3].best[0].ids, bytes);
    for (size_t i = 0; i < 4; i++)
        rec_generation_result_deinit(&results[i]);
    rec_generator_free(g);
}
END_TEST

START_TEST(stop_tokens_end_the_text)
{
    uint32_t expected[NEW];
    double sum;
    rec_generator *g = generator(2);
    rec_generation r = request(0);
    rec_generation_result result;
    generate_naively(expected, &sum, prompts[0], NEW);
    size_t at = 5;
    while (at > 0 && memchr(expected, (int)expected[at], 0) != NULL)
        at--;
    r.stop_ids = &expected[at];
    r.n_stop_ids = 1;
    ck_assert_ok(rec_generate(&result, g, &r, 1, err));
    size_t first = 0;
    while (expected[first] != expected[at])
        first++;
    ck_assert_uint_eq(result.best[0].n, first);
    ck_assert_int_eq(result.best[0].finish, REC_FINISH_STOP);
    ck_assert_str_eq(rec_finish_name(result.best[0].finish), "stop");
    rec_generation_result_deinit(&result);
    rec_generator_free(g);
}
END_TEST

/* ---- constraints ---- */

static const uint32_t title_a[] = {10, 11, 12, 13, 14}, title_b[] = {10, 11, 20}, title_c[] = {30};
static const uint32_t *const titles[] = {title_a, title_b, title_c};
static const size_t title_lengths[] = {5, 3, 1};

static rec_token_trie *trie(void)
{
    rec_token_trie *t = NULL;
    ck_assert_ok(rec_token_trie_new(&t, titles, title_lengths, 3, err));
    return t;
}

START_TEST(a_list_of_distinct_items)
{
    static const uint32_t separator[] = {5, 6}, end[] = {7};
    rec_token_trie *t = trie();
    rec_constraint *start = NULL;
    rec_trie_rules rules = {.open = REC_TRIE_NONE,
                            .separator = separator,
                            .n_separator = 2,
                            .end = end,
                            .n_end = 1,
                            .min_items = 3,
                            .quota = 1};
    ck_assert_ok(rec_token_trie_start(&start, t, &rules, err));
    for (int sampled = 0; sampled < 8; sampled++) {
        rec_generator *g = generator(2);
        rec_generation r = request((size_t)sampled);
        rec_generation_result result;
        r.constraint = start;
        r.max_tokens = 30;
        r.stop_ids = end;
        r.n_stop_ids = 1;
        r.sampling.temperature = sampled > 0 ? 1.5 : 0.0;
        ck_assert_ok(rec_generate(&result, g, &r, 1, err));
        /* all three titles in some order: 9 tokens and two separators of 2 */
        ck_assert_uint_eq(result.best[0].n, 13);
        ck_assert_int_eq(result.best[0].finish, REC_FINISH_STOP);
        /* at most the choices cost a pass: which title, (which of a and b), the next title */
        ck_assert_uint_le(result.n_passes, 4);
        rec_generation_result_deinit(&result);
        rec_generator_free(g);
    }
    rec_constraint_free(start);
    rec_token_trie_free(t);
}
END_TEST

/* Log-probability of a title under the tree: only where there is a choice. */
static double title_score(const uint32_t *title, size_t n)
{
    rec_token_trie *t = trie();
    rec_constraint *state = NULL;
    static const uint32_t end[] = {7};
    rec_trie_rules rules = {.open = REC_TRIE_NONE, .end = end, .n_end = 1};
    uint32_t ids[PROMPT + 8];
    rec_kv_pool *pool = NULL;
    rec_arena arena = {.block_size = 0};
    rec_kv cache = {.pages = NULL};
    float *hidden, logits[VOCAB], kept[VOCAB];
    double score = 0.0;
    memcpy(ids, prompts[0], sizeof prompts[0]);
    memcpy(ids + PROMPT, title, n * sizeof *title);
    ck_assert_ok(rec_token_trie_start(&state, t, &rules, err));
    ck_assert_ok(rec_kv_pool_new(&pool, &model.weights.config, 128, err));
    rec_chunk chunk = {.ids = ids, .n = PROMPT + n, .cache = &cache};
    ck_assert_ok(rec_engine_forward(&hidden, model.engine, pool, &chunk, 1, &arena, err));
    for (size_t i = 0; i < n; i++) {
        rec_next_ids allowed;
        ck_assert_ok(rec_engine_logits(logits, model.engine, hidden + (PROMPT + i - 1) * 64, 64, 1,
                                       &arena, err));
        ck_assert_ok(rec_constraint_allowed(&allowed, state, err));
        for (size_t k = 0; k < allowed.n; k++)
            kept[k] = logits[allowed.ids[k]];
        score += (double)logits[title[i]] - rec_log_sum_exp(kept, allowed.n);
        ck_assert_ok(rec_constraint_advance(state, title[i], err));
    }
    rec_kv_clear(&cache, pool);
    rec_kv_pool_free(pool);
    rec_arena_deinit(&arena);
    rec_constraint_free(state);
    rec_token_trie_free(t);
    return score;
}

/* With as many beams as titles the search is exact: all titles by their log-probability. */
START_TEST(beams_find_the_best_titles)
{
    static const uint32_t end[] = {7};
    rec_token_trie *t = trie();
    rec_constraint *start = NULL;
    rec_trie_rules rules = {.open = REC_TRIE_NONE, .end = end, .n_end = 1};
    rec_generator *g = generator(4);
    rec_generation r = request(0);
    rec_generation_result result;
    ck_assert_ok(rec_token_trie_start(&start, t, &rules, err));
    r.constraint = start;
    r.stop_ids = end;
    r.n_stop_ids = 1;
    r.n_beams = 3;
    r.n_best = 3;
    ck_assert_ok(rec_generate(&result, g, &r, 1, err));
    ck_assert_uint_eq(result.n_best, 3);
    double last = 0.0;
    for (size_t i = 0; i < 3; i++) {
        const rec_generated *found = &result.best[i];
        uint32_t item = rec_token_trie_find(t, found->ids, found->n);
        ck_assert_uint_lt(item, 3);
        ck_assert_double_eq_tol(found->score, title_score(titles[item], title_lengths[item]), 1e-4);
        ck_assert_double_le(found->score, i > 0 ? last : 0.0);
        last = found->score;
    }
    rec_generation_result_deinit(&result);
    rec_generator_free(g);
    rec_constraint_free(start);
    rec_token_trie_free(t);
}
END_TEST

/* With a beam per token of the vocabulary two tokens are an exhaustive search. */
START_TEST(wide_beams_are_exhaustive)
{
    rec_generator *g = NULL;
    rec_generator_limits limits = {.n_slots = VOCAB, .cache_tokens = VOCAB * 64};
    rec_generation r = request(0);
    rec_generation_result result;
    rec_kv_pool *pool = NULL;
    rec_arena arena = {.block_size = 0};
    rec_kv cache = {.pages = NULL};
    float *hidden, logits[VOCAB], first[VOCAB];
    double best = -1e9;
    uint32_t best_ids[2] = {0, 0};
    r.n_beams = VOCAB;
    r.max_tokens = 2;
    ck_assert_ok(rec_generator_new(&g, model.engine, NULL, &limits, err));
    ck_assert_ok(rec_generate(&result, g, &r, 1, err));
    ck_assert_ok(rec_kv_pool_new(&pool, &model.weights.config, 128, err));
    rec_chunk chunk = {.ids = prompts[0], .n = PROMPT, .cache = &cache};
    ck_assert_ok(rec_engine_forward(&hidden, model.engine, pool, &chunk, 1, &arena, err));
    ck_assert_ok(
        rec_engine_logits(first, model.engine, hidden + (PROMPT - 1) * 64, 64, 1, &arena, err));
    for (uint32_t id = 0; id < VOCAB; id++) {
        rec_kv_truncate(&cache, pool, PROMPT);
        chunk = (rec_chunk){.ids = &id, .n = 1, .cache = &cache};
        ck_assert_ok(rec_engine_forward(&hidden, model.engine, pool, &chunk, 1, &arena, err));
        ck_assert_ok(rec_engine_logits(logits, model.engine, hidden, 64, 1, &arena, err));
        uint32_t next = (uint32_t)rec_argmax(logits, VOCAB);
        double sum = (double)first[id] - rec_log_sum_exp(first, VOCAB) + (double)logits[next] -
                     rec_log_sum_exp(logits, VOCAB);
        if (sum > best) {
            best = sum;
            best_ids[0] = id;
            best_ids[1] = next;
        }
    }
    ck_assert_mem_eq(result.best[0].ids, best_ids, sizeof best_ids);
    ck_assert_double_eq_tol(result.best[0].sum, best, 1e-6);
    ck_assert_double_eq(result.best[0].score, result.best[0].sum); /* penalty 0 */
    rec_kv_clear(&cache, pool);
    rec_kv_pool_free(pool);
    rec_arena_deinit(&arena);
    rec_generation_result_deinit(&result);
    rec_generator_free(g);
}
END_TEST

/* ---- hooks ---- */

typedef struct hook_log {
    size_t n_calls;
    float first_state[64];
} hook_log;

static rec_status paste_title(void *context, const float *hidden, uint32_t id,
                              rec_token_list *append, rec_error *err)
{
    hook_log *log = context;
    rec_status status = REC_OK;
    (void)id;
    if (log->n_calls++ > 0)
        return REC_OK;
    memcpy(log->first_state, hidden, sizeof log->first_state);
    for (size_t i = 0; i < 3 && status == REC_OK; i++)
        status = rec_token_list_append(append, title_b[i], err);
    return status;
}

/* The pasted ids follow the first token, and what comes after them was computed from them. */
START_TEST(a_hook_sees_states_and_appends_ids)
{
    rec_generator *g = generator(2);
    rec_generation r = request(0), plain;
    rec_generation_result result, again;
    hook_log log = {.n_calls = 0};
    r.hook = paste_title;
    r.hook_context = &log;
    ck_assert_ok(rec_generate(&result, g, &r, 1, err));
    ck_assert_uint_eq(result.best[0].n, NEW);
    ck_assert_mem_eq(result.best[0].ids + 1, title_b, sizeof title_b);
    ck_assert_uint_eq(log.n_calls, NEW - 4); /* not with the last one, which ends the text */
    double size = 0.0;
    for (size_t i = 0; i < 64; i++)
        size += fabs((double)log.first_state[i]);
    ck_assert_double_gt(size, 1.0);
    uint32_t longer[PROMPT + 4];
    memcpy(longer, prompts[0], sizeof prompts[0]);
    memcpy(longer + PROMPT, result.best[0].ids, 4 * sizeof *longer);
    plain = request(0);
    plain.prompt = longer;
    plain.n_prompt = PROMPT + 4;
    plain.max_tokens = NEW - 4;
    ck_assert_ok(rec_generate(&again, g, &plain, 1, err));
    ck_assert_mem_eq(again.best[0].ids, result.best[0].ids + 4, (NEW - 4) * sizeof *longer);
    ck_assert_uint_ge(again.n_shared, PROMPT); /* the finished sequence was kept */
    rec_generation_result_deinit(&result);
    rec_generation_result_deinit(&again);
    rec_generator_free(g);
}
END_TEST

static rec_status fail_at_once(void *context, const float *hidden, uint32_t id,
                               rec_token_list *append, rec_error *err)
{
    (void)context;
    (void)hidden;
    (void)id;
    (void)append;
    return rec_fail(err, REC_ERR_INTERNAL, "the hook failed");
}

/* The others of the batch are not lost. */
START_TEST(a_failing_request_is_dropped)
{
    rec_generator *g = generator(4);
    rec_generation good = request(0), bad = request(1);
    rec_generation_result expected, result;
    uint64_t tickets[2];
    bool busy = true;
    ck_assert_ok(rec_generate(&expected, g, &good, 1, err));
    bad.hook = fail_at_once;
    ck_assert_ok(rec_generator_add(&tickets[0], g, &bad, err));
    ck_assert_ok(rec_generator_add(&tickets[1], g, &good, err));
    ck_assert_fails(rec_generator_step(&busy, g, err), REC_ERR_INTERNAL, "the hook failed");
    while (busy)
        ck_assert_ok(rec_generator_step(&busy, g, err));
    ck_assert(!rec_generator_take(&result, g, tickets[0]));
    ck_assert(rec_generator_take(&result, g, tickets[1]));
    ck_assert_mem_eq(result.best[0].ids, expected.best[0].ids, NEW * sizeof(uint32_t));
    rec_generation_result_deinit(&expected);
    rec_generation_result_deinit(&result);
    rec_generator_free(g);
}
END_TEST

START_TEST(requests_enter_and_leave_while_others_run)
{
    rec_generator *g = generator(2);
    rec_generation requests[3] = {request(0), request(1), request(2)};
    rec_generation_result results[3], expected[3];
    uint64_t tickets[3];
    bool busy;
    ck_assert_ok(rec_generator_add(&tickets[0], g, &requests[0], err));
    for (int i = 0; i < 4; i++)
        ck_assert_ok(rec_generator_step(&busy, g, err));
    ck_assert_ok(rec_generator_add(&tickets[1], g, &requests[1], err));
    ck_assert_ok(rec_generator_add(&tickets[2], g, &requests[2], err));
    ck_assert_ok(rec_generator_step(&busy, g, err));
    rec_generator_cancel(g, tickets[1]);
    rec_generator_cancel(g, 12345); /* unknown: nothing */
    do {
        ck_assert_ok(rec_generator_step(&busy, g, err));
    } while (busy);
    ck_assert(rec_generator_take(&results[0], g, tickets[0]));
    ck_assert(!rec_generator_take(&results[1], g, tickets[1]));
    ck_assert(rec_generator_take(&results[2], g, tickets[2]));
    ck_assert(!rec_generator_take(&results[2], g, tickets[2]));
    ck_assert_ok(rec_generate(expected, g, requests, 3, err));
    ck_assert_mem_eq(results[0].best[0].ids, expected[0].best[0].ids, NEW * sizeof(uint32_t));
    ck_assert_mem_eq(results[2].best[0].ids, expected[2].best[0].ids, NEW * sizeof(uint32_t));
    rec_generation_result_deinit(&results[0]);
    rec_generation_result_deinit(&results[2]);
    for (size_t i = 0; i < 3; i++)
        rec_generation_result_deinit(&expected[i]);
    rec_generator_free(g);
}
END_TEST

START_TEST(a_repetition_penalty_forbids_what_was_there)
{
    rec_generator *g = generator(2);
    rec_generation r = request(0);
    rec_generation_result result;
    r.sampling.repetition_penalty = 1e6;
    ck_assert_ok(rec_generate(&result, g, &r, 1, err));
    for (size_t i = 0; i < NEW; i++) {
        for (size_t j = 0; j < i; j++)
            ck_assert_uint_ne(result.best[0].ids[i], result.best[0].ids[j]);
        for (size_t j = 0; j < PROMPT; j++)
            ck_assert_uint_ne(result.best[0].ids[i], prompts[0][j]);
    }
    rec_generation_result_deinit(&result);
    rec_generator_free(g);
}
END_TEST

START_TEST(vectors_in_prompts)
{
    rec_generator *g = generator(2);
    rec_generation plain = request(0), given;
    rec_generation_result a, b;
    const float *table = rec_lm_weight(&model.weights, REC_LM_EMBED, 0)->data;
    uint32_t ids[PROMPT];
    memcpy(ids, prompts[0], sizeof ids);
    ids[2] = REC_VECTOR_ID;
    given = plain;
    given.prompt = ids;
    given.vectors = table + prompts[0][2] * 64;
    ck_assert_ok(rec_generate(&a, g, &plain, 1, err));
    ck_assert_ok(rec_generate(&b, g, &given, 1, err));
    ck_assert_mem_eq(a.best[0].ids, b.best[0].ids, NEW * sizeof(uint32_t));
    ck_assert_uint_eq(b.n_shared, 0); /* what a vector says is not known by its id */
    rec_generation_result_deinit(&a);
    rec_generation_result_deinit(&b);
    rec_generator_free(g);
}
END_TEST

static void assert_refused(const rec_generation *r, rec_status status, const char *message)
{
    uint64_t ticket;
    rec_generator *g = generator(2);
    ck_assert_fails(rec_generator_add(&ticket, g, r, err), status, message);
    rec_generator_free(g);
}

START_TEST(requests_that_make_no_sense)
{
    static const char *const stop[] = {"x"};
    rec_generation r = request(0);
    r.n_prompt = 0;
    assert_refused(&r, REC_ERR_CONFIG, "both need one");
    r = request(0);
    r.max_tokens = 89; /* 128 positions */
    assert_refused(&r, REC_ERR_MODEL, "the model has 128 positions");
    r = request(0);
    r.n_beams = 3;
    assert_refused(&r, REC_ERR_CONFIG, "3 beams in 2 slots");
    r = request(0);
    r.n_beams = 2;
    r.n_best = 3;
    assert_refused(&r, REC_ERR_CONFIG, "n_best 3 of 2 beams");
    r.n_best = 1;
    r.sampling.temperature = 1;
    assert_refused(&r, REC_ERR_CONFIG, "does not sample");
    r = request(0);
    r.stop = stop;
    r.n_stop = 1;
    assert_refused(&r, REC_ERR_CONFIG, "stop strings need a tokenizer");
    r = request(0);
    r.sampling.top_p = 0;
    assert_refused(&r, REC_ERR_CONFIG, "top_p 0");
    rec_generator *g = NULL;
    rec_generator_limits small = {.n_slots = 2, .cache_tokens = 32};
    uint64_t ticket;
    r = request(0);
    ck_assert_ok(rec_generator_new(&g, model.engine, NULL, &small, err));
    ck_assert_fails(rec_generator_add(&ticket, g, &r, err), REC_ERR_RESOURCE,
                    "needs more than the cache of 32");
    rec_generator_free(g);
}
END_TEST

/* 64 requests in a cache for two: they wait for each other, and retained prompts give way. */
START_TEST(memory_is_bounded)
{
    rec_generator *g = NULL;
    rec_generator_limits limits = {.n_slots = 8, .cache_tokens = 128, .step_tokens = 16};
    rec_generation requests[N];
    rec_generation_result results[N], expected;
    for (size_t i = 0; i < N; i++)
        requests[i] = request(i);
    ck_assert_ok(rec_generator_new(&g, model.engine, NULL, &limits, err));
    ck_assert_ok(rec_generate(results, g, requests, N, err));
    rec_generator_free(g);
    g = generator(1);
    ck_assert_ok(rec_generate(&expected, g, &requests[N - 1], 1, err));
    ck_assert_mem_eq(results[N - 1].best[0].ids, expected.best[0].ids, NEW * sizeof(uint32_t));
    ck_assert_uint_gt(rec_generator_bytes(model.engine, &limits),
                      rec_kv_bytes(&model.weights.config, 128));
    rec_generation_result_deinit(&expected);
    for (size_t i = 0; i < N; i++)
        rec_generation_result_deinit(&results[i]);
    rec_generator_free(g);
}
END_TEST

static void add_tests(TCase *t)
{
    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, greedy_is_the_largest_logit);
    tcase_add_loop_test(t, same_results_in_any_batch, 0, 2);
    tcase_add_test(t, seeds_and_ids_name_the_draws);
    tcase_add_test(t, stop_tokens_end_the_text);
    tcase_add_test(t, a_list_of_distinct_items);
    tcase_add_test(t, beams_find_the_best_titles);
    tcase_add_test(t, wide_beams_are_exhaustive);
    tcase_add_test(t, a_hook_sees_states_and_appends_ids);
    tcase_add_test(t, a_failing_request_is_dropped);
    tcase_add_test(t, requests_enter_and_leave_while_others_run);
    tcase_add_test(t, a_repetition_penalty_forbids_what_was_there);
    tcase_add_test(t, vectors_in_prompts);
    tcase_add_test(t, requests_that_make_no_sense);
    tcase_add_test(t, memory_is_bounded);
}

REC_SUITE("models/lm/generate", add_tests(t);)
