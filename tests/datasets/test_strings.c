#include "tests/suite.h"

#include <stdio.h>
#include <string.h>

#include "datasets/strings.h"

START_TEST(equal_texts_get_one_number)
{
    rec_interner t = {.n = 0};
    uint32_t a, b, c;
    ck_assert_ok(rec_strings_new(&t.pool, err));
    ck_assert_uint_eq(rec_interner_find(&t, "x", 1), UINT32_MAX); /* empty table */
    ck_assert_ok(rec_interner_add(&a, &t, "item", 4, err));
    ck_assert_ok(rec_interner_add(&b, &t, "items", 5, err));
    ck_assert_ok(rec_interner_add(&c, &t, "items and more", 4, err)); /* only 4 bytes count */
    ck_assert_uint_eq(a, 0);
    ck_assert_uint_eq(b, 1);
    ck_assert_uint_eq(c, 0);
    ck_assert_str_eq(t.texts[1], "items");
    ck_assert_uint_eq(rec_interner_find(&t, "ite", 3), UINT32_MAX);
    rec_interner_deinit(&t);
    rec_strings_free(t.pool);
}
END_TEST

/* Many growth steps; long texts share the pool with short ones. */
START_TEST(numbers_survive_growth)
{
    rec_interner t = {.n = 0};
    char text[32];
    uint32_t number;
    ck_assert_ok(rec_strings_new(&t.pool, err));
    char *first = rec_strings_add(t.pool, "kept", 4, NULL);
    char *large = calloc(1, 1 << 20);
    memset(large, 'x', (1 << 20) - 1);
    ck_assert_str_eq(rec_strings_add(t.pool, large, (1 << 20) - 1, NULL), large);
    size_t wrong = 0; /* one assertion per text would take seconds */
    for (uint32_t i = 0; i < 100000; i++) {
        int n = snprintf(text, sizeof text, "%u", i * 7919u);
        wrong += rec_interner_add(&number, &t, text, (size_t)n, NULL) != REC_OK || number != i;
    }
    ck_assert_uint_eq(wrong, 0);
    for (uint32_t i = 0; i < 100000; i += 997) {
        int n = snprintf(text, sizeof text, "%u", i * 7919u);
        ck_assert_uint_eq(rec_interner_find(&t, text, (size_t)n), i);
        ck_assert_str_eq(t.texts[i], text);
    }
    ck_assert_str_eq(first, "kept");
    ck_assert_uint_gt(rec_strings_bytes(t.pool), 1 << 20);
    free(large);
    rec_interner_deinit(&t);
    rec_strings_free(t.pool);
}
END_TEST

REC_SUITE("datasets/strings", tcase_add_test(t, equal_texts_get_one_number);
          tcase_add_test(t, numbers_survive_growth);)
