#include <stdio.h>
#include <string.h>

#include "datasets/dataset.h"
#include "tests/suite.h"

START_TEST(columns_that_are_there)
{
    rec_column columns[] = {{.name = "genre"}, {.name = "price"}};
    const rec_catalogue c = {.n_columns = 2, .columns = columns};
    const rec_column *found;
    ck_assert_ok(rec_catalogue_need_column(&found, &c, "roles: price", "price", err));
    ck_assert_ptr_eq(found, &columns[1]);
}
END_TEST

START_TEST(other_names_get_those_that_are_there)
{
    rec_column columns[] = {{.name = "genre"}, {.name = "price"}};
    const rec_catalogue c = {.n_columns = 2, .columns = columns}, bare = {.n_columns = 0};
    const rec_column *found;
    ck_assert_fails(rec_catalogue_need_column(&found, &c, "roles: lists", "genres", err),
                    REC_ERR_CONFIG,
                    "roles: lists: the items have no column \"genres\", did you mean \"genre\"? "
                    "(their columns: genre, price)");
    ck_assert_ptr_null(found);
    ck_assert_fails(rec_catalogue_need_column(&found, &c, "who", "maker", err), REC_ERR_CONFIG,
                    "who: the items have no column \"maker\" (their columns: genre, price)");
    ck_assert_fails(rec_catalogue_need_column(&found, &bare, "who", "maker", err), REC_ERR_CONFIG,
                    "(their columns: none)");
}
END_TEST

/* 75 names of two letters and a comma between fill 75 * 2 + 74 * 2 = 298 bytes; the next one, of four
 * with its comma and blank, would pass 300. */
START_TEST(long_lists_are_cut)
{
    enum { N = 90 };
    char names[N][3];
    rec_column columns[N];
    const rec_catalogue c = {.n_columns = N, .columns = columns};
    const rec_column *found;
    for (size_t i = 0; i < N; i++) {
        snprintf(names[i], sizeof names[i], "%02zu", i);
        columns[i] = (rec_column){.name = names[i]};
    }
    ck_assert_fails(rec_catalogue_need_column(&found, &c, "who", "maker", err), REC_ERR_CONFIG,
                    ", 73, 74, ...)");
}
END_TEST

REC_SUITE("datasets/need_column", tcase_add_test(t, columns_that_are_there);
          tcase_add_test(t, other_names_get_those_that_are_there);
          tcase_add_test(t, long_lists_are_cut);)
