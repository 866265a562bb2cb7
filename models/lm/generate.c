#include "models/lm/generate.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/interrupt.h"
#include "core/memory.h"
#include "models/lm/beam.h"
#include "models/lm/kernels.h"
#include "models/lm/sequence.h"
#include "models/lm/view.h"

enum { DEFAULT_STEP_TOKENS = 512, SHARE_MIN = REC_KV_PAGE, FEW_CHOICES = 512 };

/* A request and its sequences: one, or the live beams. */
typedef struct job {
    uint64_t ticket;
    rec_generation request;
    rec_sequence *sequences;   /* owned (n_beams) */
    size_t n_sequences;        /* live */
    rec_hypotheses hypotheses; /* finished beams */
    size_t n_pages;            /* reserved in the worst case */
    size_t n_shared, n_passes;
    bool running, done;
    rec_generation_result result;
} job;

/* A finished sequence whose keys and values may serve a later prompt. */
typedef struct retained {
    rec_token_list tokens;
    rec_kv cache;
} retained;

struct rec_generator {
    rec_engine *engine;
    const rec_lm_config *config;
    const rec_tokenizer *tokenizer;
    rec_generator_limits limits;
    rec_kv_pool *pool;
    rec_arena arena;
    job **jobs; /* owned, in the order they came */
    size_t n_jobs, jobs_capacity;
    size_t n_running, pages_reserved, max_pages; /* sequences and pages of running jobs */
    retained *kept;                              /* owned (n_slots), oldest first */
    size_t n_kept;
    uint64_t next_ticket, n_fed, n_chosen;
};

const char *rec_finish_name(rec_finish finish)
{
    return finish == REC_FINISH_STOP ? "stop" : "length";
}

static void generated_deinit(rec_generated *g)
{
    free(g->ids);
    free(g->text);
    free(g->logprobs);
}

void rec_generation_result_deinit(rec_generation_result *r)
{
    for (size_t i = 0; i < r->n_best; i++)
        generated_deinit(&r->best[i]);
    free(r->best);
    *r = (rec_generation_result){.best = NULL};
}

/* ---- the generator ---- */

static size_t pages_for(size_t n_tokens)
{
    return (n_tokens + REC_KV_PAGE - 1) / REC_KV_PAGE;
}

rec_status rec_generator_new(rec_generator **out, rec_engine *engine,
                             const rec_tokenizer *tokenizer, const rec_generator_limits *limits,
                             rec_error *err)
{
    rec_generator *g;
    rec_status status = REC_OK;
    *out = NULL;
    assert(limits->n_slots > 0);
    if (rec_engine_config(engine)->encoder || !rec_engine_config(engine)->has_head)
        return rec_fail(err, REC_ERR_MODEL, "this model cannot generate: it has no output matrix");
    REC_TRY_NEW(g, 1, err);
    g->engine = engine;
    g->config = rec_engine_config(engine);
    g->tokenizer = tokenizer;
    g->limits = *limits;
    if (g->limits.step_tokens == 0)
        g->limits.step_tokens = DEFAULT_STEP_TOKENS;
    g->max_pages = pages_for(limits->cache_tokens);
    REC_TRY_NEW(g->kept, limits->n_slots, err);
    REC_TRY(rec_kv_pool_new(&g->pool, g->config, limits->cache_tokens, err));
    *out = g;
    return REC_OK;
cleanup:
    rec_generator_free(g);
    return status;
}

static void job_clear(job *j, rec_generator *g)
{
    for (size_t i = 0; i < j->n_sequences; i++) {
        rec_kv_clear(&j->sequences[i].cache, g->pool);
        rec_sequence_deinit(&j->sequences[i]);
    }
    free(j->sequences);
    j->sequences = NULL;
    j->n_sequences = 0;
    rec_hypotheses_deinit(&j->hypotheses);
    if (j->running) {
        g->n_running -= j->request.n_beams;
        g->pages_reserved -= j->n_pages;
    }
    j->running = false;
}

