/** The response cache as a language model in front of another. */
#ifndef REC_MODELS_LM_REPLIES_CACHED_H
#define REC_MODELS_LM_REPLIES_CACHED_H

#include "core/option.h"
#include "models/lm/lm.h"

typedef enum rec_lm_cache_mode {
    REC_CACHE_OFF,
    REC_CACHE_READ_WRITE,
    REC_CACHE_READ_ONLY, /* nothing is recorded */
    REC_CACHE_REFRESH,   /* nothing is looked up: every answer is asked for and recorded anew */
} rec_lm_cache_mode;

typedef struct rec_lm_cache_options {
    int mode;   /* rec_lm_cache_mode */
    char *path; /* NULL: replies.sqlite in the user's cache folder */
} rec_lm_cache_options;

extern const rec_option rec_lm_cache_option_table[]; /* default: read_write */

/**
 * A model that answers from a file what was answered before, and asks `inner` for the rest. The key of
 * an entry covers the model's identity and all of the request (replies/key.h). Each answer is recorded
 * as it arrives; failures are not. Requests alike within one call are asked once. Requests that no key
 * can describe (hooks, constraints, vectors) go straight through.
 * @param inner  taken, also on failure
 * @param path   made, with its folders, in modes that write; NULL: the user's cache folder
 * @return REC_ERR_RESOURCE for a file that cannot be opened, REC_ERR_DATA for one that is no cache
 */
rec_status rec_lm_cached_new(rec_lm **out, rec_lm *inner, const char *path, rec_lm_cache_mode mode,
                             rec_error *err);

#endif
