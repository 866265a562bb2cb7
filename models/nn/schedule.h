/** Learning rate over the steps of a training, as a factor on the base rate. */
#ifndef REC_MODELS_NN_SCHEDULE_H
#define REC_MODELS_NN_SCHEDULE_H

#include "core/option.h"

typedef enum rec_schedule_kind {
    REC_SCHEDULE_CONSTANT,
    REC_SCHEDULE_LINEAR, /* from 1 down to `floor` at the last step */
    REC_SCHEDULE_COSINE  /* half a cosine from 1 to `floor`: "SGDR", ICLR 2017, eq. (5) */
} rec_schedule_kind;

typedef struct rec_schedule {
    int kind;             /* rec_schedule_kind */
    int64_t warmup_steps; /* rising linearly: step s of these has factor (s + 1) / warmup_steps */
    double floor;         /* factor at the end */
} rec_schedule;

/** Keys schedule, warmup_steps, floor, for option tables that embed a rec_schedule. */
extern const rec_option rec_schedule_options[];

/** @param step  from 0; n_steps  of the whole training, 0 = unknown (then constant after warm-up) */
double rec_schedule_factor(const rec_schedule *s, uint64_t step, uint64_t n_steps);

#endif
