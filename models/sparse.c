#include "models/sparse.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

const char *const rec_feedback_names[] = {"binary", "values", NULL};

void rec_sparse_deinit(rec_sparse *a)
{
    free(a->value);
    free(a->column);
    free(a->start);
    *a = (rec_sparse){.n_rows = 0};
}

size_t rec_sparse_n_values(const rec_sparse *a)
{
    return a->start != NULL ? a->start[a->n_rows] : 0;
}

rec_status rec_sparse_init(rec_sparse *out, size_t n_rows, size_t n_columns, size_t n_values,
                           rec_error *err)
{
    *out = (rec_sparse){.n_rows = n_rows, .n_columns = n_columns};
    rec_status status = REC_OK;
    REC_TRY_NEW(out->start, n_rows + 1, err);
    REC_TRY_NEW(out->column, n_values, err);
    REC_TRY_NEW(out->value, n_values, err);
cleanup:
    if (status != REC_OK)
        rec_sparse_deinit(out);
    return status;
}

typedef struct entry {
    uint32_t column;
    float value;
} entry;

static int by_column(const void *a, const void *b)
{
    uint32_t x = ((const entry *)a)->column, y = ((const entry *)b)->column;
    return (x > y) - (x < y);
}

/* Append one row in any order with repeats to `out`, whose rows so far end at `at`; scratch (n). */
static size_t append_row(rec_sparse *out, size_t at, const uint32_t *items, const float *values,
                         size_t n, rec_feedback feedback, entry *scratch)
{
    for (size_t i = 0; i < n; i++) {
        assert(items[i] < out->n_columns);
        scratch[i] = (entry){items[i], values != NULL ? values[i] : 1.0f};
    }
    qsort(scratch, n, sizeof *scratch, by_column);
    size_t first = at;
    for (size_t i = 0; i < n; i++) {
        if (at > first && out->column[at - 1] == scratch[i].column) {
            out->value[at - 1] += scratch[i].value;
            continue;
        }
        out->column[at] = scratch[i].column;
        out->value[at++] = scratch[i].value;
    }
    if (feedback == REC_FEEDBACK_BINARY)
        for (size_t i = first; i < at; i++)
            out->value[i] = 1.0f;
    return at;
}

rec_status rec_sparse_from_interactions(rec_sparse *out, const rec_interactions *x,
                                        rec_feedback feedback, rec_error *err)
{
    *out = (rec_sparse){.n_rows = 0};
    entry *scratch = NULL;
    rec_status status;
    size_t longest = 0, at = 0;
    for (size_t u = 0; u < x->n_users; u++)
        if (x->start[u + 1] - x->start[u] > longest)
            longest = x->start[u + 1] - x->start[u];
    REC_TRY(rec_sparse_init(out, x->n_users, x->n_items, x->n, err));
    REC_TRY_NEW(scratch, longest, err);
    for (size_t u = 0; u < x->n_users; u++) {
        size_t first = x->start[u];
        at = append_row(out, at, x->item + first, x->value != NULL ? x->value + first : NULL,
                        x->start[u + 1] - first, feedback, scratch);
        out->start[u + 1] = at;
    }
cleanup:
    free(scratch);
    if (status != REC_OK)
        rec_sparse_deinit(out);
    return status;
}

rec_status rec_sparse_from_queries(rec_sparse *out, const rec_query *queries, size_t n,
                                   size_t n_items, rec_feedback feedback, rec_error *err)
{
    *out = (rec_sparse){.n_rows = 0};
    entry *scratch = NULL;
    rec_status status;
    size_t longest = 0, total = 0, at = 0;
    for (size_t q = 0; q < n; q++) {
        total += queries[q].n_history;
        if (queries[q].n_history > longest)
            longest = queries[q].n_history;
    }
    REC_TRY(rec_sparse_init(out, n, n_items, total, err));
    REC_TRY_NEW(scratch, longest, err);
    for (size_t q = 0; q < n; q++) {
        at = append_row(out, at, queries[q].history, queries[q].values, queries[q].n_history,
                        feedback, scratch);
        out->start[q + 1] = at;
    }
cleanup:
    free(scratch);
    if (status != REC_OK)
        rec_sparse_deinit(out);
    return status;
}

rec_status rec_sparse_dup(rec_sparse *out, const rec_sparse *a, rec_error *err)
{
    size_t n = rec_sparse_n_values(a);
    rec_status status = rec_sparse_init(out, a->n_rows, a->n_columns, n, err);
    if (status != REC_OK)
        return status;
    memcpy(out->start, a->start, (a->n_rows + 1) * sizeof *a->start);
    memcpy(out->column, a->column, n * sizeof *a->column);
    memcpy(out->value, a->value, n * sizeof *a->value);
    return REC_OK;
}

/* Counting sort by column: rows of the result are ascending because rows of `a` are visited so. */
rec_status rec_sparse_transpose(rec_sparse *out, const rec_sparse *a, rec_error *err)
{
    size_t *next = NULL;
    rec_status status;
    REC_TRY(rec_sparse_init(out, a->n_columns, a->n_rows, rec_sparse_n_values(a), err));
    REC_TRY_NEW(next, a->n_columns, err);
    for (size_t i = 0; i < rec_sparse_n_values(a); i++)
        out->start[a->column[i] + 1]++;
    for (size_t c = 0; c < a->n_columns; c++) {
        next[c] = out->start[c];
        out->start[c + 1] += out->start[c];
    }
    for (size_t r = 0; r < a->n_rows; r++)
        for (size_t i = a->start[r]; i < a->start[r + 1]; i++) {
            size_t to = next[a->column[i]]++;
            out->column[to] = (uint32_t)r;
            out->value[to] = a->value[i];
        }
cleanup:
    free(next);
    if (status != REC_OK)
        rec_sparse_deinit(out);
    return status;
}

