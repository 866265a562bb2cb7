#include "harness/replies/titles.h"

#include <stdlib.h>
#include <utf8proc.h>

#include "core/memory.h"
#include "core/utf8.h"
#include "models/words.h"

rec_status rec_title_repair(char **out, rec_span text, rec_error *err)
{
    *out = NULL;
    if (text.n > (SIZE_MAX - 1) / 3)
        return rec_fail(err, REC_ERR_RESOURCE, "a text of %zu bytes is too long", text.n);
    size_t room = rec_utf8_valid(text.text, text.n) ? text.n : 3 * text.n, n = 0;
    *out = rec_alloc(room + 1, 1, err);
    if (*out == NULL)
        return REC_ERR_RESOURCE;
    while (text.n > 0) {
        uint32_t c;
        size_t width = rec_span_first(&c, text);
        n += c != 0 ? rec_utf8_encode(*out + n, c) : 0; /* strings end at a NUL: it is dropped */
        text = rec_span_from(text, width);
    }
    return REC_OK;
}

rec_status rec_title_folded(char **out, rec_span text, rec_error *err)
{
    char *repaired = NULL;
    rec_status status;
    *out = NULL;
    REC_TRY(rec_title_repair(&repaired, text, err));
    REC_TRY(rec_words_fold(out, repaired, err));
    size_t n = strlen(*out);
    if (n > 0)
        (*out)[n - 1] = '\0'; /* every word ends with a blank there */
cleanup:
    free(repaired);
    return status;
}

rec_status rec_title_canonical(char **out, rec_span text, rec_error *err)
{
    rec_status status = rec_title_folded(out, text, err);
    if (status != REC_OK)
        return status;
    char *to = *out;
    for (const char *from = *out; *from != '\0'; from++)
        if (*from != ' ')
            *to++ = *from;
    *to = '\0';
    return REC_OK;
}

/* Python's str.lower() as far as ASCII comes out of it: besides A-Z that is the Kelvin sign and, before
 * a combining dot, the capital I with a dot. */
static char ascii_lower(uint32_t c)
{
    if (c >= 'A' && c <= 'Z')
        return (char)(c - 'A' + 'a');
    if (c == 0x212A)
        return 'k';
    if (c == 0x130)
        return 'i';
    return c < 0x80 ? (char)c : '\0';
}

static bool is_lower_or_digit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

rec_status rec_title_clean(char **out, rec_span text, rec_error *err)
{
    *out = rec_alloc(text.n + 1, 1, err);
    if (*out == NULL)
        return REC_ERR_RESOURCE;
    size_t n = 0;
    while (text.n > 0) {
        uint32_t code_point;
        size_t width = rec_span_first(&code_point, text);
        char c = ascii_lower(code_point);
        if (is_lower_or_digit(c) || (c == ' ' && n > 0 && (*out)[n - 1] != ' '))
            (*out)[n++] = c;
        text = rec_span_from(text, width);
    }
    if (n > 0 && (*out)[n - 1] == ' ')
        n--;
    (*out)[n] = '\0';
    return REC_OK;
}

rec_status rec_title_ascii(char **out, rec_span text, rec_error *err)
{
    char *repaired = NULL;
    utf8proc_uint8_t *decomposed = NULL;
    rec_status status;
    *out = NULL;
    REC_TRY(rec_title_repair(&repaired, text, err));
    utf8proc_ssize_t n =
        utf8proc_map((const utf8proc_uint8_t *)repaired, 0, &decomposed,
                     UTF8PROC_NULLTERM | UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT);
    if (n < 0) {
        status = rec_fail(err, REC_ERR_RESOURCE, "title: %s", utf8proc_errmsg(n));
        goto cleanup;
    }
    REC_TRY_NEW(*out, (size_t)n + 1, err);
    size_t length = 0;
    for (utf8proc_ssize_t i = 0; i < n; i++) {
        char c = ascii_lower(decomposed[i]); /* bytes above 0x7f are dropped, whole characters */
        if (is_lower_or_digit(c))
            (*out)[length++] = c;
    }
cleanup:
    free(decomposed);
    free(repaired);
    return status;
}

size_t rec_sanitise(char *text, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        char c = text[i];
        if (c != '\0' &&
            (is_lower_or_digit(c) || (c >= 'A' && c <= 'Z') || strchr("_.,!?;:<>\n ", c) != NULL))
            text[kept++] = c;
    }
    return kept;
}

rec_status rec_title_sanitise(char **out, rec_span text, rec_error *err)
{
    *out = rec_alloc(text.n + 1, 1, err);
    if (*out == NULL)
        return REC_ERR_RESOURCE;
    memcpy(*out, text.text, text.n);
    (*out)[rec_sanitise(*out, text.n)] = '\0';
    return REC_OK;
}
