#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/report/report.h"
#include "tests/harness/report/fixture.h"
#include "tests/suite.h"

static void check_label(const char *metric, size_t k, size_t n_candidates, const char *expected)
{
    rec_error err;
    char *label = rec_report_label(metric, k, n_candidates, &err);
    ck_assert_str_eq(label, expected);
    free(label);
}

START_TEST(labels_carry_the_candidate_count)
{
    check_label("ndcg", 10, 0, "ndcg@10");
    check_label("ndcg", 10, 20, "ndcg@10[20]");
    check_label("auc", 0, 0, "auc");
    check_label("auc", 0, 20, "auc[20]");
    check_label("map", SIZE_MAX, 0, "map"); /* REC_WHOLE_LIST */
    check_label("rbp", 80, 20, "rbp.80[20]");
    check_label("bleu", 4, 0, "bleu@4"); /* no metric of ours */
    check_label("bleu", 0, 0, "bleu");
}
END_TEST

START_TEST(lookups_are_exact)
{
    rec_report *r = NULL;
    ck_assert_ok(fixture_report(&r, (fixture_options){0}, err));
    const rec_result *x = rec_report_result(r, "ranking20", "ease");
    ck_assert_ptr_nonnull(x);
    ck_assert_uint_eq(x->n_candidates, 20);
    ck_assert_ptr_null(rec_report_result(r, "ranking20", "eas"));
    ck_assert_ptr_null(rec_report_result(r, "ranking", "ease"));
    ck_assert_ptr_nonnull(rec_result_figure(x, "ndcg", 20));
    ck_assert_ptr_null(rec_result_figure(x, "ndcg", 0));
    ck_assert_ptr_nonnull(rec_result_column(x, "rank", 0));
    ck_assert_ptr_null(rec_result_column(x, "ndcg", 5));
    rec_report_free(r);
}
END_TEST

static bool holds(double measured, double published, int digits, double tol, rec_expected_side side)
{
    const rec_expected e = {
        .measured = measured, .published = published, .digits = digits, .tol = tol, .side = side};
    return rec_expected_holds(&e);
}

START_TEST(expectations_hold)
{
    ck_assert(holds(0.29051, 0.2905, 4, 0, REC_SIDE_BOTH)); /* equal when rounded */
    ck_assert(holds(0.29046, 0.2905, 4, 0, REC_SIDE_BOTH));
    ck_assert(!holds(0.29056, 0.2905, 4, 0, REC_SIDE_BOTH));
    ck_assert(holds(0.3, 0.2905, 4, 0, REC_SIDE_AT_LEAST));
    ck_assert(!holds(0.29044, 0.2905, 4, 0, REC_SIDE_AT_LEAST));
    ck_assert(holds(0.31, 0.3, -1, 0.01, REC_SIDE_BOTH)); /* .31 - .3 is not exactly .01 */
    ck_assert(holds(0.29, 0.3, -1, 0.01, REC_SIDE_AT_LEAST));
    ck_assert(!holds(0.2899, 0.3, -1, 0.01, REC_SIDE_AT_LEAST));
    ck_assert(!holds(0.3101, 0.3, -1, 0.01, REC_SIDE_BOTH));
    ck_assert(holds(9.0, 0.3, -1, 0.01, REC_SIDE_AT_LEAST));
    ck_assert(!holds(NAN, 0.3, -1, 10.0, REC_SIDE_AT_LEAST));
    ck_assert(holds(NAN, 0.3, -1, 0.0, REC_SIDE_SHOWN)); /* only stands beside */
    ck_assert(holds(9.0, 0.3, 4, 0.0, REC_SIDE_SHOWN));
}
END_TEST

START_TEST(freeing_nothing_is_harmless)
{
    rec_report_free(NULL);
    rec_report_free(calloc(1, sizeof(rec_report)));
}
END_TEST

REC_SUITE("harness/report/report", tcase_add_test(t, labels_carry_the_candidate_count);
          tcase_add_test(t, lookups_are_exact); tcase_add_test(t, expectations_hold);
          tcase_add_test(t, freeing_nothing_is_harmless);)
