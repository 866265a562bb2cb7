/** cJSON made strict: UTF-8 checked, no duplicate keys, no trailing text, place in every error. */
#ifndef REC_CORE_JSON_H
#define REC_CORE_JSON_H

#include <cjson/cJSON.h>
#include <stddef.h>

#include "core/buffer.h"
#include "core/status.h"

/**
 * Parse one JSON document; *out is freed with cJSON_Delete.
 * @param name   what messages call the text ("items.json")
 * @param line   line number of the text's first line in that file (1 for a whole file)
 * @return REC_ERR_DATA "name:line:column: what is wrong"
 */
rec_status rec_json_parse(cJSON **out, const char *text, size_t length, const char *name,
                          size_t line, rec_error *err);

/**
 * As above for text that goes to a model: \u0000 is allowed in strings, whose bytes are then
 * valuestring[0 .. rec_json_text_length). Never for ids and names: those end at a NUL.
 */
rec_status rec_json_parse_any_text(cJSON **out, const char *text, size_t length, const char *name,
                                   size_t line, rec_error *err);

/** A string item of n bytes, which may be 0 bytes; bytes[n] must be NUL. NULL when memory is out. */
cJSON *rec_json_text(const char *bytes, size_t n);
size_t rec_json_text_length(const cJSON *string);

/** A whole file (.gz is read in place). */
rec_status rec_json_read(cJSON **out, const char *path, rec_error *err);

/** Compact text without trailing newline, numbers shortest round-trip; string of the caller. */
char *rec_json_print(const cJSON *json, rec_error *err);
/** Append the same with a newline: a line of JSON Lines. On failure a part of it may be there. */
rec_status rec_json_put_line(rec_buffer *out, const cJSON *json, rec_error *err);

/** FOLDER/NAME becomes the same text, atomically. REC_ERR_DATA for what cannot be printed, REC_ERR_RESOURCE for
 * a file that cannot be written. */
rec_status rec_json_write(const cJSON *json, const char *folder, const char *name, rec_error *err);

/** Member of an object, checked for its type; NULL and REC_ERR_DATA "missing"/"not a string". */
const char *rec_json_string(const cJSON *object, const char *key, rec_error *err);
rec_status rec_json_number(double *out, const cJSON *object, const char *key, rec_error *err);

/** Shortest decimal text that reads back as the same double; "NaN" and infinities are refused by
 * the printers above. out holds at least 32 bytes. */
void rec_format_double(char out[32], double value);

#endif
