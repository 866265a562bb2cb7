/**
 * The files of the released RecLM-emb: FOLDER/train/NAME.jsonl ({query, pos, neg} and ids),
 * FOLDER/test/NAME.jsonl ({text, ground_truth, user_id and history | item_id}) and
 * FOLDER/item_embedding_prompt.jsonl (what its evaluator knows of items). Users and items are numbers from
 * 1 in the order of the data set (0 is the padding row of the prompt file), so `dataset:` must be the one
 * that the files were made from, unfiltered.
 */
#ifndef REC_MODELS_RECLM_EMB_ORIGINAL_FILES_H
#define REC_MODELS_RECLM_EMB_ORIGINAL_FILES_H

#include <cjson/cJSON.h>

#include "models/reclm_emb/corpus.h"

/** A file name and the task whose rows it holds. */
typedef struct rec_emb_file {
    const char *name;
    size_t task;
    bool in[REC_EMB_N_PARTS]; /* which folders have it; there is none for development */
    bool is_written;          /* by us; else another name of a task's rows, which is only read */
} rec_emb_file;

extern const rec_emb_file rec_emb_files[];
extern const size_t rec_emb_n_files;

/**
 * Write the training and test rows. Rows whose conditions the original cannot state (two values of a
 * month where it knows days) are left out and counted.
 */
rec_status rec_emb_original_write(size_t *n_left_out, const rec_emb_corpus *c, const char *folder,
                                  rec_error *err);

/** FOLDER/item_embedding_prompt.jsonl: the items' texts and attributes as its evaluator reads them, row 0
 * padding. */
rec_status rec_emb_original_write_items(const rec_emb_corpus *c, const char *folder,
                                        rec_error *err);

/**
 * Append what the files hold for the tasks and parts of the plan; a file that is not there has no rows.
 * @return REC_ERR_DATA "file:line: ..." for a damaged line, an item or user that the data set does not
 *         have, a passage without id that is no item's text; or when none of the files is there, in
 *         train/ or in test/
 */
rec_status rec_emb_original_read(rec_emb_corpus *c, const rec_emb_data_options *options,
                                 const rec_emb_corpus_plan *plan, rec_error *err);

/** Item texts to item numbers, made when the first line asks. Zeroed by the caller. */
typedef struct rec_emb_text_index {
    rec_strings *pool; /* owned */
    rec_interner texts;
    uint32_t *item; /* owned: by text number */
} rec_emb_text_index;
void rec_emb_text_index_deinit(rec_emb_text_index *x);

/** Append the row of one line. REC_ERR_DATA without place. */
rec_status rec_emb_original_line(rec_emb_corpus *c, rec_emb_text_index *texts,
                                 const rec_emb_file *file, rec_emb_part part, size_t history_max,
                                 const cJSON *line, rec_error *err);

#endif
