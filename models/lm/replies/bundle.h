/**
 * A bundle: recorded answers as JSON lines, to be handed on. First line {"recai_replies":1}; then one
 * line per answer {"key", "request", "record"}: the request is the canonical one (replies/key.h), its
 * SHA-256 the key, so that a line whose request was changed is refused; the record is the answer.
 */
#ifndef REC_MODELS_LM_REPLIES_BUNDLE_H
#define REC_MODELS_LM_REPLIES_BUNDLE_H

#include <stddef.h>

#include "models/lm/replies/store.h"

/** Written at once, in the order of keys. @param identity  only this model's answers; NULL: all */
rec_status rec_bundle_export(size_t *n, const char *path, rec_reply_store *s, const char *identity,
                             rec_error *err);

/** All of a bundle (.gz is read in place), or after a failure nothing.
 * @return REC_ERR_DATA "file:line: ..." */
rec_status rec_bundle_import(size_t *n, rec_reply_store *s, const char *path, rec_error *err);

#endif
