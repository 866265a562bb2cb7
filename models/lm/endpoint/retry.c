#include "models/lm/endpoint/retry.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "core/rng.h"

enum { SECONDS_MAX = 1000000000 };

bool rec_retry_allowed(long http_status)
{
    return http_status == 408 || http_status == 409 || http_status == 429 ||
           (http_status >= 500 && http_status <= 599);
}

static bool is_digits(const char *text)
{
    return text[0] != '\0' && text[strspn(text, "0123456789")] == '\0';
}

/* Digits only: values beyond SECONDS_MAX are as good as it. */
static double read_seconds(const char *text)
{
    double value = 0.0;
    for (; *text != '\0' && value < SECONDS_MAX; text++)
        value = 10.0 * value + (*text - '0');
    return value < SECONDS_MAX ? value : SECONDS_MAX;
}

static int month_of(const char *name)
{
    static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    for (int i = 0; i < 12; i++)
        if (strncmp(name, names + 3 * i, 3) == 0)
            return i + 1;
    return 0;
}

typedef struct date {
    int year, month, day, hour, minute, second;
} date;

/* Two-digit years (RFC 850) more than 50 years ahead are past ones: RFC 9110, section 5.6.7. */
static int full_year(int two_digits, int64_t now)
{
    int this_year = 1970 + (int)(now / 31556952), year = this_year / 100 * 100 + two_digits;
    return year > this_year + 50 ? year - 100 : year;
}

/* `end` is where the format stopped: the whole text must have been read. */
static bool is_whole(const char *text, int end)
{
    return end > 0 && text[end] == '\0';
}

static bool read_date(date *d, const char *text, int64_t now)
{
    char weekday[10], month[4];
    int end = 0;
    *d = (date){.year = 0};
    if (sscanf(text, "%3[A-Za-z], %2d %3[A-Za-z] %4d %2d:%2d:%2d GMT%n", weekday, &d->day, month,
               &d->year, &d->hour, &d->minute, &d->second, &end) == 7 &&
        is_whole(text, end))
        return (d->month = month_of(month)) > 0;
    end = 0;
    if (sscanf(text, "%9[A-Za-z], %2d-%3[A-Za-z]-%2d %2d:%2d:%2d GMT%n", weekday, &d->day, month,
               &d->year, &d->hour, &d->minute, &d->second, &end) == 7 &&
        is_whole(text, end)) {
        d->year = full_year(d->year, now);
        return (d->month = month_of(month)) > 0;
    }
    end = 0;
    return sscanf(text, "%3[A-Za-z] %3[A-Za-z] %2d %2d:%2d:%2d %4d%n", weekday, month, &d->day,
                  &d->hour, &d->minute, &d->second, &d->year, &end) == 7 &&
           is_whole(text, end) && (d->month = month_of(month)) > 0;
}

/* Days since 1970 of a date in the Gregorian calendar, years counted from March so that the leap day
 * comes last. */
static int64_t days_since_1970(const date *d)
{
    int64_t y = d->month > 2 ? d->year : d->year - 1;
    int64_t m = d->month > 2 ? d->month - 3 : d->month + 9;
    return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + d->day - 1 - 719468;
}

static bool is_possible(const date *d)
{
    return d->year >= 1970 && d->year <= 9999 && d->day >= 1 && d->day <= 31 && d->hour >= 0 &&
           d->hour <= 23 && d->minute >= 0 && d->minute <= 59 && d->second >= 0 && d->second <= 60;
}

bool rec_retry_after(double *seconds, const char *text, int64_t now)
{
    date d;
    if (is_digits(text)) {
        *seconds = read_seconds(text);
        return true;
    }
    if (!read_date(&d, text, now) || !is_possible(&d))
        return false;
    int64_t then =
        days_since_1970(&d) * 86400 + (int64_t)d.hour * 3600 + (int64_t)d.minute * 60 + d.second;
    *seconds = then > now ? (double)(then - now) : 0.0;
    return true;
}

double rec_retry_backoff(unsigned attempt, uint64_t id)
{
    rec_rng rng = rec_rng_keyed(id, "endpoint/backoff", attempt);
    double seconds = 0.5;
    for (unsigned i = 0; i < attempt && seconds < 10.0; i++)
        seconds *= 2.0;
    seconds = seconds < 1.0 ? 1.0 : seconds > 10.0 ? 10.0 : seconds;
    return seconds * (0.5 + 0.5 * rec_rng_uniform(&rng));
}
