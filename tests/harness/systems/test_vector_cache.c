#include "harness/systems/vector_cache.h"

#include <stdio.h>

#include "tests/suite.h"

START_TEST(what_was_put_comes_back)
{
    rec_vector_cache *c;
    char text[32];
    ck_assert_ok(rec_vector_cache_new(&c, 2, 1 << 20, err));
    for (int i = 0; i < 3000; i++) { /* the table grows twice */
        snprintf(text, sizeof text, "text %d", i);
        ck_assert_ptr_null(rec_vector_cache_get(c, text));
        ck_assert_ok(rec_vector_cache_put(c, text, (float[]){(float)i, -1.0f}, err));
    }
    for (int i = 0; i < 3000; i++) {
        snprintf(text, sizeof text, "text %d", i);
        ck_assert_float_eq(rec_vector_cache_get(c, text)[0], (float)i);
    }
    ck_assert_ok(rec_vector_cache_put(c, "text 7", (float[]){8, 8}, err));
    ck_assert_float_eq(rec_vector_cache_get(c, "text 7")[0], 7.0f); /* the old one stays */
    rec_vector_cache_free(c);
    rec_vector_cache_free(NULL);
}
END_TEST

/* A text of 1 byte and a vector of 2 floats take 10 bytes. */
START_TEST(a_full_cache_keeps_what_it_has)
{
    rec_vector_cache *c;
    ck_assert_ok(rec_vector_cache_new(&c, 2, 25, err));
    ck_assert_ok(rec_vector_cache_put(c, "a", (float[]){1, 1}, err));
    ck_assert_ok(rec_vector_cache_put(c, "b", (float[]){2, 2}, err));
    ck_assert_ok(rec_vector_cache_put(c, "c", (float[]){3, 3}, err));
    ck_assert_ptr_nonnull(rec_vector_cache_get(c, "b"));
    ck_assert_ptr_null(rec_vector_cache_get(c, "c"));
    rec_vector_cache_free(c);
}
END_TEST

REC_SUITE("harness/systems/vector_cache", tcase_add_test(t, what_was_put_comes_back);
          tcase_add_test(t, a_full_cache_keeps_what_it_has);)
