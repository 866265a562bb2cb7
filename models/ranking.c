/* Requests are cut into tiles of a fixed number of rows; a tile is scored in blocks of items and
 * each row's best k run along (models/top_k.h). Scores of a whole row are kept only where a target's
 * place in the full order, or a model without item vectors, needs them. */
#include "models/ranking.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/blas.h"
#include "core/memory.h"
#include "core/parallel.h"
#include "core/scan.h"

enum {
    BLOCK_ITEMS = 512,    /* a block of scores (ROWS_GEMM x BLOCK_ITEMS) stays in the L2 cache */
    ROWS_GEMM = 256,      /* rows of one product: packing the items costs 1 / rows of the work */
    ROWS_SCORED = 64,     /* queries a model without item vectors gets at once */
    ROW_FLOATS = 1 << 22, /* at most this many scores per thread where whole rows are kept, ... */
    ROWS_MIN = 8,         /* ... or this many rows */
    SMALL_SORT = 48,
};

#define NO_POSITION UINT32_MAX

typedef struct ranking {
    const rec_recommender *type;
    const void *self;
    const rec_rank_request *requests;
    size_t n, n_items, tile_rows;
    rec_ties ties;
    rec_item_table table; /* rows NULL: no item vectors */
    rec_ranked *out;
    rec_arena *arenas; /* one per thread */
} ranking;

/* A request being ranked. */
typedef struct row {
    rec_top top;
    const uint32_t *excluded;    /* ascending */
    size_t n_excluded, n_masked; /* all, and those already masked */
} row;

typedef struct tile {
    const ranking *job;
    rec_arena *arena;
    size_t first, n; /* requests first .. first + n - 1 */
    rec_query *queries;
    row *rows;
    float *vectors; /* (tile_rows, dim) of a model with item vectors; rows past n are 0 */
    float *scores;  /* (tile_rows, ld) */
    size_t ld;      /* n_items where whole rows are kept, else BLOCK_ITEMS */
} tile;

static const rec_rank_request *request_of(const tile *t, size_t r)
{
    return &t->job->requests[t->first + r];
}

