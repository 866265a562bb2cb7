/* models/reclm_emb/original/line.c: one line of the original's files as a row. */
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "core/memory.h"
#include "datasets/number.h"
#include "models/reclm_emb/original/files.h"
#include "models/reclm_emb/original/truth.h"

/* ---- passages by their text ---- */

static rec_status make_index(rec_emb_text_index *x, const rec_emb_items *items, rec_error *err)
{
    rec_status status;
    REC_TRY(rec_strings_new(&x->pool, err));
    x->texts.pool = x->pool;
    REC_TRY_NEW(x->item, items->n, err);
    for (uint32_t i = 0; i < items->n; i++) {
        uint32_t number, n_before = (uint32_t)x->texts.n;
        REC_TRY(
            rec_interner_add(&number, &x->texts, items->texts[i], strlen(items->texts[i]), err));
        if (number == n_before)
            x->item[number] = i; /* the first of equal texts */
    }
cleanup:
    if (status != REC_OK)
        rec_emb_text_index_deinit(x);
    return status;
}

void rec_emb_text_index_deinit(rec_emb_text_index *x)
{
    rec_interner_deinit(&x->texts);
    rec_strings_free(x->pool);
    free(x->item);
    *x = (rec_emb_text_index){.pool = NULL};
}

static rec_status items_of_texts(const uint32_t **out, size_t *n, rec_emb_corpus *c,
                                 rec_emb_text_index *x, const char *key, const cJSON *list,
                                 rec_error *err)
{
    uint32_t *items =
        rec_arena_alloc(&c->rows.arena, (size_t)cJSON_GetArraySize(list) + 1, sizeof *items, err);
    rec_status status = items != NULL ? REC_OK : REC_ERR_RESOURCE;
    const cJSON *text;
    *n = 0;
    if (status == REC_OK && x->pool == NULL)
        status = make_index(x, &c->items, err);
    cJSON_ArrayForEach(text, list)
    {
        if (status != REC_OK)
            break;
        uint32_t number = cJSON_IsString(text) ? rec_interner_find(&x->texts, text->valuestring,
                                                                   strlen(text->valuestring))
                                               : UINT32_MAX;
        if (number == UINT32_MAX)
            return rec_fail(err, REC_ERR_DATA,
                            "%s: a passage is no item's text (`data: {compat: original}` makes the "
                            "original's texts)",
                            key);
        items[(*n)++] = x->item[number];
    }
    *out = items;
    return status;
}

/* ---- lines ---- */

/* A user's number from 1, as a number or as text. */
static rec_status read_user(rec_emb_row *row, const rec_emb_corpus *c, const cJSON *json,
                            rec_error *err)
{
    size_t n_users = c->dataset->n_users;
    double number = cJSON_IsNumber(json) ? json->valuedouble : 0.0;
    if (cJSON_IsString(json) &&
        rec_number_parse(&number, json->valuestring, strlen(json->valuestring)) != REC_NUMBER_OK)
        number = 0.0;
    if (!(number >= 1.0 && number <= (double)n_users) || number != (double)(uint32_t)number)
        return rec_fail(err, REC_ERR_DATA,
                        "user_id: a user's number is due, 1 to %zu in the order of the data set",
                        n_users);
    row->user = (uint32_t)number - 1;
    return REC_OK;
}

static rec_status read_query(rec_emb_row *row, rec_emb_corpus *c, const cJSON *line,
                             const char *key, rec_error *err)
{
    const char *text = rec_json_string(line, key, err);
    if (text == NULL)
        return REC_ERR_DATA;
    row->query = row->bare = rec_emb_rows_text(&c->rows, text, strlen(text), err);
    return row->query != NULL ? REC_OK : REC_ERR_RESOURCE;
}

static rec_status need_list(const cJSON **list, const cJSON *line, const char *key, rec_error *err)
{
    *list = cJSON_GetObjectItemCaseSensitive(line, key);
    return cJSON_IsArray(*list) ? REC_OK
                                : rec_fail(err, REC_ERR_DATA, "%s: a list of texts is due", key);
}

