/* Every allocation of a load fails once: through readers of files, JSON and generated data, filters,
 * splits, candidates, statistics and export. */
#include <sys/stat.h>

#include "tests/datasets/data.h"
#include "tests/failing_malloc.h"

#include "datasets/export.h"
#include "datasets/statistics.h"

static const rec_yaml *mapping;

static rec_status load_and_describe(rec_error *err)
{
    rec_dataset *d;
    rec_statistics s;
    rec_interactions train = {.n = 0}, by_item = {.n = 0};
    rec_status status = rec_dataset_load(&d, mapping, 1, err);
    if (status != REC_OK) {
        failing_malloc_check(d == NULL);
        return status;
    }
    status = rec_dataset_statistics(&s, d, err);
    if (status == REC_OK)
        status = rec_dataset_select(&train, d, REC_PART_TRAIN, err);
    if (status == REC_OK)
        status = rec_interactions_transpose(&by_item, &train, err);
    rec_interactions_deinit(&by_item);
    rec_interactions_deinit(&train);
    rec_dataset_free(d);
    return status;
}

static void exhaust(const char *yaml, size_t at_least)
{
    rec_yaml *map = data_mapping(yaml);
    mapping = map;
    ck_assert_uint_ge(failing_malloc_exhaust(load_and_describe), at_least);
    rec_yaml_free(map);
}

START_TEST(recbole)
{
    exhaust("{type: recbole, path: '" FIXTURES "recbole', filter: {duplicates: sum, k_core: 1}, "
            "negatives: {type: popularity, n: 3, allow_short: true}}",
            100);
}
END_TEST

START_TEST(recai_dir)
{
    exhaust("{type: recai_dir, path: '" FIXTURES "recai'}", 100);
}
END_TEST

START_TEST(synth)
{
    exhaust("{type: synth, users: 4, items: 9, topics: 2, classes: 2, mean_length: 6, "
            "split: {type: temporal}}",
            100);
}
END_TEST

START_TEST(csv)
{
    exhaust("{type: csv, path: '" FIXTURES "csv/log.csv', user: who, item: what, value: stars, "
            "time: when, items: things.csv, item_id: what, title: label, "
            "split: {type: ratio, scope: global, test: 0.3}}",
            60);
}
END_TEST

START_TEST(llmrank)
{
    data_put("x.inter", "user_id:token\titem_id_list:token_seq\titem_id:token\n0\t2 1\t0\n");
    data_put("x.item", "item_id:token\ttitle:token_seq\n0\ta\n1\tb\n2\tc\n");
    exhaust("{type: llmrank, path: '@'}", 60);
}
END_TEST

START_TEST(fixed_split)
{
    data_put("x.train.rating", "1\t9\t4\n2\t10\t5\n");
    data_put("x.test.rating", "1 5 11\n");
    exhaust("{type: fixed_split, path: '@', filter: {binarise: true, catalogue: interacted}}", 60);
}
END_TEST

START_TEST(sequence)
{
    data_put("s.txt", "1 10 20 30 40\n2 10 30 20\n");
    data_put("a.json", "{\"10\": [1, 2], \"40\": [3]}");
    data_put("n.txt", "1 10 20\n2 40\n");
    data_put("more.json", "{\"id\": 50, \"title\": \"new\", \"tags\": [\"a\"]}\n");
    exhaust("{type: sequence, path: '@/s.txt', attributes: a.json, negative_samples: n.txt, "
            "more_items: '@/more.json'}",
            60);
}
END_TEST

START_TEST(movielens)
{
    data_put("u.data", "1\t10\t4\t200\n1\t9\t3\t100\n1\t11\t5\t300\n");
    data_put("u.item",
             "9|Caf\xE9 (1995)|01-Jan-1995||http://x|0|1|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|1|0\n");
    data_put("u.user", "1|24|M|technician|85711\n");
    exhaust("{type: movielens, path: '@'}", 80);
}
END_TEST

START_TEST(amazon)
{
    data_put("r.json", "{\"reviewerID\": \"A1\", \"asin\": \"B2\", \"overall\": 5.0, "
                       "\"unixReviewTime\": 300, \"reviewText\": \"Yes.\"}\n");
    data_put("m.json", "{\"asin\": \"B2\", \"title\": \"One\", \"categories\": [[\"a\"]]}\n");
    exhaust("{type: amazon, path: '@/r.json', metadata: m.json, texts: true, split: {type: none}}",
            60);
}
END_TEST

START_TEST(redial)
{
    data_put("id2info.json", "{\"10\": {\"name\": \"Up (2009)\", \"genre\": [\"a\", \"b\"]}}");
    data_put("valid_data.jsonl",
             "{\"conversationId\": \"c1\", \"initiatorWorkerId\": 5, \"movieMentions\": {\"77\": "
             "\"New\"}, \"initiatorQuestions\": {\"10\": {\"liked\": 1}}, \"messages\": "
             "[{\"senderWorkerId\": 6, \"text\": \"Try @10!\"}]}\n");
    data_put("test_data_processed.jsonl",
             "{\"dialog_id\": \"d\", \"turn_id\": 3, \"context\": [\"hi\"], \"entity\": [\"It\"], "
             "\"rec\": [\"Up (2009)\"], \"resp\": \"see It\"}\n");
    exhaust("{type: redial, path: '@', split: {type: none}}", 80);
}
END_TEST

START_TEST(beir)
{
    char qrels[512];
    snprintf(qrels, sizeof qrels, "%s/qrels", data_folder);
    ck_assert_int_eq(mkdir(qrels, 0700), 0);
    data_put("corpus.jsonl", "{\"_id\": \"d\", \"title\": \"\", \"text\": \"a ship\"}\n");
    data_put("queries.jsonl", "{\"_id\": \"q\", \"text\": \"ship\", \"metadata\": {\"excluded\": "
                              "[\"d\"]}}\n{\"_id\": \"r\", \"text\": \"\"}\n");
    data_put("qrels/test.tsv", "query-id\tcorpus-id\tscore\nq\td\t1\n");
    exhaust("{type: beir, path: '@'}", 60);
    unlink(data_put("qrels/test.tsv", ""));
    rmdir(qrels);
}
END_TEST

static rec_dataset *exported;

static rec_status export_fixture(rec_error *err)
{
    return rec_dataset_export(exported, data_folder, "x", err);
}

START_TEST(export)
{
    exported = data_load("{type: recbole, path: '" FIXTURES "recbole'}");
    ck_assert_uint_ge(failing_malloc_exhaust(export_fixture), 5);
    rec_dataset_free(exported);
}
END_TEST

REC_SUITE("datasets/load_alloc", tcase_add_checked_fixture(t, data_setup, data_teardown);
          tcase_add_test(t, recbole); tcase_add_test(t, recai_dir); tcase_add_test(t, synth);
          tcase_add_test(t, csv); tcase_add_test(t, llmrank); tcase_add_test(t, fixed_split);
          tcase_add_test(t, sequence); tcase_add_test(t, movielens); tcase_add_test(t, amazon);
          tcase_add_test(t, redial); tcase_add_test(t, beir); tcase_add_test(t, export);)
