/* Parts of the samples: together they are the whole. */
#include "tests/harness/tasks/talking.h"

/* Means weighted with the numbers behind them add up to the mean of all, for scores and for text. */
START_TEST(parts_make_the_whole)
{
    static const char *const parts[2][3] = {
        {"hit.history_1_5", "hit.history_6_20", "hit.history_21"}, {"hit.tail", "hit.head", NULL}};
    static const char *const systems[] = {"pop", "random"};
    talking t;
    talk(&t, "[{type: ranking, candidates: 10, k: [3], metrics: [hit], strata: true}]");
    for (size_t s = 0; s < 2; s++)
        for (size_t by = 0; by < 2; by++) {
            double sum = 0.0;
            size_t n = 0;
            for (size_t p = 0; p < 3 && parts[by][p] != NULL; p++) {
                const rec_figure *f = talk_figure(&t, "ranking", systems[s], parts[by][p], 3);
                sum += f->n > 0 ? f->mean * (double)f->n : 0.0;
                n += f->n;
            }
            const rec_figure *all = talk_figure(&t, "ranking", systems[s], "hit", 3);
            ck_assert_uint_eq(n, all->n);
            ck_assert_double_eq_tol(sum / (double)n, all->mean, 1e-12);
        }
    /* what popularity likes is the head */
    ck_assert_double_gt(talk_mean(&t, "ranking", "pop", "hit.head", 3),
                        talk_mean(&t, "ranking", "pop", "hit.tail", 3));
    talk_end(&t);
}
END_TEST

REC_SUITE("harness/tasks/rank_strata",
          tcase_add_checked_fixture(t, test_folder, test_folder_remove);
          tcase_add_test(t, parts_make_the_whole);)
