/* itemcoverage, gini, entropy and entropy_norm: what is shown over the whole run. */
#include "harness/metrics/exposure.h"
#include "tests/harness/metrics/lists.h"

/* Three lists over a catalogue of 4; the second is short. Cut at 2 the counts are 3, 1, 1, 0. */
static const uint32_t items[] = {0, 1, 3, 0, 9, 9, 2, 0, 1};
static const uint32_t n_ranked[] = {3, 1, 3};
static const rec_list_set lists = {
    .items = items, .n_ranked = n_ranked, .n_lists = 3, .stride = 3, .n_items = 4};

static double run(const char *name, const rec_list_set *set, size_t k)
{
    double out = -1;
    ck_assert_ok(rec_metric_find(name)->run_value(&out, set, k, err));
    return out;
}

START_TEST(by_hand)
{
    ck_assert_double_eq(run("itemcoverage", &lists, 2), 0.75);
    ck_assert_double_eq(run("itemcoverage", &lists, 3), 1.0);
    /* ascending 0 1 1 3: (-3 0 - 1 1 + 1 1 + 3 3) / (4 5) */
    ck_assert_near(run("gini", &lists, 2), 9.0 / 20);
    double entropy = -(0.6 * log(0.6) + 0.4 * log(0.2));
    ck_assert_near(run("entropy", &lists, 2), entropy);
    ck_assert_near(run("entropy_norm", &lists, 2), entropy / log(4));
}
END_TEST

START_TEST(extremes)
{
    const uint32_t same[] = {2, 2, 2, 2}, all[] = {0, 1, 2, 3}, ones[] = {1, 1, 1, 1};
    rec_list_set set = {.items = same, .n_ranked = ones, .n_lists = 4, .stride = 1, .n_items = 4};
    ck_assert_double_eq(run("gini", &set, 1), 0.75); /* (n - 1) / n */
    ck_assert_double_eq(run("entropy", &set, 1), 0.0);
    ck_assert_double_eq(run("itemcoverage", &set, 1), 0.25);
    set.items = all;
    ck_assert_double_eq(run("gini", &set, 1), 0.0);
    ck_assert_near(run("entropy_norm", &set, 1), 1.0);
    set.n_lists = 0;
    ck_assert_double_nan(run("gini", &set, 1));
    ck_assert_double_nan(run("entropy", &set, 1));
    ck_assert_double_eq(run("itemcoverage", &set, 1), 0.0);
}
END_TEST

START_TEST(foreign_item_is_refused)
{
    rec_list_set set = lists;
    set.n_items = 3;
    double out;
    const char *names[] = {"itemcoverage", "gini", "entropy", "entropy_norm"};
    for (size_t i = 0; i < 4; i++)
        ck_assert_fails(rec_metric_find(names[i])->run_value(&out, &set, 3, err), REC_ERR_DATA,
                        "list 0, rank 3: item 3");
}
END_TEST

REC_SUITE("harness/metrics/exposure", tcase_add_test(t, by_hand); tcase_add_test(t, extremes);
          tcase_add_test(t, foreign_item_is_refused);)
