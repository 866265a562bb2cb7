/** Numbers in text files, fast: what strtod gives, bit for bit, in a few nanoseconds. */
#ifndef REC_HARNESS_TREC_NUMBER_H
#define REC_HARNESS_TREC_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** All of `length` bytes as one number (decimal, hexadecimal, infinity, NaN: what strtod takes);
 * false if they are not one, or longer than 400 bytes. */
bool rec_parse_double(double *out, const char *text, size_t length);

/** All of `length` bytes as a decimal whole number of 32 bits. */
bool rec_parse_int32(int32_t *out, const char *text, size_t length);

#endif
