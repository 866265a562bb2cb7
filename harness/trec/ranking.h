/** One query's records and judgments -> its rec_trec_ranking. Private to harness/trec. */
#ifndef REC_HARNESS_TREC_RANKING_H
#define REC_HARNESS_TREC_RANKING_H

#include "harness/trec/evaluate.h"

typedef struct rec_trec_scratch rec_trec_scratch;

/** Storage for queries of up to so many judgments and ranked documents. */
rec_status rec_trec_scratch_new(rec_trec_scratch **out, size_t n_judged, size_t n_ranked,
                                rec_error *err);
void rec_trec_scratch_free(rec_trec_scratch *scratch);

/**
 * Judge, order and cut. The ranking borrows from the scratch until the next call.
 * @param results  NULL: the query is absent from the run
 * @param group    set to (n_ranked) numbers, equal for equal scores; in the scratch
 * @param n_duplicates  added to
 */
rec_status rec_trec_rank(rec_trec_ranking *out, const uint32_t **group, size_t *n_duplicates,
                         rec_trec_scratch *scratch, const rec_trec_file *qrels,
                         const rec_trec_query *judgments, const rec_trec_file *run,
                         const rec_trec_query *results, const rec_trec_options *options,
                         rec_error *err);

#endif
