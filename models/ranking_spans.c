/* A long catalogue on item vectors: tiles of requests by spans of items, so that one tile already keeps
 * every thread busy, and no more than a block of scores is held per thread. Each span keeps its best k;
 * a tile's spans are joined at the end. How the catalogue is cut changes no bit of the result: blocks are
 * the same whatever the spans, the order of a list is total, and competitors of targets are counted.
 *
 * A target's competitors can only be counted once its own score is known, so the blocks in which some
 * request has a target are multiplied twice. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/parallel.h"
#include "core/sorted.h"
#include "models/ranking_tile.h"

enum {
    UNITS_PER_THREAD = 4,    /* tiles x spans at work at one time: enough for an even load */
    SPAN_ITEMS_MIN = 1 << 13 /* a span below that costs more than its share in filling lists */
};

/* A target among all of a tile that are ranked against the catalogue. */
typedef struct wanted {
    uint32_t item, row;
    size_t slot; /* among the targets of the tile's requests */
} wanted;

typedef struct span_tile {
    rec_rank_tile t;
    rec_target_count *counts; /* one per target of the tile's requests, in their order */
    float *target_scores;     /* likewise; -INFINITY: not ranked */
    wanted *wanted;           /* ascending items */
    size_t n_wanted;
    _Atomic float *floors; /* (n requests): some span has k items that reach it */
} span_tile;

/* Tiles that are at work together. All memory is in the job's arenas, until the next group. */
typedef struct group {
    const rec_ranking *job;
    size_t first_tile, n_tiles, n_spans, span_items;
    span_tile *tiles;
    rec_rank_row *
        *rows; /* (n_tiles, n_spans): the requests of the tile, each with a list of its own */
} group;

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static bool ranks_catalogue(const span_tile *x, size_t r)
{
    return rec_rank_request_of(&x->t, r)->candidates == NULL;
}

/* Place of request r's first target among those of the tile; r = n: their number. */
static size_t first_slot(const span_tile *x, size_t r)
{
    const size_t *start = x->t.job->out->target_start + x->t.first;
    return start[r] - start[0];
}

/* ---- tiles before their spans ---- */

static int compare_wanted(const void *a, const void *b)
{
    uint32_t x = ((const wanted *)a)->item, y = ((const wanted *)b)->item;
    return (x > y) - (x < y);
}

static void list_wanted(span_tile *x)
{
    for (size_t r = 0; r < x->t.n; r++) {
        const rec_rank_request *q = rec_rank_request_of(&x->t, r);
        for (size_t i = 0; q->candidates == NULL && i < q->n_targets; i++)
            x->wanted[x->n_wanted++] =
                (wanted){.item = q->targets[i], .row = (uint32_t)r, .slot = first_slot(x, r) + i};
    }
    qsort(x->wanted, x->n_wanted, sizeof *x->wanted, compare_wanted);
}

static rec_status prepare_tile(void *context, size_t index, rec_error *err)
{
    const group *g = context;
    span_tile *x = &g->tiles[index];
    *x = (span_tile){.n_wanted = 0};
    rec_status status = rec_rank_tile_init(&x->t, g->job, g->first_tile + index, err);
    if (status != REC_OK)
        return status;
    size_t n_targets = first_slot(x, x->t.n);
    x->counts = rec_arena_alloc(x->t.arena, n_targets, sizeof *x->counts, err);
    x->target_scores = rec_arena_alloc(x->t.arena, n_targets, sizeof *x->target_scores, err);
    x->wanted = rec_arena_alloc(x->t.arena, n_targets, sizeof *x->wanted, err);
    x->floors = rec_arena_alloc(x->t.arena, x->t.n, sizeof *x->floors, err);
    if (x->counts == NULL || x->target_scores == NULL || x->wanted == NULL || x->floors == NULL)
        return REC_ERR_RESOURCE;
    memset(x->counts, 0, n_targets * sizeof *x->counts);
    for (size_t r = 0; r < x->t.n; r++)
        atomic_init(&x->floors[r], -INFINITY);
    list_wanted(x);
    return rec_rank_tile_encode(&x->t, err);
}

/* ---- spans ---- */

/* One span of one tile: items first .. end - 1, and a block of scores. */
typedef struct span {
    span_tile *tile;
    size_t first, end;
    float *block; /* (tile_rows, REC_RANKING_BLOCK) */
} span;

