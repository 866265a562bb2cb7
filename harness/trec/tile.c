#include "harness/trec/tile.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "core/hash.h"
#include "core/memory.h"
#include "harness/trec/number.h"

/* --- bytes and fields ------------------------------------------------------------------------ */

enum byte_class { TOKEN, BLANK, NEWLINE, NUL };

static const unsigned char class_of[256] = {
    [0] = NUL,      ['\n'] = NEWLINE, [' '] = BLANK, ['\t'] = BLANK,
    ['\r'] = BLANK, ['\v'] = BLANK,   ['\f'] = BLANK};

static unsigned char class_at(const char *p)
{
    return class_of[(unsigned char)*p];
}

/* The walks below need no end: a tile ends with a newline, which stops them all. */
static const char *skip_blanks(const char *p)
{
    while (class_at(p) == BLANK)
        p++;
    return p;
}

static const char *skip_token(const char *p)
{
    while (class_at(p) == TOKEN)
        p++;
    return p;
}

static const char *next_field(rec_span *field, const char *p)
{
    const char *start = skip_blanks(p), *stop = skip_token(start);
    *field = (rec_span){.bytes = start, .length = (size_t)(stop - start)};
    return stop;
}

static uint32_t fold(uint64_t hash)
{
    return (uint32_t)(hash ^ hash >> 32);
}

uint32_t rec_trec_hash(rec_span id)
{
    return fold(rec_fnv1a(id.bytes, id.length));
}

/* rec_fnv1a spelled out, so that finding the end of the id and hashing it are one walk. */
static const char *next_field_hashed(rec_span *field, uint32_t *hash, const char *p)
{
    const char *start = skip_blanks(p);
    uint64_t h = 0xCBF29CE484222325u;
    for (p = start; class_at(p) == TOKEN; p++)
        h = (h ^ (unsigned char)*p) * 0x100000001B3u;
    *field = (rec_span){.bytes = start, .length = (size_t)(p - start)};
    *hash = fold(h);
    return p;
}

/* --- records --------------------------------------------------------------------------------- */

/* The fields of a line, in the order of the file format. */
typedef struct line {
    rec_span query, document, value, tag;
    uint32_t document_hash;
    const char *end; /* its newline */
} line;

static rec_status fail_line(const rec_trec_file *file, const char *at, rec_error *err,
                            const char *what)
{
    return rec_fail(err, REC_ERR_DATA, "%s:%zu: %s", file->path, rec_trec_line(file, at), what);
}

static rec_status fail_fields(const rec_trec_file *file, const char *at, rec_error *err)
{
    return fail_line(file, at, err,
                     file->kind == REC_TREC_RUN
                         ? "a run line has six fields: query Q0 document rank score tag"
                         : "a qrels line has four fields: query iteration document level");
}

static rec_status read_qrels_line(line *l, const rec_trec_file *file, const char *p, rec_error *err)
{
    rec_span iteration;
    p = next_field(&l->query, p);
    p = next_field(&iteration, p);
    p = next_field_hashed(&l->document, &l->document_hash, p);
    p = next_field(&l->value, p);
    const char *after = skip_blanks(p);
    l->end = after;
    if (class_at(after) == NUL)
        return fail_line(file, p, err, "a NUL byte: not a text file");
    if (l->value.length == 0 || class_at(after) != NEWLINE)
        return fail_fields(file, l->query.bytes, err);
    return REC_OK;
}

static rec_status read_run_line(line *l, const rec_trec_file *file, const char *p, rec_error *err)
{
    rec_span q0, rank;
    p = next_field(&l->query, p);
    p = next_field(&q0, p);
    p = next_field_hashed(&l->document, &l->document_hash, p);
    p = next_field(&rank, p);
    p = next_field(&l->value, p);
    p = next_field(&l->tag, p);
    while (class_at(p) == TOKEN || class_at(p) == BLANK) /* fields past the tag are ignored */
        p++;
    l->end = p;
    if (class_at(p) == NUL)
        return fail_line(file, p, err, "a NUL byte: not a text file");
    return l->tag.length > 0 ? REC_OK : fail_fields(file, l->query.bytes, err);
}

