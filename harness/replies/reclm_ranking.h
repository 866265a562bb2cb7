/** What RecLM-eval does to the answers of local models before it scores them (call_models/vllm_models.py):
 * titles that are no candidates, repeats and history vanish, and what is missing is filled up with
 * random candidates, so that the error rates of such models are near 0 by construction. For
 * comparisons with its published figures only. */
#ifndef REC_HARNESS_REPLIES_RECLM_RANKING_H
#define REC_HARNESS_REPLIES_RECLM_RANKING_H

#include "core/rng.h"
#include "harness/replies/title_list.h"

typedef struct rec_reclm_ranking {
    const char *const
        *candidates; /* (n_candidates) titles as shown; none: titles stay as replied */
    size_t n_candidates;
    const char *const *history; /* (n_history) */
    size_t n_history;
    size_t top_k; /* the original's --top_k, 20 */
} rec_reclm_ranking;

/**
 * The repaired list: titles between <end> marks without <SOI> and <EOI>; exactly a candidate, or the
 * last candidate with the same ASCII form; first occurrences; none of the history; padded and cut to
 * top_k. The original shuffles without a seed; here `rng` does.
 * @param out  replaced; mode REC_LIST_RECLM
 */
rec_status rec_reclm_repair(rec_title_list *out, const char *reply,
                            const rec_reclm_ranking *ranking, rec_rng *rng, rec_error *err);

#endif