void rec_sparse_add_row(double *acc, const rec_sparse *a, size_t row, double factor)
{
    for (size_t i = a->start[row]; i < a->start[row + 1]; i++)
        acc[a->column[i]] += factor * (double)a->value[i];
}

rec_status rec_sparse_product(float *out, const rec_sparse *a, const rec_sparse *b, rec_error *err)
{
    assert(a->n_columns == b->n_rows);
    rec_status status = REC_OK;
    double *acc;
    REC_TRY_NEW(acc, b->n_columns, err);
    for (size_t r = 0; r < a->n_rows; r++) {
        memset(acc, 0, b->n_columns * sizeof *acc);
        for (size_t i = a->start[r]; i < a->start[r + 1]; i++)
            rec_sparse_add_row(acc, b, a->column[i], (double)a->value[i]);
        for (size_t c = 0; c < b->n_columns; c++)
            out[r * b->n_columns + c] = (float)acc[c];
    }
cleanup:
    free(acc);
    return status;
}

enum { NAME_MAX_LENGTH = 96 };

static void part_name(char name[NAME_MAX_LENGTH], const char *prefix, const char *part)
{
    snprintf(name, NAME_MAX_LENGTH, "%s.%s", prefix, part);
}

_Static_assert(sizeof(size_t) == sizeof(uint64_t), "offsets are stored as 64-bit numbers");

rec_status rec_sparse_save(const rec_sparse *a, const char *prefix, rec_tensor_writer *out,
                           rec_error *err)
{
    char name[NAME_MAX_LENGTH];
    size_t n_starts = a->n_rows + 1, n_values = rec_sparse_n_values(a);
    rec_status status;
    part_name(name, prefix, "start");
    REC_TRY(rec_tensor_writer_add(out, name, REC_U64, 1, &n_starts, a->start, err));
    part_name(name, prefix, "column");
    REC_TRY(rec_tensor_writer_add(out, name, REC_U32, 1, &n_values, a->column, err));
    part_name(name, prefix, "value");
    REC_TRY(rec_tensor_writer_add(out, name, REC_F32, 1, &n_values, a->value, err));
cleanup:
    return status;
}

/* Offsets and columns index memory later: none is taken on trust. */
static rec_status check_structure(const rec_sparse *a, size_t n_values, const char *prefix,
                                  rec_error *err)
{
    if (a->start[0] != 0 || a->start[a->n_rows] != n_values)
        return rec_fail(err, REC_ERR_DATA, "tensor %s.start: must run from 0 to %zu", prefix,
                        n_values);
    for (size_t r = 0; r < a->n_rows; r++)
        if (a->start[r + 1] < a->start[r] || a->start[r + 1] > n_values)
            return rec_fail(err, REC_ERR_DATA, "tensor %s.start: decreases at row %zu", prefix, r);
    for (size_t r = 0; r < a->n_rows; r++)
        for (size_t i = a->start[r]; i < a->start[r + 1]; i++) {
            if (a->column[i] >= a->n_columns ||
                (i > a->start[r] && a->column[i] <= a->column[i - 1]))
                return rec_fail(err, REC_ERR_DATA,
                                "tensor %s.column: row %zu is not ascending below %zu", prefix, r,
                                a->n_columns);
            if (!isfinite(a->value[i]))
                return rec_fail(err, REC_ERR_DATA, "tensor %s.value: not finite in row %zu", prefix,
                                r);
        }
    return REC_OK;
}

rec_status rec_sparse_load(rec_sparse *out, const rec_tensor_file *in, const char *prefix,
                           size_t n_rows, size_t n_columns, rec_error *err)
{
    *out = (rec_sparse){.n_rows = 0};
    char name[NAME_MAX_LENGTH];
    const rec_tensor_view *start, *column, *value;
    size_t n_starts = n_rows + 1, n_values = SIZE_MAX;
    rec_status status;
    part_name(name, prefix, "start");
    REC_TRY(rec_tensor_file_require(&start, in, name, REC_U64, 1, &n_starts, err));
    part_name(name, prefix, "column");
    REC_TRY(rec_tensor_file_require(&column, in, name, REC_U32, 1, &n_values, err));
    n_values = column->n_elements;
    part_name(name, prefix, "value");
    REC_TRY(rec_tensor_file_require(&value, in, name, REC_F32, 1, &n_values, err));
    REC_TRY(rec_sparse_init(out, n_rows, n_columns, n_values, err));
    memcpy(out->start, start->data, start->n_bytes);
    memcpy(out->column, column->data, column->n_bytes);
    memcpy(out->value, value->data, value->n_bytes);
    REC_TRY(check_structure(out, n_values, prefix, err));
cleanup:
    if (status != REC_OK)
        rec_sparse_deinit(out);
    return status;
}
