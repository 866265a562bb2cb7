/** Fields of a client's JSON object, checked for type and range. A missing field and null leave the
 * value as it is; fields that nobody asks for are ignored, as OpenAI's clients expect. */
#ifndef REC_HARNESS_SERVE_FIELDS_H
#define REC_HARNESS_SERVE_FIELDS_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

#include "harness/serve/api_error.h"

/** The member, or NULL when it is missing or null. */
const cJSON *rec_field(const cJSON *object, const char *key);

rec_status rec_field_bool(bool *out, const cJSON *object, const char *key, rec_api_error *err);
rec_status rec_field_real(double *out, const cJSON *object, const char *key, double min, double max,
                          rec_api_error *err);
/** Whole numbers up to 2^53. */
rec_status rec_field_int(int64_t *out, const cJSON *object, const char *key, int64_t min,
                         int64_t max, rec_api_error *err);
/** *out is borrowed from the object. */
rec_status rec_field_text(const char **out, const cJSON *object, const char *key,
                          rec_api_error *err);

/** The body of a request: one JSON object, freed with cJSON_Delete. */
rec_status rec_fields_parse(cJSON **out, const char *body, size_t length, rec_api_error *err);

#endif
