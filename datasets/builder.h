/**
 * What a reader fills: ids, raw interactions in file order, titles, typed columns, stored negatives,
 * auxiliary tables, counts of oddities. Ids get numbers in order of first sight here; rec_builder_finish
 * renumbers everything into the dense order of dataset.h. Rows are kept in blocks of 12 to 21 bytes
 * each, so that 20 M rows never exist twice in a growing array.
 */
#ifndef REC_DATASETS_BUILDER_H
#define REC_DATASETS_BUILDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/option.h"
#include "core/status.h"
#include "datasets/dataset.h"

typedef struct rec_builder rec_builder;
typedef struct rec_column_builder rec_column_builder;
typedef struct rec_table_builder rec_table_builder;

/** Which optional arrays rows carry. */
enum { REC_ROWS_VALUE = 1, REC_ROWS_TIME = 2, REC_ROWS_PART = 4 };

rec_status rec_builder_new(rec_builder **out, rec_error *err);
void rec_builder_free(rec_builder *b);

/** Say once, before the first row, which of value, time and part rows have (REC_ROWS_*). */
void rec_builder_set_rows(rec_builder *b, unsigned carried);
bool rec_builder_has_rows(const rec_builder *b);
bool rec_builder_has_parts(const rec_builder *b); /* rows carry parts */

/** Number of an id, a new one at first sight. An empty id: REC_ERR_DATA without place. */
rec_status rec_builder_user(uint32_t *user, rec_builder *b, const char *id, size_t length,
                            rec_error *err);
rec_status rec_builder_item(uint32_t *item, rec_builder *b, const char *id, size_t length,
                            rec_error *err);
uint32_t rec_builder_find_item(const rec_builder *b, const char *id,
                               size_t length); /* REC_NO_ITEM */
uint32_t rec_builder_find_user(const rec_builder *b, const char *id,
                               size_t length); /* REC_NO_USER */
size_t rec_builder_n_items(const rec_builder *b);
size_t rec_builder_n_users(const rec_builder *b);
const char *rec_builder_item_id(const rec_builder *b, uint32_t item);
const char *rec_builder_user_id(const rec_builder *b, uint32_t user);

/** One interaction, in file order; arguments the rows do not carry are ignored. */
rec_status rec_builder_add(rec_builder *b, uint32_t user, uint32_t item, float value, double time,
                           rec_part part, rec_error *err);

/** Title of an item; empty = none. A second, different one: REC_ERR_DATA without place. */
rec_status rec_builder_title(rec_builder *b, uint32_t item, const char *text, size_t length,
                             rec_error *err);
bool rec_builder_has_title(const rec_builder *b, uint32_t item);
const char *rec_builder_title_of(const rec_builder *b, uint32_t item); /* or NULL */

/** Stored candidate of a user, in the order given. */
rec_status rec_builder_negative(rec_builder *b, uint32_t user, uint32_t item, rec_error *err);

/** Item column of this name, made at first use. REC_ERR_DATA when it exists with another type. */
rec_status rec_builder_column(rec_column_builder **out, rec_builder *b, const char *name,
                              rec_column_type type, rec_error *err);

rec_column_builder *rec_builder_find_column(const rec_builder *b, const char *name); /* or NULL */

/** Auxiliary table of this name, made at first use, and its columns; rows are appended. */
rec_status rec_builder_table(rec_table_builder **out, rec_builder *b, const char *name,
                             rec_error *err);
rec_status rec_table_builder_column(rec_column_builder **out, rec_table_builder *t,
                                    const char *name, rec_column_type type, rec_error *err);
size_t rec_table_builder_row(rec_table_builder *t);

/** Values of a row; empty text is a missing value. A later value replaces an earlier one. */
rec_status rec_column_set_text(rec_column_builder *c, size_t row, const char *text, size_t length,
                               rec_error *err);
rec_status rec_column_set_number(rec_column_builder *c, size_t row, double value, rec_error *err);
/** Append to the row's list (TEXTS); an empty text is none. */
rec_status rec_column_add_text(rec_column_builder *c, size_t row, const char *text, size_t length,
                               rec_error *err);
/** The same for readers that must keep an empty text. */
rec_status rec_column_add_any_text(rec_column_builder *c, size_t row, const char *text,
                                   size_t length, rec_error *err);
rec_column_type rec_column_builder_type(const rec_column_builder *c);

/**
 * Turn TEXT columns of items and tables into NUMBER where every value is a plain number ("1995") and
 * into DATE where every value is "YYYY-MM-DD".
 * @param numbers  item columns that become NUMBER in any case, other values missing and counted as
 *                 "values_not_numbers"; NULL: none
 */
rec_status rec_builder_infer_types(rec_builder *b, const rec_string_list *numbers, rec_error *err);

/** Count an oddity under a constant name ("crlf_lines"); zero is not recorded. */
rec_status rec_builder_count(rec_builder *b, const char *name, size_t n, rec_error *err);
size_t rec_builder_n_counts(const rec_builder *b);
const char *rec_builder_count_at(size_t *n, const rec_builder *b, size_t i);

/**
 * Renumber, group by user (file order kept), hand everything over; the builder is empty afterwards.
 * Parts are REC_PART_NONE unless rows carry them; name, rules and sha256 are left empty.
 */
rec_status rec_builder_finish(rec_dataset **out, rec_builder *b, rec_error *err);

#endif
