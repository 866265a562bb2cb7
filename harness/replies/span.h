/** Pieces of a text that somebody else owns: what the readers of replies cut and trim. */
#ifndef REC_HARNESS_REPLIES_SPAN_H
#define REC_HARNESS_REPLIES_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct rec_span {
    const char *text; /* borrowed, not NUL-terminated */
    size_t n;         /* bytes */
} rec_span;

static inline rec_span rec_span_of(const char *text)
{
    return (rec_span){text, strlen(text)};
}

static inline rec_span rec_span_from(rec_span s, size_t start)
{
    return (rec_span){s.text + start, s.n - start};
}

static inline rec_span rec_span_to(rec_span s, size_t end)
{
    return (rec_span){s.text, end};
}

/** The first code point and its width in bytes; a malformed byte is U+FFFD of width 1. s.n > 0. */
size_t rec_span_first(uint32_t *code_point, rec_span s);
/** The last code point, in the same way. */
size_t rec_span_last(uint32_t *code_point, rec_span s);

/** White space as Python's str.isspace has it, so that both modes trim as the original does. */
bool rec_is_space(uint32_t code_point);
/** A letter or a number of any script, as Python's str.isalnum has it. */
bool rec_is_alnum(uint32_t code_point);
/** A decimal digit of any script. */
bool rec_is_digit(uint32_t code_point);

rec_span rec_span_trim(rec_span s);
rec_span rec_span_trim_start(rec_span s);

/** The first line without its end, which is cut off *rest; an empty *rest ends the lines. */
rec_span rec_span_line(rec_span *rest);

/** Offset of the first occurrence, or s.n; `needle` is not empty. */
size_t rec_span_find(rec_span s, const char *needle);
/** The same where ASCII letters of both cases are equal; `needle` in lower case. */
size_t rec_span_find_folded(rec_span s, const char *needle);

bool rec_span_starts(rec_span s, const char *prefix);
bool rec_span_starts_folded(rec_span s, const char *prefix); /* as rec_span_find_folded */
bool rec_span_ends(rec_span s, const char *suffix);
bool rec_span_equals(rec_span s, const char *text);
size_t rec_span_words(rec_span s); /* runs of characters other than white space */

#endif
