#include "models/lm/cost.h"

#include <string.h>

#include "tests/suite.h"

/* gpt-4o-mini of the price list: 0.15 and 0.60 dollars per million = 150000 and 600000 micro-dollars.
 * 1234 in, 234 of them cached at half price, 56 out:
 * 1000 * 150000 + 234 * 75000 + 56 * 600000 = 150e6 + 17.55e6 + 33.6e6 = 201.15e6 pico-dollars. */
static const rec_lm_price mini = {.input = 150000, .output = 600000, .cached_input = 75000};

START_TEST(hand_calculation)
{
    ck_assert_int_eq(rec_lm_price_picodollars(&mini, 1234, 234, 56), 201150000);
    ck_assert_int_eq(rec_lm_microdollars(201150000), 201);
    ck_assert_int_eq(rec_lm_price_picodollars(&mini, 0, 0, 0), 0);
    /* More cached than there were: all of them. */
    ck_assert_int_eq(rec_lm_price_picodollars(&mini, 10, 99, 0), 750000);
}
END_TEST

START_TEST(rounded_once)
{
    ck_assert_int_eq(rec_lm_microdollars(499999), 0);
    ck_assert_int_eq(rec_lm_microdollars(500000), 1);
    ck_assert_int_eq(rec_lm_microdollars(1499999), 1);
    /* A thousand answers of 0.45 micro-dollars each are 450, not 0 and not 1000. */
    rec_lm_ledger l = {.cost_picodollars = 0};
    for (int i = 0; i < 1000; i++)
        l.cost_picodollars += rec_lm_price_picodollars(&mini, 3, 0, 0);
    ck_assert_int_eq(rec_lm_ledger_microdollars(&l), 450);
    l.answers_unpriced = 1;
    ck_assert_int_eq(rec_lm_ledger_microdollars(&l), -1);
}
END_TEST

START_TEST(budgets)
{
    ck_assert_int_eq(rec_lm_budget_of(2.5).limit, 2500000000000);
    ck_assert_int_eq(rec_lm_budget_of(0.0).limit, 0);
    ck_assert_int_eq(rec_lm_budget_of(1e9).limit, -1);
}
END_TEST

START_TEST(lines)
{
    char text[256], small[12];
    rec_lm_ledger l = {.requests = 0};
    rec_lm_ledger_text(text, sizeof text, &l);
    ck_assert_str_eq(text, "");
    l.cache_hits = 4;
    rec_lm_ledger_text(text, sizeof text, &l);
    ck_assert_str_eq(text, "4 answers from the cache");
    l = (rec_lm_ledger){.requests = 10,
                        .retries = 2,
                        .failures = 1,
                        .tokens_in = 70,
                        .tokens_out = 30,
                        .cost_picodollars = 12300000000,
                        .model_changes = 3,
                        .cache_hits = 5,
                        .cache_corrupted = 6};
    rec_lm_ledger_text(text, sizeof text, &l);
    ck_assert_str_eq(text,
                     "10 requests (2 repeated), 1 failures, 70 + 30 tokens, $0.0123, 3 by another "
                     "model than the first; 5 answers from the cache, 6 damaged entries of the "
                     "cache ignored");
    l.answers_unpriced = 1; /* no number is invented */
    rec_lm_ledger_text(text, sizeof text, &l);
    ck_assert_ptr_null(strchr(text, '$'));
    rec_lm_ledger_text(small, sizeof small, &l);
    ck_assert_str_eq(small, "10 requests");
}
END_TEST

START_TEST(no_overflow)
{
    const rec_lm_price p = {.input = 1000000000, .output = 1000000000};
    ck_assert_int_eq(rec_lm_price_picodollars(&p, UINT64_MAX, 0, 1), INT64_MAX);
}
END_TEST

REC_SUITE("models/lm/cost", tcase_add_test(t, hand_calculation); tcase_add_test(t, rounded_once);
          tcase_add_test(t, budgets); tcase_add_test(t, lines); tcase_add_test(t, no_overflow);)
