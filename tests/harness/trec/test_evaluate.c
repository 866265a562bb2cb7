/* Evaluation by trec_eval's rules: goldens of pytrec_eval, and cases worked by hand. */
#include "core/parallel.h"
#include "core/rng.h"
#include "tests/harness/trec/files.h"

/* One evaluation of two texts. */
typedef struct evaluation {
    rec_trec_file qrels, run;
    rec_trec_measures measures;
    rec_trec_result result;
} evaluation;

static evaluation evaluate(const char *qrels, const char *run, const char *names,
                           const rec_trec_options *options)
{
    evaluation e = {.qrels = read_text(REC_TREC_QRELS, qrels),
                    .run = read_text(REC_TREC_RUN, run),
                    .measures = parse_measures(names)};
    ck_assert_ok(rec_trec_evaluate(&e.result, &e.qrels, &e.run, e.measures.items, e.measures.n,
                                   options, err));
    return e;
}

static void evaluation_deinit(evaluation *e)
{
    rec_trec_result_deinit(&e->result);
    rec_trec_measures_deinit(&e->measures);
    rec_trec_file_deinit(&e->run);
    rec_trec_file_deinit(&e->qrels);
}

/* Summary of one measure. */
static double figure(const char *qrels, const char *run, const char *name,
                     const rec_trec_options *options)
{
    evaluation e = evaluate(qrels, run, name, options);
    double value = rec_trec_summary(&e.result, e.measures.items, 0);
    evaluation_deinit(&e);
    return value;
}

/* --- goldens --------------------------------------------------------------------------------- */

#define GOLDEN_FILE(name) REC_TEST_DIR "/golden/trec/" name

/* The measures that make.py asks for. */
static const char golden_names[] =
    "all_trec,P.1,5,10,1000,recall.1,5,10,1000,ndcg_cut.1,5,10,1000,map_cut.1,5,10,1000,"
    "relative_P.1,5,10,1000";

static void read_golden(evaluation *e, const rec_trec_options *options)
{
    ck_assert_ok(rec_trec_read(&e->qrels, GOLDEN_FILE("qrels.txt"), REC_TREC_QRELS, err));
    ck_assert_ok(rec_trec_read(&e->run, GOLDEN_FILE("run.txt"), REC_TREC_RUN, err));
    e->measures = parse_measures(golden_names);
    ck_assert_ok(rec_trec_evaluate(&e->result, &e->qrels, &e->run, e->measures.items, e->measures.n,
                                   options, err));
}

static double value_of(const evaluation *e, const char *query, const char *label)
{
    for (size_t q = 0; q < e->result.n_queries; q++)
        for (size_t m = 0; m < e->measures.n; m++)
            if (rec_span_compare(e->result.queries[q]->id, (rec_span){query, strlen(query)}) == 0 &&
                strcmp(e->measures.items[m].label, label) == 0)
                return e->result.values[q * e->result.n_measures + m];
    ck_abort_msg("no %s of %s", label, query);
}

static void check_golden(const evaluation *e, const char *query, const char *name, double expected)
{
    double value = value_of(e, query, name);
    ck_assert_msg(fabs(value - expected) <= 1e-12, "%s of %s: %.17g, wanted %.17g", name, query,
                  value, expected);
}

/* Version 9 agrees everywhere; version 10 where scores are no nearer than single precision tells
 * apart, but for the recall levels that it rounds otherwise. */
START_TEST(equal_to_pytrec_eval)
{
    const rec_trec_options version_9 = {.level = 1,
                                        .single_precision = true,
                                        .skip_absent = true,
                                        .rules = {.rounds_recall_up = true}};
    evaluation nine, ten;
    read_golden(&nine, &version_9);
    read_golden(&ten, &default_options);
    FILE *file = fopen(GOLDEN_FILE("values.txt"), "r");
    ck_assert_ptr_nonnull(file);
    char query[64], name[64];
    double expected;
    size_t n = 0;
    for (; fscanf(file, "%63s %63s %lf", query, name, &expected) == 3; n++) {
        check_golden(&nine, query, name, expected);
        if (strncmp(query, "close", 5) != 0 && strncmp(name, "iprec", 5) != 0 &&
            strncmp(name, "11pt", 4) != 0)
            check_golden(&ten, query, name, expected);
    }
    ck_assert_uint_eq(n, 48 * 65);
    fclose(file);
    evaluation_deinit(&nine);
    evaluation_deinit(&ten);
}
END_TEST

