#include "models/reclm_emb/item_text.h"
#include "tests/models/reclm_emb/films.h"

START_TEST(texts_say_what_is_known)
{
    films f;
    rec_emb_items x;
    films_init(&f);
    ck_assert_ok(rec_emb_items_init(&x, &f.roles, &f.catalogue, err));
    ck_assert_str_eq(x.texts[0],
                     "title: Heat, genre: crime,drama, made by: Mann, price: 10, release "
                     "date: December 1995, description: A thief and a cop.");
    ck_assert_str_eq(x.texts[4], "title: Big, genre: comedy, price: 0"); /* a double, a free item */
    ck_assert_str_eq(x.texts[5], "genre: drama, price: 7, release date: January 2000");
    ck_assert_str_eq(x.texts[6], "");
    ck_assert_uint_eq(x.n_without_title, 2);
    ck_assert_uint_eq(x.n_without_text, 1);
    ck_assert_ptr_null(rec_emb_title(&x, 5));
    f.titles[5] = " \t";
    ck_assert_ptr_null(rec_emb_title(&x, 5)); /* blanks are no title */
    rec_emb_items_deinit(&x);
}
END_TEST

/* `noun:` with nothing behind it is null, which is no text. */
START_TEST(an_empty_noun_is_the_default)
{
    films f;
    rec_emb_items x;
    films_init(&f);
    f.roles.noun = f.roles.nouns = NULL;
    ck_assert_ok(rec_emb_items_init(&x, &f.roles, &f.catalogue, err));
    ck_assert_str_eq(x.noun, "item");
    ck_assert_str_eq(x.nouns, "items");
    rec_emb_items_deinit(&x);
}
END_TEST

START_TEST(values_are_numbered)
{
    films f;
    rec_emb_items x;
    films_init(&f);
    f.roles.values_max = 1;
    ck_assert_ok(rec_emb_items_init(&x, &f.roles, &f.catalogue, err));
    uint32_t crime = rec_interner_find(&x.values, "crime", 5);
    ck_assert_uint_eq(x.n_attributes, 2);
    ck_assert(x.attributes[0].is_list && !x.attributes[1].is_list);
    ck_assert(rec_emb_has_value(&x, 0, 0, crime));
    ck_assert(!rec_emb_has_value(&x, 2, 0, crime));
    ck_assert_str_eq(x.texts[1], "title: Casino, genre: crime, made by: Scorsese, price: 12.5, "
                                 "release date: November 1995"); /* values_max cuts the list */
    rec_emb_items_deinit(&x);
}
END_TEST

START_TEST(what_stands_for_an_item)
{
    films f;
    rec_emb_items x;
    films_init(&f);
    ck_assert_ok(rec_emb_items_init(&x, &f.roles, &f.catalogue, err));
    ck_assert_str_eq(rec_emb_name(&x, 3), "Alien");
    ck_assert_ptr_null(rec_emb_name(&x, 5)); /* others have titles */
    rec_emb_items_deinit(&x);
    f.catalogue.titles = NULL;
    ck_assert_ok(rec_emb_items_init(&x, &f.roles, &f.catalogue, err));
    ck_assert_str_eq(rec_emb_name(&x, 3), "horror and sci-fi and Scott");
    ck_assert_str_eq(rec_emb_name(&x, 5), "drama");
    ck_assert_ptr_null(rec_emb_name(&x, 6));
    rec_emb_items_deinit(&x);
}
END_TEST

/* Ids get a word before them; what is not digits alone stays. */
START_TEST(ids_get_a_noun)
{
    static char *genre[] = {"17", "drama", "17", "2", "3D", "", "9", "17", "17", "4"};
    films f;
    rec_emb_items x;
    films_init(&f);
    memcpy(f.genre, genre, sizeof genre);
    f.roles.value_noun = "kind";
    f.roles.words.n = 0;
    ck_assert_ok(rec_emb_items_init(&x, &f.roles, &f.catalogue, err));
    ck_assert_ptr_nonnull(strstr(x.texts[0], "genre: kind 17,drama,"));
    ck_assert_ptr_nonnull(strstr(x.texts[1], "genre: kind 17,kind 2,"));
    ck_assert_ptr_nonnull(strstr(x.texts[2], "genre: 3D,"));
    ck_assert_ptr_nonnull(strstr(x.texts[4], "genre: kind 17,")); /* a double */
    rec_emb_items_deinit(&x);
}
END_TEST

