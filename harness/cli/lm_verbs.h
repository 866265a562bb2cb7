/**
 * `recai lm VERB`: one file harness/cli/lm_VERB.c that defines one `rec_lm_verb`, one line in
 * lm_verbs.def. All verbs share one table of flags (lm.c), since most of them mean the same everywhere.
 */
#ifndef REC_HARNESS_CLI_LM_VERBS_H
#define REC_HARNESS_CLI_LM_VERBS_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/status.h"
#include "models/lm/chat.h"
#include "models/lm/tokenizers/tokenizer.h"
#include "models/lm/weights.h"

typedef struct rec_lm_flags {
    char *model, *input, *out, *config, *chat_template;
    int weights; /* rec_weight_policy */
    bool add_special, parse_special;
} rec_lm_flags;

typedef struct rec_lm_verb {
    const char *name, *help;
    rec_status (*run)(const rec_lm_flags *flags, rec_error *err);
} rec_lm_verb;

extern const rec_lm_verb *const rec_lm_verbs[]; /* ends with NULL */

/** The tokenizer and chat template of a model's files. The template is NULL where the checkpoint has
 * none, unless --chat-template names a family. */
rec_status rec_lm_open_tokenizer(rec_tokenizer **out, const rec_lm_files *files, rec_error *err);
rec_status rec_lm_open_chat(rec_chat_template **out, const rec_lm_files *files, const char *family,
                            rec_error *err);

/** The text of --input, or of standard input; release with free. */
rec_status rec_lm_read_input(char **text, size_t *length, const rec_lm_flags *flags,
                             rec_error *err);

/** Call fn for every line, parsed; a failure says "file:line: ". */
typedef rec_status (*rec_lm_line_fn)(void *context, const cJSON *line, rec_error *err);
rec_status rec_lm_each_line(const char *text, size_t length, const rec_lm_flags *flags,
                            rec_lm_line_fn fn, void *context, rec_error *err);

/** One JSON object as one line on standard output. */
rec_status rec_lm_print(const cJSON *object, rec_error *err);

#endif
