/**
 * The interface of every task. A plug-in is one file in harness/tasks/ that defines one `rec_task`
 * and one line in tasks.def.
 *
 * A task builds samples, once per seed and whatever the system; each sample becomes a job for each
 * system. A job is a resumable state machine: `step` either asks (one or more requests, to the
 * system or to a helper such as a judge) or ends with the sample's values. The runner steps the jobs
 * of a fixed group of samples together, gathers what they ask into batches and journals every reply,
 * so that a job of many rounds resumes as a single question does: by stepping through the replies.
 */
#ifndef REC_HARNESS_TASKS_TASK_H
#define REC_HARNESS_TASKS_TASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/option.h"
#include "core/yaml.h"
#include "datasets/dataset.h"
#include "harness/metrics/metric.h"
#include "harness/systems/request.h"
#include "harness/systems/system.h"
#include "harness/tasks/item_vectors.h"

struct cJSON;

/** What a task may look at. Borrowed. */
typedef struct rec_task_data {
    const rec_dataset *dataset;
    rec_lm_pool *lms;           /* for tasks whose samples are written by a model; or NULL */
    const uint32_t *popularity; /* (n_items) interactions in the training part */
    size_t n_train_users;       /* users with at least one of them */
    uint32_t tail_popularity;   /* rec_tail_popularity() of it */
    uint64_t seed;              /* of this evaluation: negatives, orders, wording */
    uint64_t user_seed;         /* of the run: which users, the same for all its seeds */
} rec_task_data;

/** One question with its answer key. Arrays borrowed from the set. */
typedef struct rec_sample {
    uint32_t user;    /* dense; the unit that bootstraps resample */
    uint32_t turn;    /* running number inside the user: several targets, turns of a dialogue */
    const char *name; /* of a sample that belongs to no user of the data (`user` then counts): what
                         reports call it; or NULL */
    rec_query query;
    const uint32_t *seen; /* whole history, for masking; query.history may be cut */
    size_t n_seen;
    const uint32_t *targets; /* distinct */
    const float *gains;      /* (n_targets) relevance levels, or NULL: all 1 */
    size_t n_targets;
    const uint32_t *candidates; /* distinct; NULL: the whole catalogue */
    size_t n_candidates;
    const void *own; /* what the task itself keeps of the sample; in the arena */
} rec_sample;

typedef struct rec_sample_set {
    rec_sample *samples; /* in the arena */
    size_t n;
    size_t n_skipped;    /* users without relevant items, or too short a history */
    size_t n_candidates; /* equal for all samples, printed in labels; 0 = the whole catalogue */
    rec_interactions history, test; /* owned; what samples borrow from */
    rec_arena arena;
    rec_item_vectors vectors; /* owned; empty unless a metric reads them */
    struct cJSON *counts; /* owned object: what a report should say about the samples; or NULL */
    void *text;           /* of the task: what reading answers in text takes; NULL before
                             prepare_text */
    void (*text_free)(void *text);
    const char *unfit; /* why the task does not apply to this data set, constant text, with n = 0;
                          NULL: it does */
} rec_sample_set;

void rec_sample_set_deinit(rec_sample_set *s);

/** One value per sample, or one per run. */
typedef struct rec_task_column {
    const char *metric; /* name without cut-off, borrowed from the plug-in */
    size_t k;           /* as rec_metric_parse has it */
    bool higher_is_better;
    const rec_metric *source; /* NULL: the task computes it by itself */
    bool is_whole_run;        /* a figure of the run, without per-sample values */
    char *owned_name;         /* what `metric` points to where no plug-in has the name; or NULL */
    const struct rec_stratum *stratum; /* part of the samples it is about; NULL = all (strata.h) */
    size_t base;                       /* with a stratum: the column whose values it takes */
} rec_task_column;

typedef struct rec_task rec_task;

/** An entry of `tasks:` with its options read. */
typedef struct rec_task_entry {
    char *name;
    const rec_task *type;
    void *options;            /* owned */
    rec_task_column *columns; /* owned; per-sample ones and whole-run ones; those that only answers
                                 in text have come last */
    size_t n_columns;
    size_t n_text_columns; /* of them, at the end */
} rec_task_entry;

/** @param entry  YAML mapping with `type`, `name` and the options. REC_ERR_CONFIG with the place. */
rec_status rec_task_entry_init(rec_task_entry *out, const rec_yaml *entry, rec_error *err);
void rec_task_entry_deinit(rec_task_entry *t);

