/** Measures that only trec_eval has: value of one query. Undefined is 0, as there. */
#ifndef REC_HARNESS_TREC_VALUES_H
#define REC_HARNESS_TREC_VALUES_H

#include "harness/trec/measure.h"

double rec_trec_num_ret(const rec_trec_ranking *r, const double *parameters);
double rec_trec_num_rel(const rec_trec_ranking *r, const double *parameters);
double rec_trec_num_rel_ret(const rec_trec_ranking *r, const double *parameters);
double rec_trec_num_nonrel_judged_ret(const rec_trec_ranking *r, const double *parameters);

/** Greatest precision at or below the place where recall reaches parameters[0]. */
double rec_trec_iprec_at_recall(const rec_trec_ranking *r, const double *parameters);
/** Its mean over the recall levels given; parameters end with NaN. */
double rec_trec_11pt_avg(const rec_trec_ranking *r, const double *parameters);
/** Precision at the place parameters[0] times R, rounded up. */
double rec_trec_rprec_mult(const rec_trec_ranking *r, const double *parameters);
/** Precision at parameters[0] over the greatest possible there. */
double rec_trec_relative_p(const rec_trec_ranking *r, const double *parameters);
/** Share of the first parameters[0] places that hold an unjudged document. */
double rec_trec_unj(const rec_trec_ranking *r, const double *parameters);

/** "Estimating average precision with incomplete and imperfect judgments", CIKM 2006, section 3:
 * negative judgments are documents of the pool that were not judged. */
double rec_trec_infap(const rec_trec_ranking *r, const double *parameters);

/** Mean over the relevant documents of 1 / log2(2 + non-relevant documents above). */
double rec_trec_bin_g(const rec_trec_ranking *r, const double *parameters);
/** Its graded form: the sum of gain_i / log2(2 + cost_i - gains down to i), cost_i the sum of the
 * ideal gains down to i, each at least 1, over the sum of all ideal gains. */
double rec_trec_g(const rec_trec_ranking *r, const double *parameters);
/** ndcg at the rank of each relevant document (at the end for those not ranked), averaged. */
double rec_trec_ndcg_rel(const rec_trec_ranking *r, const double *parameters);
/** ndcg at each rank where the ideal gain falls, and at the end, averaged. */
double rec_trec_rndcg(const rec_trec_ranking *r, const double *parameters);

double rec_trec_set_relative_p(const rec_trec_ranking *r, const double *parameters);
/** Precision times recall of the set. */
double rec_trec_set_map(const rec_trec_ranking *r, const double *parameters);
/** (x + 1) P R / (x P + R), x = parameters[0]. */
double rec_trec_set_f(const rec_trec_ranking *r, const double *parameters);
/** Weighted sum of the four cells retrieved or not, relevant or not. */
double rec_trec_utility(const rec_trec_ranking *r, const double *parameters);

#endif
