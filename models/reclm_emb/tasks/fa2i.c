/* models/reclm_emb/tasks/fa2i.c: an item by many of its attributes, the title perhaps among them. */
#include "models/reclm_emb/task.h"

static rec_status fa2i_draft(bool *made, rec_emb_draft *d, rec_error *err)
{
    static const rec_emb_wish wish = {.with_title = true};
    return rec_emb_draft_wish(made, d, &wish, err);
}

const rec_emb_task rec_emb_task_fa2i = {
    .name = "fa2i",
    .help = "full attributes to item: any number of attributes, the date and the title",
    .example = "Find films with genre: crime,drama, directors: Michael Mann, release date: 1995",
    .by_predicate = true,
    .is_broad = true,
    .truth = REC_EMB_TRUTH_PAIRS,
    .passes = 3,
    .phrase = REC_EMB_PHRASE_ATTRIBUTES,
    .bare = 0.1,
    .draft = fa2i_draft,
};
