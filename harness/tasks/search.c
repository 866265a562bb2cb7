/* harness/tasks/search.c: find the item that a text describes, in the whole catalogue or among
 * candidates. Queries are a table of the data (query, target, candidates), a table with the judgments of
 * another (qrels: any number of targets with levels, as the reader `beir` has it), or texts of a column of
 * the items, whose item is then the target. RecLM-eval has a template for it that no command reaches. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/json_build.h"
#include "core/memory.h"
#include "harness/tasks/search_private.h"

static const rec_option options[] = {
    REC_RANK_OPTIONS(rec_search, "ndcg,recall,hit,mrr"),
    {"column", "texts of this column of the items are the queries; none: the table `queries`",
     offsetof(rec_search, column), REC_OPT_REFERENCE, .refers_to = "column"},
    {"stored_candidates", "rank the candidates of the table instead of the catalogue",
     offsetof(rec_search, stored_candidates), REC_OPT_BOOL, .value = 0},
    REC_TEXT_LIST_OPTIONS(rec_search, 10),
    {.key = NULL},
};

static rec_status columns(rec_task_entry *entry, const rec_yaml *map, rec_error *err)
{
    const rec_search *o = entry->options;
    if (o->stored_candidates && o->column != NULL)
        return rec_yaml_fail(err, map, "stored_candidates: only the table `queries` has some");
    if (!o->stored_candidates && o->text.list == 0)
        return rec_yaml_fail(err, map, "list: at least 1: there are no candidates to count");
    rec_status status = rec_rank_columns(entry, &o->rank, map, err);
    return status == REC_OK ? rec_text_list_columns(entry, &o->text, o->stored_candidates, map, err)
                            : status;
}

static bool is_random(const void *self)
{
    (void)self; /* which queries are asked is drawn once for all seeds of a run */
    return false;
}

static size_t list_length(const void *self)
{
    return rec_rank_list_length(&((const rec_search *)self)->rank);
}

static size_t lm_samples(const void *self)
{
    return (size_t)((const rec_search *)self)->text.lm_samples;
}

/* ---- samples ---- */

/* A query that belongs to nobody: its row stands for the user. */
static rec_status add_sample(rec_search_builder *b, size_t row, const char *text, uint32_t target,
                             rec_error *err)
{
    uint32_t *targets = rec_arena_alloc(&b->set->arena, 1, sizeof *targets, err);
    char *name = rec_arena_alloc(&b->set->arena, 32, 1, err);
    if (targets == NULL || name == NULL)
        return REC_ERR_RESOURCE;
    *targets = target;
    snprintf(name, 32, "query %zu", row + 1);
    b->set->samples[b->set->n++] = (rec_sample){
        .user = (uint32_t)row,
        .name = name,
        .query = {.user = REC_NO_USER, .text = text},
        .targets = targets,
        .n_targets = 1,
    };
    return REC_OK;
}

/* Items of a row's candidates that exist, the target among them. */
static rec_status add_candidates(rec_search_builder *b, const rec_column *c, size_t row,
                                 rec_error *err)
{
    rec_sample *s = &b->set->samples[b->set->n - 1];
    size_t n_listed = c->start[row + 1] - c->start[row], n = 0;
    bool has_target = false;
    uint32_t *items = rec_arena_alloc(&b->set->arena, n_listed + 1, sizeof *items, err);
    if (items == NULL)
        return REC_ERR_RESOURCE;
    for (size_t i = c->start[row]; i < c->start[row + 1]; i++) {
        uint32_t item = rec_dataset_item(b->dataset, c->texts[i]);
        size_t j = 0;
        while (j < n && items[j] != item)
            j++;
        b->n_unknown += item == REC_NO_ITEM;
        if (item != REC_NO_ITEM && j == n)
            items[n++] = item;
        has_target = has_target || item == s->targets[0];
    }
    if (!has_target)
        items[n++] = s->targets[0];
    s->candidates = items;
    s->n_candidates = n;
    b->set->n_candidates = n > b->set->n_candidates ? n : b->set->n_candidates;
    return REC_OK;
}

static rec_status from_table(rec_search_builder *b, const bool *is_drawn, rec_error *err)
{
    const rec_table *t = rec_dataset_table(b->dataset, "queries");
    const rec_column *query = rec_search_column(t, "query", REC_COLUMN_TEXT, err);
    const rec_column *target = rec_search_column(t, "target", REC_COLUMN_TEXT, err), *list = NULL;
    if (b->options->stored_candidates)
        list = rec_search_column(t, "candidates", REC_COLUMN_TEXTS, err);
    if (query == NULL || target == NULL || (b->options->stored_candidates && list == NULL))
        return REC_ERR_DATA;
    rec_status status = REC_OK;
    for (size_t row = 0; row < t->n_rows && status == REC_OK; row++) {
        bool is_whole = query->text[row] != NULL && target->text[row] != NULL;
        uint32_t item = is_whole ? rec_dataset_item(b->dataset, target->text[row]) : REC_NO_ITEM;
        b->n_unknown += is_whole && item == REC_NO_ITEM;
        b->set->n_skipped += item == REC_NO_ITEM;
        if (item == REC_NO_ITEM || !is_drawn[row])
            continue;
        status = add_sample(b, row, query->text[row], item, err);
        if (status == REC_OK && list != NULL)
            status = add_candidates(b, list, row, err);
    }
    return status;
}

