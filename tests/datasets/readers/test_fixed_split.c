#include "tests/datasets/data.h"

/* Item 5 occurs in the test file alone and belongs to the catalogue. */
START_TEST(triples_and_lists)
{
    data_put("x.train.rating", "1\t9\t4\n2\t10\t5\n1\t10\t3\n");
    data_put("x.test.rating", "1 5 11\n");
    rec_dataset *d = data_load("{type: fixed_split, path: '@', filter: {binarise: true}}");
    ck_assert_uint_eq(d->n_users, 2);
    ck_assert_uint_eq(d->catalogue.n_items, 4);
    static const uint32_t items[] = {1, 2, 0, 3, 2};
    static const uint8_t parts[] = {1, 1, 4, 4, 1};
    ck_assert_mem_eq(d->interactions.item, items, sizeof items);
    ck_assert_mem_eq(d->part, parts, sizeof parts);
    ck_assert_ptr_null(d->interactions.value);
    ck_assert_double_eq(data_rule(d, "test_items_unseen"), 2);
    ck_assert_double_eq(data_rule(d, "test_users"), 1);
    rec_dataset_free(d);
}
END_TEST

START_TEST(named_files_and_formats)
{
    data_put("a", "1 9\n1 10\n");
    data_put("b", "1 11\n");
    data_put("c", "1 12 1\n");
    rec_dataset *d = data_load(
        "{type: fixed_split, path: '@', train: a, valid: b, test: c, test_format: triples}");
    static const uint8_t parts[] = {1, 1, 2, 4};
    ck_assert_mem_eq(d->part, parts, sizeof parts);
    rec_dataset_free(d);
    ck_assert_fails(data_try(&d, "{type: fixed_split, path: '@', train: a}", err), REC_ERR_DATA,
                    "no *.test.rating file; name one in `test`");
    data_put("bad", "1\n");
    ck_assert_fails(data_try(&d, "{type: fixed_split, path: '@', train: bad, test: c}", err),
                    REC_ERR_DATA, "bad:1: 1 fields");
    data_put("bad", "");
    ck_assert_fails(data_try(&d, "{type: fixed_split, path: '@', train: bad, test: c}", err),
                    REC_ERR_DATA, "bad:1: 0 fields");
}
END_TEST

REC_SUITE("datasets/readers/fixed_split", tcase_add_checked_fixture(t, data_setup, data_teardown);
          tcase_add_test(t, triples_and_lists); tcase_add_test(t, named_files_and_formats);)
