#include "models/lm/endpoint/retry.h"

#include <string.h>

#include "tests/suite.h"

/* 2024-02-29 12:00:00 UTC: `date -u -d 2024-02-29T12:00:00 +%s`. */
static const int64_t noon = 1709208000;

static double after(const char *text)
{
    double seconds = -1.0;
    ck_assert_msg(rec_retry_after(&seconds, text, noon), "not read: %s", text);
    return seconds;
}

START_TEST(statuses)
{
    static const long yes[] = {408, 409, 429, 500, 502, 503, 504, 529, 599};
    static const long no[] = {200, 301, 400, 401, 403, 404, 413, 422, 499, 600, 0};
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
        ck_assert(rec_retry_allowed(yes[i]));
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        ck_assert(!rec_retry_allowed(no[i]));
}
END_TEST

START_TEST(retry_after_seconds)
{
    ck_assert_double_eq(after("0"), 0.0);
    ck_assert_double_eq(after("120"), 120.0);
    ck_assert_double_eq(after("99999999999999999999"), 1e9);
}
END_TEST

START_TEST(retry_after_dates)
{
    ck_assert_double_eq(after("Thu, 29 Feb 2024 12:00:30 GMT"), 30.0);
    ck_assert_double_eq(after("Thursday, 29-Feb-24 12:01:00 GMT"), 60.0);
    ck_assert_double_eq(after("Thu Feb 29 13:00:00 2024"), 3600.0);
    ck_assert_double_eq(after("Fri Mar  1 12:00:00 2024"), 86400.0);
    ck_assert_double_eq(after("Thu, 29 Feb 2024 11:59:59 GMT"), 0.0);  /* past */
    ck_assert_double_eq(after("Sunday, 06-Nov-94 08:49:37 GMT"), 0.0); /* 1994, not 2094 */
    ck_assert_double_eq(after("Sun, 01 Mar 2026 12:00:00 GMT"), 731.0 * 86400.0);
}
END_TEST

START_TEST(retry_after_nonsense)
{
    static const char *const texts[] = {"",
                                        "-1",
                                        "1.5",
                                        "soon",
                                        "12 seconds",
                                        "Thu, 29 Foo 2024 12:00:30 GMT",
                                        "Thu, 32 Feb 2024 12:00:30 GMT",
                                        "Thu, 29 Feb 2024 25:00:30 GMT",
                                        "Thu, 29 Feb 2024 12:00:30 CET",
                                        "Thu, 29 Feb 2024 12:00:30 GMT and more"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        double seconds;
        ck_assert_msg(!rec_retry_after(&seconds, texts[i], noon), "read: %s", texts[i]);
    }
}
END_TEST

/* Bases 1, 2, 4, 8, 10, 10, ... times [0.5, 1); the same draw for the same request and attempt. */
START_TEST(backoff)
{
    static const double bases[] = {1.0, 2.0, 4.0, 8.0, 10.0, 10.0};
    for (unsigned a = 1; a <= 6; a++) {
        for (uint64_t id = 0; id < 50; id++) {
            double s = rec_retry_backoff(a, id);
            ck_assert_double_ge(s, 0.5 * bases[a - 1]);
            ck_assert_double_lt(s, bases[a - 1]);
            ck_assert_double_eq(s, rec_retry_backoff(a, id));
        }
        ck_assert_double_ne(rec_retry_backoff(a, 1), rec_retry_backoff(a, 2));
    }
}
END_TEST

REC_SUITE("models/lm/endpoint/retry", tcase_add_test(t, statuses);
          tcase_add_test(t, retry_after_seconds); tcase_add_test(t, retry_after_dates);
          tcase_add_test(t, retry_after_nonsense); tcase_add_test(t, backoff);)
