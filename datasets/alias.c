#include "datasets/alias.h"

#include <assert.h>
#include <stdlib.h>

#include "core/memory.h"

void rec_alias_deinit(rec_alias *a)
{
    free(a->keep);
    free(a->other);
    *a = (rec_alias){.n = 0};
}

/* "A linear algorithm for generating random numbers with a given distribution", IEEE TSE 17(9), 1991:
 * cells below the average are filled up from cells above it. */
rec_status rec_alias_init(rec_alias *a, const double *weights, size_t n, rec_error *err)
{
    rec_status status = REC_OK;
    double *scaled = NULL, total = 0.0;
    uint32_t *stack = NULL; /* small cells from the front, large ones from the back */
    *a = (rec_alias){.n = (uint32_t)n};
    assert(n > 0 && n < UINT32_MAX);
    REC_TRY_NEW(a->keep, n, err);
    REC_TRY_NEW(a->other, n, err);
    REC_TRY_NEW(scaled, n, err);
    REC_TRY_NEW(stack, n, err);
    for (size_t i = 0; i < n; i++)
        total += weights[i];
    assert(total > 0);
    size_t n_small = 0, large = n;
    for (size_t i = 0; i < n; i++) {
        scaled[i] = weights[i] * (double)n / total;
        stack[scaled[i] < 1.0 ? n_small++ : --large] = (uint32_t)i;
    }
    while (n_small > 0 && large < n) {
        uint32_t less = stack[--n_small], more = stack[large];
        a->keep[less] = (float)scaled[less];
        a->other[less] = more;
        scaled[more] -= 1.0 - scaled[less];
        if (scaled[more] < 1.0) { /* its place at the back becomes free, one at the front is */
            large++;
            stack[n_small++] = more;
        }
    }
    while (n_small > 0) /* 1 but for rounding */
        a->keep[stack[--n_small]] = 1.0f;
    for (; large < n; large++)
        a->keep[stack[large]] = 1.0f;
cleanup:
    free(stack);
    free(scaled);
    if (status != REC_OK)
        rec_alias_deinit(a);
    return status;
}

uint32_t rec_alias_draw(const rec_alias *a, rec_rng *rng)
{
    uint32_t cell = rec_rng_below(rng, a->n);
    return rec_rng_uniform_float(rng) < a->keep[cell] ? cell : a->other[cell];
}
