#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/permutation.h"
#include "models/reclm_emb/task.h"

#define REC_EMB_TASK(name) extern const rec_emb_task rec_emb_task_##name;
#include "models/reclm_emb/tasks/tasks.def"
#undef REC_EMB_TASK

#define REC_EMB_TASK(name) &rec_emb_task_##name,
const rec_emb_task *const rec_emb_tasks[] = {
#include "models/reclm_emb/tasks/tasks.def"
};
#undef REC_EMB_TASK

size_t rec_emb_task_find(const char *name)
{
    size_t i = 0;
    while (i < REC_EMB_N_TASKS && strcmp(rec_emb_tasks[i]->name, name) != 0)
        i++;
    return i;
}

bool rec_emb_task_is_always_made(size_t task, const rec_emb_data_options *options)
{
    const rec_emb_task *t = rec_emb_tasks[task];
    bool is_asked_for =
        options->generator != REC_EMB_RULES &&
        rec_emb_generator_writes((rec_emb_text_generator)options->generator, t->text);
    return !t->is_extra && !is_asked_for;
}

/* ---- around a draft ---- */

/* Tests ask in their own words, a share of them in training's. */
static rec_emb_part wording_set(rec_emb_draft *d)
{
    const rec_emb_source *s = d->source;
    bool seen = s->part == REC_EMB_TEST && rec_rng_uniform(&d->rng) < s->options->seen_wording;
    return seen ? REC_EMB_TRAIN : s->part;
}

/* Everything a query says apart from its template, as one text. */
static rec_status bare_text(rec_buffer *out, const rec_emb_draft *d, rec_error *err)
{
    const rec_buffer *parts[] = {&d->query, &d->without, &d->history};
    static const char *const between[] = {"", " | not: ", " | after: "};
    rec_status status = rec_buffer_puts(out, "", err);
    for (size_t i = 0; i < 3 && status == REC_OK; i++)
        if (parts[i]->length > 0)
            status = rec_buffer_printf(out, err, "%s%s", out->length > 0 ? between[i] : "",
                                       parts[i]->data);
    return status;
}

static const char *text_of(const rec_buffer *b)
{
    return b->length > 0 ? b->data : "";
}

rec_status rec_emb_draft_words(rec_emb_draft *d, rec_emb_phrase phrase, rec_emb_part set,
                               uint32_t index, rec_error *err)
{
    const rec_emb_source *s = d->source;
    rec_buffer bare = {.length = 0}, query = {.length = 0};
    const rec_emb_slots slots = {.noun = s->items->noun,
                                 .nouns = s->items->nouns,
                                 .query = text_of(&d->query),
                                 .wish = text_of(&d->query),
                                 .without = text_of(&d->without),
                                 .history = text_of(&d->history)};
    bool is_bare = index == REC_EMB_BARE;
    rec_status status = bare_text(&bare, d, err);
    if (status == REC_OK && !is_bare)
        status = rec_emb_wording_apply(&query, s->wording, phrase, set, index, &slots, err);
    if (status == REC_OK) {
        const rec_buffer *asked = is_bare ? &bare : &query,
                         *apart = bare.length > 0 ? &bare : &query;
        d->row->template_index = index;
        d->row->wording = (uint8_t)set;
        d->row->seen_wording = set == REC_EMB_TRAIN || (is_bare && !d->row->is_written);
        d->row->bare = rec_emb_rows_text(d->rows, apart->data, apart->length, err);
        d->row->query = rec_emb_rows_text(d->rows, asked->data, asked->length, err);
        if (d->row->bare == NULL || d->row->query == NULL)
            status = REC_ERR_RESOURCE;
    }
    rec_buffer_deinit(&query);
    rec_buffer_deinit(&bare);
    return status;
}

