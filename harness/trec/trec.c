#include "harness/trec/trec.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/parallel.h"
#include "harness/trec/tile.h"

/* The file is cut every so many bytes, at the next line start: the same tiles for any number of
 * threads. */
enum { TILE_BYTES = 256 * 1024 };

int rec_span_compare(rec_span a, rec_span b)
{
    size_t shorter = a.length < b.length ? a.length : b.length;
    int order = shorter > 0 ? memcmp(a.bytes, b.bytes, shorter) : 0;
    if (order != 0)
        return order;
    return (a.length > b.length) - (a.length < b.length);
}

static rec_span query_of(const rec_trec_segment *segment)
{
    return (rec_span){.bytes = segment->query, .length = segment->query_length};
}

static bool is_in(const char *byte, const char *text, size_t length)
{
    return byte >= text && byte <= text + length;
}

size_t rec_trec_line(const rec_trec_file *file, const char *byte)
{
    const char *p = file->text.data, *end = p + file->text.length;
    size_t line = 1;
    if (is_in(byte, file->last_line, file->last_line_length))
        byte = end; /* the last line, the one without a newline */
    for (; p < byte && p < end; p++)
        line += *p == '\n';
    return line;
}

/* --- reading --------------------------------------------------------------------------------- */

/* First line start at or after `offset`, inside the first `length` bytes, which end with a
 * newline. */
static size_t line_start(const char *text, size_t length, size_t offset)
{
    if (offset == 0 || offset >= length)
        return offset < length ? offset : length;
    const char *newline = memchr(text + offset - 1, '\n', length - (offset - 1));
    return (size_t)(newline - text) + 1;
}

static rec_status read_tile(void *context, size_t t, rec_error *err)
{
    rec_trec_file *file = context;
    const char *text = file->text.data;
    if (t + 1 == file->n_tiles && file->last_line == NULL)
        return REC_OK;
    if (t + 1 == file->n_tiles)
        return rec_trec_tile_read(&file->tiles[t], file, file->last_line,
                                  file->last_line + file->last_line_length, err);
    size_t length =
        file->text.length - (file->last_line_length > 0 ? file->last_line_length - 1 : 0);
    size_t begin = line_start(text, length, t * TILE_BYTES);
    size_t end = line_start(text, length, (t + 1) * TILE_BYTES);
    return rec_trec_tile_read(&file->tiles[t], file, text + begin, text + end, err);
}

/* A last line without a newline is copied and gets one, so that no walk needs to look for an
 * end. */
static rec_status copy_last_line(rec_trec_file *file, rec_error *err)
{
    const char *text = file->text.data;
    size_t length = file->text.length, start = length;
    while (start > 0 && text[start - 1] != '\n')
        start--;
    if (start == length)
        return REC_OK;
    file->last_line_length = length - start + 1;
    file->last_line = rec_alloc(file->last_line_length, 1, err);
    if (file->last_line == NULL)
        return REC_ERR_RESOURCE;
    memcpy(file->last_line, text + start, length - start);
    file->last_line[length - start] = '\n';
    return REC_OK;
}

static rec_status read_tiles(rec_trec_file *file, rec_error *err)
{
    rec_status status;
    REC_TRY(copy_last_line(file, err));
    file->n_tiles = (file->text.length + TILE_BYTES - 1) / TILE_BYTES + 1; /* and the last line */
    REC_TRY_NEW(file->tiles, file->n_tiles, err);
    REC_TRY(rec_parallel_tiles(file->n_tiles, read_tile, file, err));
    for (size_t t = 0; t < file->n_tiles; t++) {
        file->n_records += file->tiles[t].n_records;
        file->n_segments += file->tiles[t].n_segments;
        if (file->tiles[t].n_records > 0)
            file->tag = file->tiles[t].tag;
    }
    if (file->n_records == 0)
        status = rec_fail(err, REC_ERR_DATA, "%s: no %s in this file", file->path,
                          file->kind == REC_TREC_RUN ? "result" : "judgment");
cleanup:
    return status;
}

/* --- grouping by query ----------------------------------------------------------------------- */

/* A query while its segments are counted. */
typedef struct group {
    rec_span id;
    uint32_t hash;
    size_t n_segments, n_records;
} group;

typedef struct grouping {
    group *groups;      /* (n_segments) owned, the first n_groups used, in order of first sight */
    uint32_t *group_of; /* (n_segments) owned */
    uint32_t *slots;    /* (n_slots) owned hash table, group + 1 */
    size_t n_groups, n_slots;
} grouping;

static size_t table_size(size_t n_entries)
{
    size_t size = 16;
    while (size < 2 * n_entries)
        size *= 2;
    return size;
}

static uint32_t group_for(grouping *g, const rec_trec_segment *segment)
{
    size_t mask = g->n_slots - 1, slot = segment->query_hash & mask;
    for (; g->slots[slot] != 0; slot = (slot + 1) & mask) {
        const group *known = &g->groups[g->slots[slot] - 1];
        if (known->hash == segment->query_hash &&
            rec_span_compare(known->id, query_of(segment)) == 0)
            return g->slots[slot] - 1;
    }
    g->groups[g->n_groups] = (group){.id = query_of(segment), .hash = segment->query_hash};
    g->slots[slot] = (uint32_t)++g->n_groups;
    return g->slots[slot] - 1;
}

