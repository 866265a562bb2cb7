#include "models/reclm_emb/original/format.h"

#include <math.h>
#include <string.h>

#include "datasets/number.h"
#include "tests/suite.h"

static void check_float(double value, const char *expected)
{
    char text[REC_EMB_NUMBER_MAX];
    rec_emb_python_float(text, value);
    ck_assert_str_eq(text, expected);
}

/* repr() of these in CPython 3. */
START_TEST(floats_as_python_prints_them)
{
    check_float(20.0, "20.0");
    check_float(0.0, "0.0");
    check_float(9.99, "9.99");
    check_float(0.1 + 0.2, "0.30000000000000004");
    check_float(1e15, "1000000000000000.0");
    check_float(1e16, "1e+16");
    check_float(0.0001, "0.0001");
    check_float(0.00001, "1e-05");
    check_float(-3.5, "-3.5");
}
END_TEST

START_TEST(dates_are_written_with_two_digits)
{
    char text[REC_EMB_NUMBER_MAX];
    rec_emb_long_date(text, (double)rec_date_seconds(2015, 5, 5));
    ck_assert_str_eq(text, "May 05, 2015");
    rec_emb_long_date(text, (double)rec_date_seconds(1968, 12, 31));
    ck_assert_str_eq(text, "December 31, 1968");
    rec_emb_long_date(text, NAN);
    ck_assert_str_eq(text, "");
}
END_TEST

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
        ck_assert_msg(rec_emb_read_long_date(&seconds, good[i]), "%s", good[i]);
        ck_assert_double_eq(seconds, (double)rec_date_seconds(2016, 2, 29));
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(!rec_emb_read_long_date(&seconds, bad[i]), "%s", bad[i]);
}
END_TEST

START_TEST(blanks_of_all_kinds_are_stripped)
{
    static const char padded[] = " \t\u00a0\u3000A b\u2009\n ", marks[] = "\u00a0..(A b!)\t, ";
    const char *text = padded;
    size_t n = sizeof padded - 1;
    rec_emb_strip_blanks(&text, &n);
    ck_assert(n == 3 && memcmp(text, "A b", 3) == 0);
    text = marks;
    n = sizeof marks - 1;
    rec_emb_strip_marks(&text, &n); /* ASCII only: the first character stays */
    ck_assert(n == 8 && memcmp(text, marks, 8) == 0);
    n = 0;
    rec_emb_strip_blanks(&text, &n);
    rec_emb_strip_marks(&text, &n);
    ck_assert_uint_eq(n, 0);
    text = " \u00a0 ";
    n = 4;
    rec_emb_strip_blanks(&text, &n);
    ck_assert_uint_eq(n, 0);
}
END_TEST

REC_SUITE("models/reclm_emb/original/format", tcase_add_test(t, floats_as_python_prints_them);
          tcase_add_test(t, dates_are_written_with_two_digits);
          tcase_add_test(t, dates_are_read_as_strptime_reads_them);
          tcase_add_test(t, blanks_of_all_kinds_are_stripped);)
