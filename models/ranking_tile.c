#include "models/ranking_tile.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/blas.h"
#include "core/parallel.h"
#include "core/scan.h"
#include "core/sorted.h"

const rec_rank_request *rec_rank_request_of(const rec_rank_tile *t, size_t r)
{
    return &t->job->requests[t->first + r];
}

bool rec_rank_tile_asks_catalogue(const rec_rank_tile *t)
{
    for (size_t r = 0; r < t->n; r++)
        if (rec_rank_request_of(t, r)->candidates == NULL)
            return true;
    return false;
}

/* ---- rows ---- */

/* Ascending copy in the arena; NULL on failure. */
static uint32_t *sorted_copy(const rec_rank_tile *t, const uint32_t *items, size_t n,
                             rec_error *err)
{
    uint32_t *copy = rec_arena_alloc(t->arena, n, sizeof *copy, err);
    if (copy == NULL)
        return NULL;
    for (size_t i = 0; i < n; i++) {
        assert(items[i] < t->job->n_items);
        copy[i] = items[i];
    }
    rec_sort_u32(copy, n);
    return copy;
}

static bool moves_targets(const rec_ranking *job)
{
    return job->ties == REC_TIES_OPTIMISTIC || job->ties == REC_TIES_PESSIMISTIC;
}

/* The targets among the ascending positions that may be moved inside their tie group. */
static rec_status mark_moved(rec_rank_row *x, const rec_rank_tile *t, const uint32_t *positions,
                             size_t n, rec_error *err)
{
    if (!moves_targets(t->job))
        return REC_OK;
    uint32_t *moved = rec_arena_alloc(t->arena, n, sizeof *moved, err);
    if (moved == NULL)
        return REC_ERR_RESOURCE;
    size_t n_moved = 0;
    for (size_t i = 0; i < n; i++)
        if (positions[i] != REC_NO_POSITION)
            moved[n_moved++] = positions[i];
    rec_sort_u32(moved, n_moved);
    x->top.moved = moved;
    x->top.n_moved = n_moved;
    x->top.moved_first = t->job->ties == REC_TIES_OPTIMISTIC;
    return REC_OK;
}

