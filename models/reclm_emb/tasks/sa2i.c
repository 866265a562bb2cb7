/* models/reclm_emb/tasks/sa2i.c: an item by few of its attributes, so that several items may fit. */
#include "models/reclm_emb/task.h"

static rec_status sa2i_draft(bool *made, rec_emb_draft *d, rec_error *err)
{
    static const rec_emb_wish wish = {.conditions_max = 3, .values_max = 2};
    return rec_emb_draft_wish(made, d, &wish, err);
}

const rec_emb_task rec_emb_task_sa2i = {
    .name = "sa2i",
    .help = "sparse attributes to item: one to three attributes, one or two values each",
    .example = "what are good films with crime, Al Pacino?",
    .by_predicate = true,
    .is_broad = true,
    .truth = REC_EMB_TRUTH_PAIRS,
    .passes = 3,
    .phrase = REC_EMB_PHRASE_ATTRIBUTES,
    .bare = 0.1,
    .draft = sa2i_draft,
};