static void job_free(job *j, rec_generator *g)
{
    job_clear(j, g);
    rec_generation_result_deinit(&j->result);
    free(j);
}

static void drop_retained(rec_generator *g, size_t i)
{
    rec_kv_clear(&g->kept[i].cache, g->pool);
    rec_token_list_deinit(&g->kept[i].tokens);
    memmove(&g->kept[i], &g->kept[i + 1], (g->n_kept - i - 1) * sizeof *g->kept);
    g->n_kept--;
}

void rec_generator_free(rec_generator *g)
{
    if (g == NULL)
        return;
    for (size_t i = 0; i < g->n_jobs; i++)
        job_free(g->jobs[i], g);
    while (g->n_kept > 0)
        drop_retained(g, g->n_kept - 1);
    free(g->jobs);
    free(g->kept);
    rec_kv_pool_free(g->pool);
    rec_arena_deinit(&g->arena);
    free(g);
}

size_t rec_generator_bytes(const rec_engine *engine, const rec_generator_limits *limits)
{
    const rec_lm_config *c = rec_engine_config(engine);
    size_t step = limits->step_tokens > 0 ? limits->step_tokens : DEFAULT_STEP_TOKENS;
    size_t longest =
        limits->cache_tokens < c->max_positions ? limits->cache_tokens : c->max_positions;
    return rec_kv_bytes(c, limits->cache_tokens) +
           rec_engine_scratch_bytes(engine, step + limits->n_slots, longest) +
           limits->n_slots * (c->vocab_size + c->d_model) * sizeof(float);
}

/* ---- requests ---- */

static rec_status check_beams(const rec_generation *r, rec_error *err)
{
    if (r->n_best > (r->n_beams > 0 ? r->n_beams : 1))
        return rec_fail(err, REC_ERR_CONFIG, "n_best %zu of %zu beams", r->n_best, r->n_beams);
    if (r->n_beams > REC_MAX_BEAMS)
        return rec_fail(err, REC_ERR_CONFIG, "%zu beams, at most 1024", r->n_beams);
    if (r->n_beams <= 1)
        return REC_OK;
    if (r->n_stop > 0 || r->hook != NULL || r->on_text != NULL || r->on_view != NULL)
        return rec_fail(err, REC_ERR_CONFIG,
                        "beam search takes no stop strings, no hook and does not stream");
    if (r->sampling.temperature != 0.0 || r->sampling.repetition_penalty != 1.0)
        return rec_fail(err, REC_ERR_CONFIG,
                        "beam search does not sample: temperature 0, no penalty");
    return REC_OK;
}

static rec_status check_request(const rec_generator *g, const rec_generation *r, rec_error *err)
{
    size_t n_beams = r->n_beams > 1 ? r->n_beams : 1;
    rec_status status = rec_sampling_check(&r->sampling, err);
    if (status == REC_OK)
        status = check_beams(r, err);
    if (status != REC_OK)
        return status;
    if (r->n_prompt == 0 || r->max_tokens == 0)
        return rec_fail(err, REC_ERR_CONFIG,
                        "a prompt of %zu tokens, %zu to generate: both need one", r->n_prompt,
                        r->max_tokens);
    if (r->n_prompt > g->config->max_positions ||
        r->max_tokens > g->config->max_positions - r->n_prompt)
        return rec_fail(err, REC_ERR_MODEL,
                        "%zu prompt tokens and %zu to generate; the model has %zu positions",
                        r->n_prompt, r->max_tokens, g->config->max_positions);
    if (n_beams > g->limits.n_slots)
        return rec_fail(err, REC_ERR_CONFIG, "%zu beams in %zu slots", n_beams, g->limits.n_slots);
    size_t pages = n_beams * pages_for(r->n_prompt + r->max_tokens);
    if (pages > g->max_pages)
        return rec_fail(err, REC_ERR_RESOURCE,
                        "a request of %zu tokens needs more than the cache of %zu",
                        n_beams * (r->n_prompt + r->max_tokens), g->limits.cache_tokens);
    if (r->n_top > REC_MAX_TOP)
        return rec_fail(err, REC_ERR_CONFIG, "%zu likeliest tokens, at most %d", r->n_top,
                        REC_MAX_TOP);
    if (r->n_stop > 0 && g->tokenizer == NULL)
        return rec_fail(err, REC_ERR_CONFIG, "stop strings need a tokenizer");
    return REC_OK;
}

