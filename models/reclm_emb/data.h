/**
 * What RecLM-emb's data are made from: options that a system and the emb_* tasks share (equal options
 * give equal rows, so that what is tested was never trained), and the materials they resolve to.
 */
#ifndef REC_MODELS_RECLM_EMB_DATA_H
#define REC_MODELS_RECLM_EMB_DATA_H

#include "core/option.h"
#include "models/reclm_emb/items.h"
#include "models/reclm_emb/wording.h"
#include "models/reclm_emb/writer.h"

/** Whose rows: ours, or those that the released RecLM-emb makes (original/original.h). */
typedef enum rec_emb_compat { REC_EMB_FIXED, REC_EMB_ORIGINAL } rec_emb_compat;

typedef struct rec_emb_data_options {
    rec_emb_roles roles;
    int compat;    /* rec_emb_compat */
    char *files;   /* folder of rows in the original's files, or NULL: rows are made */
    char *wording; /* file, or NULL: the words compiled in */
    int64_t seed;  /* of splits and of every draw */
    double dev_users, test_users, dev_items, test_items; /* shares that training never sees */
    int64_t train_rows, dev_rows, test_rows;             /* most rows per task */
    int64_t history_max;                                 /* items a query shows */
    int64_t negatives;                                   /* stored per row */
    double seen_wording;      /* share of test queries in training wording, for comparison */
    int generator;            /* rec_emb_generator: who writes what templates cannot */
    rec_emb_lm_options texts; /* of local-lm */
    char *answers;            /* of replay: file of recorded texts; or NULL */
} rec_emb_data_options;

/** Keys roles, compat, files, wording, seed, dev_users, ..., seen_wording, generator, texts, answers. */
extern const rec_option rec_emb_data_option_table[];

/** Are the rows the original's, made as it makes them or read from its files? */
bool rec_emb_data_is_original(const rec_emb_data_options *options);

/** The catalogue as these options see it: with the original's texts where its rows are made. Options and
 * catalogue are borrowed. */
rec_status rec_emb_data_items(rec_emb_items *out, const rec_emb_data_options *options,
                              const rec_catalogue *catalogue, rec_error *err);

/** Who and what is for training, development, test: drawn per user and item by the seed alone. */
typedef struct rec_emb_split {
    uint8_t *user_part, *item_part; /* owned; rec_emb_part */
    size_t n_users, n_items;
} rec_emb_split;

/** REC_ERR_CONFIG when the shares leave nothing for training. */
rec_status rec_emb_split_init(rec_emb_split *out, const rec_emb_data_options *options,
                              size_t n_users, size_t n_items, rec_error *err);
void rec_emb_split_deinit(rec_emb_split *s);

/**
 * Items that stand in many histories together: sim(a, b) = c(a, b) / (sqrt(deg a deg b) + 10), c the
 * number of histories with both, deg a the sum over a's histories of their length - 1. RecAI,
 * RecLM-emb, preprocess/generate_data (item2item). Ties go to the lower item.
 */
typedef struct rec_emb_neighbours {
    size_t *start;  /* owned (n_items + 1) */
    uint32_t *item; /* owned: at most REC_EMB_NEIGHBOURS per item, most similar first */
} rec_emb_neighbours;

enum { REC_EMB_NEIGHBOURS = 20 };

/** From the histories of users and among the items that the two masks allow (NULL: all). */
rec_status rec_emb_neighbours_init(rec_emb_neighbours *out, const rec_interactions *histories,
                                   const bool *users, const bool *items, rec_error *err);
void rec_emb_neighbours_deinit(rec_emb_neighbours *x);

#endif
