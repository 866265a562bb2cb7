/* harness/tasks/dialogue_samples.c: recorded dialogues as seeds of conversations: a table "turns" with
 * dialogue_id, context (texts, the user's message last), targets (item ids) and entities (titles). */
#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/rng.h"
#include "harness/replies/title_index.h"
#include "harness/tasks/conversation.h"

typedef struct turns {
    const rec_dataset *dataset;
    size_t n_rows;
    const rec_column *dialogue, *context, *targets, *entities;
    rec_title_index *titles; /* owned */
} turns;

static rec_status find_column(const rec_column **out, const rec_table *table, const char *name,
                              rec_column_type type, rec_error *err)
{
    *out = rec_table_column(table, name);
    if (*out == NULL || (*out)->type != type)
        return rec_fail(err, REC_ERR_DATA, "seeds: dialogues: table \"turns\" has no column \"%s\"",
                        name);
    return REC_OK;
}

static rec_status open_turns(turns *t, const rec_dataset *dataset, rec_error *err)
{
    const rec_table *table = rec_dataset_table(dataset, "turns");
    const rec_catalogue *c = &dataset->catalogue;
    rec_status status;
    if (table == NULL)
        return rec_fail(
            err, REC_ERR_DATA,
            "seeds: dialogues: the data set has no table \"turns\" (reader redial has)");
    *t = (turns){.dataset = dataset, .n_rows = table->n_rows};
    REC_TRY(find_column(&t->dialogue, table, "dialogue_id", REC_COLUMN_TEXT, err));
    REC_TRY(find_column(&t->context, table, "context", REC_COLUMN_TEXTS, err));
    REC_TRY(find_column(&t->targets, table, "targets", REC_COLUMN_TEXTS, err));
    REC_TRY(find_column(&t->entities, table, "entities", REC_COLUMN_TEXTS, err));
    status = rec_title_index_new(&t->titles, c->titles, c->n_items, err);
cleanup:
    return status;
}

/* ---- which rows ---- */

typedef struct drawn_row {
    uint64_t key;
    size_t row;
} drawn_row;

