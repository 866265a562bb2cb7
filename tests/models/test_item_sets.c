#include <string.h>

#include "models/item_sets.h"
#include "tests/suite.h"

/* Every (user, item) question of rows of many lengths, an empty and a full one among them. */
START_TEST(answers_like_the_rows)
{
    enum { USERS = 40, ITEMS = 700 };
    rec_sparse rows;
    size_t n = 0;
    ck_assert_ok(rec_sparse_init(&rows, USERS, ITEMS, USERS * ITEMS, err));
    for (size_t u = 0; u < USERS; u++) {
        for (uint32_t i = 0; i < ITEMS; i++)
            if (u != 3 && (u == 0 || i * 2654435761u >> 20 < 100 * u))
                rows.column[n++] = i;
        rows.start[u + 1] = n;
    }
    rec_item_sets sets;
    ck_assert_ok(rec_item_sets_init(&sets, &rows, err));
    for (uint32_t u = 0; u < USERS; u++) {
        size_t at = rows.start[u];
        for (uint32_t i = 0; i < ITEMS; i++) {
            bool expected = at < rows.start[u + 1] && rows.column[at] == i;
            ck_assert_int_eq(rec_item_sets_contain(&sets, u, i), expected);
            at += expected;
        }
    }
    rec_item_sets_deinit(&sets);
    rec_item_sets_deinit(&sets);
    rec_sparse_deinit(&rows);
}
END_TEST

REC_SUITE("models/item_sets", tcase_add_test(t, answers_like_the_rows);)
