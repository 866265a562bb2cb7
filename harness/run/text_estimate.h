/** What the text questions of a step will take: tokens and money, before anything is asked. */
#ifndef REC_HARNESS_RUN_TEXT_ESTIMATE_H
#define REC_HARNESS_RUN_TEXT_ESTIMATE_H

#include "harness/run/run.h"

typedef struct rec_text_estimate {
    double n_requests;         /* of the first round: later ones depend on the answers */
    double tokens_in;          /* by the length of the prompts, four bytes to a token */
    double tokens_out;         /* at most: what answers are limited to */
    int64_t cost_microdollars; /* at most; 0 for models of our own, -1 = no price is known */
} rec_text_estimate;

/** From the prompts of a few samples of the step. Zeros for a step that asks nothing in text. */
rec_status rec_text_estimate_step(rec_text_estimate *out, rec_run *r, const rec_step *step,
                                  rec_error *err);

#endif