rec_status rec_generator_add(uint64_t *ticket, rec_generator *g, const rec_generation *request,
                             rec_error *err)
{
    rec_status status = check_request(g, request, err);
    if (status != REC_OK)
        return status;
    if (g->n_jobs == g->jobs_capacity) {
        size_t capacity = g->jobs_capacity > 0 ? 2 * g->jobs_capacity : 64;
        job **jobs = rec_realloc(g->jobs, capacity, sizeof *jobs, err);
        if (jobs == NULL)
            return REC_ERR_RESOURCE;
        g->jobs = jobs;
        g->jobs_capacity = capacity;
    }
    job *j = rec_alloc(1, sizeof *j, err);
    if (j == NULL)
        return REC_ERR_RESOURCE;
    j->request = *request;
    j->request.n_beams = request->n_beams > 1 ? request->n_beams : 1;
    j->request.n_best = request->n_best > 1 ? request->n_best : 1;
    j->n_pages = j->request.n_beams * pages_for(request->n_prompt + request->max_tokens);
    j->ticket = *ticket = g->next_ticket++;
    g->jobs[g->n_jobs++] = j;
    return REC_OK;
}

static size_t find_job(const rec_generator *g, uint64_t ticket)
{
    size_t i = 0;
    while (i < g->n_jobs && g->jobs[i]->ticket != ticket)
        i++;
    return i;
}

bool rec_generator_has(const rec_generator *g, uint64_t ticket)
{
    return find_job(g, ticket) < g->n_jobs;
}

size_t rec_generator_n_running(const rec_generator *g)
{
    return g->n_running;
}

static void remove_job(rec_generator *g, size_t i)
{
    job_free(g->jobs[i], g);
    memmove(&g->jobs[i], &g->jobs[i + 1], (g->n_jobs - i - 1) * sizeof *g->jobs);
    g->n_jobs--;
}

bool rec_generator_take(rec_generation_result *out, rec_generator *g, uint64_t ticket)
{
    size_t i = find_job(g, ticket);
    if (i == g->n_jobs || !g->jobs[i]->done)
        return false;
    *out = g->jobs[i]->result;
    g->jobs[i]->result = (rec_generation_result){.best = NULL};
    remove_job(g, i);
    return true;
}

void rec_generator_cancel(rec_generator *g, uint64_t ticket)
{
    size_t i = find_job(g, ticket);
    if (i < g->n_jobs)
        remove_job(g, i);
}

void rec_generator_counts(const rec_generator *g, uint64_t *n_fed, uint64_t *n_chosen)
{
    *n_fed = g->n_fed;
    *n_chosen = g->n_chosen;
}

/* ---- admission ---- */

static size_t common_prefix(const rec_token_list *list, const uint32_t *prompt, size_t n)
{
    size_t i = 0;
    while (i < n && i < list->n && list->ids[i] == prompt[i] && prompt[i] != REC_VECTOR_ID)
        i++;
    return i;
}

static bool views_prompt(const rec_generation *r)
{
    return r->view_prompt && r->on_view != NULL;
}

/* What a prompt can take over: the longest computed prefix; *promised is what a running prompt will
 * have computed soon. The last token of a prompt is always computed: its state is needed. */
