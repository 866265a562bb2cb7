/* Chance by simulation: 200,000 random orders lie within 4 standard errors of every closed form; the
 * forms for several relevant items are exact, by counting all sets of places (spec 4.6). */
#include <math.h>
#include <string.h>

#include "core/rng.h"
#include "harness/metrics/metric.h"
#include "harness/replies/subsequence.h"
#include "tests/suite.h"

enum { N_ORDERS = 200000 };

static const char *const names[] = {"hit", "recall", "precision", "ndcg", "map", "mrr"};
enum { N_NAMES = sizeof names / sizeof *names };

/* Value of a metric where one relevant item of `n_pool` stands at `rank` (from 1). */
static double value_at_rank(const rec_metric *m, size_t rank, size_t n_pool, size_t k)
{
    float gains[64] = {0};
    size_t ranks[1] = {rank};
    gains[rank - 1] = 1.0f;
    const rec_ranking r = {.gains = gains,
                           .n_ranked = n_pool,
                           .n_relevant = 1,
                           .n_nonrelevant_judged = n_pool - 1,
                           .relevant_ranks = ranks,
                           .n_pool = n_pool};
    return m->value_at(&r, k);
}

START_TEST(one_target_among_candidates)
{
    static const size_t pools[] = {20, 21}, cuts[] = {5, 10, 20};
    for (size_t p = 0; p < 2; p++)
        for (size_t c = 0; c < 3; c++)
            for (size_t m = 0; m < N_NAMES; m++) {
                const rec_metric *metric = rec_metric_find(names[m]);
                rec_rng rng = rec_rng_keyed(1, "test/chance", p * 100 + c * 10 + m);
                double sum = 0.0, squares = 0.0;
                for (size_t i = 0; i < N_ORDERS; i++) {
                    size_t rank = 1 + rec_rng_below(&rng, (uint32_t)pools[p]);
                    double v = value_at_rank(metric, rank, pools[p], cuts[c]);
                    sum += v;
                    squares += v * v;
                }
                double mean = sum / N_ORDERS, sd = sqrt(fmax(squares / N_ORDERS - mean * mean, 0));
                double expected = rec_metric_chance(metric, 1, pools[p], cuts[c]);
                ck_assert_msg(fabs(mean - expected) <= 4.0 * sd / sqrt(N_ORDERS) + 1e-12,
                              "%s@%zu of %zu: %g, expected %g", names[m], cuts[c], pools[p], mean,
                              expected);
            }
}
END_TEST

/* The figures of the spec's table, to their last digit. */
START_TEST(closed_forms)
{
    static const struct {
        const char *metric;
        size_t n_pool, k;
        double value;
    } rows[] = {{"ndcg", 20, 5, 0.147422955944},
                {"mrr", 20, 5, 0.114166666667},
                {"ndcg", 20, 10, 0.227177966904},
                {"map", 20, 10, 0.146448412698},
                {"ndcg", 20, 20, 0.352013419096},
                {"mrr", 20, 20, 0.179886982857},
                {"ndcg", 21, 5, 0.140402815185},
                {"hit", 21, 5, 0.238095238095},
                {"precision", 21, 5, 0.047619047619},
                {"mrr", 21, 5, 0.108730158730},
                {"ndcg", 21, 10, 0.216359968480},
                {"map", 21, 10, 0.139474678760},
                {"hit", 20, 5, 0.25},
                {"precision", 20, 10, 0.05}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        ck_assert_double_eq_tol(
            rec_metric_chance(rec_metric_find(rows[i].metric), 1, rows[i].n_pool, rows[i].k),
            rows[i].value, 1e-12);
}
END_TEST

/* Mean over all choices of `n_relevant` places among `n_pool`: bits of a number are the places. */
static double by_counting(const rec_metric *m, size_t n_relevant, size_t n_pool, size_t k)
{
    double sum = 0.0;
    size_t n = 0;
    for (unsigned places = 0; places < 1u << n_pool; places++) {
        float gains[16] = {0};
        size_t ranks[16], at = 0;
        for (size_t i = 0; i < n_pool; i++)
            if (places >> i & 1u) {
                gains[i] = 1.0f;
                ranks[at++] = i + 1;
            }
        if (at != n_relevant)
            continue;
        const rec_ranking r = {.gains = gains,
                               .n_ranked = n_pool,
                               .n_relevant = n_relevant,
                               .n_nonrelevant_judged = n_pool - n_relevant,
                               .relevant_ranks = ranks,
                               .n_pool = n_pool};
        sum += m->value_at(&r, k);
        n++;
    }
    return sum / (double)n;
}

START_TEST(several_relevant_items)
{
    for (size_t n_pool = 1; n_pool <= 10; n_pool++)
        for (size_t n_relevant = 1; n_relevant <= n_pool; n_relevant++)
            for (size_t k = 1; k <= n_pool; k++)
                for (size_t m = 0; m < N_NAMES; m++) {
                    const rec_metric *metric = rec_metric_find(names[m]);
                    double expected = rec_metric_chance(metric, n_relevant, n_pool, k);
                    if (!isnan(expected))
                        ck_assert_double_eq_tol(by_counting(metric, n_relevant, n_pool, k),
                                                expected, 1e-12);
                }
}
END_TEST

/* E[LIS of 20] = 6.614868465867, sd 1.097836. */
START_TEST(copying_by_chance)
{
    enum { N = 20, N_DRAWS = 20000 };
    uint32_t shown[N], listed[N];
    double sum = 0.0;
    rec_rng rng = rec_rng_keyed(1, "test/copy", 0);
    for (uint32_t i = 0; i < N; i++)
        shown[i] = i;
    for (size_t d = 0; d < N_DRAWS; d++) {
        size_t length;
        memcpy(listed, shown, sizeof listed);
        rec_rng_shuffle(&rng, listed, N, sizeof *listed);
        ck_assert_ok(rec_subsequence_items(&length, listed, N, shown, N, err));
        sum += (double)length;
    }
    ck_assert_double_eq_tol(sum / N_DRAWS, 6.614868465867, 4.0 * 1.097836 / sqrt(N_DRAWS));
}
END_TEST

REC_SUITE("harness/tasks/chance", tcase_add_test(t, one_target_among_candidates);
          tcase_add_test(t, closed_forms); tcase_add_test(t, several_relevant_items);
          tcase_add_test(t, copying_by_chance);)
