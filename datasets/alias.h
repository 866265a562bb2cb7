/** Drawing from a fixed discrete distribution in constant time. */
#ifndef REC_DATASETS_ALIAS_H
#define REC_DATASETS_ALIAS_H

#include <stddef.h>
#include <stdint.h>

#include "core/rng.h"
#include "core/status.h"

typedef struct rec_alias {
    uint32_t n;
    float *keep;     /* owned: probability that cell i gives i itself */
    uint32_t *other; /* owned: what it gives otherwise */
} rec_alias;

/** @param weights  (n) not negative, with a positive sum */
rec_status rec_alias_init(rec_alias *a, const double *weights, size_t n, rec_error *err);
void rec_alias_deinit(rec_alias *a);
uint32_t rec_alias_draw(const rec_alias *a, rec_rng *rng);

#endif
