/** Sines and cosines of rotary positions (models/lm/config.h has the formula), grown on demand. */
#ifndef REC_MODELS_LM_ROPE_H
#define REC_MODELS_LM_ROPE_H

#include <stddef.h>

#include "core/status.h"
#include "models/lm/config.h"

typedef struct rec_rope_table {
    double *frequencies;  /* owned (half) */
    float *cosine, *sine; /* owned (n_positions, half) */
    size_t half, n_positions;
} rec_rope_table;

rec_status rec_rope_table_init(rec_rope_table *t, const rec_rope *rope, size_t head_dim,
                               rec_error *err);
void rec_rope_table_deinit(rec_rope_table *t);

/**
 * Have at least positions 0 .. n_positions - 1. Angles are products of floats, as the reference
 * implementation has them: at position 8000 that is 5e-4 away from the exact angle, and trained
 * models are used to it.
 */
rec_status rec_rope_table_grow(rec_rope_table *t, size_t n_positions, rec_error *err);

#endif
