/* Our definitions beside those of sentence-transformers' InformationRetrievalEvaluator: its values for 250
 * random rankings, recorded by golden/ir_evaluator.py. Its accuracy is hit, its MAP is map_min. */
#include <stdio.h>

#include "harness/metrics/metric.h"
#include "tests/suite.h"

enum { MAX_LIST = 64 };

static const size_t cuts[] = {1, 3, 5, 10, 20};
static const char *const names[] = {"hit", "precision", "recall", "mrr", "ndcg", "map_min"};

static void read_ranking(rec_ranking *r, float gains[MAX_LIST], size_t n, FILE *file)
{
    size_t n_relevant;
    ck_assert_uint_le(n, MAX_LIST);
    ck_assert_int_eq(fscanf(file, "%zu", &n_relevant), 1);
    for (size_t i = 0; i < n; i++)
        ck_assert_int_eq(fscanf(file, "%f", &gains[i]), 1);
    *r = (rec_ranking){.gains = gains, .n_ranked = n, .n_relevant = n_relevant};
}

START_TEST(every_value_of_every_ranking)
{
    FILE *file = fopen(REC_TEST_DIR "/golden/ir_evaluator.txt", "r");
    float gains[MAX_LIST];
    size_t n, n_rankings = 0;
    ck_assert_ptr_nonnull(file);
    for (; fscanf(file, "%zu", &n) == 1; n_rankings++) {
        rec_ranking r;
        read_ranking(&r, gains, n, file);
        for (size_t m = 0; m < sizeof names / sizeof *names; m++)
            for (size_t c = 0; c < sizeof cuts / sizeof *cuts; c++) {
                double theirs, ours = rec_metric_find(names[m])->value_at(&r, cuts[c]);
                ck_assert_int_eq(fscanf(file, "%lf", &theirs), 1);
                ck_assert_msg(ours - theirs <= 1e-12 && theirs - ours <= 1e-12,
                              "ranking %zu: %s@%zu is %.17g, not %.17g", n_rankings, names[m],
                              cuts[c], ours, theirs);
            }
    }
    fclose(file);
    ck_assert_uint_ge(n_rankings, 200);
}
END_TEST

/* Relevant 2 and 9, ranking 1 2 3 4 5: one hit at rank 2 of two relevant. ndcg@5 =
 * (1 / log2 3) / (1 + 1 / log2 3) = .63093 / 1.63093 = .38685. */
START_TEST(hand_example)
{
    const float gains[] = {0, 1, 0, 0, 0};
    const rec_ranking r = {.gains = gains, .n_ranked = 5, .n_relevant = 2};
    static const struct {
        const char *name;
        double value;
    } expected[] = {{"precision", 0.2}, {"recall", 0.5},   {"hit", 1.0},
                    {"mrr", 0.5},       {"ndcg", 0.38685}, {"map_min", 0.25}};
    for (size_t m = 0; m < sizeof expected / sizeof *expected; m++)
        ck_assert_double_eq_tol(rec_metric_find(expected[m].name)->value_at(&r, 5),
                                expected[m].value, 5e-6);
}
END_TEST

REC_SUITE("harness/metrics/ir_evaluator", tcase_add_test(t, every_value_of_every_ranking);
          tcase_add_test(t, hand_example);)
