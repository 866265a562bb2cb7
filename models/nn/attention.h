/** Attention over a batch of sequences packed row after row, without padding. */
#ifndef REC_MODELS_NN_ATTENTION_H
#define REC_MODELS_NN_ATTENTION_H

#include "models/nn/tape.h"

/** Rows start[s] .. start[s + 1] - 1 are sequence s. Borrowed until backward has run. */
typedef struct rec_sequences {
    size_t n;
    const uint32_t *start; /* n + 1, ascending from 0 */
} rec_sequences;

typedef struct rec_attention {
    size_t n_heads, n_kv_heads; /* n_heads is a multiple of n_kv_heads: "GQA", EMNLP 2023 */
    size_t head_dim;
    bool causal;   /* row i sees rows <= i of its sequence, else all of them */
    size_t window; /* row i sees j only if |i - j| < window; 0: no limit */
    float scale;   /* of the scores; 0: 1 / sqrt(head_dim) */
    float dropout; /* of the weights after softmax */
} rec_attention;

/**
 * y (T, n_heads * head_dim): softmax(scale q k^T) v per head and sequence. "Attention is all you
 * need", NIPS 2017, equation (1). The T x T weights are never kept: backward makes them again from
 * one number per row and head ("FlashAttention", NeurIPS 2022, section 3.1).
 * @param q  (T, n_heads * head_dim)
 * @param k, v  (T, n_kv_heads * head_dim)
 */
rec_tensor *rec_nn_attention(rec_tape *t, rec_tensor *q, rec_tensor *k, rec_tensor *v,
                             const rec_sequences *sequences, const rec_attention *options);

#endif
