/* harness/tasks/seq_ranking_mc.c: which of the options comes after a history in order?
 * RecLM-eval's task of this name; the wording is ours. */
#include "harness/tasks/ranking_mc.h"

static rec_status samples(rec_sample_set *out, const void *self, const rec_task_data *data,
                          rec_error *err)
{
    const rec_ranking_mc *task = self;
    return rec_choice_samples(out, &task->choice, REC_CHOICE_NEXT_ITEM, "seq_ranking_mc", data,
                              err);
}

const rec_task rec_task_seq_ranking_mc = {
    .name = "seq_ranking_mc",
    .help = "choose the next item among lettered options, the history in order",
    .samples = samples,
    REC_RANKING_MC_TASK,
};
