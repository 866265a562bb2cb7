#include "harness/tasks/emb_strata.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/sorted.h"

rec_status rec_emb_thirds_init(rec_emb_thirds *out, const uint32_t *popularity, size_t n_items,
                               rec_error *err)
{
    uint32_t *sorted = rec_memdup(popularity, n_items * sizeof *popularity, err);
    if (sorted == NULL)
        return REC_ERR_RESOURCE;
    rec_sort_u32(sorted, n_items);
    *out = (rec_emb_thirds){.tail_max = sorted[(n_items - 1) / 3],
                            .middle_max = sorted[2 * (n_items - 1) / 3]};
    free(sorted);
    return REC_OK;
}

static size_t count_words(const char *text)
{
    static const char space[] = " \t\r\n";
    size_t n = 0;
    for (text += strspn(text, space); *text != '\0'; text += strspn(text, space)) {
        text += strcspn(text, space);
        n++;
    }
    return n;
}

static rec_emb_popularity popularity_of(uint32_t n_interactions, const rec_emb_thirds *thirds)
{
    return n_interactions <= thirds->tail_max     ? REC_EMB_TAIL
           : n_interactions <= thirds->middle_max ? REC_EMB_MIDDLE
                                                  : REC_EMB_HEAD;
}

rec_emb_facts rec_emb_facts_of(const rec_emb_row *row, const rec_emb_thirds *thirds,
                               const uint32_t *popularity)
{
    return (rec_emb_facts){
        .seen_item = row->seen_item,
        .seen_wording = row->seen_wording,
        .popularity = row->item == REC_NO_ITEM ? REC_EMB_NO_ITEM
                                               : popularity_of(popularity[row->item], thirds),
        .n_words = count_words(row->query),
    };
}

/* ---- the parts ---- */

#define PART(name, condition)                                                                      \
    static bool name(const rec_job *job)                                                           \
    {                                                                                              \
        const rec_emb_facts *f = job->sample->own;                                                 \
        return condition;                                                                          \
    }

PART(seen_item, f->seen_item)
PART(new_item, !f->seen_item)
PART(seen_wording, f->seen_wording)
PART(new_wording, !f->seen_wording)
PART(seen_item_seen_wording, f->seen_item && f->seen_wording)
PART(seen_item_new_wording, f->seen_item && !f->seen_wording)
PART(new_item_seen_wording, !f->seen_item && f->seen_wording)
PART(new_item_new_wording, !f->seen_item && !f->seen_wording)
PART(tail, f->popularity == REC_EMB_TAIL)
PART(middle, f->popularity == REC_EMB_MIDDLE)
PART(head, f->popularity == REC_EMB_HEAD)
PART(short_query, f->n_words <= REC_EMB_SHORT_QUERY)
PART(middle_query, f->n_words > REC_EMB_SHORT_QUERY && f->n_words <= REC_EMB_MIDDLE_QUERY)
PART(long_query, f->n_words > REC_EMB_MIDDLE_QUERY)
#undef PART

#define NAMED(name)                                                                                \
    {                                                                                              \
#name, name                                                                                \
    }
const rec_stratum rec_emb_strata[] = {
    NAMED(seen_item),
    NAMED(new_item),
    NAMED(seen_wording),
    NAMED(new_wording),
    NAMED(seen_item_seen_wording),
    NAMED(seen_item_new_wording),
    NAMED(new_item_seen_wording),
    NAMED(new_item_new_wording),
    NAMED(tail),
    NAMED(middle),
    NAMED(head),
    NAMED(short_query),
    NAMED(middle_query),
    NAMED(long_query),
    {NULL, NULL},
};
#undef NAMED
