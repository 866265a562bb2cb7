/**
 * Text requests put to a language model: the one path for prompted systems, judges, simulated users
 * and baselines. A prompt that is too long for the model loses the parts that its task says may go
 * (rec_text_part.drop_order), never others; a request that fails is a reply with the reason.
 */
#ifndef REC_HARNESS_SYSTEMS_TEXT_ANSWER_H
#define REC_HARNESS_SYSTEMS_TEXT_ANSWER_H

#include "harness/systems/request.h"
#include "models/lm/lm.h"

/**
 * replies->replies[i] belongs to requests[i]. Requests of kind TEXT are generated in one batch,
 * those of kind CHOOSE scored in one.
 * @param chat     parts are messages; otherwise they are one text to continue
 * @param replies  empty; released by the caller also on failure
 * @return REC_ERR_CONFIG when the model lacks a capability (CHOOSE needs log-probabilities);
 *         REC_ERR_* for what concerns all requests
 */
rec_status rec_text_answer(rec_reply_batch *replies, rec_lm *lm, bool chat,
                           const rec_request *requests, size_t n, rec_error *err);

#endif