static const rec_kv *best_donor(size_t *n_common, size_t *promised, const rec_generator *g,
                                const job *j)
{
    const rec_generation *r = &j->request;
    const rec_kv *best = NULL;
    *n_common = *promised = 0;
    if (views_prompt(r))
        return NULL; /* every state of it is needed */
    for (size_t i = 0; i < g->n_jobs; i++) {
        for (size_t s = 0; g->jobs[i]->running && s < g->jobs[i]->n_sequences; s++) {
            const rec_sequence *other = &g->jobs[i]->sequences[s];
            size_t n = common_prefix(&other->tokens, r->prompt, r->n_prompt - 1);
            size_t there = n < other->cache.length ? n : other->cache.length;
            *promised = n > *promised ? n : *promised;
            if (there > *n_common) {
                *n_common = there;
                best = &other->cache;
            }
        }
    }
    for (size_t i = 0; i < g->n_kept; i++) {
        size_t n = common_prefix(&g->kept[i].tokens, r->prompt, r->n_prompt - 1);
        n = n < g->kept[i].cache.length ? n : g->kept[i].cache.length;
        if (n > *n_common) {
            *n_common = n;
            best = &g->kept[i].cache;
        }
    }
    return best;
}

static bool has_room(const rec_generator *g, const job *j)
{
    return g->n_running + j->request.n_beams <= g->limits.n_slots &&
           g->pages_reserved + j->n_pages <= g->max_pages;
}

static rec_status finish_job(rec_generator *g, job *j, rec_error *err);

/* Start a job with what it shares; a job whose prefix is just being computed waits for it. */
static rec_status admit(rec_generator *g, job *j, rec_error *err)
{
    size_t n_common, promised;
    const rec_kv *donor = best_donor(&n_common, &promised, g, j);
    rec_status status = REC_OK;
    if (promised >= n_common + SHARE_MIN)
        return REC_OK;
    REC_TRY_NEW(j->sequences, j->request.n_beams, err);
    REC_TRY(rec_sequence_init(&j->sequences[0], &j->request, g->tokenizer, err));
    j->n_sequences = 1;
    if (n_common >= SHARE_MIN) {
        REC_TRY(rec_kv_share(&j->sequences[0].cache, g->pool, donor, n_common, err));
        j->n_shared = n_common;
    }
    j->running = true;
    g->n_running += j->request.n_beams;
    g->pages_reserved += j->n_pages;
    REC_TRY(rec_sequence_force(&j->sequences[0], &j->request, g->config, err));
    if (j->sequences[0].finished)
        status = finish_job(g, j, err);
cleanup:
    return status;
}

static rec_status admit_all(rec_generator *g, rec_error *err)
{
    rec_status status = REC_OK;
    for (size_t i = 0; i < g->n_jobs && status == REC_OK; i++) {
        job *j = g->jobs[i];
        if (j->running || j->done)
            continue;
        if (!has_room(g, j))
            break; /* in order: a large request is not overtaken for ever */
        status = admit(g, j, err);
        if (status != REC_OK)
            remove_job(g, i);
    }
    return status;
}

/* ---- one forward pass ---- */

typedef struct feed {
    job *job;
    rec_sequence *sequence;
    size_t row; /* of its last token in the hidden states */
} feed;

/* The vectors that belong to the tokens from `first` on. */
static const float *vectors_from(const rec_generator *g, const job *j, size_t first)
{
    size_t before = 0;
    if (j->request.vectors == NULL)
        return NULL;
    for (size_t i = 0; i < first && i < j->request.n_prompt; i++)
        before += j->request.prompt[i] == REC_VECTOR_ID;
    return j->request.vectors + before * g->config->d_model;
}

