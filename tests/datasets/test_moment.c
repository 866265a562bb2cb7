#include "tests/suite.h"

#include <string.h>

#include "datasets/moment.h"

START_TEST(dates_and_seconds)
{
    double t;
    ck_assert_ok(rec_moment_parse(&t, "1970-01-02", "from", err));
    ck_assert_double_eq(t, 86400);
    ck_assert_ok(rec_moment_parse(&t, "-12.5", "from", err));
    ck_assert_double_eq(t, -12.5);
    ck_assert_fails(rec_moment_parse(&t, "noon", "from", err), REC_ERR_CONFIG,
                    "from: \"noon\" is neither a date");
}
END_TEST

REC_SUITE("datasets/moment", tcase_add_test(t, dates_and_seconds);)
