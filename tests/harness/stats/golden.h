/** Reads the number files under tests/golden/stats. */
#ifndef REC_TESTS_HARNESS_STATS_GOLDEN_H
#define REC_TESTS_HARNESS_STATS_GOLDEN_H

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "harness/stats/stats.h"
#include "tests/suite.h"

static inline FILE *golden_open(const char *name)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/golden/stats/%s", REC_TEST_DIR, name);
    FILE *file = fopen(path, "r");
    ck_assert_msg(file != NULL, "%s is missing", path);
    return file;
}

static inline void golden_numbers(double *out, size_t n, FILE *file)
{
    for (size_t i = 0; i < n; i++)
        ck_assert_int_eq(fscanf(file, "%lf", &out[i]), 1);
}

/** Equal within tol, or both NaN. */
static inline void ck_assert_golden(double actual, double expected, double tol, const char *what)
{
    if (isnan(expected) || isinf(expected))
        ck_assert_msg(isnan(expected) ? isnan(actual) : actual == expected, "%s: %g, wanted %g",
                      what, actual, expected);
    else
        ck_assert_msg(fabs(actual - expected) <= tol, "%s: %.17g, wanted %.17g", what, actual,
                      expected);
}

#endif
