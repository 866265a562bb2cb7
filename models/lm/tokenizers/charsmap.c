#include "models/lm/tokenizers/charsmap.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "core/memory.h"
#include "core/utf8.h"
#include "models/lm/tokenizers/internal.h"

enum { CLUSTER_MAX = 6 }; /* longer grapheme clusters go character by character */

struct rec_charsmap {
    unsigned char *bytes; /* owned: size, array, replacements, and a NUL of ours */
    size_t n_units;
    const char *texts; /* in bytes */
    size_t n_texts;
};

void rec_charsmap_free(rec_charsmap *m)
{
    if (m != NULL)
        free(m->bytes);
    free(m);
}

/* ---- reading ---- */

static int digit_of(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c != '\0' ? strchr(digits, c) : NULL;
    return at != NULL ? (int)(at - digits) : -1;
}

/* RFC 4648, section 4. Storage for the result has room for strlen(text). */
static bool decode_base64(unsigned char *out, size_t *n, const char *text)
{
    uint32_t bits = 0;
    size_t n_digits = 0;
    *n = 0;
    for (; *text != '\0' && *text != '='; text++) {
        int digit = digit_of(*text);
        if (digit < 0)
            return false;
        bits = bits << 6 | (uint32_t)digit;
        if (++n_digits % 4 != 1)
            out[(*n)++] = (unsigned char)(bits >> (6 - 2 * ((n_digits - 1) % 4)));
    }
    size_t padding = strspn(text, "=");
    return n_digits % 4 != 1 && text[padding] == '\0' && padding < 3;
}

static uint32_t word_at(const unsigned char *bytes)
{
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
           (uint32_t)bytes[3] << 24;
}

rec_status rec_charsmap_new(rec_charsmap **out, const char *base64, rec_error *err)
{
    rec_status status = REC_OK;
    rec_charsmap *m = NULL;
    size_t n;
    *out = NULL;
    REC_TRY_NEW(m, 1, err);
    REC_TRY_NEW(m->bytes, strlen(base64) + 1, err);
    if (!decode_base64(m->bytes, &n, base64))
        REC_TRY(rec_fail(err, REC_ERR_MODEL, "Precompiled: the character map is no base64"));
    size_t n_array = n >= 4 ? word_at(m->bytes) : 0;
    if (n < 4 || n_array % 4 != 0 || n_array == 0 || n_array > n - 4)
        REC_TRY(rec_fail(err, REC_ERR_MODEL,
                         "Precompiled: a character map of %zu bytes with an array of %zu", n,
                         n_array));
    m->bytes[n] = '\0';
    m->n_units = n_array / 4;
    m->texts = (const char *)m->bytes + 4 + n_array;
    m->n_texts = n - 4 - n_array;
    *out = m;
    m = NULL;
cleanup:
    rec_charsmap_free(m);
    return status;
}

/* ---- the double array ---- */

static uint32_t unit_at(const rec_charsmap *m, uint32_t i)
{
    return i < m->n_units ? word_at(m->bytes + 4 + 4 * (size_t)i) : 0;
}

static uint32_t offset_of(uint32_t unit)
{
    return (unit >> 10) << ((unit & (1u << 9)) >> 6);
}

static const char *text_at(const rec_charsmap *m, uint32_t value)
{
    if (value >= m->n_texts)
        return NULL;
    const char *text = m->texts + value;
    return rec_utf8_valid(text, strlen(text)) ? text : NULL;
}

const char *rec_charsmap_find(const rec_charsmap *m, const char *key, size_t n)
{
    uint32_t at = offset_of(unit_at(m, 0));
    for (size_t i = 0; i < n && key[i] != '\0'; i++) {
        uint32_t byte = (unsigned char)key[i];
        at ^= byte;
        uint32_t unit = unit_at(m, at);
        if ((unit & (1u << 31 | 0xFF)) != byte)
            return NULL;
        at ^= offset_of(unit);
        if ((unit >> 8 & 1) != 0) /* a mapped key ends here */
            return text_at(m, unit_at(m, at) & ~(1u << 31));
    }
    return NULL;
}

/* ---- texts ---- */

/* Bytes of the grapheme cluster at the start of a text (UAX 29). */
static size_t cluster_length(const char *text, size_t n)
{
    uint32_t code, next;
    utf8proc_int32_t state = 0;
    size_t length = rec_utf8_next(&code, text, n);
    while (length < n) {
        size_t step = rec_utf8_next(&next, text + length, n - length);
        if (utf8proc_grapheme_break_stateful((utf8proc_int32_t)code, (utf8proc_int32_t)next,
                                             &state))
            break;
        code = next;
        length += step;
    }
    return length;
}

static rec_status apply_to_characters(rec_buffer *out, const rec_charsmap *m, const char *text,
                                      size_t n, rec_error *err)
{
    rec_status status = REC_OK;
    for (size_t i = 0; i < n && status == REC_OK;) {
        uint32_t code;
        size_t length = rec_utf8_next(&code, text + i, n - i);
        const char *mapped = rec_charsmap_find(m, text + i, length);
        status = mapped != NULL ? rec_buffer_puts(out, mapped, err)
                                : rec_buffer_append(out, text + i, length, err);
        i += length;
    }
    return status;
}

rec_status rec_charsmap_apply(rec_buffer *out, const rec_charsmap *m, const char *text, size_t n,
                              rec_error *err)
{
    rec_status status = REC_OK;
    for (size_t i = 0; i < n && status == REC_OK;) {
        size_t length = cluster_length(text + i, n - i);
        const char *mapped = length < CLUSTER_MAX ? rec_charsmap_find(m, text + i, length) : NULL;
        status = mapped != NULL ? rec_buffer_puts(out, mapped, err)
                                : apply_to_characters(out, m, text + i, length, err);
        i += length;
    }
    return status;
}
