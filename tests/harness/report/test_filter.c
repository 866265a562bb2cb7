#include <string.h>

#include "harness/report/filter.h"
#include "tests/harness/report/fixture.h"
#include "tests/suite.h"

static char *names[] = {(char *)"ndcg", (char *)"recall@5"};
static const rec_string_list list = {names, 2}, everything = {NULL, 0};

START_TEST(an_empty_list_is_everything)
{
    ck_assert(rec_show_wants(&everything, "x") && rec_show_wants_metric(&everything, "x", 3));
    ck_assert(rec_show_wants(&list, "ndcg") && !rec_show_wants(&list, "ndc"));
}
END_TEST

START_TEST(metrics_with_and_without_cutoff)
{
    ck_assert(rec_show_wants_metric(&list, "ndcg", 10) && rec_show_wants_metric(&list, "ndcg", 1));
    ck_assert(rec_show_wants_metric(&list, "recall", 5));
    ck_assert(!rec_show_wants_metric(&list, "recall", 50) &&
              !rec_show_wants_metric(&list, "hit", 5));
}
END_TEST

/* An empty list is every figure over all samples; those over parts are named. */
START_TEST(parts_of_the_samples)
{
    char *wanted[] = {(char *)"hit", (char *)"hit.tail@5"};
    const rec_string_list none = {NULL, 0}, some = {wanted, 2};
    ck_assert_str_eq(rec_show_slice("hit.tail"), "tail");
    ck_assert_ptr_null(rec_show_slice("hit"));
    ck_assert(rec_show_wants_whole(&none, "hit", 5));
    ck_assert(!rec_show_wants_whole(&none, "hit.tail", 5));
    ck_assert(rec_show_wants_whole(&some, "hit", 5));
    ck_assert(rec_show_wants_whole(&some, "hit.tail", 5));
    ck_assert(!rec_show_wants_whole(&some, "hit.tail", 10));
    ck_assert(!rec_show_wants_whole(&some, "hit.head", 5));
}
END_TEST

START_TEST(expectations_by_all_three)
{
    rec_expected e = {.system = (char *)"ease", .task = (char *)"t", .metric = (char *)"ndcg@10"};
    const rec_show_filter metrics = {.metrics = list};
    ck_assert(rec_show_wants_expected(&metrics, &e));
    e.metric = (char *)"ndcg_exp@10"; /* another metric, though it starts alike */
    ck_assert(!rec_show_wants_expected(&metrics, &e));
    const rec_show_filter systems = {.systems = list};
    ck_assert(!rec_show_wants_expected(&systems, &e));
}
END_TEST

START_TEST(every_name_is_checked)
{
    rec_report *r = NULL;
    char *good[] = {(char *)"ndcg", (char *)"rank"}, *bad[] = {(char *)"ndcg", (char *)"rnk"};
    ck_assert_ok(fixture_report(&r, (fixture_options){0}, err));
    const rec_show_filter fine = {.metrics = {good, 2}}, wrong = {.metrics = {bad, 2}};
    ck_assert_ok(rec_show_check(&fine, r, err));
    ck_assert_fails(rec_show_check(&wrong, r, err), REC_ERR_CONFIG,
                    "the report has no metric \"rnk\" (did you mean \"rank\"?)");
    rec_report_free(r);
}
END_TEST

REC_SUITE("harness/report/filter", tcase_add_test(t, an_empty_list_is_everything);
          tcase_add_test(t, metrics_with_and_without_cutoff);
          tcase_add_test(t, parts_of_the_samples); tcase_add_test(t, expectations_by_all_three);
          tcase_add_test(t, every_name_is_checked);)
