/* map and map_min. */
#include "tests/harness/metrics/lists.h"

/* Three relevant, list x a b y z: hits at 2 and 3, precisions 1/2 and 2/3. */
START_TEST(by_hand)
{
    const rec_ranking *r = LIST(3, 0, 1, 1, 0, 0);
    ck_assert_near(value("map@2", r), 0.5 / 3);
    ck_assert_near(value("map_min@2", r), 0.5 / 2);
    ck_assert_near(value("map@5", r), (0.5 + 2.0 / 3) / 3);
    ck_assert_near(value("map_min@5", r), (0.5 + 2.0 / 3) / 3);
    ck_assert_near(value("map", r), (0.5 + 2.0 / 3) / 3);
    ck_assert_near(value("map_min", r), (0.5 + 2.0 / 3) / 3);
}
END_TEST

START_TEST(perfect_worst_and_empty)
{
    ck_assert_double_eq(value("map@2", LIST(2, 1, 1)), 1.0);
    ck_assert_double_eq(value("map@1", LIST(2, 1, 1)), 0.5);
    ck_assert_double_eq(value("map_min@1", LIST(2, 1, 1)), 1.0);
    const char *labels[] = {"map@3", "map_min@3"};
    for (size_t i = 0; i < 2; i++) {
        ck_assert_double_eq(value(labels[i], LIST(2, 0, 0, 0, 1)), 0.0);
        ck_assert_double_eq(value(labels[i], EMPTY(2)), 0.0);
        ck_assert_double_nan(value(labels[i], EMPTY(0)));
    }
}
END_TEST

REC_SUITE("harness/metrics/map", tcase_add_test(t, by_hand);
          tcase_add_test(t, perfect_worst_and_empty);)
