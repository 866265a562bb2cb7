/**
 * RecLM-eval's judgments of lists of titles (evaluates/evaluate.py, metrics4rec.py), by similarity of
 * titles instead of items: sequels count as the same title, short titles match nothing.
 */
#ifndef REC_HARNESS_REPLIES_RECLM_ERRORS_H
#define REC_HARNESS_REPLIES_RECLM_ERRORS_H

#include "harness/replies/similarity.h"
#include "harness/replies/title_list.h"
#include "harness/replies/title_rules.h"

/**
 * The collection in which a part of RecLM-eval compares titles: those that its rule finds. That of the
 * error rates begins with a document "padding".
 * @param rule  REC_TITLE_LIST_METRICS, REC_TITLE_ERRORS or REC_TITLE_CONVERSATION
 */
rec_status rec_reclm_corpus(rec_tfidf **out, const rec_catalogue *c, rec_title_rule rule,
                            rec_error *err);

/**
 * Which predictions count as hits: 1 for those similar to a target, as long as there are fewer hits
 * than targets; what the metrics reclm_ndcg, reclm_map, ... take as gains. An empty list makes the
 * original abort; here it has no gains and the caller counts it (reclm_abort_count).
 * @param gains  (list->n)
 */
rec_status rec_reclm_gains(float *gains, const rec_tfidf *corpus, const rec_title_list *list,
                           const char *const *targets, size_t n_targets, double threshold,
                           rec_error *err);

typedef struct rec_reclm_errors {
    bool history, duplicate, candidate;
    size_t n_copied; /* longest common subsequence of the list and history, then candidates */
} rec_reclm_errors;

rec_status rec_reclm_errors_find(rec_reclm_errors *out, const rec_tfidf *corpus,
                                 const rec_title_list *list, const char *const *history,
                                 size_t n_history, const char *const *candidates,
                                 size_t n_candidates, double threshold, rec_error *err);

#endif
