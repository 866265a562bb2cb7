/** A transformer small enough for central differences over all its parameters. */
#ifndef REC_TESTS_TINY_TRANSFORMER_H
#define REC_TESTS_TINY_TRANSFORMER_H

#include "models/lm/training/transformer.h"
#include "tests/suite.h"

static const rec_lm_config tiny = {
    .arch = REC_ARCH_LLAMA,
    .has_head = true,
    .tied = true,
    .n_layers = 2,
    .d_model = 8,
    .d_ff = 12,
    .n_heads = 2,
    .n_kv_heads = 1,
    .head_dim = 4,
    .vocab_size = 11,
    .max_positions = 16,
    .norm_eps = 1e-5,
    .embed_scale = 1,
    .attention_scale = 0.5,
    .rope = {.theta = 10000},
    .rope_sliding = {.theta = 10000},
    .bos = UINT32_MAX,
    .pad = UINT32_MAX,
};

/* Weights large enough for gradients that differences can measure. */
static inline rec_transformer *tiny_model(void)
{
    rec_transformer *m = NULL;
    ck_assert_ok(rec_transformer_new(&m, &tiny, 5, err));
    rec_params *p = rec_transformer_params(m);
    for (size_t i = 0; i < p->n; i++)
        if (p->table[i].n_dims == 2)
            rec_params_fill_normal(p, i, 0.4f, 5);
    return m;
}

#endif