/* Chunks of everything that has tokens to feed; prompts within the budget. */
static size_t collect(feed *feeds, rec_chunk *chunks, rec_generator *g)
{
    size_t n = 0, rows = 0, budget = g->limits.step_tokens;
    for (size_t i = 0; i < g->n_jobs; i++) {
        job *j = g->jobs[i];
        for (size_t s = 0; j->running && s < j->n_sequences; s++) {
            rec_sequence *sequence = &j->sequences[s];
            size_t pending = rec_sequence_n_pending(sequence), first = sequence->cache.length;
            if (pending > 1 &&
                j->n_sequences == 1) { /* beams move together, single tokens always */
                pending = pending < budget ? pending : budget;
                budget -= pending;
            }
            if (pending == 0)
                continue;
            chunks[n] = (rec_chunk){.ids = sequence->tokens.ids + first,
                                    .n = pending,
                                    .vectors = vectors_from(g, j, first),
                                    .cache = &sequence->cache};
            rows += pending;
            feeds[n++] = (feed){.job = j, .sequence = sequence, .row = rows - 1};
        }
        j->n_passes += j->running;
    }
    g->n_fed += rows;
    return n;
}

/* Running jobs fit by reservation; retained ones give way. One page more per sequence, since a shared
 * last page is copied when it is written to. */
static void make_cache_room(rec_generator *g, const rec_chunk *chunks, size_t n)
{
    size_t pages = n;
    for (size_t i = 0; i < n; i++)
        pages += pages_for(chunks[i].cache->length + chunks[i].n) - chunks[i].cache->n_pages;
    while (g->n_kept > 0 && rec_kv_pool_room(g->pool) < pages * REC_KV_PAGE)
        drop_retained(g, 0);
}

/* ---- choosing ---- */

/* Logits of one sequence: over the vocabulary, or over a few allowed ids. */
typedef struct choice {
    rec_next_ids allowed;
    float *logits; /* (vocab_size), or (allowed.n) when `few` */
    bool few;
} choice;

static rec_status needs_all_logits(bool *all, choice *c, const feed *f, rec_error *err)
{
    rec_status status = REC_OK;
    *c = (choice){.allowed = {.free = true}};
    if (f->sequence->constraint != NULL)
        status = rec_constraint_allowed(&c->allowed, f->sequence->constraint, err);
    c->few = !c->allowed.free && c->allowed.n <= FEW_CHOICES;
    *all = !c->few;
    return status;
}

/* Logits for every sequence that is ready: one product for all that need the whole vocabulary. */
static rec_status compute_logits(choice *choices, rec_generator *g, const feed *ready, size_t n,
                                 const float *hidden, rec_error *err)
{
    size_t d = g->config->d_model, vocab = g->config->vocab_size, n_all = 0;
    rec_status status = REC_OK;
    float *rows = rec_arena_alloc(&g->arena, n * d, sizeof *rows, err);
    float *scratch =
        rec_arena_alloc(&g->arena, rec_engine_logits_scratch(g->engine), sizeof *scratch, err);
    if (rows == NULL || scratch == NULL)
        return REC_ERR_RESOURCE;
    for (size_t i = 0; i < n; i++) {
        bool all = false;
        const float *state = hidden + ready[i].row * d;
        REC_TRY(needs_all_logits(&all, &choices[i], &ready[i], err));
        if (all) {
            memcpy(rows + n_all++ * d, state, d * sizeof *rows);
            continue;
        }
        choices[i].logits = rec_arena_alloc(&g->arena, choices[i].allowed.n, sizeof(float), err);
        if (choices[i].logits == NULL)
            return REC_ERR_RESOURCE;
        rec_engine_logits_of(choices[i].logits, g->engine, state, choices[i].allowed.ids,
                             choices[i].allowed.n, scratch);
    }
    float *logits =
        n_all > 0 ? rec_arena_alloc(&g->arena, n_all * vocab, sizeof *logits, err) : NULL;
    if (n_all > 0 && logits == NULL)
        return REC_ERR_RESOURCE;
    if (n_all > 0)
        REC_TRY(rec_engine_logits(logits, g->engine, rows, d, n_all, &g->arena, err));
    for (size_t i = 0, at = 0; i < n; i++) {
        if (!choices[i].few)
            choices[i].logits = logits + at++ * vocab;
    }
cleanup:
    return status;
}

