/**
 * A corpus as files: FOLDER/{train,dev,test}/TASK.jsonl, items.jsonl, wording.yaml. Training rows hold
 * texts ({query, pos, neg} as RecAI's, which `recai lm train` reads, and ids beside them), test rows the
 * question and its answers ({text, ground_truth, user_id | item_id, history}).
 */
#ifndef REC_MODELS_RECLM_EMB_FILES_H
#define REC_MODELS_RECLM_EMB_FILES_H

#include <cjson/cJSON.h>
#include <stdio.h>

#include "models/reclm_emb/corpus.h"

/** Files of an earlier corpus in the same folder are replaced; a task without rows is an empty file. */
rec_status rec_emb_corpus_write(const rec_emb_corpus *c, const char *folder, rec_error *err);

/**
 * The same rows for other evaluation harnesses: FOLDER/TASK/{corpus.jsonl, queries.jsonl,
 * qrels/{train,dev,test}.tsv}, the layout of BEIR (NeurIPS 2021 datasets track). A passage's text is
 * the item text that is embedded; its title, which the text has already, lies in the metadata, since
 * harnesses put the two together. What must not be ranked for a query (a history, a source item) is
 * in its metadata, {"excluded": [ids]}: most harnesses do not mask. A task without rows has no folder.
 */
rec_status rec_emb_corpus_write_beir(const rec_emb_corpus *c, const char *folder, rec_error *err);

/** One object as a line; errors of the stream show when its file is committed. */
rec_status rec_emb_write_line(FILE *out, const cJSON *json, rec_error *err);

#endif
