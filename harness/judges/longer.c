/* harness/judges/longer.c: the longer answer, in bytes: the best-known confound of model judges. A
 * length-controlled win rate should take its verdicts back to one half. */
#include <string.h>

#include "harness/judges/judge.h"

static rec_preference prefer(const rec_judge_case *c, rec_rng *rng)
{
    size_t a = strlen(c->a), b = strlen(c->b);
    (void)rng;
    return a > b ? REC_PREFERS_A : a < b ? REC_PREFERS_B : REC_PREFERS_TIE;
}

const rec_judge rec_judge_longer = {
    .name = "longer",
    .help = "rule: the longer answer",
    .prefer = prefer,
};
