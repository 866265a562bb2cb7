/* core/yaml.c: libyaml's events become a tree, and everything YAML allows but a config must not
 * contain becomes an error with its place. */
#include "core/yaml.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "core/file.h"
#include "core/memory.h"

typedef struct anchor {
    char *name;           /* owned */
    const rec_yaml *node; /* borrowed from the tree; NULL while its node is being read */
} anchor;

typedef struct reader {
    yaml_parser_t parser;
    const char *text;
    size_t length;
    const char *file; /* owned by the root once there is one */
    size_t n_nodes;
    size_t line; /* counted from 0: where line_text is */
    const char *line_text;
    anchor *anchors; /* owned */
    size_t n_anchors;
} reader;

static rec_status fail_at(const reader *r, size_t line, size_t column, rec_error *err,
                          const char *what)
{
    return rec_fail(err, REC_ERR_CONFIG, "%s:%zu:%zu: %s", r->file, line, column, what);
}

static rec_status fail_mark(const reader *r, yaml_mark_t mark, rec_error *err, const char *what)
{
    return fail_at(r, mark.line + 1, mark.column + 1, err, what);
}

/* Start of a line counted from 0. Events come in text order, so the search goes on where the last
 * one ended. */
static const char *line_start(reader *r, size_t line)
{
    const char *end = r->text + r->length;
    if (line < r->line || r->line_text == NULL) {
        r->line = 0;
        r->line_text = r->text;
    }
    const char *p = r->line_text;
    for (; r->line < line && p < end; p++)
        if (*p == '\n' || (*p == '\r' && (p + 1 == end || p[1] != '\n')))
            r->line++;
    return r->line_text = p;
}

static bool has_tab_indent(reader *r, size_t line)
{
    const char *p = line_start(r, line), *end = r->text + r->length;
    while (p < end && *p == ' ')
        p++;
    return p < end && *p == '\t';
}

/* libyaml reports a byte offset for encoding errors, and a mark for all others. */
static rec_status fail_encoding(const reader *r, rec_error *err)
{
    size_t line = 1, column = 1;
    for (size_t i = 0; i < r->parser.problem_offset && i < r->length; i++) {
        bool is_break = r->text[i] == '\n';
        line += is_break;
        column = is_break ? 1 : column + (((unsigned char)r->text[i] & 0xC0) != 0x80);
    }
    rec_fail(err, REC_ERR_CONFIG, "%s:%zu:%zu: not valid UTF-8 text (%s)", r->file, line, column,
             r->parser.problem);
    return REC_ERR_CONFIG;
}

static rec_status fail_parser(reader *r, rec_error *err)
{
    const yaml_parser_t *p = &r->parser;
    if (p->error == YAML_MEMORY_ERROR)
        return rec_fail(err, REC_ERR_RESOURCE, "out of memory");
    if (p->error == YAML_READER_ERROR)
        return fail_encoding(r, err);
    const char *problem = p->problem != NULL ? p->problem : "cannot be parsed";
    if (has_tab_indent(r, p->problem_mark.line))
        problem = "tab used as indentation: use spaces";
    if (p->context == NULL)
        return fail_mark(r, p->problem_mark, err, problem);
    return rec_fail(err, REC_ERR_CONFIG, "%s:%zu:%zu: %s (%s)", r->file, p->problem_mark.line + 1,
                    p->problem_mark.column + 1, problem, p->context);
}

static rec_status next_event(yaml_event_t *event, reader *r, rec_error *err)
{
    if (!yaml_parser_parse(&r->parser, event))
        return fail_parser(r, err);
    return REC_OK;
}

/* Flow collections may be indented by tabs in YAML; here they may not. */
static rec_status check_indent(reader *r, const yaml_event_t *event, rec_error *err)
{
    const char *p = line_start(r, event->start_mark.line), *end = r->text + r->length;
    bool seen_tab = false;
    for (size_t i = 0; i < event->start_mark.column && p + i < end; i++) {
        if (p[i] != ' ' && p[i] != '\t')
            return REC_OK;
        seen_tab = seen_tab || p[i] == '\t';
    }
    if (!seen_tab)
        return REC_OK;
    return fail_mark(r, event->start_mark, err, "tab used as indentation: use spaces");
}

static rec_status count_node(reader *r, yaml_mark_t mark, rec_error *err)
{
    if (++r->n_nodes > REC_YAML_MAX_NODES)
        return fail_mark(r, mark, err, "more than 200000 values (aliases count as often as used)");
    return REC_OK;
}

