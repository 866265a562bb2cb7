#include "models/sparse_build.h"
#include "tests/suite.h"

START_TEST(keeps_the_greatest_with_ties_to_the_lower_column)
{
    const rec_cell all[] = {{1, 9}, {3, 7}, {2, 5}, {2, 1}, {2, 3}, {3, 8}};
    rec_cell cells[6];
    memcpy(cells, all, sizeof all);
    ck_assert_uint_eq(rec_cells_keep_top(cells, 6, 4), 4);
    const uint32_t by_column[] = {1, 3, 7, 8};
    for (size_t i = 0; i < 4; i++)
        ck_assert_uint_eq(cells[i].column, by_column[i]);
    memcpy(cells, all, sizeof all);
    ck_assert_uint_eq(rec_cells_rank(cells, 6, 4), 4);
    const uint32_t by_rank[] = {7, 8, 1, 3};
    for (size_t i = 0; i < 4; i++)
        ck_assert_uint_eq(cells[i].column, by_rank[i]);
    ck_assert_uint_eq(rec_cells_keep_top(cells, 6, 0), 0);
    ck_assert_uint_eq(rec_cells_keep_top(cells, 6, 60), 6);
}
END_TEST

/* Tiles may be filled in any order; empty rows and a short last tile count. */
START_TEST(blocks_are_joined_in_order)
{
    rec_sparse_build b;
    ck_assert_ok(rec_sparse_build_init(&b, 5, 4, 2, err));
    ck_assert_uint_eq(b.n_tiles, 3);
    ck_assert_uint_eq(rec_sparse_build_first(&b, 2), 4);
    ck_assert_uint_eq(rec_sparse_build_end(&b, 2), 5);
    const rec_cell last[] = {{0.5, 0}, {1.5, 3}}, first[] = {{2.5, 2}};
    ck_assert_ok(rec_sparse_build_append(&b, 4, last, 2, err));
    ck_assert_ok(rec_sparse_build_append(&b, 0, NULL, 0, err));
    ck_assert_ok(rec_sparse_build_append(&b, 1, first, 1, err));
    rec_sparse a;
    ck_assert_ok(rec_sparse_build_join(&a, &b, err));
    const size_t start[] = {0, 0, 1, 1, 1, 3};
    const uint32_t column[] = {2, 0, 3};
    for (size_t r = 0; r <= 5; r++)
        ck_assert_uint_eq(a.start[r], start[r]);
    for (size_t i = 0; i < 3; i++)
        ck_assert_uint_eq(a.column[i], column[i]);
    ck_assert_float_eq(a.value[2], 1.5f);
    rec_sparse_deinit(&a);
    rec_sparse_build_deinit(&b);
}
END_TEST

REC_SUITE("models/sparse_build",
          tcase_add_test(t, keeps_the_greatest_with_ties_to_the_lower_column);
          tcase_add_test(t, blocks_are_joined_in_order);)
