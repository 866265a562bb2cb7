/* What is read out of hidden states: logits, embeddings, log-probabilities (models/lm/engine.h). */
#include <math.h>
#include <string.h>

#include "core/parallel.h"
#include "models/lm/engine.h"
#include "models/lm/int8.h"
#include "models/lm/kernels.h"
#include "models/lm/matmul.h"
#include "models/nn/kernels.h"

rec_status rec_engine_logits(float *logits, rec_engine *e, const float *hidden, size_t ld_hidden,
                             size_t n, rec_arena *arena, rec_error *err)
{
    const rec_lm_config *c = rec_engine_config(e);
    rec_arena_mark mark = rec_arena_get_mark(arena);
    if (!c->has_head)
        return rec_fail(err, REC_ERR_MODEL, "this model has no output matrix: no logits, no text");
    rec_products p = {.n_items = 1, .x = hidden, .ld_x = ld_hidden, .m = n};
    p.items[0] = (rec_product){.w = rec_lm_output_matrix(rec_engine_weights(e)), .out = logits};
    p.thread_floats = (REC_MATMUL_GROUP * c->d_model + 15) / 16 * 16;
    p.scratch =
        rec_arena_alloc(arena, rec_parallel_threads() * p.thread_floats, sizeof(float), err);
    if (p.items[0].w->panels != NULL)
        p.quantised = rec_arena_alloc(arena, rec_int8_rows_bytes(n, c->d_model, 1), 1, err);
    bool complete = p.scratch != NULL && (p.items[0].w->panels == NULL || p.quantised != NULL);
    rec_status status = complete ? rec_multiply(&p, err) : REC_ERR_RESOURCE;
    rec_arena_rewind(arena, mark);
    return status;
}

size_t rec_engine_logits_scratch(const rec_engine *e)
{
    return REC_MATMUL_GROUP * rec_engine_config(e)->d_model;
}

/* In integers 16 rows are computed together: each row's panel, of which one number is kept. */
static void logits_of_panels(float *logits, const rec_weight *w, const float *hidden,
                             const uint32_t *rows, size_t n_rows, void *scratch)
{
    rec_int8_rows x = rec_int8_rows_at(scratch, 1, w->cols, 1);
    rec_int8_quantise(&x, hidden, w->cols, 0, 1);
    for (size_t i = 0; i < n_rows; i++) {
        float panel[REC_INT8_ROWS];
        size_t at = rows[i] % REC_INT8_ROWS;
        rec_int8_matmul(panel, REC_INT8_ROWS, w, rows[i] - at, at + 1, &x, 0, 1);
        logits[i] = panel[at];
    }
}

void rec_engine_logits_of(float *logits, rec_engine *e, const float *hidden, const uint32_t *rows,
                          size_t n_rows, float *scratch)
{
    const rec_weight *w = rec_lm_output_matrix(rec_engine_weights(e));
    const rec_lm_kernels *kernels = rec_lm_kernels_get();
    if (w->panels != NULL) {
        logits_of_panels(logits, w, hidden, rows, n_rows, scratch);
        return;
    }
    for (size_t i = 0; i < n_rows; i++)
        kernels->matmul(logits + i, 1, w, rows[i], 1, hidden, w->cols, 1, scratch);
}

void rec_engine_pool(float *out, const rec_engine *e, const float *hidden, size_t n)
{
    const rec_lm_config *c = rec_engine_config(e);
    size_t d = c->d_model;
    double squares = 0.0;
    if (c->pooling == REC_POOL_MEAN) {
        for (size_t i = 0; i < d; i++) {
            double sum = 0.0;
            for (size_t t = 0; t < n; t++)
                sum += (double)hidden[t * d + i];
            out[i] = (float)(sum / (double)n);
        }
    } else {
        memcpy(out, hidden + (c->pooling == REC_POOL_LAST ? (n - 1) * d : 0), d * sizeof *out);
    }
    for (size_t i = 0; i < d; i++)
        squares += (double)out[i] * (double)out[i];
    float scale = squares > 0.0 ? (float)(1.0 / sqrt(squares)) : 0.0f;
    for (size_t i = 0; c->normalise && i < d; i++)
        out[i] *= scale;
}

double rec_log_sum_exp(const float *row, size_t n)
{
    enum { BLOCK = 1024 }; /* summed in float, the blocks in double */
    const rec_kernels *nn = rec_kernels_get();
    float weights[BLOCK], greatest = nn->greatest(row, n);
    double sum = 0.0;
    for (size_t i = 0; i < n; i += BLOCK)
        sum += (double)nn->exp_shifted(weights, row + i, 1.0f, greatest,
                                       n - i < BLOCK ? n - i : BLOCK);
    return (double)greatest + log(sum);
}
