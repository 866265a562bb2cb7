#include <string.h>
#include <unistd.h>

#include "core/journal.h"
#include "tests/failing_malloc.h"
#include "tests/folder.h"
#include "tests/suite.h"

static rec_status write_records(rec_error *err)
{
    rec_journal *j = NULL;
    unlink(test_path("j"));
    rec_status status = rec_journal_open(&j, test_path("j"), err);
    if (status == REC_OK)
        status = rec_journal_append(j, "a", "first", 5, err);
    if (status == REC_OK)
        status = rec_journal_append(j, "b", "second", 6, err);
    rec_journal_close(j);
    return status;
}

static rec_status read_records(rec_error *err)
{
    rec_journal *j = NULL;
    char *bytes = NULL;
    size_t n;
    rec_status status = rec_journal_open(&j, test_path("j"), err);
    if (status == REC_OK)
        status = rec_journal_get(&bytes, &n, j, "b", err);
    if (status == REC_OK)
        failing_malloc_check(strcmp(bytes, "second") == 0);
    free(bytes);
    rec_journal_close(j);
    return status;
}

START_TEST(every_allocation_may_fail)
{
    /* object and path; index and table; key and record, twice */
    ck_assert_uint_eq(failing_malloc_exhaust(write_records), 8);
    ck_assert_uint_eq(failing_malloc_exhaust(read_records), 7);
}
END_TEST

REC_SUITE("core/journal_alloc", tcase_add_checked_fixture(t, test_folder, test_folder_remove);
          tcase_add_test(t, every_allocation_may_fail);)
