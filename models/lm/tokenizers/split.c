/* Pre-tokenisation: cutting text into the pieces that a model encodes one by one. The two patterns
 * of nearly all byte-level tokenizers have scanners of their own; any other pattern goes to PCRE2. */
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "models/lm/tokenizers/internal.h"

typedef struct scanner {
    const char *text;
    size_t n;
} scanner;

static rec_char_class class_at(const scanner *s, size_t i, size_t *length)
{
    uint32_t code;
    *length = rec_utf8_next(&code, s->text + i, s->n - i);
    return rec_char_class_of(code);
}

/* End of the run of one class from i on, of at most `most` characters. */
static size_t run_end(const scanner *s, size_t i, rec_char_class wanted, size_t most)
{
    size_t length;
    for (; i < s->n && most > 0 && class_at(s, i, &length) == wanted; most--)
        i += length;
    return i;
}

/* 's 't 'm 'd 're 've 'll at an apostrophe; 0 when none. U+017F is an s whatever its case. */
static size_t contraction(const scanner *s, size_t i, bool any_case)
{
    static const char *const suffixes[] = {"s", "t", "re", "ve", "m", "ll", "d"};
    size_t left = s->n - i - 1;
    const char *after = s->text + i + 1;
    for (size_t k = 0; k < sizeof suffixes / sizeof *suffixes; k++) {
        size_t n = strlen(suffixes[k]);
        if (n <= left &&
            (any_case ? strncasecmp(after, suffixes[k], n) : memcmp(after, suffixes[k], n)) == 0)
            return i + 1 + n;
    }
    return any_case && left >= 2 && memcmp(after, "\xC5\xBF", 2) == 0 ? i + 3 : 0;
}

/* \s+(?!\S)|\s+ : a run of white space leaves its last character to what follows. */
static size_t space_run(const scanner *s, size_t i)
{
    size_t end = i, last = i, length;
    while (end < s->n && class_at(s, end, &length) == REC_CHAR_SPACE) {
        last = end;
        end += length;
    }
    return end == s->n || last == i ? end : last;
}

static size_t next_gpt2(const scanner *s, size_t i)
{
    size_t length, end;
    if (s->text[i] == '\'' && (end = contraction(s, i, false)) > 0)
        return end;
    size_t start = s->text[i] == ' ' && i + 1 < s->n ? i + 1 : i;
    rec_char_class wanted = class_at(s, start, &length);
    return wanted != REC_CHAR_SPACE ? run_end(s, start, wanted, SIZE_MAX) : space_run(s, i);
}

/* \s*[\r\n]+ : white space up to its last line end; 0 when it holds none. */
static size_t line_ends(const scanner *s, size_t i)
{
    size_t end = 0, length;
    while (i < s->n && class_at(s, i, &length) == REC_CHAR_SPACE) {
        if (s->text[i] == '\n' || s->text[i] == '\r')
            end = i + 1;
        i += length;
    }
    return end;
}

static size_t next_llama3(const scanner *s, size_t i, size_t max_digits)
{
    size_t length, next_length, end;
    char first = s->text[i];
    if (first == '\'' && (end = contraction(s, i, true)) > 0)
        return end;
    rec_char_class here = class_at(s, i, &length);
    if (here == REC_CHAR_LETTER)
        return run_end(s, i, REC_CHAR_LETTER, SIZE_MAX);
    if (here == REC_CHAR_NUMBER)
        return run_end(s, i, REC_CHAR_NUMBER, max_digits);
    bool more = i + length < s->n;
    rec_char_class next = more ? class_at(s, i + length, &next_length) : REC_CHAR_SPACE;
    if (first != '\r' && first != '\n' && next == REC_CHAR_LETTER)
        return run_end(s, i + length, REC_CHAR_LETTER, SIZE_MAX);
    if (here == REC_CHAR_OTHER || (first == ' ' && next == REC_CHAR_OTHER)) {
        end = run_end(s, here == REC_CHAR_OTHER ? i : i + 1, REC_CHAR_OTHER, SIZE_MAX);
        while (end < s->n && (s->text[end] == '\r' || s->text[end] == '\n'))
            end++;
        return end;
    }
    end = line_ends(s, i);
    return end > 0 ? end : space_run(s, i);
}