/** Can a system with these capabilities take part? */
bool rec_task_accepts(const rec_task *task, unsigned can);
/** Does it answer in text, having neither scores nor vectors that the task can use? Such a system is asked lm_samples, in text groups. */
bool rec_task_is_text(const rec_task *task, unsigned can);
/** Columns that the answers of such a system have. */
size_t rec_task_n_columns(const rec_task_entry *t, unsigned can);
/** Samples that such a system is asked together. */
size_t rec_task_group(const rec_task *task, unsigned can);

/** One sample put to one system. */
typedef struct rec_job {
    const rec_task_entry *task;
    const rec_task_data *data;
    const rec_sample_set *set;
    const rec_sample *sample;
    unsigned can;      /* rec_capability bits of the system */
    bool expects_ties; /* the system's scores are constant by design: values are expectations */
    int stage;         /* 0 at first; the task's own after that */
    void *state;       /* in the arena; the task's own */
    rec_arena arena;   /* lives as long as the job */

    const rec_request *requests; /* what the last step asked; none = the job is done */
    size_t n_requests;

    /* Results, storage of the runner. */
    size_t n_columns;     /* those the system's answers have */
    double *values;       /* (n_columns), NaN before */
    double *weights;      /* (n_columns), 1 before: weight of the value in the mean */
    uint32_t *list_items; /* (list_length), REC_NO_ITEM before */
    float *list_scores;   /* (list_length) */
    char **texts;         /* rec_job_set_text; NULL: nobody keeps them */
    bool has_failed;      /* a call failed: counted, not scored */
} rec_job;

/** Ask; the requests are copied, what they point to must live until the next step. */
rec_status rec_job_ask(rec_job *job, const rec_request *requests, size_t n, rec_error *err);

/** Keep a text for the report: number `i` of rec_task.texts. Copied; set again, it is replaced. */
rec_status rec_job_set_text(rec_job *job, size_t i, const char *text, rec_error *err);

/** What a whole run of a task against a system left behind, for whole-run figures. */
typedef struct rec_task_outcome {
    const rec_task_entry *task;
    const rec_task_data *data;
    bool expects_ties; /* as in rec_job */
    size_t n_samples, list_length;
    const uint32_t *list_items; /* (n_samples, list_length) */
    const rec_sample *samples;  /* (n_samples) */
    size_t n_columns;
    const double *values; /* (n_samples, n_columns), NaN = undefined */
} rec_task_outcome;

struct rec_task {
    const char *name;
    const char *help; /* one line */
    unsigned needs;   /* rec_capability bits a system must have, all of them */
    unsigned any_of;  /* and at least one of these; 0 = no further demand */
    size_t size;      /* of the option struct */
    const rec_option *options;
    size_t group;             /* samples that are asked together; part of what is journalled */
    size_t text_group;        /* the same for systems that answer in text; 0 = 64 */
    bool has_ideal;           /* questions carry what answers them: the best ranking can be asked */
    bool texts_of_all;        /* `texts` are kept of systems that score, too */
    const char *const *texts; /* texts kept per sample ("prompt", "reply", ...), ends with NULL; or
                                 NULL: none */

    /** Checks that no table can say, and the columns, from parsed options. */
    rec_status (*columns)(rec_task_entry *entry, const rec_yaml *map, rec_error *err);
    /** The samples depend on the seed: the task runs once per seed for every system. */
    bool (*is_random)(const void *options);
    size_t (*list_length)(const void *options);
    /** At most so many samples, drawn by seed, for systems that answer in text; 0 = all. Optional. */
    size_t (*lm_samples)(const void *options);
    /** Build the samples of one seed. `out` is empty storage. REC_ERR_DATA when there are none. */
    rec_status (*samples)(rec_sample_set *out, const void *options, const rec_task_data *data,
                          rec_error *err);
    /** Fill set->text, before the first job of a system that answers in text. Optional. */
    rec_status (*prepare_text)(rec_sample_set *set, const void *options, const rec_task_data *data,
                               rec_error *err);
    /** Replies belong to job->requests, in order; NULL at first. Called from parallel loops. */
    rec_status (*step)(rec_job *job, const rec_reply *replies, rec_error *err);
    /** values (n_columns): fill those of whole-run columns. Optional. */
    rec_status (*whole_run)(double *values, const rec_task_outcome *outcome, rec_error *err);
    /** What tables must say beside the figures (a rule in a model's place); constant text, or NULL:
     * nothing. Optional. */
    const char *(*remark)(const void *options);
};

extern const rec_task *const rec_tasks[];
extern const size_t rec_n_tasks;
const rec_task *rec_task_find(const char *name); /* or NULL */

#endif
