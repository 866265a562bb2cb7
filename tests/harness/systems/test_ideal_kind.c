/* The best ranking there is, from what a question carries; where it takes part and where not. */
#include <math.h>

#include "harness/run/execute.h"
#include "tests/folder.h"
#include "tests/suite.h"

enum { N_ITEMS = 8 };

static void ask(rec_reply_batch *out, const rec_rank_request *rank, size_t k)
{
    rec_system_type type;
    rec_system *s;
    rec_yaml *entry;
    const rec_request request = {.kind = REC_REQUEST_RANK, .rank = *rank, .k = k};
    static const char text[] = "{type: ideal}";
    ck_assert(rec_system_type_find(&type, "ideal"));
    ck_assert_ok(rec_yaml_parse(&entry, text, strlen(text), "t.yaml", err));
    ck_assert_ok(rec_system_new(&s, "ideal", &type, entry, err));
    ck_assert_ok(rec_system_answer(out, s, &request, 1, N_ITEMS, err));
    rec_system_free(s);
    rec_yaml_free(entry);
}

/* Targets by index, then everything else by index; what is masked is not there. */
START_TEST(what_answers_comes_first)
{
    const uint32_t targets[] = {6, 2}, excluded[] = {0, 3}, expected[] = {2, 6, 1, 4, 5, 7};
    const rec_rank_request rank = {
        .targets = targets, .n_targets = 2, .excluded = excluded, .n_excluded = 2};
    rec_reply_batch b = {0};
    ask(&b, &rank, N_ITEMS);
    ck_assert_uint_eq(b.replies[0].n_ranked, 6);
    for (size_t i = 0; i < 6; i++)
        ck_assert_uint_eq(b.replies[0].items[i], expected[i]);
    ck_assert_uint_eq(b.replies[0].targets[0].rank, 2);
    ck_assert_uint_eq(b.replies[0].targets[1].rank, 1);
    rec_reply_batch_deinit(&b);
}
END_TEST

/* The best order of levels 1, 3, -1 has the level below 0 last. */
START_TEST(levels_order_the_targets)
{
    const uint32_t targets[] = {1, 5, 0};
    const float gains[] = {1, 3, -1};
    const rec_rank_request rank = {.targets = targets, .n_targets = 3, .target_gains = gains};
    rec_reply_batch b = {0};
    ask(&b, &rank, N_ITEMS);
    ck_assert_uint_eq(b.replies[0].items[0], 5);
    ck_assert_uint_eq(b.replies[0].items[1], 1);
    ck_assert_uint_eq(b.replies[0].targets[2].rank, N_ITEMS);
    rec_reply_batch_deinit(&b);
}
END_TEST

static const char tasks[] =
    "seed: 1\ndataset: {type: synth, users: 200, items: 150}\n"
    "defaults: {k: [10], data: {roles: {lists: [tags], words: [genre, maker], price: price, "
    "date: released}, test_users: 0.3, test_rows: 100, train_rows: 100}}\n"
    "systems: [{type: chance}, {name: oracle, type: ideal}]\n"
    "tasks:\n"
    "  - {type: emb_uh2i}\n  - {type: emb_i2i}\n  - {type: emb_us2i}\n  - {type: emb_fa2i}\n"
    "  - {type: emb_sa2i}\n  - {type: emb_as2i}\n  - {type: emb_nm2i}\n  - {type: emb_vc2i}\n"
    "  - {type: emb_na2i}\n  - {type: emb_uq2i}\n  - {type: emb_title}\n  - {type: retrieval}\n"
    "  - {type: conversation, simulator: {type: agenda}}\n";

/* In every task that ranks for known answers: hit, ndcg and mrr are 1, normalised coverage exactly 1
 * on average (each sample's is what its own number of answers allows), violation of the rest only
 * where the answers do not fill the list. */
START_TEST(a_row_of_every_table)
{
    rec_config *config;
    rec_run *run;
    rec_report *report;
    size_t n_rows = 0, n_broad = 0;
    ck_assert_ok(rec_config_parse(&config, tasks, strlen(tasks), "t.yaml", NULL, err));
    ck_assert_ok(rec_run_open(&run, config, test_path("run"), (rec_run_flags){0}, err));
    ck_assert_ok(rec_execute(&report, run, err));
    for (size_t i = 0; i < report->n_results; i++) {
        const rec_result *r = &report->results[i];
        if (strcmp(r->system, "oracle") != 0)
            continue;
        ck_assert_int_eq(r->not_applicable != NULL, strcmp(r->task, "conversation") == 0);
        for (size_t f = 0; f < r->n_figures; f++) {
            const rec_figure *g = &r->figures[f];
            bool is_one = strcmp(g->metric, "hit") == 0 || strcmp(g->metric, "ndcg") == 0 ||
                          strcmp(g->metric, "mrr") == 0 || strcmp(g->metric, "ncoverage") == 0;
            if (is_one)
                ck_assert_double_eq_tol(g->mean, 1.0, 1e-12);
            n_broad += strcmp(g->metric, "ncoverage") == 0;
            n_rows += strcmp(g->metric, "hit") == 0;
        }
    }
    ck_assert_uint_eq(n_rows, 12);
    ck_assert_uint_eq(n_broad, 4);
    ck_assert(rec_report_has_flag(report, "oracle", REC_REPORT_CEILING));
    ck_assert(!rec_report_has_flag(report, "chance", REC_REPORT_CEILING));
    ck_assert(!rec_report_has_flag(report, "nobody", REC_REPORT_CEILING));
    rec_report_free(report);
    rec_run_close(run);
    rec_config_free(config);
}
END_TEST

REC_SUITE("harness/systems/ideal_kind",
          tcase_add_checked_fixture(t, test_folder, test_folder_remove);
          tcase_add_test(t, what_answers_comes_first); tcase_add_test(t, levels_order_the_targets);
          tcase_add_test(t, a_row_of_every_table);)
