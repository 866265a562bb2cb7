/* What -m understands. */
#include "tests/harness/trec/files.h"

static void check_labels(const char *names, const char *expected)
{
    rec_trec_measures list = parse_measures(names);
    char labels[4096] = "";
    for (size_t i = 0; i < list.n; i++) {
        strcat(labels, i > 0 ? " " : "");
        strcat(labels, list.items[i].label);
    }
    ck_assert_str_eq(labels, expected);
    rec_trec_measures_deinit(&list);
}

START_TEST(known_names)
{
    check_labels("ndcg@10,recip_rank", "ndcg@10 recip_rank");
    check_labels("P.5,10,map", "map P_5 P_10"); /* trec_eval's order */
    check_labels("P_10,P_5", "P_5 P_10");
    check_labels("map,ndcg@3,P_10", "map ndcg@3 P_10"); /* mixed: as asked */
    check_labels("map,map", "map");
    check_labels("ndcg_cut_10,ndcg_cut.10", "ndcg_cut_10");
    check_labels("ndcg,rbp.80,map_min@20", "ndcg rbp.80 map_min@20");
    check_labels("success", "success_1 success_5 success_10");
    check_labels("iprec_at_recall.0.1,.5", "iprec_at_recall_0.10 iprec_at_recall_0.50");
    check_labels("set_F,set_F.0.5", "set_F_0.5");
    check_labels("P,success.3,P.7,success", "P_7 success_3");
    check_labels("11pt_avg.0.2,0.5,0.8", "11pt_avg_0.2,0.5,0.8");
    check_labels("set", "runid num_q num_ret num_rel num_rel_ret utility set_P set_relative_P "
                        "set_recall set_map set_F");
}
END_TEST

START_TEST(nothing_is_official)
{
    rec_trec_measures list;
    ck_assert_ok(rec_trec_measures_parse(&list, NULL, 0, 10, err));
    ck_assert_str_eq(list.items[0].label, "runid");
    ck_assert_str_eq(list.items[list.n - 1].label, "P_1000");
    ck_assert_uint_eq(list.n, 30);
    rec_trec_measures_deinit(&list);
}
END_TEST

START_TEST(all_trec_depends_on_the_version)
{
    rec_trec_measures ten, nine;
    char *all[] = {"all_trec"};
    ck_assert_ok(rec_trec_measures_parse(&ten, all, 1, 10, err));
    ck_assert_ok(rec_trec_measures_parse(&nine, all, 1, 9, err));
    ck_assert_uint_eq(ten.n, nine.n + 3); /* unj_5, unj_10, unj_20 */
    rec_trec_measures_deinit(&ten);
    rec_trec_measures_deinit(&nine);
}
END_TEST

START_TEST(wrong_names)
{
    static const char *const wrong[][2] = {
        {"ndgc@10", "did you mean \"ndcg\""},
        {"mapp", "did you mean \"map\""},
        {"", "unknown measure"},
        {"map,", "unknown measure"},
        {"P.0", "cut-off"},
        {"P.1.5", "cut-off"},
        {"P.x", "not a list"},
        {"P@0", "unknown measure"},
        {"map.5", "takes no numbers"},
        {"set_F.1,2", "takes 1 numbers"},
        {"utility.1", "takes 4 numbers"},
        {"gini@10", "needs a catalogue"},
        {"ndcg@0", "cut-off"},
        {"rbp", "hundredths"},
        {"novelty@5", "needs a catalogue"},
        {"zzzzzzzzzzzz", "unknown measure"},
        {"P.1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17", "at most"}};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        rec_trec_measures list;
        char *name = strdup(wrong[i][0]);
        ck_assert_fails(rec_trec_measures_parse(&list, &name, 1, 10, err), REC_ERR_CONFIG,
                        wrong[i][1]);
        free(name);
    }
}
END_TEST

START_TEST(names_are_listed)
{
    size_t n = 0;
    while (rec_trec_measure_names[n] != NULL)
        n++;
    ck_assert_uint_gt(n, 30);
    ck_assert_str_eq(rec_trec_measure_names[0], "runid");
}
END_TEST

REC_SUITE("harness/trec/measure", tcase_add_test(t, known_names);
          tcase_add_test(t, nothing_is_official);
          tcase_add_test(t, all_trec_depends_on_the_version); tcase_add_test(t, wrong_names);
          tcase_add_test(t, names_are_listed);)
