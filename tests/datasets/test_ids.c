#include "tests/suite.h"

#include <string.h>

#include "datasets/ids.h"

static void check_order(const char *const *ids, const char *const *expected, size_t n)
{
    uint32_t new_of_old[16];
    char *sorted[16];
    ck_assert_ok(rec_ids_order(new_of_old, (char *const *)ids, n, err));
    for (size_t i = 0; i < n; i++)
        sorted[new_of_old[i]] = (char *)ids[i];
    for (size_t i = 0; i < n; i++) {
        ck_assert_str_eq(sorted[i], expected[i]);
        ck_assert_uint_eq(rec_ids_find(sorted, n, expected[i]), i);
    }
    ck_assert_uint_eq(rec_ids_find(sorted, n, "12345"), UINT32_MAX);
    ck_assert_uint_eq(rec_ids_find(sorted, n, "zebra"), UINT32_MAX);
    ck_assert_uint_eq(rec_ids_find(sorted, n, ""), UINT32_MAX);
}

START_TEST(decimal_ids_are_numbers)
{
    static const char *const ids[] = {"100",
                                      "9",
                                      "10",
                                      "0",
                                      "007",
                                      "7",
                                      "123456789012345678901234567890",
                                      "99999999999999999999"};
    static const char *const expected[] = {"0",
                                           "007",
                                           "7",
                                           "9",
                                           "10",
                                           "100",
                                           "99999999999999999999",
                                           "123456789012345678901234567890"};
    check_order(ids, expected, 8);
}
END_TEST

START_TEST(one_other_id_makes_byte_order)
{
    static const char *const ids[] = {"100", "9", "B", "a", "10", "\xC3\xA9"};
    static const char *const expected[] = {"10", "100", "9", "B", "a", "\xC3\xA9"};
    check_order(ids, expected, 6);
    ck_assert_uint_eq(rec_ids_find(NULL, 0, "1"), UINT32_MAX);
}
END_TEST

REC_SUITE("datasets/ids", tcase_add_test(t, decimal_ids_are_numbers);
          tcase_add_test(t, one_other_id_makes_byte_order);)
