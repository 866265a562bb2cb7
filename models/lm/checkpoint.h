/** What lies beside the weights of a checkpoint: tokenizer, chat template, the list of its files. */
#ifndef REC_MODELS_LM_CHECKPOINT_H
#define REC_MODELS_LM_CHECKPOINT_H

#include <stddef.h>

#include "core/status.h"
#include "models/lm/chat.h"
#include "models/lm/tokenizers/tokenizer.h"
#include "models/lm/weights.h"

/** The tokenizer of a model's files. */
rec_status rec_lm_open_tokenizer(rec_tokenizer **out, const rec_lm_files *files, rec_error *err);

/** Text of its chat template (chat_template.jinja, tokenizer_config.json, GGUF metadata); NULL when
 * there is none. String of the caller. */
rec_status rec_lm_read_chat_template(char **jinja, const rec_lm_files *files, rec_error *err);

/** The chat template understood; NULL where the checkpoint has none, unless `family` names one. */
rec_status rec_lm_open_chat(rec_chat_template **out, const rec_lm_files *files, const char *family,
                            rec_error *err);

/** Paths of the files that determine what the model says (weights, config, tokenizer), sorted. List
 * and strings are the caller's. */
rec_status rec_lm_files_list(char ***out, size_t *n, const rec_lm_files *files, rec_error *err);

#endif