/* --- order ----------------------------------------------------------------------------------- */

static const char tie_qrels[] = "q 0 d1 1\nq 0 d2 2\nq 0 d3 0\n";
static const char tie_run[] =
    "q Q0 d3 1 0.9 t\nq Q0 d1 2 0.5 t\nq Q0 d2 3 0.5 t\nq Q0 zz 4 0.5 t\n";

/* Order d3, zz, d2, d1. */
START_TEST(ties_by_id_descending)
{
    const rec_trec_options *o = &default_options;
    ck_assert_double_eq_tol(figure(tie_qrels, tie_run, "ndcg", o), 0.543791, 5e-7);
    ck_assert_double_eq_tol(figure(tie_qrels, tie_run, "ndcg_cut_3", o), 0.380094, 5e-7);
    ck_assert_double_eq_tol(figure(tie_qrels, tie_run, "map", o), 0.416667, 5e-7);
    ck_assert_double_eq_tol(figure(tie_qrels, tie_run, "recip_rank", o), 0.333333, 5e-7);
}
END_TEST

/* The six orders of d1, d2, zz behind d3: mean 1 / rank of the first relevant one = (1/2 x 4 +
 * 1/3 x 2) / 6; optimistic d2 first, pessimistic zz first, then d1. */
START_TEST(what_ties_could_be)
{
    rec_trec_options o = {.level = 1, .ties = REC_TREC_TIES_EXPECTED};
    ck_assert_double_eq_tol(figure(tie_qrels, tie_run, "recip_rank", &o), (2 + 2.0 / 3) / 6, 1e-12);
    double pairs[6][2] = {{2, 3}, {3, 2}, {2, 4}, {4, 2}, {3, 4}, {4, 3}}, expected = 0;
    for (size_t i = 0; i < 6; i++)
        expected += (1 / log2(pairs[i][0] + 1) + 2 / log2(pairs[i][1] + 1)) / (2 + 1 / log2(3)) / 6;
    ck_assert_double_eq_tol(figure(tie_qrels, tie_run, "ndcg", &o), expected, 1e-12);
    o.ties = REC_TREC_TIES_OPTIMISTIC;
    ck_assert_double_eq_tol(figure(tie_qrels, tie_run, "ndcg@2", &o),
                            2 / log2(3) / (2 + 1 / log2(3)), 1e-12);
    o.ties = REC_TREC_TIES_PESSIMISTIC;
    ck_assert_double_eq_tol(figure(tie_qrels, tie_run, "ndcg@3", &o),
                            1 / log2(4) / (2 + 1 / log2(3)), 1e-12);
}
END_TEST

START_TEST(expected_ties_have_limits)
{
    rec_trec_file qrels = read_text(REC_TREC_QRELS, tie_qrels),
                  run = read_text(REC_TREC_RUN, tie_run);
    rec_trec_measures measures = parse_measures("infAP");
    rec_trec_options o = {.level = 1, .ties = REC_TREC_TIES_EXPECTED};
    rec_trec_result result;
    ck_assert_fails(rec_trec_evaluate(&result, &qrels, &run, measures.items, 1, &o, err),
                    REC_ERR_CONFIG, "infAP");
    o.max_per_query = 2;
    ck_assert_fails(rec_trec_evaluate(&result, &qrels, &run, measures.items, 0, &o, err),
                    REC_ERR_CONFIG, "whole list");
    rec_trec_measures_deinit(&measures);
    rec_trec_file_deinit(&run);
    rec_trec_file_deinit(&qrels);
}
END_TEST

/* b above a by 1e-9: told apart in double; in single precision they tie and c, b, a is the
 * order. */
