#include "models/neighbours.h"
#include "tests/models/fixture.h"

static double times_row_plus_one(const void *context, size_t row, uint32_t column, double sum)
{
    (void)column;
    return sum * ((double)row + 1) * *(const double *)context;
}

/* A [1 0; 1 1; 0 1], A^T: products (0,1) 1, (1,0) 1, (1,2) 1, (2,1) 1; the diagonal does not count. */
START_TEST(top_of_a_product)
{
    const float cells[] = {1, 0, 1, 1, 0, 1};
    const double factor = 10;
    fixture f = fixture_dense(cells, 3, 2);
    rec_sparse a, b, top;
    ck_assert_ok(rec_sparse_from_interactions(&a, &f.train, REC_FEEDBACK_BINARY, err));
    ck_assert_ok(rec_sparse_transpose(&b, &a, err));
    ck_assert_ok(rec_neighbours(&top, &a, &b, 1, times_row_plus_one, &factor, err));
    ck_assert_uint_eq(rec_sparse_n_values(&top), 3);
    const uint32_t column[] = {1, 0, 1};
    const float value[] = {10, 20, 30};
    for (size_t i = 0; i < 3; i++) {
        ck_assert_uint_eq(top.column[i], column[i]);
        ck_assert_float_eq(top.value[i], value[i]);
    }
    rec_sparse_deinit(&top);
    rec_sparse_deinit(&b);
    rec_sparse_deinit(&a);
    fixture_deinit(&f);
}
END_TEST

START_TEST(keep_top_shrinks_rows_in_place)
{
    const float cells[] = {3, 1, 3, 0, 0, 0, 1, 5, 2};
    fixture f = fixture_dense(cells, 3, 3);
    rec_sparse a;
    ck_assert_ok(rec_sparse_from_interactions(&a, &f.train, REC_FEEDBACK_VALUES, err));
    ck_assert_ok(rec_sparse_keep_top(&a, 1, err));
    ck_assert_uint_eq(rec_sparse_n_values(&a), 2);
    ck_assert_uint_eq(a.column[0], 0); /* 3 and 3: the lower */
    ck_assert_uint_eq(a.column[1], 1);
    ck_assert_float_eq(a.value[1], 5);
    rec_sparse_deinit(&a);
    fixture_deinit(&f);
}
END_TEST

START_TEST(best_items_of_a_list)
{
    const uint32_t listed[] = {8, 3, 5, 2};
    const float values[] = {1, 4, 4, -1};
    uint32_t items[4];
    float out[4];
    size_t n;
    ck_assert_ok(rec_best_items(items, out, &n, listed, values, 4, 5, 4, err));
    ck_assert_uint_eq(n, 2); /* not itself, nothing negative */
    ck_assert_uint_eq(items[0], 3);
    ck_assert_uint_eq(items[1], 8);
    ck_assert_ok(rec_best_items(items, out, &n, NULL, values, 4, 9, 2, err));
    ck_assert_uint_eq(items[0], 1);
    ck_assert_uint_eq(items[1], 2);
}
END_TEST

REC_SUITE("models/neighbours", tcase_add_test(t, top_of_a_product);
          tcase_add_test(t, keep_top_shrinks_rows_in_place);
          tcase_add_test(t, best_items_of_a_list);)
