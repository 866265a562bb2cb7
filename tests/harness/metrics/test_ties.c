/* Expected values over tied orders and at chance, for every metric that has them: against the
 * average over all orders. */
#include "harness/metrics/ties.h"

#include "core/rng.h"
#include "tests/harness/metrics/lists.h"

enum { MAX_PLACES = 6 };

static size_t cutoff_of(const rec_metric *metric, size_t k)
{
    return metric->has_percent ? 80 : k;
}

/* Sum of the metric over all orders of gains[from..] that keep every item inside its group. */
static void sum_orders(double *sum, size_t *n_orders, float *gains, uint32_t *group, size_t from,
                       const rec_metric *metric, rec_ranking *r, size_t k)
{
    if (from == r->n_ranked) {
        *sum += metric->value_at(r, k);
        ++*n_orders;
        return;
    }
    for (size_t i = from; i < r->n_ranked && group[i] == group[from]; i++) {
        float moved = gains[i];
        gains[i] = gains[from];
        gains[from] = moved;
        sum_orders(sum, n_orders, gains, group, from + 1, metric, r, k);
        gains[from] = gains[i];
        gains[i] = moved;
    }
}

static double average_over_orders(const rec_metric *metric, const rec_ranking *r,
                                  const uint32_t *group, size_t k)
{
    float gains[MAX_PLACES];
    uint32_t groups[MAX_PLACES];
    memcpy(gains, r->gains, r->n_ranked * sizeof *gains);
    memcpy(groups, group, r->n_ranked * sizeof *groups);
    rec_ranking copy = *r;
    copy.gains = gains;
    double sum = 0;
    size_t n_orders = 0;
    sum_orders(&sum, &n_orders, gains, groups, 0, metric, &copy, k);
    return sum / (double)n_orders;
}

typedef struct tied_list {
    float gains[MAX_PLACES], ideal[MAX_PLACES + 2];
    uint32_t group[MAX_PLACES];
    rec_tied_rank ranks[MAX_PLACES + 2];
    rec_ranking ranking;
} tied_list;

static void place(tied_list *list, size_t n_relevant, size_t i)
{
    size_t n_above = i, end = i;
    while (n_above > 0 && list->group[n_above - 1] == list->group[i])
        n_above--;
    while (end < list->ranking.n_ranked && list->group[end] == list->group[i])
        end++;
    list->ranks[n_relevant] = (rec_tied_rank){.n_above = n_above, .n_equal = end - n_above};
}

/* 0 to 6 places in random groups with random judgments, and 0 to 2 relevant items that are not
 * ranked. Every place is judged when `all_judged`. */
static void make_list(tied_list *list, rec_rng *rng, bool all_judged)
{
    static const float levels[] = {NAN, -1, 0, 0, 1, 1, 2, 3};
    memset(list, 0, sizeof *list);
    rec_ranking *r = &list->ranking;
    r->n_ranked = rec_rng_below(rng, MAX_PLACES + 1);
    r->gains = list->gains;
    r->ideal_gains = list->ideal;
    for (size_t i = 0; i < r->n_ranked; i++) {
        list->gains[i] = levels[rec_rng_below(rng, 8)];
        if (all_judged && !(list->gains[i] > 0))
            list->gains[i] = 0;
        r->n_nonrelevant_judged += list->gains[i] == 0;
        list->group[i] = i > 0 ? list->group[i - 1] + (rec_rng_below(rng, 3) == 0) : 0;
    }
    for (float level = 3; level >= 1; level--) {
        for (size_t i = 0; i < r->n_ranked; i++)
            if (list->gains[i] == level) {
                place(list, r->n_relevant, i);
                list->ideal[r->n_relevant++] = level;
            }
        if (rec_rng_below(rng, 3) == 0 && level < 3)
            list->ideal[r->n_relevant++] = level;
    }
    if (!all_judged)
        r->n_nonrelevant_judged += rec_rng_below(rng, 3);
}

static void check_same(double actual, double expected, const char *name, size_t k)
{
    if (isnan(expected))
        ck_assert_msg(isnan(actual), "%s@%zu: %g, wanted NaN", name, k, actual);
    else
        ck_assert_msg(fabs(actual - expected) < 1e-12, "%s@%zu: %.17g, wanted %.17g", name, k,
                      actual, expected);
}

