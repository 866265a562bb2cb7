/**
 * Vectors of a catalogue's texts, each known by its text, so that a catalogue that has changed since they
 * were made embeds what is new and nothing else: an item that was added by its text alone can be found
 * at once, and no model is tuned again for it.
 */
#ifndef REC_HARNESS_SYSTEMS_PASSAGE_ROWS_H
#define REC_HARNESS_SYSTEMS_PASSAGE_ROWS_H

#include "core/tensor_file.h"
#include "models/reclm_emb/model.h"

typedef struct rec_passage_rows {
    size_t n, dim;
    float *rows;    /* owned (n, dim) */
    float *bias;    /* owned (n): -INFINITY for items without text */
    uint64_t *keys; /* owned (n): of the texts; NULL: stored before there were keys */
} rec_passage_rows;

/**
 * Embed texts, those that `known` has excepted.
 * @param texts  (n); "" = no text
 * @param known  of the same model; or NULL
 */
rec_status rec_passage_rows_init(rec_passage_rows *out, rec_emb_model *model,
                                 const char *const *texts, size_t n, const rec_passage_rows *known,
                                 rec_error *err);
void rec_passage_rows_deinit(rec_passage_rows *r);

/** Tensors items, bias, texts; borrowed until the writer has written. */
rec_status rec_passage_rows_add(rec_tensor_writer *writer, const rec_passage_rows *r,
                                rec_error *err);
/**
 * The rows of these texts out of a file: as they are where the texts are those of the file, else what is
 * missing is embedded.
 */
rec_status rec_passage_rows_read(rec_passage_rows *out, const rec_tensor_file *file,
                                 rec_emb_model *model, const char *const *texts, size_t n,
                                 rec_error *err);

#endif