static rec_status node_new(rec_yaml **out, reader *r, rec_yaml_kind kind, const yaml_event_t *event,
                           const char *text, rec_error *err)
{
    rec_status status = count_node(r, event->start_mark, err);
    if (status != REC_OK)
        return status;
    *out = rec_yaml_new(kind, text, r->file, err);
    if (*out == NULL)
        return REC_ERR_RESOURCE;
    (*out)->line = event->start_mark.line + 1;
    (*out)->column = event->start_mark.column + 1;
    return REC_OK;
}

static rec_status anchor_add(size_t *index, reader *r, const yaml_char_t *name, rec_error *err)
{
    *index = SIZE_MAX;
    if (name == NULL)
        return REC_OK;
    anchor *grown = rec_realloc(r->anchors, r->n_anchors + 1, sizeof *grown, err);
    if (grown == NULL)
        return REC_ERR_RESOURCE;
    r->anchors = grown;
    grown[r->n_anchors] = (anchor){.name = rec_strdup((const char *)name, err)};
    if (grown[r->n_anchors].name == NULL)
        return REC_ERR_RESOURCE;
    *index = r->n_anchors++;
    return REC_OK;
}

static size_t count_nodes(const rec_yaml *node)
{
    size_t n = 1;
    for (size_t i = 0; i < node->n; i++)
        n += count_nodes(node->items[i]);
    return n;
}

static size_t depth_of(const rec_yaml *node)
{
    size_t deepest = 0;
    for (size_t i = 0; i < node->n; i++) {
        size_t depth = depth_of(node->items[i]);
        deepest = depth > deepest ? depth : deepest;
    }
    return deepest + 1;
}

static rec_status read_alias(rec_yaml **out, reader *r, const yaml_event_t *event, size_t depth,
                             rec_error *err)
{
    const char *name = (const char *)event->data.alias.anchor;
    size_t i = r->n_anchors; /* the latest anchor of that name counts */
    while (i > 0 && strcmp(r->anchors[i - 1].name, name) != 0)
        i--;
    if (i == 0)
        return fail_mark(r, event->start_mark, err, "alias to an anchor that is not defined");
    const rec_yaml *target = r->anchors[i - 1].node;
    if (target == NULL)
        return fail_mark(r, event->start_mark, err, "alias to a value that contains it");
    r->n_nodes += count_nodes(target) - 1;
    rec_status status = count_node(r, event->start_mark, err);
    if (status != REC_OK)
        return status;
    if (depth + depth_of(target) > REC_YAML_MAX_DEPTH)
        return fail_mark(r, event->start_mark, err, "nested deeper than 64 levels");
    *out = rec_yaml_dup(target, err);
    return *out != NULL ? REC_OK : REC_ERR_RESOURCE;
}

static rec_status read_scalar(rec_yaml **out, reader *r, const yaml_event_t *event, rec_error *err)
{
    const char *value = (const char *)event->data.scalar.value;
    if (strlen(value) != event->data.scalar.length)
        return fail_mark(r, event->start_mark, err, "a text must not contain a NUL character");
    rec_status status = node_new(out, r, REC_YAML_SCALAR, event, value, err);
    if (status == REC_OK)
        (*out)->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    return status;
}

static const yaml_char_t *tag_of(const yaml_event_t *event)
{
    return event->type == YAML_SCALAR_EVENT           ? event->data.scalar.tag
           : event->type == YAML_SEQUENCE_START_EVENT ? event->data.sequence_start.tag
           : event->type == YAML_MAPPING_START_EVENT  ? event->data.mapping_start.tag
                                                      : NULL;
}

static const yaml_char_t *anchor_of(const yaml_event_t *event)
{
    return event->type == YAML_SCALAR_EVENT           ? event->data.scalar.anchor
           : event->type == YAML_SEQUENCE_START_EVENT ? event->data.sequence_start.anchor
           : event->type == YAML_MAPPING_START_EVENT  ? event->data.mapping_start.anchor
                                                      : NULL;
}

static rec_status read_node(rec_yaml **out, reader *r, const yaml_event_t *event, size_t depth,
                            rec_error *err);

