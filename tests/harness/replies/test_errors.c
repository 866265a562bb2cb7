/* Hand-made records: candidates 10 .. 15 shown in this order after the history 1, 2. */
#include <math.h>

#include "datasets/dataset.h"
#include "harness/replies/errors.h"
#include "harness/replies/subsequence.h"
#include "tests/suite.h"

static const uint32_t history[] = {1, 2}, candidates[] = {10, 11, 12, 13, 14, 15};
static const uint32_t target[] = {12};
static const rec_shown_items shown = {history, 2, candidates, 6, target, 1, 6};
#define X REC_NO_ITEM

static char *names[] = {"a", "b", "c", "d", "e", "f", "g", "h"};

static rec_list_errors find(const rec_shown_items *s, const rec_title_list *list,
                            const uint32_t *items)
{
    rec_grounding groundings[8] = {{.step = REC_GROUNDED_SIMILAR}, {.ambiguous = true}};
    rec_grounded_list grounded = {(uint32_t *)items, groundings, list->n, 1};
    rec_list_errors e;
    ck_assert_ok(rec_list_errors_find(&e, list, &grounded, s, err));
    return e;
}

static rec_list_errors find_in(const rec_shown_items *s, const uint32_t *items, size_t n)
{
    rec_title_list list = {.titles = names, .n = n, .mode = REC_LIST_LINES};
    return find(s, &list, items);
}