/* ---- texts of the items ---- */

static rec_status from_column(rec_search_builder *b, const bool *is_drawn, rec_error *err)
{
    const rec_column *c = rec_catalogue_column(&b->dataset->catalogue, b->options->column);
    if (c == NULL || c->type != REC_COLUMN_TEXT)
        return rec_fail(err, REC_ERR_DATA, "column: items have no column of text \"%s\"",
                        b->options->column);
    rec_status status = REC_OK;
    for (size_t i = 0; i < b->dataset->catalogue.n_items && status == REC_OK; i++) {
        bool is_there = c->text[i] != NULL && c->text[i][0] != '\0';
        b->set->n_skipped += !is_there;
        if (is_there && is_drawn[i])
            status = add_sample(b, i, c->text[i], (uint32_t)i, err);
    }
    return status;
}

typedef struct drawn_row {
    uint64_t key;
    size_t row;
} drawn_row;

static int compare_drawn(const void *a, const void *b)
{
    const drawn_row *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

/* The rows with the smallest keys, as users are drawn in other tasks. */
static rec_status draw_rows(bool *is_drawn, size_t n, size_t n_wanted, uint64_t seed,
                            rec_error *err)
{
    drawn_row *rows = rec_alloc(n, sizeof *rows, err);
    if (rows == NULL)
        return REC_ERR_RESOURCE;
    for (size_t i = 0; i < n; i++) {
        rec_rng r = rec_rng_keyed(seed, "task/samples", i);
        rows[i] = (drawn_row){rec_rng_u64(&r), i};
    }
    qsort(rows, n, sizeof *rows, compare_drawn);
    for (size_t i = 0; i < n; i++)
        is_drawn[rows[i].row] = n_wanted == 0 || i < n_wanted;
    free(rows);
    return REC_OK;
}

static rec_status count(rec_search_builder *b, rec_error *err)
{
    rec_status status = rec_json_new_object(&b->set->counts, err);
    if (status == REC_OK)
        status = rec_json_add_count(b->set->counts, "samples", b->set->n, err);
    return status == REC_OK ? rec_json_add_count(b->set->counts, "unknown_items", b->n_unknown, err)
                            : status;
}

static rec_status samples(rec_sample_set *out, const void *self, const rec_task_data *data,
                          rec_error *err)
{
    const rec_search *o = self;
    rec_search_builder b = {.options = o, .dataset = data->dataset, .set = out};
    const rec_table *table = rec_dataset_table(data->dataset, "queries");
    *out = (rec_sample_set){0};
    if (o->column == NULL && table == NULL)
        return rec_fail(err, REC_ERR_DATA, "the data has no table `queries`: name a `column:`");
    size_t n = o->column != NULL ? data->dataset->catalogue.n_items : table->n_rows;
    bool *is_drawn = NULL;
    rec_status status;
    REC_TRY_NEW(is_drawn, n, err);
    REC_TRY(draw_rows(is_drawn, n, (size_t)o->rank.samples, data->user_seed, err));
    out->samples = rec_arena_alloc(&out->arena, n, sizeof *out->samples, err);
    if (out->samples == NULL) {
        status = REC_ERR_RESOURCE;
        goto cleanup;
    }
    bool is_judged = rec_dataset_table(data->dataset, "qrels") != NULL;
    REC_TRY(o->column != NULL ? from_column(&b, is_drawn, err)
            : is_judged       ? rec_search_judged(&b, is_drawn, err)
                              : from_table(&b, is_drawn, err));
    if (out->n == 0)
        REC_TRY(rec_fail(err, REC_ERR_DATA, "there is no query whose target is an item"));
    status = count(&b, err);
cleanup:
    free(is_drawn);
    if (status != REC_OK)
        rec_sample_set_deinit(out);
    return status;
}

static rec_status prepare_text(rec_sample_set *set, const void *self, const rec_task_data *data,
                               rec_error *err)
{
    return rec_text_list_prepare(set, &((const rec_search *)self)->text, data, err);
}

static rec_status step(rec_job *job, const rec_reply *replies, rec_error *err)
{
    const rec_search *o = job->task->options;
    return rec_rank_step(job, &o->rank, &o->text, replies, err);
}

const rec_task rec_task_search = {
    .name = "search",
    .help = "find the item that a text asks for",
    .any_of = REC_CAN_SCORE | REC_CAN_EMBED | REC_CAN_RESPOND,
    .size = sizeof(rec_search),
    .options = options,
    .group = 2048,
    .texts = rec_text_list_texts,
    .has_ideal = true,
    .columns = columns,
    .is_random = is_random,
    .list_length = list_length,
    .lm_samples = lm_samples,
    .samples = samples,
    .prepare_text = prepare_text,
    .step = step,
    .whole_run = rec_rank_whole_run,
};
