/**
 * The numbers of a model: a Hugging Face folder (model.safetensors, or shards with an index) or a
 * GGUF file becomes one table of tensors by role. Matrices stay in the file's memory map where their
 * format is one that the kernels compute with, and are converted otherwise.
 */
#ifndef REC_MODELS_LM_WEIGHTS_H
#define REC_MODELS_LM_WEIGHTS_H

#include "core/status.h"
#include "models/lm/config.h"
#include "models/lm/gguf.h"
#include "models/lm/layout.h"
#include "models/lm/quant.h"

/** A matrix (rows, cols), row-major, or a vector (rows 1), which is always F32. */
typedef struct rec_weight {
    const void *data;         /* NULL: the model has none */
    rec_weight_format format; /* F32, F16, BF16, Q8_0 or Q4_1 */
    size_t rows, cols;
    const unsigned char *panels; /* the same for products in integers (models/lm/int8.h), or NULL */
    size_t n_terms;              /* of activations that meet the panels: 1, or 2 for 16 bits */
    const float *float_panels;   /* the same for products of F32 by core/blas.h, or NULL */
} rec_weight;

/** How matrices are kept in memory. FILE: as they are stored; formats without kernels exactly
 * (Q4_0 as Q4_1, others as F32). Q4_1 keeps embeddings and output matrix at Q8_0; rows that are no
 * multiple of 32 stay F16 where a block format is asked for. */
typedef enum rec_weight_policy {
    REC_WEIGHTS_FILE, /* matrices that an adapter changed: F32 where the file has blocks */
    REC_WEIGHTS_F32,
    REC_WEIGHTS_F16,
    REC_WEIGHTS_Q8_0,
    REC_WEIGHTS_Q4_1,
} rec_weight_policy;

/** "file", "f32", "f16", "q8_0", "q4_1": choices of an option table, in the order above. */
extern const char *const rec_weight_policy_names[];

typedef struct rec_lm_weights {
    rec_lm_config config;
    rec_weight *table;              /* private: see rec_lm_weight */
    struct rec_lm_storage *storage; /* private: maps and converted blocks */
    bool has_panels;                /* rec_lm_weights_add_panels was called */
} rec_lm_weights;

/** What lies at a path. */
typedef struct rec_lm_files {
    char *folder;  /* of config.json and the tokenizer; NULL for GGUF */
    char *gguf;    /* the GGUF file, or NULL */
    char *adapter; /* folder of an adapter that is merged into the weights, or NULL */
} rec_lm_files;

/**
 * A .gguf file, a folder with config.json, or a folder with exactly one .gguf file. "data:NAME" is
 * resolved. REC_ERR_MODEL says what is missing.
 */
rec_status rec_lm_files_find(rec_lm_files *out, const char *path, rec_error *err);
void rec_lm_files_deinit(rec_lm_files *files);

/** Let an adapter (models/lm/adapter_file.h) change the weights; NULL: none. "data:NAME" is resolved. */
rec_status rec_lm_files_set_adapter(rec_lm_files *files, const char *folder, rec_error *err);

/**
 * Read and check everything: a missing, an unexpected or a misshapen tensor and numbers that are not
 * finite are REC_ERR_MODEL naming file and tensor. Pickle files are refused.
 */
rec_status rec_lm_weights_open(rec_lm_weights *out, const rec_lm_files *files,
                               rec_weight_policy policy, rec_error *err);

/** Weights over float32 tensors that live elsewhere (a model in training): borrowed by lookup of
 * the Hugging Face name. find returns NULL for a tensor that is not there, which is an error. */
typedef const float *(*rec_lm_find_fn)(const void *context, const rec_lm_tensor *tensor);
rec_status rec_lm_weights_borrow(rec_lm_weights *out, const rec_lm_config *config,
                                 rec_lm_find_fn find, const void *context, rec_error *err);

/** Store Q8_0 and Q4_1 matrices once more, as panels for activations of 8 bits (models/lm/int8.h): from
 * then on the engine multiplies them so. Twice the bytes of these matrices. Normalised rows have single
 * values that dwarf the others of their block; what they enter first has two terms: queries, keys and
 * values, in encoders also the MLP. */
rec_status rec_lm_weights_add_panels(rec_lm_weights *w, rec_error *err);

/** Store F32 matrices of layers once more as panels for core/blas.h, where its float products are ours. */
rec_status rec_lm_weights_add_float_panels(rec_lm_weights *w, rec_error *err);

void rec_lm_weights_deinit(rec_lm_weights *w);

/** Never NULL; its data are NULL when the model has no such tensor. */
const rec_weight *rec_lm_weight(const rec_lm_weights *w, rec_lm_role role, size_t layer);

/** The output matrix: the head, or the embeddings when tied. */
const rec_weight *rec_lm_output_matrix(const rec_lm_weights *w);

/** The open GGUF file (tokenizer tables), or NULL. */
const rec_gguf *rec_lm_weights_gguf(const rec_lm_weights *w);

/** Bytes of all tensors as kept in memory or mapped. */
size_t rec_lm_weights_bytes(const rec_lm_weights *w);

#endif
