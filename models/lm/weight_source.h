/** Where weights come from, private to weights.c: one GGUF file, or safetensors files. */
#ifndef REC_MODELS_LM_WEIGHT_SOURCE_H
#define REC_MODELS_LM_WEIGHT_SOURCE_H

#include "models/lm/weights.h"

typedef struct rec_weight_source rec_weight_source;

/** A tensor as stored; shape and format are checked against the layout. */
typedef struct rec_foreign_tensor {
    const char *name;
    rec_weight_format format;
    const void *data;
} rec_foreign_tensor;

/** Opens the files and reads the config. */
rec_status rec_weight_source_open(rec_weight_source **out, rec_lm_config *config,
                                  const rec_lm_files *files, rec_error *err);
void rec_weight_source_free(rec_weight_source *s);
const rec_gguf *rec_weight_source_gguf(const rec_weight_source *s); /* or NULL */
const char *rec_weight_source_name(const rec_weight_source *s);     /* path, for messages */

/** The tensor the layout describes; missing or of another shape: REC_ERR_MODEL. */
rec_status rec_weight_source_find(rec_foreign_tensor *out, rec_weight_source *s,
                                  const rec_lm_tensor *wanted, rec_error *err);

/** After all finds: a tensor nobody asked for, and that no model of this kind may carry along, is
 * REC_ERR_MODEL. */
rec_status rec_weight_source_check_unused(const rec_weight_source *s, const rec_lm_config *config,
                                          rec_error *err);

#endif
