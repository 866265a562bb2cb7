/** recai data reclm-emb CONFIG --out DIR */
#ifndef REC_HARNESS_CLI_DATA_RECLM_EMB_H
#define REC_HARNESS_CLI_DATA_RECLM_EMB_H

#include "core/yaml.h"
#include "datasets/dataset.h"

/** `data:` of a config: under `defaults`, or of the first system of type reclm_emb or task emb_ that has
 * it; NULL: nowhere. */
const rec_yaml *rec_data_reclm_emb_options(const rec_yaml *root);

/** Which files rows are written as: models/reclm_emb/files.h, original/files.h. */
typedef enum rec_emb_files_layout {
    REC_EMB_FILES_OWN,
    REC_EMB_FILES_ORIGINAL,
    REC_EMB_FILES_BEIR, /* for other evaluation harnesses */
} rec_emb_files_layout;

/**
 * Write the rows that a config's reclm_emb systems learn from and its emb_ tasks ask, and print how many
 * there are and what the audit of the split finds.
 * @param root  of the config
 * @return REC_ERR_DATA when a training row and a test row share what they must not; where rows are the
 *         original's (compat, files), which shares by design, that is said and no error
 */
rec_status rec_data_reclm_emb(const rec_dataset *d, const rec_yaml *root, const char *folder,
                              rec_emb_files_layout layout, rec_error *err);

#endif
