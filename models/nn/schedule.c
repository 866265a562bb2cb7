#include "models/nn/schedule.h"

#include <math.h>

static const char *const kinds[] = {"constant", "linear", "cosine", NULL};

const rec_option rec_schedule_options[] = {
    {"kind", "learning rate after warm-up", offsetof(rec_schedule, kind), REC_OPT_ENUM,
     .choices = kinds},
    {"warmup_steps", "steps of linear rise from 0", offsetof(rec_schedule, warmup_steps),
     REC_OPT_INT, .min = 0, .max = 1e9},
    {"floor", "last rate as a share of the base rate", offsetof(rec_schedule, floor), REC_OPT_REAL,
     .min = 0, .max = 1},
    {.key = NULL},
};

double rec_schedule_factor(const rec_schedule *s, uint64_t step, uint64_t n_steps)
{
    uint64_t warmup = (uint64_t)s->warmup_steps;
    if (step < warmup)
        return (double)(step + 1) / (double)warmup;
    if (s->kind == REC_SCHEDULE_CONSTANT || n_steps <= warmup)
        return 1.0;
    double done = (double)(step - warmup) / (double)(n_steps - warmup);
    done = fmin(done, 1.0);
    double left = s->kind == REC_SCHEDULE_LINEAR ? 1.0 - done
                                                 : 0.5 * (1.0 + cos(3.14159265358979323846 * done));
    return s->floor + (1.0 - s->floor) * left;
}
