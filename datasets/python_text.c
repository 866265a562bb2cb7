#include "datasets/python_text.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "core/utf8.h"
#include "datasets/number.h"

/* ---- dates and numbers ---- */

/* At most so many digits; false when there is none. */
static bool take_number(int *out, const char **at, int digits_min, int digits_max)
{
    int n = 0;
    *out = 0;
    while (n < digits_max && isdigit((unsigned char)**at)) {
        *out = 10 * *out + (*(*at)++ - '0');
        n++;
    }
    return n >= digits_min;
}

static bool take_blanks(const char **at)
{
    const char *start = *at;
    while (isspace((unsigned char)**at))
        (*at)++;
    return *at > start;
}

static bool take_month(int *out, const char **at)
{
    static const char *const names[] = {"january",   "february", "march",    "april",
                                        "may",       "june",     "july",     "august",
                                        "september", "october",  "november", "december"};
    for (int m = 0; m < 12; m++)
        if (strncasecmp(*at, names[m], strlen(names[m])) == 0) {
            *at += strlen(names[m]);
            *out = m + 1;
            return true;
        }
    return false;
}

/* There is no year 0. */
static bool is_day(int year, int month, int day)
{
    return year >= 1 && rec_date_exists(year, month, day);
}

static bool read_iso(int *year, int *month, int *day, const char *at)
{
    return take_number(year, &at, 4, 4) && *at++ == '-' && take_number(month, &at, 1, 2) &&
           *at++ == '-' && take_number(day, &at, 1, 2) && *at == '\0';
}

static bool read_long(int *year, int *month, int *day, const char *at)
{
    return take_month(month, &at) && take_blanks(&at) && take_number(day, &at, 1, 2) &&
           *at++ == ',' && take_blanks(&at) && take_number(year, &at, 4, 4) && *at == '\0';
}

bool rec_python_date(double *seconds, const char *text)
{
    int year, month, day;
    if ((!read_iso(&year, &month, &day, text) && !read_long(&year, &month, &day, text)) ||
        !is_day(year, month, day))
        return false;
    *seconds = (double)rec_date_seconds(year, month, day);
    return true;
}

static bool read_partial(int *year, int *month, rec_date_precision *precision, const char *at)
{
    const char *start = at;
    *month = 1;
    *precision = REC_DATE_MONTH;
    if (take_month(month, &at)) {
        at += *at == ',';
        return take_blanks(&at) && take_number(year, &at, 4, 4) && *at == '\0';
    }
    at = start;
    if (!take_number(year, &at, 4, 4))
        return false;
    if (*at == '\0') {
        *precision = REC_DATE_YEAR;
        return true;
    }
    return *at++ == '-' && take_number(month, &at, 1, 2) && *at == '\0';
}

bool rec_partial_date(double *seconds, rec_date_precision *precision, const char *text)
{
    int year, month;
    *precision = REC_DATE_DAY;
    if (rec_python_date(seconds, text))
        return true;
    if (!read_partial(&year, &month, precision, text) || !is_day(year, month, 1))
        return false;
    *seconds = (double)rec_date_seconds(year, month, 1);
    return true;
}

bool rec_python_float(double *value, const char *text)
{
    size_t n = strlen(text);
    rec_strip_blanks(&text, &n);
    return rec_number_parse(value, text, n) == REC_NUMBER_OK;
}

/* ---- ends ---- */

static bool is_unicode_blank(uint32_t c)
{
    return (c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x20) || c == 0x85 || c == 0xA0 ||
           c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 ||
           c == 0x202F || c == 0x205F || c == 0x3000;
}

/* Bytes of the blank character that begins, or ends, the text; 0 when that is no blank. */
static size_t blank_at_start(const char *text, size_t n)
{
    uint32_t c;
    size_t length = n > 0 ? rec_utf8_decode(&c, text, n) : 0;
    return length > 0 && is_unicode_blank(c) ? length : 0;
}

static size_t blank_at_end(const char *text, size_t n)
{
    for (size_t back = 1; back <= 4 && back <= n; back++)
        if (((unsigned char)text[n - back] & 0xC0) != 0x80)
            return blank_at_start(text + n - back, back) == back ? back : 0;
    return 0;
}

void rec_strip_blanks(const char **text, size_t *n)
{
    size_t length;
    while ((length = blank_at_start(*text, *n)) > 0) {
        *text += length;
        *n -= length;
    }
    while ((length = blank_at_end(*text, *n)) > 0)
        *n -= length;
}

static bool is_mark(char c)
{
    unsigned char byte = (unsigned char)c;
    return byte < 0x80 && (ispunct(byte) || isspace(byte));
}

void rec_strip_marks(const char **text, size_t *n)
{
    while (*n > 0 && is_mark(**text)) {
        (*text)++;
        (*n)--;
    }
    while (*n > 0 && is_mark((*text)[*n - 1]))
        (*n)--;
}
