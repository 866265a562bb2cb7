/* models/reclm_emb/tasks/rel2i.c: the newest, cheapest, dearest, most popular items (extra). A member of a
 * set is visited for each kind in turn; the query names the kind, all of the set answers. */
#include "models/reclm_emb/task.h"

static rec_status rel2i_draft(bool *made, rec_emb_draft *d, rec_error *err)
{
    const rec_emb_relatives *r = d->source->relatives;
    rec_emb_relative kind = (rec_emb_relative)(d->pass % REC_EMB_N_RELATIVES);
    bool is_member = rec_emb_is_relative(r, kind, d->row->item);
    d->is_other = !is_member;
    d->phrase = (rec_emb_phrase)(REC_EMB_PHRASE_RECENT + kind);
    *made = is_member && d->source->items->texts[d->row->item][0] != '\0';
    return *made ? rec_emb_draft_answers(d, r->items[kind], r->n[kind], err) : REC_OK;
}

const rec_emb_task rec_emb_task_rel2i = {
    .name = "rel2i",
    .help = "relative condition to item: the most recent, cheapest, most expensive, most popular",
    .example = "Show me films that came out most recently",
    .is_broad = true,
    .is_extra = true,
    .by_set = true,
    .passes = 2 * REC_EMB_N_RELATIVES,
    .phrase = REC_EMB_PHRASE_RECENT,
    .draft = rel2i_draft,
};
