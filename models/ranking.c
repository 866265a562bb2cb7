/* Requests are cut into tiles of a fixed number of rows and each row's best k run along
 * (models/top_k.h). Here the scores of whole rows are kept where a target's place in the full order, or a
 * model without item vectors, needs them; vectors of a catalogue too long for that are ranked in spans
 * (ranking_spans.c). */
#include "models/ranking.h"

#include <assert.h>
#include <stdlib.h>

#include "core/memory.h"
#include "core/parallel.h"
#include "models/ranking_tile.h"

enum {
    ROWS_GEMM = 256,      /* rows of one product: packing the items costs 1 / rows of the work */
    ROWS_SCORED = 64,     /* queries a model without item vectors gets at once */
    ROW_FLOATS = 1 << 22, /* at most this many scores per thread where whole rows are kept, ... */
    ROWS_MIN = 8,         /* ... or this many rows */
    LONG_CATALOGUE = ROW_FLOATS / ROWS_GEMM,
};

/* Whole rows are kept for targets that are ranked against the catalogue. */
static bool keeps_rows(const rec_rank_tile *t)
{
    if (t->job->table.rows == NULL)
        return true;
    for (size_t r = 0; r < t->n; r++)
        if (rec_rank_request_of(t, r)->candidates == NULL &&
            rec_rank_request_of(t, r)->n_targets > 0)
            return true;
    return false;
}

static void take_rows(const rec_rank_tile *t, float *scores, size_t first, size_t n)
{
    for (size_t r = 0; r < t->n; r++)
        if (rec_rank_request_of(t, r)->candidates == NULL)
            rec_rank_row_take(&t->rows[r], scores + r * t->ld, first, n);
}

static rec_status score_rows(const rec_rank_tile *t, rec_error *err)
{
    const rec_ranking *job = t->job;
    rec_status status = job->type->score(t->scores, job->self, t->queries, t->n, err);
    if (status == REC_OK)
        take_rows(t, t->scores, 0, job->n_items);
    return status;
}

/* Each block is taken while it lies in the cache. */
static rec_status score_blocks(const rec_rank_tile *t, rec_error *err)
{
    size_t n_items = t->job->n_items;
    rec_status status = rec_rank_tile_encode(t, err);
    if (status != REC_OK || !rec_rank_tile_asks_catalogue(t))
        return status;
    for (size_t first = 0, n; first < n_items; first += n) {
        n = n_items - first < REC_RANKING_BLOCK ? n_items - first : REC_RANKING_BLOCK;
        float *block = t->scores + (t->ld == n_items ? first : 0);
        rec_rank_score_block(block, t->ld, t, first, n);
        take_rows(t, block, first, n);
    }
    return REC_OK;
}

static rec_status finish_row(const rec_rank_tile *t, size_t r, rec_error *err)
{
    const rec_rank_request *q = rec_rank_request_of(t, r);
    if (q->candidates == NULL && q->n_targets > 0) {
        const float *scores = t->scores + r * t->ld;
        rec_status status = rec_rank_place_in_row(t, r, scores, t->job->n_items, q->targets, err);
        if (status != REC_OK)
            return status;
    }
    return rec_rank_row_finish(t, r, err);
}

static rec_status rank_tile(void *context, size_t index, rec_error *err)
{
    const rec_ranking *job = context;
    rec_arena *arena = &job->arenas[rec_parallel_thread()];
    rec_arena_mark mark = rec_arena_get_mark(arena);
    rec_rank_tile t;
    rec_status status;
    REC_TRY(rec_rank_tile_init(&t, job, index, err));
    t.ld = keeps_rows(&t) || job->n_items < REC_RANKING_BLOCK ? job->n_items : REC_RANKING_BLOCK;
    t.scores = rec_arena_alloc(arena, job->tile_rows * t.ld, sizeof *t.scores, err);
    REC_TRY(t.scores != NULL ? REC_OK : REC_ERR_RESOURCE);
    REC_TRY(job->table.rows != NULL ? score_blocks(&t, err) : score_rows(&t, err));
    for (size_t r = 0; r < t.n; r++)
        REC_TRY(finish_row(&t, r, err));
cleanup:
    rec_arena_rewind(arena, mark);
    return status;
}

/* Functions of the catalogue alone, never of the thread count or of what is asked. */
static bool is_ranked_in_spans(const rec_ranking *job)
{
    return job->table.rows != NULL && job->n_items > LONG_CATALOGUE;
}

static size_t rows_per_tile(const rec_ranking *job)
{
    if (job->table.rows != NULL)
        return ROWS_GEMM;
    size_t rows = ROW_FLOATS / (job->n_items > 0 ? job->n_items : 1);
    if (rows < ROWS_MIN)
        rows = ROWS_MIN;
    return rows < ROWS_SCORED ? rows : ROWS_SCORED;
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
    rec_ranking job = {
        .type = type, .self = self, .requests = requests, .n = n, .ties = ties, .out = out};
    assert(n_items < REC_TOP_LAST);
    job.n_items = n_items;
    if (type->encode != NULL)
        job.table = type->item_table(self);
    assert(job.table.rows == NULL || job.table.n_items == n_items);
    job.tile_rows = rows_per_tile(&job);
    REC_TRY(ranked_init(out, requests, n, k, err));
    REC_TRY_NEW(job.arenas, n_threads, err);
    if (is_ranked_in_spans(&job))
        REC_TRY(rec_rank_spans(&job, err));
    else
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