START_TEST(single_precision)
{
    const char *run = "q Q0 b 1 1.000000001 t\nq Q0 a 2 1 t\nq Q0 c 3 0.999999999 t\n";
    rec_trec_options o = default_options;
    ck_assert_double_eq(figure("q 0 b 1\n", run, "recip_rank", &o), 1.0);
    o.single_precision = true;
    ck_assert_double_eq(figure("q 0 b 1\n", run, "recip_rank", &o), 0.5);
}
END_TEST

/* Infinite, negative and zero scores; -0 ties with 0; bytes from 0x80 on are above ASCII; a
 * longer id stands before its prefix. */
START_TEST(unusual_scores_and_ids)
{
    const rec_trec_options *o = &default_options;
    const char *run =
        "q Q0 low 1 -inf t\nq Q0 n 1 -3 t\nq Q0 z 1 0 t\nq Q0 y 1 -0 t\nq Q0 top 9 inf t\n";
    ck_assert_double_eq(figure("q 0 top 1\n", run, "recip_rank", o), 1.0);
    ck_assert_double_eq(figure("q 0 z 1\n", run, "recip_rank", o), 0.5);
    ck_assert_double_eq_tol(figure("q 0 y 1\n", run, "recip_rank", o), 1.0 / 3, 1e-15);
    ck_assert_double_eq(figure("q 0 low 1\n", run, "recip_rank", o), 0.2);
    run = "q Q0 a 1 1 t\nq Q0 \xc3\xa9 1 1 t\nq Q0 z 1 1 t\nq Q0 ab 1 1 t\n";
    ck_assert_double_eq(figure("q 0 \xc3\xa9 1\n", run, "recip_rank", o), 1.0);
    ck_assert_double_eq_tol(figure("q 0 ab 1\n", run, "recip_rank", o), 1.0 / 3, 1e-15);
    ck_assert_double_eq(figure("q 0 a 1\n", run, "recip_rank", o), 0.25);
}
END_TEST

/* --- judgments ------------------------------------------------------------------------------- */

/* d1 (1) then d2 (2) at level 2: ndcg keeps its gains as trec_eval does, or loses d1 as in ranx. */
START_TEST(level)
{
    const char *qrels = "q 0 d1 1\nq 0 d2 2\n", *run = "q Q0 d1 1 2 t\nq Q0 d2 2 1 t\n";
    rec_trec_options o = {.level = 2};
    ck_assert_double_eq_tol(figure(qrels, run, "ndcg", &o), 0.859719, 5e-7);
    ck_assert_double_eq(figure(qrels, run, "map", &o), 0.5);
    ck_assert_double_eq(figure(qrels, run, "num_rel", &o), 1);
    ck_assert_double_eq(figure(qrels, run, "bpref", &o), 0.0); /* d1 is judged not relevant */
    o.binary_gains = true;
    ck_assert_double_eq_tol(figure(qrels, run, "ndcg", &o), 0.630930, 5e-7);
}
END_TEST

START_TEST(queries_that_do_not_match)
{
    const char *qrels = "a 0 d 1\nb 0 d 1\nc 0 d 0\n",
               *run = "a Q0 d 1 1 t\nc Q0 d 1 1 t\nx Q0 d 1 1 t\n";
    rec_trec_options o = default_options;
    evaluation e = evaluate(qrels, run, "map,num_q,num_rel,num_ret", &o);
    ck_assert_uint_eq(e.result.n_queries, 3);
    ck_assert_uint_eq(e.result.n_absent, 1);
    ck_assert_uint_eq(e.result.n_unjudged, 1);
    ck_assert_uint_eq(e.result.n_irrelevant, 1);
    double expected[] = {3, 2, 2, 1.0 / 3}; /* num_q, num_ret, num_rel, map */
    for (size_t m = 0; m < 4; m++)
        ck_assert_double_eq_tol(rec_trec_summary(&e.result, e.measures.items, m), expected[m],
                                1e-15);
    evaluation_deinit(&e);
    o.skip_absent = true;
    ck_assert_double_eq(figure(qrels, run, "map", &o), 0.5);
    ck_assert_double_eq(figure(qrels, run, "num_q", &o), 2);
    o.skip_irrelevant = true;
    ck_assert_double_eq(figure(qrels, run, "map", &o), 1.0);
    o.skip_absent = false;
    ck_assert_double_eq(figure(qrels, run, "map", &o), 0.5);
}
END_TEST

