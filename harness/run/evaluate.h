/**
 * One task against one system for one seed: jobs are stepped in fixed groups, what they ask is
 * answered in one batch per round, every batch of replies is journalled before it is used. Where
 * the journal holds the replies nobody is asked, so that a resumed run and `recai score` go the same
 * way.
 */
#ifndef REC_HARNESS_RUN_EVALUATE_H
#define REC_HARNESS_RUN_EVALUATE_H

#include "harness/run/models.h"

typedef struct rec_evaluation {
    const rec_sample_set *samples; /* borrowed from the run */
    uint64_t seed;
    size_t n, n_columns, list_length;
    double *values;       /* (n, n_columns), NaN = undefined */
    double *weights;      /* (n, n_columns) */
    uint32_t *list_items; /* (n, list_length) */
    float *list_scores;
    double *whole_run; /* (n_columns), NaN for per-sample columns */
    size_t n_texts;
    char **texts; /* owned, (n, n_texts): what the task keeps per sample, NULL = none */
    size_t n_failed;
    double seconds;                 /* spent answering, in this and earlier processes */
    uint64_t tokens_in, tokens_out; /* of the system */
    uint64_t helper_tokens;         /* in and out, of judges and other helpers */
    size_t n_dropped;               /* entries of histories that prompts had no room for */
    bool has_cost;                  /* something was asked in text */
    int64_t cost_microdollars;      /* of all calls; -1 = none, or not known of all of them */
} rec_evaluation;

void rec_evaluation_deinit(rec_evaluation *e);

/** Gives the system of a fit step when it is first needed. */
typedef struct rec_lazy_model {
    rec_run *run;
    const rec_step *step;
    rec_system *system; /* owned; NULL until needed */
    rec_model_facts facts;
    bool has_facts;
} rec_lazy_model;

void rec_lazy_model_deinit(rec_lazy_model *m);
/** Facts for the report, fitting the model if it was never fitted. */
rec_status rec_lazy_model_facts(rec_lazy_model *m, rec_error *err);

rec_status rec_evaluate(rec_evaluation *out, rec_run *r, const rec_step *step,
                        rec_lazy_model *model, rec_error *err);

#endif
