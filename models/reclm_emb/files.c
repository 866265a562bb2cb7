#include "models/reclm_emb/files.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/file.h"
#include "core/json.h"
#include "core/json_build.h"
#include "core/memory.h"
#include "models/reclm_emb/files_private.h"

/* ---- rows as JSON ---- */

rec_status rec_emb_json_ids(cJSON *json, const char *key, const rec_emb_corpus *c,
                            const uint32_t *items, size_t n, rec_error *err)
{
    cJSON *list;
    rec_status status = rec_json_add_array(&list, json, key, err);
    for (size_t i = 0; i < n && status == REC_OK; i++)
        status = rec_json_add_text(list, NULL, c->dataset->catalogue.ids[items[i]], err);
    return status;
}

rec_status rec_emb_json_texts(cJSON *json, const char *key, const rec_emb_corpus *c,
                              const uint32_t *items, size_t n, rec_error *err)
{
    cJSON *list;
    rec_status status = rec_json_add_array(&list, json, key, err);
    for (size_t i = 0; i < n && status == REC_OK; i++)
        status = rec_json_add_text(list, NULL, c->items.texts[items[i]], err);
    return status;
}

/* [["genre", "drama"], ...]: what truths of pairs are; other conditions in words. */
static rec_status add_pairs(cJSON *json, const char *key, const rec_emb_corpus *c,
                            const rec_emb_row *row, rec_error *err)
{
    cJSON *list, *pair;
    rec_buffer text = {.length = 0};
    rec_status status = rec_json_add_array(&list, json, key, err);
    for (size_t i = 0; i < row->n_conditions && status == REC_OK; i++) {
        const rec_emb_condition *k = &row->conditions[i];
        bool has_value = k->kind == REC_EMB_HAS;
        rec_buffer_clear(&text);
        REC_TRY(rec_json_add_array(&pair, list, NULL, err));
        REC_TRY(rec_emb_condition_text(&text, &c->items, k, err));
        REC_TRY(rec_json_add_text(
            pair, NULL, has_value ? c->items.attributes[k->attribute].key : "condition", err));
        status = rec_json_add_text(pair, NULL,
                                   has_value ? c->items.values.texts[k->value] : text.data, err);
    }
cleanup:
    rec_buffer_deinit(&text);
    return status;
}

rec_status rec_emb_json_origin(cJSON *json, const rec_emb_corpus *c, const rec_emb_row *row,
                               rec_error *err)
{
    rec_emb_text_generator by = row->is_written ? c->generator : REC_EMB_RULES;
    rec_status status = rec_json_add_text(json, "generator", rec_emb_generator_name(by), err);
    if (status == REC_OK)
        status = rec_json_add_count(json, "seed", c->seed, err);
    if (status == REC_OK && row->user != REC_NO_USER)
        status = rec_json_add_text(json, "user_id", c->dataset->user_ids[row->user], err);
    if (status == REC_OK && row->item != REC_NO_ITEM && row->user == REC_NO_USER)
        status = rec_json_add_text(json, "item_id", c->dataset->catalogue.ids[row->item], err);
    return status;
}

static rec_status training_row(cJSON *json, const rec_emb_corpus *c, const rec_emb_row *row,
                               rec_error *err)
{
    rec_status status;
    REC_TRY(rec_json_add_text(json, "query", row->query, err));
    REC_TRY(rec_emb_json_texts(json, "pos", c, row->positives, row->n_positives, err));
    REC_TRY(rec_emb_json_texts(json, "neg", c, row->negatives, row->n_negatives, err));
    REC_TRY(rec_emb_json_origin(json, c, row, err));
    REC_TRY(rec_emb_json_ids(json, "pos_ids", c, row->positives, row->n_positives, err));
    status = rec_emb_json_ids(json, "neg_ids", c, row->negatives, row->n_negatives, err);
cleanup:
    return status;
}

static rec_status test_row(cJSON *json, const rec_emb_corpus *c, const rec_emb_row *row,
                           rec_error *err)
{
    bool by_pairs = rec_emb_tasks[row->task]->truth == REC_EMB_TRUTH_PAIRS;
    rec_status status;
    REC_TRY(rec_json_add_text(json, "text", row->query, err));
    REC_TRY(by_pairs
                ? add_pairs(json, "ground_truth", c, row, err)
                : rec_emb_json_ids(json, "ground_truth", c, row->answers, row->n_answers, err));
    REC_TRY(rec_emb_json_origin(json, c, row, err));
    if (row->user != REC_NO_USER)
        REC_TRY(rec_emb_json_ids(json, "history", c, row->excluded, row->n_excluded, err));
    REC_TRY(add_pairs(json, "conditions", c, row, err));
    REC_TRY(rec_json_add_bool(json, "seen_item", row->seen_item, err));
    status = rec_json_add_bool(json, "seen_wording", row->seen_wording, err);
cleanup:
    return status;
}

