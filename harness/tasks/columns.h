/** Columns of tasks that name their figures themselves. */
#ifndef REC_HARNESS_TASKS_COLUMNS_H
#define REC_HARNESS_TASKS_COLUMNS_H

#include "harness/tasks/task.h"

rec_status rec_task_add_column(rec_task_entry *entry, const rec_task_column *column,
                               rec_error *err);

/** Place of a column, or SIZE_MAX: the task does not report it. */
size_t rec_task_column_index(const rec_task_entry *entry, const char *metric, size_t k);

/** Set a job's value by the column's name; one that the task does not report is nothing. */
void rec_job_set(rec_job *job, const char *metric, size_t k, double value);
/** With the weight that the value has in the mean. */
void rec_job_set_weighted(rec_job *job, const char *metric, size_t k, double value, double weight);

#endif
