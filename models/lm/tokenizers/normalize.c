/* Text normalisation before splitting: Unicode forms, BERT's cleaning, replacements. */
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "core/utf8.h"
#include "models/lm/tokenizers/internal.h"

static rec_status put(rec_buffer *out, uint32_t code, rec_error *err)
{
    char bytes[4];
    return rec_buffer_append(out, bytes, rec_utf8_encode(bytes, code), err);
}

static bool is_ascii(const rec_buffer *text)
{
    for (size_t i = 0; i < text->length; i++)
        if ((unsigned char)text->data[i] >= 0x80)
            return false;
    return true;
}

/* Text that is ASCII is in every normal form already. */
static rec_status to_form(rec_buffer *text, int form, rec_error *err)
{
    if (text->length == 0 || is_ascii(text))
        return REC_OK;
    utf8proc_uint8_t *mapped = NULL;
    utf8proc_ssize_t n =
        utf8proc_map((const utf8proc_uint8_t *)text->data, (utf8proc_ssize_t)text->length, &mapped,
                     (utf8proc_option_t)form);
    if (n < 0)
        return rec_fail(err, n == UTF8PROC_ERROR_NOMEM ? REC_ERR_RESOURCE : REC_ERR_DATA,
                        "cannot normalise text: %s", utf8proc_errmsg(n));
    rec_buffer_clear(text);
    rec_status status = rec_buffer_append(text, mapped, (size_t)n, err);
    free(mapped);
    return status;
}

typedef rec_status (*character_fn)(rec_buffer *out, uint32_t code, rec_error *err);

static rec_status map_characters(rec_buffer *text, rec_buffer *scratch, character_fn map,
                                 rec_error *err)
{
    rec_buffer_clear(scratch);
    for (size_t i = 0; i < text->length;) {
        uint32_t code;
        i += rec_utf8_next(&code, text->data + i, text->length - i);
        rec_status status = map(scratch, code, err);
        if (status != REC_OK)
            return status;
    }
    rec_buffer swap = *text;
    *text = *scratch;
    *scratch = swap;
    return REC_OK;
}

static rec_status clean(rec_buffer *out, uint32_t c, rec_error *err)
{
    if (c == 0 || c == 0xFFFD || rec_char_is_control(c))
        return REC_OK;
    return put(out, rec_char_class_of(c) == REC_CHAR_SPACE ? ' ' : c, err);
}

static rec_status space_out_cjk(rec_buffer *out, uint32_t c, rec_error *err)
{
    if (!rec_char_is_cjk(c))
        return put(out, c, err);
    char spaced[8] = " ";
    size_t n = 1 + rec_utf8_encode(spaced + 1, c);
    spaced[n++] = ' ';
    return rec_buffer_append(out, spaced, n, err);
}

static rec_status drop_mark(rec_buffer *out, uint32_t c, rec_error *err)
{
    if (c >= 0x80 && utf8proc_category((utf8proc_int32_t)c) == UTF8PROC_CATEGORY_MN)
        return REC_OK;
    return put(out, c, err);
}

static rec_status lower(rec_buffer *out, uint32_t c, rec_error *err)
{
    if (c == 0x130) /* the one character whose lower case is two */
        return rec_buffer_puts(out, "i\xCC\x87", err);
    return put(out, (uint32_t)utf8proc_tolower((utf8proc_int32_t)c), err);
}

static rec_status strip_accents(rec_buffer *text, rec_buffer *scratch, rec_error *err)
{
    if (is_ascii(text))
        return REC_OK;
    rec_status status = to_form(text, UTF8PROC_STABLE | UTF8PROC_DECOMPOSE, err);
    return status != REC_OK ? status : map_characters(text, scratch, drop_mark, err);
}

/* The order of the reference: clean, CJK, accents, case. */
static rec_status bert(rec_buffer *text, rec_buffer *scratch, const rec_normalizer *step,
                       rec_error *err)
{
    rec_status status = REC_OK;
    if (step->clean_text)
        REC_TRY(map_characters(text, scratch, clean, err));
    if (step->chinese && !is_ascii(text))
        REC_TRY(map_characters(text, scratch, space_out_cjk, err));
    if (step->strip_accents)
        REC_TRY(strip_accents(text, scratch, err));
    if (step->lowercase)
        REC_TRY(map_characters(text, scratch, lower, err));
cleanup:
    return status;
}

static rec_status replace_literal(rec_buffer *out, const rec_buffer *text,
                                  const rec_normalizer *step, rec_error *err)
{
    rec_status status = REC_OK;
    const char *at = text->data, *end = text->data + text->length;
    size_t n = strlen(step->text_a);
    while (at < end) {
        const char *hit = n > 0 ? memmem(at, (size_t)(end - at), step->text_a, n) : NULL;
        REC_TRY(rec_buffer_append(out, at, (size_t)((hit != NULL ? hit : end) - at), err));
        if (hit == NULL)
            break;
        REC_TRY(rec_buffer_puts(out, step->text_b, err));
        at = hit + n;
    }
cleanup:
    return status;
}

