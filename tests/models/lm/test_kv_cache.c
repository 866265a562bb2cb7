#include <string.h>

#include "models/lm/kernels.h"
#include "models/lm/kv_cache.h"
#include "tests/suite.h"

/* Two layers, two heads of four: a page has 2 * 2 * 2 * 4 * 32 floats. */
static const rec_lm_config config = {.n_layers = 2, .n_kv_heads = 2, .head_dim = 4};
enum { PAGE_FLOATS = 2 * 2 * 2 * 4 * 32 };

static rec_kv_pool *pool_of(size_t n_tokens)
{
    rec_kv_pool *pool = NULL;
    ck_assert_ok(rec_kv_pool_new(&pool, &config, n_tokens, err));
    return pool;
}

START_TEST(sizes)
{
    ck_assert_uint_eq(rec_kv_bytes(&config, 1), PAGE_FLOATS * 4);
    ck_assert_uint_eq(rec_kv_bytes(&config, 32), PAGE_FLOATS * 4);
    ck_assert_uint_eq(rec_kv_bytes(&config, 33), 2 * PAGE_FLOATS * 4);
    ck_assert_uint_eq(rec_kv_offset(&config, 0, 1), 2 * 4 * 32);
    ck_assert_uint_eq(rec_kv_offset(&config, 1, 0), 2 * 2 * 4 * 32);
}
END_TEST

START_TEST(pages_come_and_go)
{
    rec_kv_pool *pool = pool_of(100); /* four pages */
    rec_kv a = {.pages = NULL}, b = {.pages = NULL};
    ck_assert_uint_eq(rec_kv_pool_room(pool), 128);
    ck_assert_ok(rec_kv_reserve(&a, pool, 40, err));
    a.length = 40;
    ck_assert_uint_eq(a.n_pages, 2);
    ck_assert_uint_eq(rec_kv_pool_room(pool), 64);
    ck_assert_fails(rec_kv_reserve(&b, pool, 65, err), REC_ERR_RESOURCE, "is full (128 tokens)");
    ck_assert_uint_eq(b.n_pages, 0); /* nothing half-way */
    ck_assert_uint_eq(rec_kv_pool_room(pool), 64);
    rec_kv_truncate(&a, pool, 32);
    ck_assert_uint_eq(a.n_pages, 1);
    ck_assert_ok(rec_kv_reserve(&b, pool, 65, err));
    rec_kv_clear(&a, pool);
    rec_kv_clear(&b, pool);
    ck_assert_uint_eq(rec_kv_pool_room(pool), 128);
    rec_kv_pool_free(pool);
    rec_kv_pool_free(NULL);
}
END_TEST

/* A shared page is copied when one of its owners writes to it; full pages stay shared. */
START_TEST(copy_on_write)
{
    rec_kv_pool *pool = pool_of(320);
    rec_kv a = {.pages = NULL}, b = {.pages = NULL};
    ck_assert_ok(rec_kv_reserve(&a, pool, 40, err));
    a.length = 40;
    a.pages[1][5] = 7.0f;
    ck_assert_ok(rec_kv_share(&b, pool, &a, 36, err));
    ck_assert_uint_eq(b.length, 36);
    ck_assert_ptr_eq(a.pages[0], b.pages[0]);
    ck_assert_ptr_eq(a.pages[1], b.pages[1]);
    ck_assert_uint_eq(rec_kv_pool_room(pool), 320 - 64);
    ck_assert_ok(rec_kv_reserve(&b, pool, 1, err));
    ck_assert_ptr_eq(a.pages[0], b.pages[0]);
    ck_assert_ptr_ne(a.pages[1], b.pages[1]);
    ck_assert_float_eq(b.pages[1][5], 7.0f);
    b.pages[1][5] = 8.0f;
    ck_assert_float_eq(a.pages[1][5], 7.0f);
    float *kept = a.pages[1];
    ck_assert_ok(rec_kv_reserve(&a, pool, 1, err)); /* sole owner now: nothing to copy */
    ck_assert_ptr_eq(a.pages[1], kept);
    rec_kv_clear(&a, pool);
    ck_assert_float_eq(b.pages[1][5], 8.0f); /* the first page lives on with its other owner */
    rec_kv_clear(&b, pool);
    rec_kv_pool_free(pool);
}
END_TEST

START_TEST(sharing_whole_pages_copies_nothing)
{
    rec_kv_pool *pool = pool_of(96);
    rec_kv a = {.pages = NULL}, b = {.pages = NULL};
    ck_assert_ok(rec_kv_reserve(&a, pool, 32, err));
    a.length = 32;
    ck_assert_ok(rec_kv_share(&b, pool, &a, 32, err));
    ck_assert_ok(rec_kv_reserve(&b, pool, 1, err));
    ck_assert_ptr_eq(a.pages[0], b.pages[0]);
    ck_assert_uint_eq(rec_kv_pool_room(pool), 32);
    rec_kv_clear(&b, pool);
    rec_kv_clear(&a, pool);
    rec_kv_pool_free(pool);
}
END_TEST

START_TEST(new_pages_are_zero)
{
    rec_kv_pool *pool = pool_of(32);
    rec_kv a = {.pages = NULL};
    ck_assert_ok(rec_kv_reserve(&a, pool, 1, err));
    for (size_t i = 0; i < PAGE_FLOATS; i++)
        ck_assert_float_eq(a.pages[0][i], 0);
    rec_kv_clear(&a, pool);
    rec_kv_pool_free(pool);
}
END_TEST

REC_SUITE("models/lm/kv_cache", tcase_add_test(t, sizes); tcase_add_test(t, pages_come_and_go);
          tcase_add_test(t, copy_on_write); tcase_add_test(t, sharing_whole_pages_copies_nothing);
          tcase_add_test(t, new_pages_are_zero);)
