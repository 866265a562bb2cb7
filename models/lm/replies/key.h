/**
 * What names a recorded answer: the SHA-256 of a canonical JSON text that holds the model's identity
 * and everything of a request that its answer may depend on: all parts with role and kind, limits,
 * sampling with seed, stop strings, repeat number, and the request's id where tokens are drawn at
 * random. Answer keys, hooks that only watch, and how a text was cut into parts do not count.
 */
#ifndef REC_MODELS_LM_REPLIES_KEY_H
#define REC_MODELS_LM_REPLIES_KEY_H

#include <stdbool.h>

#include "core/hash.h"
#include "models/lm/lm.h"

typedef enum rec_reply_op { REC_REPLY_GENERATE, REC_REPLY_SCORE, REC_REPLY_EMBED } rec_reply_op;

typedef struct rec_reply_key {
    char hex[REC_SHA256_HEX];
    rec_reply_op op;
    char *request; /* owned: the canonical JSON */
} rec_reply_key;

void rec_reply_key_deinit(rec_reply_key *k);

/** False for what text cannot describe: constraints, hooks that change tokens, vectors. */
bool rec_reply_key_exists(const rec_lm_request *r);
bool rec_reply_key_exists_for(const rec_lm_input *input);

/** REC_ERR_DATA for a text that is not UTF-8. */
rec_status rec_reply_key_generate(rec_reply_key *out, const char *identity, const rec_lm_request *r,
                                  rec_error *err);
rec_status rec_reply_key_score(rec_reply_key *out, const char *identity,
                               const rec_lm_score_request *r, rec_error *err);
rec_status rec_reply_key_embed(rec_reply_key *out, const char *identity, const rec_lm_input *input,
                               rec_error *err);

/** "generate", "score", "embed": member "op" of the canonical request; false for other names. */
const char *rec_reply_op_name(rec_reply_op op);
bool rec_reply_op_of(rec_reply_op *out, const char *name);

#endif
