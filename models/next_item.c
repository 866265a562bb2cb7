#include "models/next_item.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/parallel.h"
#include "core/rng.h"
#include "core/sorted.h"

/* ---- samples ---- */

/* Samples of a user with `length` interactions. */
static size_t samples_of(rec_sample_kind kind, size_t length)
{
    if (length < 2)
        return 0;
    return kind == REC_SAMPLE_SEQUENCES ? 1 : length - 1;
}

static size_t length_of(const rec_interactions *x, size_t user)
{
    return x->start[user + 1] - x->start[user];
}

static void list_samples(rec_next_items *s)
{
    size_t n = 0;
    for (size_t u = 0; u < s->train->n_users; u++) {
        size_t length = length_of(s->train, u), k = samples_of(s->kind, length);
        for (size_t i = 0; i < k; i++, n++) {
            s->user[n] = (uint32_t)u;
            s->end[n] = (uint32_t)(length - k + i); /* the last ends before the last item */
            s->order[n] = (uint32_t)n;
        }
    }
}

rec_status rec_next_items_init(rec_next_items *s, const rec_interactions *train,
                               rec_sample_kind kind, size_t max_length, rec_error *err)
{
    assert(max_length > 0);
    rec_status status = REC_OK;
    *s = (rec_next_items){.train = train, .kind = kind, .max_length = max_length};
    for (size_t u = 0; u < train->n_users; u++)
        s->n += samples_of(kind, length_of(train, u));
    if (s->n == 0 || s->n > UINT32_MAX)
        return rec_fail(err, REC_ERR_DATA,
                        s->n == 0 ? "no user has two training interactions: nothing to predict"
                                  : "more training samples than 2^32");
    REC_TRY_NEW(s->user, s->n, err);
    REC_TRY_NEW(s->end, s->n, err);
    REC_TRY_NEW(s->order, s->n, err);
    REC_TRY_NEW(s->seen, train->n, err);
    list_samples(s);
    memcpy(s->seen, train->item, train->n * sizeof *s->seen);
    for (size_t u = 0; u < train->n_users; u++)
        rec_sort_u32(s->seen + train->start[u], length_of(train, u));
cleanup:
    if (status != REC_OK)
        rec_next_items_deinit(s);
    return status;
}

void rec_next_items_deinit(rec_next_items *s)
{
    free(s->user);
    free(s->end);
    free(s->order);
    free(s->seen);
    *s = (rec_next_items){.n = 0};
}

void rec_next_items_shuffle(rec_next_items *s, uint64_t seed, size_t epoch)
{
    rec_rng rng = rec_rng_keyed(seed, "next_item/order", epoch);
    for (size_t i = 0; i < s->n; i++)
        s->order[i] = (uint32_t)i;
    rec_rng_shuffle(&rng, s->order, s->n, sizeof *s->order);
}

/* ---- batches ---- */

rec_status rec_packed_batch_init(rec_packed_batch *b, size_t n_sequences, size_t max_length,
                                 size_t n_negatives, rec_error *err)
{
    rec_status status = REC_OK;
    *b = (rec_packed_batch){.max_length = max_length};
    if (__builtin_mul_overflow(n_sequences, max_length, &b->max_rows) || b->max_rows > UINT32_MAX)
        return rec_fail(err, REC_ERR_RESOURCE, "a batch of %zu sequences of %zu items is too large",
                        n_sequences, max_length);
    REC_TRY_NEW(b->start, n_sequences + 1, err);
    REC_TRY_NEW(b->inputs, b->max_rows, err);
    REC_TRY_NEW(b->positions, b->max_rows, err);
    REC_TRY_NEW(b->target_rows, b->max_rows, err);
    REC_TRY_NEW(b->targets, b->max_rows, err);
    REC_TRY_NEW(b->target_users, b->max_rows, err);
    if (n_negatives > 0) {
        b->n_candidates = 1 + n_negatives;
        b->candidates = rec_alloc(b->max_rows, b->n_candidates * sizeof *b->candidates, err);
        if (b->candidates == NULL)
            status = REC_ERR_RESOURCE;
    }
cleanup:
    if (status != REC_OK)
        rec_packed_batch_deinit(b);
    return status;
}

