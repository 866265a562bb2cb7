#include "models/lm/endpoint/pace.h"

#include "tests/suite.h"

START_TEST(no_limit_never_waits)
{
    rec_pace p = rec_pace_of(0.0);
    for (int i = 0; i < 1000; i++)
        rec_pace_take(&p, 1e9, 5.0);
    ck_assert_double_eq(rec_pace_wait(&p, 5.0), 0.0);
}
END_TEST

/* 120 a minute: one every half second, however late the clock starts; idle time is not saved up. */
START_TEST(starts_are_spread)
{
    rec_pace p = rec_pace_of(120.0);
    ck_assert_double_eq(rec_pace_wait(&p, 100.0), 0.0);
    rec_pace_take(&p, 1.0, 100.0);
    ck_assert_double_eq(rec_pace_wait(&p, 100.0), 0.5);
    ck_assert_double_eq(rec_pace_wait(&p, 100.5), 0.0);
    rec_pace_take(&p, 1.0, 130.0);
    ck_assert_double_eq(rec_pace_wait(&p, 130.0), 0.5);
}
END_TEST

/* 6000 tokens a minute: 300 tokens are three seconds; 100 of them turn out not to be used. */
START_TEST(units_and_corrections)
{
    rec_pace p = rec_pace_of(6000.0);
    rec_pace_take(&p, 300.0, 10.0);
    ck_assert_double_eq_tol(rec_pace_wait(&p, 10.0), 3.0, 1e-12);
    rec_pace_correct(&p, -100.0);
    ck_assert_double_eq_tol(rec_pace_wait(&p, 10.0), 2.0, 1e-12);
}
END_TEST

REC_SUITE("models/lm/endpoint/pace", tcase_add_test(t, no_limit_never_waits);
          tcase_add_test(t, starts_are_spread); tcase_add_test(t, units_and_corrections);)
