/* Every variant this machine has against a loop, at lengths around the vector widths. */
#include <math.h>
#include <string.h>

#include "core/cpu.h"
#include "core/rng.h"
#include "core/scan.h"
#include "tests/suite.h"

enum { MAX_N = 100 };

static void fill(float *row, size_t n, uint64_t id)
{
    rec_rng r = rec_rng_keyed(3, "scan", id);
    for (size_t i = 0; i < n; i++)
        row[i] = (float)rec_rng_below(&r, 6) - 3.0f; /* many ties, both signs */
    if (n > 5) {
        row[n / 2] = -INFINITY;
        row[n - 1] = NAN;
        row[0] = INFINITY;
    }
}

static void check_row(const float *row, size_t n, float threshold)
{
    uint32_t hits[MAX_N + 1];
    size_t n_never = 7, n_above, n_equal, j = 0, never = 7, above = 0, equal = 0;
    size_t n_hits = rec_scan_above(hits, &n_never, row, n, threshold);
    for (size_t i = 0; i < n; i++) {
        if (row[i] > threshold || isnan(row[i])) {
            ck_assert_uint_lt(j, n_hits);
            ck_assert_uint_eq(hits[j++], i);
        }
        never += row[i] == -INFINITY;
        above += row[i] > threshold;
        equal += row[i] == threshold;
    }
    ck_assert_uint_eq(j, n_hits);
    ck_assert_uint_eq(n_never, never);
    rec_scan_count(&n_above, &n_equal, row, n, threshold);
    ck_assert_uint_eq(n_above, above);
    ck_assert_uint_eq(n_equal, equal);
    ck_assert_uint_eq(rec_scan_above(hits, NULL, row, n, threshold), n_hits);
}

START_TEST(variants_agree_with_a_loop)
{
    for (int level = REC_CPU_GENERIC; level <= REC_CPU_AVX512_VNNI; level++) {
        rec_cpu_set_cap((rec_cpu_level_id)level);
        for (size_t n = 0; n <= MAX_N; n++) {
            float row[MAX_N + 1];
            fill(row, n, n);
            check_row(row, n, 0.0f);
            check_row(row, n, -0.0f);
            check_row(row, n, 1.5f);
            check_row(row, n, -INFINITY);
            check_row(row, n, INFINITY);
        }
    }
}
END_TEST

REC_SUITE("core/scan", tcase_add_test(t, variants_agree_with_a_loop);)
