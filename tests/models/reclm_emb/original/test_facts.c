#include <string.h>

#include "models/reclm_emb/original/original.h"
#include "tests/models/reclm_emb/films.h"

/* Two users: 0 1 2 | 0 1 3, whose last items nothing may know. */
static size_t start[] = {0, 3, 6};
static uint32_t item[] = {0, 1, 2, 0, 1, 3};
static const rec_interactions sequences = {
    .n_users = 2, .n_items = N_FILMS, .n = 6, .start = start, .item = item};

/* By hand: prices 0 to 12.5, dates May 1979 to January 2000, without the last items 0 1 | 0 1. */
START_TEST(ranges_and_histories)
{
    films f;
    rec_emb_items x;
    rec_emb_original_facts facts;
    films_init(&f);
    ck_assert_ok(rec_emb_items_init(&x, &f.roles, &f.catalogue, err));
    ck_assert_ok(rec_emb_original_facts_init(&facts, &x, &sequences, err));
    ck_assert(facts.price_min == 0.0 && facts.price_max == 12.5);
    ck_assert_int_eq(facts.month_first, 12 * 1979 + 4);
    ck_assert_int_eq(facts.month_last, 12 * 2000);
    ck_assert_uint_eq(facts.known.n, 4);
    ck_assert_uint_eq(facts.known.start[1], 2);
    ck_assert_uint_eq(facts.neighbours.start[1], 1); /* of 0: 1 alone, not 2 and 3 */
    ck_assert_uint_eq(facts.value_start[1], 5);      /* crime, drama, comedy, horror, sci-fi */
    ck_assert_uint_eq(facts.value_start[2] - facts.value_start[1], 4);
    ck_assert_uint_eq(facts.relatives.n[REC_EMB_CHEAP], 0); /* a twentieth of seven is none */
    rec_emb_original_facts_deinit(&facts);
    rec_emb_items_deinit(&x);
}
END_TEST

/* Forty items, two of each set. Prices 39, 38, ..., 1 and none; all in one month; item 5 twice, 7 twice,
 * 9 once: of equals the lower number. */
START_TEST(sets_at_the_ends)
{
    double price[40], date[40];
    uint32_t histories[] = {5, 7, 9, 1, 7, 5, 2};
    size_t starts[] = {0, 4, 7};
    const rec_interactions read = {
        .n_users = 2, .n_items = 40, .n = 7, .start = starts, .item = histories};
    rec_emb_items x = {.n = 40, .price = price, .date = date};
    rec_emb_original_facts f;
    for (int i = 0; i < 40; i++) {
        price[i] = 39.0 - i;
        date[i] = (double)rec_date_seconds(1995, 5, 1);
    }
    price[39] = NAN;
    ck_assert_ok(rec_emb_original_facts_init(&f, &x, &read, err));
    for (size_t k = 0; k < REC_EMB_N_RELATIVES; k++)
        ck_assert_uint_eq(f.relatives.n[k], 2);
    ck_assert(f.relatives.items[REC_EMB_EXPENSIVE][0] == 0 &&
              f.relatives.items[REC_EMB_EXPENSIVE][1] == 1);
    ck_assert(f.relatives.items[REC_EMB_CHEAP][0] == 37 &&
              f.relatives.items[REC_EMB_CHEAP][1] == 38);
    ck_assert(f.relatives.items[REC_EMB_RECENT][0] == 0 &&
              f.relatives.items[REC_EMB_RECENT][1] == 1);
    ck_assert(f.relatives.items[REC_EMB_POPULAR][0] == 5 &&
              f.relatives.items[REC_EMB_POPULAR][1] == 7);
    rec_emb_original_facts_deinit(&f);
}
END_TEST

REC_SUITE("models/reclm_emb/original/facts", tcase_add_test(t, ranges_and_histories);
          tcase_add_test(t, sets_at_the_ends);)
