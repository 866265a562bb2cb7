#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "harness/report/check.h"
#include "tests/harness/report/fixture.h"
#include "tests/suite.h"

static rec_report *run, *baseline;
static rec_check found;
static const char *const names[2] = {"run.h5", "base.h5"};
static const rec_check_options options = {
    .compare = {.level = 0.95}, .tolerance = 0.01, .n_users = 2};

static void setup(void)
{
    ck_assert_ok(fixture_report(&run, (fixture_options){0}, err));
    ck_assert_ok(fixture_report(&baseline, (fixture_options){0}, err));
    run->n_expected = 1; /* the one that holds; teardown frees both */
}

static void teardown(void)
{
    run->n_expected = 2;
    rec_check_deinit(&found);
    rec_report_free(run);
    rec_report_free(baseline);
}

static double *values(rec_report *r, const char *metric, size_t k)
{
    return rec_result_column(rec_report_result(r, "retrieval", "ease"), metric, k)->values;
}

START_TEST(the_same_report_passes)
{
    ck_assert_ok(rec_check_run(&found, run, baseline, names, &options, err));
    ck_assert(rec_check_passed(&found));
    ck_assert_uint_eq(found.n_compared, 21); /* 7 applicable results of 3 figures */
    ck_assert_uint_eq(found.n_movements, 0);
}
END_TEST

/* A figure that is undefined for every user, in both: nothing moved. Only then: that it was defined
 * before is said by the count. */
START_TEST(undefined_figures_do_not_move)
{
    double *after = values(run, "ndcg", 20), *before = values(baseline, "ndcg", 20);
    for (size_t i = 0; i < 80; i++)
        before[i] = after[i] = (double)NAN;
    ck_assert_ok(rec_check_run(&found, run, baseline, names, &options, err));
    ck_assert(rec_check_passed(&found));
    ck_assert_uint_eq(found.n_movements, 0);
}
END_TEST

START_TEST(expectations)
{
    run->n_expected = 2;
    ck_assert_ok(rec_check_run(&found, run, NULL, names, &options, err));
    ck_assert_uint_eq(found.n_missed, 1);
    ck_assert(!rec_check_passed(&found));
}
END_TEST

/* Users 7 and 9 lose .3 and .5 in both seeds and everybody else .1: the fall leaves its interval,
 * and these two are named, worst first. */
START_TEST(a_fall_names_its_users)
{
    double *v = values(run, "ndcg", 20);
    for (size_t i = 0; i < 80; i++)
        v[i] -= i % 40 == 7 ? 0.3 : i % 40 == 9 ? 0.5 : 0.1;
    ck_assert_ok(rec_check_run(&found, run, baseline, names, &options, err));
    ck_assert_uint_eq(found.n_failed, 1);
    const rec_movement *m = &found.movements[0];
    ck_assert_int_eq(m->kind, REC_FELL);
    ck_assert_str_eq(m->system, "ease");
    ck_assert_uint_eq(m->n, 40);
    ck_assert_double_eq_tol(m->difference, -(0.1 * 38 + 0.8) / 40, 1e-12);
    ck_assert_double_lt(m->interval.high, 0.0);
    ck_assert_uint_eq(m->n_users, 2);
    ck_assert_str_eq(m->users[0].user, "u9");
    ck_assert_str_eq(m->users[1].user, "u7");
    ck_assert_double_eq_tol(m->users[0].before - m->users[0].after, 0.5, 1e-12);
}
END_TEST

/* One user alone moves: the interval of the difference covers zero. */
START_TEST(chance_is_no_fall)
{
    double *v = values(run, "ndcg", 20);
    v[4] -= 0.4;
    ck_assert_ok(rec_check_run(&found, run, baseline, names, &options, err));
    ck_assert(rec_check_passed(&found));
}
END_TEST

START_TEST(a_rise_is_said_but_passes)
{
    double *v = values(run, "ndcg", 20);
    for (size_t i = 0; i < 80; i++)
        v[i] += 0.1 + 0.001 * (double)(i % 40);
    ck_assert_ok(rec_check_run(&found, run, baseline, names, &options, err));
    ck_assert(rec_check_passed(&found));
    ck_assert_uint_eq(found.n_movements, 1);
    ck_assert_int_eq(found.movements[0].kind, REC_ROSE);
    ck_assert_str_eq(found.movements[0].users[0].user, "u39");
}
END_TEST

/* For a rank, lower is better: a rise of the number is a fall. */
START_TEST(direction_is_the_metrics)
{
    double *v = values(run, "rank", 0);
    for (size_t i = 0; i < 80; i++)
        v[i] += 0.1;
    ck_assert_ok(rec_check_run(&found, run, baseline, names, &options, err));
    ck_assert_uint_eq(found.n_failed, 1);
    ck_assert_int_eq(found.movements[0].kind, REC_FELL);
}
END_TEST

START_TEST(missing_figures_and_results_fail)
{
    rec_result *x = (rec_result *)rec_report_result(run, "retrieval", "ease");
    x->figures[1].k = 21; /* ndcg@20 is gone */
    rec_result *y = (rec_result *)rec_report_result(run, "ranking20", "chance");
    y->system[0] = 'C'; /* and all three figures of a system */
    ck_assert_ok(rec_check_run(&found, run, baseline, names, &options, err));
    ck_assert_uint_eq(found.n_failed, 4);
    ck_assert_int_eq(found.movements[0].kind, REC_MISSING);
    ck_assert(isnan(found.movements[0].after));
}
END_TEST

