#include "harness/judges/length_control.h"

#include <math.h>

#include "tests/suite.h"

/* scikit-learn: LogisticRegression(C=100, fit_intercept=False) on columns 1 and tanh(d / sd), each
 * sample once as preferred (weight share) and once as not (weight 1 - share). */
START_TEST(as_a_reference_implementation)
{
    const double share[] = {1, .5, 0, .75, 1, .25, .5, 1};
    const double a[] = {120, 80, 60, 200, 150, 40, 90, 100};
    const double b[] = {100, 90, 100, 80, 100, 100, 85, 60};
    ck_assert_double_eq_tol(rec_length_controlled_win_rate(share, a, b, 8), 0.5878708229891143,
                            1e-7);
}
END_TEST

/* Equal lengths: nothing to control for; only the weak prior moves the mean, towards 1/2. */
START_TEST(equal_lengths_give_the_win_rate)
{
    double share[400], lengths[400];
    for (size_t i = 0; i < 400; i++) {
        share[i] = i < 280 ? 1.0 : i < 320 ? 0.5 : 0.0;
        lengths[i] = 50;
    }
    ck_assert_double_eq_tol(rec_length_controlled_win_rate(share, lengths, lengths, 400), 0.75,
                            1e-4);
}
END_TEST

/* A judge whose preference is a function of the lengths alone, by the model's own formula: the raw
 * rate is far from one half, the controlled one is not. */
START_TEST(a_judge_of_length_is_seen_through)
{
    enum { N = 400 };
    double share[N], a[N], b[N], sum = 0.0, squares = 0.0, raw = 0.0;
    for (size_t i = 0; i < N; i++) {
        b[i] = 100;
        a[i] = 80 + (double)(i % 80);
        sum += a[i] - b[i];
    }
    for (size_t i = 0; i < N; i++)
        squares += pow(a[i] - b[i] - sum / N, 2.0);
    for (size_t i = 0; i < N; i++) {
        share[i] = 1.0 / (1.0 + exp(-2.0 * tanh((a[i] - b[i]) / sqrt(squares / (N - 1)))));
        raw += share[i] / N;
    }
    ck_assert_double_gt(raw, 0.65);
    ck_assert_double_eq_tol(rec_length_controlled_win_rate(share, a, b, N), 0.5, 1e-3);
}
END_TEST

START_TEST(extremes_are_finite)
{
    const double won[] = {1, 1, 1, 1}, gap[] = {NAN, NAN, NAN, NAN}, a[] = {9, 8, 7, 6};
    const double b[] = {1, 2, 3, 4};
    double rate = rec_length_controlled_win_rate(won, a, b, 4);
    ck_assert(rate > 0.5 && rate < 1.0);
    ck_assert(isnan(rec_length_controlled_win_rate(gap, a, b, 4)));
    ck_assert(isnan(rec_length_controlled_win_rate(won, a, b, 0)));
    ck_assert_double_gt(rec_length_controlled_win_rate(won, a, b, 1), 0.5);
}
END_TEST

REC_SUITE("harness/judges/length_control", tcase_add_test(t, as_a_reference_implementation);
          tcase_add_test(t, equal_lengths_give_the_win_rate);
          tcase_add_test(t, a_judge_of_length_is_seen_through);
          tcase_add_test(t, extremes_are_finite);)
