#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "harness/report/compare.h"
#include "tests/harness/report/fixture.h"
#include "tests/suite.h"

static rec_report *first, *second;
static rec_comparisons rows;
static const rec_compare_options options = {.level = 0.95, .n_draws = 1000, .seed = 1};

static void setup(void)
{
    ck_assert_ok(fixture_report(&first, (fixture_options){.n_users = 5, .first_user = 10}, err));
    ck_assert_ok(fixture_report(&second, (fixture_options){.n_users = 5, .first_user = 10}, err));
}

static void teardown(void)
{
    rec_comparisons_deinit(&rows);
    rec_report_free(first);
    rec_report_free(second);
}

static rec_compare_side side(const rec_report *r, const char *system)
{
    return (rec_compare_side){r, r == first ? "first.h5" : "second.h5", system};
}

/* Per-user values of both seeds. */
static void set_values(rec_report *r, const char *metric, size_t k, const double values[5])
{
    rec_result *x = (rec_result *)rec_report_result(r, "retrieval", "ease");
    double *column = rec_result_column(x, metric, k)->values;
    for (size_t i = 0; i < x->n_samples; i++)
        column[i] = values[i % 5];
}

/* Differences 1 2 3 4 0: mean 2, sd sqrt(2.5), so t = 2 / sqrt(.5) = 2.8284, d = 1.2649; t(4)
 * two-sided p = 0.04742 (t table: 2.776 -> .05); sign test over 4 of 4: 2 / 16; permutation exact:
 * signs of 1 2 3 4 that reach |10|: 2 of 16. Interval 2 -+ 2.7764 * .70711 = [.0367, 3.9633]. */
START_TEST(by_hand)
{
    const double a[5] = {1, 1, 1, 1, 1}, b[5] = {2, 3, 4, 5, 1};
    char *metric[] = {(char *)"ndcg@10"};
    const rec_show_filter filter = {.tasks = {NULL, 0}, .metrics = {metric, 1}};
    rec_compare_options wanted = options;
    wanted.filter = &filter;
    set_values(first, "ndcg", 10, a);
    set_values(second, "ndcg", 10, b);
    ck_assert_ok(rec_compare(&rows, side(first, "ease"), side(second, "ease"), &wanted, err));
    ck_assert_uint_eq(rows.n, 2); /* both tasks */
    const rec_comparison *row = &rows.rows[0];
    ck_assert_str_eq(row->task, "retrieval");
    ck_assert_uint_eq(row->n, 5); /* users, not the ten samples of two seeds */
    ck_assert_double_eq_tol(row->mean_a, 1.0, 1e-15);
    ck_assert_double_eq_tol(row->mean_b, 3.0, 1e-15);
    ck_assert_double_eq_tol(row->difference, 2.0, 1e-15);
    ck_assert_double_eq_tol(row->effect_size, 2.0 / sqrt(2.5), 1e-12);
    ck_assert_double_eq_tol(row->interval.low, 2.0 - 2.7764451052 * sqrt(0.5), 1e-9);
    ck_assert_double_eq_tol(row->interval.high, 2.0 + 2.7764451052 * sqrt(0.5), 1e-9);
    ck_assert_double_eq_tol(row->p[REC_TEST_T], 0.0474, 1e-4);
    ck_assert_double_eq_tol(row->p[REC_TEST_SIGN], 0.125, 1e-12);
    ck_assert_double_eq_tol(row->p[REC_TEST_WILCOXON], 0.125, 1e-12);
    ck_assert_double_eq_tol(row->p[REC_TEST_PERMUTATION], 0.125, 1e-12);
    ck_assert_uint_eq(row->wins, 4);
    ck_assert_uint_eq(row->ties, 1);
    ck_assert_uint_eq(row->losses, 0);
}
END_TEST

/* The bootstrap takes users, each once whatever the number of its samples, and makes the interval:
 * differences 1 2 3 4 0 resampled lie in [0, 4] and reach as far from 2 as 0 is with 0 x 5 or 4 x 5
 * only, so p is near 2 / 5^5. */
START_TEST(bootstrap_over_users)
{
    const double a[5] = {1, 1, 1, 1, 1}, b[5] = {2, 3, 4, 5, 1};
    rec_compare_options wanted = options;
    wanted.test = REC_TEST_BOOTSTRAP;
    set_values(first, "ndcg", 10, a);
    set_values(second, "ndcg", 10, b);
    ck_assert_ok(rec_compare(&rows, side(first, "ease"), side(second, "ease"), &options, err));
    ck_assert_double_nan(rows.rows[0].p[REC_TEST_BOOTSTRAP]); /* only when asked for */
    rec_comparisons_deinit(&rows);
    ck_assert_ok(rec_compare(&rows, side(first, "ease"), side(second, "ease"), &wanted, err));
    const rec_comparison *row = &rows.rows[0];
    ck_assert_str_eq(row->metric, "ndcg");
    ck_assert_double_le(row->p[REC_TEST_BOOTSTRAP], 0.006);
    ck_assert_double_ge(row->interval.low, 0.0);
    ck_assert_double_le(row->interval.high, 4.0);
    rec_buffer out = {0};
    ck_assert_ok(rec_comparisons_adjust(&rows, REC_TEST_BOOTSTRAP, err));
    ck_assert_ok(
        rec_comparisons_show(&out, &rows, REC_TEST_BOOTSTRAP, &wanted, REC_FORMAT_TABLE, 0, err));
    ck_assert_ptr_nonnull(strstr(out.data, "95 % BCa bootstrap interval"));
    rec_buffer_deinit(&out);
}
END_TEST

