/* harness/judges/random.c: A, B or a tie with equal chances: what a judge who reads nothing comes to.
 * Win and loss rates 1/9 each. */
#include "harness/judges/judge.h"

static rec_preference prefer(const rec_judge_case *c, rec_rng *rng)
{
    static const rec_preference choices[] = {REC_PREFERS_A, REC_PREFERS_B, REC_PREFERS_TIE};
    (void)c;
    return choices[rec_rng_below(rng, 3)];
}

const rec_judge rec_judge_random = {
    .name = "random",
    .help = "rule: A, B or a tie with equal chances",
    .prefer = prefer,
    .draws = true,
};
