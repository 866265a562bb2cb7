/** What a resumable training belongs to: plug-in, options, data and seed as one hash. A checkpoint of
 * another identity is not continued. */
#ifndef REC_MODELS_FIT_IDENTITY_H
#define REC_MODELS_FIT_IDENTITY_H

#include "core/hash.h"
#include "models/recommender.h"

/** @param version  of the training code: raise it when the same options give other bits */
rec_status rec_fit_identity(char hex[REC_SHA256_HEX], const rec_recommender *type, const void *self,
                            const rec_fit_data *data, unsigned version, rec_error *err);

#endif
