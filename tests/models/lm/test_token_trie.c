/* Five titles over small tokens; two of them are the same, one is the beginning of another. */
#include <string.h>

#include "models/lm/token_trie.h"
#include "tests/suite.h"

static const uint32_t toy_story[] = {10, 11}, toy_story_2[] = {10, 11, 12}, heat[] = {20},
                      toy_soldiers[] = {10, 13};
static const uint32_t *const titles[] = {toy_story, toy_story_2, heat, toy_soldiers, heat};
static const size_t lengths[] = {2, 3, 1, 2, 1};
static const uint32_t end[] = {1}, separator[] = {2, 3};

static rec_token_trie *trie(void)
{
    rec_token_trie *t = NULL;
    ck_assert_ok(rec_token_trie_new(&t, titles, lengths, 5, err));
    return t;
}

static void assert_allowed(rec_constraint *c, size_t n, ...)
{
    rec_next_ids allowed = {.n = 99};
    va_list expected;
    ck_assert_ok(rec_constraint_allowed(&allowed, c, err));
    ck_assert(!allowed.free);
    ck_assert_uint_eq(allowed.n, n);
    va_start(expected, n);
    for (size_t i = 0; i < n; i++)
        ck_assert_uint_eq(allowed.ids[i], va_arg(expected, unsigned));
    va_end(expected);
}

static void go(rec_constraint *c, uint32_t id)
{
    ck_assert_ok(rec_constraint_advance(c, id, err));
}

static rec_constraint *start(const rec_token_trie *t, const rec_trie_rules *rules)
{
    rec_constraint *c = NULL;
    ck_assert_ok(rec_token_trie_start(&c, t, rules, err));
    return c;
}

START_TEST(sequences_are_found)
{
    rec_token_trie *t = trie();
    ck_assert_uint_eq(rec_token_trie_n_items(t), 5);
    ck_assert_uint_eq(rec_token_trie_n_nodes(t), 6); /* root, 10, 20, 11, 13, 12 */
    ck_assert_uint_eq(rec_token_trie_find(t, toy_story_2, 3), 1);
    ck_assert_uint_eq(rec_token_trie_find(t, heat, 1), 2); /* the lower of equal ones */
    ck_assert_uint_eq(rec_token_trie_find(t, toy_story, 1), REC_TRIE_NONE);
    ck_assert_uint_eq(rec_token_trie_find(t, (uint32_t[]){30}, 1), REC_TRIE_NONE);
    rec_token_trie_free(t);
}
END_TEST

START_TEST(one_bare_item)
{
    rec_token_trie *t = trie();
    rec_constraint *c = start(t, &(rec_trie_rules){.open = REC_TRIE_NONE, .end = end, .n_end = 1});
    assert_allowed(c, 2, 10, 20);
    go(c, 10);
    assert_allowed(c, 2, 11, 13);
    go(c, 11);
    assert_allowed(c, 2, 1, 12); /* ends here, or goes on */
    ck_assert_fails(rec_constraint_advance(c, 13, err), REC_ERR_MODEL, "token 13 is not allowed");
    go(c, 1);
    assert_allowed(c, 0); /* complete */
    size_t n;
    const uint32_t *written = rec_token_trie_written(c, &n);
    ck_assert_uint_eq(n, 1);
    ck_assert_uint_eq(written[0], 0);
    ck_assert_fails(rec_constraint_advance(c, 10, err), REC_ERR_MODEL, "not allowed");
    rec_constraint_free(c);
    rec_token_trie_free(t);
}
END_TEST

START_TEST(a_list_without_repeats)
{
    rec_token_trie *t = trie();
    rec_constraint *c = start(t, &(rec_trie_rules){.open = REC_TRIE_NONE,
                                                   .separator = separator,
                                                   .n_separator = 2,
                                                   .end = end,
                                                   .n_end = 1,
                                                   .min_items = 2,
                                                   .quota = 1});
    go(c, 20);
    assert_allowed(c, 1, 2); /* one item is not enough */
    go(c, 2);
    assert_allowed(c, 1, 3);
    go(c, 3);
    assert_allowed(c, 1, 10); /* heat is used up, under both its items */
    go(c, 10);
    go(c, 13);
    assert_allowed(c, 2, 1, 2);
    go(c, 2);
    go(c, 3);
    go(c, 10);
    assert_allowed(c, 1, 11);
    go(c, 11);
    go(c, 12);
    go(c, 2);
    go(c, 3);
    go(c, 10);
    go(c, 11);
    assert_allowed(c, 1, 1); /* its longer title is used up, and nothing is left for another */
    size_t n;
    rec_token_trie_written(c, &n);
    ck_assert_uint_eq(n, 3);
    rec_constraint_free(c);
    rec_token_trie_free(t);
}
END_TEST

START_TEST(quotas_count_per_item)
{
    rec_token_trie *t = trie();
    rec_constraint *c = start(t, &(rec_trie_rules){.open = REC_TRIE_NONE,
                                                   .separator = separator,
                                                   .n_separator = 1,
                                                   .end = end,
                                                   .n_end = 1,
                                                   .max_items = 4,
                                                   .quota = 2});
    for (int i = 0; i < 2; i++) {
        go(c, 20);
        go(c, 2);
    }
    assert_allowed(c, 1, 10);
    go(c, 10);
    go(c, 13);
    go(c, 2);
    go(c, 10);
    go(c, 13);
    assert_allowed(c, 1, 1); /* the fourth item is the last */
    rec_constraint_free(c);
    rec_token_trie_free(t);
}
END_TEST

