/* models/reclm_emb/original/write.c: rows as the original's files. */
#include <stdlib.h>

#include "core/file.h"
#include "core/json_build.h"
#include "core/memory.h"
#include "models/reclm_emb/files_private.h"
#include "models/reclm_emb/original/files.h"
#include "models/reclm_emb/original/truth.h"

/* ---- training ---- */

/* item_id is what is asked for, a list in NA2I; in I2I it is the source and pos_id what is asked for. */
static rec_status add_training_ids(cJSON *json, const rec_emb_row *row, rec_error *err)
{
    bool has_source = row->task == REC_EMB_TASK_i2i;
    const char *key = has_source ? "pos_id" : "item_id";
    char user[32];
    rec_status status = REC_OK;
    if (row->user != REC_NO_USER) {
        snprintf(user, sizeof user, "%zu", (size_t)row->user + 1);
        REC_TRY(rec_json_add_text(json, "user_id", user, err));
    }
    if (has_source)
        REC_TRY(rec_json_add_count(json, "item_id", (size_t)row->item + 1, err));
    if (row->n_positives == 1 && row->task != REC_EMB_TASK_na2i)
        REC_TRY(rec_json_add_count(json, key, (size_t)row->positives[0] + 1, err));
    else
        REC_TRY(rec_emb_add_item_numbers(json, key, row->positives, row->n_positives, err));
    status = rec_emb_add_item_numbers(json, "neg_ids", row->negatives, row->n_negatives, err);
cleanup:
    return status;
}

static rec_status training_row(cJSON *json, const rec_emb_corpus *c, const rec_emb_row *row,
                               rec_error *err)
{
    rec_status status;
    REC_TRY(add_training_ids(json, row, err));
    REC_TRY(rec_json_add_text(json, "query", row->query, err));
    REC_TRY(rec_emb_json_texts(json, "pos", c, row->positives, row->n_positives, err));
    status = rec_emb_json_texts(json, "neg", c, row->negatives, row->n_negatives, err);
cleanup:
    return status;
}

/* ---- tests ---- */

static rec_status test_row(bool *stated, cJSON *json, const rec_emb_corpus *c,
                           const rec_emb_row *row, rec_error *err)
{
    bool by_user = row->user != REC_NO_USER;
    rec_status status;
    *stated = true;
    if (by_user)
        REC_TRY(rec_json_add_count(json, "user_id", (size_t)row->user + 1, err));
    else if (row->task != REC_EMB_TASK_na2i)
        REC_TRY(rec_json_add_count(json, "item_id", (size_t)row->item + 1, err));
    REC_TRY(rec_json_add_text(json, "text", row->query, err));
    REC_TRY(rec_emb_truth_write(stated, json, &c->items, row, err));
    if (by_user)
        status = rec_emb_add_item_numbers(json, "history", row->excluded, row->n_excluded, err);
cleanup:
    return status;
}

/* ---- files of rows ---- */

static rec_status write_row(FILE *out, size_t *n_left_out, const rec_emb_corpus *c,
                            const rec_emb_row *row, rec_error *err)
{
    cJSON *json = NULL;
    bool stated = true;
    rec_status status = rec_json_new_object(&json, err);
    if (status == REC_OK)
        status = row->part == REC_EMB_TEST ? test_row(&stated, json, c, row, err)
                                           : training_row(json, c, row, err);
    if (status == REC_OK && stated)
        status = rec_emb_write_line(out, json, err);
    *n_left_out += !stated;
    cJSON_Delete(json);
    return status;
}

static rec_status write_rows(size_t *n_left_out, const rec_emb_corpus *c, const char *path,
                             rec_emb_part part, size_t task, rec_error *err)
{
    rec_atomic_file file = {.stream = NULL};
    rec_status status = rec_atomic_open(&file, path, err);
    for (size_t i = 0; i < c->rows.n && status == REC_OK; i++)
        if (c->rows.rows[i].part == part && c->rows.rows[i].task == task)
            status = write_row(file.stream, n_left_out, c, &c->rows.rows[i], err);
    if (status == REC_OK)
        status = rec_atomic_commit(&file, err);
    rec_atomic_abort(&file);
    return status;
}

static rec_status write_part(size_t *n_left_out, const rec_emb_corpus *c, const char *folder,
                             rec_emb_part part, rec_error *err)
{
    char *inner = rec_path_join(err, folder, rec_emb_part_names[part]);
    rec_status status = inner != NULL ? rec_make_folders(inner, err) : REC_ERR_RESOURCE;
    for (size_t f = 0; f < rec_emb_n_files && status == REC_OK; f++) {
        if (!rec_emb_files[f].in[part] || !rec_emb_files[f].is_written)
            continue;
        char *path = rec_format(err, "%s/%s.jsonl", inner, rec_emb_files[f].name);
        status = path != NULL ? write_rows(n_left_out, c, path, part, rec_emb_files[f].task, err)
                              : REC_ERR_RESOURCE;
        free(path);
    }
    free(inner);
    return status;
}

rec_status rec_emb_original_write(size_t *n_left_out, const rec_emb_corpus *c, const char *folder,
                                  rec_error *err)
{
    rec_status status = rec_make_folders(folder, err);
    *n_left_out = 0;
    if (status == REC_OK)
        status = write_part(n_left_out, c, folder, REC_EMB_TRAIN, err);
    if (status == REC_OK)
        status = write_part(n_left_out, c, folder, REC_EMB_TEST, err);
    if (status == REC_OK)
        status = rec_emb_original_write_items(c, folder, err);
    return status;
}
