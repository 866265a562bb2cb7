/** Numbers and dates out of text fields, without a terminator and independent of the locale. */
#ifndef REC_DATASETS_NUMBER_H
#define REC_DATASETS_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum rec_number_result {
    REC_NUMBER_OK,
    REC_NUMBER_INVALID,     /* not a decimal number (hexadecimal, inf and nan are refused too) */
    REC_NUMBER_OUT_OF_RANGE /* a number no double holds */
} rec_number_result;

/** [+-]digits[.digits][(e|E)[+-]digits], correctly rounded; no blanks. */
rec_number_result rec_number_parse(double *out, const char *text, size_t length);

/** Decimal digits only ("007" counts): the test for the numeric order of ids. */
bool rec_number_is_decimal(const char *text, size_t length);

/** True for texts that people mean as numbers ("1995", "-3", "7.0"), not for codes that consist of
 * digits ("01", "1e3", more than 15 characters). */
bool rec_number_is_plain(const char *text, size_t length);

/** Seconds since 1970 UTC of "YYYY-MM-DD", "YYYY-MM-DD hh:mm[:ss][Z]" (blank or T between) or
 * "DD-Mon-YYYY" (MovieLens); false for anything else. Proleptic Gregorian calendar. */
bool rec_date_parse(double *out, const char *text, size_t length);

/** Does the day exist (month and day from 1)? */
bool rec_date_exists(int year, int month, int day);

/** Seconds since 1970 UTC of midnight of a calendar day (month and day from 1). */
int64_t rec_date_seconds(int64_t year, int month, int day);

#endif
