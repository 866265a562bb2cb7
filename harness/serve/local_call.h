/** A call to a model that runs here: its prompts in tokens, and what the generator tells it. */
#ifndef REC_HARNESS_SERVE_LOCAL_CALL_H
#define REC_HARNESS_SERVE_LOCAL_CALL_H

#include "harness/serve/call.h"
#include "models/lm/json_constraint.h"
#include "models/lm/lm.h"

/**
 * Encode a completion or count the tokens of texts to embed; refuse what cannot be done.
 * @param lm          of the local back end; only functions that any thread may call are used
 * @param json        *json is made when a request first needs it
 * @param max_tokens  per choice; 0 = what the context leaves
 */
rec_status rec_local_call_prepare(rec_call *call, rec_lm *lm, rec_json_tokens **json,
                                  size_t max_tokens, rec_api_error *err);

/* The rest is called on the model's thread. */

/** What the generator is to do for a choice. Borrows from the call. */
rec_generation rec_local_call_generation(rec_call *call, size_t choice);

/** A choice is finished. */
rec_status rec_local_call_take(rec_call *call, size_t choice, const rec_generation_result *result,
                               rec_error *err);
bool rec_local_call_is_complete(const rec_call *call);

/** Wake the listener of a stream if something was added since the last time. */
void rec_local_call_announce(rec_call *call);

size_t rec_local_call_n_embedded(const rec_call *call);
uint64_t rec_local_call_embed_tokens(const rec_call *call, size_t row);
/** Rows come in order. */
void rec_local_call_put_vector(rec_call *call, size_t row, const float *vector);

#endif
