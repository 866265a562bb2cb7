/**
 * Training of user and item vectors by Bayesian personalised ranking: raise ln sigma(x_ui - x_uj)
 * over triples of a user, an item they have and one they have not. "BPR: Bayesian personalized
 * ranking from implicit feedback", UAI 2009, eq. (5) and figure 4 (LearnBPR). Differences: by
 * default an epoch visits every positive pair once in random order instead of drawing with
 * replacement, and gradients are summed over a batch before they are applied (batch 1: as in the
 * paper).
 *
 * The same bits for any thread count: samples are drawn from a stream per epoch, the weights of a
 * batch are computed sample by sample, then each slice of 16 factors is updated in sample order by
 * one thread. A batch too small to be worth waking threads for is done by one.
 */
#ifndef REC_MODELS_BPR_H
#define REC_MODELS_BPR_H

#include "models/factors.h"
#include "models/item_sets.h"
#include "models/sparse.h"

/** How a summed gradient g moves a parameter p; h, m, v are its moments. */
typedef enum rec_step_rule {
    REC_STEP_SGD,     /* p += lr g */
    REC_STEP_ADAGRAD, /* h += g^2, p += lr g / (sqrt(h) + 1e-10); JMLR 12, 2011 */
    REC_STEP_ADAM,    /* ICLR 2015, algorithm 1, on all rows in every batch; b1 .9, b2 .999 */
} rec_step_rule;

extern const char *const rec_step_rule_names[];

/** What an epoch is. */
typedef enum rec_bpr_sampling {
    REC_SAMPLE_PAIRS, /* every positive pair once, in random order */
    REC_SAMPLE_USERS, /* as many draws as users: a user, then one of their items, both uniform */
} rec_bpr_sampling;

extern const char *const rec_bpr_sampling_names[];

typedef struct rec_bpr_options {
    double lr, l2; /* l2: lambda of eq. (5) for each of the three vectors of a sample */
    size_t batch;
    int rule, sampling; /* rec_step_rule, rec_bpr_sampling */
    uint64_t seed;
} rec_bpr_options;

/** State of a training: everything a checkpoint holds. */
typedef struct rec_bpr {
    rec_bpr_options options;
    rec_factors *users, *items;           /* borrowed: what is learned */
    rec_factors user_grad, item_grad;     /* owned, as all below; zero between batches */
    rec_factors user_first, item_first;   /* Adam's m; Adagrad's h; empty for SGD */
    rec_factors user_second, item_second; /* Adam's v */
    uint64_t n_batches;                   /* done so far: Adam's t */
    uint32_t *pair_user, *pair_item;      /* (n_pairs) positives of users that lack an item */
    size_t n_pairs;
    size_t *first_pair; /* (n_active + 1) of each user that has pairs */
    size_t n_active;
    size_t n_samples; /* of an epoch */
    rec_item_sets sets;
    size_t n_round; /* samples drawn at once: a multiple of the batch */
    uint32_t *sample_user, *sample_item, *sample_other; /* (n_round) */
    float *weight;                                      /* (options.batch) sigma(-x) */
} rec_bpr;

/**
 * @param users, items  with their starting values; borrowed until rec_bpr_deinit, as positives are
 * @param positives     (users->n_rows, items->n_rows)
 */
rec_status rec_bpr_init(rec_bpr *out, rec_factors *users, rec_factors *items,
                        const rec_sparse *positives, const rec_bpr_options *options,
                        rec_error *err);
void rec_bpr_deinit(rec_bpr *b);

/**
 * One epoch. What it draws depends on seed and epoch alone.
 * @param accuracy  share of samples whose pair was in order before its update; NaN without samples
 */
rec_status rec_bpr_epoch(double *accuracy, rec_bpr *b, uint64_t epoch, rec_error *err);

/**
 * The vector of a user who was not there: n_epochs of Adagrad steps over a history from 0, with the
 * item vectors held fixed. Draws come from a stream named by seed and history, so the same history
 * gets the same vector. Without a positive or without a negative item it is 0.
 * @param user     (stride) output, aligned to 64 bytes
 * @param squares  (stride) scratch, aligned to 64 bytes
 * @param sets     of the histories; row: which one
 */
void rec_bpr_fold_in(float *user, float *squares, const rec_factors *items,
                     const rec_item_sets *sets, uint32_t row, size_t n_epochs, double lr, double l2,
                     uint64_t seed);

#endif
