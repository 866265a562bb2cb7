/* Every allocation of a load fails once: through readers of files, JSON and generated data, filters,
 * splits, candidates, statistics and export. */
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
    rec_yaml *map;
    ck_assert_ok(rec_yaml_parse(&map, yaml, strlen(yaml), "test.yaml", err));
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
          tcase_add_test(t, csv); tcase_add_test(t, export);)
