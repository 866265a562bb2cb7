/* models/reclm_emb/original/read.c: rows out of a folder of the original's files. */
#include <stdlib.h>

#include "core/file.h"
#include "core/memory.h"
#include "datasets/json_lines.h"
#include "models/reclm_emb/original/files.h"

typedef struct reading {
    rec_emb_corpus *corpus;
    rec_emb_text_index texts;
    const rec_emb_file *file;
    rec_emb_part part;
    size_t history_max;
} reading;

static rec_status take_line(void *context, const cJSON *line, size_t number, rec_error *err)
{
    reading *r = context;
    (void)number;
    return rec_emb_original_line(r->corpus, &r->texts, r->file, r->part, r->history_max, line, err);
}

/* FOLDER/train/user2item.jsonl; NULL: no memory. */
static char *path_of(const char *folder, rec_emb_part part, const rec_emb_file *file,
                     rec_error *err)
{
    return rec_format(err, "%s/%s/%s.jsonl", folder, rec_emb_part_names[part], file->name);
}

static rec_status read_file(reading *r, const char *folder, rec_error *err)
{
    char *path = path_of(folder, r->part, r->file, err);
    if (path == NULL)
        return REC_ERR_RESOURCE;
    rec_status status =
        rec_path_exists(path) ? rec_json_lines_read(path, NULL, take_line, r, err) : REC_OK;
    free(path);
    return status;
}

/* One of the files at least, else it is another folder: our own layout has the same train/ and test/. */
static rec_status check_folder(const char *folder, rec_error *err)
{
    for (size_t p = 0; p < REC_EMB_N_PARTS; p++)
        for (size_t f = 0; f < rec_emb_n_files; f++) {
            if (!rec_emb_files[f].in[p])
                continue;
            char *path = path_of(folder, (rec_emb_part)p, &rec_emb_files[f], err);
            bool is_there = path != NULL && rec_path_exists(path);
            if (path == NULL)
                return REC_ERR_RESOURCE;
            free(path);
            if (is_there)
                return REC_OK;
        }
    return rec_fail(err, REC_ERR_DATA,
                    "files: %s has none of the original's files, neither in train/ nor in test/ "
                    "(user2item.jsonl, ...; recai data reclm-emb --layout original writes them)",
                    folder);
}

rec_status rec_emb_original_read(rec_emb_corpus *c, const rec_emb_data_options *options,
                                 const rec_emb_corpus_plan *plan, rec_error *err)
{
    reading r = {.corpus = c, .history_max = (size_t)options->history_max};
    char *folder = NULL;
    rec_status status;
    REC_TRY(rec_data_path(&folder, options->files, err));
    REC_TRY(check_folder(folder, err));
    for (size_t p = 0; p < REC_EMB_N_PARTS; p++)
        for (size_t f = 0; f < rec_emb_n_files; f++) {
            const rec_emb_file *file = &rec_emb_files[f];
            bool is_wanted = p == REC_EMB_TRAIN || (plan->parts[p] && plan->tasks[file->task]);
            if (!file->in[p] || !is_wanted)
                continue;
            r.file = file;
            r.part = (rec_emb_part)p;
            REC_TRY(read_file(&r, folder, err));
        }
cleanup:
    rec_emb_text_index_deinit(&r.texts);
    free(folder);
    return status;
}
