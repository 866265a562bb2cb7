#include "models/reclm_emb/read_query.h"
#include "tests/models/reclm_emb/films.h"

/* The conditions found in a text, in words, one after the other. */
static void check_read(const char *text, const char *expected)
{
    films f;
    rec_emb_items x;
    rec_emb_condition found[8];
    rec_buffer out = {.length = 0};
    films_init(&f);
    ck_assert_ok(rec_emb_items_init(&x, &f.roles, &f.catalogue, err));
    size_t n = rec_emb_read_query(found, 8, &x, text);
    ck_assert_ok(rec_buffer_puts(&out, "", err));
    for (size_t i = 0; i < n; i++) {
        ck_assert_ok(rec_buffer_puts(&out, i > 0 ? "; " : "", err));
        ck_assert_ok(rec_emb_condition_text(&out, &x, &found[i], err));
    }
    ck_assert_str_eq(out.data, expected);
    rec_buffer_deinit(&out);
    rec_emb_items_deinit(&x);
}

START_TEST(what_is_stated_is_found)
{
    check_read("a Crime drama by Mann", "genre: crime; genre: drama; made by: Mann");
    check_read("drama without crime", "not genre: crime; genre: drama");
    check_read("not too much drama, crime", "genre: crime; not genre: drama");
    check_read("melodramatic criminals", ""); /* whole words */
    check_read("something under $12.5 and more than 3", "price less than 12.5; price more than 3");
    check_read("before 1990", "release date before 1990");
    check_read("comedy from 1988", "genre: comedy; release date in 1988");
    check_read("from the nineties", "release date from 1990 to 1999");
    check_read("", "");
}
END_TEST

START_TEST(no_more_than_there_is_room_for)
{
    films f;
    rec_emb_items x;
    rec_emb_condition one;
    films_init(&f);
    ck_assert_ok(rec_emb_items_init(&x, &f.roles, &f.catalogue, err));
    ck_assert_uint_eq(rec_emb_read_query(&one, 1, &x, "crime drama before 1990"), 1);
    rec_emb_items_deinit(&x);
}
END_TEST

REC_SUITE("models/reclm_emb/read_query", tcase_add_test(t, what_is_stated_is_found);
          tcase_add_test(t, no_more_than_there_is_room_for);)
