/** Vectors of texts that were embedded before: several tasks ask about the same users. */
#ifndef REC_HARNESS_SYSTEMS_VECTOR_CACHE_H
#define REC_HARNESS_SYSTEMS_VECTOR_CACHE_H

#include <stddef.h>

#include "core/status.h"

typedef struct rec_vector_cache rec_vector_cache;

/** @param dim        of each vector
 *  @param max_bytes  of texts and vectors; when they are full nothing more is kept */
rec_status rec_vector_cache_new(rec_vector_cache **out, size_t dim, size_t max_bytes,
                                rec_error *err);
void rec_vector_cache_free(rec_vector_cache *c);

/** The vector of a text, valid until the next put; or NULL. */
const float *rec_vector_cache_get(const rec_vector_cache *c, const char *text);
/** Keep a vector; a text that is there keeps the old one. */
rec_status rec_vector_cache_put(rec_vector_cache *c, const char *text, const float *vector,
                                rec_error *err);

#endif
