/* models/reclm_emb/draft.c: what the drafts of several tasks share. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/sorted.h"
#include "models/reclm_emb/item_text.h"
#include "models/reclm_emb/original/format.h"
#include "models/reclm_emb/task.h"

bool rec_emb_visible(const rec_emb_source *s, uint32_t item)
{
    bool has_text = s->items->texts[item][0] != '\0';
    return has_text && (s->part == REC_EMB_TEST || s->split->item_part[item] == REC_EMB_TRAIN);
}

rec_status rec_emb_draft_answers(rec_emb_draft *d, const uint32_t *items, size_t n, rec_error *err)
{
    uint32_t *all = rec_arena_alloc(&d->rows->arena, n + 1, sizeof *all, err);
    if (all == NULL)
        return REC_ERR_RESOURCE;
    if (n > 0)
        memcpy(all, items, n * sizeof *all);
    if (d->row->item != REC_NO_ITEM)
        all[n++] = d->row->item;
    d->row->answers = all;
    d->row->n_answers = rec_sort_distinct_u32(all, n);
    return REC_OK;
}

rec_status rec_emb_draft_conditions(rec_emb_draft *d, const rec_emb_condition *conditions, size_t n,
                                    rec_error *err)
{
    d->row->conditions = rec_emb_rows_memdup(d->rows, conditions, n, sizeof *conditions, err);
    d->row->n_conditions = n;
    return d->row->conditions != NULL ? REC_OK : REC_ERR_RESOURCE;
}

/* ---- users ---- */

/* The user's row of the history without what this part may not see. */
static uint32_t *visible_history(size_t *n, rec_emb_draft *d, rec_error *err)
{
    const rec_interactions *x = d->source->history;
    size_t start = x->start[d->row->user], length = x->start[d->row->user + 1] - start;
    uint32_t *items = rec_arena_alloc(&d->rows->arena, length > 0 ? length : 1, sizeof *items, err);
    *n = 0;
    for (size_t i = 0; items != NULL && i < length; i++)
        if (rec_emb_visible(d->source, x->item[start + i]))
            items[(*n)++] = x->item[start + i];
    return items;
}

/* Tests: the items of the targets' row, those of the history left out: they cannot be found. */
static rec_status take_targets(bool *made, rec_emb_draft *d, rec_error *err)
{
    const rec_interactions *x = d->source->targets;
    rec_emb_row *row = d->row;
    size_t start = x->start[row->user], length = x->start[row->user + 1] - start, n = 0;
    uint32_t *items = rec_arena_alloc(&d->scratch, length > 0 ? length : 1, sizeof *items, err);
    if (items == NULL)
        return REC_ERR_RESOURCE;
    for (size_t i = 0; i < length; i++) {
        bool repeated = false;
        for (size_t h = 0; h < row->n_excluded; h++)
            repeated = repeated || row->excluded[h] == x->item[start + i];
        if (!repeated)
            items[n++] = x->item[start + i];
    }
    *made = n > 0;
    if (n == 0)
        return REC_OK;
    row->item = items[n - 1];
    return rec_emb_draft_answers(d, items, n, err);
}

rec_status rec_emb_draft_user(bool *made, rec_emb_draft *d, rec_error *err)
{
    const rec_emb_source *s = d->source;
    rec_emb_row *row = d->row;
    size_t n, most = (size_t)s->options->history_max;
    uint32_t *items = visible_history(&n, d, err);
    *made = false;
    if (items == NULL)
        return REC_ERR_RESOURCE;
    size_t end = n; /* items before it are shown */
    if (s->part != REC_EMB_TEST) {
        if (n < 2)
            return REC_OK;
        end = s->part == REC_EMB_DEV ? n - 1 : 1 + rec_rng_below(&d->rng, (uint32_t)(n - 1));
        row->item = items[end];
    } else if (n == 0) {
        return REC_OK;
    }
    row->n_history = end < most ? end : most;
    row->history = items + end - row->n_history;
    row->excluded = items;
    row->n_excluded = end;
    *made = true;
    return s->part == REC_EMB_TEST ? take_targets(made, d, err)
                                   : rec_emb_draft_answers(d, items, n, err);
}

rec_status rec_emb_draft_history(bool *made, rec_emb_draft *d, rec_error *err)
{
    const rec_emb_row *row = d->row;
    rec_status status = REC_OK;
    for (size_t i = row->n_history; i > 0 && status == REC_OK; i--) {
        const char *name = rec_emb_name(d->source->items, row->history[i - 1]);
        if (name != NULL)
            status = rec_buffer_printf(&d->history, err, "%s%s", d->history.length > 0 ? ", " : "",
                                       name);
    }
    *made = d->history.length > 0;
    return status;
}

