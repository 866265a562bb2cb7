/**
 * Generation of JSON (RFC 8259) and nothing else: after each token exactly those tokens are allowed
 * whose bytes go on with a valid document. Strings are valid UTF-8; white space between tokens is
 * limited, so that a model cannot fill its budget with it.
 */
#ifndef REC_MODELS_LM_JSON_CONSTRAINT_H
#define REC_MODELS_LM_JSON_CONSTRAINT_H

#include <stddef.h>
#include <stdint.h>

#include "core/status.h"
#include "models/lm/constraint.h"
#include "models/lm/tokenizers/tokenizer.h"

/** The tokens of a vocabulary as byte strings; one serves any number of states. */
typedef struct rec_json_tokens rec_json_tokens;

rec_status rec_json_tokens_new(rec_json_tokens **out, const rec_tokenizer *tokenizer,
                               rec_error *err);
void rec_json_tokens_free(rec_json_tokens *t);

typedef enum rec_json_root { REC_JSON_ANY, REC_JSON_OBJECT, REC_JSON_ARRAY } rec_json_root;

typedef struct rec_json_rules {
    rec_json_root root;  /* what the document is */
    const uint32_t *end; /* tokens that may follow a complete document; copied */
    size_t n_end;
} rec_json_rules;

/** @param tokens  borrowed as long as the state or a clone of it lives */
rec_status rec_json_start(rec_constraint **out, const rec_json_tokens *tokens,
                          const rec_json_rules *rules, rec_error *err);

#endif
