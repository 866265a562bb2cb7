/**
 * The recipe: generated rows as pairs of texts, batches of one task each, InfoNCE with passages of the
 * batch as negatives except those known to answer, early stopping on development rows.
 */
#ifndef REC_MODELS_RECLM_EMB_TRAINING_H
#define REC_MODELS_RECLM_EMB_TRAINING_H

#include "core/rng.h"
#include "models/lm/training/tuning.h"
#include "models/reclm_emb/corpus.h"
#include "models/reclm_emb/model.h"
#include "models/recommender.h"

typedef enum rec_emb_hard { REC_EMB_HARD_RANDOM, REC_EMB_HARD_BM25, REC_EMB_HARD_OWN } rec_emb_hard;

typedef struct rec_emb_training_options {
    rec_lm_tuning tuning;
    bool full;                /* every weight; else an adapter, merged at the end */
    bool freeze_words;        /* full: all but the word embeddings */
    rec_adapter_options lora; /* unless full */
    rec_string_list tasks;    /* whose rows are trained; none: all but extras */
    double mixing;            /* a task is drawn in proportion to weight * (its rows)^mixing */
    double weights[REC_EMB_N_TASKS];
    rec_string_list own_group; /* tasks whose queries see their own passages alone */
    bool mask;                 /* what is known to answer a query is never its negative */
    int64_t group;             /* passages per query: one answer and group - 1 given negatives */
    int64_t groups[REC_EMB_N_TASKS]; /* of single tasks; 0 = group */
    int hard;                        /* rec_emb_hard: where given negatives come from */
    bool correct;                    /* log q correction (tuning.h) */
    bool forget_prefixes;            /* afterwards texts are read without the tuning's prefixes */
    int64_t pairs;                   /* per epoch; 0 = as many as there are rows */
    int64_t dev_candidates;          /* items that development rows are ranked among */
} rec_emb_training_options;

/** Keys tuning, full, freeze_word_embeddings, lora, tasks, mixing, weights, own_group, mask, group,
 * groups, hard, correct, forget_prefixes, pairs, dev_candidates. */
extern const rec_option rec_emb_training_option_table[];

/** REC_ERR_CONFIG for an unknown task, early stopping together with an adapter, or queries that would
 * see no negative. */
rec_status rec_emb_training_check(const rec_emb_training_options *o, rec_error *err);

/** Is the task one of the names? */
bool rec_emb_names_task(const rec_string_list *names, size_t task);

/** Passages per query of a task. */
size_t rec_emb_group(const rec_emb_training_options *o, size_t task);

/** A task in proportion to weight * n_rows^mixing, among those with rows (at least one has). */
size_t rec_emb_mixing_draw(const rec_emb_training_options *o, const size_t n_rows[REC_EMB_N_TASKS],
                           rec_rng *rng);

/** Does training see rows of the task? Extras only where `tasks` names them. */
bool rec_emb_is_trained(const rec_emb_training_options *o, size_t task);

/**
 * Tune the model on the corpus's training rows; its development rows decide when to stop where
 * tuning.training.patience says so.
 * @param data  for mined negatives (dataset and interactions), the seed and the checkpoint's path
 * @param identity  what a resumable state belongs to
 */
rec_status rec_emb_train(rec_training_report *report, rec_emb_model *model,
                         const rec_emb_corpus *corpus, const rec_emb_training_options *options,
                         const rec_fit_data *data, const char *identity, rec_error *err);

/** Mean reciprocal rank of development rows' answers among drawn items, averaged over tasks. */
rec_status rec_emb_dev_value(double *out, const rec_emb_model *model, const rec_emb_corpus *corpus,
                             size_t n_candidates, uint64_t seed, rec_error *err);

/** Items that look right and are wrong: for each row (n_rows) at most n items, REC_NO_ITEM after them,
 * none of which the row accepts, all of which training may show. */
rec_status rec_emb_mine(uint32_t *out, size_t n, const rec_emb_corpus *corpus, const uint32_t *rows,
                        size_t n_rows, rec_emb_hard hard, const rec_emb_model *model,
                        const rec_fit_data *data, rec_error *err);

#endif