/* ---- wishes ---- */

enum { DATE_PART = -1, TITLE_PART = -2, PRICE_PART = -3, DESCRIPTION_PART = -4 };

/* What a condition may be drawn from: attributes by number, the date, the title (alone it is what task title
 * asks for). */
static size_t parts_of(int *parts, const rec_emb_draft *d, const rec_emb_wish *wish,
                       bool with_title)
{
    const rec_emb_items *x = d->source->items;
    uint32_t item = d->row->item;
    size_t n = 0;
    for (size_t a = 0; a < x->n_attributes; a++)
        if (x->attributes[a].start[item + 1] > x->attributes[a].start[item])
            parts[n++] = (int)a;
    if (wish->exact && x->price != NULL && !isnan(x->price[item]))
        parts[n++] = PRICE_PART;
    if ((wish->exact || wish->conditions_max == 0) && x->date != NULL && !isnan(x->date[item]))
        parts[n++] = DATE_PART;
    if (wish->with_description && x->description != NULL && x->description->text[item] != NULL)
        parts[n++] = DESCRIPTION_PART;
    if (with_title && (n > 0 || wish->exact) && rec_emb_title(x, item) != NULL)
        parts[n++] = TITLE_PART;
    return n;
}

/* The year or month that the item's date falls into. */
static rec_emb_condition date_condition(const rec_emb_items *x, uint32_t item, bool exact)
{
    if (exact && rec_emb_knows_month(x, item))
        return rec_emb_exact_day(x->date[item]);
    rec_emb_condition c = {.kind = REC_EMB_DATE, .by_month = rec_emb_knows_month(x, item)};
    rec_emb_span(&c.low, &c.high, x->date[item], c.by_month, 0);
    return c;
}

typedef struct wish_writer {
    rec_emb_draft *d;
    rec_emb_condition *conditions; /* in scratch */
    size_t n;
    bool with_keys, exact;
} wish_writer;

static rec_status write_piece(wish_writer *w, const char *key, const char *text, bool continues,
                              rec_error *err)
{
    rec_buffer *out = &w->d->query;
    const char *between = out->length == 0 ? "" : continues ? "," : ", ";
    bool with_key = w->with_keys && !continues;
    return rec_buffer_printf(out, err, "%s%s%s%s", between, with_key ? key : "",
                             with_key ? ": " : "", text);
}

static rec_status write_attribute(wish_writer *w, size_t attribute, size_t values_max,
                                  rec_error *err)
{
    const rec_emb_items *x = w->d->source->items;
    const rec_emb_attribute *a = &x->attributes[attribute];
    uint32_t item = w->d->row->item;
    uint32_t n = (uint32_t)(a->start[item + 1] - a->start[item]);
    uint32_t most = values_max > 0 && values_max < n ? (uint32_t)values_max : n;
    uint32_t wanted = 1 + rec_rng_below(&w->d->rng, most);
    uint32_t *chosen = rec_arena_alloc(&w->d->scratch, n, sizeof *chosen, err);
    rec_status status = chosen != NULL ? REC_OK : REC_ERR_RESOURCE;
    if (status == REC_OK)
        rec_rng_sample(chosen, &w->d->rng, n, wanted);
    for (uint32_t i = 0; i < wanted && status == REC_OK; i++) {
        uint32_t value = a->value[a->start[item] + chosen[i]];
        w->conditions[w->n++] = (rec_emb_condition){
            .kind = REC_EMB_HAS, .attribute = (uint32_t)attribute, .value = value};
        status = write_piece(w, a->key, x->values.texts[value], i > 0, err);
    }
    return status;
}

/* The description, with "this film" where it names the title. */
static rec_status write_description(wish_writer *w, rec_error *err)
{
    const rec_emb_items *x = w->d->source->items;
    const char *at = x->description->text[w->d->row->item];
    const char *title = rec_emb_title(x, w->d->row->item), *found;
    rec_buffer text = {.length = 0};
    rec_status status = REC_OK;
    while (status == REC_OK && title != NULL && (found = strstr(at, title)) != NULL) {
        status = rec_buffer_printf(&text, err, "%.*sthis %s", (int)(found - at), at, x->noun);
        at = found + strlen(title);
    }
    if (status == REC_OK)
        status = rec_buffer_puts(&text, at, err);
    if (status == REC_OK)
        status = write_piece(w, "description", text.data, false, err);
    rec_buffer_deinit(&text);
    return status;
}

