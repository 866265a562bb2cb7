#include "harness/trec/number.h"

#include <float.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_DIGITS = 19, MAX_LENGTH = 400 };

/* A decimal number as mantissa * 10^exponent. */
typedef struct decimal {
    uint64_t mantissa;
    int exponent;
    bool negative;
} decimal;

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Digits from p on, into the mantissa; 0 digits or more than fit: false. */
static bool read_mantissa(decimal *d, const char **text, const char *end)
{
    const char *p = *text;
    int n_digits = 0, n_fraction = 0;
    for (; p < end && is_digit(*p); p++, n_digits++)
        d->mantissa = d->mantissa * 10 + (uint64_t)(*p - '0');
    if (p < end && *p == '.')
        for (p++; p < end && is_digit(*p); p++, n_fraction++)
            d->mantissa = d->mantissa * 10 + (uint64_t)(*p - '0');
    d->exponent = -n_fraction;
    *text = p;
    return n_digits + n_fraction > 0 && n_digits + n_fraction <= MAX_DIGITS;
}

static bool read_exponent(decimal *d, const char **text, const char *end)
{
    const char *p = *text;
    if (p == end || (*p != 'e' && *p != 'E'))
        return true;
    bool negative = ++p < end && *p == '-';
    if (p < end && (*p == '-' || *p == '+'))
        p++;
    int exponent = 0, n_digits = 0;
    for (; p < end && is_digit(*p) && n_digits < 5; p++, n_digits++)
        exponent = exponent * 10 + (*p - '0');
    d->exponent += negative ? -exponent : exponent;
    *text = p;
    return n_digits > 0;
}

/* The common form of numbers; false sends the rest to strtod. */
static bool read_decimal(decimal *d, const char *text, const char *end)
{
    *d = (decimal){.negative = text < end && *text == '-'};
    text += text < end && (*text == '-' || *text == '+');
    return read_mantissa(d, &text, end) && read_exponent(d, &text, end) && text == end;
}

/* Both exact in double and one rounding: right ("What every computer scientist should know about
 * floating-point arithmetic", ACM Computing Surveys 23(1), 1991: decimal to binary). */
static bool short_value(double *out, const decimal *d)
{
    static const double powers_of_ten[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                           1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                           1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    if (d->mantissa > (uint64_t)1 << 53 || d->exponent > 22 || d->exponent < -22)
        return false;
    double x = (double)d->mantissa;
    x = d->exponent < 0 ? x / powers_of_ten[-d->exponent] : x * powers_of_ten[d->exponent];
    *out = d->negative ? -x : x;
    return true;
}

#if LDBL_MANT_DIG == 64
enum { MAX_EXACT_POWER = 27 };
static const long double long_powers_of_ten[MAX_EXACT_POWER + 1] = {
    1e0L,  1e1L,  1e2L,  1e3L,  1e4L,  1e5L,  1e6L,  1e7L,  1e8L,  1e9L,
    1e10L, 1e11L, 1e12L, 1e13L, 1e14L, 1e15L, 1e16L, 1e17L, 1e18L, 1e19L,
    1e20L, 1e21L, 1e22L, 1e23L, 1e24L, 1e25L, 1e26L, 1e27L};

/* For 17 digits: mantissa and power are exact in the 64-bit mantissa of x87, so product and
 * quotient are rounded once; the second rounding, to double, is right too unless the 11 bits it
 * drops are within one of the half ("How to read floating point numbers accurately", PLDI 1990,
 * section 5). */
static bool long_value(double *out, const decimal *d)
{
    if (d->exponent > MAX_EXACT_POWER || d->exponent < -MAX_EXACT_POWER)
        return false;
    long double x = (long double)d->mantissa;
    x = d->exponent < 0 ? x / long_powers_of_ten[-d->exponent]
                        : x * long_powers_of_ten[d->exponent];
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    uint64_t dropped = bits & 0x7FF;
    if (dropped >= 0x3FF && dropped <= 0x401)
        return false;
    *out = (double)(d->negative ? -x : x);
    return true;
}
#else
static bool long_value(double *out, const decimal *d)
{
    (void)out;
    (void)d;
    return false;
}
#endif

bool rec_parse_double(double *out, const char *text, size_t length)
{
    decimal d;
    if (length == 0 || length > MAX_LENGTH)
        return false;
    if (read_decimal(&d, text, text + length) && (short_value(out, &d) || long_value(out, &d)))
        return true;
    char copy[MAX_LENGTH + 1], *end;
    memcpy(copy, text, length);
    copy[length] = '\0';
    if ((unsigned char)copy[0] <= ' ') /* strtod would skip it */
        return false;
    *out = strtod(copy, &end);
    return end == copy + length;
}

bool rec_parse_int32(int32_t *out, const char *text, size_t length)
{
    const char *end = text + length;
    bool negative = length > 0 && *text == '-';
    text += length > 0 && (*text == '-' || *text == '+');
    if (text == end || end - text > 10)
        return false;
    int64_t value = 0;
    for (; text < end; text++) {
        if (!is_digit(*text))
            return false;
        value = value * 10 + (*text - '0');
    }
    value = negative ? -value : value;
    if (value < INT32_MIN || value > INT32_MAX)
        return false;
    *out = (int32_t)value;
    return true;
}
