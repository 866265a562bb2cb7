#include "models/lm/rope.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"

void rec_rope_table_deinit(rec_rope_table *t)
{
    free(t->frequencies);
    free(t->cosine);
    free(t->sine);
}

rec_status rec_rope_table_init(rec_rope_table *t, const rec_rope *rope, size_t head_dim,
                               rec_error *err)
{
    t->half = head_dim / 2;
    t->frequencies = rec_alloc(t->half, sizeof *t->frequencies, err);
    if (t->frequencies == NULL)
        return REC_ERR_RESOURCE;
    rec_rope_frequencies(t->frequencies, rope, head_dim);
    return REC_OK;
}

rec_status rec_rope_table_grow(rec_rope_table *t, size_t n_positions, rec_error *err)
{
    size_t n = t->n_positions > 0 ? t->n_positions : 256;
    if (n_positions <= t->n_positions)
        return REC_OK;
    while (n < n_positions)
        n *= 2;
    float *cosine = rec_realloc(t->cosine, n * t->half, sizeof *cosine, err);
    t->cosine = cosine != NULL ? cosine : t->cosine;
    float *sine = cosine != NULL ? rec_realloc(t->sine, n * t->half, sizeof *sine, err) : NULL;
    t->sine = sine != NULL ? sine : t->sine;
    if (sine == NULL)
        return REC_ERR_RESOURCE;
    for (size_t p = t->n_positions; p < n; p++) {
        for (size_t i = 0; i < t->half; i++) {
            double angle = (double)((float)p * (float)t->frequencies[i]);
            t->cosine[p * t->half + i] = (float)cos(angle);
            t->sine[p * t->half + i] = (float)sin(angle);
        }
    }
    t->n_positions = n;
    return REC_OK;
}
