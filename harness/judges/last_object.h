/** Finding JSON in what a model wrote: the last valid object between balanced braces. */
#ifndef REC_HARNESS_JUDGES_LAST_OBJECT_H
#define REC_HARNESS_JUDGES_LAST_OBJECT_H

#include "core/json.h"

/**
 * The object that ends last; of nested ones the outermost. Prose, code fences and further objects
 * around it do not matter; braces inside strings do not count. Time is linear in the length of the
 * text: after a few candidates that are no JSON the text counts as having none.
 * @param out  new object (cJSON_Delete), or NULL: there is none
 * @return REC_ERR_RESOURCE
 */
rec_status rec_last_object(cJSON **out, const char *text, rec_error *err);

/** Member by name, letters of either case (ASCII); NULL if missing. */
const cJSON *rec_object_member(const cJSON *object, const char *name);

#endif
