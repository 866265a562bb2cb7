/**
 * TREC files: judgments ("qrels": query, iteration, document, level) and runs (query, Q0, document,
 * rank, score, tag), one record a line, fields separated by blanks or tabs. Ids are opaque bytes.
 * Blank lines and lines that begin with # are skipped; CRLF, a missing last newline and gzip are
 * fine. Everything else that is not such a line is REC_ERR_DATA "file:line: what is wrong".
 */
#ifndef REC_HARNESS_TREC_TREC_H
#define REC_HARNESS_TREC_TREC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/file.h"
#include "core/status.h"

/** Bytes inside the file that was read; not NUL-terminated. */
typedef struct rec_span {
    const char *bytes;
    size_t length;
} rec_span;

/** Unsigned byte order, a prefix first. */
int rec_span_compare(rec_span a, rec_span b);

typedef enum rec_trec_kind { REC_TREC_QRELS, REC_TREC_RUN } rec_trec_kind;

typedef struct rec_trec_record {
    const char *document; /* borrowed from the file */
    uint32_t document_length;
    uint32_t document_hash;
    double value; /* qrels: relevance level; run: score */
} rec_trec_record;

/** Records of one query that stand together in the file. */
typedef struct rec_trec_segment {
    const rec_trec_record *records;
    size_t n;
    const char *query;
    uint32_t query_length, query_hash;
} rec_trec_segment;

typedef struct rec_trec_query {
    rec_span id;
    size_t first_segment, n_segments; /* in file order */
    size_t n_records;
} rec_trec_query;

typedef struct rec_trec_tile rec_trec_tile; /* private */

typedef struct rec_trec_file {
    rec_trec_kind kind;
    const rec_trec_segment *segments; /* by query, then in file order */
    size_t n_segments;
    const rec_trec_query *queries; /* by id in byte order */
    size_t n_queries;
    size_t n_records;
    rec_span tag; /* run: tag of the last line */

    /* private */
    char *path;
    rec_text text;
    char *last_line; /* copy of a last line without newline */
    size_t last_line_length;
    rec_trec_tile *tiles;
    size_t n_tiles;
    uint32_t *slots; /* hash table of queries, entry + 1 */
    size_t n_slots;
} rec_trec_file;

/** Read a file in parallel. A file without a record is REC_ERR_DATA. */
rec_status rec_trec_read(rec_trec_file *out, const char *path, rec_trec_kind kind, rec_error *err);
void rec_trec_file_deinit(rec_trec_file *file);

/** The query with this id, or NULL. */
const rec_trec_query *rec_trec_find(const rec_trec_file *file, rec_span id);

/** "file:line" of a record or any other byte of the file, for messages. Slow: counts lines. */
size_t rec_trec_line(const rec_trec_file *file, const char *byte);

#endif
