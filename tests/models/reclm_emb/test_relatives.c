#include "models/reclm_emb/relatives.h"

#include "tests/models/reclm_emb/films.h"

/* A catalogue of n items with prices alone. */
typedef struct shop {
    rec_emb_items items;
    double price[100];
    uint32_t item[400];
    rec_interactions train;
} shop;

static void open_shop(shop *s, size_t n)
{
    memset(s, 0, sizeof *s);
    s->items.n = n;
    s->items.price = s->price;
    s->train.item = s->item;
    for (size_t i = 0; i < n; i++)
        s->price[i] = (double)(i + 1);
}

static rec_emb_relatives find(shop *s)
{
    rec_emb_relatives r;
    ck_assert_ok(rec_emb_relatives_find(&r, &s->items, &s->train, err));
    return r;
}

/* A twentieth of 100 is five: the five cheapest, the five dearest; nothing is dated. */
START_TEST(a_twentieth_of_the_catalogue)
{
    shop s;
    open_shop(&s, 100);
    rec_emb_relatives r = find(&s);
    ck_assert_uint_eq(r.n[REC_EMB_RECENT], 0);
    ck_assert_uint_eq(r.n[REC_EMB_CHEAP], 5);
    ck_assert_uint_eq(r.n[REC_EMB_EXPENSIVE], 5);
    ck_assert_uint_eq(r.items[REC_EMB_CHEAP][4], 4);
    ck_assert_uint_eq(r.items[REC_EMB_EXPENSIVE][0], 95);
    ck_assert(rec_emb_is_relative(&r, REC_EMB_CHEAP, 0));
    ck_assert(!rec_emb_is_relative(&r, REC_EMB_CHEAP, 5));
    ck_assert(!rec_emb_is_relative(&r, REC_EMB_RECENT, 0));
    rec_emb_relatives_deinit(&r);
}
END_TEST

/* Items 3..6 cost the same: they would make seven, so the set is the three below them. A tie of ten at the
 * very top is taken whole. */
START_TEST(ties_are_not_divided)
{
    shop s;
    open_shop(&s, 100);
    s.price[4] = s.price[5] = s.price[6] = s.price[3];
    for (size_t i = 90; i < 100; i++)
        s.price[i] = 1000;
    rec_emb_relatives r = find(&s);
    ck_assert_uint_eq(r.n[REC_EMB_CHEAP], 3);
    ck_assert_uint_eq(r.n[REC_EMB_EXPENSIVE], 10);
    rec_emb_relatives_deinit(&r);
}
END_TEST

START_TEST(what_half_the_catalogue_shares_is_no_set)
{
    shop s;
    open_shop(&s, 100);
    for (size_t i = 0; i < 50; i++)
        s.price[i] = 1;
    rec_emb_relatives r = find(&s);
    ck_assert_uint_eq(r.n[REC_EMB_CHEAP], 0);
    ck_assert_uint_eq(r.n[REC_EMB_POPULAR], 0); /* nobody took anything */
    rec_emb_relatives_deinit(&r);
}
END_TEST

/* Item 7 was taken three times, item 2 twice, item 5 once; a twentieth of 40 is two. Unknown prices are in
 * no set. */
START_TEST(popularity_is_counted)
{
    static const uint32_t taken[] = {7, 2, 7, 5, 2, 7};
    shop s;
    open_shop(&s, 40);
    memcpy(s.item, taken, sizeof taken);
    s.train.n = 6;
    s.price[0] = NAN;
    rec_emb_relatives r = find(&s);
    ck_assert_uint_eq(r.n[REC_EMB_POPULAR], 2);
    ck_assert_uint_eq(r.items[REC_EMB_POPULAR][0], 2);
    ck_assert_uint_eq(r.items[REC_EMB_POPULAR][1], 7);
    ck_assert(!rec_emb_is_relative(&r, REC_EMB_CHEAP, 0));
    rec_emb_relatives_deinit(&r);
}
END_TEST

REC_SUITE("models/reclm_emb/relatives", tcase_add_test(t, a_twentieth_of_the_catalogue);
          tcase_add_test(t, ties_are_not_divided);
          tcase_add_test(t, what_half_the_catalogue_shares_is_no_set);
          tcase_add_test(t, popularity_is_counted);)
