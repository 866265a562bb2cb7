#include "tests/harness/metrics/lists.h"

/* R = 3 (one is not ranked), N = 2 judged non-relevant. List: rel, non, rel, unjudged,
 * negative, non. First: 1. Second: one non-relevant above: 1 - 1 / min(2, 3) = 1/2. Sum over R:
 * 1.5 / 3. */
START_TEST(by_hand)
{
    rec_ranking r = *LIST(3, 1, 0, 1, NAN, -1, 0);
    r.n_nonrelevant_judged = 2;
    ck_assert_double_eq(value("bpref", &r), 0.5);
    r.n_nonrelevant_judged = 10; /* 1 - 1/3 */
    ck_assert_near(value("bpref", &r), (1 + 2.0 / 3) / 3);
}
END_TEST

/* More judged non-relevant items above than R count as R. */
START_TEST(at_most_r_items_above_count)
{
    rec_ranking r = *LIST(1, 0, 0, 0, 1);
    r.n_nonrelevant_judged = 3;
    ck_assert_double_eq(value("bpref", &r), 0.0);
    ck_assert_double_eq(value("bpref", LIST(1, NAN, NAN, 1)), 1.0);
    ck_assert_double_eq(value("bpref", EMPTY(1)), 0.0);
    ck_assert_double_nan(value("bpref", EMPTY(0)));
}
END_TEST

REC_SUITE("harness/metrics/bpref", tcase_add_test(t, by_hand);
          tcase_add_test(t, at_most_r_items_above_count);)