START_TEST(lower_can_be_better)
{
    const double a[5] = {5, 5, 5, 5, 5}, b[5] = {1, 2, 3, 6, 5};
    set_values(first, "rank", 0, a);
    set_values(second, "rank", 0, b);
    ck_assert_ok(rec_compare(&rows, side(first, "ease"), side(second, "ease"), &options, err));
    const rec_comparison *row = &rows.rows[2];
    ck_assert_str_eq(row->metric, "rank");
    ck_assert_uint_eq(row->wins, 3);
    ck_assert_uint_eq(row->losses, 1);
}
END_TEST

/* p = .01 .04 .03 .20: Holm .04 .09 .09 .20; Benjamini-Hochberg .04 .0533 .0533 .20 */
START_TEST(corrections_over_the_family)
{
    const double p[4] = {0.01, 0.04, 0.03, 0.20};
    const double holm[4] = {0.04, 0.09, 0.09, 0.20}, bh[4] = {0.04, 0.16 / 3, 0.16 / 3, 0.20};
    rec_comparison list[4];
    memset(list, 0, sizeof list);
    for (size_t i = 0; i < 4; i++)
        list[i].p[REC_TEST_SIGN] = p[i];
    rec_comparisons c = {.n = 4, .rows = list};
    ck_assert_ok(rec_comparisons_adjust(&c, REC_TEST_SIGN, err));
    for (size_t i = 0; i < 4; i++) {
        ck_assert_double_eq_tol(list[i].p_holm, holm[i], 1e-12);
        ck_assert_double_eq_tol(list[i].p_bh, bh[i], 1e-12);
    }
}
END_TEST

START_TEST(other_data_is_refused)
{
    strcpy(second->dataset_sha256, "ffff");
    ck_assert_fails(rec_compare(&rows, side(first, "ease"), side(second, "ease"), &options, err),
                    REC_ERR_DATA, "first.h5 and second.h5 were measured on different data");
    rec_compare_options shared = options;
    shared.intersection = true;
    ck_assert_ok(rec_compare(&rows, side(first, "ease"), side(second, "ease"), &shared, err));
    ck_assert_uint_eq(rows.n, 6);
}
END_TEST

START_TEST(within_one_report)
{
    ck_assert_ok(rec_compare(&rows, side(first, "ease"), side(first, "chance"), &options, err));
    ck_assert_uint_eq(rows.n, 6);
    rec_comparisons_deinit(&rows);
    /* not applicable to the second task: only the first is compared */
    ck_assert_ok(rec_compare(&rows, side(first, "ease"), side(first, "agent"), &options, err));
    ck_assert_uint_eq(rows.n, 3);
}
END_TEST

START_TEST(every_format)
{
    rec_buffer out = {0};
    cJSON *root;
    ck_assert_ok(rec_compare(&rows, side(first, "ease"), side(second, "chance"), &options, err));
    ck_assert_ok(rec_comparisons_adjust(&rows, REC_TEST_T, err));
    for (int f = REC_FORMAT_TABLE; f <= REC_FORMAT_HTML; f++) {
        rec_buffer_clear(&out);
        ck_assert_ok(
            rec_comparisons_show(&out, &rows, REC_TEST_T, &options, (rec_format_kind)f, 0, err));
        ck_assert_ptr_nonnull(strstr(out.data, "second.h5"));
        ck_assert_ptr_nonnull(strstr(out.data, "ndcg@10"));
    }
    rec_buffer_clear(&out);
    ck_assert_ok(rec_comparisons_show(&out, &rows, REC_TEST_T, &options, REC_FORMAT_JSON, 0, err));
    ck_assert_ok(rec_json_parse(&root, out.data, out.length, "compare", 1, err));
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(root, "comparisons");
    ck_assert_int_eq(cJSON_GetArraySize(list), 6);
    const cJSON *p = cJSON_GetObjectItemCaseSensitive(cJSON_GetArrayItem(list, 0), "p");
    ck_assert_double_eq(cJSON_GetObjectItemCaseSensitive(p, "wilcoxon")->valuedouble,
                        rows.rows[0].p[REC_TEST_WILCOXON]);
    cJSON_Delete(root);
    rec_buffer_deinit(&out);
}
END_TEST

REC_SUITE("harness/report/compare", tcase_add_checked_fixture(t, setup, teardown);
          tcase_add_test(t, by_hand); tcase_add_test(t, bootstrap_over_users);
          tcase_add_test(t, lower_can_be_better); tcase_add_test(t, corrections_over_the_family);
          tcase_add_test(t, other_data_is_refused); tcase_add_test(t, within_one_report);
          tcase_add_test(t, every_format);)
