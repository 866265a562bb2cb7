/* ndcg and its variants: worked by hand, perfect, worst, k past the list. */
#include "tests/harness/metrics/lists.h"

/* Levels 3 2 3 0 1 2, of which nothing is missed: DCG = 3 + 2 / log2 3 + 3 / 2 + 0 + 1 / log2 6 +
 * 2 / log2 7; best order 3 3 2 2 1. */
START_TEST(by_hand)
{
    const rec_ranking *r = GRADED(LEVELS(3, 3, 2, 2, 1), 3, 2, 3, 0, 1, 2);
    double dcg = 3 + 2 / log2(3) + 3.0 / 2 + 1 / log2(6) + 2 / log2(7);
    double ideal = 3 + 3 / log2(3) + 2.0 / 2 + 2 / log2(5) + 1 / log2(6);
    ck_assert_near(value("ndcg", r), dcg / ideal);
    ck_assert_near(value("ndcg@100", r), dcg / ideal);
    ck_assert_near(value("ndcg@2", r), (3 + 2 / log2(3)) / (3 + 3 / log2(3)));
    ck_assert_near(value("ndcg_full_ideal@2", r), (3 + 2 / log2(3)) / ideal);
    ck_assert_near(value("ndcg_exp@2", r), (7 + 3 / log2(3)) / (7 + 7 / log2(3)));
}
END_TEST

/* Three relevant a, b, c; list x a b y z. Independently computed values. */
START_TEST(ideal_holds_all_relevant_items)
{
    const rec_ranking *r = LIST(3, 0, 1, 1, 0, 0);
    ck_assert_near(value("ndcg@2", r), 0.38685280723454163);
    ck_assert_near(value("ndcg@5", r), 0.5307212739772434);
    ck_assert_near(value("ndcg_exp@5", r), 0.5307212739772434);
}
END_TEST

START_TEST(perfect_worst_and_empty)
{
    const char *labels[] = {"ndcg@3", "ndcg_exp@3", "ndcg"};
    for (size_t i = 0; i < 3; i++) {
        ck_assert_double_eq(value(labels[i], GRADED(LEVELS(2, 1), 2, 1, 0)), 1.0);
        ck_assert_double_eq(value(labels[i], LIST(2, 0, 0, 0)), 0.0);
        ck_assert_double_eq(value(labels[i], EMPTY(2)), 0.0);
        ck_assert_double_nan(value(labels[i], LIST(0, 0, 0)));
    }
    /* more relevant items than k: cut ideal reaches 1, full ideal does not */
    ck_assert_double_eq(value("ndcg@1", LIST(2, 1, 1)), 1.0);
    ck_assert_near(value("ndcg_full_ideal@1", LIST(2, 1, 1)), 1 / (1 + 1 / log2(3)));
    ck_assert_double_nan(value("ndcg_full_ideal@1", EMPTY(0)));
}
END_TEST

/* Unjudged (NaN) and negative judgments gain nothing. */
START_TEST(unjudged_and_negative_count_zero)
{
    const rec_ranking *r = LIST(1, NAN, -1, -2, 1);
    ck_assert_near(value("ndcg@4", r), 1 / log2(5));
    ck_assert_near(value("ndcg_exp@4", r), 1 / log2(5));
}
END_TEST

/* Level 2 set by trec_eval leaves the gains of ndcg alone (0.859719); with the judgments below the
 * level taken out as ranx does it is 0.630930. */
START_TEST(level_fixture)
{
    ck_assert_double_eq_tol(value("ndcg", GRADED(LEVELS(2, 1), 1, 2)), 0.859719, 5e-7);
    ck_assert_double_eq_tol(value("ndcg", GRADED(LEVELS(2), 0, 2)), 0.630930, 5e-7);
}
END_TEST

REC_SUITE("harness/metrics/ndcg", tcase_add_test(t, by_hand);
          tcase_add_test(t, ideal_holds_all_relevant_items);
          tcase_add_test(t, perfect_worst_and_empty);
          tcase_add_test(t, unjudged_and_negative_count_zero); tcase_add_test(t, level_fixture);)
