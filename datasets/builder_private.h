/** Inside of rec_builder, shared by builder.c and finish.c. */
#ifndef REC_DATASETS_BUILDER_PRIVATE_H
#define REC_DATASETS_BUILDER_PRIVATE_H

#include "datasets/builder.h"
#include "datasets/columns.h"
#include "datasets/strings.h"

enum { REC_BLOCK_ROWS = 1 << 14 };

typedef struct rec_row_block {
    struct rec_row_block *next;
    size_t n;
    float *value; /* owned; these three only where rows carry them */
    double *time;
    uint8_t *part;
    uint32_t user[REC_BLOCK_ROWS];
    uint32_t item[REC_BLOCK_ROWS];
} rec_row_block;

typedef struct rec_pair {
    uint32_t user, item;
} rec_pair;

typedef struct rec_count {
    const char *name; /* constant text */
    size_t n;
} rec_count;

struct rec_table_builder {
    char *name; /* owned */
    rec_strings *pool;
    size_t n_rows;
    rec_column_list columns;
};

struct rec_builder {
    rec_strings *pool; /* owned; the finished dataset's later */
    rec_interner users, items;
    unsigned carried;
    size_t n_rows;
    rec_row_block *first, *last; /* owned chain */
    char **titles;               /* owned; n_titles >= items seen with a title */
    size_t n_titles;
    rec_column_list columns;
    rec_pair *negatives; /* owned */
    size_t n_negatives, negatives_capacity;
    rec_table_builder **tables; /* owned, and each */
    size_t n_tables;
    rec_count *counts; /* owned */
    size_t n_counts;
};

void rec_row_block_free(rec_row_block *block);

#endif