START_TEST(no_common_query)
{
    rec_trec_file qrels = read_text(REC_TREC_QRELS, "a 0 d 1\n");
    rec_trec_file run = read_text(REC_TREC_RUN, "b Q0 d 1 1 t\n");
    rec_trec_measures measures = parse_measures("map");
    rec_trec_options o = {.level = 1, .skip_absent = true};
    rec_trec_result result;
    ck_assert_fails(rec_trec_evaluate(&result, &qrels, &run, measures.items, 1, &o, err),
                    REC_ERR_DATA, "no query in common");
    rec_trec_measures_deinit(&measures);
    rec_trec_file_deinit(&run);
    rec_trec_file_deinit(&qrels);
}
END_TEST

static void check_duplicate(const char *qrels_text, const char *run_text, const char *message)
{
    rec_trec_file qrels = read_text(REC_TREC_QRELS, qrels_text);
    rec_trec_file run = read_text(REC_TREC_RUN, run_text);
    rec_trec_measures measures = parse_measures("map");
    rec_trec_result result;
    ck_assert_fails(
        rec_trec_evaluate(&result, &qrels, &run, measures.items, 1, &default_options, err),
        REC_ERR_DATA, message);
    rec_trec_measures_deinit(&measures);
    rec_trec_file_deinit(&run);
    rec_trec_file_deinit(&qrels);
}

START_TEST(duplicates)
{
    const char *qrels = "q 0 a 1\nq 0 b 0\n", *run = "q Q0 b 1 3 t\nq Q0 a 2 2 t\nq Q0 b 3 1 t\n";
    check_duplicate(qrels, run, "run:3: document \"b\" comes twice in query \"q\"");
    check_duplicate("q 0 a 1\np 0 a 1\nq 0 a 1\n", run, "qrels:3: document \"a\" comes twice");
    rec_trec_options o = {.level = 1, .first_duplicate = true};
    evaluation e = evaluate("q 0 a 1\nq 0 a 0\n", run, "recip_rank", &o);
    ck_assert_double_eq(e.result.values[0], 0.5);
    ck_assert_uint_eq(e.result.n_duplicates, 2);
    evaluation_deinit(&e);
}
END_TEST

/* -J takes out u (not judged) and n (negative); -M keeps the first two. */
START_TEST(cuts)
{
    const char *qrels = "q 0 a 1\nq 0 b 0\nq 0 n -1\n";
    const char *run = "q Q0 u 1 9 t\nq Q0 n 2 8 t\nq Q0 b 3 7 t\nq Q0 a 4 6 t\n";
    rec_trec_options o = {.level = 1, .judged_only = true};
    ck_assert_double_eq(figure(qrels, run, "recip_rank", &o), 0.5);
    ck_assert_double_eq(figure(qrels, run, "num_ret", &o), 2);
    o = (rec_trec_options){.level = 1, .max_per_query = 2};
    ck_assert_double_eq(figure(qrels, run, "recip_rank", &o), 0.0);
    ck_assert_double_eq(figure(qrels, run, "num_ret", &o), 2);
    ck_assert_double_eq(figure(qrels, run, "unj_2", &o), 1.0);
    o = (rec_trec_options){.level = 1, .rules = {.collection_size = 100}};
    ck_assert_double_eq(figure(qrels, run, "utility.0,0,0,1", &o), 100 + 1 - 4 - 1);
}
END_TEST

/* gm_map of 1 and 0: the 0 counts as 1e-5. */
START_TEST(geometric_mean)
{
    ck_assert_double_eq_tol(
        figure("a 0 d 1\nb 0 d 1\n", "a Q0 d 1 1 t\nb Q0 x 1 1 t\n", "gm_map", &default_options),
        sqrt(1e-5), 1e-15);
}
END_TEST

/* --- invariance and size --------------------------------------------------------------------- */

