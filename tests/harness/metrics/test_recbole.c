/* The figures that RecBole 1.2.1 expects of its own metrics (its tests/metrics): four lists of
 * three items with 1, 3, 4 and 2 relevant items. */
#include "tests/harness/metrics/lists.h"

static void check_matrix(const char *name, const double expected[4][3])
{
    static const float hits[4][3] = {{0, 0, 0}, {1, 1, 1}, {1, 0, 1}, {0, 0, 1}};
    static const size_t n_relevant[] = {1, 3, 4, 2};
    const rec_metric *metric = rec_metric_find(name);
    for (size_t u = 0; u < 4; u++)
        for (size_t k = 1; k <= 3; k++) {
            rec_ranking r = {.gains = hits[u], .n_ranked = 3, .n_relevant = n_relevant[u]};
            ck_assert_double_eq_tol(metric->value_at(&r, k), expected[u][k - 1], 1e-15);
        }
}

START_TEST(relevance)
{
    const double second = 1 / log2(3), best_two = 1 + second, best_three = best_two + 0.5;
    check_matrix("hit", (const double[4][3]){{0, 0, 0}, {1, 1, 1}, {1, 1, 1}, {0, 0, 1}});
    check_matrix("mrr", (const double[4][3]){{0, 0, 0}, {1, 1, 1}, {1, 1, 1}, {0, 0, 1.0 / 3}});
    check_matrix("ndcg", (const double[4][3]){{0, 0, 0},
                                              {1, 1, 1},
                                              {1, 1 / best_two, 1.5 / best_three},
                                              {0, 0, 0.5 / best_two}});
    check_matrix(
        "map_min",
        (const double[4][3]){{0, 0, 0}, {1, 1, 1}, {1, 0.5, (1 + 2.0 / 3) / 3}, {0, 0, 1.0 / 6}});
    check_matrix("recall", (const double[4][3]){
                               {0, 0, 0}, {1.0 / 3, 2.0 / 3, 1}, {0.25, 0.25, 0.5}, {0, 0, 0.5}});
    check_matrix("precision",
                 (const double[4][3]){{0, 0, 0}, {1, 1, 1}, {1, 0.5, 2.0 / 3}, {0, 0, 1.0 / 3}});
}
END_TEST

/* Users of 2, 3 and 5 items whose 1, 2 and 3 relevant ones stand at 1; 1, 3; 2, 3, 4 (rank sums
 * 1, 4 and 9). */
START_TEST(gauc)
{
    const rec_ranking *users[] = {LIST(1, 1, 0), LIST(2, 1, 0, 1), LIST(3, 0, 1, 1, 1, 0)};
    const rec_metric *metric = rec_metric_find("gauc");
    double sum = 0, weights = 0;
    for (size_t u = 0; u < 3; u++) {
        sum += metric->weight(users[u]) * metric->value_at(users[u], 0);
        weights += metric->weight(users[u]);
    }
    ck_assert_double_eq_tol(sum / weights, (1 * 1.0 + 2 * 0.5 + 3 * 0.5) / 6, 1e-15);
    ck_assert_double_eq(metric->value_at(LIST(1, 0, 0, 1), 0), 0.0);
}
END_TEST

/* Five lists over eight ids, of which RecBole counts the padding id 0 as an item. */
static const uint32_t shown[] = {5, 7, 3, 4, 5, 2, 2, 3, 5, 1, 4, 6, 5, 3, 7};
static const uint32_t lengths[] = {3, 3, 3, 3, 3};
static const uint32_t popularity[] = {0, 0, 1, 2, 3, 4, 5, 0};
static const rec_list_set lists = {.items = shown,
                                   .n_ranked = lengths,
                                   .n_lists = 5,
                                   .stride = 3,
                                   .n_items = 8,
                                   .popularity = popularity};

static double run(const char *name)
{
    double out = -1;
    ck_assert_ok(rec_metric_find(name)->run_value(&out, &lists, 3, err));
    return out;
}

START_TEST(exposure)
{
    ck_assert_double_eq(run("itemcoverage"), 7.0 / 8);
    ck_assert_double_eq_tol(run("gini"), (-5.0 - 3 - 2 + 2 + 6 + 15 + 28) / (8 * 15), 1e-15);
    /* theirs is the mean over the 7 items shown, ours the entropy itself */
    const double counts[] = {1, 2, 3, 2, 4, 1, 2};
    double entropy = 0;
    for (size_t i = 0; i < 7; i++)
        entropy -= counts[i] / 15 * log(counts[i] / 15);
    ck_assert_double_eq_tol(run("entropy"), entropy, 1e-14);
}
END_TEST

START_TEST(average_popularity)
{
    const double expected[5][3] = {
        {4, 2, 2}, {3, 3.5, 8.0 / 3}, {1, 1.5, 7.0 / 3}, {0, 1.5, 8.0 / 3}, {4, 3, 2}};
    for (size_t l = 0; l < 5; l++)
        for (size_t k = 1; k <= 3; k++)
            ck_assert_double_eq_tol(rec_metric_find("avg_popularity")->list_value(&lists, l, k),
                                    expected[l][k - 1], 1e-15);
}
END_TEST

REC_SUITE("harness/metrics/recbole", tcase_add_test(t, relevance); tcase_add_test(t, gauc);
          tcase_add_test(t, exposure); tcase_add_test(t, average_popularity);)
