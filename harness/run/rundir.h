/** A run directory found again from a report or its own path, to read what a run left there. */
#ifndef REC_HARNESS_RUN_RUNDIR_H
#define REC_HARNESS_RUN_RUNDIR_H

#include "harness/run/run.h"

typedef struct rec_opened_run {
    rec_config *config; /* owned */
    rec_run *run;       /* owned: replay only, without the lock */
    char *folder;       /* owned */
} rec_opened_run;

/**
 * @param path  a report or a run directory
 * @return REC_ERR_DATA when there is no run directory
 */
rec_status rec_opened_run_init(rec_opened_run *out, const char *path, rec_error *err);
/**
 * Items that came after the run, known by their texts alone: its data are read again with those of the file
 * (`more_items` of the data set). Models of the run that go by texts, loaded after this, find them.
 * @return REC_ERR_DATA for a file that is none, an item that is there already, or one that the filters
 *         of the data drop
 */
rec_status rec_opened_run_add_items(rec_opened_run *o, const char *path, rec_error *err);
void rec_opened_run_deinit(rec_opened_run *o);

#endif