rec_status rec_emb_write_line(FILE *out, const cJSON *json, rec_error *err)
{
    char *text = rec_json_print(json, err);
    if (text == NULL)
        return REC_ERR_RESOURCE;
    fputs(text, out);
    fputc('\n', out);
    free(text);
    return REC_OK;
}

static rec_status write_row(FILE *out, const rec_emb_corpus *c, size_t index, rec_error *err)
{
    const rec_emb_row *row = &c->rows.rows[index];
    cJSON *json = NULL;
    rec_status status = rec_json_new_object(&json, err);
    if (status == REC_OK)
        status = row->part == REC_EMB_TEST ? test_row(json, c, row, err)
                                           : training_row(json, c, row, err);
    if (status == REC_OK)
        status = rec_emb_write_line(out, json, err);
    cJSON_Delete(json);
    return status;
}

/* ---- files ---- */

rec_status rec_emb_write_rows(const rec_emb_corpus *c, const char *folder, const char *name,
                              const char *header, size_t task, size_t part,
                              rec_emb_line_writer write, rec_error *err)
{
    rec_atomic_file file = {.stream = NULL};
    char *path = rec_path_join(err, folder, name);
    rec_status status = path != NULL ? rec_atomic_open(&file, path, err) : REC_ERR_RESOURCE;
    if (status == REC_OK)
        fputs(header, file.stream);
    for (size_t i = 0; i < c->rows.n && status == REC_OK; i++)
        if (c->rows.rows[i].task == task &&
            (part == REC_EMB_N_PARTS || c->rows.rows[i].part == part))
            status = write(file.stream, c, i, err);
    if (status == REC_OK)
        status = rec_atomic_commit(&file, err);
    rec_atomic_abort(&file);
    free(path);
    return status;
}

static rec_status write_part(const rec_emb_corpus *c, const char *folder, rec_emb_part part,
                             rec_error *err)
{
    char *inner = rec_path_join(err, folder, rec_emb_part_names[part]);
    rec_status status = inner != NULL ? rec_make_folders(inner, err) : REC_ERR_RESOURCE;
    for (size_t t = 0; t < REC_EMB_N_TASKS && status == REC_OK; t++) {
        char *name = rec_format(err, "%s.jsonl", rec_emb_tasks[t]->name);
        status = name != NULL ? rec_emb_write_rows(c, inner, name, "", t, part, write_row, err)
                              : REC_ERR_RESOURCE;
        free(name);
    }
    free(inner);
    return status;
}

static rec_status write_item(FILE *out, const rec_emb_corpus *c, size_t item, rec_error *err)
{
    const char *title = rec_emb_title(&c->items, (uint32_t)item);
    cJSON *json = NULL;
    rec_status status;
    REC_TRY(rec_json_new_object(&json, err));
    REC_TRY(rec_json_add_text(json, "id", c->dataset->catalogue.ids[item], err));
    REC_TRY(rec_json_add_text(json, "text", c->items.texts[item], err));
    if (title != NULL)
        REC_TRY(rec_json_add_text(json, "title", title, err));
    status = rec_emb_write_line(out, json, err);
cleanup:
    cJSON_Delete(json);
    return status;
}

rec_status rec_emb_write_items(const rec_emb_corpus *c, const char *folder, const char *name,
                               const char *header, rec_emb_line_writer write, rec_error *err)
{
    rec_atomic_file file = {.stream = NULL};
    char *path = rec_path_join(err, folder, name);
    rec_status status = path != NULL ? rec_atomic_open(&file, path, err) : REC_ERR_RESOURCE;
    if (status == REC_OK)
        fputs(header, file.stream);
    for (size_t i = 0; i < c->items.n && status == REC_OK; i++)
        status = write(file.stream, c, i, err);
    if (status == REC_OK)
        status = rec_atomic_commit(&file, err);
    rec_atomic_abort(&file);
    free(path);
    return status;
}

rec_status rec_emb_corpus_write(const rec_emb_corpus *c, const char *folder, rec_error *err)
{
    size_t length;
    const char *words = rec_emb_wording_text(c->wording, &length);
    char *path = rec_path_join(err, folder, "wording.yaml");
    rec_status status = path != NULL ? rec_make_folders(folder, err) : REC_ERR_RESOURCE;
    for (size_t p = 0; p < REC_EMB_N_PARTS && status == REC_OK; p++)
        status = write_part(c, folder, (rec_emb_part)p, err);
    if (status == REC_OK)
        status = rec_emb_write_items(c, folder, "items.jsonl", "", write_item, err);
    if (status == REC_OK)
        status = rec_atomic_write(path, words, length, err);
    free(path);
    return status;
}