static int compare_items(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* Histories are mostly short: insertion sort beats qsort's calls there. */
static void sort_items(uint32_t *items, size_t n)
{
    if (n > SMALL_SORT) {
        qsort(items, n, sizeof *items, compare_items);
        return;
    }
    for (size_t i = 1; i < n; i++) {
        uint32_t item = items[i];
        size_t j = i;
        for (; j > 0 && items[j - 1] > item; j--)
            items[j] = items[j - 1];
        items[j] = item;
    }
}

/* Ascending copy in the arena; NULL on failure. */
static uint32_t *sorted_copy(const tile *t, const uint32_t *items, size_t n, rec_error *err)
{
    uint32_t *copy = rec_arena_alloc(t->arena, n, sizeof *copy, err);
    if (copy == NULL)
        return NULL;
    for (size_t i = 0; i < n; i++) {
        assert(items[i] < t->job->n_items);
        copy[i] = items[i];
    }
    sort_items(copy, n);
    return copy;
}

/* The targets among the ascending positions that may be moved inside their tie group. */
static rec_status mark_moved(row *x, const tile *t, const uint32_t *positions, size_t n,
                             rec_error *err)
{
    if (t->job->ties != REC_TIES_OPTIMISTIC && t->job->ties != REC_TIES_PESSIMISTIC)
        return REC_OK;
    uint32_t *moved = rec_arena_alloc(t->arena, n, sizeof *moved, err);
    if (moved == NULL)
        return REC_ERR_RESOURCE;
    size_t n_moved = 0;
    for (size_t i = 0; i < n; i++)
        if (positions[i] != NO_POSITION)
            moved[n_moved++] = positions[i];
    sort_items(moved, n_moved);
    x->top.moved = moved;
    x->top.n_moved = n_moved;
    x->top.moved_first = t->job->ties == REC_TIES_OPTIMISTIC;
    return REC_OK;
}

static rec_status row_init(row *x, const tile *t, size_t r, rec_error *err)
{
    const rec_rank_request *q = request_of(t, r);
    rec_ranked *out = t->job->out;
    size_t slot = (t->first + r) * out->k;
    rec_top_init(&x->top, out->items + slot, out->scores + slot, out->k);
    x->n_excluded = q->n_excluded;
    x->n_masked = 0;
    x->excluded = sorted_copy(t, q->excluded, q->n_excluded, err);
    if (x->excluded == NULL)
        return REC_ERR_RESOURCE;
    for (size_t i = 0; i < q->n_targets; i++)
        assert(q->targets[i] < t->job->n_items);
    return q->candidates == NULL ? mark_moved(x, t, q->targets, q->n_targets, err) : REC_OK;
}

/* Whole rows are kept for targets that are ranked against the catalogue. */
static bool keeps_rows(const tile *t)
{
    if (t->job->table.rows == NULL)
        return true;
    for (size_t r = 0; r < t->n; r++)
        if (request_of(t, r)->candidates == NULL && request_of(t, r)->n_targets > 0)
            return true;
    return false;
}

static rec_status tile_init(tile *t, const ranking *job, size_t index, rec_error *err)
{
    *t = (tile){.job = job, .first = index * job->tile_rows};
    t->arena = &job->arenas[rec_parallel_thread()];
    t->n = job->n - t->first < job->tile_rows ? job->n - t->first : job->tile_rows;
    t->ld = keeps_rows(t) || job->n_items < BLOCK_ITEMS ? job->n_items : BLOCK_ITEMS;
    t->queries = rec_arena_alloc(t->arena, t->n, sizeof *t->queries, err);
    t->rows = rec_arena_alloc(t->arena, t->n, sizeof *t->rows, err);
    t->vectors =
        rec_arena_alloc(t->arena, job->tile_rows * job->table.dim, sizeof *t->vectors, err);
    t->scores = rec_arena_alloc(t->arena, job->tile_rows * t->ld, sizeof *t->scores, err);
    if (t->queries == NULL || t->rows == NULL || t->vectors == NULL || t->scores == NULL)
        return REC_ERR_RESOURCE;
    for (size_t r = 0; r < t->n; r++) {
        t->queries[r] = request_of(t, r)->query;
        rec_status status = row_init(&t->rows[r], t, r, err);
        if (status != REC_OK)
            return status;
    }
    return REC_OK;
}

/* Take the scores of positions first .. first + n - 1 (items, or places among the candidates). */
static void row_take(row *x, float *scores, size_t first, size_t n)
{
    for (; x->n_masked < x->n_excluded && x->excluded[x->n_masked] < first + n; x->n_masked++)
        scores[x->excluded[x->n_masked] - first] = -INFINITY;
    rec_top_scan(&x->top, scores, n, (uint32_t)first);
}

static rec_status score_rows(const tile *t, rec_error *err)
{
    const ranking *job = t->job;
    rec_status status = job->type->score(t->scores, job->self, t->queries, t->n, err);
    if (status != REC_OK)
        return status;
    for (size_t r = 0; r < t->n; r++)
        if (request_of(t, r)->candidates == NULL)
            row_take(&t->rows[r], t->scores + r * t->ld, 0, job->n_items);
    return REC_OK;
}

/* Scores of one block of items for the whole tile. The product always has tile_rows rows: the last
 * bits of a row would otherwise depend on how many requests share its tile. */
static void score_block(const tile *t, float *block, size_t first, size_t n)
{
    const rec_item_table *table = &t->job->table;
    rec_gemm_nt(block, t->ld, t->vectors, table->dim, table->rows + first * table->dim, table->dim,
                t->job->tile_rows, n, table->dim, 1.0f, 0.0f);
    if (table->bias == NULL)
        return;
    for (size_t r = 0; r < t->n; r++)
        rec_add(block + r * t->ld, table->bias + first, n);
}

static bool ranks_catalogue(const tile *t)
{
    for (size_t r = 0; r < t->n; r++)
        if (request_of(t, r)->candidates == NULL)
            return true;
    return false;
}

static rec_status score_blocks(const tile *t, rec_error *err)
{
    const ranking *job = t->job;
    size_t n_items = job->n_items, dim = job->table.dim;
    rec_status status = job->type->encode(t->vectors, job->self, t->queries, t->n, err);
    if (status != REC_OK || !ranks_catalogue(t))
        return status;
    memset(t->vectors + t->n * dim, 0, (job->tile_rows - t->n) * dim * sizeof *t->vectors);
    for (size_t first = 0; first < n_items; first += BLOCK_ITEMS) {
        size_t n = n_items - first < BLOCK_ITEMS ? n_items - first : BLOCK_ITEMS;
        float *block = t->scores + (t->ld == n_items ? first : 0);
        score_block(t, block, first, n);
        for (size_t r = 0; r < t->n; r++)
            if (request_of(t, r)->candidates == NULL)
                row_take(&t->rows[r], block + r * t->ld, first, n);
    }
    return REC_OK;
}

/* Members of the target's group of equal scores that stand before it. */
static size_t tied_before(const tile *t, const float *scores, const uint32_t *positions,
                          size_t n_targets, uint32_t at, size_t n_equal)
{
    size_t unused, before = 0, after = 0;
    if (t->job->ties != REC_TIES_OPTIMISTIC && t->job->ties != REC_TIES_PESSIMISTIC) {
        rec_scan_count(&unused, &before, scores, at, scores[at]);
        return before;
    }
    for (size_t i = 0; i < n_targets; i++) {
        bool tied = positions[i] != NO_POSITION && scores[positions[i]] == scores[at];
        before += tied && positions[i] < at;
        after += tied && positions[i] > at;
    }
    return t->job->ties == REC_TIES_OPTIMISTIC ? before : n_equal - 1 - after;
}

/* Places of the targets in the full order of one row's scores (n). */
static void place_targets(const tile *t, size_t r, const float *scores, size_t n,
                          const uint32_t *positions)
{
    const rec_rank_request *q = request_of(t, r);
    rec_target_rank *out = t->job->out->target_ranks + t->job->out->target_start[t->first + r];
    for (size_t i = 0; i < q->n_targets; i++) {
        uint32_t at = positions[i];
        if (at == NO_POSITION || scores[at] == -INFINITY)
            continue; /* stays 0: not ranked */
        size_t n_above, n_equal;
        rec_scan_count(&n_above, &n_equal, scores, n, scores[at]);
        size_t before = tied_before(t, scores, positions, q->n_targets, at, n_equal);
        out[i] = (rec_target_rank){.rank = (uint32_t)(n_above + before + 1),
                                   .n_above = (uint32_t)n_above,
                                   .n_equal = (uint32_t)n_equal};
    }
}

/* Place of an item among ascending items, or NO_POSITION. */
static uint32_t position_in(const uint32_t *items, size_t n, uint32_t item)
{
    const uint32_t *found = n > 0 ? bsearch(&item, items, n, sizeof *items, compare_items) : NULL;
    return found != NULL ? (uint32_t)(found - items) : NO_POSITION;
}

/* Items to their places among the candidates; absent ones are dropped. Returns the number left. */
static size_t to_positions(uint32_t *items, size_t n, const uint32_t *candidates,
                           size_t n_candidates)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t at = position_in(candidates, n_candidates, items[i]);
        if (at != NO_POSITION)
            items[kept++] = at;
    }
    return kept;
}

