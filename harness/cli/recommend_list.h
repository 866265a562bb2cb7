/** A list of recommendations for readers: items with ids, titles and scores; for a request in free text
 * also attributes and which of the conditions that it states an item meets. */
#ifndef REC_HARNESS_CLI_RECOMMEND_LIST_H
#define REC_HARNESS_CLI_RECOMMEND_LIST_H

#include <stdbool.h>

#include "core/buffer.h"
#include "harness/run/config.h"
#include "harness/systems/request.h"

typedef enum rec_list_format {
    REC_LIST_TABLE,
    REC_LIST_MARKDOWN,
    REC_LIST_CSV,
    REC_LIST_JSON, /* one line: {"query", "conditions": [], "items": [...]} */
} rec_list_format;
extern const char *const rec_list_formats[]; /* by value; ends with NULL */

typedef struct rec_list_view rec_list_view;

/** @param has_text  requests are texts: attributes are shown. Config and data are borrowed. */
rec_status rec_list_view_new(rec_list_view **out, const rec_config *config, const rec_dataset *d,
                             bool has_text, rec_error *err);
void rec_list_view_free(rec_list_view *v);

/**
 * Append one list.
 * @param query  the request, or NULL: not by text
 * @param place  among several lists, from 1: each says its query, CSV has one header; 0: the only one
 */
rec_status rec_list_view_put(rec_buffer *out, const rec_list_view *v, const rec_reply *reply,
                             const char *query, size_t place, rec_list_format format,
                             rec_error *err);

#endif
