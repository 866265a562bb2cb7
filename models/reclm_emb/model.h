/**
 * The text encoder of RecLM-emb: a transformer that can be trained, its tokenizer, and the format that
 * training and inference share: prefixes, lengths, layout of item texts. On disk it is a
 * sentence-transformers folder with a manifest beside it (recai_emb.json).
 */
#ifndef REC_MODELS_RECLM_EMB_MODEL_H
#define REC_MODELS_RECLM_EMB_MODEL_H

#include "core/option.h"
#include "models/lm/local.h"
#include "models/lm/training/transformer.h"
#include "models/reclm_emb/items.h"

typedef enum rec_emb_side { REC_EMB_QUERY, REC_EMB_PASSAGE } rec_emb_side;

/** How texts become tokens, by side. */
typedef struct rec_emb_format {
    char *prefix[2];   /* options; NULL = the manifest's, else none */
    int64_t length[2]; /* tokens, special ones included; 0 = the manifest's, else 64 and 128 */
} rec_emb_format;

/** Keys query_prefix, passage_prefix, query_length, passage_length. */
extern const rec_option rec_emb_format_options[];

/** A new encoder of the BERT type, for where no checkpoint is at hand. */
typedef struct rec_emb_shape {
    int64_t layers, d_model, d_ff, heads, vocab_size, seed;
} rec_emb_shape;

/** Keys layers, d_model, d_ff, heads, vocab_size, seed. */
extern const rec_option rec_emb_shape_options[];

typedef struct rec_emb_model {
    rec_transformer *transformer; /* owned */
    rec_tokenizer *tokenizer;     /* owned */
    rec_lm_files files;           /* owned: where it came from; empty for a new one */
    rec_lm *lm;                   /* owned: inference over the transformer's own weights */
    rec_lm_weights view;          /* owned: the same for the engine */
    char *prefix[2];              /* owned, never NULL */
    size_t length[2];             /* > 0 */
    size_t dim;
    bool knows_layout;     /* its manifest says which item texts it was tuned on */
    rec_emb_layout layout; /* of the item texts it reads */
} rec_emb_model;

/**
 * Open a checkpoint folder, with its manifest where it has one.
 * @return REC_ERR_MODEL for a manifest that does not fit the weights, or for item texts of another layout
 */
rec_status rec_emb_model_open(rec_emb_model *out, const char *path, const rec_emb_format *format,
                              rec_error *err);

/** Say which item texts the model is going to read. REC_ERR_MODEL when it was tuned on others. */
rec_status rec_emb_model_read_layout(rec_emb_model *m, rec_emb_layout layout, rec_error *err);

/** Random weights; the vocabulary is learnt from the texts (byte pairs). */
rec_status rec_emb_model_new(rec_emb_model *out, const rec_emb_shape *shape,
                             const char *const *texts, size_t n_texts, const rec_emb_format *format,
                             rec_error *err);

/** Nothing is tuned any more: the weights are laid out once more for faster embedding, to the same bits. */
rec_status rec_emb_model_settle(rec_emb_model *m, rec_error *err);

void rec_emb_model_deinit(rec_emb_model *m);

/** Append the tokens of a text of one side: prefix and text, with what the tokenizer adds around, cut
 * to the side's length (the closing token stays). The one way in which training and inference read. */
rec_status rec_emb_model_tokenize(rec_token_list *out, const rec_emb_model *m, rec_emb_side side,
                                  const char *text, rec_error *err);

/** out (n, dim), in blocks: memory does not grow with n. Vectors are pooled as the model's config says
 * and have length 1, as the loss of the tuning sees them. A text without tokens is REC_ERR_DATA. */
rec_status rec_emb_model_embed(float *out, const rec_emb_model *m, rec_emb_side side,
                               const char *const *texts, size_t n, rec_error *err);

/** The folder, made or overwritten: weights, config, tokenizer, pooling, normalisation, manifest. */
rec_status rec_emb_model_save(const rec_emb_model *m, const char *folder, rec_error *err);

#endif
