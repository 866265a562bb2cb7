/**
 * Training samples of next-item models: batches of item sequences packed row after row (padding costs
 * nothing), their targets and sampled negatives. All draws depend on (seed, epoch or step, place)
 * alone.
 */
#ifndef REC_MODELS_NEXT_ITEM_H
#define REC_MODELS_NEXT_ITEM_H

#include "core/status.h"
#include "datasets/dataset.h"

typedef enum rec_sample_kind {
    REC_SAMPLE_SEQUENCES, /* one per user, a target at every position (SASRec) */
    REC_SAMPLE_PREFIXES   /* one per prefix, a target after its last item (RecBole) */
} rec_sample_kind;

typedef struct rec_next_items {
    const rec_interactions *train; /* borrowed */
    rec_sample_kind kind;
    size_t max_length; /* items of a sequence that a model sees: the latest ones */
    size_t n;          /* samples */
    uint32_t *user;    /* (n) owned */
    uint32_t *end;     /* (n) owned: the sample ends before item `end` of its user */
    uint32_t *order;   /* (n) owned: the samples in this epoch's order */
    uint32_t *seen;    /* owned: each user's items ascending, at train->start */
} rec_next_items;

/** @return REC_ERR_DATA when no user has two interactions */
rec_status rec_next_items_init(rec_next_items *s, const rec_interactions *train,
                               rec_sample_kind kind, size_t max_length, rec_error *err);
void rec_next_items_deinit(rec_next_items *s);

/** A new order of the samples, a function of (seed, epoch). */
void rec_next_items_shuffle(rec_next_items *s, uint64_t seed, size_t epoch);

/** A batch in storage that is made once for the largest one. */
typedef struct rec_packed_batch {
    size_t n_sequences, n_rows, n_targets, n_candidates;
    uint32_t *start;  /* (n_sequences + 1) first row of each sequence */
    uint32_t *inputs; /* (n_rows) items */
    uint32_t
        *positions; /* (n_rows) max_length - 1 for the last row of a sequence, one less before */
    uint32_t *target_rows;  /* (n_targets) rows whose next item is to be predicted */
    uint32_t *targets;      /* (n_targets) items */
    uint32_t *target_users; /* (n_targets) */
    uint32_t *candidates;   /* (n_targets, n_candidates): the target, then negatives; or NULL */
    size_t max_length, max_rows;
} rec_packed_batch;

/** Storage for n_sequences of max_length items; n_negatives 0: without candidates. */
rec_status rec_packed_batch_init(rec_packed_batch *b, size_t n_sequences, size_t max_length,
                                 size_t n_negatives, rec_error *err);
void rec_packed_batch_deinit(rec_packed_batch *b);

/** Samples order[first] .. order[first + n - 1]. */
void rec_packed_batch_fill(rec_packed_batch *b, const rec_next_items *s, size_t first, size_t n);

/** Negatives uniform over the items their user never had in training (over all items for a user who
 * had every one). Draws are a function of (seed, step, row of the batch). */
rec_status rec_packed_batch_sample(rec_packed_batch *b, const rec_next_items *s, uint64_t seed,
                                   uint64_t step, rec_error *err);

/** For scoring: append the latest max_length items of a history as a sequence without targets. */
void rec_packed_batch_append(rec_packed_batch *b, const uint32_t *history, size_t n);
void rec_packed_batch_clear(rec_packed_batch *b);

#endif
