/** What the steps of a plan will take, from what systems say of themselves and a look at the machine. */
#ifndef REC_HARNESS_RUN_ESTIMATE_H
#define REC_HARNESS_RUN_ESTIMATE_H

#include "harness/run/run.h"

/** Rates of all threads together. */
typedef struct rec_machine {
    double flops_per_second; /* float32 matrix products */
    double steps_per_second; /* additions to scattered places */
} rec_machine;

/** A few tens of milliseconds of work. */
rec_status rec_machine_measure(rec_machine *out, rec_error *err);

/** Size of the training part. */
rec_fit_size rec_fit_size_of(const rec_interactions *train);

typedef struct rec_estimate {
    double seconds, bytes; /* NaN: not known */
} rec_estimate;

/** @param n_samples  of a REPLIES step */
rec_estimate rec_step_estimate(const rec_run *r, const rec_step *step, const rec_machine *machine,
                               const rec_fit_size *size, size_t n_samples);

#endif
