/* models/reclm_emb/tasks/i2i.c: items that stand in the same histories as one (data.h: neighbours). */
#include "core/memory.h"
#include "models/reclm_emb/item_text.h"
#include "models/reclm_emb/task.h"

/* The name; half the time, where it is a title, with some attributes behind it. */
static rec_status describe_source(rec_emb_draft *d, rec_error *err)
{
    const rec_emb_items *x = d->source->items;
    uint32_t item = d->row->item;
    const char *title = rec_emb_title(x, item);
    rec_status status = rec_buffer_puts(&d->query, rec_emb_name(x, item), err);
    if (title == NULL || rec_rng_below(&d->rng, 2) == 0)
        return status;
    for (size_t a = 0; a < x->n_attributes && status == REC_OK; a++) {
        bool has_any = x->attributes[a].start[item + 1] > x->attributes[a].start[item];
        if (!has_any || rec_rng_below(&d->rng, 2) == 0)
            continue;
        status = rec_buffer_puts(&d->query, ", ", err);
        if (status == REC_OK)
            status = rec_emb_attribute_text(&d->query, x, item, a, err);
    }
    return status;
}

static rec_status i2i_draft(bool *made, rec_emb_draft *d, rec_error *err)
{
    const rec_emb_source *s = d->source;
    rec_emb_row *row = d->row;
    uint32_t item = row->item;
    const uint32_t *found = s->neighbours->item + s->neighbours->start[item];
    size_t n = s->neighbours->start[item + 1] - s->neighbours->start[item];
    *made = false;
    if (n == 0 || rec_emb_name(s->items, item) == NULL)
        return REC_OK;
    row->history = row->excluded = rec_emb_rows_memdup(d->rows, &item, 1, sizeof item, err);
    row->n_history = row->n_excluded = 1;
    row->positives = rec_emb_rows_memdup(d->rows, found, n, sizeof *found, err);
    row->n_positives = n;
    if (row->history == NULL || row->positives == NULL)
        return REC_ERR_RESOURCE;
    *made = true;
    rec_status status = describe_source(d, err);
    if (status != REC_OK)
        return status;
    return s->part == REC_EMB_TEST /* the source is no answer to itself */
               ? rec_emb_draft_answers(d, found, n, err)
               : rec_emb_draft_answers_and_item(d, found, n, err);
}

const rec_emb_task rec_emb_task_i2i = {
    .name = "i2i",
    .help = "item to item: what stands in the same histories, asked for by the title",
    .example = "Show me films similar to Heat, genre: crime",
    .passes = 2,
    .phrase = REC_EMB_PHRASE_ITEM,
    .bare = 0.1,
    .draft = i2i_draft,
};
