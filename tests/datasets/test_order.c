#include "tests/datasets/data.h"

#include "datasets/order.h"

static rec_order order_of(const char *a, const char *b, const char *c)
{
    char *names[] = {(char *)a, (char *)b, (char *)c};
    rec_string_list list = {.items = names, .n = c != NULL ? 3 : b != NULL ? 2 : a != NULL ? 1 : 0};
    rec_order order;
    ck_assert_ok(rec_order_parse(&order, &list, err));
    return order;
}

/* Times 5 5 3 5; items (by dense index) 2 0 1 0. */
static rec_dataset *four_rows(unsigned carried)
{
    static const data_row rows[] = {{"u", "c", 1, 5, REC_PART_TRAIN},
                                    {"u", "a", 2, 5, REC_PART_VALID},
                                    {"u", "b", 3, 3, REC_PART_TEST},
                                    {"u", "a", 4, 5, REC_PART_NONE}};
    return data_of_rows(rows, 4, carried);
}

static void check(rec_order order, const float expected[4], const uint8_t parts[4])
{
    rec_dataset *d = four_rows(REC_ROWS_VALUE | REC_ROWS_TIME | REC_ROWS_PART);
    ck_assert_ok(rec_dataset_order(d, &order, err));
    ck_assert_mem_eq(d->interactions.value, expected, 4 * sizeof *expected);
    ck_assert_mem_eq(d->part, parts, 4);
    ck_assert_double_eq(d->interactions.time[0], order.keys[0] == REC_ORDER_TIME ? 3 : 5);
    rec_dataset_free(d);
}

START_TEST(keys_decide_one_after_the_other)
{
    check(order_of("time", "file", NULL), (const float[]){3, 1, 2, 4},
          (const uint8_t[]){4, 1, 2, 0});
    check(order_of("time", NULL, NULL), (const float[]){3, 1, 2, 4}, (const uint8_t[]){4, 1, 2, 0});
    check(order_of("time", "item", NULL), (const float[]){3, 2, 4, 1},
          (const uint8_t[]){4, 2, 0, 1});
    check(order_of("file", NULL, NULL), (const float[]){1, 2, 3, 4}, (const uint8_t[]){1, 2, 4, 0});
    check(order_of("item", "time", NULL), (const float[]){2, 4, 3, 1},
          (const uint8_t[]){2, 0, 4, 1});
}
END_TEST

START_TEST(without_times_the_file_decides)
{
    rec_dataset *d = four_rows(REC_ROWS_VALUE);
    rec_order order = order_of("time", "file", NULL);
    ck_assert_ok(rec_dataset_order(d, &order, err));
    ck_assert_float_eq(d->interactions.value[0], 1);
    ck_assert_float_eq(d->interactions.value[3], 4);
    rec_dataset_free(d);
}
END_TEST

START_TEST(unknown_and_repeated_keys)
{
    rec_order order;
    char *unknown[] = {"size"}, *twice[] = {"time", "time"};
    rec_string_list list = {.items = unknown, .n = 1};
    ck_assert_fails(rec_order_parse(&order, &list, err), REC_ERR_CONFIG, "unknown key \"size\"");
    list = (rec_string_list){.items = twice, .n = 2};
    ck_assert_fails(rec_order_parse(&order, &list, err), REC_ERR_CONFIG, "\"time\" twice");
    ck_assert_str_eq(rec_order_key_name(REC_ORDER_ITEM), "item");
}
END_TEST

REC_SUITE("datasets/order", tcase_add_test(t, keys_decide_one_after_the_other);
          tcase_add_test(t, without_times_the_file_decides);
          tcase_add_test(t, unknown_and_repeated_keys);)