static rec_status split_scanned(const rec_splitter *step, const char *text, size_t n,
                                rec_piece_fn emit, void *context, rec_error *err)
{
    rec_status status = REC_OK;
    char *prefixed = NULL;
    if (step->add_prefix_space && n > 0) {
        uint32_t code;
        rec_utf8_next(&code, text, n);
        if (rec_char_class_of(code) != REC_CHAR_SPACE) {
            REC_TRY_NEW(prefixed, n + 1, err);
            prefixed[0] = ' ';
            memcpy(prefixed + 1, text, n);
            text = prefixed;
            n++;
        }
    }
    scanner s = {.text = text, .n = n};
    for (size_t i = 0, end; i < n; i = end) {
        end =
            step->kind == REC_SPLIT_GPT2 ? next_gpt2(&s, i) : next_llama3(&s, i, step->max_digits);
        REC_TRY(emit(context, text + i, end - i, err));
    }
cleanup:
    free(prefixed);
    return status;
}

/* ---- patterns ---- */

pcre2_code *rec_pattern_compile(const char *pattern, const char *where, rec_error *err)
{
    int code;
    PCRE2_SIZE offset;
    pcre2_code *compiled = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED,
                                         PCRE2_UTF | PCRE2_UCP, &code, &offset, NULL);
    if (compiled == NULL) {
        PCRE2_UCHAR message[128];
        pcre2_get_error_message(code, message, sizeof message);
        rec_fail(err, REC_ERR_MODEL, "%s: pattern \"%s\" at %zu: %s", where, pattern,
                 (size_t)offset, (const char *)message);
        return NULL;
    }
    pcre2_jit_compile(compiled, PCRE2_JIT_COMPLETE); /* slower without, never wrong */
    return compiled;
}

void rec_pattern_free(pcre2_code *pattern)
{
    pcre2_code_free(pattern);
}

/* Text between matches and the matches themselves, as `behaviour` says. */
static rec_status split_pattern(const rec_splitter *step, const char *text, size_t n,
                                rec_piece_fn emit, void *context, rec_error *err)
{
    rec_status status = REC_OK;
    pcre2_match_data *match = pcre2_match_data_create(1, NULL);
    if (match == NULL)
        return rec_fail(err, REC_ERR_RESOURCE, "out of memory (pattern match)");
    size_t done = 0, at = 0;
    while (at < n) {
        int rc =
            pcre2_match(step->pattern, (PCRE2_SPTR)text, n, at, PCRE2_NO_UTF_CHECK, match, NULL);
        if (rc < 0 && rc != PCRE2_ERROR_NOMATCH)
            REC_TRY(
                rec_fail(err, REC_ERR_DATA, "the split pattern fails on this text (PCRE2 %d)", rc));
        if (rc < 0)
            break;
        const PCRE2_SIZE *range = pcre2_get_ovector_pointer(match);
        size_t start = range[0], end = range[1];
        if (end <= start) { /* an empty match cuts nothing */
            at++;
            continue;
        }
        bool keep_gap = !step->inverted || step->behaviour == REC_ISOLATED;
        bool keep_match = step->inverted || step->behaviour == REC_ISOLATED;
        if (step->behaviour == REC_MERGED_WITH_PREVIOUS) {
            REC_TRY(emit(context, text + done, end - done, err));
        } else {
            if (start > done && keep_gap)
                REC_TRY(emit(context, text + done, start - done, err));
            if (keep_match)
                REC_TRY(emit(context, text + start, end - start, err));
        }
        done = at = end;
    }
    if (done < n && (!step->inverted || step->behaviour == REC_ISOLATED))
        REC_TRY(emit(context, text + done, n - done, err));
cleanup:
    pcre2_match_data_free(match);
    return status;
}

/* ---- classes of characters ---- */

