/** UTF-8 as Unicode 15 table 3-7 has it: no overlong forms, no surrogates, nothing above U+10FFFF. */
#ifndef REC_CORE_UTF8_H
#define REC_CORE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Bytes (1..4) of the character at `text`, of which n > 0 bytes are there; 0 when malformed or cut
 * off. *code_point may be NULL. */
size_t rec_utf8_decode(uint32_t *code_point, const char *text, size_t n);

/** Bytes written to out for a Unicode scalar value; 0 for a surrogate or a value too large. */
size_t rec_utf8_encode(char out[4], uint32_t code_point);

/** Length of the longest well-formed prefix; n when all of it is. */
size_t rec_utf8_valid_prefix(const char *text, size_t n);
bool rec_utf8_valid(const char *text, size_t n);

#endif