static rec_status row_init(rec_rank_row *x, const rec_rank_tile *t, size_t r, rec_error *err)
{
    const rec_rank_request *q = rec_rank_request_of(t, r);
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

rec_status rec_rank_tile_init(rec_rank_tile *t, const rec_ranking *job, size_t index,
                              rec_error *err)
{
    *t = (rec_rank_tile){.job = job, .first = index * job->tile_rows};
    t->arena = &job->arenas[rec_parallel_thread()];
    t->n = job->n - t->first < job->tile_rows ? job->n - t->first : job->tile_rows;
    t->queries = rec_arena_alloc(t->arena, t->n, sizeof *t->queries, err);
    t->rows = rec_arena_alloc(t->arena, t->n, sizeof *t->rows, err);
    t->vectors =
        rec_arena_alloc(t->arena, job->tile_rows * job->table.dim, sizeof *t->vectors, err);
    if (t->queries == NULL || t->rows == NULL || t->vectors == NULL)
        return REC_ERR_RESOURCE;
    for (size_t r = 0; r < t->n; r++) {
        t->queries[r] = rec_rank_request_of(t, r)->query;
        rec_status status = row_init(&t->rows[r], t, r, err);
        if (status != REC_OK)
            return status;
    }
    return REC_OK;
}

rec_status rec_rank_tile_encode(const rec_rank_tile *t, rec_error *err)
{
    const rec_ranking *job = t->job;
    size_t dim = job->table.dim;
    memset(t->vectors + t->n * dim, 0, (job->tile_rows - t->n) * dim * sizeof *t->vectors);
    return job->type->encode(t->vectors, job->self, t->queries, t->n, err);
}

/* ---- scores ---- */

void rec_rank_score_block(float *block, size_t ld, const rec_rank_tile *t, size_t first, size_t n)
{
    const rec_item_table *table = &t->job->table;
    rec_gemm_nt(block, ld, t->vectors, table->dim, table->rows + first * table->dim, table->dim,
                t->job->tile_rows, n, table->dim, 1.0f, 0.0f);
    if (table->bias == NULL)
        return;
    for (size_t r = 0; r < t->n; r++)
        rec_add(block + r * ld, table->bias + first, n);
}

void rec_rank_row_take(rec_rank_row *x, float *scores, size_t first, size_t n)
{
    for (; x->n_masked < x->n_excluded && x->excluded[x->n_masked] < first + n; x->n_masked++)
        scores[x->excluded[x->n_masked] - first] = -INFINITY;
    rec_top_scan(&x->top, scores, n, (uint32_t)first);
}

/* ---- places of targets in the full order ---- */

static void add(atomic_uint *sum, size_t n)
{
    if (n > 0) /* whole numbers: the same sum in any order */
        atomic_fetch_add_explicit(sum, (unsigned)n, memory_order_relaxed);
}

/* Elements before position `at` that equal its score. */
static size_t equal_before(const float *scores, size_t first, size_t n, size_t at, float score)
{
    size_t unused, before = 0;
    if (at > first)
        rec_scan_count(&unused, &before, scores, at - first < n ? at - first : n, score);
    return before;
}

void rec_rank_count(rec_target_count *counts, const rec_ranking *job, const uint32_t *positions,
                    const float *target_scores, size_t n_targets, const float *scores, size_t first,
                    size_t n)
{
    for (size_t i = 0; i < n_targets; i++) {
        if (target_scores[i] == -INFINITY)
            continue;
        size_t n_above, n_equal;
        rec_scan_count(&n_above, &n_equal, scores, n, target_scores[i]);
        add(&counts[i].above, n_above);
        add(&counts[i].equal, n_equal);
        if (n_equal > 0 && !moves_targets(job))
            add(&counts[i].before, equal_before(scores, first, n, positions[i], target_scores[i]));
    }
}

/* Members of the group of target i's equal scores that stand before it where targets move to one end
 * of their group and keep their order there. */
static size_t moved_before(const rec_ranking *job, const uint32_t *positions, const float *scores,
                           size_t n_targets, size_t i, size_t n_equal)
{
    size_t before = 0, after = 0;
    for (size_t j = 0; j < n_targets; j++) {
        before += scores[j] == scores[i] && positions[j] < positions[i];
        after += scores[j] == scores[i] && positions[j] > positions[i];
    }
    return job->ties == REC_TIES_OPTIMISTIC ? before : n_equal - 1 - after;
}

void rec_rank_place(const rec_rank_tile *t, size_t r, const rec_target_count *counts,
                    const uint32_t *positions, const float *target_scores)
{
    const rec_ranking *job = t->job;
    size_t n_targets = rec_rank_request_of(t, r)->n_targets;
    rec_target_rank *out = job->out->target_ranks + job->out->target_start[t->first + r];
    for (size_t i = 0; i < n_targets; i++) {
        if (target_scores[i] == -INFINITY)
            continue; /* stays 0: not ranked */
        uint32_t n_above = atomic_load_explicit(&counts[i].above, memory_order_relaxed);
        uint32_t n_equal = atomic_load_explicit(&counts[i].equal, memory_order_relaxed);
        size_t before = moves_targets(job)
                            ? moved_before(job, positions, target_scores, n_targets, i, n_equal)
                            : atomic_load_explicit(&counts[i].before, memory_order_relaxed);
        out[i] = (rec_target_rank){
            .rank = (uint32_t)(n_above + before + 1), .n_above = n_above, .n_equal = n_equal};
    }
}

rec_status rec_rank_place_in_row(const rec_rank_tile *t, size_t r, const float *scores, size_t n,
                                 const uint32_t *positions, rec_error *err)
{
    size_t n_targets = rec_rank_request_of(t, r)->n_targets;
    rec_arena_mark mark = rec_arena_get_mark(t->arena);
    rec_target_count *counts = rec_arena_alloc(t->arena, n_targets, sizeof *counts, err);
    float *target_scores = rec_arena_alloc(t->arena, n_targets, sizeof *target_scores, err);
    if (counts == NULL || target_scores == NULL)
        return REC_ERR_RESOURCE;
    memset(counts, 0, n_targets * sizeof *counts);
    for (size_t i = 0; i < n_targets; i++)
        target_scores[i] = positions[i] != REC_NO_POSITION ? scores[positions[i]] : -INFINITY;
    rec_rank_count(counts, t->job, positions, target_scores, n_targets, scores, 0, n);
    rec_rank_place(t, r, counts, positions, target_scores);
    rec_arena_rewind(t->arena, mark);
    return REC_OK;
}

/* ---- candidates ---- */

/* Place of an item among ascending items, or REC_NO_POSITION. */
static uint32_t position_in(const uint32_t *items, size_t n, uint32_t item)
{
    size_t at = rec_sorted_at(items, n, item);
    return at < n && items[at] == item ? (uint32_t)at : REC_NO_POSITION;
}

/* Items to their places among the candidates; absent ones are dropped. Returns the number left. */
static size_t to_positions(uint32_t *items, size_t n, const uint32_t *candidates,
                           size_t n_candidates)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t at = position_in(candidates, n_candidates, items[i]);
        if (at != REC_NO_POSITION)
            items[kept++] = at;
    }
    return kept;
}

