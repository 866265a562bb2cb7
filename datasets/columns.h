/** Inside of rec_column_builder, shared by builder.c and finish.c; readers use datasets/builder.h. */
#ifndef REC_DATASETS_COLUMNS_H
#define REC_DATASETS_COLUMNS_H

#include "datasets/builder.h"
#include "datasets/strings.h"

typedef struct rec_row_text {
    size_t row;
    char *text;
} rec_row_text;

struct rec_column_builder {
    char *name; /* owned */
    rec_column_type type;
    rec_strings *pool; /* borrowed: holds the texts */
    size_t n_rows, capacity;
    char **text;         /* owned; TEXT */
    double *number;      /* owned; NUMBER, DATE */
    rec_row_text *texts; /* owned; TEXTS: pairs in order of arrival */
    size_t n_texts, texts_capacity;
};

typedef struct rec_column_list {
    rec_column_builder **columns; /* owned, and each */
    size_t n, capacity;
} rec_column_list;

/** Column of this name, made at first use; REC_ERR_DATA when it has another type. */
rec_status rec_column_list_get(rec_column_builder **out, rec_column_list *list, rec_strings *pool,
                               const char *name, rec_column_type type, rec_error *err);
void rec_column_list_deinit(rec_column_list *list);
rec_status rec_column_list_infer_types(rec_column_list *list, rec_error *err);
/** Make a TEXT column NUMBER, if there; texts that are no numbers become missing (*n_lost). */
rec_status rec_column_list_force_number(size_t *n_lost, rec_column_list *list, const char *name,
                                        rec_error *err);

/**
 * Hand the columns over as an array of n_rows rows each.
 * @param new_row  row in the result of each row set so far; NULL: unchanged
 * @return *out owned by the caller (rec_columns_free), also when it is empty
 */
rec_status rec_column_list_finish(rec_column **out, size_t *n_columns, const rec_column_list *list,
                                  size_t n_rows, const uint32_t *new_row, rec_error *err);

/** Free the arrays (the texts belong to the pool). */
void rec_columns_free(rec_column *columns, size_t n);

#endif
