/* models/reclm_emb/files_beir.c: a corpus in the layout of BEIR, one folder per task. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/json_build.h"
#include "core/memory.h"
#include "models/reclm_emb/files_private.h"

/* ---- lines ---- */

static rec_status write_passage(FILE *out, const rec_emb_corpus *c, size_t item, rec_error *err)
{
    const char *title = rec_emb_title(&c->items, (uint32_t)item);
    cJSON *json = NULL, *metadata;
    rec_status status;
    REC_TRY(rec_json_new_object(&json, err));
    REC_TRY(rec_json_add_text(json, "_id", c->dataset->catalogue.ids[item], err));
    REC_TRY(rec_json_add_text(json, "title", "", err));
    REC_TRY(rec_json_add_text(json, "text", c->items.texts[item], err));
    REC_TRY(rec_json_add_object(&metadata, json, "metadata", err));
    if (title != NULL)
        REC_TRY(rec_json_add_text(metadata, "title", title, err));
    status = rec_emb_write_line(out, json, err);
cleanup:
    cJSON_Delete(json);
    return status;
}

/* "test-12": the part and the row's place among all rows, which no two share. */
static char *query_id(const rec_emb_corpus *c, size_t row, rec_error *err)
{
    return rec_format(err, "%s-%zu", rec_emb_part_names[c->rows.rows[row].part], row);
}

static rec_status write_query(FILE *out, const rec_emb_corpus *c, size_t index, rec_error *err)
{
    const rec_emb_row *row = &c->rows.rows[index];
    cJSON *json = NULL, *metadata;
    char *id = query_id(c, index, err);
    rec_status status = id != NULL ? REC_OK : REC_ERR_RESOURCE;
    if (status != REC_OK)
        return status;
    REC_TRY(rec_json_new_object(&json, err));
    REC_TRY(rec_json_add_text(json, "_id", id, err));
    REC_TRY(rec_json_add_text(json, "text", row->query, err));
    REC_TRY(rec_json_add_object(&metadata, json, "metadata", err));
    REC_TRY(rec_emb_json_origin(metadata, c, row, err));
    REC_TRY(rec_emb_json_ids(metadata, "excluded", c, row->excluded, row->n_excluded, err));
    REC_TRY(rec_json_add_bool(metadata, "seen_item", row->seen_item, err));
    REC_TRY(rec_json_add_bool(metadata, "seen_wording", row->seen_wording, err));
    status = rec_emb_write_line(out, json, err);
cleanup:
    cJSON_Delete(json);
    free(id);
    return status;
}

/* Training rows are judged by what they were trained with, others by all that answers. */
static rec_status write_judgments(FILE *out, const rec_emb_corpus *c, size_t index, rec_error *err)
{
    const rec_emb_row *row = &c->rows.rows[index];
    bool is_training = row->part == REC_EMB_TRAIN;
    const uint32_t *items = is_training ? row->positives : row->answers;
    size_t n = is_training ? row->n_positives : row->n_answers;
    char *id = query_id(c, index, err);
    if (id == NULL)
        return REC_ERR_RESOURCE;
    for (size_t i = 0; i < n; i++)
        fprintf(out, "%s\t%s\t1\n", id, c->dataset->catalogue.ids[items[i]]);
    free(id);
    return REC_OK;
}

/* ---- files ---- */

static rec_status write_task(const rec_emb_corpus *c, const char *folder, size_t task,
                             rec_error *err)
{
    char *judgments = rec_path_join(err, folder, "qrels");
    rec_status status = judgments != NULL ? rec_make_folders(judgments, err) : REC_ERR_RESOURCE;
    if (status == REC_OK)
        status = rec_emb_write_items(c, folder, "corpus.jsonl", "", write_passage, err);
    if (status == REC_OK)
        status = rec_emb_write_rows(c, folder, "queries.jsonl", "", task, REC_EMB_N_PARTS,
                                    write_query, err);
    for (size_t p = 0; p < REC_EMB_N_PARTS && status == REC_OK; p++) {
        char *name = rec_format(err, "%s.tsv", rec_emb_part_names[p]);
        status = name != NULL
                     ? rec_emb_write_rows(c, judgments, name, "query-id\tcorpus-id\tscore\n", task,
                                          p, write_judgments, err)
                     : REC_ERR_RESOURCE;
        free(name);
    }
    free(judgments);
    return status;
}

static bool has_rows(const rec_emb_corpus *c, size_t task)
{
    for (size_t i = 0; i < c->rows.n; i++)
        if (c->rows.rows[i].task == task)
            return true;
    return false;
}

/* Between tabs and lines an id must be one word of the file. */
static rec_status check_ids(const rec_emb_corpus *c, rec_error *err)
{
    for (uint32_t i = 0; i < c->items.n; i++) {
        const char *id = c->dataset->catalogue.ids[i];
        if (id[strcspn(id, "\t\r\n")] != '\0')
            return rec_fail(err, REC_ERR_DATA,
                            "item %u: an id with a tab or a line end cannot stand in qrels", i);
    }
    return REC_OK;
}

rec_status rec_emb_corpus_write_beir(const rec_emb_corpus *c, const char *folder, rec_error *err)
{
    rec_status status = check_ids(c, err);
    for (size_t t = 0; t < REC_EMB_N_TASKS && status == REC_OK; t++) {
        if (!has_rows(c, t))
            continue;
        char *inner = rec_path_join(err, folder, rec_emb_tasks[t]->name);
        status = inner != NULL ? write_task(c, inner, t, err) : REC_ERR_RESOURCE;
        free(inner);
    }
    return status;
}