static span span_of(const group *g, size_t unit)
{
    size_t index = unit % g->n_spans;
    return (span){.tile = &g->tiles[unit / g->n_spans],
                  .first = index * g->span_items,
                  .end = least((index + 1) * g->span_items, g->job->n_items)};
}

/* The block, until the arena is rewound. */
static rec_status take_block(span *s, const group *g, rec_error *err)
{
    rec_arena *arena = &g->job->arenas[rec_parallel_thread()];
    s->block = rec_arena_alloc(arena, g->job->tile_rows * REC_RANKING_BLOCK, sizeof *s->block, err);
    return s->block != NULL ? REC_OK : REC_ERR_RESOURCE;
}

static size_t score_block(const span *s, size_t first)
{
    size_t n = least(s->end - first, REC_RANKING_BLOCK);
    rec_rank_score_block(s->block, REC_RANKING_BLOCK, &s->tile->t, first, n);
    return n;
}

static bool is_excluded(const rec_rank_row *x, uint32_t item)
{
    return rec_sorted_has(x->excluded, x->n_excluded, item);
}

/* The scores of the targets that lie in the span. */
static void find_targets(const span *s)
{
    span_tile *x = s->tile;
    size_t first = s->first, n = 0;
    for (size_t i = 0; i < x->n_wanted && x->wanted[i].item < s->end; i++) {
        const wanted *w = &x->wanted[i];
        if (w->item < s->first)
            continue;
        if (n == 0 || w->item >= first + n) {
            first = w->item - (w->item - s->first) % REC_RANKING_BLOCK;
            n = score_block(s, first);
        }
        x->target_scores[w->slot] = is_excluded(&x->t.rows[w->row], w->item)
                                        ? -INFINITY
                                        : s->block[w->row * REC_RANKING_BLOCK + w->item - first];
    }
}

static rec_status find_span_targets(void *context, size_t unit, rec_error *err)
{
    const group *g = context;
    rec_arena *arena = &g->job->arenas[rec_parallel_thread()];
    rec_arena_mark mark = rec_arena_get_mark(arena);
    span s = span_of(g, unit);
    rec_status status = take_block(&s, g, err);
    if (status == REC_OK)
        find_targets(&s);
    rec_arena_rewind(arena, mark);
    return status;
}

/* The tile's rows as the span goes through them: own lists of the best k, exclusions from its first
 * item on. NULL on failure. */
static rec_rank_row *span_rows(const group *g, const span *s, rec_error *err)
{
    rec_arena *arena = &g->job->arenas[rec_parallel_thread()];
    const rec_rank_tile *t = &s->tile->t;
    size_t k = least(g->job->out->k, s->end - s->first);
    rec_rank_row *rows = rec_arena_alloc(arena, t->n, sizeof *rows, err);
    uint32_t *items = rec_arena_alloc(arena, t->n * k, sizeof *items, err);
    float *scores = rec_arena_alloc(arena, t->n * k, sizeof *scores, err);
    if (rows == NULL || items == NULL || scores == NULL)
        return NULL;
    for (size_t r = 0; r < t->n; r++) {
        rec_rank_row *x = &rows[r];
        *x = t->rows[r];
        x->top.items = items + r * k;
        x->top.scores = scores + r * k;
        x->top.k = k;
        while (x->n_masked < x->n_excluded && x->excluded[x->n_masked] < s->first)
            x->n_masked++;
    }
    return rows;
}

/* Other spans of the tile hold k items that reach the floor: what lies below it is in no list. */
static void share_floor(rec_top *top, _Atomic float *floor)
{
    float known = atomic_load_explicit(floor, memory_order_relaxed), own = rec_top_worst(top);
    if (own > known)
        atomic_store_explicit(floor, own, memory_order_relaxed); /* any span's worst is valid */
    top->floor = own > known ? own : known;
}

static void scan_block(const span *s, rec_rank_row *rows, size_t k, size_t first, size_t n)
{
    span_tile *x = s->tile;
    for (size_t r = 0; r < x->t.n; r++) {
        if (!ranks_catalogue(x, r))
            continue;
        const rec_rank_request *q = rec_rank_request_of(&x->t, r);
        float *scores = s->block + r * REC_RANKING_BLOCK;
        size_t slot = first_slot(x, r);
        rec_rank_row_take(&rows[r], scores, first, n);
        rec_rank_count(x->counts + slot, x->t.job, q->targets, x->target_scores + slot,
                       q->n_targets, scores, first, n);
        if (rows[r].top.k == k) /* else the span is shorter than the list */
            share_floor(&rows[r].top, &x->floors[r]);
    }
}