static rec_status put_into_words(rec_emb_draft *d, const rec_emb_task *task, rec_error *err)
{
    rec_emb_part set = wording_set(d);
    bool is_bare = rec_rng_uniform(&d->rng) < task->bare || d->is_sentence;
    uint32_t n = (uint32_t)rec_emb_wording_count(d->source->wording, d->phrase, set);
    uint32_t index = rec_rng_below(&d->rng, n);
    return rec_emb_draft_words(d, d->phrase, set, is_bare ? REC_EMB_BARE : index, err);
}

/* Random items that do not answer, with replacement. A row that nearly everything answers gets fewer:
 * the search ends. */
static rec_status add_negatives(rec_emb_draft *d, rec_error *err)
{
    enum { TRIES = 20 };
    const rec_emb_source *s = d->source;
    rec_emb_row *row = d->row;
    size_t wanted = (size_t)s->options->negatives, n = 0;
    uint32_t *items = rec_arena_alloc(&d->rows->arena, wanted > 0 ? wanted : 1, sizeof *items, err);
    if (items == NULL)
        return REC_ERR_RESOURCE;
    for (size_t i = 0; i < wanted; i++)
        for (int t = 0; t < TRIES; t++) {
            uint32_t item = rec_rng_below(&d->rng, (uint32_t)s->items->n);
            if (rec_emb_visible(s, item) && !rec_emb_row_accepts(row, s->items, item)) {
                items[n++] = item;
                break;
            }
        }
    row->negatives = items;
    row->n_negatives = n;
    return REC_OK;
}

/* Titles are not divided: items divide them. */
bool rec_emb_is_set_of_part(const rec_emb_source *s, const rec_emb_condition *conditions, size_t n)
{
    const double test = 0.2, dev = 0.1;
    bool is_divided = n > 0 && conditions[0].kind != REC_EMB_TITLED;
    if (!is_divided || s->options->compat == REC_EMB_ORIGINAL)
        return true;
    rec_rng rng = rec_rng_keyed((uint64_t)s->options->seed, "emb/split/conditions",
                                rec_emb_conditions_hash(conditions, n));
    double x = rec_rng_uniform(&rng);
    return s->part == (x < test ? REC_EMB_TEST : x < test + dev ? REC_EMB_DEV : REC_EMB_TRAIN);
}

/* Rows made for training need what to learn from, rows made for tests an answer that can be found. */
static bool is_complete(const rec_emb_row *row, rec_emb_part part, const rec_emb_items *x)
{
    if (part != REC_EMB_TEST)
        return row->n_positives > 0;
    for (size_t i = 0; i < row->n_answers; i++)
        if (x->texts[row->answers[i]][0] != '\0')
            return true;
    return false;
}

static rec_status finish(bool *made, rec_emb_draft *d, const rec_emb_task *task, rec_error *err)
{
    const rec_emb_source *s = d->source;
    rec_emb_row *row = d->row;
    rec_status status = REC_OK;
    row->seen_item = row->item == REC_NO_ITEM || s->split->item_part[row->item] == REC_EMB_TRAIN;
    *made = task->by_user || rec_emb_is_set_of_part(s, row->conditions, row->n_conditions);
    if (!*made)
        return REC_OK;
    if (task->by_predicate && s->part != REC_EMB_TRAIN)
        REC_TRY(rec_emb_draft_answers_by_predicate(d, err));
    REC_TRY(rec_emb_draft_positives(d, err));
    *made = is_complete(row, s->part, s->items);
    if (*made)
        REC_TRY(put_into_words(d, task, err));
    if (*made && s->part == REC_EMB_TRAIN && row->n_negatives == 0)
        REC_TRY(add_negatives(d, err));
cleanup:
    return status;
}

/* ---- the visits ---- */

