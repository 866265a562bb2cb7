/* models/reclm_emb/original/relative.c: relativequery2item, the newest, cheapest, dearest and most frequent
 * items; what is asked is all in the template. */
#include "models/reclm_emb/original/original.h"

#define RULE(name, kind)                                                                           \
    static bool name(const rec_emb_maker *m, uint32_t item)                                        \
    {                                                                                              \
        return !rec_emb_is_relative(&m->facts->relatives, kind, item);                             \
    }
RULE(is_not_recent, REC_EMB_RECENT)
RULE(is_not_cheap, REC_EMB_CHEAP)
RULE(is_not_expensive, REC_EMB_EXPENSIVE)
RULE(is_not_popular, REC_EMB_POPULAR)
#undef RULE

static const rec_emb_finish finishes[REC_EMB_N_RELATIVES] = {
    [REC_EMB_RECENT] = {.phrase = REC_EMB_PHRASE_RECENT, .is_wrong = is_not_recent},
    [REC_EMB_CHEAP] = {.phrase = REC_EMB_PHRASE_CHEAP, .is_wrong = is_not_cheap},
    [REC_EMB_EXPENSIVE] = {.phrase = REC_EMB_PHRASE_EXPENSIVE, .is_wrong = is_not_expensive},
    [REC_EMB_POPULAR] = {.phrase = REC_EMB_PHRASE_POPULAR, .is_wrong = is_not_popular},
};

/* A member is the answer in training; in tests all are. */
static rec_status relativequery2item(rec_emb_maker *m, uint32_t item, rec_error *err)
{
    const rec_emb_relatives *r = &m->facts->relatives;
    rec_status status = REC_OK;
    bool open;
    for (size_t k = 0; k < REC_EMB_N_RELATIVES && status == REC_OK; k++) {
        if (!rec_emb_is_relative(r, (rec_emb_relative)k, item))
            continue;
        status = rec_emb_open_row(&open, m, REC_EMB_TASK_rel2i, REC_NO_USER, item, err);
        if (status != REC_OK || !open)
            return status;
        if (rec_emb_is_test(m))
            status = rec_emb_draft_answers(&m->draft, r->items[k], r->n[k], err);
        if (status == REC_OK)
            status = rec_emb_close_row(m, true, &finishes[k], err);
    }
    return status;
}

const rec_emb_generator rec_emb_relativequery2item = {
    .name = "relativequery2item",
    .unit = REC_EMB_PER_ITEM,
    .passes = {1, 2},
    .is_sampled = true,
    .makes = 1u << REC_EMB_TASK_rel2i,
    .visit = relativequery2item,
};
