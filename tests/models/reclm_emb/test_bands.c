#include "models/reclm_emb/bands.h"
#include "tests/models/reclm_emb/films.h"

/* Known prices 0, 5, 7, 10, 12.5: value number i (from 0) is of third 3 i / 5: 0 0 1 1 2. */
START_TEST(prices_are_cut_in_thirds)
{
    static const int expected[N_FILMS] = {1, 2, 0, -1, 0, 1, -1};
    films f;
    rec_emb_items x;
    rec_emb_bands b;
    films_init(&f);
    ck_assert_ok(rec_emb_items_init(&x, &f.roles, &f.catalogue, err));
    ck_assert_ok(rec_emb_bands_find(&b, &x, err));
    ck_assert(b.has_price && b.has_date);
    for (uint32_t i = 0; i < N_FILMS; i++)
        ck_assert_int_eq(rec_emb_price_band(&b, &x, i), expected[i]);
    ck_assert(rec_emb_holds(&x, &b.price[2], 1)); /* what the band says is true of its items */
    ck_assert(!rec_emb_holds(&x, &b.price[2], 0));
    rec_emb_items_deinit(&x);
}
END_TEST

static void assert_says(const rec_emb_condition *c, const rec_emb_items *x, const char *expected)
{
    rec_buffer text = {.length = 0};
    ck_assert_ok(rec_emb_condition_text(&text, x, c, err));
    ck_assert_str_eq(text.data, expected);
    rec_buffer_deinit(&text);
}

/* Years alone are their first of January, which the band's words must not leave out; nor must they add the
 * year after the last. 1969 1970 | 1995 1996 | 1997 1998: as spans of a year and a moment. */
START_TEST(bands_of_years_end_with_their_last_year)
{
    static const int years[N_FILMS] = {1969, 1970, 1995, 1996, 1997, 1998, 0};
    films f;
    rec_emb_items x;
    rec_emb_bands b;
    films_init(&f);
    for (size_t i = 0; i < N_FILMS; i++)
        f.date[i] = years[i] > 0 ? (double)rec_date_seconds(years[i], 1, 1) : (double)NAN;
    ck_assert_ok(rec_emb_items_init(&x, &f.roles, &f.catalogue, err));
    ck_assert_ok(rec_emb_bands_find(&b, &x, err));
    assert_says(&b.date[0], &x, "release date from 1969 to 1970");
    assert_says(&b.date[1], &x, "release date from 1995 to 1996");
    assert_says(&b.date[2], &x, "release date from 1997 to 1998");
    rec_emb_items_deinit(&x);
}
END_TEST

/* 1979 1988 | Nov 1995 Dec 1995 | 2000 */
START_TEST(dates_are_cut_in_thirds)
{
    static const int expected[N_FILMS] = {1, 1, 0, 0, -1, 2, -1};
    films f;
    rec_emb_items x;
    rec_emb_bands b;
    films_init(&f);
    ck_assert_ok(rec_emb_items_init(&x, &f.roles, &f.catalogue, err));
    ck_assert_ok(rec_emb_bands_find(&b, &x, err));
    for (uint32_t i = 0; i < N_FILMS; i++)
        ck_assert_int_eq(rec_emb_date_band(&b, &x, i), expected[i]);
    assert_says(&b.date[0], &x, "release date from 1979 to 1988");
    assert_says(&b.date[2], &x, "release date in 2000");
    rec_emb_items_deinit(&x);
}
END_TEST

START_TEST(equal_prices_have_no_bands)
{
    films f;
    rec_emb_items x;
    rec_emb_bands b;
    films_init(&f);
    for (size_t i = 0; i < N_FILMS; i++)
        f.price[i] = 9.99;
    ck_assert_ok(rec_emb_items_init(&x, &f.roles, &f.catalogue, err));
    ck_assert_ok(rec_emb_bands_find(&b, &x, err));
    ck_assert(!b.has_price);
    ck_assert_int_eq(rec_emb_price_band(&b, &x, 0), -1);
    rec_emb_items_deinit(&x);
}
END_TEST

REC_SUITE("models/reclm_emb/bands", tcase_add_test(t, prices_are_cut_in_thirds);
          tcase_add_test(t, bands_of_years_end_with_their_last_year);
          tcase_add_test(t, dates_are_cut_in_thirds);
          tcase_add_test(t, equal_prices_have_no_bands);)
