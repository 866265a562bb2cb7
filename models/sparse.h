/**
 * Compressed sparse rows: the 0/1 (or valued) user-item matrix of a fit, its weighted forms, and
 * item-item or user-user weights. Values are float32; every sum over them runs in double, in index
 * order, so that a product of two values is exact and equal similarities come out equal.
 */
#ifndef REC_MODELS_SPARSE_H
#define REC_MODELS_SPARSE_H

#include <stddef.h>
#include <stdint.h>

#include "core/status.h"
#include "core/tensor_file.h"
#include "datasets/dataset.h"
#include "models/recommender.h"

/** Row r holds column[start[r] .. start[r + 1] - 1], ascending, each at most once. */
typedef struct rec_sparse {
    size_t n_rows, n_columns;
    size_t *start;    /* n_rows + 1, owned */
    uint32_t *column; /* start[n_rows], owned */
    float *value;     /* start[n_rows], owned */
} rec_sparse;

/** Room for n_values entries, all zero; the caller fills start, column and value. */
rec_status rec_sparse_init(rec_sparse *out, size_t n_rows, size_t n_columns, size_t n_values,
                           rec_error *err);
void rec_sparse_deinit(rec_sparse *a);
size_t rec_sparse_n_values(const rec_sparse *a); /* 0 for a zeroed struct */

/** What an interaction counts in a model. */
typedef enum rec_feedback {
    REC_FEEDBACK_BINARY, /* 1, however often it happened */
    REC_FEEDBACK_VALUES, /* its value; those of repeated pairs add up */
} rec_feedback;

extern const char *const rec_feedback_names[];

/** The option row every model here shares; `offset` is that of an int. */
#define REC_FEEDBACK_OPTION(feedback_offset)                                                       \
    {                                                                                              \
        .key = "feedback", .help = "what an interaction counts: binary (1) or values (its value)", \
        .offset = (feedback_offset), .type = REC_OPT_ENUM, .choices = rec_feedback_names           \
    }

/** Users x items matrix of the training rows. */
rec_status rec_sparse_from_interactions(rec_sparse *out, const rec_interactions *x,
                                        rec_feedback feedback, rec_error *err);

/** Queries x items matrix of the queries' histories. */
rec_status rec_sparse_from_queries(rec_sparse *out, const rec_query *queries, size_t n,
                                   size_t n_items, rec_feedback feedback, rec_error *err);

rec_status rec_sparse_dup(rec_sparse *out, const rec_sparse *a, rec_error *err);
rec_status rec_sparse_transpose(rec_sparse *out, const rec_sparse *a, rec_error *err);

/** out (a.n_rows, b.n_columns) row-major = a b, each sum in double over ascending columns of a. */
rec_status rec_sparse_product(float *out, const rec_sparse *a, const rec_sparse *b, rec_error *err);

/** acc[c] += factor * row[c] for the stored columns c of one row; acc (n_columns). */
void rec_sparse_add_row(double *acc, const rec_sparse *a, size_t row, double factor);

/** Tensors PREFIX.start, PREFIX.column, PREFIX.value; borrowed until written. */
rec_status rec_sparse_save(const rec_sparse *a, const char *prefix, rec_tensor_writer *out,
                           rec_error *err);

/** Reads what rec_sparse_save wrote into init storage of the caller; every index is checked. */
rec_status rec_sparse_load(rec_sparse *out, const rec_tensor_file *in, const char *prefix,
                           size_t n_rows, size_t n_columns, rec_error *err);

#endif