START_TEST(banned_items)
{
    static const uint32_t history[] = {4, 0}; /* heat and the first film, not its sequel */
    rec_token_trie *t = trie();
    rec_trie_rules rules = {
        .open = REC_TRIE_NONE, .end = end, .n_end = 1, .banned = history, .n_banned = 2};
    rec_constraint *c = start(t, &rules);
    assert_allowed(c, 1, 10);
    go(c, 10);
    go(c, 11);
    assert_allowed(c, 1, 12); /* may not end here */
    rec_constraint_free(c);
    static const uint32_t all[] = {0, 1, 2, 3, 4};
    rules.banned = all;
    rules.n_banned = 5;
    ck_assert_fails(rec_token_trie_start(&c, t, &rules, err), REC_ERR_CONFIG,
                    "all items are banned");
    ck_assert_ptr_null(c);
    static const uint32_t unknown[] = {5};
    rules.banned = unknown;
    rules.n_banned = 1;
    ck_assert_fails(rec_token_trie_start(&c, t, &rules, err), REC_ERR_CONFIG, "banned item 5 of 5");
    rec_token_trie_free(t);
}
END_TEST

START_TEST(marked_items_in_free_text)
{
    rec_next_ids allowed;
    rec_token_trie *t = trie();
    rec_constraint *c = start(t, &(rec_trie_rules){.open = 7, .close = 8, .quota = 1});
    for (uint32_t id = 0; id < 5; id++) {
        ck_assert_ok(rec_constraint_allowed(&allowed, c, err));
        ck_assert(allowed.free && rec_next_ids_has(&allowed, 12345));
        go(c, id);
    }
    go(c, 7);
    assert_allowed(c, 2, 10, 20);
    go(c, 20);
    assert_allowed(c, 1, 8);
    go(c, 8);
    go(c, 99);
    go(c, 7);
    assert_allowed(c, 1, 10); /* no repeats within the text */
    rec_constraint_free(c);
    rec_token_trie_free(t);
}
END_TEST

START_TEST(clones_are_independent)
{
    rec_token_trie *t = trie();
    rec_constraint *copy = NULL, *c = start(t, &(rec_trie_rules){.open = REC_TRIE_NONE,
                                                                 .separator = separator,
                                                                 .n_separator = 1,
                                                                 .end = end,
                                                                 .n_end = 1,
                                                                 .quota = 1});
    go(c, 20);
    go(c, 2);
    ck_assert_ok(rec_constraint_clone(&copy, c, err));
    go(c, 10);
    go(c, 13);
    go(c, 1);
    assert_allowed(c, 0);
    assert_allowed(copy, 1, 10);
    rec_constraint_free(c);
    go(copy, 10);
    assert_allowed(copy, 2, 11, 13);
    rec_constraint_free(copy);
    rec_constraint_free(NULL);
    rec_token_trie_free(t);
}
END_TEST

/* 3,000 titles of up to six tokens, inserted in any order, give the same tree. */
START_TEST(order_does_not_matter)
{
    enum { N = 3000 };
    static uint32_t ids[N][6];
    static const uint32_t *forwards[N], *backwards[N];
    static size_t sizes[N], sizes_backwards[N];
    rec_token_trie *a = NULL, *b = NULL;
    for (size_t i = 0; i < N; i++) {
        sizes[i] = 2 + i % 5;
        for (size_t j = 0; j < sizes[i]; j++)
            ids[i][j] = (uint32_t)((i >> (2 * j)) * 7 % 50);
        forwards[i] = ids[i];
    }
    for (size_t i = 0; i < N; i++) {
        backwards[i] = forwards[N - 1 - i];
        sizes_backwards[i] = sizes[N - 1 - i];
    }
    ck_assert_ok(rec_token_trie_new(&a, forwards, sizes, N, err));
    ck_assert_ok(rec_token_trie_new(&b, backwards, sizes_backwards, N, err));
    ck_assert_uint_eq(rec_token_trie_n_nodes(a), rec_token_trie_n_nodes(b));
    for (size_t i = 0; i < N; i++) {
        uint32_t found = rec_token_trie_find(a, ids[i], sizes[i]);
        ck_assert_uint_le(found, i);
        ck_assert_uint_eq(sizes[found], sizes[i]);
        ck_assert_mem_eq(ids[found], ids[i], sizes[i] * sizeof ids[i][0]);
    }
    rec_token_trie_free(a);
    rec_token_trie_free(b);
}
END_TEST

START_TEST(what_cannot_be)
{
    rec_token_trie *t = NULL;
    rec_constraint *c = NULL;
    static const size_t empty[] = {2, 0, 1, 2, 1};
    ck_assert_fails(rec_token_trie_new(&t, titles, empty, 5, err), REC_ERR_DATA,
                    "item 1 has no tokens");
    ck_assert_fails(rec_token_trie_new(&t, titles, lengths, 0, err), REC_ERR_CONFIG, "0 items");
    t = trie();
    rec_trie_rules rules = {.open = REC_TRIE_NONE};
    ck_assert_fails(rec_token_trie_start(&c, t, &rules, err), REC_ERR_CONFIG, "no end token");
    rec_token_trie_free(t);
    rec_token_trie_free(NULL);
}
END_TEST

REC_SUITE("models/lm/token_trie", tcase_add_test(t, sequences_are_found);
          tcase_add_test(t, one_bare_item); tcase_add_test(t, a_list_without_repeats);
          tcase_add_test(t, quotas_count_per_item); tcase_add_test(t, banned_items);
          tcase_add_test(t, marked_items_in_free_text); tcase_add_test(t, clones_are_independent);
          tcase_add_test(t, order_does_not_matter); tcase_add_test(t, what_cannot_be);)
