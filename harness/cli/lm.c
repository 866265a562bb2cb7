/* harness/cli/lm.c: recai lm VERB, language models from the command line */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "core/json.h"
#include "core/memory.h"
#include "harness/cli/command.h"
#include "harness/cli/lm_verbs.h"
#include "harness/cli/output.h"
#include "models/lm/local.h"

#define REC_LM_VERB(name) extern const rec_lm_verb rec_lm_verb_##name;
#include "harness/cli/lm_verbs.def"
#undef REC_LM_VERB

#define REC_LM_VERB(name) &rec_lm_verb_##name,
const rec_lm_verb *const rec_lm_verbs[] = {
#include "harness/cli/lm_verbs.def"
    NULL,
};
#undef REC_LM_VERB

#define FIELD(name) offsetof(rec_lm_flags, name)
static const rec_option options[] = {
    {"model", "a folder (config.json, safetensors, tokenizer), a .gguf file, or data:NAME",
     FIELD(model), REC_OPT_STRING, .text = NULL},
    {"adapter",
     "folder of a low-rank adapter (PEFT): used on top of the model; train goes on from it",
     FIELD(adapter), REC_OPT_STRING, .text = NULL},
    {"weights", "how matrices are kept in memory", FIELD(weights), REC_OPT_ENUM,
     .choices = rec_weight_policy_names},
    {"activations",
     "generate, score, embed: int8 is faster with weights q8_0 or q4_1, and less exact",
     FIELD(activations), REC_OPT_ENUM, .choices = rec_lm_activations_names},
    {"input", "JSON lines; standard input without it", FIELD(input), REC_OPT_STRING, .text = NULL},
    {"out", "init, train, convert: folder of the result, or FILE.gguf", FIELD(out), REC_OPT_STRING,
     .text = NULL},
    {"config", "init, train: YAML of options", FIELD(config), REC_OPT_STRING, .text = NULL},
    {"chat_template", "family of the chat template, where the checkpoint's own is not understood",
     FIELD(chat_template), REC_OPT_STRING, .text = NULL},
    {"add_special", "tokenize: add what the tokenizer adds ([CLS], <s>)", FIELD(add_special),
     REC_OPT_BOOL, .value = 0},
    {"parse_special", "tokenize: special-token strings in the text become their ids",
     FIELD(parse_special), REC_OPT_BOOL, .value = 0},
    {"max_tokens", "generate: at most so many; 0 = what the context leaves", FIELD(max_tokens),
     REC_OPT_INT, .value = 128, .min = 0, .max = 1e9},
    {"temperature", "generate: 0 = the most probable token", FIELD(temperature), REC_OPT_REAL,
     .value = 0, .min = 0, .max = 100},
    {"top_k", "generate: among the most probable so many; 0 = all", FIELD(top_k), REC_OPT_INT,
     .value = 0, .min = 0, .max = 1e9},
    {"top_p", "generate: among the fewest tokens that reach this probability", FIELD(top_p),
     REC_OPT_REAL, .value = 1, .min = 1e-6, .max = 1},
    {"min_p", "generate: tokens of this share of the largest probability", FIELD(min_p),
     REC_OPT_REAL, .value = 0, .min = 0, .max = 1},
    {"repetition_penalty", "generate: divides the logits of tokens that occurred",
     FIELD(repetition_penalty), REC_OPT_REAL, .value = 1, .min = 0.01, .max = 100},
    {"seed", "generate: of the draws; each line draws for itself", FIELD(seed), REC_OPT_INT,
     .value = 42, .min = 0, .max = 9e15},
    {"stop", "generate: strings that end the text", FIELD(stop), REC_OPT_STRINGS, .text = NULL},
    {"json", "generate: JSON and nothing else", FIELD(json), REC_OPT_BOOL, .value = 0},
    {"beams", "generate: beam search of this width", FIELD(beams), REC_OPT_INT, .value = 1,
     .min = 1, .max = 1024},
    {"slots", "generate: sequences at once", FIELD(slots), REC_OPT_INT, .value = 32, .min = 1,
     .max = 4096},
    {.key = NULL},
};
#undef FIELD

static const rec_flag_alias aliases[] = {{'m', "model"}, {'i', "input"}, {'o', "out"}, {0, NULL}};

/* ---- what verbs share ---- */

static rec_status read_standard_input(char **text, size_t *length, rec_error *err)
{
    rec_buffer all = {.data = NULL};
    char chunk[65536];
    ssize_t n;
    rec_status status = REC_OK;
    while (status == REC_OK && (n = read(STDIN_FILENO, chunk, sizeof chunk)) > 0)
        status = rec_buffer_append(&all, chunk, (size_t)n, err);
    if (status == REC_OK && n < 0)
        status = rec_fail_errno(err, REC_ERR_DATA, "standard input");
    *length = all.length;
    *text = status == REC_OK ? rec_buffer_take(&all, err) : NULL;
    rec_buffer_deinit(&all);
    return *text != NULL ? REC_OK : status != REC_OK ? status : REC_ERR_RESOURCE;
}