static rec_status read_items(rec_yaml *list, reader *r, size_t depth, rec_error *err)
{
    for (;;) {
        yaml_event_t event;
        rec_status status = next_event(&event, r, err);
        if (status != REC_OK)
            return status;
        bool is_end = event.type == YAML_SEQUENCE_END_EVENT;
        rec_yaml *child = NULL;
        if (!is_end)
            status = read_node(&child, r, &event, depth + 1, err);
        yaml_event_delete(&event);
        if (status == REC_OK && !is_end)
            status = rec_yaml_append(list, child, err);
        if (status != REC_OK || is_end)
            return status;
    }
}

static rec_status check_key(reader *r, const yaml_event_t *event, rec_error *err)
{
    const char *what = NULL;
    if (event->type != YAML_SCALAR_EVENT)
        what = "a key must be a text";
    else if (event->data.scalar.tag != NULL)
        what = "tags are not allowed";
    else if (event->data.scalar.length == 0 ||
             strlen((char *)event->data.scalar.value) != event->data.scalar.length)
        what = "a key must not be empty or contain a NUL character";
    else if (strcmp((const char *)event->data.scalar.value, "<<") == 0)
        what = "merge keys (<<) are not allowed";
    else if (event->data.scalar.anchor != NULL)
        what = "a key must not have an anchor";
    return what == NULL ? check_indent(r, event, err) : fail_mark(r, event->start_mark, err, what);
}

static rec_status read_pair(rec_yaml *map, reader *r, const yaml_event_t *key, size_t depth,
                            rec_error *err)
{
    rec_status status = check_key(r, key, err);
    if (status != REC_OK)
        return status;
    yaml_event_t event;
    status = next_event(&event, r, err);
    if (status != REC_OK)
        return status;
    rec_yaml *child = NULL;
    status = read_node(&child, r, &event, depth + 1, err);
    yaml_event_delete(&event);
    if (status != REC_OK)
        return status;
    rec_yaml_place place = {key->start_mark.line + 1, key->start_mark.column + 1};
    return rec_yaml_put_new(map, (const char *)key->data.scalar.value, &place, child, err);
}

typedef struct key_at {
    const char *key;
    size_t index;
} key_at;

static int compare_keys(const void *a, const void *b)
{
    const key_at *x = a, *y = b;
    int order = strcmp(x->key, y->key);
    return order != 0 ? order : (x->index > y->index) - (x->index < y->index);
}

/* Sorting finds duplicates in n log n: a hostile map has 200,000 keys. */
static rec_status check_duplicates(const rec_yaml *map, rec_error *err)
{
    key_at *sorted = rec_alloc(map->n, sizeof *sorted, err);
    if (sorted == NULL)
        return REC_ERR_RESOURCE;
    for (size_t i = 0; i < map->n; i++)
        sorted[i] = (key_at){map->keys[i], i};
    qsort(sorted, map->n, sizeof *sorted, compare_keys);
    size_t first = SIZE_MAX, repeated = SIZE_MAX;
    for (size_t i = 1; i < map->n; i++) {
        if (strcmp(sorted[i - 1].key, sorted[i].key) != 0 || sorted[i].index >= repeated)
            continue;
        first = sorted[i - 1].index;
        repeated = sorted[i].index;
    }
    free(sorted);
    if (repeated == SIZE_MAX)
        return REC_OK;
    return rec_yaml_fail_key(err, map, repeated, "duplicate key \"%.80s\" (first on line %zu)",
                             map->keys[repeated], map->key_places[first].line);
}

static rec_status read_pairs(rec_yaml *map, reader *r, size_t depth, rec_error *err)
{
    for (;;) {
        yaml_event_t event;
        rec_status status = next_event(&event, r, err);
        if (status != REC_OK)
            return status;
        bool is_end = event.type == YAML_MAPPING_END_EVENT;
        if (!is_end)
            status = read_pair(map, r, &event, depth, err);
        yaml_event_delete(&event);
        if (status != REC_OK)
            return status;
        if (is_end)
            return check_duplicates(map, err);
    }
}

static rec_status read_collection(rec_yaml **out, reader *r, const yaml_event_t *event,
                                  size_t depth, rec_error *err)
{
    if (depth >= REC_YAML_MAX_DEPTH)
        return fail_mark(r, event->start_mark, err, "nested deeper than 64 levels");
    bool is_list = event->type == YAML_SEQUENCE_START_EVENT;
    rec_status status = node_new(out, r, is_list ? REC_YAML_LIST : REC_YAML_MAP, event, NULL, err);
    if (status != REC_OK)
        return status;
    return is_list ? read_items(*out, r, depth, err) : read_pairs(*out, r, depth, err);
}

