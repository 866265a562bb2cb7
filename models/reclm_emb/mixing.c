/* Which task a batch is of: the rows of ten tasks differ in number by orders of magnitude, and an exponent
 * below 1 keeps the small ones from drowning ("Exploring the limits of transfer learning with a unified
 * text-to-text transformer", JMLR 21, 2020, section 3.5.2, where it is 1 / temperature). */
#include <math.h>

#include "models/reclm_emb/training.h"

size_t rec_emb_mixing_draw(const rec_emb_training_options *o, const size_t n_rows[REC_EMB_N_TASKS],
                           rec_rng *rng)
{
    double weight[REC_EMB_N_TASKS], total = 0.0;
    size_t last = 0;
    for (size_t t = 0; t < REC_EMB_N_TASKS; t++) {
        weight[t] = n_rows[t] > 0 ? o->weights[t] * pow((double)n_rows[t], o->mixing) : 0.0;
        total += weight[t];
        last = weight[t] > 0.0 ? t : last;
    }
    double x = rec_rng_uniform(rng) * total;
    for (size_t t = 0; t < last; t++) {
        x -= weight[t];
        if (x < 0.0)
            return t;
    }
    return last;
}