static int compare_keys(const void *a, const void *b)
{
    const drawn_row *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

static int compare_rows(const void *a, const void *b)
{
    const drawn_row *x = a, *y = b;
    return (x->row > y->row) - (x->row < y->row);
}

static size_t list_length(const rec_column *c, size_t row)
{
    return c->start[row + 1] - c->start[row];
}

/* Rows with a context and targets; n_wanted of them by random keys of their own (0: all), in the order
 * of the table. */
static rec_status draw_rows(drawn_row **out, size_t *n, const turns *t, size_t n_wanted,
                            uint64_t seed, rec_error *err)
{
    drawn_row *rows = rec_alloc(t->n_rows, sizeof *rows, err);
    if (rows == NULL)
        return REC_ERR_RESOURCE;
    *n = 0;
    for (size_t i = 0; i < t->n_rows; i++) {
        if (list_length(t->context, i) == 0 || list_length(t->targets, i) == 0 ||
            t->dialogue->text[i] == NULL)
            continue;
        rec_rng rng = rec_rng_keyed(seed, "conversation/turns", i);
        rows[(*n)++] = (drawn_row){rec_rng_u64(&rng), i};
    }
    if (n_wanted > 0 && n_wanted < *n) {
        qsort(rows, *n, sizeof *rows, compare_keys);
        *n = n_wanted;
        qsort(rows, *n, sizeof *rows, compare_rows);
    }
    *out = rows;
    return REC_OK;
}

/* ---- one row ---- */

static bool contains(const uint32_t *items, size_t n, uint32_t item)
{
    for (size_t i = 0; i < n; i++)
        if (items[i] == item)
            return true;
    return false;
}

static rec_status set_targets(rec_sample *s, const turns *t, size_t row, rec_arena *arena,
                              rec_error *err)
{
    size_t n = list_length(t->targets, row);
    uint32_t *items = rec_arena_alloc(arena, n, sizeof *items, err);
    if (items == NULL)
        return REC_ERR_RESOURCE;
    s->targets = items;
    for (size_t i = 0; i < n; i++) {
        const char *id = t->targets->texts[t->targets->start[row] + i];
        uint32_t item = rec_dataset_item(t->dataset, id);
        if (item == REC_NO_ITEM)
            return rec_fail(err, REC_ERR_DATA, "table \"turns\": no item has id %s", id);
        if (!contains(items, s->n_targets, item))
            items[s->n_targets++] = item;
    }
    return REC_OK;
}

/* What was mentioned so far and is in the catalogue, but for the targets. */
static rec_status set_history(rec_sample *s, const turns *t, size_t row, size_t most,
                              rec_arena *arena, rec_error *err)
{
    size_t n = list_length(t->entities, row), n_kept = 0;
    uint32_t *items = rec_arena_alloc(arena, n, sizeof *items, err);
    if (items == NULL)
        return REC_ERR_RESOURCE;
    for (size_t i = 0; i < n; i++) {
        const char *title = t->entities->texts[t->entities->start[row] + i];
        rec_item_range found = rec_title_index_exact(t->titles, rec_span_of(title));
        if (found.n > 0 && !contains(s->targets, s->n_targets, found.items[0]) &&
            !contains(items, n_kept, found.items[0]))
            items[n_kept++] = found.items[0];
    }
    size_t shown = most > 0 && most < n_kept ? most : n_kept;
    s->query =
        (rec_query){.user = REC_NO_USER, .history = items + (n_kept - shown), .n_history = shown};
    s->seen = items;
    s->n_seen = n_kept;
    return REC_OK;
}

static rec_status count_samples(rec_sample_set *out, size_t n_rows, rec_error *err)
{
    out->n_skipped = n_rows - out->n;
    out->counts = cJSON_CreateObject();
    if (out->counts == NULL || !cJSON_AddNumberToObject(out->counts, "samples", (double)out->n))
        return rec_fail(err, REC_ERR_RESOURCE, "out of memory");
    return REC_OK;
}

static rec_status fill_samples(rec_sample_set *out, const turns *t, const drawn_row *rows, size_t n,
                               const rec_conversation_options *o, rec_error *err)
{
    uint32_t n_dialogues = 0;
    rec_status status = REC_OK;
    for (size_t i = 0; i < n && status == REC_OK; i++) {
        rec_sample *s = &out->samples[i];
        const char *dialogue = t->dialogue->text[rows[i].row];
        bool is_next = i > 0 && strcmp(out->samples[i - 1].name, dialogue) != 0;
        n_dialogues += is_next ? 1 : 0; /* rows of a dialogue stand together */
        *s = (rec_sample){.user = n_dialogues, .turn = (uint32_t)rows[i].row, .name = dialogue};
        status = set_targets(s, t, rows[i].row, &out->arena, err);
        if (status == REC_OK)
            status =
                set_history(s, t, rows[i].row, (size_t)o->samples.history_max, &out->arena, err);
        out->n += status == REC_OK ? 1 : 0;
    }
    return status;
}

rec_status rec_dialogue_samples(rec_sample_set *out, const rec_conversation_options *options,
                                const rec_task_data *data, rec_error *err)
{
    turns t = {.titles = NULL};
    drawn_row *rows = NULL;
    size_t n = 0;
    rec_status status;
    *out = (rec_sample_set){0};
    REC_TRY(open_turns(&t, data->dataset, err));
    REC_TRY(draw_rows(&rows, &n, &t, (size_t)options->samples.samples, data->user_seed, err));
    out->samples = rec_arena_alloc(&out->arena, n, sizeof *out->samples, err);
    if (out->samples == NULL) {
        status = REC_ERR_RESOURCE;
        goto cleanup;
    }
    REC_TRY(fill_samples(out, &t, rows, n, options, err));
    status = n > 0 ? count_samples(out, t.n_rows, err)
                   : rec_fail(err, REC_ERR_DATA, "table \"turns\" has no row with targets");
cleanup:
    free(rows);
    rec_title_index_free(t.titles);
    if (status != REC_OK)
        rec_sample_set_deinit(out);
    return status;
}

const char *const *rec_dialogue_context(size_t *n, const rec_conversation_options *options,
                                        const rec_dataset *dataset, const rec_sample *sample)
{
    *n = 0;
    if (options->seeds != REC_SEEDS_DIALOGUES)
        return NULL;
    const rec_column *c = rec_table_column(rec_dataset_table(dataset, "turns"), "context");
    *n = list_length(c, sample->turn);
    return (const char *const *)c->texts + c->start[sample->turn];
}
