#include "models/lm/token_trie.h"
#include "tests/failing_malloc.h"
#include "tests/suite.h"

static rec_status build_and_walk(rec_error *err)
{
    static const uint32_t a[] = {5, 6}, b[] = {5, 7}, end[] = {1}, separator[] = {2};
    static const uint32_t *const titles[] = {a, b};
    static const size_t lengths[] = {2, 2};
    static const uint32_t banned[] = {1};
    rec_token_trie *t = NULL;
    rec_constraint *c = NULL, *copy = NULL;
    rec_next_ids allowed;
    rec_status status = REC_OK;
    rec_trie_rules rules = {.open = REC_TRIE_NONE,
                            .end = end,
                            .n_end = 1,
                            .separator = separator,
                            .n_separator = 1,
                            .quota = 1,
                            .banned = banned,
                            .n_banned = 1};
    REC_TRY(rec_token_trie_new(&t, titles, lengths, 2, err));
    REC_TRY(rec_token_trie_start(&c, t, &rules, err));
    REC_TRY(rec_constraint_allowed(&allowed, c, err));
    REC_TRY(rec_constraint_advance(c, 5, err));
    REC_TRY(rec_constraint_clone(&copy, c, err));
    REC_TRY(rec_constraint_advance(copy, 6, err));
    REC_TRY(rec_constraint_advance(copy, 1, err));
cleanup:
    rec_constraint_free(copy);
    rec_constraint_free(c);
    rec_token_trie_free(t);
    return status;
}

START_TEST(every_allocation_may_fail)
{
    ck_assert_uint_gt(failing_malloc_exhaust(build_and_walk), 12);
}
END_TEST

REC_SUITE("models/lm/token_trie_alloc", tcase_add_test(t, every_allocation_may_fail);)
