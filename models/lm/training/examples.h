/**
 * Training data of language models as token sequences: what is shown and what is to be learnt.
 * JSON lines in, one object a line:
 *   {"prompt": "...", "completion": "..."}            the completion is learnt
 *   {"messages": [{"role": "user", "content": "..."}, ...]}   every assistant turn is learnt
 *   {"text": "..."}                                   all of it is learnt
 *   {"query": "...", "pos": "..." or [...], "neg": [...]}     pairs for contrastive training
 */
#ifndef REC_MODELS_LM_TRAINING_EXAMPLES_H
#define REC_MODELS_LM_TRAINING_EXAMPLES_H

#include <stddef.h>
#include <stdint.h>

#include "core/status.h"
#include "models/lm/chat.h"
#include "models/lm/tokenizers/tokenizer.h"

/** Sequences one after the other: number i is ids[start[i] .. start[i + 1] - 1]. */
typedef struct rec_lm_examples {
    size_t n, n_tokens;
    size_t *start;   /* owned (n + 1) */
    uint32_t *ids;   /* owned (n_tokens) */
    uint8_t *learnt; /* owned (n_tokens): 1 where the token is a target */
    size_t n_learnt;
    size_t n_cut; /* examples that were longer than allowed and lost their oldest tokens */
    size_t capacity, token_capacity; /* private */
} rec_lm_examples;

void rec_lm_examples_deinit(rec_lm_examples *x);

/** Append a sequence. learnt NULL: nothing of it (texts to embed). */
rec_status rec_lm_examples_add(rec_lm_examples *x, const uint32_t *ids, const uint8_t *learnt,
                               size_t n, rec_error *err);

/** How texts become tokens. */
typedef struct rec_example_format {
    const rec_tokenizer *tokenizer;
    const rec_chat_template *chat; /* NULL: messages are an error */
    uint32_t eos;                  /* ends a completion or text; REC_NO_TOKEN = nothing does */
    size_t max_length;             /* longer: the oldest tokens of the prompt go, then the end */
} rec_example_format;

/**
 * Read sequences to learn. An example without a learnt token is REC_ERR_DATA "name:line: ...".
 * @param name  of the file, for messages
 */
rec_status rec_lm_examples_read(rec_lm_examples *out, const char *text, size_t length,
                                const char *name, const rec_example_format *format, rec_error *err);

/** Queries with their passages, as indices into one list of texts. */
typedef struct rec_lm_pairs {
    rec_lm_examples texts;
    size_t n;
    uint32_t *query, *positive;                      /* owned (n): texts */
    size_t *negative_start;                          /* owned (n + 1) */
    uint32_t *negative;                              /* owned: texts */
    size_t capacity, n_negatives, negative_capacity; /* private */
} rec_lm_pairs;

void rec_lm_pairs_deinit(rec_lm_pairs *p);

/** Read pairs; a line with several positives makes as many pairs. Texts are tokenized with what the
 * tokenizer adds and cut at format->max_length. */
rec_status rec_lm_pairs_read(rec_lm_pairs *out, const char *text, size_t length, const char *name,
                             const rec_example_format *format, rec_error *err);

#endif