static rec_status split_digits(const rec_splitter *step, const char *text, size_t n,
                               rec_piece_fn emit, void *context, rec_error *err)
{
    scanner s = {.text = text, .n = n};
    size_t most = step->max_digits > 0 ? step->max_digits : SIZE_MAX;
    size_t start = 0, length;
    rec_status status = REC_OK;
    for (size_t i = 0; i < n && status == REC_OK;) {
        if (class_at(&s, i, &length) != REC_CHAR_NUMBER) {
            i += length;
            continue;
        }
        if (i > start)
            status = emit(context, text + start, i - start, err);
        size_t end = run_end(&s, i, REC_CHAR_NUMBER, most);
        if (status == REC_OK)
            status = emit(context, text + i, end - i, err);
        i = start = end;
    }
    if (status == REC_OK && start < n)
        status = emit(context, text + start, n - start, err);
    return status;
}

/* White space separates and is dropped; with `punctuation`, each such character stands alone. */
static rec_status split_words(bool punctuation, const char *text, size_t n, rec_piece_fn emit,
                              void *context, rec_error *err)
{
    size_t start = 0;
    rec_status status = REC_OK;
    for (size_t i = 0; i < n && status == REC_OK;) {
        uint32_t code;
        size_t length = rec_utf8_next(&code, text + i, n - i);
        bool space = rec_char_class_of(code) == REC_CHAR_SPACE;
        bool alone = !space && punctuation && rec_char_is_punctuation(code);
        if ((space || alone) && i > start)
            status = emit(context, text + start, i - start, err);
        if (status == REC_OK && alone)
            status = emit(context, text + i, length, err);
        i += length;
        if (space || alone)
            start = i;
    }
    if (status == REC_OK && start < n)
        status = emit(context, text + start, n - start, err);
    return status;
}

/* ---- SentencePiece's visible blank, U+2581 ---- */

static const char MARK[] = "\xE2\x96\x81";
enum { MARK_LENGTH = 3 };

static rec_status split_metaspace(const rec_splitter *step, const char *text, size_t n,
                                  bool is_start, rec_piece_fn emit, void *context, rec_error *err)
{
    if (n == 0)
        return REC_OK;
    char *marked = rec_alloc(n + 1, MARK_LENGTH, err);
    if (marked == NULL)
        return REC_ERR_RESOURCE;
    size_t m = 0;
    bool has_mark = text[0] == ' ' || (n >= MARK_LENGTH && memcmp(text, MARK, MARK_LENGTH) == 0);
    if (step->prepend && (is_start || !step->prepend_first_only) && !has_mark) {
        memcpy(marked, MARK, MARK_LENGTH);
        m = MARK_LENGTH;
    }
    for (size_t i = 0; i < n; i++) {
        if (text[i] == ' ') {
            memcpy(marked + m, MARK, MARK_LENGTH);
            m += MARK_LENGTH;
        } else {
            marked[m++] = text[i];
        }
    }
    rec_status status = REC_OK;
    for (size_t start = 0, end; start < m && status == REC_OK; start = end) {
        const char *next = step->split && m - start > 1
                               ? memmem(marked + start + 1, m - start - 1, MARK, MARK_LENGTH)
                               : NULL;
        end = next != NULL ? (size_t)(next - marked) : m;
        status = emit(context, marked + start, end - start, err);
    }
    free(marked);
    return status;
}

rec_status rec_split(const rec_splitter *step, const char *text, size_t n, bool is_start,
                     rec_piece_fn emit, void *context, rec_error *err)
{
    switch (step->kind) {
    case REC_SPLIT_GPT2:
    case REC_SPLIT_LLAMA3:
        return split_scanned(step, text, n, emit, context, err);
    case REC_SPLIT_PATTERN:
        return split_pattern(step, text, n, emit, context, err);
    case REC_SPLIT_DIGITS:
        return split_digits(step, text, n, emit, context, err);
    case REC_SPLIT_BERT:
    case REC_SPLIT_SPACE:
        return split_words(step->kind == REC_SPLIT_BERT, text, n, emit, context, err);
    case REC_SPLIT_METASPACE:
        return split_metaspace(step, text, n, is_start, emit, context, err);
    }
    return rec_fail(err, REC_ERR_INTERNAL, "unknown splitter %d", (int)step->kind);
}
