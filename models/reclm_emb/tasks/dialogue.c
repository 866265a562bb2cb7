/* models/reclm_emb/tasks/dialogue.c: the next item of a user who talks to an assistant, as lines of the two
 * (extra). The turn that would name the item is not there. */
#include "models/reclm_emb/task.h"

static rec_status dialogue_draft(bool *made, rec_emb_draft *d, rec_error *err)
{
    rec_emb_condition facts[REC_EMB_FACTS_MAX];
    size_t n;
    rec_status status = rec_emb_draft_user(made, d, err);
    if (status != REC_OK || !*made)
        return status;
    const rec_emb_style style = rec_emb_style_draw(REC_EMB_DIALOGUE, &d->rng);
    size_t most = 2 * style.turns; /* two wishes a turn at most: all are said */
    d->is_sentence = true;
    status =
        rec_emb_draft_facts(&n, facts, d, most < REC_EMB_FACTS_MAX ? most : REC_EMB_FACTS_MAX, err);
    *made = n > 0;
    if (status == REC_OK && *made)
        status = rec_emb_draft_text(made, d, REC_EMB_DIALOGUE, &style, facts, n, err);
    return status == REC_OK && *made ? rec_emb_draft_conditions(d, facts, n, err) : status;
}

const rec_emb_task rec_emb_task_dialogue = {
    .name = "dialogue",
    .help = "dialogue to item: the next item, after a user and an assistant have talked about it",
    .example =
        "User: Hello, I am looking for films\\nAssistant: Gladly, which films did you like?"
        "\\nUser: I have had Heat\\nAssistant: What should it be like?\\nUser: I would like a "
        "serious story",
    .by_user = true,
    .is_extra = true,
    .passes = 8,
    .phrase = REC_EMB_PHRASE_SUMMARY,
    .text = REC_EMB_DIALOGUE,
    .draft = dialogue_draft,
};
