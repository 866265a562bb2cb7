/* models/reclm_emb/draft.c: what the drafts of several tasks share: answers, users, texts. */
#include <stdlib.h>
#include <string.h>

#include "core/sorted.h"
#include "models/reclm_emb/task.h"

bool rec_emb_visible(const rec_emb_source *s, uint32_t item)
{
    bool has_text = s->items->texts[item][0] != '\0';
    return has_text && (s->part == REC_EMB_TEST || s->split->item_part[item] == REC_EMB_TRAIN);
}

rec_status rec_emb_draft_open(rec_emb_draft *d, size_t task, rec_error *err)
{
    d->row = rec_emb_rows_add(d->rows, err);
    if (d->row == NULL)
        return REC_ERR_RESOURCE;
    d->row->task = (uint8_t)task;
    d->row->part = (uint8_t)d->source->part;
    rec_buffer_clear(&d->query);
    rec_buffer_clear(&d->without);
    rec_buffer_clear(&d->history);
    rec_arena_reset(&d->scratch);
    return REC_OK;
}

void rec_emb_draft_deinit(rec_emb_draft *d)
{
    rec_buffer_deinit(&d->query);
    rec_buffer_deinit(&d->without);
    rec_buffer_deinit(&d->history);
    rec_arena_deinit(&d->scratch);
}

/* @param more  or REC_NO_ITEM */
static rec_status set_answers(rec_emb_draft *d, const uint32_t *items, size_t n, uint32_t more,
                              rec_error *err)
{
    uint32_t *all = rec_arena_alloc(&d->rows->arena, n + 1, sizeof *all, err);
    if (all == NULL)
        return REC_ERR_RESOURCE;
    if (n > 0)
        memcpy(all, items, n * sizeof *all);
    if (more != REC_NO_ITEM)
        all[n++] = more;
    d->row->answers = all;
    d->row->n_answers = rec_sort_distinct_u32(all, n);
    return REC_OK;
}

rec_status rec_emb_draft_answers(rec_emb_draft *d, const uint32_t *items, size_t n, rec_error *err)
{
    return set_answers(d, items, n, REC_NO_ITEM, err);
}

rec_status rec_emb_draft_answers_and_item(rec_emb_draft *d, const uint32_t *items, size_t n,
                                          rec_error *err)
{
    return set_answers(d, items, n, d->row->item, err);
}

rec_status rec_emb_draft_answers_by_predicate(rec_emb_draft *d, rec_error *err)
{
    const rec_emb_items *x = d->source->items;
    uint32_t *found = rec_arena_alloc(&d->scratch, x->n, sizeof *found, err);
    if (found == NULL)
        return REC_ERR_RESOURCE;
    size_t n = rec_emb_satisfying(found, x, d->row->conditions, d->row->n_conditions);
    return rec_emb_draft_answers(d, found, n, err);
}

rec_status rec_emb_draft_positives(rec_emb_draft *d, rec_error *err)
{
    rec_emb_row *row = d->row;
    if (row->n_positives > 0 || row->item == REC_NO_ITEM)
        return REC_OK;
    row->positives = rec_emb_rows_memdup(d->rows, &row->item, 1, sizeof row->item, err);
    row->n_positives = 1;
    return row->positives != NULL ? REC_OK : REC_ERR_RESOURCE;
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
    return rec_emb_draft_answers(d, items, n, err); /* that item is one of them */
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
                                   : rec_emb_draft_answers_and_item(d, items, n, err);
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

/* ---- texts ---- */

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
