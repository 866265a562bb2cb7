#include "harness/tasks/columns.h"

#include <stdlib.h>

#include "tests/suite.h"

START_TEST(columns_by_name)
{
    rec_task_entry entry = {0};
    const rec_task_column a = {.metric = "recall", .k = 1}, b = {.metric = "recall", .k = 2};
    double values[2] = {0}, weights[2] = {1, 1};
    rec_job job = {.task = &entry, .n_columns = 2, .values = values, .weights = weights};
    ck_assert_ok(rec_task_add_column(&entry, &a, err));
    ck_assert_ok(rec_task_add_column(&entry, &b, err));
    ck_assert_uint_eq(rec_task_column_index(&entry, "recall", 2), 1);
    ck_assert_uint_eq(rec_task_column_index(&entry, "recall", 3), SIZE_MAX);
    ck_assert_uint_eq(rec_task_column_index(&entry, "hit", 1), SIZE_MAX);
    rec_job_set(&job, "recall", 1, 0.5);
    rec_job_set_weighted(&job, "recall", 2, 0.25, 3.0);
    rec_job_set(&job, "hit", 1, 9.0); /* nothing of that name */
    ck_assert_double_eq(values[0], 0.5);
    ck_assert_double_eq(weights[0], 1.0);
    ck_assert_double_eq(values[1], 0.25);
    ck_assert_double_eq(weights[1], 3.0);
    job.n_columns = 1; /* a system whose answers do not have the second */
    rec_job_set(&job, "recall", 2, 7.0);
    ck_assert_double_eq(values[1], 0.25);
    free(entry.columns);
}
END_TEST

REC_SUITE("harness/tasks/columns", tcase_add_test(t, columns_by_name);)
