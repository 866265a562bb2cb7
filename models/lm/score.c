#include "models/lm/score.h"

#include <string.h>

#include "core/interrupt.h"
#include "core/parallel.h"
#include "models/lm/kernels.h"

enum { SHARE_MIN = REC_KV_PAGE, MAX_GROUP = 64, STEP_TOKENS = 1024, LOGIT_ROWS = 32 };

static size_t first_scored(const rec_score_request *r)
{
    return r->first > 0 ? r->first : 1;
}

/* ---- groups ---- */

/* Consecutive requests that share their first n_common tokens (0: a group of one). */
typedef struct group {
    const rec_score_request *requests;
    float *const *logprobs;
    size_t n, n_common;
} group;

static size_t common(const rec_score_request *a, const rec_score_request *b, size_t most)
{
    size_t i = 0;
    while (i < most && i < a->n && i < b->n && a->ids[i] == b->ids[i] && a->ids[i] != REC_VECTOR_ID)
        i++;
    return i;
}

/* What may be shared: tokens before the one whose state predicts the first scored one. */
static size_t sharable(const rec_score_request *r)
{
    size_t first = first_scored(r);
    return first - 1 < r->n ? first - 1 : r->n;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static group next_group(const rec_score_request *requests, float *const *logprobs, size_t n)
{
    size_t shared = sharable(&requests[0]), size = 1;
    for (; size < n && size < MAX_GROUP; size++) {
        size_t with =
            least(common(&requests[0], &requests[size], shared), sharable(&requests[size]));
        if (with < SHARE_MIN || 2 * with < shared)
            break;
        shared = with;
    }
    return (group){
        .requests = requests, .logprobs = logprobs, .n = size, .n_common = size > 1 ? shared : 0};
}

size_t rec_score_cache_tokens(const rec_score_request *requests, size_t n)
{
    size_t most = 0;
    for (size_t i = 0; i < n;) {
        group g = next_group(requests + i, NULL, n - i);
        size_t tokens = g.n_common + REC_KV_PAGE;
        for (size_t j = 0; j < g.n; j++)
            tokens += g.requests[j].n - g.n_common + 2 * REC_KV_PAGE;
        most = tokens > most ? tokens : most;
        i += g.n;
    }
    return most;
}

/* ---- log-probabilities of one pass ---- */

/* A hidden state and the token it is asked about. */
typedef struct question {
    const float *hidden;
    uint32_t id;
    float *answer;
} question;

typedef struct answers {
    const question *questions;
    const float *logits;
    size_t vocab;
} answers;

static rec_status answer(void *context, size_t i, rec_error *err)
{
    const answers *a = context;
    const float *row = a->logits + i * a->vocab;
    (void)err;
    *a->questions[i].answer =
        (float)((double)row[a->questions[i].id] - rec_log_sum_exp(row, a->vocab));
    return REC_OK;
}

static rec_status answer_all(const question *questions, size_t n, rec_engine *e, rec_arena *arena,
                             rec_error *err)
{
    const rec_lm_config *c = rec_engine_config(e);
    size_t d = c->d_model, rows = least(n, LOGIT_ROWS);
    rec_status status = REC_OK;
    float *states = rec_arena_alloc(arena, rows * d, sizeof *states, err);
    float *logits = rec_arena_alloc(arena, rows * c->vocab_size, sizeof *logits, err);
    if (states == NULL || logits == NULL)
        return REC_ERR_RESOURCE;
    for (size_t i = 0; i < n && status == REC_OK; i += LOGIT_ROWS) {
        size_t m = least(n - i, LOGIT_ROWS);
        answers a = {.questions = questions + i, .logits = logits, .vocab = c->vocab_size};
        for (size_t r = 0; r < m; r++)
            memcpy(states + r * d, questions[i + r].hidden, d * sizeof *states);
        status = rec_engine_logits(logits, e, states, d, m, arena, err);
        if (status == REC_OK)
            status = rec_parallel_tiles(m, answer, &a, err);
    }
    return status;
}

/* ---- running a group ---- */

typedef struct member {
    rec_kv cache;
    size_t fed; /* tokens */
} member;

/* Questions about the tokens that follow those of a chunk. */
static size_t ask(question *out, const rec_score_request *r, float *logprobs, const float *hidden,
                  size_t start, size_t n, size_t d)
{
    size_t first = first_scored(r), n_out = 0;
    for (size_t t = start; t < start + n; t++) {
        if (t + 1 >= first && t + 1 < r->n)
            out[n_out++] = (question){.hidden = hidden + (t - start) * d,
                                      .id = r->ids[t + 1],
                                      .answer = &logprobs[t + 1 - first]};
    }
    return n_out;
}

static rec_status feed_prefix(rec_kv *prefix, rec_engine *e, rec_kv_pool *pool, const group *g,
                              rec_arena *arena, rec_error *err)
{
    rec_status status = REC_OK;
    while (prefix->length < g->n_common && status == REC_OK) {
        rec_arena_mark mark = rec_arena_get_mark(arena);
        float *hidden;
        rec_chunk chunk = {.ids = g->requests[0].ids + prefix->length,
                           .n = least(g->n_common - prefix->length, STEP_TOKENS),
                           .cache = prefix};
        status = rec_engine_forward(&hidden, e, pool, &chunk, 1, arena, err);
        rec_arena_rewind(arena, mark);
    }
    return status;
}

/* One pass over as many members as fit into STEP_TOKENS. The last token of a sequence predicts
 * nothing that is asked for. */
static rec_status feed_members(bool *done, member *members, rec_engine *e, rec_kv_pool *pool,
                               const group *g, rec_arena *arena, rec_error *err)
{
    size_t d = rec_engine_config(e)->d_model, n_chunks = 0, n_questions = 0, budget = STEP_TOKENS;
    size_t index[MAX_GROUP];
    rec_chunk chunks[MAX_GROUP];
    float *hidden = NULL;
    rec_status status = REC_OK;
    for (size_t i = 0; i < g->n && budget > 0; i++) {
        const rec_score_request *r = &g->requests[i];
        size_t fed = members[i].fed, n = r->n > 0 ? r->n - 1 : 0;
        if (fed >= n)
            continue;
        /* vectors stand before `first`: a chunk from the beginning has them all */
        n = r->vectors != NULL ? n - fed : least(n - fed, budget);
        chunks[n_chunks] = (rec_chunk){
            .ids = r->ids + fed, .n = n, .vectors = r->vectors, .cache = &members[i].cache};
        index[n_chunks++] = i;
        budget -= least(n, budget);
    }
    *done = n_chunks == 0;
    if (*done)
        return REC_OK;
    REC_TRY(rec_engine_forward(&hidden, e, pool, chunks, n_chunks, arena, err));
    size_t n_rows = 0;
    for (size_t c = 0; c < n_chunks; c++)
        n_rows += chunks[c].n;
    question *questions = rec_arena_alloc(arena, n_rows, sizeof *questions, err);
    if (questions == NULL)
        return REC_ERR_RESOURCE;
    for (size_t c = 0; c < n_chunks; c++) {
        member *m = &members[index[c]];
        n_questions += ask(questions + n_questions, &g->requests[index[c]], g->logprobs[index[c]],
                           hidden, m->fed, chunks[c].n, d);
        hidden += chunks[c].n * d;
        m->fed += chunks[c].n;
        if (m->fed + 1 >= g->requests[index[c]].n)
            rec_kv_clear(&m->cache, pool);
    }
    status = answer_all(questions, n_questions, e, arena, err);
cleanup:
    return status;
}

static rec_status run_group(rec_engine *e, rec_kv_pool *pool, const group *g, rec_arena *arena,
                            rec_error *err)
{
    member members[MAX_GROUP];
    rec_kv prefix = {.pages = NULL};
    bool done = false;
    rec_status status = feed_prefix(&prefix, e, pool, g, arena, err);
    for (size_t i = 0; i < g->n; i++) {
        members[i] = (member){.fed = g->n_common};
        if (status == REC_OK && g->n_common > 0)
            status = rec_kv_share(&members[i].cache, pool, &prefix, g->n_common, err);
    }
    while (status == REC_OK && !done) {
        rec_arena_mark mark = rec_arena_get_mark(arena);
        status = rec_interrupt_check(err);
        if (status == REC_OK)
            status = feed_members(&done, members, e, pool, g, arena, err);
        rec_arena_rewind(arena, mark);
    }
    for (size_t i = 0; i < g->n; i++)
        rec_kv_clear(&members[i].cache, pool);
    rec_kv_clear(&prefix, pool);
    return status;
}

rec_status rec_score(float *const *logprobs, rec_engine *e, rec_kv_pool *pool,
                     const rec_score_request *requests, size_t n, rec_error *err)
{
    rec_arena arena = {.block_size = 0};
    rec_status status = REC_OK;
    for (size_t i = 0; i < n && status == REC_OK;) {
        group g = next_group(requests + i, logprobs + i, n - i);
        status = run_group(e, pool, &g, &arena, err);
        i += g.n;
    }
    rec_arena_deinit(&arena);
    return status;
}