static rec_status replace_pattern(rec_buffer *out, const rec_buffer *text,
                                  const rec_normalizer *step, rec_error *err)
{
    rec_status status = REC_OK;
    pcre2_match_data *match = pcre2_match_data_create(1, NULL);
    if (match == NULL)
        return rec_fail(err, REC_ERR_RESOURCE, "out of memory (pattern match)");
    size_t at = 0;
    while (at < text->length && pcre2_match(step->pattern, (PCRE2_SPTR)text->data, text->length, at,
                                            PCRE2_NO_UTF_CHECK, match, NULL) >= 0) {
        const PCRE2_SIZE *range = pcre2_get_ovector_pointer(match);
        if (range[1] <= range[0])
            break; /* an empty match replaces nothing */
        REC_TRY(rec_buffer_append(out, text->data + at, range[0] - at, err));
        REC_TRY(rec_buffer_puts(out, step->text_b, err));
        at = range[1];
    }
    REC_TRY(rec_buffer_append(out, text->data + at, text->length - at, err));
cleanup:
    pcre2_match_data_free(match);
    return status;
}

static rec_status replace(rec_buffer *text, rec_buffer *scratch, const rec_normalizer *step,
                          rec_error *err)
{
    if (text->length == 0)
        return REC_OK;
    rec_buffer_clear(scratch);
    rec_status status = step->pattern != NULL ? replace_pattern(scratch, text, step, err)
                                              : replace_literal(scratch, text, step, err);
    if (status != REC_OK)
        return status;
    rec_buffer swap = *text;
    *text = *scratch;
    *scratch = swap;
    return rec_buffer_append(text, "", 0, err);
}

static rec_status prepend(rec_buffer *text, rec_buffer *scratch, const char *prefix, rec_error *err)
{
    if (text->length == 0)
        return REC_OK;
    rec_buffer_clear(scratch);
    rec_status status = rec_buffer_puts(scratch, prefix, err);
    if (status == REC_OK)
        status = rec_buffer_append(scratch, text->data, text->length, err);
    rec_buffer swap = *text;
    *text = *scratch;
    *scratch = swap;
    return status;
}

static rec_status map_text(rec_buffer *text, rec_buffer *scratch, const rec_normalizer *step,
                           rec_error *err)
{
    rec_buffer_clear(scratch);
    rec_status status = rec_charsmap_apply(scratch, step->charsmap, text->data, text->length, err);
    if (status != REC_OK)
        return status;
    rec_buffer swap = *text;
    *text = *scratch;
    *scratch = swap;
    return rec_buffer_append(text, "", 0, err);
}

static rec_status strip(rec_buffer *text, const rec_normalizer *step, rec_error *err)
{
    size_t start = 0, end = 0;
    bool inside = false;
    for (size_t i = 0; i < text->length;) {
        uint32_t code;
        size_t length = rec_utf8_next(&code, text->data + i, text->length - i);
        bool space = rec_char_class_of(code) == REC_CHAR_SPACE;
        if (!inside && space && step->left)
            start = i + length;
        inside |= !space;
        i += length;
        if (!space || !step->right)
            end = i;
    }
    if (end < start)
        end = start;
    memmove(text->data, text->data + start, end - start);
    text->length = end - start;
    return rec_buffer_append(text, "", 0, err);
}

rec_status rec_normalize(rec_buffer *text, rec_buffer *scratch, const rec_normalizer *step,
                         rec_error *err)
{
    if (text->length == 0)
        return REC_OK;
    switch (step->kind) {
    case REC_NORMALIZE_FORM:
        return to_form(text, step->form, err);
    case REC_NORMALIZE_BERT:
        return bert(text, scratch, step, err);
    case REC_NORMALIZE_LOWER:
        return map_characters(text, scratch, lower, err);
    case REC_NORMALIZE_STRIP_ACCENTS: /* without decomposing first, as the reference does */
        return map_characters(text, scratch, drop_mark, err);
    case REC_NORMALIZE_PREPEND:
        return prepend(text, scratch, step->text_a, err);
    case REC_NORMALIZE_REPLACE:
        return replace(text, scratch, step, err);
    case REC_NORMALIZE_STRIP:
        return strip(text, step, err);
    case REC_NORMALIZE_CHARSMAP:
        return map_text(text, scratch, step, err);
    }
    return rec_fail(err, REC_ERR_INTERNAL, "unknown normaliser %d", (int)step->kind);
}
