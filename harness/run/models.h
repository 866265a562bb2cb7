/** The fit steps of a run: models come out of their artifacts where those exist. */
#ifndef REC_HARNESS_RUN_MODELS_H
#define REC_HARNESS_RUN_MODELS_H

#include "harness/run/run.h"

/** What a report says about a fitted model; kept beside its artifact. */
typedef struct rec_model_facts {
    uint64_t n_parameters;
    char sha256[REC_SHA256_HEX]; /* of the artifact; "" when nothing is fitted */
    double fit_seconds;
    char *options; /* owned JSON: the options used, tuned ones included */
    char *tuned;   /* owned JSON: those that tuning chose; NULL: none */
    char *trials;  /* owned JSON of the tuning trials; NULL: none */
    char *curves;  /* JSON object: a list of numbers per training curve; owned */
} rec_model_facts;

void rec_model_facts_deinit(rec_model_facts *f);

/**
 * A system of an entry, not fitted, connected to what its options refer to: systems among those are
 * fitted or loaded first and kept until rec_run_unlink.
 * @param map  its options
 */
rec_status rec_run_system(rec_system **out, rec_run *r, const rec_system_entry *e,
                          const rec_yaml *map, rec_error *err);

/** Forget the systems that others referred to. */
void rec_run_unlink(rec_run *r);

/**
 * The system of a fit step. Fits it (and stores the artifact) unless the artifact is there.
 * @param out    the system, ready to answer; NULL: only the facts are wanted and nothing is loaded
 *               that need not be
 * @param facts  filled; released with rec_model_facts_deinit
 * @return REC_ERR_DATA for an artifact that is damaged, and in a replay-only run for one that is
 *         not there
 */
rec_status rec_run_model(rec_system **out, rec_model_facts *facts, rec_run *r, const rec_step *step,
                         rec_error *err);

#endif