static rec_status group_segments(grouping *g, const rec_trec_file *file, rec_error *err)
{
    rec_status status = REC_OK;
    size_t n = 0;
    if (file->n_segments >= UINT32_MAX)
        return rec_fail(err, REC_ERR_DATA, "%s: too many query changes", file->path);
    REC_TRY_NEW(g->groups, file->n_segments, err);
    REC_TRY_NEW(g->group_of, file->n_segments, err);
    g->n_slots = table_size(file->n_segments);
    REC_TRY_NEW(g->slots, g->n_slots, err);
    for (size_t t = 0; t < file->n_tiles; t++)
        for (size_t s = 0; s < file->tiles[t].n_segments; s++) {
            const rec_trec_segment *segment = &file->tiles[t].segments[s];
            group *owner = &g->groups[g->group_of[n++] = group_for(g, segment)];
            owner->n_segments++;
            owner->n_records += segment->n;
        }
cleanup:
    return status;
}

typedef struct sorted_group {
    rec_span id;
    uint32_t group;
} sorted_group;

static int compare_ids(const void *left, const void *right)
{
    return rec_span_compare(((const sorted_group *)left)->id, ((const sorted_group *)right)->id);
}

/* queries (n_groups) in id order; query_of_group (n_groups) maps back. */
static rec_status sort_queries(rec_trec_query *queries, uint32_t *query_of_group, const grouping *g,
                               rec_error *err)
{
    rec_status status = REC_OK;
    sorted_group *sorted = NULL;
    size_t n_segments = 0;
    REC_TRY_NEW(sorted, g->n_groups, err);
    for (size_t i = 0; i < g->n_groups; i++)
        sorted[i] = (sorted_group){.id = g->groups[i].id, .group = (uint32_t)i};
    qsort(sorted, g->n_groups, sizeof *sorted, compare_ids);
    for (size_t q = 0; q < g->n_groups; q++) {
        const group *source = &g->groups[sorted[q].group];
        queries[q] = (rec_trec_query){.id = source->id,
                                      .first_segment = n_segments,
                                      .n_segments = source->n_segments,
                                      .n_records = source->n_records};
        n_segments += source->n_segments;
        query_of_group[sorted[q].group] = (uint32_t)q;
    }
cleanup:
    free(sorted);
    return status;
}

/* Counting sort of the segments into the queries' ranges, file order inside each. */
static rec_status place_segments(rec_trec_file *file, const grouping *g, rec_error *err)
{
    rec_status status = REC_OK;
    rec_trec_query *queries = NULL;
    rec_trec_segment *segments = NULL;
    uint32_t *query_of_group = NULL;
    size_t *next = NULL, n = 0;
    REC_TRY_NEW(queries, g->n_groups, err);
    file->queries = queries;
    REC_TRY_NEW(segments, file->n_segments, err);
    file->segments = segments;
    REC_TRY_NEW(query_of_group, g->n_groups, err);
    REC_TRY_NEW(next, g->n_groups, err);
    REC_TRY(sort_queries(queries, query_of_group, g, err));
    file->n_queries = g->n_groups;
    for (size_t i = 0; i < g->n_groups; i++)
        next[i] = queries[query_of_group[i]].first_segment;
    for (size_t t = 0; t < file->n_tiles; t++)
        for (size_t s = 0; s < file->tiles[t].n_segments; s++)
            segments[next[g->group_of[n++]]++] = file->tiles[t].segments[s];
    for (size_t slot = 0; slot < g->n_slots; slot++)
        if (g->slots[slot] != 0)
            g->slots[slot] = query_of_group[g->slots[slot] - 1] + 1;
cleanup:
    free(query_of_group);
    free(next);
    return status;
}

static rec_status group_by_query(rec_trec_file *file, rec_error *err)
{
    rec_status status;
    grouping g = {0};
    REC_TRY(group_segments(&g, file, err));
    REC_TRY(place_segments(file, &g, err));
    file->slots = g.slots;
    file->n_slots = g.n_slots;
    g.slots = NULL;
cleanup:
    free(g.slots);
    free(g.group_of);
    free(g.groups);
    return status;
}

const rec_trec_query *rec_trec_find(const rec_trec_file *file, rec_span id)
{
    size_t mask = file->n_slots - 1, slot = rec_trec_hash(id) & mask;
    for (; file->slots[slot] != 0; slot = (slot + 1) & mask) {
        const rec_trec_query *query = &file->queries[file->slots[slot] - 1];
        if (rec_span_compare(query->id, id) == 0)
            return query;
    }
    return NULL;
}

rec_status rec_trec_read(rec_trec_file *out, const char *path, rec_trec_kind kind, rec_error *err)
{
    rec_status status;
    *out = (rec_trec_file){.kind = kind, .text = {.data = ""}};
    out->path = rec_strdup(path, err);
    if (out->path == NULL)
        return REC_ERR_RESOURCE;
    REC_TRY(rec_text_read(&out->text, path, err));
    REC_TRY(read_tiles(out, err));
    REC_TRY(group_by_query(out, err));
cleanup:
    if (status != REC_OK)
        rec_trec_file_deinit(out);
    return status;
}

void rec_trec_file_deinit(rec_trec_file *file)
{
    for (size_t t = 0; file->tiles != NULL && t < file->n_tiles; t++) {
        free(file->tiles[t].records);
        free(file->tiles[t].segments);
    }
    free(file->tiles);
    free((void *)file->segments);
    free((void *)file->queries);
    free(file->slots);
    free(file->last_line);
    if (file->path != NULL) /* a zeroed struct never opened its text */
        rec_text_close(&file->text);
    free(file->path);
    *file = (rec_trec_file){0};
}
