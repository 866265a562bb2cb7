/* Every allocation of the statistics fails once: a status, no leak. */
#include "tests/failing_malloc.h"
#include "tests/harness/stats/golden.h"

static rec_status run_all(void)
{
    const double a[] = {1, 2, 3, 5}, b[] = {2, 1, 7, 4};
    double p[] = {0.1, 0.2, 0.3, 0.4}, spread;
    rec_interval ci;
    rec_test_result r;
    rec_status status;
    REC_TRY(rec_wilcoxon(&r, a, b, 4, NULL));
    REC_TRY(rec_permutation_test(&r, a, b, 4, 10, 1, NULL));
    REC_TRY(rec_bootstrap_test(&r, &ci, a, b, 4, 0.9, REC_BOOTSTRAP_PERCENTILE, 10, 1, NULL));
    REC_TRY(rec_adjust_holm(p, 4, NULL));
    REC_TRY(rec_tukey_hsd(p, a, 2, 2, true, NULL));
    REC_TRY(rec_bootstrap_stderr(&spread, a, NULL, 4, 10, 1, NULL));
    REC_TRY(rec_bootstrap_interval(&ci, a, NULL, 4, 0.9, REC_BOOTSTRAP_BCA, 10, 1, NULL));
cleanup:
    return status;
}

START_TEST(each_allocation_may_fail)
{
    bool reached = true;
    for (size_t n = 1; reached; n++) {
        failing_malloc_arm(n);
        rec_status status = run_all();
        reached = failing_malloc_disarm();
        ck_assert_int_eq(status, reached ? REC_ERR_RESOURCE : REC_OK);
    }
}
END_TEST

REC_SUITE("harness/stats/stats_alloc", tcase_add_test(t, each_allocation_may_fail);)