/* Values of a 40-query run written in two line orders, by one and two threads: the same bits. */
START_TEST(line_order_and_threads_do_not_matter)
{
    enum { QUERIES = 40, DOCS = 30, LINES = QUERIES * DOCS };
    static char lines[LINES][64], qrels[LINES * 32], run[LINES * 64];
    rec_rng rng = rec_rng_keyed(3, "test/order", 0);
    char *p = qrels;
    for (int i = 0; i < LINES; i++) {
        sprintf(lines[i], "q%d Q0 d%d 1 %d tag\n", i / DOCS, i, (int)rec_rng_below(&rng, 9));
        if (rec_rng_below(&rng, 3) == 0)
            p += sprintf(p, "q%d 0 d%d %d\n", i / DOCS, i, (int)rec_rng_below(&rng, 4));
    }
    evaluation first = {0};
    for (int round = 0; round < 4; round++) {
        p = run;
        for (int i = 0; i < LINES; i++)
            p = stpcpy(p, lines[i]);
        rec_parallel_set_threads(round % 2 == 0 ? 1 : 2);
        evaluation e =
            evaluate(qrels, run, "ndcg@10,map,bpref,rbp.80,f1@5,all_trec", &default_options);
        if (round == 0) {
            first = e;
        } else {
            size_t n = e.result.n_queries * e.result.n_measures;
            ck_assert_uint_eq(e.result.n_queries, first.result.n_queries);
            ck_assert_int_eq(memcmp(e.result.values, first.result.values, n * sizeof(double)), 0);
            evaluation_deinit(&e);
        }
        rec_rng_shuffle(&rng, lines, LINES, sizeof lines[0]);
    }
    evaluation_deinit(&first);
}
END_TEST

/* A list of a million, all scores equal but one; the relevant document has the smallest id. */
START_TEST(million_items)
{
    enum { N = 1000000 };
    char *run = malloc(N * 28 + 1), *p = run;
    for (int i = 0; i < N; i++)
        p += sprintf(p, "q Q0 d%06d 1 %s t\n", i, i == 500 ? "1" : "0");
    ck_assert_double_eq(figure("q 0 d000000 1\n", run, "recip_rank", &default_options), 1.0 / N);
    ck_assert_double_eq(figure("q 0 d000500 1\n", run, "recip_rank", &default_options), 1.0);
    free(run);
}
END_TEST

/* Every query in its own measure of time: lists of 0 relevant, k past the list, k = 1. */
START_TEST(edges)
{
    const rec_trec_options *o = &default_options;
    ck_assert_double_eq(figure("q 0 a 0\n", "q Q0 a 1 1 t\n", "ndcg@10", o), 0.0);
    ck_assert_double_eq(figure("q 0 a 0\n", "q Q0 a 1 1 t\n", "auc", o), 0.0);
    ck_assert_double_eq(figure("q 0 a 1\n", "q Q0 a 1 1 t\n", "precision@10", o), 0.1);
    ck_assert_double_eq(figure("q 0 a 1\n", "q Q0 a 1 1 t\n", "ndcg@1", o), 1.0);
    ck_assert_double_eq(figure("q 0 b 1\n", "q Q0 a 1 1 t\n", "ndcg@1", o), 0.0);
}
END_TEST

REC_SUITE("harness/trec/evaluate", tcase_add_checked_fixture(t, test_folder, test_folder_remove);
          tcase_add_test(t, equal_to_pytrec_eval); tcase_add_test(t, ties_by_id_descending);
          tcase_add_test(t, what_ties_could_be); tcase_add_test(t, expected_ties_have_limits);
          tcase_add_test(t, single_precision); tcase_add_test(t, unusual_scores_and_ids);
          tcase_add_test(t, level); tcase_add_test(t, queries_that_do_not_match);
          tcase_add_test(t, no_common_query); tcase_add_test(t, duplicates);
          tcase_add_test(t, cuts); tcase_add_test(t, geometric_mean);
          tcase_add_test(t, line_order_and_threads_do_not_matter); tcase_add_test(t, million_items);
          tcase_add_test(t, edges);)
