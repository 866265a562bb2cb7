/* harness/judges/first.c: the answer shown first: nothing but position bias, which is 1/2. */
#include "harness/judges/judge.h"

static rec_preference prefer(const rec_judge_case *c, rec_rng *rng)
{
    (void)c;
    (void)rng;
    return REC_PREFERS_A;
}

const rec_judge rec_judge_first = {
    .name = "first",
    .help = "rule: the answer shown first",
    .prefer = prefer,
};
