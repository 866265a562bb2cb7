/* models/reclm_emb/tasks/uh2i.c: the next item of a user, asked for by the titles of the latest ones. */
#include "models/reclm_emb/task.h"

static rec_status uh2i_draft(bool *made, rec_emb_draft *d, rec_error *err)
{
    rec_status status = rec_emb_draft_user(made, d, err);
    return status == REC_OK && *made ? rec_emb_draft_history(made, d, err) : status;
}

const rec_emb_task rec_emb_task_uh2i = {
    .name = "uh2i",
    .help = "user history to item: the next item after the titles of the latest ones",
    .example = "looking for films for someone who has had Heat, Casino, The Firm",
    .by_user = true,
    .passes = 8,
    .phrase = REC_EMB_PHRASE_HISTORY,
    .bare = 0.5,
    .draft = uh2i_draft,
};
