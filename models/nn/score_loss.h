/**
 * Losses on a matrix of scores (n, n_candidates), one row per example: one target among negatives
 * that were sampled or come from the batch. Roots (tape.h): the gradient is made with the value.
 */
#ifndef REC_MODELS_NN_SCORE_LOSS_H
#define REC_MODELS_NN_SCORE_LOSS_H

#include "models/nn/tape.h"

/* With p the target's score, s_j those of the N negatives, S the logistic function: */
typedef enum rec_score_loss_kind {
    /* -log S(p) - sum_j log S(-s_j). "Self-attentive sequential recommendation", ICDM 2018, section III-E */
    REC_LOSS_BCE,
    /* -(beta log S(p) + sum_j log S(-s_j)) / (N + 1). gBCE, "gSASRec", RecSys 2023 */
    REC_LOSS_GBCE,
    /* softmax cross-entropy over the row; log_q subtracted first corrects for how candidates were
     * sampled ("On using very large target vocabulary for neural machine translation", ACL 2015) */
    REC_LOSS_SOFTMAX,
    /* mean_j -log S(p - s_j). "BPR", UAI 2009 */
    REC_LOSS_BPR,
    /* -log sum_j w_j S(p - s_j) + lambda sum_j w_j s_j^2, w = softmax of the negatives' scores.
     * BPR-max of "Recurrent neural networks with top-k gains", CIKM 2018, section 3.3 */
    REC_LOSS_BPR_MAX,
    /* mean_j S(s_j - p) + S(s_j^2). "Session-based recommendations with RNNs", ICLR 2016, sec. 3.2 */
    REC_LOSS_TOP1,
    /* the same weighted with w: TOP1-max of CIKM 2018, section 3.3 */
    REC_LOSS_TOP1_MAX
} rec_score_loss_kind;

typedef struct rec_score_loss {
    rec_score_loss_kind kind;
    const uint32_t *targets; /* column of each row's target; NULL: column 0 */
    const bool *ignored;     /* (n, n_candidates) negatives to leave out, or NULL */
    const float *log_q;      /* (n, n_candidates), SOFTMAX only, or NULL */
    const float *weights;    /* (n), or NULL: all 1 */
    double divisor;          /* 0: the sum of the weights */
    float beta;              /* GBCE */
    float regularization;    /* BPR_MAX: lambda */
} rec_score_loss;

/** Sum over rows of weight * loss / divisor. Rows without a negative count nothing, except in
 * SOFTMAX (0 there by definition) and BCE. row_loss (n) may be NULL. */
double rec_nn_score_loss(rec_tape *t, rec_tensor *scores, const rec_score_loss *options,
                         float *row_loss);

/** beta of gBCE for N negatives out of n_items and calibration t in [0, 1] (t = 0: plain BCE):
 * with a = N / (n_items - 1), beta = a (t (1 - 1 / a) + 1 / a). The same paper. */
float rec_nn_gbce_beta(size_t n_negatives, size_t n_items, float t);

/**
 * InfoNCE: cross-entropy of cos(query, passage) / temperature, passage targets[i] being query i's
 * ("Representation learning with contrastive predictive coding", arXiv 1807.03748, eq. (4)). Passages
 * of other queries and any further rows are negatives.
 * @param targets  NULL: passage i belongs to query i
 * @param ignored  (n_queries, n_passages) pairs to leave out (false negatives), or NULL
 * @param log_q    (n_queries, n_passages) log-probability of each passage being in the batch,
 *                 subtracted from the logits, or NULL
 */
double rec_nn_info_nce(rec_tape *t, rec_tensor *queries, rec_tensor *passages,
                       const uint32_t *targets, const bool *ignored, const float *log_q,
                       float temperature, double divisor);

#endif
