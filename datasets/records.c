#include "datasets/records.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "core/buffer.h"
#include "core/memory.h"
#include "core/utf8.h"
#include "datasets/number.h"

enum { FIRST_BUFFER = 1 << 20, LONGEST_RECORD = 1 << 28, FIRST_FIELDS = 32 };

struct rec_records {
    char *path;
    gzFile file; /* NULL: all bytes are in the buffer */
    char *delimiter;
    size_t delimiter_length;
    rec_quoting quoting;
    bool blanks; /* the delimiter is any run of blanks and tabs */
    bool latin1;

    char *buffer;
    size_t capacity, begin, end; /* begin .. end: read from the file but not yet handed out */
    bool at_end;                 /* the file has no more bytes */

    size_t line, next_line; /* first line of the current record, of the next one */
    rec_field *fields;
    size_t n_fields, max_fields;
    rec_buffer converted; /* the current record, when it had to be converted from ISO-8859-1 */
    rec_records_counts counts;
};

static rec_status records_new(rec_records **out, const char *path, const rec_records_format *format,
                              rec_error *err)
{
    rec_status status = REC_OK;
    rec_records *r;
    REC_TRY_NEW(r, 1, err);
    r->next_line = 1;
    r->quoting = format->quoting;
    r->latin1 = format->latin1;
    r->blanks = format->delimiter != NULL && strcmp(format->delimiter, " ") == 0;
    r->max_fields = FIRST_FIELDS;
    REC_TRY_NEW(r->fields, r->max_fields, err);
    r->path = rec_strdup(path, err);
    r->delimiter = rec_strdup(format->delimiter != NULL ? format->delimiter : "", err);
    if (r->path == NULL || r->delimiter == NULL) {
        status = REC_ERR_RESOURCE;
        goto cleanup;
    }
    r->delimiter_length = strlen(r->delimiter);
cleanup:
    if (status != REC_OK) {
        rec_records_close(r);
        r = NULL;
    }
    *out = r;
    return status;
}

rec_status rec_records_open(rec_records **out, const char *path, const rec_records_format *format,
                            rec_error *err)
{
    rec_records *r;
    rec_status status = records_new(&r, path, format, err);
    *out = NULL;
    if (status != REC_OK)
        return status;
    r->capacity = FIRST_BUFFER;
    r->buffer = rec_realloc(NULL, r->capacity, 1, err);
    if (r->buffer == NULL) {
        rec_records_close(r);
        return REC_ERR_RESOURCE;
    }
    errno = 0;
    r->file = gzopen(path, "rb"); /* plain files pass through it unchanged */
    if (r->file == NULL) {
        status = errno != 0 ? rec_fail_errno(err, REC_ERR_DATA, "%s: cannot open", path)
                            : rec_fail(err, REC_ERR_RESOURCE, "%s: out of memory", path);
        rec_records_close(r);
        return status;
    }
    *out = r;
    return REC_OK;
}

rec_status rec_records_open_bytes(rec_records **out, const char *bytes, size_t length,
                                  const char *name, const rec_records_format *format,
                                  rec_error *err)
{
    rec_records *r;
    rec_status status = records_new(&r, name, format, err);
    *out = NULL;
    if (status != REC_OK)
        return status;
    r->buffer = rec_memdup(bytes, length, err);
    if (r->buffer == NULL) {
        rec_records_close(r);
        return REC_ERR_RESOURCE;
    }
    r->capacity = r->end = r->counts.bytes = length;
    r->at_end = true;
    *out = r;
    return REC_OK;
}

void rec_records_close(rec_records *r)
{
    if (r == NULL)
        return;
    if (r->file != NULL)
        gzclose_r(r->file);
    rec_buffer_deinit(&r->converted);
    free(r->fields);
    free(r->buffer);
    free(r->delimiter);
    free(r->path);
    free(r);
}

size_t rec_records_line(const rec_records *r)
{
    return r->line;
}

const char *rec_records_path(const rec_records *r)
{
    return r->path;
}

rec_records_counts rec_records_get_counts(const rec_records *r)
{
    return r->counts;
}

