#include "harness/replies/span.h"

#include <utf8proc.h>

#include "core/utf8.h"

enum { REPLACEMENT = 0xFFFD };

size_t rec_span_first(uint32_t *code_point, rec_span s)
{
    size_t width = rec_utf8_decode(code_point, s.text, s.n);
    if (width > 0)
        return width;
    *code_point = REPLACEMENT;
    return 1;
}

size_t rec_span_last(uint32_t *code_point, rec_span s)
{
    size_t width = 1; /* back over at most three continuation bytes */
    while (width < 4 && width < s.n && ((unsigned char)s.text[s.n - width] & 0xC0) == 0x80)
        width++;
    if (rec_utf8_decode(code_point, s.text + s.n - width, width) == width)
        return width;
    *code_point = REPLACEMENT;
    return 1;
}

bool rec_is_space(uint32_t c)
{
    return (c >= 9 && c <= 13) || (c >= 28 && c <= 32) || c == 0x85 || c == 0xA0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F ||
           c == 0x205F || c == 0x3000;
}

bool rec_is_alnum(uint32_t c)
{
    switch (utf8proc_category((utf8proc_int32_t)c)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO:
        return true;
    default:
        return false;
    }
}

bool rec_is_digit(uint32_t c)
{
    return utf8proc_category((utf8proc_int32_t)c) == UTF8PROC_CATEGORY_ND;
}

rec_span rec_span_trim_start(rec_span s)
{
    uint32_t c;
    while (s.n > 0) {
        size_t width = rec_span_first(&c, s);
        if (!rec_is_space(c))
            break;
        s = rec_span_from(s, width);
    }
    return s;
}

rec_span rec_span_trim(rec_span s)
{
    uint32_t c;
    s = rec_span_trim_start(s);
    while (s.n > 0) {
        size_t width = rec_span_last(&c, s);
        if (!rec_is_space(c))
            break;
        s.n -= width;
    }
    return s;
}

rec_span rec_span_line(rec_span *rest)
{
    const char *end = rest->n > 0 ? memchr(rest->text, '\n', rest->n) : NULL;
    size_t n = end != NULL ? (size_t)(end - rest->text) : rest->n;
    rec_span line = {rest->text, n};
    *rest = rec_span_from(*rest, end != NULL ? n + 1 : n);
    return line;
}

size_t rec_span_find(rec_span s, const char *needle)
{
    const char *at = s.n > 0 ? memmem(s.text, s.n, needle, strlen(needle)) : NULL;
    return at != NULL ? (size_t)(at - s.text) : s.n;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool rec_span_starts_folded(rec_span s, const char *prefix)
{
    size_t i = 0;
    while (prefix[i] != '\0' && i < s.n && lower(s.text[i]) == prefix[i])
        i++;
    return prefix[i] == '\0';
}

size_t rec_span_find_folded(rec_span s, const char *needle)
{
    for (size_t i = 0; i < s.n; i++) /* needles are short constant texts: plain search */
        if (rec_span_starts_folded(rec_span_from(s, i), needle))
            return i;
    return s.n;
}

bool rec_span_starts(rec_span s, const char *prefix)
{
    size_t n = strlen(prefix);
    return s.n >= n && memcmp(s.text, prefix, n) == 0;
}

bool rec_span_ends(rec_span s, const char *suffix)
{
    size_t n = strlen(suffix);
    return s.n >= n && memcmp(s.text + s.n - n, suffix, n) == 0;
}

bool rec_span_equals(rec_span s, const char *text)
{
    return s.n == strlen(text) && memcmp(s.text, text, s.n) == 0;
}

size_t rec_span_words(rec_span s)
{
    size_t words = 0;
    bool inside = false;
    while (s.n > 0) {
        uint32_t c;
        size_t width = rec_span_first(&c, s);
        bool space = rec_is_space(c);
        words += !space && !inside;
        inside = !space;
        s = rec_span_from(s, width);
    }
    return words;
}
