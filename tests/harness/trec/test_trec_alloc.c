/* Every allocation of reading and evaluating fails once: a status, no leak. */
#include "core/parallel.h"
#include "tests/failing_malloc.h"
#include "tests/harness/trec/files.h"

static rec_status run_all(void)
{
    rec_trec_file qrels = {0}, run = {0};
    rec_trec_measures measures = {0};
    rec_trec_result result = {0};
    char *names[] = {"ndcg@10,P.5,official"};
    rec_status status;
    REC_TRY(rec_trec_measures_parse(&measures, names, 1, 10, NULL));
    REC_TRY(rec_trec_read(&qrels, test_path("qrels"), REC_TREC_QRELS, NULL));
    REC_TRY(rec_trec_read(&run, test_path("run"), REC_TREC_RUN, NULL));
    REC_TRY(rec_trec_evaluate(&result, &qrels, &run, measures.items, measures.n, &default_options,
                              NULL));
cleanup:
    rec_trec_result_deinit(&result);
    rec_trec_measures_deinit(&measures);
    rec_trec_file_deinit(&run);
    rec_trec_file_deinit(&qrels);
    return status;
}

START_TEST(each_allocation_may_fail)
{
    test_write("qrels", "q 0 a 1\nq 0 b 0", 15);
    test_write("run", "q Q0 a 1 2 t\nq Q0 c 1 3 t", 25);
    rec_parallel_set_threads(1);
    bool reached = true;
    for (size_t n = 1; reached; n++) {
        failing_malloc_arm(n);
        rec_status status = run_all();
        reached = failing_malloc_disarm();
        ck_assert_int_eq(status, reached ? REC_ERR_RESOURCE : REC_OK);
    }
}
END_TEST

REC_SUITE("harness/trec/trec_alloc", tcase_add_checked_fixture(t, test_folder, test_folder_remove);
          tcase_add_test(t, each_allocation_may_fail);)