/* Keep the allowed logits only, in the order of their ids. */
static void narrow(choice *c)
{
    if (c->few || c->allowed.free)
        return;
    for (size_t i = 0; i < c->allowed.n;
         i++) /* ids ascend: never overwrites what is still needed */
        c->logits[i] = c->logits[c->allowed.ids[i]];
    c->few = true;
}

static rec_status penalise(choice *c, rec_sequence *s, double penalty, size_t vocab, rec_error *err)
{
    if (penalty == 1.0)
        return REC_OK;
    rec_status status = rec_sequence_update_seen(s, vocab, err);
    if (status != REC_OK)
        return status;
    if (!c->few) {
        rec_penalise(c->logits, vocab, s->seen, s->n_seen, penalty);
        return REC_OK;
    }
    for (size_t i = 0; i < c->allowed.n; i++) {
        uint32_t id = c->allowed.ids[i];
        if (s->bits[id / 8] >> id % 8 & 1)
            rec_penalise(&c->logits[i], 1, &(uint32_t){0}, 1, penalty);
    }
    return REC_OK;
}

/* The alternatives of the token that is about to be chosen. */
static rec_status keep_top(rec_generator *g, rec_sequence *s, size_t n_top, const float *logits,
                           size_t n, const uint32_t *ids, double log_sum, rec_error *err)
{
    rec_token_chance *top = rec_arena_alloc(&g->arena, n_top, sizeof *top, err);
    if (top == NULL)
        return REC_ERR_RESOURCE;
    s->top = top;
    s->n_top = rec_top_chances(top, n_top, logits, n, ids, log_sum);
    return REC_OK;
}

/* Log-probabilities are those of the model, before penalty and temperature. */
static rec_status choose(rec_generator *g, feed *f, choice *c, const float *hidden, rec_error *err)
{
    const rec_generation *r = &f->job->request;
    size_t index = 0, vocab = g->config->vocab_size;
    const float *raw = NULL;
    double log_sum = 0.0;
    rec_status status = REC_OK;
    narrow(c);
    size_t n = c->few ? c->allowed.n : vocab;
    if (r->logprobs || r->on_view != NULL) {
        float *copy = rec_arena_alloc(&g->arena, n, sizeof *copy, err);
        if (copy == NULL)
            return REC_ERR_RESOURCE;
        raw = memcpy(copy, c->logits, n * sizeof *copy);
        log_sum = rec_log_sum_exp(raw, n);
    }
    if (r->on_view != NULL)
        REC_TRY(keep_top(g, f->sequence, r->n_top, raw, n, c->few ? c->allowed.ids : NULL, log_sum,
                         err));
    REC_TRY(penalise(c, f->sequence, r->sampling.repetition_penalty, vocab, err));
    REC_TRY(
        rec_sample_token(&index, c->logits, n, &r->sampling, &f->sequence->rng, &g->arena, err));
    g->n_chosen++;
    status = rec_sequence_accept(f->sequence, r, g->config,
                                 c->few ? c->allowed.ids[index] : (uint32_t)index,
                                 raw != NULL ? (double)raw[index] - log_sum : 0.0,
                                 hidden + f->row * g->config->d_model, err);
cleanup:
    return status;
}

/* ---- finishing ---- */

/* The cache of a finished sequence stays for prompts that begin like it (a dialogue's next turn). */
static void retain(rec_generator *g, rec_sequence *s)
{
    if (s->cache.length < SHARE_MIN) {
        rec_kv_clear(&s->cache, g->pool);
        return;
    }
    if (g->n_kept == g->limits.n_slots)
        drop_retained(g, 0);
    g->kept[g->n_kept++] = (retained){.tokens = s->tokens, .cache = s->cache};
    s->tokens = (rec_token_list){.ids = NULL};
    s->cache = (rec_kv){.pages = NULL};
}

