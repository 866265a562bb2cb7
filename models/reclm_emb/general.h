/** Does an encoder still understand sentences that have nothing to do with items? Sixty pairs of everyday
 * sentences of our own in six levels of likeness, so that forgetting shows. */
#ifndef REC_MODELS_RECLM_EMB_GENERAL_H
#define REC_MODELS_RECLM_EMB_GENERAL_H

#include "models/reclm_emb/model.h"

/** Spearman's rank correlation of the vectors' cosines with the levels, ties at their mean rank. */
rec_status rec_emb_general_value(double *out, const rec_emb_model *m, rec_error *err);

/** Spearman's rho of n pairs (x, y); NaN when either is constant. */
rec_status rec_emb_spearman(double *out, const double *x, const double *y, size_t n,
                            rec_error *err);

#endif
