/** The conversation task: its entry (conversation.c), samples out of recorded dialogues
 * (dialogue_samples.c), the state machine of one dialogue (conversation_step.c), its figures
 * (conversation_figures.c). */
#ifndef REC_HARNESS_TASKS_CONVERSATION_H
#define REC_HARNESS_TASKS_CONVERSATION_H

#include "harness/replies/grounding.h"
#include "harness/replies/similarity.h"
#include "harness/simulators/simulator.h"
#include "harness/tasks/answer_key.h"
#include "harness/tasks/prompt.h"
#include "harness/tasks/target_samples.h"

typedef struct rec_conversation_options {
    rec_target_options samples;
    rec_simulator_options simulator;
    rec_prompt_options prompt; /* `system` alone: the instructions */
    int64_t max_turns, list;
    int seeds;  /* rec_conversation_seeds */
    int compat; /* 0 none, 1 reclm */
} rec_conversation_options;

typedef enum rec_conversation_seeds {
    REC_SEEDS_INTERACTIONS, /* a user's history and a held-out item */
    REC_SEEDS_DIALOGUES,    /* the dialogue so far and what was recommended next (table "turns") */
} rec_conversation_seeds;

/** What reading replies takes; rec_sample_set.text. */
typedef struct rec_conversation_text {
    rec_grounder *grounder; /* owned */
    rec_tfidf *corpus;      /* owned; compat only */
    rec_popular_titles popular;
} rec_conversation_text;

/** One sample per row of table "turns" that has targets: `turn` is the row, `user` numbers the
 * dialogues, `name` names them, the history are the items mentioned so far. */
rec_status rec_dialogue_samples(rec_sample_set *out, const rec_conversation_options *options,
                                const rec_task_data *data, rec_error *err);

/** The messages of the dialogue before the sample's turn, oldest first; the last is the user's.
 * *n = 0 for samples that are seeded by interactions. */
const char *const *rec_dialogue_context(size_t *n, const rec_conversation_options *options,
                                        const rec_dataset *dataset, const rec_sample *sample);

/** One dialogue; in the job's arena. */
typedef struct rec_conversation {
    rec_simulated_user user;
    rec_message *messages; /* in the arena: the context and two per turn */
    size_t n, n_context;
    rec_request instructions; /* parts and settings of the system's prompt */
    rec_lm_answer_key key;    /* for rule-based models */
    size_t n_turns, hit_turn; /* replies so far; 0 = no hit */
    bool has_accepted, has_given_up, has_leaked, has_violated;
    size_t n_listed;
    uint64_t n_tokens;
    const uint32_t *ranked; /* (n_ranked) of a system that scores: the whole dialogue's items */
    size_t n_ranked, n_pool;
} rec_conversation;

/** Columns out of a dialogue that has ended. */
void rec_conversation_set_values(rec_job *job, const rec_conversation *d);
rec_status rec_conversation_keep_transcript(rec_job *job, const rec_conversation *d,
                                            rec_error *err);

rec_status rec_conversation_step(rec_job *job, const rec_reply *replies, rec_error *err);

enum { REC_CONVERSATION_TRANSCRIPT }; /* rec_task.texts */

#endif
