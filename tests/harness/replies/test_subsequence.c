#include "harness/replies/subsequence.h"

#include <math.h>
#include <string.h>

#include "core/rng.h"
#include "datasets/dataset.h"
#include "tests/suite.h"

static size_t common(const uint32_t *a, size_t n, const uint32_t *b, size_t m)
{
    size_t out;
    ck_assert_ok(rec_subsequence_items(&out, a, n, b, m, err));
    return out;
}

START_TEST(items)
{
    uint32_t a[] = {1, 2, 3, 4, 5}, b[] = {2, 4, 1, 3, 5}, reversed[] = {5, 4, 3, 2, 1};
    uint32_t none[] = {REC_NO_ITEM, REC_NO_ITEM};
    ck_assert_uint_eq(common(a, 5, a, 5), 5);
    ck_assert_uint_eq(common(a, 5, reversed, 5), 1);
    ck_assert_uint_eq(common(a, 5, b, 5), 3); /* 2 4 5, 2 3 5 or 1 3 5 */
    ck_assert_uint_eq(common(a, 0, b, 5), 0);
    ck_assert_uint_eq(common(a, 5, b, 0), 0);
    ck_assert_uint_eq(common(none, 2, none, 2), 0);
}
END_TEST

START_TEST(equality_that_is_no_equivalence)
{
    const bool equal[] = {true, false, true, /* row by row */
                          true, true,  false};
    size_t out;
    ck_assert_ok(rec_subsequence(&out, equal, 2, 3, err));
    ck_assert_uint_eq(out, 2);
    ck_assert_ok(rec_subsequence(&out, NULL, 0, 0, err));
    ck_assert_uint_eq(out, 0);
}
END_TEST

/* RecLM-eval's specification states E for 10 and 20; 1, 3/2, 2 follow from listing the orders. */
START_TEST(expected_values)
{
    ck_assert_double_eq(rec_increasing_by_chance(0), 0.0);
    ck_assert_double_eq(rec_increasing_by_chance(1), 1.0);
    ck_assert_double_eq(rec_increasing_by_chance(2), 1.5);
    ck_assert_double_eq(rec_increasing_by_chance(3), 2.0); /* (3 + 4 * 2 + 1) / 6 */
    ck_assert_double_eq_tol(rec_increasing_by_chance(10), 3146141.0 / 725760.0, 1e-12);
    ck_assert_double_eq_tol(rec_increasing_by_chance(20), 6.614868465867, 1e-12);
    double step = rec_increasing_by_chance(41) - rec_increasing_by_chance(40);
    double before = rec_increasing_by_chance(40) - rec_increasing_by_chance(39);
    ck_assert_double_eq_tol(step, before, 0.005); /* the formula goes on where the table ends */
}
END_TEST

static double simulated(size_t n, size_t n_draws)
{
    uint32_t order[128], shown[128];
    double sum = 0.0;
    for (uint32_t i = 0; i < n; i++)
        shown[i] = i;
    for (size_t d = 0; d < n_draws; d++) {
        rec_rng rng = rec_rng_keyed(5, "test/order", d);
        memcpy(order, shown, n * sizeof *order);
        rec_rng_shuffle(&rng, order, n, sizeof *order);
        sum += (double)common(order, n, shown, n);
    }
    return sum / (double)n_draws;
}

/* The deviation of one length is 1.0978 for n = 20; four standard errors. */
START_TEST(random_orders)
{
    ck_assert_double_eq_tol(simulated(20, 200000), rec_increasing_by_chance(20),
                            4.0 * 1.097836 / sqrt(200000.0));
    ck_assert_double_eq_tol(simulated(60, 20000), rec_increasing_by_chance(60),
                            4.0 * 1.5 / sqrt(20000.0) + 0.001);
}
END_TEST

REC_SUITE("harness/replies/subsequence", tcase_add_test(t, items);
          tcase_add_test(t, equality_that_is_no_equivalence); tcase_add_test(t, expected_values);
          tcase_add_test(t, random_orders);)
