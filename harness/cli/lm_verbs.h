/**
 * `recai lm VERB`: one file harness/cli/lm_VERB.c that defines one `rec_lm_verb`, one line in
 * lm_verbs.def. All verbs share one table of flags (lm.c), since most of them mean the same everywhere.
 */
#ifndef REC_HARNESS_CLI_LM_VERBS_H
#define REC_HARNESS_CLI_LM_VERBS_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/option.h"
#include "core/status.h"
#include "models/lm/chat.h"
#include "models/lm/checkpoint.h"
#include "models/lm/lm.h"
#include "models/lm/tokenizers/tokenizer.h"
#include "models/lm/weights.h"

typedef struct rec_lm_flags {
    char *model, *adapter, *input, *out, *config, *chat_template;
    int weights;     /* rec_weight_policy */
    int activations; /* rec_lm_activations */
    bool add_special, parse_special, json;
    /* generate */
    int64_t max_tokens, top_k, seed, beams, slots;
    double temperature, top_p, min_p, repetition_penalty;
    rec_string_list stop;
} rec_lm_flags;

typedef struct rec_lm_verb {
    const char *name, *help;
    bool without_model; /* --model is not asked for */
    rec_status (*run)(const rec_lm_flags *flags, rec_error *err);
} rec_lm_verb;

extern const rec_lm_verb *const rec_lm_verbs[]; /* ends with NULL */

/** The text of --input, or of standard input; release with free. */
rec_status rec_lm_read_input(char **text, size_t *length, const rec_lm_flags *flags,
                             rec_error *err);

/** Call fn for every line, parsed; a failure says "file:line: ". */
typedef rec_status (*rec_lm_line_fn)(void *context, const cJSON *line, rec_error *err);
rec_status rec_lm_each_line(const char *text, size_t length, const rec_lm_flags *flags,
                            rec_lm_line_fn fn, void *context, rec_error *err);

/** The model of the flags, behind the interface that everything else uses. */
rec_status rec_lm_open(rec_lm **out, const rec_lm_flags *flags, rec_error *err);

/** Lines that are answered together. */
typedef struct rec_lm_lines {
    cJSON **lines;      /* owned (n) */
    rec_lm_part *parts; /* owned (n_parts) */
    size_t n, n_parts;
} rec_lm_lines;

enum { REC_LM_LINE_PARTS = 256 }; /* messages of one line at most */

/**
 * Gather lines into groups and call fn for each group; the parts of `lines` are free for its use
 * (REC_LM_LINE_PARTS per line). A failure of fn names the lines it was given.
 */
typedef rec_status (*rec_lm_group_fn)(void *context, rec_lm_lines *lines, size_t first_line,
                                      rec_error *err);
rec_status rec_lm_each_group(const rec_lm_flags *flags, size_t group, const char *unit,
                             rec_lm_group_fn fn, void *context, rec_error *err);

/** One text as an input: control tokens only with --parse-special. */
rec_status rec_lm_text_input(rec_lm_input *out, rec_lm_part *part, const cJSON *line,
                             const char *key, const rec_lm_flags *flags, rec_error *err);
/** {prompt} or {messages}. */
rec_status rec_lm_prompt_input(rec_lm_input *out, rec_lm_part *parts, const cJSON *line,
                               const rec_lm_flags *flags, rec_error *err);

/** One JSON object as one line on standard output. */
rec_status rec_lm_print(const cJSON *object, rec_error *err);

#endif
