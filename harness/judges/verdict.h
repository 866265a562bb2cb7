/**
 * Which of two answers a judge prefers, read out of what it wrote, and what two such readings with
 * the answers swapped amount to.
 */
#ifndef REC_HARNESS_JUDGES_VERDICT_H
#define REC_HARNESS_JUDGES_VERDICT_H

#include <stdbool.h>
#include <stddef.h>

#include "core/status.h"

/** Of the answers as they were shown: A stood first. */
typedef enum rec_preference {
    REC_PREFERS_NONE, /* no verdict could be read */
    REC_PREFERS_A,
    REC_PREFERS_B,
    REC_PREFERS_TIE
} rec_preference;

/**
 * The last of the tokens [[A]], [[B]], [[C]] (C: a tie), letters of either case; without any, the
 * member `verdict` (or overall, overall_result, winner) of the last JSON object: a letter, or "tie".
 * @return REC_ERR_RESOURCE; a reply without a verdict is REC_PREFERS_NONE
 */
rec_status rec_verdict_parse(rec_preference *out, const char *reply, rec_error *err);

/** The original's rule: is the token [[LETTER]] anywhere, in exactly this form? */
bool rec_verdict_contains(const char *reply, char letter);

/** What a sample comes to after both orders, from the side of the evaluated system. */
typedef enum rec_outcome {
    REC_OUTCOME_WIN,
    REC_OUTCOME_LOSS,
    REC_OUTCOME_TIE,
    REC_OUTCOME_INCONSISTENT, /* the two orders do not agree */
    REC_OUTCOME_INVALID       /* at least one order has no verdict */
} rec_outcome;
enum { REC_N_OUTCOMES = 5 };
extern const char *const rec_outcome_names[]; /* by value; ends with NULL */

/** @param first   verdict with the evaluated answer shown as A
 *  @param second  verdict with it shown as B */
rec_outcome rec_outcome_of(rec_preference first, rec_preference second);

/** RecLM-eval's: [[A]] in the first reply and [[B]] in the second is a win, the reverse a loss, all
 * else (true ties, disagreement, unreadable or missing replies) one bucket: a tie.
 * @param first, second  replies; NULL: the call failed */
rec_outcome rec_outcome_reclm(const char *first, const char *second);

/** The share of a sample's two orders that went to the evaluated system, a tie as half: 0, 0.25, ...
 * 1; NaN when an order has no verdict. */
double rec_preference_share(rec_preference first, rec_preference second);

#endif
