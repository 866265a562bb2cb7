/* Numbers: bit for bit what strtod gives. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/rng.h"
#include "harness/trec/number.h"
#include "tests/suite.h"

static void check_as_strtod(const char *text)
{
    double value = -1, expected = strtod(text, NULL);
    ck_assert_msg(rec_parse_double(&value, text, strlen(text)), "%s refused", text);
    ck_assert_msg(memcmp(&value, &expected, sizeof value) == 0, "%s: %.17g, strtod %.17g", text,
                  value, expected);
}

START_TEST(fixed_forms)
{
    const char *texts[] = {"0",
                           "-0",
                           "1",
                           "+1.5",
                           ".5",
                           "5.",
                           "-12.25",
                           "1e3",
                           "1E-3",
                           "1e+22",
                           "1e23",
                           "1e300",
                           "1e-320",
                           "4.9e-324",
                           "1.7976931348623157e308",
                           "1e400",
                           "inf",
                           "-inf",
                           "Infinity",
                           "0x1p-3",
                           "123456789012345678901234567890",
                           "0.1",
                           "0.30000000000000004",
                           "9007199254740993",
                           "9007199254740992.5",
                           "2.2250738585072011e-308",
                           "1e00000000000000001"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        check_as_strtod(texts[i]);
}
END_TEST

/* Random doubles printed with 1 to 17 digits, and decimals halfway between two doubles. */
START_TEST(random_numbers)
{
    rec_rng rng = rec_rng_keyed(1, "test/number", 0);
    char text[400];
    for (int i = 0; i < 50000; i++) {
        double x = ldexp(rec_rng_uniform(&rng) - 0.5, (int)rec_rng_below(&rng, 120) - 60);
        int digits = 1 + (int)rec_rng_below(&rng, 17);
        const char *formats[] = {"%.*g", "%.*f", "%.*e"};
        snprintf(text, sizeof text, formats[i % 3], digits, x);
        check_as_strtod(text);
    }
    for (int i = 0; i < 5000; i++) { /* an odd 54-bit number over a power of two */
        uint64_t odd = rec_rng_u64(&rng) >> 10 | 1;
        snprintf(text, sizeof text, "%.20Lg",
                 ldexpl((long double)odd, -(int)rec_rng_below(&rng, 3)));
        check_as_strtod(text);
    }
}
END_TEST

START_TEST(not_numbers)
{
    const char *texts[] = {"", " 1", "1 ", "1x", "e5", ".", "-", "--1", "1e", "1e+", "1.2.3", "a"};
    double value;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        ck_assert_msg(!rec_parse_double(&value, texts[i], strlen(texts[i])), "\"%s\" taken",
                      texts[i]);
    char digits[500];
    memset(digits, '1', sizeof digits);
    ck_assert(!rec_parse_double(&value, digits, sizeof digits));
    ck_assert(rec_parse_double(&value, digits, 300));
}
END_TEST

START_TEST(whole_numbers)
{
    int32_t value;
    ck_assert(rec_parse_int32(&value, "-2147483648", 11) && value == INT32_MIN);
    ck_assert(rec_parse_int32(&value, "2147483647", 10) && value == INT32_MAX);
    ck_assert(rec_parse_int32(&value, "+7", 2) && value == 7);
    ck_assert(rec_parse_int32(&value, "0012", 4) && value == 12);
    const char *wrong[] = {"",  "-", "1.0", "2147483648", "-2147483649", "99999999999999999",
                           "x", "1 "};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        ck_assert(!rec_parse_int32(&value, wrong[i], strlen(wrong[i])));
}
END_TEST

REC_SUITE("harness/trec/number", tcase_add_test(t, fixed_forms); tcase_add_test(t, random_numbers);
          tcase_add_test(t, not_numbers); tcase_add_test(t, whole_numbers);)