static float candidate_score(const rec_rank_tile *t, size_t r, uint32_t item)
{
    const rec_item_table *table = &t->job->table;
    if (table->rows == NULL)
        return t->scores[r * t->ld + item];
    float score = rec_dot(t->vectors + r * table->dim, table->rows + item * table->dim, table->dim);
    return table->bias != NULL ? score + table->bias[item] : score;
}

/* Rank one request's candidates: a row whose position i is its i-th smallest candidate. */
static rec_status rank_candidates(const rec_rank_tile *t, size_t r, rec_error *err)
{
    const rec_rank_request *q = rec_rank_request_of(t, r);
    rec_rank_row *x = &t->rows[r];
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
    rec_rank_row_take(x, scores, 0, n);
    for (size_t i = 0; i < x->top.n; i++) /* the tie bit rides along */
        x->top.items[i] =
            candidates[x->top.items[i] & ~REC_TOP_LAST] | (x->top.items[i] & REC_TOP_LAST);
    if (x->top.nan_item != UINT32_MAX)
        x->top.nan_item = candidates[x->top.nan_item];
    return rec_rank_place_in_row(t, r, scores, n, positions, err);
}

/* ---- results ---- */

/* In the names of the outside where the request has them. */
static rec_status fail_nan(const rec_rank_tile *t, size_t r, rec_error *err)
{
    const rec_rank_request *q = rec_rank_request_of(t, r);
    uint32_t item = t->rows[r].top.nan_item;
    char name[32], item_name[16];
    snprintf(name, sizeof name, "query %zu", t->first + r);
    snprintf(item_name, sizeof item_name, "%u", (unsigned)item);
    return rec_fail(err, REC_ERR_MODEL, "%s: %s%s: the score of item %s is NaN", t->job->type->name,
                    q->name != NULL ? "user " : "", q->name != NULL ? q->name : name,
                    q->item_names != NULL ? q->item_names[item] : item_name);
}

rec_status rec_rank_row_finish(const rec_rank_tile *t, size_t r, rec_error *err)
{
    rec_top *top = &t->rows[r].top;
    rec_ranked *out = t->job->out;
    if (rec_rank_request_of(t, r)->candidates != NULL) {
        rec_status status = rank_candidates(t, r, err);
        if (status != REC_OK)
            return status;
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
