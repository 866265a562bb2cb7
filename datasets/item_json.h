/** Attributes of items out of JSON: a list of objects, one object of {id: attributes}, or one object
 * per line. Members become typed columns: strings TEXT, numbers NUMBER, lists TEXTS. */
#ifndef REC_DATASETS_ITEM_JSON_H
#define REC_DATASETS_ITEM_JSON_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

#include "core/option.h"
#include "core/status.h"
#include "datasets/builder.h"

typedef struct rec_item_json_rules {
    const char *id;                /* member with the item id; NULL: id, item_id, asin, ... */
    const rec_string_list *titles; /* members with the title, first present wins; NULL: the usual */
    const rec_string_list *lists;  /* members whose text is a list with commas; NULL: none */
    const char *attributes; /* column of plain lists in {id: [...]} form; NULL = "attributes" */
    bool new_only;          /* an object of an item that is there already is an error */
    bool known_only;        /* objects of items nobody mentioned are counted and skipped */
    bool strict_titles;     /* two members that disagree on the title are an error */
    bool map;               /* {id: members} on any number of lines */
    bool lines;             /* one object per line, whatever the file is called */
    size_t first_line_id;   /* > 0: the id is the line's number plus this minus 1 (RecAI) */
} rec_item_json_rules;

/** A whole file; ".jsonl" and files of several top-level values are read line by line.
 * @return REC_ERR_DATA with file and line */
rec_status rec_item_json_read(rec_builder *b, const char *path, const rec_item_json_rules *rules,
                              rec_error *err);

/** The attributes of one item. */
rec_status rec_item_json_add(rec_builder *b, uint32_t item, const cJSON *object,
                             const rec_item_json_rules *rules, rec_error *err);

#endif
