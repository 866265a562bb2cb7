#include <sys/stat.h>

#include "tests/datasets/data.h"

/* The folder of a collection; the one of its judgments goes with the test. */
static void put_folder(const char *corpus, const char *queries, const char *judgments)
{
    char path[512];
    snprintf(path, sizeof path, "%s/qrels", data_folder);
    mkdir(path, 0700);
    data_put("corpus.jsonl", corpus);
    data_put("queries.jsonl", queries);
    data_put("qrels/test.tsv", judgments);
}

static void teardown(void)
{
    static const char *const names[] = {"qrels/test.tsv", "qrels"};
    for (size_t i = 0; i < 2; i++) {
        char path[512];
        snprintf(path, sizeof path, "%s/%s", data_folder, names[i]);
        remove(path);
    }
    data_teardown();
}

static const char corpus[] =
    "{\"_id\": \"d1\", \"title\": \"Heat\", \"text\": \"a heist\", \"metadata\": {}}\n"
    "{\"_id\": \"d2\", \"title\": \"\", \"text\": \"a ship\", \"metadata\": {\"title\": \"Fog\"}}\n"
    "{\"_id\": 3, \"text\": \"no title\"}\n";
static const char queries[] =
    "{\"_id\": \"q1\", \"text\": \"ship\"}\n"
    "{\"_id\": \"q2\", \"text\": \"heist\", \"metadata\": {\"excluded\": [\"3\", \"d2\"]}}\n"
    "{\"_id\": \"q3\", \"text\": \"of another split\"}\n";
static const char judgments[] = "query-id\tcorpus-id\tscore\n"
                                "q1\td2\t1\nq1\td1\t0\nq2\td1\t2\nq9\t3\t1\n";
static const char yaml[] = "{type: beir, path: '@'}";

START_TEST(passages_queries_judgments)
{
    put_folder(corpus, queries, judgments);
    rec_dataset *d = data_load(yaml);
    const rec_table *q = rec_dataset_table(d, "queries"), *j = rec_dataset_table(d, "qrels");
    ck_assert_uint_eq(d->catalogue.n_items, 3);
    ck_assert_uint_eq(d->n_users, 0);
    uint32_t first = rec_dataset_item(d, "d1"), second = rec_dataset_item(d, "d2");
    ck_assert_str_eq(d->catalogue.titles[first], "Heat");
    ck_assert_str_eq(d->catalogue.titles[second], "Fog"); /* out of the metadata */
    ck_assert_str_eq(rec_catalogue_column(&d->catalogue, "text")->text[second], "a ship");
    ck_assert_uint_ne(rec_dataset_item(d, "3"), REC_NO_ITEM); /* a number is an id, too */
    ck_assert_uint_eq(q->n_rows, 2);                          /* q3 is judged nowhere */
    ck_assert_str_eq(rec_table_column(q, "id")->text[1], "q2");
    ck_assert_str_eq(rec_table_column(q, "query")->text[1], "heist");
    ck_assert_uint_eq(rec_table_column(q, "excluded")->start[1], 0);
    ck_assert_uint_eq(rec_table_column(q, "excluded")->start[2], 2);
    ck_assert_str_eq(rec_table_column(q, "excluded")->texts[0], "3");
    ck_assert_uint_eq(j->n_rows, 4);
    ck_assert_str_eq(rec_table_column(j, "query")->text[2], "q2");
    ck_assert_str_eq(rec_table_column(j, "item")->text[2], "d1");
    ck_assert_double_eq(rec_table_column(j, "level")->number[2], 2);
    ck_assert_double_eq(data_rule(d, "queries_without_judgment"), 1);
    ck_assert_double_eq(data_rule(d, "judged_queries_without_text"), 1); /* q9 */
    rec_dataset_free(d);
}
END_TEST

/* A file without its first line, as some collections have it. */
START_TEST(judgments_without_header)
{
    put_folder(corpus, queries, "q1\td2\t1\n");
    rec_dataset *d = data_load(yaml);
    ck_assert_uint_eq(rec_dataset_table(d, "qrels")->n_rows, 1);
    rec_dataset_free(d);
}
END_TEST

START_TEST(what_is_wrong)
{
    static const struct {
        const char *corpus, *queries, *judgments, *message;
    } cases[] = {
        {"{\"title\": \"x\", \"text\": \"\"}\n", queries, judgments, "corpus.jsonl:1: no \"_id\""},
        {"{\"_id\": \"d\"}\n", queries, judgments, "corpus.jsonl:1:"},
        {"{\"_id\": \"d\", \"text\": \"\"}\n{\"_id\": \"d\", \"text\": \"\"}\n", queries, judgments,
         "corpus.jsonl:2: passage \"d\" has two lines"},
        {corpus, "{\"_id\": \"q1\"}\n", judgments, "queries.jsonl:1:"},
        {corpus, "{\"_id\": \"q1\", \"text\": \"a\"}\n{\"_id\": \"q1\", \"text\": \"b\"}\n",
         judgments, "queries.jsonl:2: query \"q1\" has two lines"},
        {corpus, queries, "q1\td2\n", "test.tsv:1: 2 fields"},
        {corpus, queries, "q1\td7\t1\n", "test.tsv:1:4: passage \"d7\" is not in corpus.jsonl"},
        {corpus, queries, "q1\td2\tyes\n", "test.tsv:1:7:"},
        {corpus, queries, "query-id\tcorpus-id\tscore\n", "test.tsv: no judgment"},
    };
    rec_dataset *d;
    ck_assert_fails(data_try(&d, yaml, err), REC_ERR_DATA, "corpus.jsonl: no such file");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        put_folder(cases[i].corpus, cases[i].queries, cases[i].judgments);
        ck_assert_fails(data_try(&d, yaml, err), REC_ERR_DATA, cases[i].message);
    }
    put_folder(corpus, queries, judgments);
    ck_assert_fails(data_try(&d, "{type: beir, path: '@', qrels: dev}", err), REC_ERR_DATA,
                    "qrels/dev.tsv: no such file");
}
END_TEST

REC_SUITE("datasets/readers/beir", tcase_add_checked_fixture(t, data_setup, teardown);
          tcase_add_test(t, passages_queries_judgments);
          tcase_add_test(t, judgments_without_header); tcase_add_test(t, what_is_wrong);)
