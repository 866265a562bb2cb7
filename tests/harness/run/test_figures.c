#include "harness/run/figures.h"

#include <math.h>

#include "harness/stats/stats.h"
#include "tests/suite.h"

enum { N = 4 };

/* An evaluation of N samples with one column, samples of users 0, 1, ... or as given. */
typedef struct made {
    rec_sample samples[N];
    rec_sample_set set;
    rec_evaluation evaluation;
} made;

static void make(made *m, uint64_t seed, double *values, double *weights, const uint32_t *users)
{
    for (size_t i = 0; i < N; i++)
        m->samples[i] = (rec_sample){.user = users != NULL ? users[i] : (uint32_t)i};
    m->set = (rec_sample_set){.samples = m->samples, .n = N};
    m->evaluation = (rec_evaluation){.samples = &m->set,
                                     .seed = seed,
                                     .n = N,
                                     .n_columns = 1,
                                     .values = values,
                                     .weights = weights};
}

static const rec_task_column column = {.metric = "ndcg", .k = 10, .higher_is_better = true};
static const rec_figure_rules by_t = {.interval = REC_INTERVAL_T, .level = 0.95, .seed = 1};
static double ones[N] = {1, 1, 1, 1};

START_TEST(one_seed_is_plain_statistics)
{
    made m;
    rec_figure f;
    double x[N] = {0.1, 0.4, NAN, 0.7};
    make(&m, 1, x, ones, NULL);
    ck_assert_ok(rec_figure_init(&f, &column, 0, &m.evaluation, 1, &by_t, err));
    const double defined[] = {0.1, 0.4, 0.7};
    rec_interval interval = rec_t_interval(defined, 3, 0.95);
    ck_assert_double_eq_tol(f.mean, 0.4, 1e-15);
    ck_assert_double_eq_tol(f.stderr_, rec_stderr(defined, 3), 1e-15);
    ck_assert_double_eq_tol(f.ci_low, interval.low, 1e-12);
    ck_assert_double_eq_tol(f.ci_high, interval.high, 1e-12);
    ck_assert_uint_eq(f.n, 3);
    ck_assert(isnan(f.sd_seeds));
    free(f.metric);
}
END_TEST

/* Two seeds with means .2 and .4; a user's two values count as one unit: the error is that of the
 * users' means .1, .2, .4, .5. */
START_TEST(seeds_are_averaged_and_users_resampled)
{
    made m[2];
    rec_figure f;
    double x[N] = {0.0, 0.1, 0.3, 0.4}, y[N] = {0.2, 0.3, 0.5, 0.6};
    make(&m[0], 1, x, ones, NULL);
    make(&m[1], 2, y, ones, NULL);
    const rec_evaluation both[] = {m[0].evaluation, m[1].evaluation};
    ck_assert_ok(rec_figure_init(&f, &column, 0, both, 2, &by_t, err));
    const double means[] = {0.1, 0.2, 0.4, 0.5};
    ck_assert_double_eq_tol(f.mean, 0.3, 1e-15);
    ck_assert_double_eq_tol(f.sd_seeds, 0.2 / sqrt(2.0), 1e-15);
    ck_assert_double_eq_tol(f.stderr_, rec_stderr(means, 4), 1e-15);
    ck_assert_uint_eq(f.n, 4);
    free(f.metric);
}
END_TEST

/* Users 0 0 0 1: deviations from the mean 1/2 sum to 1/2 and -1/2, so the error is
 * sqrt(2 / 1 * (1/4 + 1/4)) / 4 = 1/4. */
START_TEST(samples_of_one_user_are_a_cluster)
{
    made m;
    rec_figure f;
    double x[N] = {1, 0, 1, 0};
    make(&m, 1, x, ones, (const uint32_t[]){0, 0, 0, 1});
    ck_assert_ok(rec_figure_init(&f, &column, 0, &m.evaluation, 1, &by_t, err));
    ck_assert_double_eq_tol(f.stderr_, 0.25, 1e-15);
    rec_figure g;
    const rec_figure_rules percentile = {
        .interval = REC_INTERVAL_PERCENTILE, .level = 0.95, .resamples = 500, .seed = 1};
    ck_assert_ok(rec_figure_init(&g, &column, 0, &m.evaluation, 1, &percentile, err));
    ck_assert_double_ge(g.ci_low, 0.0);
    ck_assert_double_le(g.ci_high, 2.0 / 3.0 + 1e-12); /* only user 0: 2/3 */
    free(f.metric);
    free(g.metric);
}
END_TEST

/* Weights 1 3: the mean is .25 * 0 + .75 * 1; a weight of 0 leaves a sample out. */
START_TEST(weighted_means)
{
    made m;
    rec_figure f;
    double x[N] = {0, 1, 0.5, NAN}, w[N] = {1, 3, 0, 1};
    make(&m, 1, x, w, NULL);
    ck_assert_ok(rec_figure_init(&f, &column, 0, &m.evaluation, 1, &by_t, err));
    ck_assert_double_eq_tol(f.mean, 0.75, 1e-15);
    ck_assert_uint_eq(f.n, 2);
    free(f.metric);
}
END_TEST

START_TEST(nothing_defined_is_missing)
{
    made m;
    rec_figure f;
    double x[N] = {NAN, NAN, NAN, NAN};
    make(&m, 1, x, ones, NULL);
    ck_assert_ok(rec_figure_init(&f, &column, 0, &m.evaluation, 1, &by_t, err));
    ck_assert(isnan(f.mean) && isnan(f.stderr_) && isnan(f.ci_low));
    ck_assert_uint_eq(f.n, 0);
    free(f.metric);
}
END_TEST

START_TEST(whole_run_figures)
{
    made m[2];
    rec_figure f;
    double x[N] = {NAN, NAN, NAN, NAN}, first = 0.25, second = 0.75;
    const rec_task_column coverage = {.metric = "itemcoverage", .k = 5, .is_whole_run = true};
    make(&m[0], 1, x, ones, NULL);
    make(&m[1], 2, x, ones, NULL);
    m[0].evaluation.whole_run = &first;
    m[1].evaluation.whole_run = &second;
    const rec_evaluation both[] = {m[0].evaluation, m[1].evaluation};
    ck_assert_ok(rec_figure_init(&f, &coverage, 0, both, 2, &by_t, err));
    ck_assert_double_eq(f.mean, 0.5);
    ck_assert_double_eq_tol(f.sd_seeds, 0.5 / sqrt(2.0), 1e-15);
    ck_assert(isnan(f.stderr_));
    ck_assert_uint_eq(f.n, 4);
    free(f.metric);
}
END_TEST

REC_SUITE("harness/run/figures", tcase_add_test(t, one_seed_is_plain_statistics);
          tcase_add_test(t, seeds_are_averaged_and_users_resampled);
          tcase_add_test(t, samples_of_one_user_are_a_cluster); tcase_add_test(t, weighted_means);
          tcase_add_test(t, nothing_defined_is_missing); tcase_add_test(t, whole_run_figures);)
