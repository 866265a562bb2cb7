/**
 * Similarity of two texts by their common blocks: 2 M / T, M the characters in matching blocks found
 * longest first, T the characters of both ("Pattern matching: the gestalt approach", Dr. Dobb's Journal
 * 13(7), 1988), as Python's difflib.SequenceMatcher(None, a, b).ratio() computes it.
 */
#ifndef REC_HARNESS_REPLIES_RATCLIFF_H
#define REC_HARNESS_REPLIES_RATCLIFF_H

#include "core/status.h"
#include "harness/replies/span.h"

/**
 * Bytes are the characters. If b has 200 or more, those that make up more than 1 % of it start no
 * match (difflib's autojunk), so that the ratio is not symmetric. Two empty texts: 1.
 * @return REC_ERR_RESOURCE; texts of 2^31 bytes or more are too long
 */
rec_status rec_ratcliff(double *out, rec_span a, rec_span b, rec_error *err);

/** What the ratio cannot exceed: 2 min(a, b) / (a + b). */
double rec_ratcliff_bound(rec_span a, rec_span b);

#endif
