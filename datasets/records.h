/**
 * Delimited text files, one record at a time: a streaming scanner with one buffer, so that memory
 * does not grow with the file. gzip is read in place; a UTF-8 byte order mark and CRLF line ends
 * are accepted and counted; blank lines are skipped; bytes that are not UTF-8 and NUL bytes are
 * errors. Every message says file:line:column, columns counted in bytes from 1.
 */
#ifndef REC_DATASETS_RECORDS_H
#define REC_DATASETS_RECORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/status.h"

typedef struct rec_field {
    const char *text; /* not NUL-terminated; valid until the next call */
    size_t length;
    size_t column;
} rec_field;

typedef enum rec_quoting {
    REC_QUOTES_PLAIN, /* a quote is a character like any other */
    REC_QUOTES_LINE, /* "..." with "" inside, closed before the line ends, else a plain character */
    REC_QUOTES_FULL  /* RFC 4180: may hold line ends; one that never closes is an error */
} rec_quoting;

typedef struct rec_records_format {
    const char
        *delimiter; /* "\t", ",", "::"; " " = any run of blanks and tabs; NULL = whole lines */
    rec_quoting quoting;
    bool latin1; /* a record that is not UTF-8 is taken as ISO-8859-1 and converted (counted) */
} rec_records_format;

typedef struct rec_records_counts {
    size_t bytes, records; /* bytes after decompression */
    size_t crlf, bom, blank, quoted, latin1;
} rec_records_counts;

typedef struct rec_records rec_records;

/** REC_ERR_DATA when the file cannot be read. */
rec_status rec_records_open(rec_records **out, const char *path, const rec_records_format *format,
                            rec_error *err);
/** Scan bytes in memory (borrowed, unchanged); `name` stands for the path in messages. */
rec_status rec_records_open_bytes(rec_records **out, const char *bytes, size_t length,
                                  const char *name, const rec_records_format *format,
                                  rec_error *err);
void rec_records_close(rec_records *r);

/** The next record. At the end of the file *n_fields is 0; a record has at least one field. */
rec_status rec_records_next(const rec_field **fields, size_t *n_fields, rec_records *r,
                            rec_error *err);

size_t rec_records_line(const rec_records *r); /* of the current record, from 1 */
const char *rec_records_path(const rec_records *r);
rec_records_counts rec_records_get_counts(const rec_records *r);

/** REC_ERR_DATA "file:line:column: ..."; field NULL: "file:line: ...". */
rec_status rec_records_fail(rec_error *err, const rec_records *r, const rec_field *field,
                            const char *format, ...) REC_PRINTF(4, 5);

/** A number that must be there; says what is wrong with the field named `name`. */
rec_status rec_records_number(double *out, const rec_records *r, const rec_field *field,
                              const char *name, rec_error *err);

bool rec_field_is(const rec_field *field, const char *text);

#endif
