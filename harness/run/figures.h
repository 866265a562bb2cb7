/**
 * From per-sample values to reported figures. The unit of resampling is the user (the cluster of a
 * sample): several seeds, targets or turns of one user are not independent.
 */
#ifndef REC_HARNESS_RUN_FIGURES_H
#define REC_HARNESS_RUN_FIGURES_H

#include "harness/report/report.h"
#include "harness/run/evaluate.h"

/** How intervals are made. */
typedef struct rec_figure_rules {
    rec_interval_kind interval;
    double level;
    size_t resamples;
    uint64_t seed;
} rec_figure_rules;

/**
 * One column over the evaluations of all seeds.
 *   mean      mean over seeds of the (weighted) mean over samples
 *   stderr_   cluster-robust: sqrt(C / (C - 1) sum_c S_c^2) / N, S_c the sum of a user's deviations;
 *             with one sample per user this is s / sqrt(n)
 *   n         samples behind the mean of one seed (the largest, if seeds differ)
 *   sd_seeds  standard deviation of the means over seeds, NaN for one
 */
rec_status rec_figure_init(rec_figure *out, const rec_task_column *column, size_t column_index,
                           const rec_evaluation *evaluations, size_t n_evaluations,
                           const rec_figure_rules *rules, rec_error *err);

/** Per-sample rows and figures of a task against a system, evaluations in the order of seeds. */
rec_status rec_result_init(rec_result *out, const rec_run *r, size_t task, size_t system,
                           const rec_evaluation *evaluations, size_t n_evaluations, rec_error *err);

#endif