/* One of 40 users loses its value (calls that failed): more than a hundredth. */
START_TEST(fewer_users_fail)
{
    rec_buffer out = {0};
    const rec_show_filter all = {.tasks = {NULL, 0}};
    double *v = values(run, "ndcg", 20);
    v[5] = v[45] = NAN;
    ck_assert_ok(rec_check_run(&found, run, baseline, names, &options, err));
    ck_assert_uint_eq(found.n_failed, 1);
    ck_assert_int_eq(found.movements[0].kind, REC_FEWER);
    ck_assert_double_eq(found.movements[0].before, 40);
    ck_assert_double_eq(found.movements[0].after, 39);
    ck_assert_ok(rec_check_show(&out, &found, run, &all, REC_FORMAT_TABLE, 0, err));
    ck_assert_ptr_nonnull(strstr(out.data, "40 users  39 users          -1"));
    rec_buffer_deinit(&out);
    rec_check_deinit(&found);
    v[45] = 0.5; /* a value for one of its two seeds is a value */
    ck_assert_ok(rec_check_run(&found, run, baseline, names, &options, err));
    ck_assert(rec_check_passed(&found));
    rec_check_options lenient = options;
    lenient.tolerance = 0.05;
    v[45] = NAN;
    ck_assert_ok(rec_check_run(&found, run, baseline, names, &lenient, err));
    ck_assert(rec_check_passed(&found));
}
END_TEST

/* Coverage and the like have no per-user values: a relative tolerance decides. */
START_TEST(whole_run_figures)
{
    rec_result *x = (rec_result *)rec_report_result(run, "retrieval", "ease");
    rec_result *y = (rec_result *)rec_report_result(baseline, "retrieval", "ease");
    x->columns[1].k = y->columns[1].k = 7; /* ndcg@20 loses its column */
    y->figures[1].mean = 0.5;
    x->figures[1].mean = 0.4951;
    ck_assert_ok(rec_check_run(&found, run, baseline, names, &options, err));
    ck_assert(rec_check_passed(&found));
    x->figures[1].mean = 0.4949;
    ck_assert_ok(rec_check_run(&found, run, baseline, names, &options, err));
    ck_assert_uint_eq(found.n_failed, 1);
    ck_assert_uint_eq(found.movements[0].n, 0);
    rec_check_deinit(&found);
    x->figures[1].mean = NAN;
    ck_assert_ok(rec_check_run(&found, run, baseline, names, &options, err));
    ck_assert_int_eq(found.movements[0].kind, REC_MISSING);
}
END_TEST

START_TEST(other_test_sets_are_an_error)
{
    rec_report *other = NULL;
    ck_assert_ok(fixture_report(&other, (fixture_options){.n_users = 39}, err));
    ck_assert_fails(rec_check_run(&found, other, baseline, names, &options, err), REC_ERR_DATA,
                    "1 samples only in base.h5, 0 only in run.h5");
    rec_check_options shared = options;
    shared.compare.intersection = true;
    ck_assert_ok(rec_check_run(&found, other, baseline, names, &shared, err));
    ck_assert_uint_eq(found.n_failed, 0);
    strcpy(other->dataset_sha256, "ff");
    ck_assert_fails(rec_check_run(&found, other, baseline, names, &options, err), REC_ERR_DATA,
                    "different data");
    rec_report_free(other);
}
END_TEST

START_TEST(shown)
{
    const rec_show_filter all = {.tasks = {NULL, 0}};
    rec_buffer out = {0};
    cJSON *root;
    double *v = values(run, "ndcg", 20);
    for (size_t i = 0; i < 80; i++)
        v[i] -= 0.1;
    run->n_expected = 2;
    ck_assert_ok(rec_check_run(&found, run, baseline, names, &options, err));
    ck_assert_ok(rec_check_show(&out, &found, run, &all, REC_FORMAT_TABLE, 0, err));
    ck_assert_ptr_nonnull(strstr(out.data, "FELL  retrieval  ease    ndcg@20"));
    ck_assert_ptr_nonnull(strstr(out.data, "a wish"));
    ck_assert_ptr_null(strstr(out.data, "TOIS")); /* that one holds */
    ck_assert_ptr_nonnull(strstr(out.data, "FAILED: 1 of 2 expectations missed; 1 of 21 figures"));
    rec_buffer_clear(&out);
    ck_assert_ok(rec_check_show(&out, &found, run, &all, REC_FORMAT_JSON, 0, err));
    ck_assert_ok(rec_json_parse(&root, out.data, out.length, "check", 1, err));
    ck_assert(cJSON_IsFalse(cJSON_GetObjectItemCaseSensitive(root, "passed")));
    const cJSON *moved = cJSON_GetObjectItemCaseSensitive(root, "moved");
    ck_assert_int_eq(cJSON_GetArraySize(moved), 1);
    cJSON_Delete(root);
    rec_buffer_deinit(&out);
}
END_TEST

REC_SUITE("harness/report/check", tcase_add_checked_fixture(t, setup, teardown);
          tcase_add_test(t, the_same_report_passes); tcase_add_test(t, undefined_figures_do_not_move);
    tcase_add_test(t, expectations);
          tcase_add_test(t, a_fall_names_its_users); tcase_add_test(t, chance_is_no_fall);
          tcase_add_test(t, a_rise_is_said_but_passes); tcase_add_test(t, direction_is_the_metrics);
          tcase_add_test(t, missing_figures_and_results_fail); tcase_add_test(t, whole_run_figures);
          tcase_add_test(t, fewer_users_fail); tcase_add_test(t, other_test_sets_are_an_error);
          tcase_add_test(t, shown);)
