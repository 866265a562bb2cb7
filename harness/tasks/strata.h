/**
 * Averages hide for whom a system works: figures over parts of the samples. A part is a name and a
 * predicate; a figure over it is a column `metric.part` with the value of its base where the predicate
 * holds, undefined elsewhere. Tasks bring tables of parts (rank_strata.c, emb_strata.c).
 */
#ifndef REC_HARNESS_TASKS_STRATA_H
#define REC_HARNESS_TASKS_STRATA_H

#include "harness/tasks/task.h"

typedef struct rec_stratum {
    const char *name; /* letters, digits and _ */
    bool (*holds)(const rec_job *job);
} rec_stratum;

/** One column per part (a table that ends with a NULL name) of the column numbered `base`. */
rec_status rec_strata_add(rec_task_entry *entry, size_t base, const rec_stratum *parts,
                          rec_error *err);

/** Set the job's values of all such columns from the values of their bases. */
void rec_strata_set(rec_job *job);

#endif
