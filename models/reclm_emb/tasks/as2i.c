/* models/reclm_emb/tasks/as2i.c: an item by a loose description that quotes neither title nor catalogue.
 * One to five conditions are stated, one or two where the description is vague. */
#include "models/reclm_emb/task.h"

static rec_status as2i_draft(bool *made, rec_emb_draft *d, rec_error *err)
{
    rec_status status = rec_emb_draft_description(made, d, err);
    return status == REC_OK && *made ? rec_emb_draft_answers_and_item(d, NULL, 0, err) : status;
}

const rec_emb_task rec_emb_task_as2i = {
    .name = "as2i",
    .help = "attribute summary to item: a loose description in other words than the catalogue's",
    .example = "I am looking for criminals at work and a serious story",
    .passes = 3,
    .phrase = REC_EMB_PHRASE_ATTRIBUTES,
    .bare = 0.5,
    .text = REC_EMB_DESCRIPTION,
    .draft = as2i_draft,
};