static rec_status write_date(wish_writer *w, rec_error *err)
{
    const rec_emb_items *x = w->d->source->items;
    double seconds = x->date[w->d->row->item];
    bool months = rec_emb_knows_month(x, w->d->row->item);
    char date[REC_EMB_NUMBER_MAX];
    if (w->exact && months)
        rec_emb_long_date(date, seconds);
    else
        rec_emb_date_text(date, seconds, !months);
    return write_piece(w, "release date", date, false, err);
}

static rec_status write_part(wish_writer *w, int part, size_t values_max, rec_error *err)
{
    const rec_emb_items *x = w->d->source->items;
    uint32_t item = w->d->row->item;
    char price[REC_EMB_NUMBER_MAX];
    if (part >= 0)
        return write_attribute(w, (size_t)part, values_max, err);
    if (part == DATE_PART) {
        w->conditions[w->n++] = date_condition(x, item, w->exact);
        return write_date(w, err);
    }
    if (part == PRICE_PART) {
        w->conditions[w->n++] = rec_emb_exact_price(x->price[item]);
        rec_emb_float_text(price, x->price[item]);
        return write_piece(w, "price", price, false, err);
    }
    if (part == DESCRIPTION_PART) {
        w->conditions[w->n++] = (rec_emb_condition){.kind = REC_EMB_DESCRIBED, .value = item};
        return write_description(w, err);
    }
    w->conditions[w->n++] = (rec_emb_condition){.kind = REC_EMB_TITLED, .value = item};
    return write_piece(w, "title", rec_emb_title(x, item), false, err);
}

/* Conditions there can be at most: every value of every attribute, price, date, description, title. */
static size_t conditions_of(const rec_emb_items *x, uint32_t item)
{
    size_t n = 4;
    for (size_t a = 0; a < x->n_attributes; a++)
        n += x->attributes[a].start[item + 1] - x->attributes[a].start[item];
    return n;
}

rec_status rec_emb_draft_wish(bool *made, rec_emb_draft *d, const rec_emb_wish *wish,
                              rec_error *err)
{
    const rec_emb_items *x = d->source->items;
    bool keys_drawn = rec_rng_below(&d->rng, 2) == 0;
    wish_writer w = {.d = d,
                     .exact = wish->exact,
                     .with_keys = wish->keys == REC_EMB_KEYS_DRAWN
                                      ? keys_drawn
                                      : wish->keys == REC_EMB_KEYS_SHOWN};
    bool with_title = rec_rng_below(&d->rng, 2) == 0 && wish->with_title;
    int *parts = rec_arena_alloc(&d->scratch, x->n_attributes + 4, sizeof *parts, err);
    w.conditions =
        rec_arena_alloc(&d->scratch, conditions_of(x, d->row->item), sizeof *w.conditions, err);
    *made = false;
    if (parts == NULL || w.conditions == NULL)
        return REC_ERR_RESOURCE;
    size_t n = parts_of(parts, d, wish, with_title);
    if (n == 0)
        return REC_OK;
    size_t most = wish->conditions_max > 0 && wish->conditions_max < n ? wish->conditions_max : n;
    size_t wanted = 1 + rec_rng_below(&d->rng, (uint32_t)most);
    rec_rng_shuffle(&d->rng, parts, n, sizeof *parts);
    rec_status status = REC_OK;
    for (size_t i = 0; i < wanted && status == REC_OK; i++)
        status = write_part(&w, parts[i], wish->values_max, err);
    *made = status == REC_OK;
    return status == REC_OK ? rec_emb_draft_conditions(d, w.conditions, w.n, err) : status;
}

/* ---- texts ---- */

/* Everything that may be said of row->item apart from its title. */
static size_t facts_of(rec_emb_condition *facts, const rec_emb_draft *d)
{
    const rec_emb_source *s = d->source;
    const rec_emb_items *x = s->items;
    uint32_t item = d->row->item;
    size_t n = 0;
    for (size_t a = 0; a < x->n_attributes; a++)
        for (size_t i = x->attributes[a].start[item]; i < x->attributes[a].start[item + 1]; i++)
            facts[n++] = (rec_emb_condition){
                .kind = REC_EMB_HAS, .attribute = (uint32_t)a, .value = x->attributes[a].value[i]};
    int price = rec_emb_price_band(s->bands, x, item), date = rec_emb_date_band(s->bands, x, item);
    if (price >= 0 && rec_emb_price_words[price] != NULL)
        facts[n++] = s->bands->price[price];
    if (date >= 0 && rec_emb_date_words[date] != NULL)
        facts[n++] = s->bands->date[date];
    return n;
}