void rec_packed_batch_deinit(rec_packed_batch *b)
{
    free(b->start);
    free(b->inputs);
    free(b->positions);
    free(b->target_rows);
    free(b->targets);
    free(b->target_users);
    free(b->candidates);
    *b = (rec_packed_batch){.n_rows = 0};
}

void rec_packed_batch_clear(rec_packed_batch *b)
{
    b->n_sequences = b->n_rows = b->n_targets = 0;
}

void rec_packed_batch_append(rec_packed_batch *b, const uint32_t *history, size_t n)
{
    size_t length = n < b->max_length ? n : b->max_length;
    assert(b->n_rows + length <= b->max_rows);
    for (size_t i = 0; i < length; i++) {
        b->inputs[b->n_rows + i] = history[n - length + i];
        b->positions[b->n_rows + i] = (uint32_t)(b->max_length - length + i);
    }
    b->n_rows += length;
    b->start[++b->n_sequences] = (uint32_t)b->n_rows;
}

static void add_target(rec_packed_batch *b, size_t row, uint32_t item, uint32_t user)
{
    b->target_rows[b->n_targets] = (uint32_t)row;
    b->targets[b->n_targets] = item;
    b->target_users[b->n_targets++] = user;
}

static void append_sample(rec_packed_batch *b, const rec_next_items *s, size_t sample)
{
    uint32_t user = s->user[sample];
    const uint32_t *items = s->train->item + s->train->start[user];
    size_t end = s->end[sample], first = b->n_rows;
    rec_packed_batch_append(b, items, end);
    if (s->kind == REC_SAMPLE_PREFIXES)
        first = b->n_rows - 1;
    for (size_t row = first; row < b->n_rows; row++)
        add_target(b, row, items[end - (b->n_rows - 1 - row)], user);
}

void rec_packed_batch_fill(rec_packed_batch *b, const rec_next_items *s, size_t first, size_t n)
{
    rec_packed_batch_clear(b);
    for (size_t i = first; i < first + n; i++)
        append_sample(b, s, s->order[i]);
}

/* ---- negatives ---- */

static bool has_seen(const rec_next_items *s, uint32_t user, uint32_t item)
{
    return rec_sorted_has(s->seen + s->train->start[user], length_of(s->train, user), item);
}

typedef struct sampling {
    rec_packed_batch *batch;
    const rec_next_items *samples;
    uint64_t seed, step;
} sampling;

enum { TARGETS_PER_TILE = 128, MAX_TRIES = 1000 };

/* A user who had nearly everything may run out of tries: then any item will do. */
static uint32_t draw_negative(rec_rng *rng, const rec_next_items *s, uint32_t user)
{
    uint32_t item = 0, n_items = (uint32_t)s->train->n_items;
    for (int i = 0; i < MAX_TRIES; i++) {
        item = rec_rng_below(rng, n_items);
        if (!has_seen(s, user, item))
            break;
    }
    return item;
}

static rec_status sample_tile(void *context, size_t tile, rec_error *err)
{
    const sampling *c = context;
    rec_packed_batch *b = c->batch;
    size_t stop = (tile + 1) * TARGETS_PER_TILE;
    rec_rng rng = rec_rng_keyed(c->seed, "next_item/negative", c->step << 20 | tile);
    (void)err;
    for (size_t t = tile * TARGETS_PER_TILE; t < stop && t < b->n_targets; t++) {
        uint32_t *row = b->candidates + t * b->n_candidates;
        row[0] = b->targets[t];
        for (size_t j = 1; j < b->n_candidates; j++)
            row[j] = draw_negative(&rng, c->samples, b->target_users[t]);
    }
    return REC_OK;
}

rec_status rec_packed_batch_sample(rec_packed_batch *b, const rec_next_items *s, uint64_t seed,
                                   uint64_t step, rec_error *err)
{
    assert(b->candidates != NULL);
    sampling c = {.batch = b, .samples = s, .seed = seed, .step = step};
    return rec_parallel_tiles((b->n_targets + TARGETS_PER_TILE - 1) / TARGETS_PER_TILE, sample_tile,
                              &c, err);
}
