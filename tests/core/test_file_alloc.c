#include <zlib.h>

#include "core/file.h"
#include "tests/failing_malloc.h"
#include "tests/folder.h"
#include "tests/suite.h"

static rec_status read_gzip(rec_error *err)
{
    rec_text text;
    rec_status status = rec_text_read(&text, test_path("a.gz"), err);
    if (status == REC_OK)
        failing_malloc_check(memcmp(text.data, "packed", 6) == 0);
    rec_text_close(&text);
    return status;
}

static rec_status write_file(rec_error *err)
{
    return rec_atomic_write(test_path("out"), "x", 1, err);
}

static rec_status copy_file(rec_error *err)
{
    bool is_there;
    return rec_file_copy(&is_there, test_path("."), test_path("copy"), "a.gz", err);
}

static rec_status lock(rec_error *err)
{
    rec_lock *l = NULL;
    rec_status status = rec_lock_take(&l, test_path("lock"), err);
    rec_lock_free(l);
    return status;
}

static rec_status make_and_find(rec_error *err)
{
    char *path = NULL;
    rec_status status = rec_make_folders(test_path("x/y"), err);
    if (status == REC_OK)
        status = rec_data_path(&path, "data:y", err);
    free(path);
    return status;
}

START_TEST(every_allocation_may_fail)
{
    gzFile f = gzopen(test_path("a.gz"), "wb");
    gzputs(f, "packed");
    gzclose(f);
    setenv("RECAI_DATA", test_path("x"), 1);
    ck_assert_uint_eq(failing_malloc_exhaust(read_gzip), 2);
    ck_assert_uint_eq(failing_malloc_exhaust(write_file), 3); /* two names, the folder's */
    ck_assert_uint_eq(failing_malloc_exhaust(copy_file), 7);  /* two paths, two folders, as above */
    ck_assert_uint_eq(failing_malloc_exhaust(lock), 2);
    ck_assert_uint_eq(failing_malloc_exhaust(make_and_find), 2);
}
END_TEST

REC_SUITE("core/file_alloc", tcase_add_checked_fixture(t, test_folder, test_folder_remove);
          tcase_add_test(t, every_allocation_may_fail);)
