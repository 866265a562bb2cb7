/**
 * Files of texts: JSON lines {"id", "status": "ok" | "failed", "text", "inputs", ...}, one a wish. What
 * `local-lm` keeps and `replay` reads. Members beyond those are for people: model, prompt, answer.
 */
#ifndef REC_MODELS_RECLM_EMB_WRITERS_TEXTS_FILE_H
#define REC_MODELS_RECLM_EMB_WRITERS_TEXTS_FILE_H

#include "core/json.h"
#include "models/reclm_emb/writer.h"

/** Texts are of the file object. */
typedef struct rec_emb_text_record {
    const char *text;   /* NULL: the writer failed */
    const char *inputs; /* JSON, compact; NULL: not recorded */
    const char *key;    /* what local-lm asked (model, prompt, sampling) as a hash; NULL likewise */
} rec_emb_text_record;

typedef struct rec_emb_texts_file rec_emb_texts_file;

/**
 * Read all records; of several with one id the last counts.
 * @param grows  the file may be missing, or end in the middle of a line that a stopped process left or
 *               another one is writing; it is not read
 * @return REC_ERR_DATA "path:line: ..." for a line that is no record, or an id of a task, part, user or
 *         item that does not exist
 */
rec_status rec_emb_texts_open(rec_emb_texts_file **out, const char *path, bool grows,
                              const rec_dataset *dataset, rec_error *err);
void rec_emb_texts_free(rec_emb_texts_file *f);

/** The record of an id, or NULL. */
const rec_emb_text_record *rec_emb_texts_find(const rec_emb_texts_file *f, const char *id);

/** Append a record as one line, on disk when this returns; half a line at the end is cut off before. The file
 * is opened and appended to under one lock. */
rec_status rec_emb_texts_append(rec_emb_texts_file *f, const cJSON *record, rec_error *err);

/** A line to source->record: what was asked of `generator`, the text (NULL: there is none) and what became
 * of it. Errors of the stream show when its file is committed. */
rec_status rec_emb_record_ask(const char *generator, const rec_emb_writer_source *source,
                              const rec_emb_ask *ask, const char *text, rec_emb_outcome outcome,
                              rec_error *err);

/** What a text is to be written about, as records have it: new object of the caller. */
rec_status rec_emb_inputs_json(cJSON **out, const rec_emb_writer_source *source,
                               const rec_emb_ask *ask, rec_error *err);

#endif