START_TEST(expected_is_the_average_over_orders)
{
    rec_rng rng = rec_rng_keyed(1, "test/ties", 0);
    for (int trial = 0; trial < 300; trial++) {
        tied_list list;
        make_list(&list, &rng, trial % 2 == 0);
        size_t cutoffs[] = {1, 2, 3, 4, 7, REC_WHOLE_LIST};
        for (size_t m = 0; m < rec_n_metrics; m++)
            for (size_t c = 0; c < 6 && rec_metrics[m]->expected_at != NULL; c++) {
                size_t k = cutoff_of(rec_metrics[m], cutoffs[c]);
                double wanted = average_over_orders(rec_metrics[m], &list.ranking, list.group, k);
                double got, from_ranks;
                ck_assert_ok(
                    rec_metric_expected(&got, rec_metrics[m], &list.ranking, list.group, k, err));
                check_same(got, wanted, rec_metrics[m]->name, k);
                if (trial % 2 != 0)
                    continue;
                ck_assert_ok(rec_metric_expected_ranks(&from_ranks, rec_metrics[m], &list.ranking,
                                                       list.ranks, k, err));
                check_same(from_ranks, wanted, rec_metrics[m]->name, k);
            }
    }
}
END_TEST

/* Scores d3 0.9; d1, d2, zz 0.5; judgments d1 = 1, d2 = 2, d3 = 0. trec_eval's order is d3 zz
 * d2 d1; the average is over the 6 orders of the three that tie. */
START_TEST(tie_fixture)
{
    const rec_ranking *r = GRADED(LEVELS(2, 1), 0, NAN, 2, 1);
    ck_assert_double_eq_tol(value("ndcg", r), 0.543791, 5e-7);
    ck_assert_double_eq_tol(value("ndcg@3", r), 0.380094, 5e-7);
    ck_assert_double_eq_tol(value("map", r), 0.416667, 5e-7);
    ck_assert_double_eq_tol(value("recip_rank", r), 0.333333, 5e-7);
    double orders[6][2] = {{2, 3}, {3, 2}, {2, 4}, {4, 2}, {3, 4}, {4, 3}}; /* ranks of d1, d2 */
    double ndcg = 0;
    for (size_t i = 0; i < 6; i++)
        ndcg += (1 / log2(orders[i][0] + 1) + 2 / log2(orders[i][1] + 1)) / (2 + 1 / log2(3)) / 6;
    double got;
    ck_assert_ok(rec_metric_expected(&got, rec_metric_find("ndcg"), r,
                                     (const uint32_t[]){0, 1, 1, 1}, REC_WHOLE_LIST, err));
    ck_assert_near(got, ndcg);
}
END_TEST

/* All subsets of size R of N places. */
static double average_over_subsets(const rec_metric *metric, size_t n_relevant, size_t n, size_t k)
{
    double sum = 0;
    size_t n_subsets = 0;
    for (unsigned subset = 0; subset < 1u << n; subset++) {
        if ((size_t)__builtin_popcount(subset) != n_relevant)
            continue;
        float gains[10];
        for (size_t i = 0; i < n; i++)
            gains[i] = (float)(subset >> i & 1);
        rec_ranking r = {.gains = gains,
                         .n_ranked = n,
                         .n_relevant = n_relevant,
                         .n_nonrelevant_judged = n - n_relevant};
        sum += metric->value_at(&r, k);
        n_subsets++;
    }
    return sum / (double)n_subsets;
}

START_TEST(chance_is_the_average_over_subsets)
{
    for (size_t m = 0; m < rec_n_metrics; m++)
        for (size_t n = 1; n <= 10 && rec_metrics[m]->expected_at != NULL; n++)
            for (size_t n_relevant = 1; n_relevant <= n; n_relevant++)
                for (size_t c = 1; c <= n + 1; c += 2) {
                    size_t k = cutoff_of(rec_metrics[m], c);
                    check_same(rec_metric_chance(rec_metrics[m], n_relevant, n, k),
                               average_over_subsets(rec_metrics[m], n_relevant, n, k),
                               rec_metrics[m]->name, k);
                }
}
END_TEST

static double chance(const char *name, size_t n_relevant, size_t n_pool, size_t k)
{
    return rec_metric_chance(rec_metric_find(name), n_relevant, n_pool, k);
}

/* One target among C candidates, and RecAI's published random row (C = 20), which is not that
 * of the 21 candidates its generator makes. */
