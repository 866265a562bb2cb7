#include "tests/suite.h"

#include <stdio.h>
#include <string.h>

#include "core/rng.h"
#include "datasets/number.h"

static rec_number_result parse(double *out, const char *text)
{
    return rec_number_parse(out, text, strlen(text));
}

static void check_value(const char *text, double expected)
{
    double value;
    ck_assert_int_eq(parse(&value, text), REC_NUMBER_OK);
    ck_assert_double_eq(value, expected);
}

START_TEST(decimal_forms)
{
    check_value("0", 0);
    check_value("3", 3);
    check_value("-2.5", -2.5);
    check_value("+7", 7);
    check_value(".5", 0.5);
    check_value("5.", 5);
    check_value("1e3", 1000);
    check_value("1.5E-3", 0.0015);
    check_value("881250949", 881250949);
    check_value("00012", 12);
    check_value("0.00000000000000000000000000000001", 1e-32);
    check_value("9007199254740993", 9007199254740992.0); /* ties to even */
    check_value("1e308", 1e308);
}
END_TEST

START_TEST(what_is_no_number)
{
    static const char *const texts[] = {"",     "-",   "+",   ".",  "e5", "1e",  "1e+", "1.2.3",
                                        "0x10", "inf", "nan", "1 ", " 1", "1,5", "--1", "1e5x"};
    double value;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        ck_assert_msg(parse(&value, texts[i]) == REC_NUMBER_INVALID, "\"%s\"", texts[i]);
    ck_assert_int_eq(parse(&value, "1e309"), REC_NUMBER_OUT_OF_RANGE);
    ck_assert_int_eq(parse(&value, "-1e999999999"), REC_NUMBER_OUT_OF_RANGE);
    check_value("1e-999999", 0.0); /* too small is 0, as strtod has it */
}
END_TEST

/* The short way and strtod agree to the last bit. */
START_TEST(rounds_like_strtod)
{
    rec_rng r = rec_rng_keyed(1, "number", 0);
    for (int i = 0; i < 100000; i++) {
        char text[64];
        double value;
        uint64_t digits = rec_rng_u64(&r) >> rec_rng_below(&r, 60);
        int n = snprintf(text, sizeof text, "%llu", (unsigned long long)digits);
        if (i % 2 == 0)
            n += snprintf(text + n, sizeof text - (size_t)n, ".%u", rec_rng_below(&r, 100000));
        if (i % 3 == 0)
            snprintf(text + n, sizeof text - (size_t)n, "e%d", (int)rec_rng_below(&r, 60) - 30);
        if (parse(&value, text) != REC_NUMBER_OK || value != strtod(text, NULL))
            ck_abort_msg("%s", text);
    }
}
END_TEST

START_TEST(decimal_ids_and_plain_numbers)
{
    ck_assert(rec_number_is_decimal("007", 3));
    ck_assert(!rec_number_is_decimal("-7", 2));
    ck_assert(!rec_number_is_decimal("", 0));
    static const char *const plain[] = {"0", "1995", "-3", "7.0", "0.25", "-0.5"};
    static const char *const codes[] = {"",  "01", "1e3", "5.",  ".5",
                                        "-", "+1", "V",   "1 2", "1234567890123456"};
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        ck_assert_msg(rec_number_is_plain(plain[i], strlen(plain[i])), "%s", plain[i]);
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        ck_assert_msg(!rec_number_is_plain(codes[i], strlen(codes[i])), "%s", codes[i]);
}
END_TEST

static void check_date(const char *text, double expected)
{
    double value;
    ck_assert_msg(rec_date_parse(&value, text, strlen(text)), "%s", text);
    ck_assert_double_eq(value, expected);
}

/* Seconds by `date -u -d ... +%s`. */
START_TEST(dates)
{
    check_date("1970-01-01", 0);
    check_date("1995-01-01", 788918400);
    check_date("2000-02-29", 951782400);
    check_date("1969-12-31", -86400);
    check_date("2014-07-01 12:30", 1404217800);
    check_date("2014-07-01T12:30:05Z", 1404217805);
    check_date("01-Jan-1995", 788918400);
    static const char *const wrong[] = {"",
                                        "2014",
                                        "2014-7-1",
                                        "2014-13-01",
                                        "2014-00-10",
                                        "2015-02-29",
                                        "2014-04-31",
                                        "2014/07/01",
                                        "2014-07-01x",
                                        "2014-07-01 25:00",
                                        "2014-07-01 12:60:00",
                                        "32-Jan-1995",
                                        "01-Jen-1995",
                                        "20140701"};
    double value;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        ck_assert_msg(!rec_date_parse(&value, wrong[i], strlen(wrong[i])), "%s", wrong[i]);
    ck_assert_int_eq(rec_date_seconds(2024, 2, 29), 1709164800);
    ck_assert(rec_date_exists(2024, 2, 29) && rec_date_exists(2000, 2, 29));
    ck_assert(!rec_date_exists(2023, 2, 29) && !rec_date_exists(1900, 2, 29));
    ck_assert(!rec_date_exists(2024, 4, 31) && !rec_date_exists(2024, 4, 0));
    ck_assert(!rec_date_exists(2024, 13, 1) && !rec_date_exists(2024, 0, 1));
}
END_TEST

REC_SUITE("datasets/number", tcase_add_test(t, decimal_forms); tcase_add_test(t, what_is_no_number);
          tcase_add_test(t, rounds_like_strtod); tcase_add_test(t, decimal_ids_and_plain_numbers);
          tcase_add_test(t, dates);)
