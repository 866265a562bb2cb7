/**
 * All rows of all parts, made and checked in one go: what training learns from, what the emb_* tasks
 * ask, what `recai data reclm-emb` writes.
 */
#ifndef REC_MODELS_RECLM_EMB_CORPUS_H
#define REC_MODELS_RECLM_EMB_CORPUS_H

#include "models/reclm_emb/task.h"

typedef struct rec_emb_corpus {
    const rec_dataset *dataset; /* borrowed */
    rec_emb_items items;
    rec_emb_split split;
    rec_emb_wording *wording; /* owned */
    rec_emb_bands bands;
    rec_emb_relatives relatives;
    rec_emb_text_generator generator; /* who wrote the rows that are written */
    uint64_t seed;                    /* of all draws */
    rec_emb_rows rows;                /* training first, then development, then tests */
    rec_emb_tally tally[REC_EMB_N_PARTS][REC_EMB_N_TASKS];
    size_t n_repeated[REC_EMB_N_PARTS][REC_EMB_N_TASKS]; /* dropped: training asks the same */
} rec_emb_corpus;

typedef struct rec_emb_corpus_plan {
    const rec_interactions *train; /* what training may show; NULL: the training part of the data */
    rec_lm_pool *lms;              /* for generator local-lm; or NULL */
    FILE *record;                  /* gets a line for every text asked for (writer.h); or NULL */
    bool tasks[REC_EMB_N_TASKS];   /* whose rows are wanted; others have training rows only, those
                                      that rec_emb_task_is_always_made names */
    bool parts
        [REC_EMB_N_PARTS]; /* training is always made where another part is: rows are compared */
} rec_emb_corpus_plan;

/** Options and dataset are borrowed. REC_ERR_CONFIG for roles that do not fit the data. */
rec_status rec_emb_corpus_init(rec_emb_corpus *out, const rec_emb_data_options *options,
                               const rec_dataset *dataset, const rec_emb_corpus_plan *plan,
                               rec_error *err);
void rec_emb_corpus_deinit(rec_emb_corpus *c);

/** What training and tests have in common that they must not have. */
typedef struct rec_emb_audit {
    size_t users, items, templates, texts, conditions; /* rows concerned */
    char first[256];                                   /* the first leak in words; "" = none */
} rec_emb_audit;

/**
 * Every part against every other, over rows from anywhere: users; items asked for, and whatever earlier
 * parts show of them (histories, positives, negatives); templates; texts without templates; sets of
 * conditions. Rows that say they are seen (seen_item, seen_wording) are seen on purpose.
 */
rec_status rec_emb_audit_rows(rec_emb_audit *out, const rec_emb_row *rows, size_t n,
                              rec_error *err);
size_t rec_emb_audit_leaks(const rec_emb_audit *a);

#endif
