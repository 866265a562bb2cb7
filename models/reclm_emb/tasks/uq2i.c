/* models/reclm_emb/tasks/uq2i.c: the next item of a user who also says what it should be like. */
#include "models/reclm_emb/task.h"

static rec_status uq2i_draft(bool *made, rec_emb_draft *d, rec_error *err)
{
    const double full_share = 0.6;
    bool is_full = rec_rng_uniform(&d->rng) < full_share;
    const rec_emb_wish wish = {
        .with_title = false, .conditions_max = is_full ? 4 : 3, .values_max = is_full ? 0 : 2};
    rec_status status = rec_emb_draft_user(made, d, err);
    if (status == REC_OK && *made)
        status = rec_emb_draft_history(made, d, err);
    if (status == REC_OK && *made)
        status = rec_emb_draft_wish(made, d, &wish, err);
    return status;
}

const rec_emb_task rec_emb_task_uq2i = {
    .name = "uq2i",
    .help = "user history and query to item: the next item, some of whose attributes are stated",
    .example = "I want films with genre: crime for someone who has had Heat, Casino.",
    .by_user = true,
    .passes = 8,
    .phrase = REC_EMB_PHRASE_WISH,
    .draft = uq2i_draft,
};
