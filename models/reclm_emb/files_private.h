/** What the layouts of a corpus share: pieces of JSON lines. */
#ifndef REC_MODELS_RECLM_EMB_FILES_PRIVATE_H
#define REC_MODELS_RECLM_EMB_FILES_PRIVATE_H

#include "models/reclm_emb/files.h"

/** Member `key`: the ids of n items. */
rec_status rec_emb_json_ids(cJSON *json, const char *key, const rec_emb_corpus *c,
                            const uint32_t *items, size_t n, rec_error *err);
/** Members that say what wrote a row and whom or what it is about. */
rec_status rec_emb_json_origin(cJSON *json, const rec_emb_corpus *c, const rec_emb_row *row,
                               rec_error *err);

#endif
