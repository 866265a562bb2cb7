/**
 * The forward pass of inference: decoders of llama type with a cache of keys and values, encoders of
 * BERT type, both over packed batches: sequences of different lengths stand row after row, nothing is
 * padded. A row's numbers do not depend on what else is in the batch, on the cut of a sequence into
 * chunks or on the number of threads: they are the same bits.
 */
#ifndef REC_MODELS_LM_ENGINE_H
#define REC_MODELS_LM_ENGINE_H

#include <stddef.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/status.h"
#include "models/lm/kv_cache.h"
#include "models/lm/weights.h"

/** In a chunk's ids: the next row of its vectors stands here instead of a token's embedding. */
#define REC_VECTOR_ID (UINT32_MAX - 1)

typedef struct rec_engine rec_engine;

/** Consecutive tokens of one sequence. */
typedef struct rec_chunk {
    const uint32_t *ids; /* (n), n > 0 */
    size_t n;
    const float *vectors; /* (number of REC_VECTOR_ID in ids, d_model); NULL when there are none */
    rec_kv *cache;        /* decoders: what came before; the chunk is appended. Encoders: NULL */
} rec_chunk;

/** @param weights  borrowed as long as the engine lives */
rec_status rec_engine_new(rec_engine **out, const rec_lm_weights *weights, rec_error *err);
void rec_engine_free(rec_engine *e);
const rec_lm_config *rec_engine_config(const rec_engine *e);
const rec_lm_weights *rec_engine_weights(const rec_engine *e);

/**
 * Run all chunks at once.
 * @param hidden  *hidden (total tokens, d_model) in the arena, chunk after chunk: the last layer's
 *                output behind the final norm
 * @param pool    of the chunks' caches; NULL for encoders. Each cache may appear once.
 * @return REC_ERR_MODEL for an id outside the vocabulary, for more tokens than the model has
 *         positions and for numbers that are not finite; REC_ERR_RESOURCE when the pool is full.
 *         On failure caches keep their length.
 */
rec_status rec_engine_forward(float **hidden, rec_engine *e, rec_kv_pool *pool,
                              const rec_chunk *chunks, size_t n_chunks, rec_arena *arena,
                              rec_error *err);

/** Bytes of scratch that a forward pass over n tokens takes from its arena. */
size_t rec_engine_scratch_bytes(const rec_engine *e, size_t n_tokens, size_t longest_sequence);

/** logits (n, vocab_size) of rows of hidden states, rows ld_hidden floats apart. */
rec_status rec_engine_logits(float *logits, rec_engine *e, const float *hidden, size_t ld_hidden,
                             size_t n, rec_arena *arena, rec_error *err);

/** logits (n_rows) of one hidden state for chosen vocabulary rows: the same bits as above. */
void rec_engine_logits_of(float *logits, rec_engine *e, const float *hidden, const uint32_t *rows,
                          size_t n_rows, float *scratch);
/** Floats of scratch for rec_engine_logits_of. */
size_t rec_engine_logits_scratch(const rec_engine *e);

/**
 * Embedding of a sequence from its hidden states (n, d_model): the config's pooling and
 * normalisation ("Sentence-BERT", EMNLP 2019, section 3; mean over all tokens).
 */
void rec_engine_pool(float *out, const rec_engine *e, const float *hidden, size_t n);

/** log of the sum of e^logit over a row of n: logit minus this is a token's log-probability. */
double rec_log_sum_exp(const float *row, size_t n);

#endif
