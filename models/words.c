#include "models/words.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "core/memory.h"

static bool in_word(utf8proc_int32_t code_point)
{
    switch (utf8proc_category(code_point)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO:
        return true;
    default:
        return false;
    }
}

/* In place: what is between words becomes one space, none at the start, one at the end. A space only
 * takes the place of a character, or follows the last word, where the terminator was. */
static size_t keep_words(char *text, size_t length)
{
    size_t to = 0, from = 0;
    bool inside = false;
    while (from < length) {
        utf8proc_int32_t code_point;
        utf8proc_ssize_t n = utf8proc_iterate((utf8proc_uint8_t *)text + from,
                                              (utf8proc_ssize_t)(length - from), &code_point);
        size_t width = n > 0 ? (size_t)n : 1;
        if (n > 0 && in_word(code_point)) {
            memmove(text + to, text + from, width);
            to += width;
            inside = true;
        } else if (inside) {
            text[to++] = ' ';
            inside = false;
        }
        from += width;
    }
    if (inside)
        text[to++] = ' ';
    return to;
}

rec_status rec_words_fold(char **out, const char *text, rec_error *err)
{
    utf8proc_uint8_t *folded = NULL;
    utf8proc_option_t options = UTF8PROC_NULLTERM | UTF8PROC_STABLE | UTF8PROC_COMPOSE |
                                UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE;
    *out = NULL;
    utf8proc_ssize_t n = utf8proc_map((const utf8proc_uint8_t *)text, 0, &folded, options);
    if (n == UTF8PROC_ERROR_NOMEM)
        return rec_fail(err, REC_ERR_RESOURCE, "out of memory");
    if (n < 0)
        return rec_fail(err, REC_ERR_DATA, "text \"%.40s\": %s", text, utf8proc_errmsg(n));
    size_t length = keep_words((char *)folded, (size_t)n);
    *out = rec_alloc(length + 1, 1, err);
    if (*out != NULL)
        memcpy(*out, folded, length);
    free(folded);
    return *out != NULL ? REC_OK : REC_ERR_RESOURCE;
}

const char *rec_words_next(size_t *n, const char **at)
{
    const char *word = *at, *end = strchr(word, ' ');
    if (end == NULL)
        return NULL;
    *n = (size_t)(end - word);
    *at = end + 1;
    return word;
}