START_TEST(chance_closed_forms)
{
    static const struct {
        size_t n_pool, k;
        double ndcg, hit, precision, map;
    } rows[] = {
        {20, 5, 0.147422955944, 0.25, 0.05, 0.114166666667},
        {20, 10, 0.227177966904, 0.5, 0.05, 0.146448412698},
        {20, 20, 0.352013419096, 1.0, 0.05, 0.179886982857},
        {21, 5, 0.140402815185, 0.238095238095, 0.047619047619, 0.108730158730},
        {21, 10, 0.216359968480, 0.476190476190, 0.047619047619, 0.139474678760},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t n = rows[i].n_pool, k = rows[i].k;
        ck_assert_double_eq_tol(chance("ndcg", 1, n, k), rows[i].ndcg, 1e-12);
        ck_assert_double_eq_tol(chance("hit", 1, n, k), rows[i].hit, 1e-12);
        ck_assert_double_eq_tol(chance("recall", 1, n, k), rows[i].hit, 1e-12);
        ck_assert_double_eq_tol(chance("precision", 1, n, k), rows[i].precision, 1e-12);
        ck_assert_double_eq_tol(chance("map", 1, n, k), rows[i].map, 1e-12);
        ck_assert_double_eq_tol(chance("mrr", 1, n, k), rows[i].map, 1e-12);
    }
    ck_assert_double_eq_tol(chance("recall", 3, 8, 5), 0.625, 1e-12);
    ck_assert_double_eq_tol(chance("precision", 3, 8, 5), 0.375, 1e-12);
    ck_assert_double_eq_tol(chance("hit", 3, 8, 5), 0.982142857, 5e-10);
    ck_assert_double_eq_tol(chance("ndcg", 3, 8, 5), 0.518868427, 5e-10);
    ck_assert_double_eq_tol(chance("map", 3, 8, 5), 0.382440476, 5e-10);
    ck_assert_double_eq_tol(chance("mrr", 3, 8, 5), 0.605952381, 5e-10);
    ck_assert_double_eq(chance("auc", 3, 8, 0), 0.5);
}
END_TEST

/* 200,000 random orders of 3 relevant among 20: every metric within 4 standard errors. */
START_TEST(chance_is_what_random_orders_give)
{
    enum { N = 200000, POOL = 20, K = 5 };
    rec_rng rng = rec_rng_keyed(2, "test/chance", 0);
    double sums[64] = {0}, squares[64] = {0};
    float gains[POOL] = {1, 1, 1};
    rec_ranking r = {
        .gains = gains, .n_ranked = POOL, .n_relevant = 3, .n_nonrelevant_judged = POOL - 3};
    for (int i = 0; i < N; i++) {
        rec_rng_shuffle(&rng, gains, POOL, sizeof *gains);
        for (size_t m = 0; m < rec_n_metrics; m++)
            if (rec_metrics[m]->expected_at != NULL) {
                double x = rec_metrics[m]->value_at(&r, cutoff_of(rec_metrics[m], K));
                sums[m] += x;
                squares[m] += x * x;
            }
    }
    for (size_t m = 0; m < rec_n_metrics; m++) {
        if (rec_metrics[m]->expected_at == NULL)
            continue;
        double mean = sums[m] / N, error = sqrt((squares[m] / N - mean * mean) / N);
        double expected = rec_metric_chance(rec_metrics[m], 3, POOL, cutoff_of(rec_metrics[m], K));
        ck_assert_msg(fabs(mean - expected) <= 4 * error, "%s: %g, chance %g, error %g",
                      rec_metrics[m]->name, mean, expected, error);
    }
}
END_TEST

START_TEST(undefined_cases)
{
    ck_assert_double_nan(chance("ndcg", 0, 8, 5));
    ck_assert_double_nan(chance("ndcg", 9, 8, 5));
    ck_assert_double_nan(chance("gini", 1, 8, 5));
    double out;
    const uint32_t group[] = {0};
    ck_assert_fails(rec_metric_expected(&out, rec_metric_find("gini"), LIST(1, 1), group, 1, err),
                    REC_ERR_CONFIG, "gini");
    ck_assert_fails(
        rec_metric_expected_ranks(&out, rec_metric_find("novelty"), LIST(1, 1), NULL, 1, err),
        REC_ERR_CONFIG, "novelty");
}
END_TEST

/* C(10 - 3, 4) / C(10, 4) = 35 / 210; hypergeometric weights sum to 1. */
START_TEST(probabilities)
{
    ck_assert_near(rec_probability_none(10, 3, 4), 35.0 / 210);
    ck_assert_near(rec_probability_none(10, 4, 3), 35.0 / 210);
    ck_assert_double_eq(rec_probability_none(10, 0, 4), 1.0);
    ck_assert_double_eq(rec_probability_none(10, 7, 4), 0.0);
    for (size_t n_relevant = 0; n_relevant <= 10; n_relevant++)
        for (size_t places = 0; places <= 10; places++) {
            double sum = 0, mean = 0;
            for (size_t h = 0; h <= 10; h++) {
                double p = rec_hypergeometric(h, 10, n_relevant, places);
                sum += p;
                mean += p * (double)h;
            }
            ck_assert_near(sum, 1.0);
            ck_assert_near(mean, (double)(n_relevant * places) / 10);
        }
}
END_TEST

REC_SUITE("harness/metrics/ties", tcase_add_test(t, expected_is_the_average_over_orders);
          tcase_add_test(t, tie_fixture); tcase_add_test(t, chance_is_the_average_over_subsets);
          tcase_add_test(t, chance_closed_forms);
          tcase_add_test(t, chance_is_what_random_orders_give); tcase_add_test(t, undefined_cases);
          tcase_add_test(t, probabilities);)
