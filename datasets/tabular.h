/**
 * What readers of delimited files share: columns by position, rows into interactions, attribute files
 * into item columns or an auxiliary table. Records come from datasets/records.h.
 */
#ifndef REC_DATASETS_TABULAR_H
#define REC_DATASETS_TABULAR_H

#include <stdbool.h>
#include <stddef.h>

#include "core/status.h"
#include "datasets/builder.h"
#include "datasets/records.h"

#define REC_NO_FIELD SIZE_MAX

/** Which field of a record is what; value and time may be REC_NO_FIELD. */
typedef struct rec_row_layout {
    size_t user, item, value, time;
    size_t n_fields; /* every record must have so many; 0 = at least the fields named above */
    bool dates;      /* time may be a date (datasets/number.h) as well as a number */
} rec_row_layout;

/** All remaining records into rows of the builder. rec_builder_set_rows must agree with the layout.
 * @return REC_ERR_DATA "file:line:column: ..." */
rec_status rec_rows_read(rec_builder *b, rec_records *r, const rec_row_layout *layout,
                         rec_part part, rec_error *err);

typedef enum rec_field_kind {
    REC_FIELD_SKIP,
    REC_FIELD_ID,    /* of the item, or first column of an auxiliary table */
    REC_FIELD_TITLE, /* items only */
    REC_FIELD_TEXT,
    REC_FIELD_NUMBER,
    REC_FIELD_DATE,
    REC_FIELD_TEXTS, /* parts between separators, blanks around them trimmed */
    REC_FIELD_FLAG   /* "1": the column's name joins the list column `list` (MovieLens genres) */
} rec_field_kind;

typedef struct rec_field_plan {
    rec_field_kind kind;
    const char *name;           /* borrowed */
    const char *list;           /* FLAG: column the names go to */
    char separator;             /* TEXTS */
    rec_column_builder *column; /* private */
} rec_field_plan;

/** All remaining records as items with attributes; exactly one plan entry is the ID. */
rec_status rec_items_read(rec_builder *b, rec_records *r, rec_field_plan *plan, size_t n,
                          rec_error *err);

/** All remaining records as rows of an auxiliary table. */
rec_status rec_table_read(rec_builder *b, const char *table, rec_records *r, rec_field_plan *plan,
                          size_t n, rec_error *err);

/** Names under which a title column is known: title, movie_title, name, item_name, ... */
bool rec_is_title_name(const char *name);

/** Add a text's parts between separators to a list column. */
rec_status rec_column_add_parts(rec_column_builder *c, size_t row, const char *text, size_t length,
                                char separator, rec_error *err);

/** Record CRLF line ends, byte order marks, quoted fields, blank and converted lines of a file that
 * was read to its end. */
rec_status rec_builder_count_records(rec_builder *b, const rec_records *r, rec_error *err);

#endif
