#include "tests/datasets/data.h"

static const char inter_header[] = "user_id:token\titem_id_list:token_seq\titem_id:token\n";

static void put(const char *rows)
{
    char text[512];
    snprintf(text, sizeof text, "%s%s", inter_header, rows);
    data_put("x.inter", text);
    data_put("x.item",
             "item_id:token\ttitle:token_seq\n0\tIvan \"Ironman\" Stewart\n1\t\"Up\"\n2\tUp\n");
}

START_TEST(history_and_next_item)
{
    put("0\t2 1\t0\n1\t1\t2\n");
    rec_dataset *d = data_load("{type: llmrank, path: '@'}");
    static const uint32_t items[] = {2, 1, 0, 1, 2};
    static const uint8_t parts[] = {1, 1, 4, 1, 4};
    ck_assert_mem_eq(d->interactions.item, items, sizeof items);
    ck_assert_mem_eq(d->part, parts, sizeof parts);
    ck_assert_str_eq(d->catalogue.titles[0], "Ivan \"Ironman\" Stewart");
    ck_assert_str_eq(d->catalogue.titles[1], "\"Up\""); /* quotes belong to the title */
    rec_dataset_free(d);
    d = data_load("{type: llmrank, path: '@/x.inter'}");
    rec_dataset_free(d);
}
END_TEST

static void check_fails(const char *message)
{
    rec_dataset *d;
    ck_assert_fails(data_try(&d, "{type: llmrank, path: '@'}", err), REC_ERR_DATA, message);
}

START_TEST(bad_files)
{
    check_fails("no .inter file");
    put("");
    check_fails("a header and no interactions");
    put("0\t2 7\t0\n");
    check_fails("x.inter:2:3: item \"7\" is not in the title file");
    put("0\t2\t7\n");
    check_fails("x.inter:2:5: item \"7\" is not in the title file");
    put("0\t2\t1\n0\t1\t2\n");
    check_fails("x.inter:3:1: user \"0\" has two lines");
    put("0\t2\n");
    check_fails("x.inter:2: 2 fields, but 3");
    data_put("x.inter", "user_id:token\titem_id:token\n");
    check_fails("x.inter:1:15: header: item_id_list:token_seq is due here");
    data_put("x.inter", "");
    check_fails("x.inter: empty file");
    char path[512];
    snprintf(path, sizeof path, "%s/x.item", data_folder);
    unlink(path);
    check_fails("no .item file");
}
END_TEST

REC_SUITE("datasets/readers/llmrank", tcase_add_checked_fixture(t, data_setup, data_teardown);
          tcase_add_test(t, history_and_next_item); tcase_add_test(t, bad_files);)
