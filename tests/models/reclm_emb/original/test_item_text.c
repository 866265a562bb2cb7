#include "models/reclm_emb/item_text.h"

#include "tests/models/reclm_emb/films.h"

static void check_text(const rec_emb_items *x, uint32_t item, const char *expected)
{
    ck_assert_str_eq(x->texts[item], expected);
}

/* Order of the roles, days in full, prices as floats, lists with bare commas and their repetitions. */
START_TEST(texts_as_the_original_writes_them)
{
    films f;
    rec_emb_items x;
    films_init(&f);
    f.roles.layout = REC_EMB_LAYOUT_ORIGINAL;
    f.titles[3] = " Alien,";
    ck_assert_ok(rec_emb_items_init(&x, &f.roles, &f.catalogue, err));
    check_text(&x, 0,
               "title: Heat, genre: crime,drama, made by: Mann, price: 10.0, release date: "
               "December 15, 1995, description: A thief and a cop.");
    check_text(&x, 3,
               "title:  Alien,, genre: horror,sci-fi, made by: Scott, release date: May 25, 1979");
    check_text(&x, 4, "title: Big, genre: comedy,comedy, price: 0.0");
    check_text(&x, 6, "");
    rec_emb_items_deinit(&x);
}
END_TEST

/* Blanks, then commas: "title: Alien,, " without attributes keeps no comma. */
START_TEST(commas_at_the_end_are_stripped)
{
    films f;
    rec_emb_items x;
    rec_catalogue bare;
    films_init(&f);
    f.roles = (rec_emb_roles){.layout = REC_EMB_LAYOUT_ORIGINAL, .noun = "film", .nouns = "films"};
    f.titles[3] = "Alien,";
    bare = f.catalogue;
    bare.n_columns = 0;
    ck_assert_ok(rec_emb_items_init(&x, &f.roles, &bare, err));
    check_text(&x, 3, "title: Alien");
    rec_emb_items_deinit(&x);
}
END_TEST

REC_SUITE("models/reclm_emb/original/item_text",
          tcase_add_test(t, texts_as_the_original_writes_them);
          tcase_add_test(t, commas_at_the_end_are_stripped);)