static rec_status visit(bool *made, rec_emb_draft *d, size_t number, uint32_t unit, size_t pass,
                        rec_error *err)
{
    const rec_emb_task *task = rec_emb_tasks[number];
    const rec_emb_source *s = d->source;
    char purpose[64];
    *made = false;
    rec_status status = rec_emb_draft_open(d, number, err);
    if (status != REC_OK)
        return status;
    *(task->by_user ? &d->row->user : &d->row->item) = unit;
    snprintf(purpose, sizeof purpose, "emb/%s/%s", task->name, rec_emb_part_names[s->part]);
    d->rng = rec_rng_keyed((uint64_t)s->options->seed, purpose, (uint64_t)pass << 32 | unit);
    d->pass = pass;
    d->phrase = task->phrase;
    d->is_sentence = d->is_missing = d->is_other = false;
    status = task->draft(made, d, err);
    if (status == REC_OK && *made)
        status = finish(made, d, task, err);
    if (!*made)
        rec_emb_rows_drop_last(d->rows);
    return status;
}

/* May this part's rows be about the unit? Tests ask about training's items, too, and say so. */
static bool is_of_part(const rec_emb_source *s, const rec_emb_task *task, uint32_t unit)
{
    if (task->by_user)
        return s->split->user_part[unit] == s->part;
    return s->split->item_part[unit] == s->part ||
           (s->part == REC_EMB_TEST && s->split->item_part[unit] == REC_EMB_TRAIN);
}

static size_t rows_wanted(const rec_emb_source *s)
{
    const rec_emb_data_options *o = s->options;
    return (size_t)(s->part == REC_EMB_TRAIN ? o->train_rows
                    : s->part == REC_EMB_DEV ? o->dev_rows
                                             : o->test_rows);
}

/* Visit until there are rows enough. A text that is missing counts as one: others are not put in its
 * place. */
static rec_status visit_all(rec_emb_draft *d, size_t number, rec_error *err)
{
    const rec_emb_task *task = rec_emb_tasks[number];
    const rec_emb_source *s = d->source;
    size_t n_units = task->by_user ? s->split->n_users : s->split->n_items;
    size_t wanted = rows_wanted(s), n = 0;
    rec_status status = REC_OK;
    rec_permutation order = rec_permutation_keyed((uint64_t)s->options->seed, "emb/order",
                                                  number << 2 | (size_t)s->part, n_units);
    for (size_t pass = 0; pass < (size_t)task->passes && n < wanted; pass++)
        for (size_t i = 0; i < n_units && n < wanted && status == REC_OK; i++) {
            uint32_t unit = (uint32_t)rec_permutation_at(&order, i);
            bool made;
            if (!is_of_part(s, task, unit))
                continue;
            status = visit(&made, d, number, unit, pass, err);
            n += status == REC_OK && (made || d->is_missing);
            d->tally->n_without += status == REC_OK && !made && !d->is_other && pass == 0;
        }
    return status;
}

/* A writer that gathers what it is to write sees everything once, before the rows are made. */
static rec_status write_ahead(const rec_emb_source *source, size_t number, rec_error *err)
{
    rec_emb_rows rows = {.rows = NULL};
    rec_emb_tally tally = {.n_without = 0};
    rec_emb_draft d = {.source = source, .rows = &rows, .is_ahead = true, .tally = &tally};
    rec_status status = visit_all(&d, number, err);
    if (status == REC_OK)
        status = rec_emb_writer_answer(source->writer, err);
    rec_emb_draft_deinit(&d);
    rec_emb_rows_deinit(&rows);
    return status;
}

rec_status rec_emb_generate(rec_emb_rows *out, rec_emb_tally *tally, const rec_emb_source *source,
                            size_t number, rec_error *err)
{
    rec_emb_draft d = {.source = source, .rows = out, .tally = tally};
    rec_status status = REC_OK;
    bool is_written = rec_emb_tasks[number]->text != REC_EMB_NO_TEXT;
    if (is_written && rec_emb_writer_collects(source->writer))
        status = write_ahead(source, number, err);
    if (status == REC_OK)
        status = rec_emb_writer_begin(source->writer, err);
    if (status == REC_OK)
        status = visit_all(&d, number, err);
    rec_emb_draft_deinit(&d);
    return status;
}