rec_status rec_lm_read_input(char **text, size_t *length, const rec_lm_flags *flags, rec_error *err)
{
    rec_text file;
    if (flags->input == NULL || strcmp(flags->input, "-") == 0)
        return read_standard_input(text, length, err);
    rec_status status = rec_text_read(&file, flags->input, err);
    if (status != REC_OK)
        return status;
    *length = file.length;
    *text = rec_memdup(file.data, file.length, err);
    rec_text_close(&file);
    return *text != NULL ? REC_OK : REC_ERR_RESOURCE;
}

rec_status rec_lm_each_line(const char *text, size_t length, const rec_lm_flags *flags,
                            rec_lm_line_fn fn, void *context, rec_error *err)
{
    const char *name = flags->input != NULL ? flags->input : "standard input";
    size_t number = 0;
    rec_status status = REC_OK;
    for (size_t i = 0; i < length && status == REC_OK;) {
        const char *end = memchr(text + i, '\n', length - i);
        size_t n = end != NULL ? (size_t)(end - text) - i : length - i;
        cJSON *line = NULL;
        number++;
        if (n > 0 && !(n == 1 && text[i] == '\r')) {
            status = rec_json_parse_any_text(&line, text + i, n, name, number, err);
            if (status == REC_OK) {
                status = fn(context, line, err);
                if (status != REC_OK)
                    rec_error_prefix(err, "%s:%zu", name, number);
            }
        }
        cJSON_Delete(line);
        i += n + 1;
    }
    return status;
}

rec_status rec_lm_print(const cJSON *object, rec_error *err)
{
    char *text = rec_json_print(object, err);
    if (text == NULL)
        return err != NULL ? err->status : REC_ERR_RESOURCE;
    bool failed = puts(text) == EOF;
    free(text);
    return failed ? rec_fail(err, REC_ERR_RESOURCE, "cannot write to standard output") : REC_OK;
}

/* ---- the command ---- */

static rec_status run_verb(const rec_lm_verb *verb, const rec_lm_flags *flags, rec_error *err)
{
    if (flags->model == NULL && !verb->without_model)
        return rec_fail(err, REC_ERR_CONFIG,
                        "recai lm %s needs --model (a folder, a .gguf file, or data:NAME)",
                        verb->name);
    return verb->run(flags, err);
}

static rec_status lm_run(void *self, char *const *arguments, size_t n_arguments, rec_error *err)
{
    const char *names[32] = {NULL};
    size_t n = 0;
    (void)n_arguments; /* exactly one: the table below says so */
    for (; rec_lm_verbs[n] != NULL && n < 32; n++) {
        names[n] = rec_lm_verbs[n]->name;
        if (strcmp(arguments[0], names[n]) == 0)
            return run_verb(rec_lm_verbs[n], self, err);
    }
    const char *nearest = rec_nearest(arguments[0], names, n);
    return rec_fail(err, REC_ERR_CONFIG, "recai lm has no \"%s\"%s%s%s", arguments[0],
                    nearest != NULL ? " (did you mean \"" : " (recai lm --help lists what it has)",
                    nearest != NULL ? nearest : "", nearest != NULL ? "\"?)" : "");
}

const rec_command rec_command_lm = {
    .name = "lm",
    .arguments = "VERB",
    .help = "language models: tokenize, generate, score, embed, init, train, convert, info",
    .details =
        "tokenize  {text} -> {ids}\n"
        "generate  {prompt} or {messages} -> {text, ids, finish_reason}\n"
        "score     {text} or {prompt, completion} -> {ids, logprobs, sum}: natural logarithms; "
        "nothing is\n"
        "          added, the first token of a bare text has none\n"
        "embed     {text} -> {embedding}\n"
        "init      {text} -> a model of random weights in --out, its tokenizer trained on the "
        "texts\n"
        "train     {prompt, completion} | {messages} | {query, pos, neg} -> a model in --out\n"
        "convert   --out FOLDER (safetensors, config.json, tokenizer files) or --out FILE.gguf\n"
        "info      what a model is, and the memory it takes\n"
        "\n"
        "One JSON line in gives one JSON line out; progress goes to stderr.",
    .examples =
        "  echo '{\"text\": \"Toy Story (1995)\"}' | recai lm tokenize --model data:minilm "
        "--add-special\n"
        "  echo '{\"messages\": [{\"role\": \"user\", \"content\": \"Name a film\"}]}' | recai lm "
        "generate \\\n"
        "    --model data:smollm2 --max-tokens 40\n"
        "  recai lm embed --model data:minilm --input titles.jsonl > vectors.jsonl\n"
        "  recai lm train --model data:smollm2 --config tune.yaml --input chats.jsonl --out "
        "tuned/\n"
        "  recai lm info --model data:smollm2",
    .size = sizeof(rec_lm_flags),
    .options = options,
    .aliases = aliases,
    .min_arguments = 1,
    .max_arguments = 1,
    .run = lm_run,
};
