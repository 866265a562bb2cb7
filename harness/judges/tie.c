/* harness/judges/tie.c: every pair is a tie. */
#include "harness/judges/judge.h"

static rec_preference prefer(const rec_judge_case *c, rec_rng *rng)
{
    (void)c;
    (void)rng;
    return REC_PREFERS_TIE;
}

const rec_judge rec_judge_tie = {
    .name = "tie",
    .help = "rule: neither answer",
    .prefer = prefer,
};
