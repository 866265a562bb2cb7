/**
 * Checkpoints that others open: a Hugging Face folder (safetensors, config.json, tokenizer files) for
 * transformers and sentence-transformers, or a GGUF file for llama.cpp.
 */
#ifndef REC_MODELS_LM_EXPORT_H
#define REC_MODELS_LM_EXPORT_H

#include "core/status.h"
#include "models/lm/weights.h"

/**
 * Write the weights as they are held in memory (the policy they were opened with), with the tokenizer
 * of `source`. A path that ends in .gguf is a GGUF file, anything else a folder, which is made.
 * @return REC_ERR_CONFIG for a format the target cannot hold (blocks in safetensors), REC_ERR_MODEL
 *         for a tokenizer that cannot be written as GGUF
 */
rec_status rec_lm_export(const rec_lm_weights *weights, const rec_lm_files *source,
                         const char *path, rec_error *err);

/** Put tokenizer.ggml.* of a tokenizer.json (byte-level BPE, SentencePiece BPE, WordPiece) into a GGUF file. */
rec_status rec_gguf_put_tokenizer(rec_gguf_writer *w, const char *tokenizer_json,
                                  const rec_lm_config *config, rec_error *err);

#endif
