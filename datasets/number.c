#include "datasets/number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST_NUMBER = 64 };

/* 10^0 .. 10^22 are exact in a double, so that one multiplication or division by them of an integer
 * below 2^53 is correctly rounded ("How to read floating point numbers accurately", PLDI 1990). */
static const double power_of_ten[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                      1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                      1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

typedef struct decimal {
    uint64_t digits; /* all digits as one integer */
    int n_digits;    /* significant ones, to know whether `digits` overflowed */
    int n_fraction;
    int exponent;
    bool negative;
} decimal;

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static const char *read_digits(decimal *d, const char *p, const char *end)
{
    for (; p < end && is_digit(*p); p++) {
        d->n_digits += d->n_digits > 0 || *p != '0';
        d->digits = d->digits * 10 + (uint64_t)(*p - '0');
    }
    return p;
}

static bool read_exponent(decimal *d, const char *p, const char *end)
{
    bool negative = p < end && *p == '-';
    if (p < end && (*p == '-' || *p == '+'))
        p++;
    if (p == end)
        return false;
    for (; p < end; p++) {
        if (!is_digit(*p))
            return false;
        if (d->exponent < 100000)
            d->exponent = d->exponent * 10 + (*p - '0');
    }
    if (negative)
        d->exponent = -d->exponent;
    return true;
}

static bool read_decimal(decimal *d, const char *text, size_t length)
{
    const char *p = text, *end = text + length;
    *d = (decimal){.negative = length > 0 && *p == '-'};
    if (p < end && (*p == '-' || *p == '+'))
        p++;
    const char *whole = p;
    p = read_digits(d, p, end);
    ptrdiff_t n = p - whole;
    if (p < end && *p == '.') {
        const char *fraction = p + 1;
        p = read_digits(d, fraction, end);
        d->n_fraction = (int)(p - fraction);
        n += p - fraction;
    }
    if (n == 0)
        return false;
    if (p < end && (*p == 'e' || *p == 'E'))
        return read_exponent(d, p + 1, end);
    return p == end;
}

rec_number_result rec_number_parse(double *out, const char *text, size_t length)
{
    decimal d;
    if (length > LONGEST_NUMBER || !read_decimal(&d, text, length))
        return REC_NUMBER_INVALID;
    int power = d.exponent - d.n_fraction;
    if (d.n_digits <= 15 && power >= -22 && power <= 22) {
        double value = (double)d.digits;
        value = power < 0 ? value / power_of_ten[-power] : value * power_of_ten[power];
        *out = d.negative ? -value : value;
        return REC_NUMBER_OK;
    }
    char copy[LONGEST_NUMBER + 1];
    memcpy(copy, text, length);
    copy[length] = '\0';
    double value = strtod(copy, NULL); /* the program never leaves the C locale */
    if (!isfinite(value))
        return REC_NUMBER_OUT_OF_RANGE;
    *out = value;
    return REC_NUMBER_OK;
}

bool rec_number_is_decimal(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (!is_digit(text[i]))
            return false;
    return length > 0;
}

bool rec_number_is_plain(const char *text, size_t length)
{
    const char *p = text, *end = text + length;
    if (p < end && *p == '-')
        p++;
    const char *whole = p;
    while (p < end && is_digit(*p))
        p++;
    if (p == whole || (*whole == '0' && p - whole > 1) || length > 15)
        return false;
    return p == end || (*p == '.' && rec_number_is_decimal(p + 1, (size_t)(end - p) - 1));
}

/* Days since 1970-01-01; "Calendrical calculations" counts days from March so that the leap day is
 * the last of its year. */
static int64_t days_from_civil(int64_t year, int month, int day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
           719468;
}

int64_t rec_date_seconds(int64_t year, int month, int day)
{
    return days_from_civil(year, month, day) * 86400;
}

bool rec_date_exists(int year, int month, int day)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month >= 1 && month <= 12 && day >= 1 &&
           day <= days[month - 1] + (month == 2 && leap ? 1 : 0);
}

/* n digits at p, or -1. */
static int digits_at(const char *p, int n)
{
    int value = 0;
    for (int i = 0; i < n; i++) {
        if (!is_digit(p[i]))
            return -1;
        value = value * 10 + (p[i] - '0');
    }
    return value;
}

/* "hh:mm" or "hh:mm:ss", an optional Z behind; seconds of the day or -1. */
static int clock_seconds(const char *p, size_t length)
{
    if (length > 0 && p[length - 1] == 'Z')
        length--;
    if ((length != 5 && length != 8) || p[2] != ':' || (length == 8 && p[5] != ':'))
        return -1;
    int hour = digits_at(p, 2), minute = digits_at(p + 3, 2);
    int second = length == 8 ? digits_at(p + 6, 2) : 0;
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59)
        return -1;
    return (hour * 60 + minute) * 60 + second;
}

static bool iso_date(double *out, const char *text, size_t length)
{
    int year = digits_at(text, 4), month = digits_at(text + 5, 2), day = digits_at(text + 8, 2);
    if (text[4] != '-' || text[7] != '-' || year < 0 || !rec_date_exists(year, month, day))
        return false;
    int clock = 0;
    if (length > 10) {
        if (text[10] != ' ' && text[10] != 'T')
            return false;
        clock = clock_seconds(text + 11, length - 11);
        if (clock < 0)
            return false;
    }
    *out = (double)(rec_date_seconds(year, month, day) + clock);
    return true;
}

static bool movielens_date(double *out, const char *text)
{
    static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    int day = digits_at(text, 2), year = digits_at(text + 7, 4);
    int month = 0;
    for (int m = 0; m < 12; m++)
        if (memcmp(names + 3 * m, text + 3, 3) == 0)
            month = m + 1;
    if (text[2] != '-' || text[6] != '-' || year < 0 || !rec_date_exists(year, month, day))
        return false;
    *out = (double)rec_date_seconds(year, month, day);
    return true;
}

bool rec_date_parse(double *out, const char *text, size_t length)
{
    if (length == 11 && text[2] == '-')
        return movielens_date(out, text);
    return length >= 10 && iso_date(out, text, length);
}
