/** Rankings written down as level arrays, for the tests of single metrics. */
#ifndef REC_TESTS_HARNESS_METRICS_LISTS_H
#define REC_TESTS_HARNESS_METRICS_LISTS_H

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "harness/metrics/metric.h"
#include "tests/suite.h"

/** A ranking of n given levels with n_relevant relevant items of level 1 in all. */
#define LIST(relevant, ...)                                                                        \
    (&(rec_ranking){.gains = (const float[]){__VA_ARGS__},                                         \
                    .n_ranked = sizeof((const float[]){__VA_ARGS__}) / sizeof(float),              \
                    .n_relevant = (relevant)})

/** The same with the levels of all relevant items, descending: GRADED(LEVELS(2, 1), 0, 2). */
#define LEVELS(...)                                                                                \
    .ideal_gains = (const float[]){__VA_ARGS__},                                                   \
    .n_relevant = sizeof((const float[]){__VA_ARGS__}) / sizeof(float)
#define GRADED(levels, ...)                                                                        \
    (&(rec_ranking){.gains = (const float[]){__VA_ARGS__},                                         \
                    .n_ranked = sizeof((const float[]){__VA_ARGS__}) / sizeof(float),              \
                    levels})

#define EMPTY(relevant) (&(rec_ranking){.n_ranked = 0, .n_relevant = (relevant)})

static inline double value(const char *label, const rec_ranking *r)
{
    const rec_metric *metric = NULL;
    size_t k = 0;
    ck_assert_ok(rec_metric_parse(&metric, &k, label, err));
    ck_assert(metric->value_at != NULL);
    return metric->value_at(r, k);
}

#define ck_assert_near(actual, expected) ck_assert_double_eq_tol((actual), (expected), 1e-12)

#endif
