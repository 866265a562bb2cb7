#include "harness/judges/agreement.h"

#include <math.h>

#include "tests/suite.h"

/* scikit-learn 1.x: cohen_kappa_score gives 0.5454545454545454. By hand: 7 of 10 agree, chance is
 * .4 * .4 + .3 * .3 + .3 * .3 = .34: (.7 - .34) / .66. */
START_TEST(kappa_of_ten_pairs)
{
    const int a[] = {0, 0, 1, 1, 2, 2, 0, 1, 2, 0}, b[] = {0, 1, 1, 1, 2, 0, 0, 2, 2, 0};
    ck_assert_double_eq_tol(rec_cohen_kappa(a, b, 10, 3), 0.36 / 0.66, 1e-15);
    ck_assert_double_eq_tol(rec_cohen_kappa(b, a, 10, 3), 0.36 / 0.66, 1e-15);
}
END_TEST

START_TEST(kappa_at_its_ends)
{
    const int a[] = {0, 1, 0, 1}, opposite[] = {1, 0, 1, 0}, same[] = {0, 0, 0, 0};
    const int gaps[] = {0, -1, 0, -1};
    ck_assert_double_eq(rec_cohen_kappa(a, a, 4, 2), 1.0);
    ck_assert_double_eq(rec_cohen_kappa(a, opposite, 4, 2), -1.0);
    ck_assert_double_eq(rec_cohen_kappa(a, same, 4, 2), 0.0);
    ck_assert(isnan(rec_cohen_kappa(same, same, 4, 2)));
    ck_assert(isnan(rec_cohen_kappa(a, gaps, 4, 2))); /* what is left: 0 and 0 */
    ck_assert(isnan(rec_cohen_kappa(a, a, 0, 2)));
}
END_TEST

/* The example of Krippendorff (2011): four observers, twelve units, gaps. Nominal 0.743,
 * ordinal 0.815, interval 0.849 are printed there; more digits from the same formula in numpy. */
START_TEST(alpha_of_the_published_example)
{
    const double x = NAN;
    const double ratings[4][12] = {
        {1, 2, 3, 3, 2, 1, 4, 1, 2, x, x, x},
        {1, 2, 3, 3, 2, 2, 4, 1, 2, 5, x, 3},
        {x, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, x},
        {1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, x},
    };
    const struct {
        rec_alpha_level level;
        double printed, exact;
    } rows[] = {
        {REC_ALPHA_NOMINAL, 0.743, 0.743421052631579},
        {REC_ALPHA_ORDINAL, 0.815, 0.8153875037548813},
        {REC_ALPHA_INTERVAL, 0.849, 0.8491071428571428},
    };
    for (size_t i = 0; i < 3; i++) {
        double alpha;
        ck_assert_ok(rec_krippendorff_alpha(&alpha, ratings[0], 4, 12, rows[i].level, err));
        ck_assert_double_eq_tol(alpha, rows[i].printed, 5e-4);
        ck_assert_double_eq_tol(alpha, rows[i].exact, 1e-12);
    }
}
END_TEST

START_TEST(alpha_at_its_ends)
{
    const double same[] = {1, 2, 3, 1, 2, 3}, one_value[] = {2, 2, 2, 2}, lone[] = {1, NAN, NAN, 2};
    double alpha;
    ck_assert_ok(rec_krippendorff_alpha(&alpha, same, 2, 3, REC_ALPHA_NOMINAL, err));
    ck_assert_double_eq(alpha, 1.0);
    ck_assert_ok(rec_krippendorff_alpha(&alpha, one_value, 2, 2, REC_ALPHA_NOMINAL, err));
    ck_assert(isnan(alpha));
    ck_assert_ok(rec_krippendorff_alpha(&alpha, lone, 2, 2, REC_ALPHA_NOMINAL, err));
    ck_assert(isnan(alpha));
    ck_assert_ok(rec_krippendorff_alpha(&alpha, NULL, 0, 0, REC_ALPHA_NOMINAL, err));
    ck_assert(isnan(alpha));
}
END_TEST

REC_SUITE("harness/judges/agreement", tcase_add_test(t, kappa_of_ten_pairs);
          tcase_add_test(t, kappa_at_its_ends); tcase_add_test(t, alpha_of_the_published_example);
          tcase_add_test(t, alpha_at_its_ends);)
