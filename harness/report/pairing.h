/**
 * Two results side by side: their samples matched by id, one pair of values per user. Samples of one
 * user (several seeds, turns, targets) are averaged first: they are no independent observations.
 */
#ifndef REC_HARNESS_REPORT_PAIRING_H
#define REC_HARNESS_REPORT_PAIRING_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/report/report.h"

typedef struct rec_pairing rec_pairing;

/**
 * Match samples by id, the seed in front of it ("SEED/...") left out, so that a system that ran once
 * can be compared with one that ran for several seeds.
 * @param a, b          borrowed while the pairing lives
 * @param names         what messages call the two sides
 * @param intersection  use the common samples when the two sets differ
 * @return REC_ERR_DATA for different sets (unless `intersection`), different candidate counts, or
 *         no common sample
 */
rec_status rec_pairing_new(rec_pairing **out, const rec_result *a, const rec_result *b,
                           const char *const names[2], bool intersection, rec_error *err);
void rec_pairing_free(rec_pairing *p);

/** One metric of the matched users. */
typedef struct rec_pairs {
    size_t n;           /* users with a value on both sides */
    size_t n_a, n_b;    /* users with a value on that side */
    double *a, *b;      /* (n) */
    const char **users; /* (n) borrowed from the results, in byte order */
} rec_pairs;

/** @param a, b  values per sample of the two results; NaN = undefined */
rec_status rec_pairing_values(rec_pairs *out, const rec_pairing *p, const double *a,
                              const double *b, rec_error *err);
void rec_pairs_deinit(rec_pairs *x);

#endif
