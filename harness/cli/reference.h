/** Option tables for readers: the text of `recai list` and of docs/config.md. */
#ifndef REC_HARNESS_CLI_REFERENCE_H
#define REC_HARNESS_CLI_REFERENCE_H

#include "core/option.h"
#include "harness/report/sheet.h"

/** "1 to 100000", "fast | slow", or "". Cut at size. */
void rec_option_range(char *out, size_t size, const rec_option *o);
/** The default as it would be written in a config; "required"; "" = none. Cut at size. */
void rec_option_default(char *out, size_t size, const rec_option *o);
/** "integer", "list of numbers", ... */
const char *rec_option_type_name(const rec_option *o);

/** Append a table of key, type, default, allowed, meaning; keys of nested tables are dotted. An empty
 * option table gives a line that says so. */
rec_status rec_reference_options(rec_buffer *out, const rec_option *table, const char *title,
                                 rec_format_kind format, rec_error *err);

/** Append the whole config reference in Markdown. */
rec_status rec_reference_config(rec_buffer *out, rec_error *err);

#endif
