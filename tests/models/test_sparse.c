#include <math.h>

#include "models/sparse.h"
#include "tests/models/fixture.h"

static const uint32_t items[] = {4, 1, 4, 0};
static const float values[] = {2, 3, 5, 7};

START_TEST(rows_are_sorted_and_repeats_merged)
{
    rec_query queries[] = {{.history = items, .values = values, .n_history = 3},
                           {.history = NULL, .n_history = 0},
                           {.history = items + 3, .values = NULL, .n_history = 1}};
    rec_sparse a;
    ck_assert_ok(rec_sparse_from_queries(&a, queries, 3, 5, REC_FEEDBACK_VALUES, err));
    ck_assert_uint_eq(rec_sparse_n_values(&a), 3);
    ck_assert_uint_eq(a.start[1], 2);
    ck_assert_uint_eq(a.start[2], 2);
    ck_assert_uint_eq(a.column[0], 1);
    ck_assert_float_eq(a.value[0], 3);
    ck_assert_uint_eq(a.column[1], 4);
    ck_assert_float_eq(a.value[1], 7); /* 2 + 5 */
    ck_assert_float_eq(a.value[2], 1); /* no values: 1 */
    rec_sparse_deinit(&a);
    ck_assert_ok(rec_sparse_from_queries(&a, queries, 3, 5, REC_FEEDBACK_BINARY, err));
    ck_assert_float_eq(a.value[0], 1);
    ck_assert_float_eq(a.value[1], 1);
    rec_sparse_deinit(&a);
    rec_sparse_deinit(&a);
    ck_assert_uint_eq(rec_sparse_n_values(&a), 0);
}
END_TEST

/* [1 2; 0 3] [0 1; 4 0]^T's transpose: [1 2; 0 3] [0 1; 4 0] = [8 1; 12 0]. */
START_TEST(product_and_transpose)
{
    const float left[] = {1, 2, 0, 3}, right[] = {0, 4, 1, 0};
    fixture f = fixture_dense(left, 2, 2), g = fixture_dense(right, 2, 2);
    rec_sparse a, b, b_transposed;
    float out[4];
    ck_assert_ok(rec_sparse_from_interactions(&a, &f.train, REC_FEEDBACK_VALUES, err));
    ck_assert_ok(rec_sparse_from_interactions(&b, &g.train, REC_FEEDBACK_VALUES, err));
    ck_assert_ok(rec_sparse_transpose(&b_transposed, &b, err));
    ck_assert_ok(rec_sparse_product(out, &a, &b_transposed, err));
    ck_assert_float_eq(out[0], 8);
    ck_assert_float_eq(out[1], 1);
    ck_assert_float_eq(out[2], 12);
    ck_assert_float_eq(out[3], 0);
    rec_sparse_deinit(&b_transposed);
    rec_sparse_deinit(&b);
    rec_sparse_deinit(&a);
    fixture_deinit(&g);
    fixture_deinit(&f);
}
END_TEST

/* Write the three arrays of a 2 x 3 matrix as given and load them. */
static rec_status load(const uint64_t start[3], const uint32_t column[2], const float value[2],
                       rec_error *failure)
{
    char path[] = "/tmp/recai_sparse_XXXXXX";
    ck_assert_int_ge(mkstemp(path), 0);
    const size_t n_start = 3, n_values = 2;
    rec_tensor_writer *w;
    ck_assert_ok(rec_tensor_writer_new(&w, err));
    ck_assert_ok(rec_tensor_writer_add(w, "a.start", REC_U64, 1, &n_start, start, err));
    ck_assert_ok(rec_tensor_writer_add(w, "a.column", REC_U32, 1, &n_values, column, err));
    ck_assert_ok(rec_tensor_writer_add(w, "a.value", REC_F32, 1, &n_values, value, err));
    ck_assert_ok(rec_tensor_writer_write(w, path, err));
    rec_tensor_writer_free(w);
    rec_tensor_file *file;
    ck_assert_ok(rec_tensor_file_open(&file, path, err));
    rec_sparse a;
    rec_status status = rec_sparse_load(&a, file, "a", 2, 3, failure);
    ck_assert(status == REC_OK || a.start == NULL);
    rec_sparse_deinit(&a);
    rec_tensor_file_close(file);
    remove(path);
    return status;
}

START_TEST(stored_indices_are_not_trusted)
{
    const uint32_t column[] = {0, 2};
    const float value[] = {1, 2};
    ck_assert_ok(load((uint64_t[]){0, 1, 2}, column, value, err));
    ck_assert_ok(load((uint64_t[]){0, 2, 2}, column, value, err));
    ck_assert_fails(load((uint64_t[]){1, 1, 2}, column, value, err), REC_ERR_DATA, "from 0 to 2");
    ck_assert_fails(load((uint64_t[]){0, 1, 9}, column, value, err), REC_ERR_DATA, "from 0 to 2");
    ck_assert_fails(load((uint64_t[]){0, 5, 2}, column, value, err), REC_ERR_DATA, "row 0");
    ck_assert_fails(load((uint64_t[]){0, 1, 2}, (uint32_t[]){0, 3}, value, err), REC_ERR_DATA,
                    "not ascending below 3");
    ck_assert_fails(load((uint64_t[]){0, 2, 2}, (uint32_t[]){1, 1}, value, err), REC_ERR_DATA,
                    "not ascending below 3");
    ck_assert_fails(load((uint64_t[]){0, 1, 2}, column, (float[]){1, NAN}, err), REC_ERR_DATA,
                    "not finite");
}
END_TEST

REC_SUITE("models/sparse", tcase_add_test(t, rows_are_sorted_and_repeats_merged);
          tcase_add_test(t, product_and_transpose);
          tcase_add_test(t, stored_indices_are_not_trusted);)
