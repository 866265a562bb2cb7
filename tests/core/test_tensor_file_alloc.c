#include <string.h>

#include "core/json.h"
#include "core/tensor_file.h"
#include "tests/failing_malloc.h"
#include "tests/folder.h"
#include "tests/suite.h"

static rec_status write_tensors(rec_error *err)
{
    static const float row[3] = {1, 2, 3};
    rec_tensor_writer *w = NULL;
    rec_status status = rec_tensor_writer_new(&w, err);
    if (status == REC_OK)
        status = rec_tensor_writer_add(w, "x", REC_F32, 1, (size_t[]){3}, row, err);
    if (status == REC_OK)
        status = rec_tensor_writer_metadata(w, "key", "value", err);
    if (status == REC_OK)
        status = rec_tensor_writer_write(w, test_path("t"), err);
    rec_tensor_writer_free(w);
    return status;
}

static rec_status read_tensors(rec_error *err)
{
    rec_tensor_file *f = NULL;
    rec_status status = rec_tensor_file_open(&f, test_path("t"), err);
    if (status == REC_OK)
        failing_malloc_check(strcmp(rec_tensor_file_at(f, 0)->name, "x") == 0);
    rec_tensor_file_close(f);
    return status;
}

START_TEST(every_allocation_may_fail)
{
    cJSON_InitHooks(&(cJSON_Hooks){malloc, free}); /* this program's malloc, which can fail */
    ck_assert_uint_gt(failing_malloc_exhaust(write_tensors), 20);
    ck_assert_uint_gt(failing_malloc_exhaust(read_tensors), 20);
}
END_TEST

REC_SUITE("core/tensor_file_alloc", tcase_add_checked_fixture(t, test_folder, test_folder_remove);
          tcase_add_test(t, every_allocation_may_fail);)
