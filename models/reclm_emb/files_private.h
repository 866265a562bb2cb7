/** What the layouts of a corpus share: pieces of JSON lines, and the file of its items. */
#ifndef REC_MODELS_RECLM_EMB_FILES_PRIVATE_H
#define REC_MODELS_RECLM_EMB_FILES_PRIVATE_H

#include "models/reclm_emb/files.h"

/** Member `key`: the ids of n items. */
rec_status rec_emb_json_ids(cJSON *json, const char *key, const rec_emb_corpus *c,
                            const uint32_t *items, size_t n, rec_error *err);
/** Member `key`: the texts of n items. */
rec_status rec_emb_json_texts(cJSON *json, const char *key, const rec_emb_corpus *c,
                              const uint32_t *items, size_t n, rec_error *err);
/** Members that say what wrote a row and whom or what it is about. */
rec_status rec_emb_json_origin(cJSON *json, const rec_emb_corpus *c, const rec_emb_row *row,
                               rec_error *err);

/** Writes what is said of one item (its number) or of one row (its place in the corpus). */
typedef rec_status (*rec_emb_line_writer)(FILE *out, const rec_emb_corpus *c, size_t index,
                                          rec_error *err);

/** FOLDER/NAME: the text `header`, then what `write` says of each item. */
rec_status rec_emb_write_items(const rec_emb_corpus *c, const char *folder, const char *name,
                               const char *header, rec_emb_line_writer write, rec_error *err);

/** FOLDER/NAME: `header`, then what `write` says of each row of a task, of one part or (REC_EMB_N_PARTS)
 * of all. */
rec_status rec_emb_write_rows(const rec_emb_corpus *c, const char *folder, const char *name,
                              const char *header, size_t task, size_t part,
                              rec_emb_line_writer write, rec_error *err);

#endif
