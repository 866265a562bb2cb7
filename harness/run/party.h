/** Who answers a round of requests: the system under test, and models of `lms:` as its helpers. */
#ifndef REC_HARNESS_RUN_PARTY_H
#define REC_HARNESS_RUN_PARTY_H

#include "harness/systems/system.h"

typedef struct rec_parties {
    const rec_system *system; /* NULL: no request is for it */
    rec_lm_pool *lms;
    size_t n_items;
} rec_parties;

/**
 * replies->replies[i] belongs to requests[i]. What goes to one party is answered in one batch.
 * @param replies  empty; released by the caller also on failure
 */
rec_status rec_parties_answer(rec_reply_batch *replies, const rec_parties *parties,
                              const rec_request *requests, size_t n, rec_error *err);

#endif