rec_status rec_records_fail(rec_error *err, const rec_records *r, const rec_field *field,
                            const char *format, ...)
{
    char message[REC_ERROR_MESSAGE_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    if (field == NULL)
        return rec_fail(err, REC_ERR_DATA, "%s:%zu: %s", r->path, r->line, message);
    return rec_fail(err, REC_ERR_DATA, "%s:%zu:%zu: %s", r->path, r->line, field->column, message);
}

static rec_status fail_at(rec_error *err, const rec_records *r, size_t column, const char *what)
{
    return rec_records_fail(err, r, &(rec_field){.column = column}, "%s", what);
}

bool rec_field_is(const rec_field *field, const char *text)
{
    return field->length == strlen(text) && memcmp(field->text, text, field->length) == 0;
}

rec_status rec_records_number(double *out, const rec_records *r, const rec_field *field,
                              const char *name, rec_error *err)
{
    int shown = field->length < 40 ? (int)field->length : 40;
    switch (rec_number_parse(out, field->text, field->length)) {
    case REC_NUMBER_OK:
        return REC_OK;
    case REC_NUMBER_OUT_OF_RANGE:
        return rec_records_fail(err, r, field, "%s: \"%.*s\" is too large for a number", name,
                                shown, field->text);
    default:
        return rec_records_fail(err, r, field, "%s: \"%.*s\" is not a number", name, shown,
                                field->text);
    }
}

/* Make room behind the unread bytes and read more of the file. */
static rec_status refill(rec_records *r, rec_error *err)
{
    size_t unread = r->end - r->begin;
    memmove(r->buffer, r->buffer + r->begin, unread);
    r->begin = 0;
    r->end = unread;
    if (unread > r->capacity / 2) {
        if (r->capacity >= LONGEST_RECORD)
            return rec_fail(err, REC_ERR_DATA, "%s:%zu: record longer than %d bytes", r->path,
                            r->next_line, LONGEST_RECORD);
        char *buffer = rec_realloc(r->buffer, r->capacity * 2, 1, err);
        if (buffer == NULL)
            return REC_ERR_RESOURCE;
        r->buffer = buffer;
        r->capacity *= 2;
    }
    int n = gzread(r->file, r->buffer + r->end, (unsigned)(r->capacity - r->end));
    int code = Z_OK;
    const char *problem = gzerror(r->file, &code);
    if (n < 0 || (code != Z_OK && code != Z_STREAM_END)) {
        if (code == Z_ERRNO)
            return rec_fail_errno(err, REC_ERR_DATA, "%s: cannot read", r->path);
        return rec_fail(err, REC_ERR_DATA, "%s: damaged gzip file: %s", r->path,
                        code == Z_BUF_ERROR ? "it ends too early" : problem);
    }
    r->at_end = n == 0;
    r->end += (size_t)n;
    r->counts.bytes += (size_t)n;
    return REC_OK;
}

typedef enum quote_state { FIELD_START, PLAIN, QUOTED, QUOTE_IN_QUOTED } quote_state;

/* Offset behind the record's line end: the first one outside quotes. `scanned` and `state` carry
 * the scan over a refill. Returns false when the buffer ends first. */
static bool quoted_record_end(size_t *length, const rec_records *r, size_t *scanned,
                              quote_state *state)
{
    const char *text = r->buffer + r->begin;
    size_t available = r->end - r->begin;
    for (size_t i = *scanned; i < available; i++) {
        char c = text[i];
        bool field_ends = r->delimiter_length > 0 && c == r->delimiter[0];
        if (*state == QUOTED) {
            *state = c == '"' ? QUOTE_IN_QUOTED : QUOTED;
        } else if (c == '\n') {
            *length = i + 1;
            return true;
        } else if (c == '"' && (*state == FIELD_START || *state == QUOTE_IN_QUOTED)) {
            *state = QUOTED;
        } else {
            *state = field_ends ? FIELD_START : PLAIN;
        }
    }
    *scanned = available;
    return false;
}

static bool line_end(size_t *length, const rec_records *r, size_t *scanned)
{
    const char *text = r->buffer + r->begin;
    size_t available = r->end - r->begin;
    const char *newline =
        available > *scanned ? memchr(text + *scanned, '\n', available - *scanned) : NULL;
    *scanned = available;
    if (newline != NULL)
        *length = (size_t)(newline - text) + 1;
    return newline != NULL;
}

/* Length of the next record with its line end; 0 at the end of the file. */
static rec_status find_record(size_t *length, rec_records *r, rec_error *err)
{
    size_t scanned = 0;
    quote_state state = FIELD_START;
    *length = 0;
    for (;;) {
        bool found = r->quoting == REC_QUOTES_FULL ? quoted_record_end(length, r, &scanned, &state)
                                                   : line_end(length, r, &scanned);
        if (found)
            return REC_OK;
        if (r->at_end)
            break;
        rec_status status = refill(r, err);
        if (status != REC_OK)
            return status;
    }
    if (state == QUOTED)
        return rec_fail(err, REC_ERR_DATA, "%s:%zu: a quoted field never ends", r->path,
                        r->next_line);
    *length = r->end - r->begin; /* the last line may lack its line end */
    return REC_OK;
}

/* True if every byte is ASCII other than NUL, eight at a time. */
static bool is_plain_ascii(const char *text, size_t length)
{
    const uint64_t high = 0x8080808080808080u, ones = 0x0101010101010101u;
    uint64_t seen = 0;
    for (; length >= 8; text += 8, length -= 8) {
        uint64_t word;
        memcpy(&word, text, 8);
        seen |= word | (word - ones); /* the borrow of a zero byte sets its high bit */
    }
    for (; length > 0; text++, length--)
        seen |= *text == '\0' ? high : (unsigned char)*text;
    return (seen & high) == 0;
}

static rec_status convert_latin1(char **text, size_t *length, rec_records *r, rec_error *err)
{
    rec_buffer_clear(&r->converted);
    for (size_t i = 0; i < *length; i++) {
        unsigned char c = (unsigned char)(*text)[i];
        char pair[2] = {(char)(0xC0 | c >> 6), (char)(0x80 | (c & 0x3F))};
        rec_status status = c < 0x80 ? rec_buffer_append(&r->converted, *text + i, 1, err)
                                     : rec_buffer_append(&r->converted, pair, 2, err);
        if (status != REC_OK)
            return status;
    }
    r->counts.latin1++;
    *text = r->converted.data;
    *length = r->converted.length;
    return REC_OK;
}

static rec_status check_bytes(char **text, size_t *length, rec_records *r, rec_error *err)
{
    if (is_plain_ascii(*text, *length))
        return REC_OK;
    const char *nul = memchr(*text, '\0', *length);
    if (nul != NULL)
        return fail_at(err, r, (size_t)(nul - *text) + 1, "NUL byte in a text file");
    size_t valid = rec_utf8_valid_prefix(*text, *length);
    if (valid == *length)
        return REC_OK;
    if (r->latin1)
        return convert_latin1(text, length, r, err);
    return fail_at(err, r, valid + 1, "not UTF-8 (convert the file, for example with iconv)");
}

static rec_status push_field(rec_records *r, const char *text, size_t length, size_t column,
                             rec_error *err)
{
    if (r->n_fields == r->max_fields) {
        rec_field *fields = rec_realloc(r->fields, r->max_fields * 2, sizeof *fields, err);
        if (fields == NULL)
            return REC_ERR_RESOURCE;
        r->fields = fields;
        r->max_fields *= 2;
    }
    r->fields[r->n_fields++] = (rec_field){.text = text, .length = length, .column = column};
    return REC_OK;
}

static rec_status split_blanks(rec_records *r, const char *text, size_t length, rec_error *err)
{
    for (size_t i = 0; i < length;) {
        if (text[i] == ' ' || text[i] == '\t') {
            i++;
            continue;
        }
        size_t start = i;
        while (i < length && text[i] != ' ' && text[i] != '\t')
            i++;
        rec_status status = push_field(r, text + start, i - start, start + 1, err);
        if (status != REC_OK)
            return status;
    }
    return REC_OK;
}

/* First delimiter at or behind p, or end. */
static char *delimiter_from(const rec_records *r, char *p, char *end)
{
    if (r->delimiter_length == 0)
        return end;
    if (r->delimiter_length == 1) { /* fields are short: a plain loop beats a call to memchr */
        char delimiter = r->delimiter[0];
        while (p < end && *p != delimiter)
            p++;
        return p;
    }
    char *found = memmem(p, (size_t)(end - p), r->delimiter, r->delimiter_length);
    return found != NULL ? found : end;
}

static bool ends_field(const rec_records *r, const char *p, const char *end)
{
    return p == end || ((size_t)(end - p) >= r->delimiter_length && r->delimiter_length > 0 &&
                        memcmp(p, r->delimiter, r->delimiter_length) == 0);
}

/* The closing quote of a field that opens at `open`, if a delimiter or the end follows it. */
static char *closing_quote(const rec_records *r, char *open, char *end)
{
    for (char *p = open + 1; p < end; p++) {
        if (*p != '"')
            continue;
        if (p + 1 < end && p[1] == '"')
            p++;
        else
            return ends_field(r, p + 1, end) ? p : NULL;
    }
    return NULL;
}

/* "" becomes " in place; returns the new length. */
static size_t unescape(char *text, size_t length)
{
    size_t n = 0;
    for (size_t i = 0; i < length; i++) {
        text[n++] = text[i];
        if (text[i] == '"')
            i++;
    }
    return n;
}

static rec_status split_delimited(rec_records *r, char *text, size_t length, rec_error *err)
{
    char *p = text, *end = text + length;
    for (;;) {
        char *start = p, *stop;
        size_t n;
        char *close = r->quoting != REC_QUOTES_PLAIN && p < end && *p == '"'
                          ? closing_quote(r, p, end)
                          : NULL;
        if (close != NULL) {
            stop = close + 1;
            start++;
            n = unescape(start, (size_t)(close - start));
            r->counts.quoted++;
        } else {
            stop = delimiter_from(r, p, end);
            n = (size_t)(stop - start);
        }
        rec_status status = push_field(r, start, n, (size_t)(p - text) + 1, err);
        if (status != REC_OK || stop == end)
            return status;
        p = stop + r->delimiter_length;
    }
}

static void skip_byte_order_mark(rec_records *r, char **text, size_t *length)
{
    if (r->line == 1 && *length >= 3 && memcmp(*text, "\xEF\xBB\xBF", 3) == 0) {
        *text += 3;
        *length -= 3;
        r->counts.bom++;
    }
}

/* Without line end, CR and byte order mark; empty for a blank line. */
static void trim_record(rec_records *r, char **text, size_t *length)
{
    bool line_ends = *length > 0 && (*text)[*length - 1] == '\n';
    *length -= line_ends;
    if (*length > 0 && (*text)[*length - 1] == '\r') {
        *length -= 1;
        r->counts.crlf++;
    }
    skip_byte_order_mark(r, text, length);
    size_t content = 0;
    while (content < *length && ((*text)[content] == ' ' || (*text)[content] == '\t'))
        content++;
    if (content == *length && (r->blanks || r->delimiter_length == 0))
        *length = 0;
}

static size_t count_lines(const rec_records *r, const char *text, size_t length)
{
    if (r->quoting != REC_QUOTES_FULL)
        return 1;
    size_t n = 0;
    for (size_t i = 0; i < length; i++)
        n += text[i] == '\n';
    return n > 0 ? n : 1;
}

rec_status rec_records_next(const rec_field **fields, size_t *n_fields, rec_records *r,
                            rec_error *err)
{
    char *text;
    size_t length, taken;
    r->n_fields = 0;
    *n_fields = 0;
    *fields = r->fields;
    for (;;) {
        rec_status status = find_record(&taken, r, err);
        if (status != REC_OK || taken == 0)
            return status;
        text = r->buffer + r->begin;
        length = taken;
        r->line = r->next_line;
        r->next_line += count_lines(r, text, taken);
        r->begin += taken;
        trim_record(r, &text, &length);
        if (length > 0)
            break;
        r->counts.blank++;
    }
    rec_status status = check_bytes(&text, &length, r, err);
    if (status == REC_OK)
        status =
            r->blanks ? split_blanks(r, text, length, err) : split_delimited(r, text, length, err);
    if (status != REC_OK)
        return status;
    r->counts.records++;
    *fields = r->fields;
    *n_fields = r->n_fields;
    return REC_OK;
}
