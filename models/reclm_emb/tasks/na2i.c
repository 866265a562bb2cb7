/* models/reclm_emb/tasks/na2i.c: items with one thing and without another. The original asks for items
 * without a value alone, which almost every item satisfies; here the wanted value is one that the item
 * shares with others, and the unwanted value is one of theirs that the item lacks. */
#include "models/reclm_emb/task.h"

enum { TRIES = 50 };

/* A value of a random attribute of the item. */
static bool draw_value(rec_emb_condition *c, rec_emb_draft *d, uint32_t item,
                       rec_emb_condition_kind kind)
{
    const rec_emb_items *x = d->source->items;
    if (x->n_attributes == 0)
        return false;
    uint32_t attribute = rec_rng_below(&d->rng, (uint32_t)x->n_attributes);
    const rec_emb_attribute *a = &x->attributes[attribute];
    uint32_t n = (uint32_t)(a->start[item + 1] - a->start[item]);
    if (n == 0)
        return false;
    *c = (rec_emb_condition){.kind = kind,
                             .attribute = attribute,
                             .value = a->value[a->start[item] + rec_rng_below(&d->rng, n)]};
    return true;
}

/* Something that another item with the wanted value has and this one does not. */
static bool draw_unwanted(rec_emb_condition *unwanted, const rec_emb_condition *wanted,
                          rec_emb_draft *d)
{
    const rec_emb_items *x = d->source->items;
    for (int t = 0; t < TRIES; t++) {
        uint32_t other = rec_rng_below(&d->rng, (uint32_t)x->n);
        if (rec_emb_visible(d->source, other) && rec_emb_holds(x, wanted, other) &&
            draw_value(unwanted, d, other, REC_EMB_LACKS) &&
            rec_emb_holds(x, unwanted, d->row->item))
            return true;
    }
    return false;
}

static rec_status write_value(rec_buffer *out, const rec_emb_items *x, const rec_emb_condition *c,
                              rec_error *err)
{
    return rec_buffer_printf(out, err, "%s: %s", x->attributes[c->attribute].key,
                             x->values.texts[c->value]);
}

/* The negatives that teach what "without" means: items with what is wanted and with what is not. */
static rec_status add_violators(rec_emb_draft *d, const rec_emb_condition *wanted,
                                const rec_emb_condition *unwanted, rec_error *err)
{
    const rec_emb_items *x = d->source->items;
    size_t most = (size_t)d->source->options->negatives, n = 0;
    uint32_t *found = rec_arena_alloc(&d->scratch, x->n, sizeof *found, err);
    if (found == NULL)
        return REC_ERR_RESOURCE;
    for (uint32_t i = 0; i < x->n; i++)
        if (rec_emb_visible(d->source, i) && rec_emb_holds(x, wanted, i) &&
            !rec_emb_holds(x, unwanted, i))
            found[n++] = i;
    rec_rng_shuffle(&d->rng, found, n, sizeof *found);
    d->row->n_negatives = n < most ? n : most;
    d->row->negatives =
        rec_emb_rows_memdup(d->rows, found, d->row->n_negatives, sizeof *found, err);
    return d->row->negatives != NULL ? REC_OK : REC_ERR_RESOURCE;
}

/* Half the rows are in the words of the generator, where it writes such. */
static rec_status put_into_words(bool *made, rec_emb_draft *d, const rec_emb_condition *conditions,
                                 rec_error *err)
{
    const rec_emb_source *s = d->source;
    if (rec_emb_writer_is_outside(s->writer) && rec_rng_below(&d->rng, 2) == 0) {
        const rec_emb_style style = rec_emb_style_draw(REC_EMB_DISLIKE, &d->rng);
        *made = rec_emb_is_set_of_part(s, conditions, 2);
        d->is_sentence = true;
        return *made ? rec_emb_draft_text(made, d, REC_EMB_DISLIKE, &style, conditions, 2, err)
                     : REC_OK;
    }
    rec_status status = write_value(&d->query, s->items, &conditions[0], err);
    return status == REC_OK ? write_value(&d->without, s->items, &conditions[1], err) : status;
}

static rec_status na2i_draft(bool *made, rec_emb_draft *d, rec_error *err)
{
    rec_emb_condition conditions[2];
    *made = draw_value(&conditions[0], d, d->row->item, REC_EMB_HAS) &&
            draw_unwanted(&conditions[1], &conditions[0], d);
    if (!*made)
        return REC_OK;
    rec_status status = put_into_words(made, d, conditions, err);
    if (status == REC_OK && *made)
        status = rec_emb_draft_conditions(d, conditions, 2, err);
    return status == REC_OK && *made && d->source->part == REC_EMB_TRAIN
               ? add_violators(d, &conditions[0], &conditions[1], err)
               : status;
}

const rec_emb_task rec_emb_task_na2i = {
    .name = "na2i",
    .help = "negative attributes to item: with one value and without another",
    .example = "I want films with genre: crime but without genre: comedy.",
    .by_predicate = true,
    .is_broad = true,
    .passes = 3,
    .phrase = REC_EMB_PHRASE_NEGATIVE,
    .text = REC_EMB_DISLIKE,
    .draft = na2i_draft,
};