static rec_status finish_job(rec_generator *g, job *j, rec_error *err)
{
    rec_generation_result *result = &j->result;
    rec_status status = REC_OK;
    result->n_prompt = j->request.n_prompt;
    result->n_shared = j->n_shared;
    result->n_passes = j->n_passes;
    result->best = rec_alloc(j->request.n_best, sizeof *result->best, err);
    if (result->best == NULL)
        return REC_ERR_RESOURCE;
    if (j->request.n_beams > 1) {
        status = rec_hypotheses_take(result, &j->hypotheses, &j->request, g->tokenizer, err);
    } else {
        status =
            rec_sequence_result(&result->best[0], &j->sequences[0], &j->request, g->tokenizer, err);
        result->n_best = status == REC_OK;
        if (status == REC_OK)
            retain(g, &j->sequences[0]);
    }
    job_clear(j, g);
    j->done = true;
    return status;
}

static rec_status step_beams(rec_generator *g, job *j, choice *choices, size_t n, rec_error *err)
{
    bool ended = false;
    rec_beam_choice options[REC_MAX_BEAMS];
    assert(n == j->n_sequences);
    for (size_t i = 0; i < n; i++) {
        narrow(&choices[i]);
        options[i] =
            (rec_beam_choice){.ids = choices[i].few ? choices[i].allowed.ids : NULL,
                              .n = choices[i].few ? choices[i].allowed.n : g->config->vocab_size,
                              .logits = choices[i].logits};
    }
    g->n_chosen += n;
    rec_status status = rec_beam_step(&ended, j->sequences, &j->n_sequences, &j->hypotheses,
                                      options, &j->request, g->config, g->pool, err);
    return status == REC_OK && ended ? finish_job(g, j, err) : status;
}

static bool all_ready(const job *j)
{
    for (size_t s = 0; s < j->n_sequences; s++) {
        if (rec_sequence_n_pending(&j->sequences[s]) > 0)
            return false;
    }
    return true;
}

static void drop_job(rec_generator *g, const job *j)
{
    for (size_t i = 0; i < g->n_jobs; i++) {
        if (g->jobs[i] == j)
            remove_job(g, i);
    }
}

/* ---- views of prompts ---- */

static rec_status view_first_token(const rec_generation *r, rec_error *err)
{
    const rec_token_view view = {.is_prompt = true, .id = r->prompt[0], .logprob = NAN};
    return r->on_view(r->on_view_context, &view, err);
}

/* Every row of a prompt's chunk predicts the token behind it, but for the prompt's last one. */
static rec_status view_chunk(rec_generator *g, const feed *f, size_t n, const float *hidden,
                             rec_error *err)
{
    const rec_generation *r = &f->job->request;
    size_t d = g->config->d_model, start = f->sequence->cache.length - n;
    rec_status status = start == 0 ? view_first_token(r, err) : REC_OK;
    if (status != REC_OK || start + 1 >= r->n_prompt)
        return status;
    size_t n_next = r->n_prompt - start - 1 < n ? r->n_prompt - start - 1 : n;
    return rec_view_prompt(r, g->engine, hidden + (f->row + 1 - n) * d, r->prompt + start + 1,
                           n_next, &g->arena, err);
}

/* A request whose hook fails is dropped, the others go on. */
static rec_status view_prompts(rec_generator *g, feed *feeds, const rec_chunk *chunks, size_t n,
                               const float *hidden, rec_error *err)
{
    rec_status first = REC_OK;
    for (size_t i = 0; i < n; i++) {
        if (!views_prompt(&feeds[i].job->request))
            continue;
        rec_status status =
            view_chunk(g, &feeds[i], chunks[i].n, hidden, first == REC_OK ? err : NULL);
        if (status == REC_OK)
            continue;
        first = first == REC_OK ? status : first;
        drop_job(g, feeds[i].job);
        feeds[i].job = NULL;
    }
    return first;
}

/* ---- one step ---- */

/* Sequences whose last token was fed, job by job; beams move on together. */
static size_t ready_feeds(feed *ready, const feed *feeds, size_t n)
{
    size_t n_ready = 0;
    for (size_t i = 0; i < n; i++) {
        if (feeds[i].job != NULL && all_ready(feeds[i].job))
            ready[n_ready++] = feeds[i];
    }
    return n_ready;
}

