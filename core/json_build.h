/** Building JSON step by step, every allocation checked. Members are added to an object (key) or, with
 * a NULL key, to the end of an array. What is not a finite number becomes null. */
#ifndef REC_CORE_JSON_BUILD_H
#define REC_CORE_JSON_BUILD_H

#include <stdbool.h>
#include <stddef.h>

#include "core/json.h"

rec_status rec_json_new_object(cJSON **out, rec_error *err); /* cJSON_Delete */
rec_status rec_json_new_array(cJSON **out, rec_error *err);

/** *out is borrowed from `parent`. */
rec_status rec_json_add_object(cJSON **out, cJSON *parent, const char *key, rec_error *err);
rec_status rec_json_add_array(cJSON **out, cJSON *parent, const char *key, rec_error *err);

rec_status rec_json_add_text(cJSON *parent, const char *key, const char *text, rec_error *err);
rec_status rec_json_add_real(cJSON *parent, const char *key, double value, rec_error *err);
rec_status rec_json_add_count(cJSON *parent, const char *key, size_t value, rec_error *err);
rec_status rec_json_add_bool(cJSON *parent, const char *key, bool value, rec_error *err);

/** Gives an item to `parent`, also where this fails. NULL is one that could not be made. */
rec_status rec_json_take(cJSON *parent, const char *key, cJSON *item, rec_error *err);

#endif
