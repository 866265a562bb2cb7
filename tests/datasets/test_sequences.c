#include "tests/datasets/data.h"

#include "datasets/sequences.h"

static rec_builder *builder(void)
{
    rec_builder *b;
    ck_assert_ok(rec_builder_new(&b, err));
    return b;
}

static size_t count_of(const rec_builder *b, const char *name)
{
    for (size_t i = 0; i < rec_builder_n_counts(b); i++) {
        size_t n;
        if (strcmp(rec_builder_count_at(&n, b, i), name) == 0)
            return n;
    }
    return 0;
}

START_TEST(lines_and_pairs)
{
    rec_builder *b = builder();
    rec_dataset *d;
    rec_sequence_rules rules = {.declared = false};
    ck_assert_ok(rec_sequences_read(b, data_put("s.txt", "u 3 1\r\nv 2\nu 2\n"), &rules, err));
    ck_assert_uint_eq(count_of(b, "lines_of_known_users"), 1);
    ck_assert_uint_eq(count_of(b, "crlf_lines"), 1);
    ck_assert_ok(rec_stored_negatives_read(b, data_put("n.txt", "v 1 9\nw 3 3\n"), &rules, err));
    ck_assert_uint_eq(count_of(b, "items_only_in_negatives"), 1);
    ck_assert_uint_eq(count_of(b, "negatives_of_unknown_users"), 2);
    ck_assert_ok(rec_builder_finish(&d, b, err));
    static const uint32_t items[] = {2, 0, 1, 1}; /* u: 3 1 2, v: 2 */
    ck_assert_mem_eq(d->interactions.item, items, sizeof items);
    ck_assert_uint_eq(d->catalogue.n_items, 4);
    ck_assert_uint_eq(d->negatives->start[1], 0);
    ck_assert_uint_eq(d->negatives->item[0], 0);
    ck_assert_uint_eq(d->negatives->item[1], 3);
    rec_builder_free(b);
    rec_dataset_free(d);
}
END_TEST

START_TEST(errors_have_a_place)
{
    rec_builder *b = builder();
    rec_sequence_rules open = {.declared = false}, strict = {.declared = true, .users_only = true};
    uint32_t item;
    ck_assert_fails(rec_sequences_read(b, data_put("s", ""), &open, err), REC_ERR_DATA,
                    "empty file");
    ck_assert_fails(rec_sequences_read(b, data_put("s", "a 1\nb\n"), &open, err), REC_ERR_DATA,
                    "s:2: a user and no items");
    ck_assert_ok(rec_builder_item(&item, b, "1", 1, err));
    ck_assert_fails(rec_sequences_read(b, data_put("s", "a 1\nb 1 77 78\nc 77\n"), &strict, err),
                    REC_ERR_DATA, "s:2:5: item \"77\" is not in the catalogue (3 unknown items");
    ck_assert_fails(rec_stored_negatives_read(b, data_put("s", "zz 1\n"), &strict, err),
                    REC_ERR_DATA, "s:1:1: user \"zz\" has candidates and no sequence");
    ck_assert_fails(rec_stored_negatives_read(b, data_put("s", "a 1 5\n"), &strict, err),
                    REC_ERR_DATA, "s:1:5: item \"5\"");
    rec_builder_free(b);
}
END_TEST

REC_SUITE("datasets/sequences", tcase_add_checked_fixture(t, data_setup, data_teardown);
          tcase_add_test(t, lines_and_pairs); tcase_add_test(t, errors_have_a_place);)
