/** When a failed HTTP request is sent again. No clock is read here. */
#ifndef REC_MODELS_LM_ENDPOINT_RETRY_H
#define REC_MODELS_LM_ENDPOINT_RETRY_H

#include <stdbool.h>
#include <stdint.h>

/** 408, 409, 429 and 5xx: the same request may succeed later. */
bool rec_retry_allowed(long http_status);

/**
 * The Retry-After header (RFC 9110, section 10.2.3): whole seconds, or a date in any of the three
 * forms of section 5.6.7 (IMF-fixdate, RFC 850, asctime).
 * @param seconds  to wait, at least 0; unspecified when false
 * @param now      seconds since 1970, UTC
 * @return false for a text that is neither
 */
bool rec_retry_after(double *seconds, const char *text, int64_t now);

/**
 * Seconds before attempt number `attempt` (1 = the first repetition): 0.5 * 2^attempt, clamped to 1..10
 * as lm-evaluation-harness does, times a factor in [0.5, 1) drawn from (id, attempt), so that requests
 * that failed together do not come back together.
 */
double rec_retry_backoff(unsigned attempt, uint64_t id);

#endif
