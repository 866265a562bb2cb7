#include <string.h>

#include "models/lm/checkpoint.h"
#include "models/lm/weights.h"
#include "tests/failing_malloc.h"
#include "tests/golden.h"
#include "tests/suite.h"

/* A checkpoint with an adapter merged into it, and the list of their files. */
static rec_status open_both(rec_error *err)
{
    rec_lm_files files = {.folder = NULL};
    rec_lm_weights weights = {.table = NULL};
    char **paths = NULL;
    size_t n = 0;
    rec_status status = REC_OK;
    REC_TRY(rec_lm_files_find(&files, GOLDEN("lm/qwen2"), err));
    REC_TRY(rec_lm_files_set_adapter(&files, GOLDEN("lm/adapter"), err));
    REC_TRY(rec_lm_weights_open(&weights, &files, REC_WEIGHTS_Q8_0, err));
    REC_TRY(rec_lm_files_list(&paths, &n, &files, err));
cleanup:
    for (size_t i = 0; i < n; i++)
        free(paths[i]);
    free(paths);
    rec_lm_weights_deinit(&weights);
    rec_lm_files_deinit(&files);
    return status;
}

START_TEST(every_allocation_may_fail)
{
    ck_assert_uint_gt(failing_malloc_exhaust(open_both), 60);
}
END_TEST

REC_SUITE("models/lm/adapter_file_alloc", tcase_add_test(t, every_allocation_may_fail);)
