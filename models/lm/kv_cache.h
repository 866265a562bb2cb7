/**
 * Keys and values of sequences in pages of REC_KV_PAGE tokens out of one bounded pool. Sequences share
 * pages: a common prefix is stored once, a beam is forked without copying; a shared page is copied
 * when one of its owners writes to it. One thread per pool (the forward pass writes in parallel,
 * to pages reserved before).
 */
#ifndef REC_MODELS_LM_KV_CACHE_H
#define REC_MODELS_LM_KV_CACHE_H

#include <stddef.h>

#include "core/status.h"
#include "models/lm/config.h"

typedef struct rec_kv_pool rec_kv_pool;

/** One sequence. Zeroed = empty; release with rec_kv_clear. */
typedef struct rec_kv {
    float **pages; /* owned list; page j / REC_KV_PAGE holds token j */
    size_t n_pages, capacity;
    size_t length; /* tokens stored */
} rec_kv;

/**
 * @param max_tokens  memory for this many tokens, rounded up to pages; taken as it is needed
 */
rec_status rec_kv_pool_new(rec_kv_pool **out, const rec_lm_config *config, size_t max_tokens,
                           rec_error *err);
/** Every rec_kv of the pool must have been cleared. */
void rec_kv_pool_free(rec_kv_pool *pool);

/** Bytes that n tokens of one sequence take: to state the need before work starts. */
size_t rec_kv_bytes(const rec_lm_config *config, size_t n_tokens);

/** Tokens that still fit, counted in whole pages. */
size_t rec_kv_pool_room(const rec_kv_pool *pool);

/** Make tokens kv->length .. kv->length + n - 1 writable. REC_ERR_RESOURCE when the pool is full;
 * the sequence is unchanged then. */
rec_status rec_kv_reserve(rec_kv *kv, rec_kv_pool *pool, size_t n, rec_error *err);

/** Make an empty `kv` hold the first n tokens of another sequence, sharing its pages. */
rec_status rec_kv_share(rec_kv *kv, rec_kv_pool *pool, const rec_kv *from, size_t n,
                        rec_error *err);

/** Forget tokens from n on. */
void rec_kv_truncate(rec_kv *kv, rec_kv_pool *pool, size_t n);
void rec_kv_clear(rec_kv *kv, rec_kv_pool *pool);

/** Floats from the start of a page to the keys of a layer and head; the values follow them. */
size_t rec_kv_offset(const rec_lm_config *config, size_t layer, size_t head);

#endif
