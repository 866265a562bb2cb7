/* models/reclm_emb/original/make.c: what the original's generators share. */
#include <string.h>

#include "models/reclm_emb/original/original.h"

bool rec_emb_visit_chance(rec_emb_maker *m, double probability)
{
    return rec_rng_uniform(&m->visit) < probability;
}

bool rec_emb_chance(rec_emb_maker *m, double probability)
{
    return rec_rng_uniform(&m->draft.rng) < probability;
}

size_t rec_emb_sequence(const uint32_t **items, const rec_emb_maker *m, uint32_t user)
{
    const rec_interactions *x = m->facts->sequences;
    *items = x->item + x->start[user];
    return x->start[user + 1] - x->start[user];
}

rec_status rec_emb_open_row(bool *open, rec_emb_maker *m, size_t task, uint32_t user, uint32_t item,
                            rec_error *err)
{
    rec_emb_draft *d = &m->draft;
    d->rng = rec_rng_keyed(rec_rng_u64(&m->visit), "emb/original/row", task);
    *open = m->wanted[task] && m->n_made[task] < m->n_wanted;
    if (!*open)
        return REC_OK;
    rec_status status = rec_emb_draft_open(d, task, err);
    if (status != REC_OK)
        return status;
    d->row->user = user;
    d->row->item = item;
    d->row->seen_item = true;
    d->row->only_positives = true;
    d->tally = &m->tally[task];
    d->pass = m->n_made[task];
    return REC_OK;
}

/* ---- rejection rules ---- */

bool rec_emb_is_other(const rec_emb_maker *m, uint32_t item)
{
    return item != m->draft.row->item;
}

bool rec_emb_is_other_title(const rec_emb_maker *m, uint32_t item)
{
    const char *own = rec_emb_title(m->source.items, m->draft.row->item);
    const char *title = rec_emb_title(m->source.items, item);
    return item != m->draft.row->item && (title == NULL || strcmp(own, title) != 0);
}

bool rec_emb_violates(const rec_emb_maker *m, uint32_t item)
{
    const rec_emb_row *row = m->draft.row;
    return !rec_emb_all_hold(m->source.items, row->conditions, row->n_conditions, item);
}

/* Uniform over the catalogue, with replacement. Where `tries` is left open the original would go on for
 * ever when nothing is wrong; here the row is given up after so many. */
static rec_status add_negatives(bool *made, rec_emb_maker *m, const rec_emb_finish *finish,
                                rec_error *err)
{
    enum { TRIES_EACH = 10000 };
    rec_emb_draft *d = &m->draft;
    size_t wanted = (size_t)m->source.options->negatives, n = 0;
    size_t tries = finish->tries > 0 ? finish->tries : TRIES_EACH * wanted;
    uint32_t *items = rec_arena_alloc(&d->rows->arena, wanted > 0 ? wanted : 1, sizeof *items, err);
    if (items == NULL)
        return REC_ERR_RESOURCE;
    for (size_t t = 0; t < tries && n < wanted; t++) {
        uint32_t item = rec_rng_below(&d->rng, (uint32_t)m->source.items->n);
        if (finish->is_wrong(m, item))
            items[n++] = item;
    }
    d->row->negatives = items;
    d->row->n_negatives = n;
    *made = finish->tries > 0 ? n > wanted / 2 : n == wanted;
    return REC_OK;
}

/* ---- words ---- */

/* Tests draw among the templates of training and their own. */
static rec_status put_into_words(rec_emb_maker *m, const rec_emb_finish *finish, rec_error *err)
{
    rec_emb_draft *d = &m->draft;
    const rec_emb_wording *w = m->source.wording;
    size_t n_train = rec_emb_wording_count(w, finish->phrase, REC_EMB_TRAIN), n = n_train;
    if (rec_emb_is_test(m))
        n += rec_emb_wording_count(w, finish->phrase, REC_EMB_TEST);
    bool is_bare = finish->bare > 0.0 && rec_emb_chance(m, finish->bare);
    size_t index = rec_rng_below(&d->rng, (uint32_t)(n + finish->has_bare));
    if (is_bare || index == n)
        return rec_emb_draft_words(d, finish->phrase, REC_EMB_TRAIN, REC_EMB_BARE, err);
    bool is_trained = index < n_train;
    return rec_emb_draft_words(d, finish->phrase, is_trained ? REC_EMB_TRAIN : REC_EMB_TEST,
                               (uint32_t)(is_trained ? index : index - n_train), err);
}

/* Whatever satisfies the conditions, where a task is judged by them. */
static rec_status complete_answers(rec_emb_draft *d, rec_error *err)
{
    if (d->row->n_answers > 0)
        return REC_OK;
    return rec_emb_tasks[d->row->task]->by_predicate
               ? rec_emb_draft_answers_by_predicate(d, err)
               : rec_emb_draft_answers_and_item(d, NULL, 0, err);
}

static rec_status complete(bool *made, rec_emb_maker *m, const rec_emb_finish *finish,
                           rec_error *err)
{
    rec_emb_draft *d = &m->draft;
    rec_emb_row *row = d->row;
    rec_status status;
    REC_TRY(put_into_words(m, finish, err));
    if (rec_emb_is_test(m)) {
        REC_TRY(complete_answers(d, err));
        *made = row->n_answers > 0;
        return REC_OK;
    }
    REC_TRY(rec_emb_draft_positives(d, err));
    if (finish->is_wrong != NULL)
        status = add_negatives(made, m, finish, err);
cleanup:
    return status;
}

rec_status rec_emb_close_row(rec_emb_maker *m, bool made, const rec_emb_finish *finish,
                             rec_error *err)
{
    rec_emb_draft *d = &m->draft;
    rec_status status = made ? complete(&made, m, finish, err) : REC_OK;
    if (status == REC_OK && made)
        m->n_made[d->row->task]++;
    else
        rec_emb_rows_drop_last(d->rows);
    return status;
}

/* ---- drafts ---- */

rec_status rec_emb_show_history(rec_emb_maker *m, size_t end, rec_error *err)
{
    rec_emb_row *row = m->draft.row;
    const uint32_t *items;
    size_t most = (size_t)m->source.options->history_max;
    rec_emb_sequence(&items, m, row->user);
    uint32_t *own = rec_emb_rows_memdup(m->draft.rows, items, end, sizeof *items, err);
    if (own == NULL)
        return REC_ERR_RESOURCE;
    row->item = items[end];
    row->n_history = end < most ? end : most;
    row->history = own + end - row->n_history;
    row->excluded = own;
    row->n_excluded = end;
    return REC_OK;
}

rec_status rec_emb_original_wish(bool *made, rec_emb_maker *m, bool is_full, size_t full_max,
                                 rec_error *err)
{
    const rec_emb_wish full = {
        .with_title = true, .conditions_max = full_max, .exact = true, .with_description = true};
    static const rec_emb_wish sparse = {.conditions_max = 3, .values_max = 2, .exact = true};
    return rec_emb_draft_wish(made, &m->draft, is_full ? &full : &sparse, err);
}