static rec_status scan_span(void *context, size_t unit, rec_error *err)
{
    const group *g = context;
    const span_tile *x = &g->tiles[unit / g->n_spans];
    if (!rec_rank_tile_asks_catalogue(&x->t))
        return REC_OK;
    span s = span_of(g, unit);
    rec_rank_row *rows = span_rows(g, &s, err); /* kept until the tile is joined */
    if (rows == NULL)
        return REC_ERR_RESOURCE;
    rec_arena *arena = &g->job->arenas[rec_parallel_thread()];
    rec_arena_mark mark = rec_arena_get_mark(arena);
    rec_status status = take_block(&s, g, err);
    for (size_t first = s.first, n; status == REC_OK && first < s.end; first += n) {
        n = score_block(&s, first);
        scan_block(&s, rows, g->job->out->k, first, n);
    }
    rec_arena_rewind(arena, mark);
    g->rows[unit] = rows;
    return status;
}

/* ---- joining ---- */

static rec_status join_row(const group *g, const span_tile *x, size_t index, size_t r,
                           rec_error *err)
{
    if (ranks_catalogue(x, r)) {
        size_t slot = first_slot(x, r);
        for (size_t i = 0; i < g->n_spans; i++)
            rec_top_merge(&x->t.rows[r].top, &g->rows[index * g->n_spans + i][r].top);
        rec_rank_place(&x->t, r, x->counts + slot, rec_rank_request_of(&x->t, r)->targets,
                       x->target_scores + slot);
    }
    return rec_rank_row_finish(&x->t, r, err);
}

static rec_status join_tile(void *context, size_t index, rec_error *err)
{
    const group *g = context;
    span_tile *x = &g->tiles[index];
    x->t.arena = &g->job->arenas[rec_parallel_thread()];
    for (size_t r = 0; r < x->t.n; r++) {
        rec_status status = join_row(g, x, index, r, err);
        if (status != REC_OK)
            return status;
    }
    return REC_OK;
}

/* ---- groups of tiles ---- */

static bool has_wanted(const group *g)
{
    for (size_t i = 0; i < g->n_tiles; i++)
        if (g->tiles[i].n_wanted > 0)
            return true;
    return false;
}

static void cut_catalogue(group *g, size_t n_units)
{
    size_t n_items = g->job->n_items, most = n_items / SPAN_ITEMS_MIN;
    size_t n_spans = least(n_units / g->n_tiles, most > 0 ? most : 1);
    size_t blocks = (n_items + REC_RANKING_BLOCK - 1) / REC_RANKING_BLOCK;
    g->span_items = (blocks + n_spans - 1) / n_spans * REC_RANKING_BLOCK;
    g->n_spans = (n_items + g->span_items - 1) / g->span_items;
}

static rec_status rank_group(group *g, rec_error *err)
{
    rec_status status = REC_OK;
    rec_arena *arena = &g->job->arenas[rec_parallel_thread()];
    size_t n_units = g->n_tiles * g->n_spans;
    g->tiles = rec_arena_alloc(arena, g->n_tiles, sizeof *g->tiles, err);
    g->rows = rec_arena_alloc(arena, n_units, sizeof *g->rows, err);
    REC_TRY(g->tiles != NULL && g->rows != NULL ? REC_OK : REC_ERR_RESOURCE);
    REC_TRY(rec_parallel_tiles(g->n_tiles, prepare_tile, g, err));
    if (has_wanted(g))
        REC_TRY(rec_parallel_tiles(n_units, find_span_targets, g, err));
    REC_TRY(rec_parallel_tiles(n_units, scan_span, g, err));
    REC_TRY(rec_parallel_tiles(g->n_tiles, join_tile, g, err));
cleanup:
    return status;
}

rec_status rec_rank_spans(const rec_ranking *job, rec_error *err)
{
    size_t n_tiles = (job->n + job->tile_rows - 1) / job->tile_rows;
    size_t n_threads = rec_parallel_threads(), n_units = UNITS_PER_THREAD * n_threads;
    for (size_t first = 0; first < n_tiles; first += n_units) {
        group g = {.job = job, .first_tile = first, .n_tiles = least(n_tiles - first, n_units)};
        cut_catalogue(&g, n_units);
        rec_status status = rank_group(&g, err);
        if (status != REC_OK)
            return status;
        for (size_t i = 0; i < n_threads && first + n_units < n_tiles; i++)
            rec_arena_reset(&job->arenas[i]);
    }
    return REC_OK;
}