rec_status rec_emb_draft_facts(size_t *n, rec_emb_condition facts[REC_EMB_FACTS_MAX],
                               rec_emb_draft *d, size_t most, rec_error *err)
{
    size_t room = conditions_of(d->source->items, d->row->item);
    rec_emb_condition *all = rec_arena_alloc(&d->scratch, room, sizeof *all, err);
    *n = 0;
    if (all == NULL)
        return REC_ERR_RESOURCE;
    size_t n_known = facts_of(all, d);
    if (n_known == 0)
        return REC_OK;
    rec_rng_shuffle(&d->rng, all, n_known, sizeof *all);
    most = most < n_known ? most : n_known;
    *n = 1 + rec_rng_below(&d->rng, (uint32_t)most);
    memcpy(facts, all, *n * sizeof *facts);
    return REC_OK;
}

/* "us2i/train/42/0" */
static char *text_id(const rec_emb_draft *d, rec_error *err)
{
    const rec_emb_source *s = d->source;
    const rec_emb_task *task = rec_emb_tasks[d->row->task];
    rec_buffer id = {.length = 0};
    const char *unit =
        task->by_user ? s->dataset->user_ids[d->row->user] : s->items->catalogue->ids[d->row->item];
    rec_status status = rec_buffer_printf(&id, err, "%s/%s/%s/%zu", task->name,
                                          rec_emb_part_names[s->part], unit, d->pass);
    char *text = status == REC_OK ? rec_buffer_take(&id, err) : NULL;
    rec_buffer_deinit(&id);
    return text;
}

rec_status rec_emb_draft_text(bool *made, rec_emb_draft *d, rec_emb_text_kind kind,
                              const rec_emb_style *style, const rec_emb_condition *facts,
                              size_t n_facts, rec_error *err)
{
    const rec_emb_source *s = d->source;
    rec_emb_outcome outcome;
    char *id = text_id(d, err);
    *made = false;
    if (id == NULL)
        return REC_ERR_RESOURCE;
    const rec_emb_ask ask = {.kind = kind,
                             .id = id,
                             .set = s->part,
                             .style = *style,
                             .item = d->row->item,
                             .history = d->row->history,
                             .n_history = d->row->n_history,
                             .conditions = facts,
                             .n_conditions = n_facts,
                             .is_ahead = d->is_ahead,
                             .rng = &d->rng,
                             .scratch = &d->scratch};
    rec_status status = rec_emb_write(&outcome, &d->query, s->writer, &ask, err);
    free(id);
    if (status != REC_OK)
        return status;
    d->tally->texts[outcome]++;
    *made = d->row->is_written = outcome == REC_EMB_WRITTEN;
    d->is_missing = !*made && outcome != REC_EMB_NO_FACTS && rec_emb_writer_is_outside(s->writer);
    return REC_OK;
}

rec_status rec_emb_draft_summary(bool *made, rec_emb_draft *d, rec_error *err)
{
    const rec_emb_style style = rec_emb_style_draw(REC_EMB_SUMMARY, &d->rng);
    return rec_emb_draft_text(made, d, REC_EMB_SUMMARY, &style, NULL, 0, err);
}

rec_status rec_emb_draft_description(bool *made, rec_emb_draft *d, rec_error *err)
{
    enum { VAGUE_MAX = 2 };
    const rec_emb_source *s = d->source;
    rec_emb_condition facts[REC_EMB_FACTS_MAX];
    const rec_emb_style style = rec_emb_style_draw(REC_EMB_DESCRIPTION, &d->rng);
    bool is_vague = style.clarity == REC_EMB_VAGUE;
    size_t n;
    *made = false;
    rec_status status =
        rec_emb_draft_facts(&n, facts, d, is_vague ? VAGUE_MAX : REC_EMB_FACTS_MAX, err);
    bool is_of_part = rec_emb_tasks[d->row->task]->by_user || rec_emb_is_set_of_part(s, facts, n);
    if (status == REC_OK && n > 0 && is_of_part) /* before a model is asked */
        status = rec_emb_draft_text(made, d, REC_EMB_DESCRIPTION, &style, facts, n, err);
    if (status != REC_OK || !*made)
        return status;
    d->is_sentence =
        is_vague || style.voice != REC_EMB_NO_PERSON || rec_emb_writer_is_outside(s->writer);
    return rec_emb_draft_conditions(d, facts, n, err);
}

rec_status rec_emb_draft_misspelling(bool *made, rec_emb_draft *d, rec_error *err)
{
    const rec_emb_style style = rec_emb_style_draw(REC_EMB_MISSPELLING, &d->rng);
    const rec_emb_condition same = {.kind = REC_EMB_TITLED, .value = d->row->item};
    rec_status status = rec_emb_draft_text(made, d, REC_EMB_MISSPELLING, &style, NULL, 0, err);
    return status == REC_OK && *made ? rec_emb_draft_conditions(d, &same, 1, err) : status;
}
