/* harness/stats/permutation.c: randomisation test of paired samples. If the systems are equal,
 * each difference could as well have the other sign; p is the share of sign choices whose mean
 * is at least as far from 0 as the observed one. "A comparison of statistical significance
 * tests for information retrieval evaluation", CIKM 2007, section 3.1. Drawn choices give (b +
 * 1) / (m + 1), which is never 0 ("Permutation P-values should never be zero", SAGMB 9(1),
 * 2010). */
#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "core/parallel.h"
#include "core/rng.h"
#include "harness/stats/stats.h"

enum { EXACT_MAX = 20, HALF = EXACT_MAX / 2, DRAWS_PER_TILE = 128 };

/* Sums that are equal on paper differ by rounding: what is this close counts as equal. */
static double tolerance_of(const double *d, size_t n)
{
    double size = 0.0;
    for (size_t i = 0; i < n; i++)
        size += fabs(d[i]);
    return 1e-12 * size;
}

/* sums (2^n): of d with the sign of every set bit flipped. */
static void all_signed_sums(double *sums, const double *d, size_t n)
{
    for (size_t signs = 0; signs < (size_t)1 << n; signs++) {
        sums[signs] = 0.0;
        for (size_t i = 0; i < n; i++)
            sums[signs] += signs >> i & 1 ? -d[i] : d[i];
    }
}

/* All 2^n choices as pairs of one half's sum with the other's: no error builds up. */
static double exact_p(const double *d, size_t n, double least)
{
    double low[1 << HALF], high[1 << HALF];
    size_t n_low = n < HALF ? n : HALF, n_high = n - n_low, extreme = 0;
    all_signed_sums(low, d, n_low);
    all_signed_sums(high, d + n_low, n_high);
    for (size_t h = 0; h < (size_t)1 << n_high; h++)
        for (size_t l = 0; l < (size_t)1 << n_low; l++)
            extreme += fabs(low[l] + high[h]) >= least;
    return ldexp((double)extreme, -(int)n);
}

typedef struct draws {
    const double *d;
    size_t n, n_draws;
    double least;
    uint64_t seed;
    size_t *extreme; /* (tiles) draws at least as far out as observed */
} draws;

static double random_signed_sum(const double *d, size_t n, rec_rng *rng)
{
    double sum = 0.0;
    for (size_t start = 0; start < n; start += 32) {
        uint32_t signs = rec_rng_u32(rng);
        size_t end = n - start < 32 ? n : start + 32;
        for (size_t i = start; i < end; i++, signs >>= 1)
            sum += signs & 1 ? -d[i] : d[i];
    }
    return sum;
}

static rec_status draw_tile(void *context, size_t tile, rec_error *err)
{
    (void)err;
    draws *w = context;
    size_t first = tile * DRAWS_PER_TILE;
    for (size_t i = first; i < first + DRAWS_PER_TILE && i < w->n_draws; i++) {
        rec_rng rng = rec_rng_keyed(w->seed, "stats/permutation", i);
        w->extreme[tile] += fabs(random_signed_sum(w->d, w->n, &rng)) >= w->least;
    }
    return REC_OK;
}

static rec_status drawn_p(double *p, draws *w, rec_error *err)
{
    rec_status status = REC_OK;
    size_t n_tiles = (w->n_draws + DRAWS_PER_TILE - 1) / DRAWS_PER_TILE, extreme = 0;
    REC_TRY_NEW(w->extreme, n_tiles, err);
    REC_TRY(rec_parallel_tiles(n_tiles, draw_tile, w, err));
    for (size_t t = 0; t < n_tiles; t++)
        extreme += w->extreme[t];
    *p = ((double)extreme + 1.0) / ((double)w->n_draws + 1.0);
cleanup:
    free(w->extreme);
    return status;
}

rec_status rec_permutation_test(rec_test_result *out, const double *a, const double *b, size_t n,
                                size_t n_draws, uint64_t seed, rec_error *err)
{
    rec_status status = REC_OK;
    double *d = NULL, sum = 0.0;
    *out = (rec_test_result){.statistic = NAN, .p = NAN, .n = n};
    if (n == 0)
        return REC_OK;
    REC_TRY_NEW(d, n, err);
    for (size_t i = 0; i < n; i++)
        sum += d[i] = a[i] - b[i];
    out->statistic = sum / (double)n;
    double least = fabs(sum) - tolerance_of(d, n);
    if (n <= EXACT_MAX) {
        out->p = exact_p(d, n, least);
    } else {
        draws w = {.d = d, .n = n, .n_draws = n_draws, .least = least, .seed = seed};
        REC_TRY(drawn_p(&out->p, &w, err));
    }
cleanup:
    free(d);
    return status;
}
