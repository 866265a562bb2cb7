#include "tests/datasets/data.h"

#include "core/json.h"

/* The record names everything that decided the data: reader, options, order, split, candidates. */
START_TEST(everything_is_recorded)
{
    rec_dataset *d = data_load(
        "{type: recbole, path: '" FIXTURES "recbole', filter: {min_rating: 2, duplicates: first}, "
        "split: {type: random, test: 0.4, valid: 0, min_interactions: 2, seed: 9}, "
        "negatives: {type: uniform, n: 1, allow_short: true}}");
    cJSON *rules;
    ck_assert_ok(rec_json_parse(&rules, d->rules, strlen(d->rules), "rules", 1, err));
    static const char *const members[] = {"reader",     "reader_options", "filter", "dropped",
                                          "order",      "split",          "parts",  "negatives",
                                          "candidates", "counts",         "leaks",  "warnings"};
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        ck_assert_msg(cJSON_GetObjectItemCaseSensitive(rules, members[i]) != NULL, "%s",
                      members[i]);
    cJSON_Delete(rules);
    ck_assert_double_eq(data_rule(d, "rows_below_min_rating"), 1);
    ck_assert_double_eq(data_rule(d, "rows_duplicate"), 0);
    ck_assert_double_eq(data_rule(d, "test"), 0.4);
    ck_assert_double_eq(data_rule(d, "test_users"), 1); /* floor(0.4 n) is 1 of 3, 0 of 2 and 1 */
    ck_assert_double_eq(data_rule(d, "short_users"), 1);
    ck_assert_ptr_nonnull(strstr(d->rules, "\"candidates\":{\"type\":\"uniform\""));
    ck_assert_ptr_nonnull(
        strstr(d->rules, "1 users have too few interactions and are all training"));
    rec_dataset_free(d);
}
END_TEST

REC_SUITE("datasets/rules", tcase_add_test(t, everything_is_recorded);)
