/** Choosing the next token from logits. */
#ifndef REC_MODELS_LM_SAMPLE_H
#define REC_MODELS_LM_SAMPLE_H

#include <stddef.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/rng.h"
#include "core/status.h"

/**
 * Applied in this order: repetition penalty ("CTRL", 2019, section 4.1: positive logits of tokens that
 * occurred are divided by it, negative ones multiplied), temperature, the top_k largest, the fewest
 * tokens whose probability reaches top_p ("The curious case of neural text degeneration", ICLR 2020),
 * tokens of at least min_p times the largest probability. Ties: the lower id first.
 */
typedef struct rec_sampling {
    double temperature;        /* 0 = greedy: the largest logit */
    size_t top_k;              /* 0 = all */
    double top_p;              /* 1 = all */
    double min_p;              /* 0 = all */
    double repetition_penalty; /* 1 = none */
    uint64_t seed;
} rec_sampling;

/** Greedy, nothing cut off. */
rec_sampling rec_sampling_greedy(void);

/** REC_ERR_CONFIG for values out of range. */
rec_status rec_sampling_check(const rec_sampling *s, rec_error *err);

/** Penalise the tokens in `seen` (each listed once) in logits over the whole vocabulary. */
void rec_penalise(float *logits, size_t n, const uint32_t *seen, size_t n_seen, double penalty);

/**
 * Index of the chosen one of n logits.
 * @param logits  overwritten
 * @param rng     advanced by one draw unless greedy
 */
rec_status rec_sample_token(size_t *index, float *logits, size_t n, const rec_sampling *s,
                            rec_rng *rng, rec_arena *arena, rec_error *err);

/** Index of the largest of n > 0 values, the first of equal ones. */
size_t rec_argmax(const float *values, size_t n);

#endif
