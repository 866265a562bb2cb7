#include "tests/harness/metrics/lists.h"

/* p = 0.8, relevant at 1 and 3: 0.2 (1 + 0.64). */
START_TEST(by_hand)
{
    ck_assert_near(value("rbp.80", LIST(2, 1, 0, 2)), 0.2 * 1.64);
    ck_assert_near(value("rbp.8", LIST(2, 1, 0, 2)), 0.2 * 1.64);
    ck_assert_near(value("rbp.05", LIST(2, 1, 0, 2)), 0.95 * (1 + 0.0025));
    ck_assert_double_eq(value("rbp.95", LIST(1, 0, NAN, -1)), 0.0);
    ck_assert_double_eq(value("rbp.95", EMPTY(1)), 0.0);
    ck_assert_double_nan(value("rbp.95", EMPTY(0)));
}
END_TEST

START_TEST(ranks_beyond_the_list)
{
    rec_ranking r = *LIST(3, 1);
    r.relevant_ranks = (const size_t[]){1, 3, 0};
    ck_assert_near(value("rbp.80", &r), 0.2 * 1.64);
}
END_TEST

START_TEST(persistence_is_part_of_the_name)
{
    const rec_metric *m;
    size_t k;
    const char *wrong[] = {"rbp", "rbp.", "rbp.0", "rbp.00", "rbp.100", "rbp.x", "rbp@80"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        ck_assert_fails(rec_metric_parse(&m, &k, wrong[i], err), REC_ERR_CONFIG, "rbp.80");
    ck_assert_ok(rec_metric_parse(&m, &k, "rbp.05", err));
    char label[REC_METRIC_LABEL_MAX];
    rec_metric_label(label, m, k);
    ck_assert_str_eq(label, "rbp.05");
}
END_TEST

REC_SUITE("harness/metrics/rbp", tcase_add_test(t, by_hand);
          tcase_add_test(t, ranks_beyond_the_list);
          tcase_add_test(t, persistence_is_part_of_the_name);)
