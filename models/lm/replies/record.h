/** Answers as JSON texts, for the cache and for bundles; reading checks everything. */
#ifndef REC_MODELS_LM_REPLIES_RECORD_H
#define REC_MODELS_LM_REPLIES_RECORD_H

#include "models/lm/lm.h"

/** New strings; NULL on failure. A reply with a failure is no answer and must not come here. */
char *rec_record_of_reply(const rec_lm_reply *r, rec_error *err);
char *rec_record_of_score(const rec_lm_score *s, rec_error *err);
char *rec_record_of_embedding(const float *vector, size_t dim, rec_error *err);

/** REC_ERR_DATA for a text that is no such record; the object is empty then. The reply counts as
 * cached. */
rec_status rec_reply_of_record(rec_lm_reply *out, const char *record, rec_error *err);
rec_status rec_score_of_record(rec_lm_score *out, const char *record, rec_error *err);
/** out (dim) */
rec_status rec_embedding_of_record(float *out, size_t dim, const char *record, rec_error *err);
/** Numbers in a recorded embedding; 0 when it is none. */
size_t rec_record_embedding_dim(const char *record);

#endif