START_TEST(roles_that_do_not_fit_are_named)
{
    films f;
    rec_emb_items x;
    films_init(&f);
    f.roles.price = "prize";
    ck_assert_fails(rec_emb_items_init(&x, &f.roles, &f.catalogue, err), REC_ERR_CONFIG,
                    "roles: price: the items have no column \"prize\", did you mean \"price\"? "
                    "(their columns: genre, made_by, price, released, description)");
    f.roles.price = "genre";
    ck_assert_fails(rec_emb_items_init(&x, &f.roles, &f.catalogue, err), REC_ERR_CONFIG,
                    "column \"genre\" holds lists of text, not numbers");
    f.roles.price = NULL;
    f.words[0] = "genre";
    ck_assert_fails(rec_emb_items_init(&x, &f.roles, &f.catalogue, err), REC_ERR_CONFIG,
                    "roles: words");
    f.roles.words.n = 0;
    f.roles.date = "made_by";
    ck_assert_fails(rec_emb_items_init(&x, &f.roles, &f.catalogue, err), REC_ERR_CONFIG,
                    "roles: date");
    f.roles.date = NULL;
    f.roles.description = "nothing";
    ck_assert_fails(rec_emb_items_init(&x, &f.roles, &f.catalogue, err), REC_ERR_CONFIG,
                    "roles: description");
    f.roles.words.n = 1;
    f.words[0] = f.roles.description = "made_by";
    ck_assert_fails(rec_emb_items_init(&x, &f.roles, &f.catalogue, err), REC_ERR_CONFIG,
                    "column \"made_by\" is named twice");
}
END_TEST

START_TEST(items_without_any_text_are_an_error)
{
    films f;
    rec_emb_items x;
    films_init(&f);
    rec_catalogue bare = {.n_items = N_FILMS, .ids = f.ids};
    f.roles.words.n = 0;
    ck_assert_fails(rec_emb_items_init(&x, &f.roles, &bare, err), REC_ERR_DATA,
                    "there is no text to embed");
}
END_TEST

START_TEST(years_are_dates)
{
    films f;
    rec_emb_items x;
    films_init(&f);
    f.columns[2] = (rec_column){.name = "year", .type = REC_COLUMN_NUMBER, .number = f.price};
    for (size_t i = 0; i < N_FILMS; i++)
        f.price[i] = 1990 + (double)i;
    f.price[3] = 12; /* no year */
    f.roles.date = "year";
    ck_assert_ok(rec_emb_items_init(&x, &f.roles, &f.catalogue, err));
    ck_assert(x.dates_are_years && x.price == NULL);
    ck_assert_double_eq(x.date[2], (double)rec_date_seconds(1992, 1, 1));
    ck_assert(isnan(x.date[3]));
    ck_assert_ptr_nonnull(strstr(x.texts[0], "release date: 1990,"));
    rec_emb_items_deinit(&x);
}
END_TEST

START_TEST(spans_are_calendar_months_and_years)
{
    double low, high, moment = (double)rec_date_seconds(1995, 12, 15);
    rec_emb_span(&low, &high, moment, true, 0);
    ck_assert_double_eq(low, (double)rec_date_seconds(1995, 12, 1));
    ck_assert_double_eq(high, (double)rec_date_seconds(1996, 1, 1));
    rec_emb_span(&low, &high, moment, false, 1);
    ck_assert_double_eq(low, (double)rec_date_seconds(1996, 1, 1));
    ck_assert_double_eq(high, (double)rec_date_seconds(1997, 1, 1));
}
END_TEST

REC_SUITE("models/reclm_emb/items", tcase_add_test(t, texts_say_what_is_known);
          tcase_add_test(t, values_are_numbered); tcase_add_test(t, what_stands_for_an_item);
          tcase_add_test(t, ids_get_a_noun); tcase_add_test(t, roles_that_do_not_fit_are_named);
          tcase_add_test(t, items_without_any_text_are_an_error);
          tcase_add_test(t, an_empty_noun_is_the_default); tcase_add_test(t, years_are_dates);
          tcase_add_test(t, spans_are_calendar_months_and_years);)
