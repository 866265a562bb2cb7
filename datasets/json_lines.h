/** Files of one JSON object per line, gzip or not: one line in memory at a time. */
#ifndef REC_DATASETS_JSON_LINES_H
#define REC_DATASETS_JSON_LINES_H

#include <cjson/cJSON.h>
#include <stddef.h>

#include "core/status.h"
#include "datasets/builder.h"

/** Called for every line; REC_ERR_DATA without place gets "file:line" in front. */
typedef rec_status (*rec_json_line_fn)(void *context, const cJSON *object, size_t line,
                                       rec_error *err);

/** @param b  counts oddities of the file; NULL: they are not counted. An empty file calls nothing. */
rec_status rec_json_lines_read(const char *path, rec_builder *b, rec_json_line_fn fn, void *context,
                               rec_error *err);

/** Text of a scalar: a string itself, a number in its shortest form (written to `out`), true or
 * false; NULL for null, lists and objects. */
const char *rec_json_scalar(const cJSON *value, char out[32]);

/** Append every scalar of a list, lists inside flattened, to a list column. */
rec_status rec_json_add_list(rec_column_builder *c, size_t row, const cJSON *list, rec_error *err);

#endif