static rec_status read_value(double *value, const line *l, const rec_trec_file *file,
                             rec_error *err)
{
    char what[128];
    int32_t level;
    if (file->kind == REC_TREC_QRELS) {
        if (rec_parse_int32(&level, l->value.bytes, l->value.length)) {
            *value = level;
            return REC_OK;
        }
        snprintf(what, sizeof what, "relevance \"%.*s\" is not a whole number",
                 (int)(l->value.length < 40 ? l->value.length : 40), l->value.bytes);
        return fail_line(file, l->value.bytes, err, what);
    }
    if (rec_parse_double(value, l->value.bytes, l->value.length) && !isnan(*value))
        return REC_OK;
    snprintf(what, sizeof what, "score \"%.*s\" is not a number",
             (int)(l->value.length < 40 ? l->value.length : 40), l->value.bytes);
    return fail_line(file, l->value.bytes, err, what);
}

/* Asked once per line, of ids of a few bytes: a loop beats the call of memcmp. */
static bool same_query(const rec_trec_segment *segment, rec_span query)
{
    if (segment->query_length != query.length)
        return false;
    for (size_t i = 0; i < query.length; i++)
        if (segment->query[i] != query.bytes[i])
            return false;
    return true;
}

/* The segment that the next record of this query belongs to. */
static rec_status find_segment(rec_trec_tile *tile, rec_span query, rec_error *err)
{
    if (tile->n_segments > 0 && same_query(&tile->segments[tile->n_segments - 1], query))
        return REC_OK;
    if (tile->n_segments == tile->segment_capacity) {
        size_t capacity = 2 * tile->segment_capacity + 64;
        rec_trec_segment *grown =
            rec_realloc(tile->segments, capacity, sizeof *tile->segments, err);
        if (grown == NULL)
            return REC_ERR_RESOURCE;
        tile->segments = grown;
        tile->segment_capacity = capacity;
    }
    tile->segments[tile->n_segments++] =
        (rec_trec_segment){.records = tile->records + tile->n_records,
                           .query = query.bytes,
                           .query_length = (uint32_t)query.length,
                           .query_hash = rec_trec_hash(query)};
    return REC_OK;
}

static rec_status read_record(rec_trec_tile *tile, line *l, const rec_trec_file *file,
                              const char *p, rec_error *err)
{
    rec_status status;
    rec_trec_record *record = &tile->records[tile->n_records];
    REC_TRY(file->kind == REC_TREC_RUN ? read_run_line(l, file, p, err)
                                       : read_qrels_line(l, file, p, err));
    if (l->document.length > UINT32_MAX || l->query.length > UINT32_MAX)
        return fail_line(file, p, err, "an id of 4 GiB or more");
    REC_TRY(read_value(&record->value, l, file, err));
    REC_TRY(find_segment(tile, l->query, err));
    record->document = l->document.bytes;
    record->document_length = (uint32_t)l->document.length;
    record->document_hash = l->document_hash;
    tile->segments[tile->n_segments - 1].n++;
    tile->n_records++;
    tile->tag = l->tag;
cleanup:
    return status;
}

/* Records that so many bytes can hold at most: "q Q d 1 2 t" and "q 0 d 1" are the shortest lines.
 * Pages of the array that no record reaches are never touched, which is cheaper than counting. */
static size_t most_records(const rec_trec_file *file, size_t n_bytes)
{
    size_t shortest = file->kind == REC_TREC_RUN ? 12 : 8;
    return n_bytes / shortest;
}

rec_status rec_trec_tile_read(rec_trec_tile *tile, const rec_trec_file *file, const char *begin,
                              const char *end, rec_error *err)
{
    rec_status status = REC_OK;
    line l = {.end = begin};
    REC_TRY_NEW(tile->records, most_records(file, (size_t)(end - begin)), err);
    for (const char *p = begin; p < end; p = l.end + 1) {
        p = skip_blanks(p);
        if (*p == '\n' || *p == '#')
            l.end = memchr(p, '\n', (size_t)(end - p));
        else
            REC_TRY(read_record(tile, &l, file, p, err));
    }
cleanup:
    return status;
}
