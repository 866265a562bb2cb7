/* Finding items by text: a table of queries (RecAI's folder) and texts of a column. */
#include <math.h>

#include "core/file.h"
#include "tests/harness/tasks/talking.h"

static void write_folder(void)
{
    static const char metadata[] =
        "{\"id\": \"a\", \"title\": \"Alien\", \"plot\": \"a monster in space\"}\n"
        "{\"id\": \"b\", \"title\": \"Babe\", \"plot\": \"a pig on a farm\"}\n"
        "{\"id\": \"c\", \"title\": \"Cube\", \"plot\": \"a maze of rooms\"}\n"
        "{\"id\": \"d\", \"title\": \"Dune\"}\n";
    static const char log[] = "u a b c\nv b c d\nw c a b\n";
    static const char queries[] = "query,target,candidates\nwho fights a monster,a,a|b\n"
                                  "animals and a farm,b,c|d|zz\nnobody knows,zz,a|b\n";
    test_write("metadata.json", metadata, sizeof metadata - 1);
    test_write("sequential_data.txt", log, sizeof log - 1);
    test_write("search_data.csv", queries, sizeof queries - 1);
}

static void search_with(talking *t, const char *tasks)
{
    char text[2048];
    snprintf(text, sizeof text,
             "name: s\ndataset: {type: recai_dir, path: \"%s\"}\n"
             "lms: {perfect: {backend: scripted}, refuse: {backend: scripted, role: refuse}}\n"
             "systems: [{type: bm25}, {name: perfect, type: lm, lm: perfect}, "
             "{name: refuse, type: lm, lm: refuse}]\ntasks: [%s]\n",
             test_path("."), tasks);
    *t = (talking){0};
    ck_assert_ok(rec_config_parse(&t->config, text, strlen(text), "t.yaml", NULL, err));
    ck_assert_ok(rec_run_open(&t->run, t->config, test_path("run"), (rec_run_flags){0}, err));
}

/* Query 3 asks for an item that is not there: skipped. BM25 finds "monster" and "farm" in the plots. */
START_TEST(a_table_of_queries)
{
    talking t;
    write_folder();
    search_with(&t, "{type: search, k: [1, 2], metrics: [hit, mrr], list: 2}");
    ck_assert_ok(rec_execute(&t.report, t.run, err));
    const rec_result *r = talk_result(&t, "search", "bm25");
    ck_assert_uint_eq(r->n_samples, 2);
    ck_assert_uint_eq(r->n_skipped, 1);
    ck_assert_str_eq(r->users[0], "query 1");
    ck_assert_double_eq(talk_mean(&t, "search", "bm25", "hit", 1), 1.0);
    ck_assert_double_eq(talk_mean(&t, "search", "perfect", "hit", 1), 1.0);
    ck_assert_double_eq(talk_mean(&t, "search", "refuse", "hit", 2), 0.0);
    ck_assert_ptr_nonnull(strstr(talk_text(&t, "search", "perfect", "prompt", 0), "a monster"));
    talk_end(&t);
}
END_TEST

/* The target joins candidates that lack it; an unknown candidate is counted. */
START_TEST(stored_candidates)
{
    talking t;
    const rec_sample_set *set;
    write_folder();
    search_with(&t, "{type: search, k: [1], metrics: [hit], stored_candidates: true}");
    ck_assert_ok(rec_run_samples(&set, t.run, 0, 0, err));
    ck_assert_uint_eq(set->samples[0].n_candidates, 2); /* a b */
    ck_assert_uint_eq(set->samples[1].n_candidates, 3); /* c d and the target b */
    ck_assert_uint_eq(set->samples[1].candidates[2], 1);
    talk_end(&t);
}
END_TEST

START_TEST(texts_of_a_column)
{
    talking t;
    write_folder();
    search_with(&t, "{type: search, column: plot, k: [1], metrics: [hit]}");
    ck_assert_ok(rec_execute(&t.report, t.run, err));
    ck_assert_uint_eq(talk_result(&t, "search", "bm25")->n_samples, 3); /* d has no plot */
    ck_assert_double_eq(talk_mean(&t, "search", "bm25", "hit", 1), 1.0);
    talk_end(&t);
}
END_TEST