static float candidate_score(const tile *t, size_t r, uint32_t item)
{
    const rec_item_table *table = &t->job->table;
    if (table->rows == NULL)
        return t->scores[r * t->ld + item];
    float score = rec_dot(t->vectors + r * table->dim, table->rows + item * table->dim, table->dim);
    return table->bias != NULL ? score + table->bias[item] : score;
}

/* Rank one request's candidates: a row whose position i is its i-th smallest candidate. */
static rec_status rank_candidates(const tile *t, size_t r, rec_error *err)
{
    const rec_rank_request *q = request_of(t, r);
    row *x = &t->rows[r];
    size_t n = q->n_candidates;
    uint32_t *candidates = sorted_copy(t, q->candidates, n, err);
    float *scores = rec_arena_alloc(t->arena, n, sizeof *scores, err);
    uint32_t *positions = rec_arena_alloc(t->arena, q->n_targets, sizeof *positions, err);
    uint32_t *excluded = rec_arena_alloc(t->arena, x->n_excluded, sizeof *excluded, err);
    if (candidates == NULL || scores == NULL || positions == NULL || excluded == NULL)
        return REC_ERR_RESOURCE;
    for (size_t i = 0; i < n; i++)
        scores[i] = candidate_score(t, r, candidates[i]);
    for (size_t i = 0; i < q->n_targets; i++)
        positions[i] = position_in(candidates, n, q->targets[i]);
    memcpy(excluded, x->excluded, x->n_excluded * sizeof *excluded);
    x->n_excluded = to_positions(excluded, x->n_excluded, candidates, n);
    x->excluded = excluded;
    rec_status status = mark_moved(x, t, positions, q->n_targets, err);
    if (status != REC_OK)
        return status;
    row_take(x, scores, 0, n);
    place_targets(t, r, scores, n, positions);
    for (size_t i = 0; i < x->top.n; i++) /* the tie bit rides along */
        x->top.items[i] =
            candidates[x->top.items[i] & ~REC_TOP_LAST] | (x->top.items[i] & REC_TOP_LAST);
    if (x->top.nan_item != UINT32_MAX)
        x->top.nan_item = candidates[x->top.nan_item];
    return REC_OK;
}

/* In the names of the outside where the request has them. */
static rec_status fail_nan(const tile *t, size_t r, rec_error *err)
{
    const rec_rank_request *q = request_of(t, r);
    uint32_t item = t->rows[r].top.nan_item;
    char name[32], item_name[16];
    snprintf(name, sizeof name, "query %zu", t->first + r);
    snprintf(item_name, sizeof item_name, "%u", (unsigned)item);
    return rec_fail(err, REC_ERR_MODEL, "%s: %s%s: the score of item %s is NaN", t->job->type->name,
                    q->name != NULL ? "user " : "", q->name != NULL ? q->name : name,
                    q->item_names != NULL ? q->item_names[item] : item_name);
}

