#include "tests/harness/metrics/lists.h"

START_TEST(by_hand)
{
    ck_assert_double_eq(value("recip_rank", LIST(2, 0, 0, 0, 1)), 0.25);
    ck_assert_double_eq(value("recip_rank", LIST(2, 0, 0)), 0.0);
    ck_assert_double_eq(value("recip_rank", EMPTY(1)), 0.0);
    ck_assert_double_nan(value("recip_rank", EMPTY(0)));
}
END_TEST

/* A list cut at 2 whose relevant items stand at 40 and 5 in the full order; one is unranked. */
START_TEST(ranks_beyond_the_list)
{
    rec_ranking r = *LIST(3, 0, 0);
    r.relevant_ranks = (const size_t[]){40, 5, 0};
    ck_assert_double_eq(value("recip_rank", &r), 0.2);
    r.relevant_ranks = (const size_t[]){0, 0, 0};
    ck_assert_double_eq(value("recip_rank", &r), 0.0);
}
END_TEST

REC_SUITE("harness/metrics/recip_rank", tcase_add_test(t, by_hand);
          tcase_add_test(t, ranks_beyond_the_list);)
