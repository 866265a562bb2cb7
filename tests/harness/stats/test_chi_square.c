/* Upper tails against SciPy 1.14 (scipy.stats.chi2.sf) and closed forms. */
#include <math.h>

#include "harness/stats/stats.h"
#include "tests/suite.h"

START_TEST(known_values)
{
    /* df 2: exp(-x/2); df 1: erfc(sqrt(x/2)) */
    ck_assert_double_eq_tol(rec_chi_square_sf(3.0, 2), exp(-1.5), 1e-15);
    ck_assert_double_eq_tol(rec_chi_square_sf(3.0, 1), erfc(sqrt(1.5)), 1e-15);
    /* chi2.sf(16.918977604620448, 9), chi2.sf(21.665994333461924, 9): the 5 % and 1 % points */
    ck_assert_double_eq_tol(rec_chi_square_sf(16.918977604620448, 9), 0.05, 1e-12);
    ck_assert_double_eq_tol(rec_chi_square_sf(21.665994333461924, 9), 0.01, 1e-12);
    /* chi2.sf(18.307038053275146, 10): the 5 % point */
    ck_assert_double_eq_tol(rec_chi_square_sf(18.307038053275146, 10), 0.05, 1e-12);
}
END_TEST

START_TEST(edges)
{
    ck_assert_double_eq(rec_chi_square_sf(0.0, 9), 1.0);
    ck_assert_double_eq(rec_chi_square_sf(-1.0, 9), 1.0);
    ck_assert(rec_chi_square_sf(2000.0, 9) >= 0.0);
    ck_assert(isnan(rec_chi_square_sf(NAN, 9)));
    ck_assert(isnan(rec_chi_square_sf(1.0, 0)));
}
END_TEST

REC_SUITE("harness/stats/chi_square", tcase_add_test(t, known_values); tcase_add_test(t, edges);)