/* By ids where there are any, else by texts: the files of language models have none. */
static rec_status read_passages(rec_emb_row *row, rec_emb_corpus *c, rec_emb_text_index *texts,
                                const cJSON *line, rec_error *err)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(line, "item_id");
    const cJSON *similar = cJSON_GetObjectItemCaseSensitive(line, "pos_id");
    const cJSON *wrong = cJSON_GetObjectItemCaseSensitive(line, "neg_ids"), *pos, *neg;
    size_t n_items = c->items.n;
    rec_status status;
    REC_TRY(need_list(&pos, line, "pos", err));
    REC_TRY(need_list(&neg, line, "neg", err));
    if (similar != NULL || item != NULL)
        REC_TRY(rec_emb_item_numbers(&row->positives, &row->n_positives, &c->rows,
                                     similar != NULL ? similar : item, n_items, err));
    else
        REC_TRY(items_of_texts(&row->positives, &row->n_positives, c, texts, "pos", pos, err));
    if (row->n_positives == 0)
        return rec_fail(err, REC_ERR_DATA, "pos: nothing answers the query");
    row->item = row->positives[0];
    if (similar != NULL)
        REC_TRY(rec_emb_item_number(&row->item, item, n_items, err));
    status = wrong != NULL
                 ? rec_emb_item_numbers(&row->negatives, &row->n_negatives, &c->rows, wrong,
                                        n_items, err)
                 : items_of_texts(&row->negatives, &row->n_negatives, c, texts, "neg", neg, err);
cleanup:
    return status;
}

static rec_status training_line(rec_emb_row *row, rec_emb_corpus *c, rec_emb_text_index *texts,
                                const cJSON *line, rec_error *err)
{
    const cJSON *user = cJSON_GetObjectItemCaseSensitive(line, "user_id");
    row->only_positives = true;
    rec_status status = read_query(row, c, line, "query", err);
    if (status == REC_OK && user != NULL)
        status = read_user(row, c, user, err);
    return status == REC_OK ? read_passages(row, c, texts, line, err) : status;
}

/* All that the user had, oldest first: never an answer; the latest are the history. */
static rec_status read_history(rec_emb_row *row, rec_emb_corpus *c, size_t history_max,
                               const cJSON *line, rec_error *err)
{
    const cJSON *history = cJSON_GetObjectItemCaseSensitive(line, "history");
    if (!cJSON_IsArray(history))
        return rec_fail(err, REC_ERR_DATA, "history: a list of item numbers is due");
    rec_status status =
        rec_emb_item_numbers(&row->excluded, &row->n_excluded, &c->rows, history, c->items.n, err);
    if (status != REC_OK)
        return rec_error_prefix(err, "history");
    row->n_history = row->n_excluded < history_max ? row->n_excluded : history_max;
    row->history = row->excluded + row->n_excluded - row->n_history;
    return REC_OK;
}

static rec_status read_source(rec_emb_row *row, rec_emb_corpus *c, const cJSON *line,
                              rec_error *err)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(line, "item_id");
    if (item == NULL)
        return REC_OK;
    rec_status status = rec_emb_item_number(&row->item, item, c->items.n, err);
    if (status != REC_OK)
        return rec_error_prefix(err, "item_id");
    if (row->task != REC_EMB_TASK_i2i)
        return REC_OK;
    row->history = row->excluded =
        rec_emb_rows_memdup(&c->rows, &row->item, 1, sizeof row->item, err);
    row->n_history = row->n_excluded = 1;
    return row->history != NULL ? REC_OK : REC_ERR_RESOURCE;
}

static rec_status test_line(rec_emb_row *row, rec_emb_corpus *c, size_t history_max,
                            const cJSON *line, rec_error *err)
{
    const cJSON *truth = cJSON_GetObjectItemCaseSensitive(line, "ground_truth");
    rec_status status;
    REC_TRY(read_query(row, c, line, "text", err));
    if (truth == NULL)
        return rec_fail(err, REC_ERR_DATA, "ground_truth: missing");
    if (rec_emb_tasks[row->task]->by_user) {
        REC_TRY(read_user(row, c, cJSON_GetObjectItemCaseSensitive(line, "user_id"), err));
        REC_TRY(read_history(row, c, history_max, line, err));
    } else {
        REC_TRY(read_source(row, c, line, err));
    }
    status = rec_emb_truth_read(&c->rows, row, &c->items, truth, err);
    if (status == REC_OK && row->item == REC_NO_ITEM && row->n_answers > 0)
        row->item = row->answers[0];
cleanup:
    return status;
}

rec_status rec_emb_original_line(rec_emb_corpus *c, rec_emb_text_index *texts,
                                 const rec_emb_file *file, rec_emb_part part, size_t history_max,
                                 const cJSON *line, rec_error *err)
{
    rec_emb_row *row = rec_emb_rows_add(&c->rows, err);
    if (row == NULL)
        return REC_ERR_RESOURCE;
    row->task = (uint8_t)file->task;
    row->part = (uint8_t)part;
    row->seen_item = row->seen_wording = true; /* nothing says otherwise */
    rec_status status = part == REC_EMB_TRAIN ? training_line(row, c, texts, line, err)
                                              : test_line(row, c, history_max, line, err);
    bool asks_for_nothing = status == REC_OK && part == REC_EMB_TEST && row->n_answers == 0;
    c->tally[part][file->task].n_without += asks_for_nothing;
    if (status != REC_OK || asks_for_nothing)
        rec_emb_rows_drop_last(&c->rows);
    return status;
}