static rec_status choose_for_job(rec_generator *g, feed *ready, choice *choices, size_t n,
                                 const float *hidden, rec_error *err)
{
    job *j = ready->job;
    if (j->request.n_beams > 1)
        return step_beams(g, j, choices, n, err);
    rec_status status = choose(g, ready, choices, hidden, err);
    return status == REC_OK && ready->sequence->finished ? finish_job(g, j, err) : status;
}

/* A request that fails is dropped; the others, whose states are here now, go on. */
static rec_status choose_all(rec_generator *g, feed *ready, choice *choices, size_t n,
                             const float *hidden, rec_error *err)
{
    rec_status first = REC_OK;
    for (size_t i = 0, of_job; i < n; i += of_job) {
        job *j = ready[i].job;
        for (of_job = 1; i + of_job < n && ready[i + of_job].job == j;)
            of_job++;
        rec_status status =
            choose_for_job(g, &ready[i], &choices[i], of_job, hidden, first == REC_OK ? err : NULL);
        if (status == REC_OK)
            continue;
        first = first == REC_OK ? status : first;
        drop_job(g, j);
    }
    return first;
}

static rec_status step(rec_generator *g, rec_error *err)
{
    size_t room = g->limits.n_slots, n;
    rec_status status = REC_OK, viewed;
    feed *feeds = rec_arena_alloc(&g->arena, 2 * room, sizeof *feeds, err), *ready = feeds + room;
    rec_chunk *chunks = rec_arena_alloc(&g->arena, room, sizeof *chunks, err);
    choice *choices = rec_arena_alloc(&g->arena, room, sizeof *choices, err);
    float *hidden = NULL;
    if (feeds == NULL || chunks == NULL || choices == NULL)
        return REC_ERR_RESOURCE;
    REC_TRY(admit_all(g, err));
    n = collect(feeds, chunks, g);
    if (n == 0)
        return REC_OK;
    make_cache_room(g, chunks, n);
    REC_TRY(rec_engine_forward(&hidden, g->engine, g->pool, chunks, n, &g->arena, err));
    viewed = view_prompts(g, feeds, chunks, n, hidden, err);
    n = ready_feeds(ready, feeds, n);
    REC_TRY(compute_logits(choices, g, ready, n, hidden, err));
    REC_TRY(choose_all(g, ready, choices, n, hidden, viewed == REC_OK ? err : NULL));
    status = viewed;
cleanup:
    return status;
}

rec_status rec_generator_step(bool *busy, rec_generator *g, rec_error *err)
{
    rec_arena_mark mark = rec_arena_get_mark(&g->arena);
    rec_status status = rec_interrupt_check(err);
    if (status == REC_OK)
        status = step(g, err);
    rec_arena_rewind(&g->arena, mark);
    *busy = false;
    for (size_t i = 0; i < g->n_jobs; i++)
        *busy |= !g->jobs[i]->done;
    return status;
}

rec_status rec_generate(rec_generation_result *results, rec_generator *g,
                        const rec_generation *requests, size_t n, rec_error *err)
{
    rec_status status = REC_OK;
    bool busy = true;
    uint64_t *tickets;
    size_t n_added = 0;
    REC_TRY_NEW(tickets, n, err);
    for (size_t i = 0; i < n; i++)
        results[i] = (rec_generation_result){.best = NULL};
    for (; n_added < n; n_added++)
        REC_TRY(rec_generator_add(&tickets[n_added], g, &requests[n_added], err));
    while (busy)
        REC_TRY(rec_generator_step(&busy, g, err));
    for (size_t i = 0; i < n; i++)
        rec_generator_take(&results[i], g, tickets[i]);
cleanup:
    for (size_t i = 0; status != REC_OK && i < n_added; i++)
        rec_generator_cancel(g, tickets[i]);
    free(tickets);
    return status;
}
