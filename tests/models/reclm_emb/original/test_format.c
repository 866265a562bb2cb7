#include "models/reclm_emb/original/format.h"

#include <math.h>

#include "datasets/number.h"
#include "tests/suite.h"

static void check_float(double value, const char *expected)
{
    char text[REC_EMB_NUMBER_MAX];
    rec_emb_float_text(text, value);
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

REC_SUITE("models/reclm_emb/original/format", tcase_add_test(t, floats_as_python_prints_them);
          tcase_add_test(t, dates_are_written_with_two_digits);)
