/* models/reclm_emb/tasks/nm2i.c: an item by its title as people mistype it: one or more edits of the kinds
 * that keyboards and ears produce (edits.h). */
#include <string.h>

#include "models/reclm_emb/edits.h"
#include "models/reclm_emb/task.h"

static rec_status nm2i_draft(bool *made, rec_emb_draft *d, rec_error *err)
{
    const char *title = rec_emb_title(d->source->items, d->row->item);
    const rec_emb_condition same = {.kind = REC_EMB_TITLED, .value = d->row->item};
    *made = false;
    if (title == NULL)
        return REC_OK;
    rec_status status = rec_emb_misspell(&d->query, title, &d->rng, err);
    if (status != REC_OK || d->query.length == 0 || strcmp(d->query.data, title) == 0)
        return status; /* too short to be mistyped */
    *made = true;
    return rec_emb_draft_conditions(d, &same, 1, err);
}

const rec_emb_task rec_emb_task_nm2i = {
    .name = "nm2i",
    .help = "misspelt name to item",
    .example = "what are good films called The Godfahter?",
    .by_predicate = true,
    .passes = 2,
    .phrase = REC_EMB_PHRASE_TITLE,
    .bare = 0.5,
    .draft = nm2i_draft,
};
