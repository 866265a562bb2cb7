/** What is said of an encoder beside its weights: recai_emb.json, and the files by which
 * sentence-transformers knows pooling and normalisation. */
#ifndef REC_MODELS_RECLM_EMB_MANIFEST_H
#define REC_MODELS_RECLM_EMB_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>

#include "core/status.h"
#include "models/lm/config.h"

typedef struct rec_emb_manifest {
    bool found;
    int layout;      /* rec_emb_layout of the item texts it was tuned on */
    char *prefix[2]; /* owned; by rec_emb_side; NULL = not said */
    size_t length[2];
} rec_emb_manifest;

/**
 * A folder without manifest leaves *out empty.
 * @param config  of the weights beside it
 * @return REC_ERR_MODEL when it is of an encoder of another size, pooling or normalisation, of other
 *         weights (SHA-256, where it says one), of item texts of another layout, or damaged
 */
rec_status rec_emb_manifest_read(rec_emb_manifest *out, const char *folder,
                                 const rec_lm_config *config, rec_error *err);
void rec_emb_manifest_deinit(rec_emb_manifest *m);

#endif
