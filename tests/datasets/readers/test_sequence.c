#include "tests/datasets/data.h"

START_TEST(attributes_and_candidates)
{
    data_put("s.txt", "1 10 20 30 40\n2 10 30 20\n");
    data_put("a.json", "{\"10\": [1, 2], \"40\": [3], \"99\": [1]}");
    data_put("n.txt", "1 10 20\n2 40\n");
    rec_dataset *d =
        data_load("{type: sequence, path: '@/s.txt', attributes: a.json, negative_samples: n.txt}");
    ck_assert_uint_eq(d->catalogue.n_items, 4);
    const rec_column *c = rec_catalogue_column(&d->catalogue, "attributes");
    ck_assert_str_eq(c->texts[2], "3");
    ck_assert_double_eq(data_rule(d, "metadata_of_unknown_items"), 1);
    ck_assert_uint_eq(d->negatives->start[2], 3);
    ck_assert_double_eq(data_rule(d, "in_history"), 2);
    static const uint8_t parts[] = {1, 1, 2, 4, 1, 2, 4};
    ck_assert_mem_eq(d->part, parts, 7);
    rec_dataset_free(d);
    data_put("n.txt", "1 10 40\n"); /* 40 is user 1's test item */
    ck_assert_fails(data_try(&d, "{type: sequence, path: '@/s.txt', negative_samples: n.txt}", err),
                    REC_ERR_DATA, "contain \"40\", one of the user's own test items");
}
END_TEST

START_TEST(declared_catalogue)
{
    rec_dataset *d;
    data_put("s.txt", "1 10 20 30\n2 10 31 20\n");
    data_put("items.jsonl", "{\"id\": 10, \"title\": \"A\"}\n{\"id\": 20}\n{\"id\": 30}\n");
    ck_assert_fails(data_try(&d, "{type: sequence, path: '@/s.txt', items: items.jsonl}", err),
                    REC_ERR_DATA, "s.txt:2:6: item \"31\" is not in the catalogue (1 unknown");
    ck_assert_fails(data_try(&d, "{type: sequence, path: '@/s.txt', items: nope.jsonl}", err),
                    REC_ERR_DATA, "nope.jsonl: no such file");
    ck_assert_fails(data_try(&d, "{type: sequence, path: '@/nope.txt'}", err), REC_ERR_DATA,
                    "cannot open");
}
END_TEST

REC_SUITE("datasets/readers/sequence", tcase_add_checked_fixture(t, data_setup, data_teardown);
          tcase_add_test(t, attributes_and_candidates); tcase_add_test(t, declared_catalogue);)