static void write_collection(void)
{
    static const char corpus[] = "{\"_id\": \"a\", \"text\": \"one two three\"}\n"
                                 "{\"_id\": \"b\", \"text\": \"one two\"}\n"
                                 "{\"_id\": \"c\", \"text\": \"one\"}\n"
                                 "{\"_id\": \"d\", \"text\": \"four\"}\n";
    static const char queries[] = "{\"_id\": \"q\", \"text\": \"one two three\"}\n"
                                  "{\"_id\": \"r\", \"text\": \"one two three\", \"metadata\": "
                                  "{\"excluded\": [\"a\", \"zz\"]}}\n"
                                  "{\"_id\": \"s\", \"text\": \"none\"}\n";
    static const char judgments[] = "q\tc\t2\nq\ta\t1\nq\td\t0\nq\tc\t2\n"
                                    "r\tb\t1\ns\ta\t0\n";
    test_write("corpus.jsonl", corpus, sizeof corpus - 1);
    test_write("queries.jsonl", queries, sizeof queries - 1);
    rec_make_folders(test_path("qrels"), NULL);
    test_write("qrels/test.tsv", judgments, sizeof judgments - 1);
}

static void search_judged(talking *t, const char *options)
{
    char text[1024];
    snprintf(text, sizeof text,
             "dataset: {type: beir, path: \"%s\"}\nsystems: [{type: bm25}, {type: ideal}]\n"
             "tasks: [{type: search, k: [3], metrics: [ndcg, recall, mrr, map_min]%s}]\n",
             test_path("."), options);
    *t = (talking){0};
    ck_assert_ok(rec_config_parse(&t->config, text, strlen(text), "t.yaml", NULL, err));
    ck_assert_ok(rec_run_open(&t->run, t->config, test_path("run"), (rec_run_flags){0}, err));
    ck_assert_ok(rec_execute(&t->report, t->run, err));
}

/* BM25 lists a b c for q, whose answers are a and c (d is judged and none, s has no answer), and b c for r,
 * which excludes a: ndcg@3 of q (1 + 1/2) / (1 + 1/log2 3), map_min@3 of q (1 + 2/3) / 2; r is perfect. */
START_TEST(judged_queries)
{
    const double third = 1.0 / log2(3.0);
    talking t;
    write_collection();
    search_judged(&t, "");
    const rec_result *r = talk_result(&t, "search", "bm25");
    ck_assert_uint_eq(r->n_samples, 2);
    ck_assert_uint_eq(r->n_skipped, 1);
    ck_assert_str_eq(r->users[0], "q");
    ck_assert_double_eq_tol(talk_mean(&t, "search", "bm25", "ndcg", 3),
                            (1.5 / (1.0 + third) + 1.0) / 2.0, 1e-12);
    ck_assert_double_eq_tol(talk_mean(&t, "search", "bm25", "map_min", 3), (5.0 / 6.0 + 1.0) / 2.0,
                            1e-12);
    ck_assert_double_eq(talk_mean(&t, "search", "bm25", "recall", 3), 1.0);
    ck_assert_double_eq(talk_mean(&t, "search", "ideal", "ndcg", 3), 1.0);
    ck_assert_double_eq(talk_mean(&t, "search", "ideal", "map_min", 3), 1.0);
    talk_end(&t);
}
END_TEST

/* With levels q's list has gains 1 0 2 and its best 2 1: (1 + 2/2) / (2 + 1/log2 3). */
START_TEST(levels_are_gains_when_asked_for)
{
    talking t;
    write_collection();
    search_judged(&t, ", relevance: value");
    ck_assert_double_eq_tol(talk_mean(&t, "search", "bm25", "ndcg", 3),
                            (2.0 / (2.0 + 1.0 / log2(3.0)) + 1.0) / 2.0, 1e-12);
    ck_assert_double_eq(talk_mean(&t, "search", "ideal", "ndcg", 3), 1.0);
    talk_end(&t);
}
END_TEST

START_TEST(nothing_to_ask)
{
    talking t;
    const rec_sample_set *set;
    write_folder();
    search_with(&t, "{type: search, column: director, k: [1]}");
    ck_assert_fails(rec_run_samples(&set, t.run, 0, 0, err), REC_ERR_DATA, "no column of text");
    talk_end(&t);
}
END_TEST

REC_SUITE("harness/tasks/search", tcase_add_checked_fixture(t, test_folder, test_folder_remove);
          tcase_add_test(t, a_table_of_queries); tcase_add_test(t, stored_candidates);
          tcase_add_test(t, texts_of_a_column); tcase_add_test(t, judged_queries);
          tcase_add_test(t, levels_are_gains_when_asked_for); tcase_add_test(t, nothing_to_ask);)
