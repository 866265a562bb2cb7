/* Who may ask. */
#include "harness/serve/api_key.h"

#include "tests/suite.h"

START_TEST(keys)
{
    ck_assert(rec_api_key_allows(NULL, NULL, NULL));
    ck_assert(rec_api_key_allows("anything", NULL, NULL));
    ck_assert(rec_api_key_allows("Bearer abc", NULL, "abc"));
    ck_assert(rec_api_key_allows("bearer   abc", NULL, "abc"));
    ck_assert(!rec_api_key_allows(NULL, NULL, "abc"));
    ck_assert(!rec_api_key_allows("", NULL, "abc"));
    ck_assert(!rec_api_key_allows("abc", NULL, "abc"));
    ck_assert(!rec_api_key_allows("Bearer", NULL, "abc"));
    ck_assert(!rec_api_key_allows("Bearer ", NULL, "abc"));
    ck_assert(!rec_api_key_allows("Bearer ab", NULL, "abc"));
    ck_assert(!rec_api_key_allows("Bearer abcd", NULL, "abc"));
    ck_assert(!rec_api_key_allows("Basic abc", NULL, "abc"));
    ck_assert(rec_api_key_allows(NULL, "abc", "abc"));
    ck_assert(rec_api_key_allows("Basic abc", "abc", "abc"));
    ck_assert(!rec_api_key_allows(NULL, "abcd", "abc"));
    ck_assert(!rec_api_key_allows(NULL, "Bearer abc", "abc"));
    ck_assert(!rec_api_key_allows("Bearer ab", "abc", "abc"));
}
END_TEST

REC_SUITE("harness/serve/api_key", tcase_add_test(t, keys);)
