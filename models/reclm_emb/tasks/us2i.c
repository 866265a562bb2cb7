/* models/reclm_emb/tasks/us2i.c: the next item of a user, asked for by a description of the user. */
#include "models/reclm_emb/task.h"

static rec_status us2i_draft(bool *made, rec_emb_draft *d, rec_error *err)
{
    rec_status status = rec_emb_draft_user(made, d, err);
    return status == REC_OK && *made ? rec_emb_draft_summary(made, d, err) : status;
}

const rec_emb_task rec_emb_task_us2i = {
    .name = "us2i",
    .help = "user summary to item: the next item, after a description of what the user likes",
    .example =
        "Show me films for this person: mostly picks crime and drama, often from the nineties",
    .by_user = true,
    .passes = 8,
    .phrase = REC_EMB_PHRASE_SUMMARY,
    .bare = 0.3,
    .text = REC_EMB_SUMMARY,
    .draft = us2i_draft,
};
