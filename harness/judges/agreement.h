/** How far judges who rated the same things agree beyond chance. */
#ifndef REC_HARNESS_JUDGES_AGREEMENT_H
#define REC_HARNESS_JUDGES_AGREEMENT_H

#include <stddef.h>

#include "core/status.h"

/**
 * Cohen's kappa of two judges ("A coefficient of agreement for nominal scales", Educational and
 * Psychological Measurement 20(1), 1960): (p_o - p_e) / (1 - p_e).
 * @param a, b  (n) classes 0 .. n_classes - 1; a pair with a negative class on either side is left out
 * @return NaN without pairs, and where chance agreement is 1 (both always say the same class)
 */
double rec_cohen_kappa(const int *a, const int *b, size_t n, size_t n_classes);

/** How unlike two values are. */
typedef enum rec_alpha_level {
    REC_ALPHA_NOMINAL,  /* 1 if they differ */
    REC_ALPHA_ORDINAL,  /* ratings between them, half of their own included; squared */
    REC_ALPHA_INTERVAL, /* squared difference */
} rec_alpha_level;

/**
 * Krippendorff's alpha ("Computing Krippendorff's alpha-reliability", 2011, section E):
 * 1 - observed / expected disagreement over the coincidences of values within units.
 * @param ratings  (n_judges, n_units) row-major; NaN = not rated. Units with one rating do not count.
 * @return *out NaN where it is undefined: no unit with two ratings, or one value only
 */
rec_status rec_krippendorff_alpha(double *out, const double *ratings, size_t n_judges,
                                  size_t n_units, rec_alpha_level level, rec_error *err);

#endif
