/* harness/tasks/cf_ranking_mc.c: which of the options belongs to a shuffled history? One of its own
 * items was taken out; users need two different ones.
 * RecLM-eval's task of this name; the wording is ours. */
#include "harness/tasks/ranking_mc.h"

static rec_status samples(rec_sample_set *out, const void *self, const rec_task_data *data,
                          rec_error *err)
{
    const rec_ranking_mc *task = self;
    return rec_choice_samples(out, &task->choice, REC_CHOICE_HISTORY_ITEM, "cf_ranking_mc", data,
                              err);
}

const rec_task rec_task_cf_ranking_mc = {
    .name = "cf_ranking_mc",
    .help = "choose the item that was taken out of a shuffled history",
    .samples = samples,
    REC_RANKING_MC_TASK,
};
