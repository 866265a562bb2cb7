/**
 * Who plays the user of a dialogue: a language model that is told what it wants, or rules over the
 * catalogue. A plug-in is one file in harness/simulators/ that defines one `rec_simulator` and one line
 * in simulators.def. A simulated user is a state machine that a task steps from its own: at each turn
 * it asks a model once or several times, or speaks at once.
 */
#ifndef REC_HARNESS_SIMULATORS_SIMULATOR_H
#define REC_HARNESS_SIMULATORS_SIMULATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/option.h"
#include "core/yaml.h"
#include "datasets/dataset.h"
#include "harness/systems/request.h"

typedef struct rec_simulator rec_simulator;

/** What `simulator:` of a task says; a REC_OPT_TABLE of `rec_simulator_option_table`. */
typedef struct rec_simulator_options {
    int type; /* index into rec_simulators */
    char *lm; /* entry of `lms:` */
    double temperature;
    int64_t max_tokens;
    int64_t max_verify;
    rec_string_list attributes; /* columns of the catalogue, "column" or "column=word for it" */
    double noise;
    int64_t patience;
} rec_simulator_options;

extern const rec_option rec_simulator_option_table[];

typedef enum rec_speaker { REC_SPEAKER_USER, REC_SPEAKER_RECOMMENDER } rec_speaker;

typedef struct rec_message {
    rec_speaker speaker;
    const char *text;
    const uint32_t *items; /* (n_items) found in a recommender's message */
    size_t n_items;
} rec_message;

/** In order; the arrays belong to whoever leads the dialogue. */
typedef struct rec_dialogue {
    const rec_message *messages;
    size_t n;
} rec_dialogue;

/** One user of one dialogue. Everything is borrowed and lives as long as the dialogue. */
typedef struct rec_simulated_user {
    const rec_simulator_options *options;
    const rec_dataset *dataset;
    const uint32_t *history; /* (n_history) items, oldest first */
    size_t n_history;
    const uint32_t *targets; /* (n_targets) what the user would accept; talks about the first */
    size_t n_targets;
    uint64_t seed, id; /* name the random draws: `id` is of the sample */
    bool is_reclm;     /* judge verifications as RecLM-eval does */
    rec_arena *arena;
    void *state; /* in the arena; the simulator's own, NULL at first */
} rec_simulated_user;

/** What a step came to: requests to REC_PARTY_SIMULATOR, or words. */
typedef struct rec_user_turn {
    const rec_request *requests; /* in the arena; n_requests 0: the user speaks */
    size_t n_requests;
    const char *text;  /* in the arena; NULL with n_requests 0: a call failed */
    bool accepts;      /* says that this is it */
    bool ends;         /* has no patience left */
    bool is_violation; /* never satisfied the verifier: the last words stand */
} rec_user_turn;

struct rec_simulator {
    const char *name, *help, *citation;
    bool needs_lm;
    /** Why this data set will not do, or NULL. Borrowed constant text. Optional. */
    const char *(*unfit)(const rec_simulator_options *options, const rec_dataset *dataset);
    /**
     * @param dialogue  so far: nothing, or it ends with the recommender's message
     * @param replies   to the requests of the step before; NULL: a turn begins
     */
    rec_status (*speak)(rec_user_turn *out, rec_simulated_user *user, const rec_dialogue *dialogue,
                        const rec_reply *replies, rec_error *err);
};

extern const rec_simulator *const rec_simulators[];
extern const size_t rec_n_simulators;

const rec_simulator *rec_simulator_type(const rec_simulator_options *o);

/** What the table cannot say: a model needs a name. REC_ERR_CONFIG at the task's key `simulator`. */
rec_status rec_simulator_check(const rec_simulator_options *o, const rec_yaml *map, rec_error *err);

#endif
