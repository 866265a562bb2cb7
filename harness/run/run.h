/**
 * A run in its directory: the lock, the data, the plan and what is already there.
 *
 *     NAME.run/ lock  config.yaml  plan.json
 *               models/ replies/ trials/ checkpoints/      artifacts, each named by its key
 */
#ifndef REC_HARNESS_RUN_RUN_H
#define REC_HARNESS_RUN_RUN_H

#include "core/file.h"
#include "harness/run/plan.h"

typedef struct rec_run {
    const rec_config *config; /* borrowed */
    char *folder;             /* owned */
    rec_lock *lock;
    rec_dataset *dataset;
    rec_plan plan;
    uint32_t *popularity;    /* owned; behind `data` */
    rec_task_data data;      /* seed is that of the run; evaluations copy it and set their own */
    rec_sample_set *samples; /* owned, (n_tasks, n_seeds); empty until asked for */
    bool *has_samples;
    rec_sample_set
        *lm_samples; /* owned, as `samples`: what systems that answer in text are asked */
    bool *has_lm_samples;
    rec_system **linked; /* owned, (n_systems): fitted systems that others refer to; or NULL */
    struct rec_validation *validation; /* owned; NULL until asked for, or without such a part */
    bool has_validation;
    bool replay_only; /* nothing may be fitted or asked: recai score */
} rec_run;

typedef struct rec_run_flags {
    bool fresh;       /* drop every artifact first */
    bool replay_only; /* read what is there: no lock, nothing written, fitted or asked */
    bool as_recorded; /* with the keys of the recorded plan, whatever program reads it */
} rec_run_flags;

/**
 * Take the directory, load the data, plan. Says which steps a changed config makes it redo.
 * @param folder  the run directory; created unless replay_only
 * @return REC_ERR_RESOURCE naming the owner when another process holds it
 */
rec_status rec_run_open(rec_run **out, const rec_config *config, const char *folder,
                        rec_run_flags flags, rec_error *err);
/** Other data in place of those of the config: models are loaded for them, the plan stays. Takes `dataset`,
 * also on failure. */
rec_status rec_run_take_dataset(rec_run *r, rec_dataset *dataset, rec_error *err);
void rec_run_close(rec_run *r);

/** Samples of a task for a seed of the config, built once; borrowed. */
rec_status rec_run_samples(const rec_sample_set **out, rec_run *r, size_t task, size_t seed_index,
                           rec_error *err);

/** Those of them that a system is asked: all, or where it answers in text as many as the task says,
 * users drawn by seed. Built once; borrowed. */
rec_status rec_run_samples_for(const rec_sample_set **out, rec_run *r, const rec_step *step,
                               rec_error *err);

/** What a step needs to read answers in text, made once per set of samples (which must be there). */
rec_status rec_run_prepare_text(rec_run *r, const rec_step *step, rec_error *err);

/** The validation part as a question, built once; borrowed. *out NULL: there is none. */
rec_status rec_run_validation(struct rec_validation **out, rec_run *r, rec_error *err);

/** FOLDER/PATH.EXTENSION of an artifact; string of the caller. */
char *rec_artifact_path(const rec_run *r, const char *path, const char *extension, rec_error *err);

/** results/NAME.h5, or what the config or `out` says; and the run directory beside it. Strings of
 * the caller. */
char *rec_report_path(const rec_config *c, const char *out, rec_error *err);
char *rec_run_folder(const char *report_path, rec_error *err);

#endif
