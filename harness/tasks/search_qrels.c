/* Queries with judgments: any number of targets with levels, as test collections have them. */
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "harness/tasks/search_private.h"

const rec_column *rec_search_column(const rec_table *t, const char *name, rec_column_type type,
                                    rec_error *err)
{
    const rec_column *c = rec_table_column(t, name);
    if (c == NULL || c->type != type) {
        rec_fail(err, REC_ERR_DATA, "table %s has no column \"%s\"", t->name, name);
        return NULL;
    }
    return c;
}

/* A row of the table `qrels`. */
typedef struct judgment {
    const char *query, *item;
    double level;
} judgment;

static int compare_judgments(const void *a, const void *b)
{
    const judgment *x = a, *y = b;
    int order = strcmp(x->query, y->query);
    return order != 0 ? order : strcmp(x->item, y->item);
}

/* new (t->n_rows) of the caller, by query and item; rows that lack one of them are left out. */
static rec_status sorted_judgments(judgment **out, size_t *n, const rec_table *t, rec_error *err)
{
    const rec_column *query = rec_search_column(t, "query", REC_COLUMN_TEXT, err);
    const rec_column *item = rec_search_column(t, "item", REC_COLUMN_TEXT, err);
    const rec_column *level = rec_search_column(t, "level", REC_COLUMN_NUMBER, err);
    if (query == NULL || item == NULL || level == NULL)
        return REC_ERR_DATA;
    judgment *rows = rec_alloc(t->n_rows, sizeof *rows, err);
    if (rows == NULL)
        return REC_ERR_RESOURCE;
    *n = 0;
    for (size_t i = 0; i < t->n_rows; i++)
        if (query->text[i] != NULL && item->text[i] != NULL)
            rows[(*n)++] = (judgment){query->text[i], item->text[i], level->number[i]};
    qsort(rows, *n, sizeof *rows, compare_judgments);
    *out = rows;
    return REC_OK;
}

/* First judgment of a query; where it would stand if there is none. */
static size_t first_of(const judgment *rows, size_t n, const char *query)
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(rows[middle].query, query) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Levels above 0 are targets; an item judged twice counts once. */
static rec_status add_targets(rec_search_builder *b, rec_sample *s, const judgment *rows, size_t n,
                              rec_error *err)
{
    uint32_t *targets = rec_arena_alloc(&b->set->arena, n + 1, sizeof *targets, err);
    float *gains = rec_arena_alloc(&b->set->arena, n + 1, sizeof *gains, err);
    if (targets == NULL || gains == NULL)
        return REC_ERR_RESOURCE;
    for (size_t i = 0; i < n; i++) {
        uint32_t item = rec_dataset_item(b->dataset, rows[i].item);
        b->n_unknown += item == REC_NO_ITEM;
        if (item == REC_NO_ITEM || !(rows[i].level > 0.0) ||
            (i > 0 && strcmp(rows[i].item, rows[i - 1].item) == 0))
            continue;
        targets[s->n_targets] = item;
        gains[s->n_targets++] = (float)rows[i].level;
    }
    s->targets = targets;
    s->gains = b->options->rank.relevance == REC_RELEVANCE_VALUE ? gains : NULL;
    return REC_OK;
}

static rec_status add_excluded(rec_search_builder *b, rec_sample *s, const rec_column *c,
                               size_t row, rec_error *err)
{
    if (c == NULL || c->type != REC_COLUMN_TEXTS)
        return REC_OK;
    size_t n = c->start[row + 1] - c->start[row];
    uint32_t *items = rec_arena_alloc(&b->set->arena, n + 1, sizeof *items, err);
    if (items == NULL)
        return REC_ERR_RESOURCE;
    for (size_t i = 0; i < n; i++) {
        uint32_t item = rec_dataset_item(b->dataset, c->texts[c->start[row] + i]);
        b->n_unknown += item == REC_NO_ITEM;
        if (item != REC_NO_ITEM)
            items[s->n_seen++] = item;
    }
    s->seen = items;
    return REC_OK;
}

rec_status rec_search_judged(rec_search_builder *b, const bool *is_drawn, rec_error *err)
{
    const rec_table *t = rec_dataset_table(b->dataset, "queries");
    const rec_column *id = rec_search_column(t, "id", REC_COLUMN_TEXT, err);
    const rec_column *query = rec_search_column(t, "query", REC_COLUMN_TEXT, err);
    const rec_column *excluded = rec_table_column(t, "excluded");
    judgment *rows = NULL;
    size_t n_rows;
    rec_status status;
    if (id == NULL || query == NULL)
        return REC_ERR_DATA;
    REC_TRY(sorted_judgments(&rows, &n_rows, rec_dataset_table(b->dataset, "qrels"), err));
    for (size_t q = 0; q < t->n_rows; q++) {
        rec_sample s = {.user = (uint32_t)q, .name = id->text[q], .query.user = REC_NO_USER};
        if (!is_drawn[q] || id->text[q] == NULL || query->text[q] == NULL) {
            b->set->n_skipped += is_drawn[q];
            continue;
        }
        size_t first = first_of(rows, n_rows, id->text[q]), n = 0;
        while (first + n < n_rows && strcmp(rows[first + n].query, id->text[q]) == 0)
            n++;
        s.query.text = query->text[q];
        REC_TRY(add_targets(b, &s, rows + first, n, err));
        REC_TRY(add_excluded(b, &s, excluded, q, err));
        b->set->n_skipped += s.n_targets == 0;
        if (s.n_targets > 0)
            b->set->samples[b->set->n++] = s;
    }
cleanup:
    free(rows);
    return status;
}