static rec_status row_finish(const tile *t, size_t r, rec_error *err)
{
    const rec_rank_request *q = request_of(t, r);
    rec_top *top = &t->rows[r].top;
    rec_ranked *out = t->job->out;
    if (q->candidates != NULL) {
        rec_status status = rank_candidates(t, r, err);
        if (status != REC_OK)
            return status;
    } else if (q->n_targets > 0) {
        place_targets(t, r, t->scores + r * t->ld, t->job->n_items, q->targets);
    }
    if (top->nan_item != UINT32_MAX)
        return fail_nan(t, r, err);
    rec_top_finish(top);
    for (size_t i = top->n; i < top->k; i++)
        top->items[i] = REC_NO_ITEM;
    out->n_ranked[t->first + r] = (uint32_t)top->n;
    out->n_pool[t->first + r] = (uint32_t)(top->n_seen - top->n_never);
    return REC_OK;
}

static rec_status rank_tile(void *context, size_t index, rec_error *err)
{
    const ranking *job = context;
    rec_arena *arena = &job->arenas[rec_parallel_thread()];
    rec_arena_mark mark = rec_arena_get_mark(arena);
    tile t;
    rec_status status;
    REC_TRY(tile_init(&t, job, index, err));
    REC_TRY(job->table.rows != NULL ? score_blocks(&t, err) : score_rows(&t, err));
    for (size_t r = 0; r < t.n; r++)
        REC_TRY(row_finish(&t, r, err));
cleanup:
    rec_arena_rewind(arena, mark);
    return status;
}

/* A function of the catalogue alone, never of the thread count or of what is asked. */
static size_t rows_per_tile(bool has_vectors, size_t n_items)
{
    size_t most = has_vectors ? ROWS_GEMM : ROWS_SCORED;
    size_t rows = ROW_FLOATS / (n_items > 0 ? n_items : 1);
    if (rows < ROWS_MIN)
        rows = ROWS_MIN;
    return rows < most ? rows : most;
}

static rec_status ranked_init(rec_ranked *out, const rec_rank_request *requests, size_t n, size_t k,
                              rec_error *err)
{
    rec_status status = REC_OK;
    size_t n_slots;
    *out = (rec_ranked){.k = k, .n = n};
    if (__builtin_mul_overflow(n, k, &n_slots))
        return rec_fail(err, REC_ERR_RESOURCE, "%zu lists of %zu items do not fit in memory", n, k);
    REC_TRY_NEW(out->items, n_slots, err);
    REC_TRY_NEW(out->scores, n_slots, err);
    REC_TRY_NEW(out->n_ranked, n, err);
    REC_TRY_NEW(out->n_pool, n, err);
    REC_TRY_NEW(out->target_start, n + 1, err);
    for (size_t i = 0; i < n; i++)
        out->target_start[i + 1] = out->target_start[i] + requests[i].n_targets;
    REC_TRY_NEW(out->target_ranks, out->target_start[n], err);
cleanup:
    return status;
}

rec_status rec_rank(rec_ranked *out, const rec_recommender *type, const void *self,
                    const rec_rank_request *requests, size_t n, size_t k, rec_ties ties,
                    size_t n_items, rec_error *err)
{
    rec_status status = REC_OK;
    size_t n_threads = rec_parallel_threads();
    ranking job = {
        .type = type, .self = self, .requests = requests, .n = n, .ties = ties, .out = out};
    assert(n_items < REC_TOP_LAST);
    job.n_items = n_items;
    if (type->encode != NULL)
        job.table = type->item_table(self);
    assert(job.table.rows == NULL || job.table.n_items == n_items);
    job.tile_rows = rows_per_tile(job.table.rows != NULL, n_items);
    REC_TRY(ranked_init(out, requests, n, k, err));
    REC_TRY_NEW(job.arenas, n_threads, err);
    REC_TRY(rec_parallel_tiles((n + job.tile_rows - 1) / job.tile_rows, rank_tile, &job, err));
cleanup:
    for (size_t i = 0; job.arenas != NULL && i < n_threads; i++)
        rec_arena_deinit(&job.arenas[i]);
    free(job.arenas);
    if (status != REC_OK)
        rec_ranked_deinit(out);
    return status;
}

void rec_ranked_deinit(rec_ranked *r)
{
    free(r->items);
    free(r->scores);
    free(r->n_ranked);
    free(r->n_pool);
    free(r->target_start);
    free(r->target_ranks);
    *r = (rec_ranked){.n = 0};
}