#define FIND(...)                                                                                  \
    find_in(&shown, (const uint32_t[]){__VA_ARGS__},                                               \
            sizeof((const uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t))

static double value(const rec_list_errors *e, const char *name)
{
    const rec_error_metric *m = rec_error_metric_find(name);
    ck_assert_msg(m != NULL, "%s", name);
    return m->value(e);
}

START_TEST(copy_of_the_order_shown)
{
    rec_list_errors e = FIND(10, 11, 12, 13, 14, 15);
    ck_assert_double_eq(value(&e, "copy_error"), 6);
    ck_assert_double_eq(value(&e, "copy_ratio"), 1);
    ck_assert_double_eq_tol(value(&e, "copy_excess"), 6 - 3.140277777777778, 1e-12);
    ck_assert_double_eq(value(&e, "shown_order_tau"), 1);
    ck_assert_double_eq(value(&e, "duplicate_error_rate"), 0);
    ck_assert_double_eq(value(&e, "candidate_error_rate"), 0);
    ck_assert_double_eq(value(&e, "history_error_rate"), 0);
    ck_assert_double_eq(value(&e, "short_list_rate"), 0);
}
END_TEST

START_TEST(reversed_order)
{
    rec_list_errors e = FIND(15, 14, 13, 12, 11, 10);
    ck_assert_double_eq(value(&e, "copy_error"), 1);
    ck_assert_double_eq(value(&e, "shown_order_tau"), -1);
    ck_assert_double_eq_tol(value(&e, "copy_excess"), 1 - 3.140277777777778, 1e-12);
}
END_TEST

START_TEST(another_order)
{
    rec_list_errors e = FIND(12, 10, 13, 11, 14, 15); /* 12 13 14 15 follow; 12 of 15 pairs */
    ck_assert_double_eq(value(&e, "copy_error"), 4);
    ck_assert_double_eq_tol(value(&e, "shown_order_tau"), (12.0 - 3.0) / 15.0, 1e-15);
}
END_TEST

START_TEST(one_duplicate)
{
    rec_list_errors e = FIND(10, 12, 10, 13, 14, 15);
    ck_assert_double_eq(value(&e, "duplicate_error_rate"), 1);
    ck_assert_double_eq_tol(value(&e, "duplicate_error_rate_item"), 1.0 / 6.0, 1e-15);
    ck_assert_uint_eq(e.n_offered, 5);
    ck_assert_double_eq(value(&e, "copy_error"), 5);
}
END_TEST

START_TEST(one_history_item)
{
    rec_list_errors e = FIND(2, 10, 11, 12, 13, 14);
    ck_assert_double_eq(value(&e, "history_error_rate"), 1);
    ck_assert_double_eq_tol(value(&e, "history_error_rate_item"), 1.0 / 6.0, 1e-15);
    ck_assert_double_eq(value(&e, "candidate_error_rate"), 1); /* nor was it offered */
    ck_assert_double_eq(value(&e, "oov_rate"), 0);
    ck_assert_double_eq(value(&e, "copy_error"), 6); /* history stands before candidates */
}
END_TEST

START_TEST(one_foreign_item)
{
    rec_list_errors e = FIND(10, 99, 11, 12, 13, 14);
    ck_assert_double_eq(value(&e, "candidate_error_rate"), 1);
    ck_assert_double_eq_tol(value(&e, "candidate_error_rate_item"), 1.0 / 6.0, 1e-15);
    ck_assert_double_eq(value(&e, "oov_rate"), 0);
    ck_assert_double_eq(value(&e, "copy_error"), 5);
}
END_TEST

START_TEST(one_unknown_title)
{
    rec_list_errors e = FIND(10, X, 11, 12, 13, 14);
    ck_assert_double_eq(value(&e, "oov_rate"), 1);
    ck_assert_double_eq_tol(value(&e, "oov_rate_item"), 1.0 / 6.0, 1e-15);
    ck_assert_double_eq(value(&e, "candidate_error_rate"), 1);
    ck_assert_double_eq(value(&e, "duplicate_error_rate"), 0);
}
END_TEST

START_TEST(unknown_titles_repeat_by_their_text)
{
    char *titles[] = {"nowhere", "elsewhere", "nowhere"};
    uint32_t items[] = {X, X, X};
    rec_title_list list = {.titles = titles, .n = 3, .mode = REC_LIST_LINES};
    rec_list_errors e = find(&shown, &list, items);
    ck_assert_uint_eq(e.n_duplicate, 1);
    ck_assert_uint_eq(e.n_copied, 0);
    ck_assert(isnan(value(&e, "shown_order_tau")));
}
END_TEST

START_TEST(short_list)
{
    rec_list_errors e = FIND(10);
    ck_assert_double_eq(value(&e, "short_list_rate"), 1);
    ck_assert_double_eq(value(&e, "empty_rate"), 0);
    ck_assert_double_eq(value(&e, "copy_excess"), 0);
    ck_assert(isnan(value(&e, "shown_order_tau")));
}
END_TEST

START_TEST(empty_list)
{
    rec_title_list list = {.mode = REC_LIST_UNREADABLE};
    rec_list_errors e = find(&shown, &list, NULL);
    ck_assert_double_eq(value(&e, "empty_rate"), 1);
    ck_assert_double_eq(value(&e, "parse_fail_rate"), 1);
    ck_assert_double_eq(value(&e, "short_list_rate"), 1);
    ck_assert_double_eq(value(&e, "copy_error"), 0);
    ck_assert(isnan(value(&e, "copy_ratio")));
    ck_assert(isnan(value(&e, "oov_rate_item")));
    ck_assert_double_eq(rec_error_metric_find("oov_rate_item")->weight(&e), 0);
    list.mode = REC_LIST_BLANK; /* nothing was said: empty, but not unreadable */
    e = find(&shown, &list, NULL);
    ck_assert_double_eq(value(&e, "parse_fail_rate"), 0);
}
END_TEST

START_TEST(no_candidates)
{
    rec_shown_items only_history = {.history = history, .n_history = 2};
    uint32_t items[] = {2, 77, 1};
    rec_list_errors e = find_in(&only_history, items, 3);
    ck_assert(isnan(value(&e, "candidate_error_rate")));
    ck_assert(isnan(value(&e, "candidate_error_rate_item")));
    ck_assert(isnan(value(&e, "copy_excess")));
    ck_assert(isnan(value(&e, "short_list_rate")));
    ck_assert_double_eq(value(&e, "copy_error"), 1);
    ck_assert_double_eq_tol(value(&e, "history_error_rate_item"), 2.0 / 3.0, 1e-15);
}
END_TEST

START_TEST(more_than_was_asked_for)
{
    rec_list_errors e = FIND(10, 11, 12, 13, 14, 15, 10, 11);
    ck_assert_double_eq(value(&e, "short_list_rate"), 0);
    ck_assert_double_eq_tol(value(&e, "duplicate_error_rate_item"), 2.0 / 8.0, 1e-15);
    ck_assert_double_eq(value(&e, "copy_error"), 6);
}
END_TEST

START_TEST(how_titles_were_grounded)
{
    rec_list_errors e = FIND(10, X, 12, 13);
    ck_assert_double_eq(value(&e, "similar_rate_item"), 0.25);
    ck_assert_double_eq(value(&e, "ambiguous_rate_item"), 0.25);
    ck_assert_double_eq(value(&e, "near_threshold_rate_item"), 0.25);
}
END_TEST

/* The target is shown third of six: 3 - 3.5 = -1/2, over (36 - 1) / 12. */
START_TEST(place_of_the_target)
{
    rec_list_errors e = FIND(12, 10, 11, 13, 14, 15);
    ck_assert_double_eq_tol(value(&e, "target_place_bias"), -0.5 * (1 - 3.5) * 12 / 35, 1e-15);
    e = FIND(10, 11); /* missing: as if seventh */
    ck_assert_double_eq_tol(value(&e, "target_place_bias"), -0.5 * (7 - 3.5) * 12 / 35, 1e-15);
    rec_shown_items other = shown;
    double sum = 0.0;
    for (uint32_t t = 10; t < 16; t++) { /* a copied order, whichever the target is: 1 on average */
        uint32_t items[] = {10, 11, 12, 13, 14, 15};
        other.targets = &t;
        e = find_in(&other, items, 6);
        sum += value(&e, "target_place_bias");
    }
    ck_assert_double_eq_tol(sum / 6, 1.0, 1e-15);
    other.n_targets = 0;
    e = find_in(&other, candidates, 6);
    ck_assert(isnan(value(&e, "target_place_bias")));
}
END_TEST

START_TEST(every_metric_says_what_it_is)
{
    for (size_t i = 0; i < rec_n_error_metrics; i++) {
        const rec_error_metric *m = &rec_error_metrics[i];
        ck_assert_ptr_eq(rec_error_metric_find(m->name), m);
        ck_assert(m->help != NULL && m->formula != NULL && m->value != NULL);
    }
    ck_assert_ptr_null(rec_error_metric_find("coverage"));
}
END_TEST

REC_SUITE("harness/replies/errors", tcase_add_test(t, copy_of_the_order_shown);
          tcase_add_test(t, reversed_order); tcase_add_test(t, another_order);
          tcase_add_test(t, one_duplicate); tcase_add_test(t, one_history_item);
          tcase_add_test(t, one_foreign_item); tcase_add_test(t, one_unknown_title);
          tcase_add_test(t, unknown_titles_repeat_by_their_text); tcase_add_test(t, short_list);
          tcase_add_test(t, empty_list); tcase_add_test(t, no_candidates);
          tcase_add_test(t, more_than_was_asked_for); tcase_add_test(t, how_titles_were_grounded);
          tcase_add_test(t, place_of_the_target); tcase_add_test(t, every_metric_says_what_it_is);)
