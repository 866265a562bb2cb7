/* Both forms of a checkpoint; the weights are opened before. */
#include <string.h>

#include "models/lm/export.h"
#include "tests/failing_malloc.h"
#include "tests/folder.h"
#include "tests/golden.h"
#include "tests/suite.h"

static rec_lm_weights weights;
static rec_lm_files files;
static char target[256];

static void open_source(const char *name)
{
    char command[800];
    snprintf(command, sizeof command, "cp -r %s %s; cp %s/*.json %s", GOLDEN("lm/qwen2"),
             test_path("m"), GOLDEN("lm/tokenizer"), test_path("m"));
    ck_assert_int_eq(system(command), 0);
    ck_assert_ok(rec_lm_files_find(&files, test_path("m"), err));
    ck_assert_ok(rec_lm_weights_open(&weights, &files, REC_WEIGHTS_F32, err));
    strcpy(target, test_path(name));
}

static rec_status export_it(rec_error *err)
{
    return rec_lm_export(&weights, &files, target, err);
}

START_TEST(every_allocation_may_fail)
{
    open_source(_i == 0 ? "out" : "out.gguf");
    ck_assert_uint_gt(failing_malloc_exhaust(export_it), 50);
    rec_lm_weights_deinit(&weights);
    rec_lm_files_deinit(&files);
}
END_TEST

REC_SUITE("models/lm/export_alloc", tcase_add_checked_fixture(t, test_folder, test_folder_remove);
          tcase_add_loop_test(t, every_allocation_may_fail, 0, 2);)
