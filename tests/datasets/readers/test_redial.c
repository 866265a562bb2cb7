#include "tests/datasets/data.h"

static void put_folder(void)
{
    data_put("id2info.json",
             "{\"10\": {\"name\": \"Up (2009)\", \"genre\": [\"a\", \"b\"], \"plot\": \"p\"},\n"
             "\"9\": {\"name\": \"It (2017)\", \"genre\": []}}");
    data_put(
        "valid_data.jsonl",
        "{\"conversationId\": \"c1\", \"initiatorWorkerId\": 5, \"respondentWorkerId\": 6, "
        "\"movieMentions\": "
        "{\"77\": \"New  (2001)\"}, \"initiatorQuestions\": {\"10\": {\"liked\": 1}, \"9\": "
        "{\"liked\": 0}, \"77\": "
        "{\"liked\": 1}}, \"messages\": [{\"senderWorkerId\": 6, \"text\": \"Try @10 or @8!\"}, "
        "{\"senderWorkerId\": 5, \"text\": \"ok\"}]}\n"
        "{\"conversationId\": \"c2\", \"initiatorWorkerId\": 5, \"initiatorQuestions\": [], "
        "\"messages\": []}\n");
    data_put("test_data_processed.jsonl", "{\"dialog_id\": \"d\", \"turn_id\": 3, \"context\": "
                                          "[\"hi\", \"yes\"], \"entity\": [\"It\"], \"rec\": "
                                          "[\"It (2017)\", \"Gone\"], \"resp\": \"see It\"}\n");
}

START_TEST(tables_and_likes)
{
    put_folder();
    rec_dataset *d = data_load("{type: redial, path: '@', split: {type: none}}");
    ck_assert_uint_eq(d->catalogue.n_items, 3);
    ck_assert_str_eq(d->catalogue.titles[0], "It (2017)");
    ck_assert_str_eq(d->catalogue.titles[2], "New  (2001)");
    static const uint32_t items[] = {1, 2};
    ck_assert_uint_eq(d->interactions.n, 2);
    ck_assert_mem_eq(d->interactions.item, items, sizeof items);
    ck_assert_str_eq(d->user_ids[0], "5");
    const rec_table *m = rec_dataset_table(d, "messages"), *t = rec_dataset_table(d, "turns");
    ck_assert_uint_eq(m->n_rows, 2);
    ck_assert_str_eq(rec_table_column(m, "sender")->text[0], "recommender");
    ck_assert_str_eq(rec_table_column(m, "sender")->text[1], "seeker");
    ck_assert_uint_eq(rec_table_column(m, "items")->start[1], 1); /* @8 is no item */
    ck_assert_str_eq(rec_table_column(m, "items")->texts[0], "10");
    ck_assert_str_eq(rec_table_column(t, "targets")->texts[0], "9");
    ck_assert_uint_eq(rec_table_column(t, "targets")->start[1], 1);
    ck_assert_uint_eq(rec_table_column(t, "context")->start[1], 2);
    ck_assert_double_eq(rec_table_column(t, "turn_id")->number[0], 3);
    ck_assert_double_eq(data_rule(d, "targets_without_item"), 1);
    ck_assert_double_eq(data_rule(d, "dialogues_without_answers"), 1);
    rec_dataset_free(d);
}
END_TEST

START_TEST(tables_alone)
{
    put_folder();
    rec_dataset *d = data_load("{type: redial, path: '@', likes: false}");
    ck_assert_uint_eq(d->interactions.n, 0);
    ck_assert_uint_eq(d->n_users, 0);
    ck_assert_ptr_nonnull(strstr(d->rules, "\"split\":{\"type\":\"none\""));
    rec_dataset_free(d);
}
END_TEST

START_TEST(bad_dialogues)
{
    rec_dataset *d;
    static const char yaml[] = "{type: redial, path: '@'}";
    ck_assert_fails(data_try(&d, yaml, err), REC_ERR_DATA, "id2info.json: no such file");
    put_folder();
    data_put("valid_data.jsonl", "{\"conversationId\": \"c\", \"initiatorWorkerId\": 5}\n");
    ck_assert_fails(data_try(&d, yaml, err), REC_ERR_DATA,
                    "valid_data.jsonl:1: messages: not a list");
    data_put("valid_data.jsonl", "{\"initiatorWorkerId\": 5}\n");
    ck_assert_fails(data_try(&d, yaml, err), REC_ERR_DATA, "valid_data.jsonl:1:");
    put_folder();
    data_put("test_data_processed.jsonl",
             "{\"dialog_id\": \"d\", \"turn_id\": 3, \"rec\": [5], \"resp\": \"\"}\n");
    ck_assert_fails(data_try(&d, yaml, err), REC_ERR_DATA,
                    "test_data_processed.jsonl:1: rec: not a list of titles");
}
END_TEST

REC_SUITE("datasets/readers/redial", tcase_add_checked_fixture(t, data_setup, data_teardown);
          tcase_add_test(t, tables_and_likes); tcase_add_test(t, tables_alone);
          tcase_add_test(t, bad_dialogues);)
