#include "models/nn/schedule.h"

#include <math.h>

#include "tests/suite.h"

START_TEST(by_hand)
{
    rec_schedule s = {.kind = REC_SCHEDULE_LINEAR, .warmup_steps = 4, .floor = 0.1};
    ck_assert_double_eq(rec_schedule_factor(&s, 0, 14), 0.25);
    ck_assert_double_eq(rec_schedule_factor(&s, 3, 14), 1.0);
    ck_assert_double_eq(rec_schedule_factor(&s, 4, 14), 1.0);
    ck_assert_double_eq_tol(rec_schedule_factor(&s, 9, 14), 0.1 + 0.9 * 0.5, 1e-12);
    ck_assert_double_eq_tol(rec_schedule_factor(&s, 14, 14), 0.1, 1e-12);
    ck_assert_double_eq_tol(rec_schedule_factor(&s, 99, 14), 0.1, 1e-12);
    s.kind = REC_SCHEDULE_COSINE;
    ck_assert_double_eq_tol(rec_schedule_factor(&s, 9, 14), 0.1 + 0.9 * 0.5, 1e-12);
    ck_assert_double_eq_tol(rec_schedule_factor(&s, 6, 14), 0.1 + 0.45 * (1 + cos(M_PI / 5)),
                            1e-12);
    s.kind = REC_SCHEDULE_CONSTANT;
    ck_assert_double_eq(rec_schedule_factor(&s, 13, 14), 1.0);
    s.kind = REC_SCHEDULE_LINEAR;
    ck_assert_double_eq(rec_schedule_factor(&s, 13, 0), 1.0); /* length unknown */
}
END_TEST

REC_SUITE("models/nn/schedule", tcase_add_test(t, by_hand);)
