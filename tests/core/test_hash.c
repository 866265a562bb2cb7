/* SHA-256 vectors of FIPS 180-4's examples; FNV-1a vectors of the authors' test suite. */
#include <string.h>

#include "core/hash.h"
#include "tests/folder.h"
#include "tests/suite.h"

#define ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define TWO_BLOCKS "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
#define EMPTY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

START_TEST(fips_vectors)
{
    char hex[REC_SHA256_HEX];
    ck_assert_ok(rec_sha256_bytes(hex, "abc", 3, err));
    ck_assert_str_eq(hex, ABC);
    ck_assert_ok(rec_sha256_bytes(hex, NULL, 0, err));
    ck_assert_str_eq(hex, EMPTY);
    const char *two_blocks = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
    ck_assert_ok(rec_sha256_bytes(hex, two_blocks, strlen(two_blocks), err));
    ck_assert_str_eq(hex, TWO_BLOCKS);
}
END_TEST

START_TEST(growing_content)
{
    char hex[REC_SHA256_HEX];
    rec_sha256 *h;
    ck_assert_ok(rec_sha256_new(&h, err));
    rec_sha256_update(h, "a", 1);
    rec_sha256_update(h, "", 0);
    rec_sha256_update(h, "bc", 2);
    rec_sha256_finish(hex, h);
    ck_assert_str_eq(hex, ABC);
    ck_assert_ok(rec_sha256_new(&h, err));
    rec_sha256_finish(NULL, h); /* just frees */
    rec_sha256_finish(NULL, NULL);
}
END_TEST

static void hash_pair(char hex[REC_SHA256_HEX], const char *a, const char *b)
{
    rec_sha256 *h;
    ck_assert_ok(rec_sha256_new(&h, err));
    rec_sha256_update_string(h, a);
    rec_sha256_update_string(h, b);
    rec_sha256_finish(hex, h);
}

START_TEST(strings_are_length_prefixed)
{
    char one[REC_SHA256_HEX], two[REC_SHA256_HEX], three[REC_SHA256_HEX];
    hash_pair(one, "ab", "c");
    hash_pair(two, "a", "bc");
    hash_pair(three, "ab", "c");
    ck_assert_str_ne(one, two);
    ck_assert_str_eq(one, three);
    /* two strings of one byte: 01 00.. 'a' 01 00.. 'b' */
    char expected[REC_SHA256_HEX];
    ck_assert_ok(rec_sha256_bytes(expected, "\1\0\0\0\0\0\0\0a\1\0\0\0\0\0\0\0b", 18, err));
    hash_pair(one, "a", "b");
    ck_assert_str_eq(one, expected);
}
END_TEST

START_TEST(of_a_file)
{
    char hex[REC_SHA256_HEX];
    test_write("abc", "abc", 3);
    ck_assert_ok(rec_sha256_file(hex, test_path("abc"), err));
    ck_assert_str_eq(hex, ABC);
    test_write("empty", "", 0);
    ck_assert_ok(rec_sha256_file(hex, test_path("empty"), err));
    ck_assert_str_eq(hex, EMPTY);
    ck_assert_fails(rec_sha256_file(hex, test_path("no"), err), REC_ERR_DATA, "cannot open");
}
END_TEST

START_TEST(fnv1a_vectors)
{
    ck_assert_uint_eq(rec_fnv1a("", 0), 0xcbf29ce484222325u);
    ck_assert_uint_eq(rec_fnv1a("a", 1), 0xaf63dc4c8601ec8cu);
    ck_assert_uint_eq(rec_fnv1a("foobar", 6), 0x85944171f73967e8u);
}
END_TEST

REC_SUITE("core/hash", tcase_add_checked_fixture(t, test_folder, test_folder_remove);
          tcase_add_test(t, fips_vectors); tcase_add_test(t, growing_content);
          tcase_add_test(t, strings_are_length_prefixed); tcase_add_test(t, of_a_file);
          tcase_add_test(t, fnv1a_vectors);)
