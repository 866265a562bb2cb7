/* Who may ask. */
#include "harness/serve/api_key.h"

#include "tests/suite.h"

START_TEST(keys)
{
    ck_assert(rec_api_key_allows(NULL, NULL));
    ck_assert(rec_api_key_allows("anything", NULL));
    ck_assert(rec_api_key_allows("Bearer abc", "abc"));
    ck_assert(rec_api_key_allows("bearer   abc", "abc"));
    ck_assert(!rec_api_key_allows(NULL, "abc"));
    ck_assert(!rec_api_key_allows("", "abc"));
    ck_assert(!rec_api_key_allows("abc", "abc"));
    ck_assert(!rec_api_key_allows("Bearer", "abc"));
    ck_assert(!rec_api_key_allows("Bearer ", "abc"));
    ck_assert(!rec_api_key_allows("Bearer ab", "abc"));
    ck_assert(!rec_api_key_allows("Bearer abcd", "abc"));
    ck_assert(!rec_api_key_allows("Basic abc", "abc"));
}
END_TEST

REC_SUITE("harness/serve/api_key", tcase_add_test(t, keys);)
