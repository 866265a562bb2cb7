/**
 * Early stopping on a validation metric: asked after every epoch, says whether the model is the best
 * so far and whether to go on. Options and state that models with epochs share.
 */
#ifndef REC_MODELS_EARLY_STOPPING_H
#define REC_MODELS_EARLY_STOPPING_H

#include <stdbool.h>
#include <stdint.h>

#include "core/option.h"
#include "core/status.h"
#include "models/recommender.h"

/** Embedded in the model struct and described by rec_early_stopping_table. */
typedef struct rec_early_stopping {
    char *metric;     /* NULL: off */
    int64_t patience; /* stop after this many epochs without a better value */
    int64_t every;    /* epochs between two looks */
} rec_early_stopping;

extern const rec_option rec_early_stopping_table[];

/** State; part of a checkpoint. Starts as {.best_epoch = -1}. */
typedef struct rec_best_epoch {
    double value;
    int64_t epoch; /* from 0; -1: none yet */
} rec_best_epoch;

/** REC_ERR_CONFIG when stopping is on and there is no validation part to look at. */
rec_status rec_early_stopping_check(const rec_early_stopping *o, const rec_fit_data *data,
                                    const char *model, rec_error *err);

/**
 * Look at the model after an epoch (from 0). Only a greater value is better.
 * @param improved  the model is the best so far: keep a copy
 * @param stop      patience is over
 */
rec_status rec_early_stopping_look(bool *improved, bool *stop, rec_best_epoch *best,
                                   const rec_early_stopping *o, const rec_fit_data *data,
                                   const rec_recommender *type, const void *self, int64_t epoch,
                                   rec_error *err);

#endif
