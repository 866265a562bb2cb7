#include <math.h>
#include <string.h>

#include "harness/run/tune.h"
#include "tests/suite.h"

typedef struct search {
    rec_yaml *entry;
    rec_tuning tuning;
} search;

static void open_search(search *s, const char *type_name, const char *tune)
{
    char text[512];
    rec_system_type type;
    ck_assert(rec_system_type_find(&type, type_name));
    snprintf(text, sizeof text, "{type: %s, tune: %s}", type_name, tune);
    ck_assert_ok(rec_yaml_parse(&s->entry, text, strlen(text), "t", err));
    ck_assert_ok(rec_tuning_init(&s->tuning, rec_yaml_get(s->entry, "tune"), &type, s->entry, err));
}

static void close_search(search *s)
{
    rec_tuning_deinit(&s->tuning);
    rec_yaml_free(s->entry);
}

static double number_at(const search *s, size_t index, uint64_t seed, const char *key)
{
    rec_yaml *point = rec_tune_point(&s->tuning, index, seed, NULL);
    double value;
    ck_assert_ok(rec_yaml_real(&value, rec_yaml_get(point, key), err));
    rec_yaml_free(point);
    return value;
}

START_TEST(a_grid_has_every_combination)
{
    search s;
    open_search(
        &s, "item_knn",
        "{metric: ndcg@10, strategy: grid, trials: 6, space: {k: [10, 20], shrink: {min: 0, "
        "max: 10, steps: 3}}}");
    bool seen[2][3] = {{false}};
    for (size_t i = 0; i < 6; i++) {
        double k = number_at(&s, i, 1, "k"), shrink = number_at(&s, i, 1, "shrink");
        seen[k == 20.0][(size_t)(shrink / 5.0)] = true;
    }
    for (size_t i = 0; i < 6; i++)
        ck_assert(seen[i / 3][i % 3]);
    close_search(&s);
}
END_TEST

/* Uniform in the logarithm: the median of 1..10000 is 100; half of 2,000 draws below it within four
 * standard deviations. */
START_TEST(ranges_and_seeds)
{
    search s, with_more;
    open_search(&s, "ease", "{metric: ndcg@10, space: {lambda: {min: 1, max: 10000, log: true}}}");
    size_t n_below = 0;
    for (size_t i = 0; i < 2000; i++) {
        double lambda = number_at(&s, i, 1, "lambda");
        ck_assert(lambda >= 1.0 && lambda <= 10000.0);
        n_below += lambda < 100.0;
    }
    ck_assert_double_lt(fabs((double)n_below - 1000.0), 4.0 * sqrt(2000.0 * 0.25));
    ck_assert_double_eq(number_at(&s, 3, 1, "lambda"), number_at(&s, 3, 1, "lambda"));
    ck_assert_double_ne(number_at(&s, 3, 1, "lambda"), number_at(&s, 3, 2, "lambda"));
    /* another dimension changes no draw */
    open_search(&with_more, "ease",
                "{metric: ndcg@10, space: {feedback: [binary], lambda: {min: 1, max: 10000, log: "
                "true}}}");
    ck_assert_double_eq(number_at(&s, 3, 1, "lambda"), number_at(&with_more, 3, 1, "lambda"));
    close_search(&with_more);
    close_search(&s);
}
END_TEST

START_TEST(integers_are_whole)
{
    search s;
    open_search(&s, "item_knn", "{metric: ndcg@10, space: {k: {min: 1, max: 50}}}");
    for (size_t i = 0; i < 100; i++) {
        double k = number_at(&s, i, 1, "k");
        ck_assert_double_eq(k, round(k));
    }
    close_search(&s);
}
END_TEST

START_TEST(overrides_replace_keys)
{
    rec_yaml *entry, *overrides, *changed;
    ck_assert_ok(rec_yaml_parse(&entry, "{type: ease, lambda: 1}", 23, "t", err));
    ck_assert_ok(rec_yaml_parse(&overrides, "{\"lambda\":7,\"x\":2}", 18, "t", err));
    changed = rec_entry_with(entry, overrides, NULL);
    ck_assert_str_eq(rec_yaml_get(changed, "lambda")->text, "7");
    ck_assert_str_eq(rec_yaml_get(changed, "type")->text, "ease");
    ck_assert_str_eq(rec_yaml_get(entry, "lambda")->text, "1");
    rec_yaml_free(changed);
    rec_yaml_free(overrides);
    rec_yaml_free(entry);
}
END_TEST

REC_SUITE("harness/run/tune_space", tcase_add_test(t, a_grid_has_every_combination);
          tcase_add_test(t, ranges_and_seeds); tcase_add_test(t, integers_are_whole);
          tcase_add_test(t, overrides_replace_keys);)
