#include "datasets/python_text.h"

#include <string.h>

#include "datasets/number.h"
#include "tests/suite.h"

/* What datetime.strptime takes for "%Y-%m-%d" and "%B %d, %Y", and what it refuses. */
START_TEST(dates_are_read_as_strptime_reads_them)
{
    static const char *const good[] = {"2016-02-29", "2016-2-29", "February 29, 2016",
                                       "FEBRUARY  29,  2016"};
    static const char *const bad[] = {"",           "2015-02-29",  "Feb 29, 2016", "2016-02-29 ",
                                      "29.02.2016", "Coming soon", "2016",         "February 2016",
                                      "0000-01-01", "2016-13-01",  "May 32, 2016", "May 5 2016"};
    double seconds;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        ck_assert_msg(rec_python_date(&seconds, good[i]), "%s", good[i]);
        ck_assert_double_eq(seconds, (double)rec_date_seconds(2016, 2, 29));
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(!rec_python_date(&seconds, bad[i]), "%s", bad[i]);
}
END_TEST

START_TEST(blanks_of_all_kinds_are_stripped)
{
    static const char padded[] = " \t\u00a0\u3000A b\u2009\n ", marks[] = "\u00a0..(A b!)\t, ";
    const char *text = padded;
    size_t n = sizeof padded - 1;
    rec_strip_blanks(&text, &n);
    ck_assert(n == 3 && memcmp(text, "A b", 3) == 0);
    text = marks;
    n = sizeof marks - 1;
    rec_strip_marks(&text, &n); /* ASCII only: the first character stays */
    ck_assert(n == 8 && memcmp(text, marks, 8) == 0);
    n = 0;
    rec_strip_blanks(&text, &n);
    rec_strip_marks(&text, &n);
    ck_assert_uint_eq(n, 0);
    text = " \u00a0 ";
    n = 4;
    rec_strip_blanks(&text, &n);
    ck_assert_uint_eq(n, 0);
}
END_TEST

static void check_partial(const char *text, int64_t year, int month, int day,
                          rec_date_precision expected)
{
    double seconds;
    rec_date_precision precision;
    ck_assert_msg(rec_partial_date(&seconds, &precision, text), "%s", text);
    ck_assert_double_eq(seconds, (double)rec_date_seconds(year, month, day));
    ck_assert_int_eq(precision, expected);
}

START_TEST(dates_keep_their_precision)
{
    double seconds;
    rec_date_precision precision;
    check_partial("2015-05-05", 2015, 5, 5, REC_DATE_DAY);
    check_partial("May 5, 2015", 2015, 5, 5, REC_DATE_DAY);
    check_partial("May 2015", 2015, 5, 1, REC_DATE_MONTH);
    check_partial("may,  2015", 2015, 5, 1, REC_DATE_MONTH);
    check_partial("2015-5", 2015, 5, 1, REC_DATE_MONTH);
    check_partial("2015", 2015, 1, 1, REC_DATE_YEAR);
    ck_assert(!rec_partial_date(&seconds, &precision, "soon"));
    ck_assert(!rec_partial_date(&seconds, &precision, "2015-13"));
    ck_assert(!rec_partial_date(&seconds, &precision, "May"));
    ck_assert(!rec_partial_date(&seconds, &precision, "20155"));
}
END_TEST

START_TEST(numbers_may_have_blanks_around)
{
    double value;
    ck_assert(rec_python_float(&value, " 9.99\n") && value == 9.99);
    ck_assert(rec_python_float(&value, "1e3") && value == 1000.0);
    ck_assert(!rec_python_float(&value, "free"));
    ck_assert(!rec_python_float(&value, "9,99"));
    ck_assert(!rec_python_float(&value, ""));
}
END_TEST

REC_SUITE("datasets/python_text", tcase_add_test(t, dates_are_read_as_strptime_reads_them);
          tcase_add_test(t, dates_keep_their_precision);
          tcase_add_test(t, numbers_may_have_blanks_around);
          tcase_add_test(t, blanks_of_all_kinds_are_stripped);)
