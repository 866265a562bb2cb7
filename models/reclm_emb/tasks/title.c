/* models/reclm_emb/tasks/title.c: an item by its exact title. All items of that title are answers. */
#include "models/reclm_emb/task.h"

static rec_status title_draft(bool *made, rec_emb_draft *d, rec_error *err)
{
    const char *title = rec_emb_title(d->source->items, d->row->item);
    const rec_emb_condition same = {.kind = REC_EMB_TITLED, .value = d->row->item};
    *made = title != NULL;
    if (title == NULL)
        return REC_OK;
    rec_status status = rec_buffer_puts(&d->query, title, err);
    return status == REC_OK ? rec_emb_draft_conditions(d, &same, 1, err) : status;
}

const rec_emb_task rec_emb_task_title = {
    .name = "title",
    .help = "exact title to item",
    .example = "Find films called Heat",
    .by_predicate = true,
    .passes = 1,
    .phrase = REC_EMB_PHRASE_TITLE,
    .bare = 0.5,
    .draft = title_draft,
};
