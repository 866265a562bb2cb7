/**
 * A config over a data set as a list of steps. A step's key is the SHA-256 of everything that
 * determines its result: its options, the keys of the steps it needs, the data, the seed where it
 * draws, the version of the code. The artifact's name carries the key, so that what is there is
 * right, whatever config it was made under.
 */
#ifndef REC_HARNESS_RUN_PLAN_H
#define REC_HARNESS_RUN_PLAN_H

#include "harness/run/config.h"

struct cJSON;

typedef enum rec_step_kind {
    REC_STEP_FIT,     /* model of a system: models/SYSTEM.sSEED.KEY.safetensors + .json */
    REC_STEP_REPLIES, /* what it answers to a task: replies/TASK.SYSTEM.sSEED.KEY.journal */
} rec_step_kind;

typedef struct rec_step {
    rec_step_kind kind;
    char *name; /* "fit ease", "ask ease: retrieval", with "(seed 2)" where there are several */
    size_t system;
    size_t task; /* REPLIES */
    size_t seed_index;
    uint64_t seed;
    size_t fit; /* REPLIES: index of the step that fits the system */
    char key[REC_SHA256_HEX];
    char *path; /* relative to the run directory, without extension */
} rec_step;

typedef struct rec_plan {
    rec_step *steps; /* owned; in an order in which they can run */
    size_t n;
} rec_plan;

/**
 * @param recorded  keys of a plan made before, by step name: used in place of computed ones, so that
 *                  a replay finds its artifacts; or NULL. Computing keys opens the language models
 *                  that steps depend on
 */
rec_status rec_plan_init(rec_plan *out, const rec_config *config, const rec_dataset *dataset,
                         const struct cJSON *recorded, rec_error *err);
void rec_plan_deinit(rec_plan *p);

/** Why a system cannot take part in a task ("it cannot respond"), or NULL. Cut at size. */
const char *rec_not_applicable(char *out, size_t size, const rec_task_entry *task,
                               const rec_system_type *system);

/** SHA-256 over n texts, each with its length in front. */
rec_status rec_step_key(char hex[REC_SHA256_HEX], const char *const *parts, size_t n,
                        rec_error *err);

#endif
