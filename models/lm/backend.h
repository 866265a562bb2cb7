/**
 * The back ends that an entry of `lms:` can name, and one such entry. A plug-in is one file in
 * models/lm/ that defines one `rec_lm_backend_type` and one line in backends.def.
 */
#ifndef REC_MODELS_LM_BACKEND_H
#define REC_MODELS_LM_BACKEND_H

#include "core/option.h"
#include "core/yaml.h"
#include "models/lm/lm.h"

typedef struct rec_lm_backend_type {
    const char *name;
    const char *help; /* one line */
    size_t size;      /* of the option struct */
    const rec_option *options;
    bool identity_is_all; /* replies depend on the model's identity, context and capabilities, on no
                             other option: changing one of those makes no other model */
    /** What its models can do at most, as far as options tell: opening one may find less. */
    unsigned (*can)(const void *options);
    /** @param options  as parsed; borrowed during the call */
    rec_status (*open)(rec_lm **out, const void *options, rec_error *err);
} rec_lm_backend_type;

extern const rec_lm_backend_type *const rec_lm_backends[];
extern const size_t rec_n_lm_backends;
const rec_lm_backend_type *rec_lm_backend_find(const char *name); /* or NULL */

/** An entry of `lms:` with its options read; nothing is opened. */
typedef struct rec_lm_entry {
    char *name;
    const rec_lm_backend_type *type;
    void *options; /* owned, of the type */
} rec_lm_entry;

/** @param map  YAML mapping with `backend` and the back end's options. REC_ERR_CONFIG with the place. */
rec_status rec_lm_entry_init(rec_lm_entry *out, const char *name, const rec_yaml *map,
                             rec_error *err);
/** REC_ERR_CONFIG when no model of the entry has the capabilities, with the ones that do. Opens nothing. */
rec_status rec_lm_entry_require(const rec_lm_entry *e, unsigned needed, rec_error *err);
void rec_lm_entry_deinit(rec_lm_entry *e);
rec_status rec_lm_entry_open(rec_lm **out, const rec_lm_entry *e, rec_error *err);

#endif