/* Reads what `event` begins; the caller deletes the event. *out is NULL after a failure. */
static rec_status read_node(rec_yaml **out, reader *r, const yaml_event_t *event, size_t depth,
                            rec_error *err)
{
    *out = NULL;
    rec_status status = check_indent(r, event, err);
    if (status != REC_OK)
        return status;
    if (tag_of(event) != NULL)
        return fail_mark(r, event->start_mark, err, "tags are not allowed");
    if (event->type == YAML_ALIAS_EVENT)
        return read_alias(out, r, event, depth, err);
    size_t anchor_index;
    status = anchor_add(&anchor_index, r, anchor_of(event), err);
    if (status == REC_OK)
        status = event->type == YAML_SCALAR_EVENT ? read_scalar(out, r, event, err)
                                                  : read_collection(out, r, event, depth, err);
    if (status != REC_OK) {
        rec_yaml_free(*out);
        *out = NULL;
    } else if (anchor_index != SIZE_MAX) {
        r->anchors[anchor_index].node = *out;
    }
    return status;
}

/* The next event must be of this type; it carries nothing we keep. */
static rec_status expect(reader *r, yaml_event_type_t type, rec_error *err, const char *otherwise)
{
    yaml_event_t event;
    rec_status status = next_event(&event, r, err);
    if (status != REC_OK)
        return status;
    if (event.type != type)
        status = fail_mark(r, event.start_mark, err, otherwise);
    else if (type == YAML_DOCUMENT_START_EVENT &&
             (event.data.document_start.version_directive != NULL ||
              event.data.document_start.tag_directives.start !=
                  event.data.document_start.tag_directives.end))
        status = fail_mark(r, event.start_mark, err, "directives (%) are not allowed");
    yaml_event_delete(&event);
    return status;
}

static rec_status read_document(rec_yaml **out, reader *r, rec_error *err)
{
    rec_status status = expect(r, YAML_STREAM_START_EVENT, err, "not a YAML stream");
    if (status == REC_OK)
        status = expect(r, YAML_DOCUMENT_START_EVENT, err, "empty: nothing is configured");
    if (status != REC_OK)
        return status;
    yaml_event_t event;
    status = next_event(&event, r, err);
    if (status != REC_OK)
        return status;
    status = read_node(out, r, &event, 0, err);
    yaml_event_delete(&event);
    if (status == REC_OK)
        status = expect(r, YAML_DOCUMENT_END_EVENT, err, "unexpected content");
    if (status == REC_OK)
        status = expect(r, YAML_STREAM_END_EVENT, err, "only one document per file");
    return status;
}

static void reader_deinit(reader *r)
{
    yaml_parser_delete(&r->parser);
    for (size_t i = 0; i < r->n_anchors; i++)
        free(r->anchors[i].name);
    free(r->anchors);
}

rec_status rec_yaml_parse(rec_yaml **out, const char *text, size_t length, const char *name,
                          rec_error *err)
{
    *out = NULL;
    if (length > REC_YAML_MAX_BYTES)
        return rec_fail(err, REC_ERR_CONFIG, "%s: larger than 16 MiB", name);
    if (length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) { /* a byte-order mark is no content */
        text += 3;
        length -= 3;
    }
    char *file = rec_strdup(name, err);
    if (file == NULL)
        return REC_ERR_RESOURCE;
    reader r = {.text = text, .length = length, .file = file};
    if (!yaml_parser_initialize(&r.parser)) {
        free(file);
        return rec_fail(err, REC_ERR_RESOURCE, "out of memory");
    }
    yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&r.parser, (const unsigned char *)text, length);
    rec_yaml *root = NULL;
    rec_status status = read_document(&root, &r, err);
    reader_deinit(&r);
    if (status != REC_OK) {
        rec_yaml_free(root);
        free(file);
        return status;
    }
    root->owned_file = file;
    *out = root;
    return REC_OK;
}

rec_status rec_yaml_read(rec_yaml **out, const char *path, rec_error *err)
{
    *out = NULL;
    rec_text text;
    if (rec_text_read(&text, path, err) != REC_OK)
        return rec_fail(err, REC_ERR_CONFIG, "%s", err != NULL ? err->message : "cannot be read");
    rec_status status = rec_yaml_parse(out, text.data, text.length, path, err);
    rec_text_close(&text);
    return status;
}
