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
     FIELD(model), REC_OPT_STRING, .required = true},
    {"weights", "how matrices are kept in memory", FIELD(weights), REC_OPT_ENUM,
     .choices = rec_weight_policy_names},
    {"input", "JSON lines; standard input without it", FIELD(input), REC_OPT_STRING, .text = NULL},
    {"out", "train: folder of the result", FIELD(out), REC_OPT_STRING, .text = NULL},
    {"config", "train: YAML of options", FIELD(config), REC_OPT_STRING, .text = NULL},
    {"chat_template", "family of the chat template, where the checkpoint's own is not understood",
     FIELD(chat_template), REC_OPT_STRING, .text = NULL},
    {"add_special", "tokenize: add what the tokenizer adds ([CLS], <s>)", FIELD(add_special),
     REC_OPT_BOOL, .value = 0},
    {"parse_special", "tokenize: special-token strings in the text become their ids",
     FIELD(parse_special), REC_OPT_BOOL, .value = 0},
    {.key = NULL},
};
#undef FIELD

static const rec_flag_alias aliases[] = {{'m', "model"}, {'i', "input"}, {'o', "out"}, {0, NULL}};

/* ---- what verbs share ---- */

rec_status rec_lm_open_tokenizer(rec_tokenizer **out, const rec_lm_files *files, rec_error *err)
{
    return rec_tokenizer_read(out, files->gguf != NULL ? files->gguf : files->folder, err);
}

/* chat_template.jinja, or "chat_template" of tokenizer_config.json, or of the GGUF metadata; NULL
 * when there is none. String of the caller. */
static rec_status read_jinja(char **jinja, const rec_lm_files *files, rec_error *err)
{
    rec_status status = REC_OK;
    *jinja = NULL;
    if (files->gguf != NULL) {
        rec_gguf *file = NULL;
        status = rec_gguf_open(&file, files->gguf, err);
        if (status != REC_OK)
            return status;
        const rec_gguf_value *value = rec_gguf_find(file, "tokenizer.chat_template");
        status = value != NULL ? rec_gguf_string(jinja, value, 0, err) : REC_OK;
        rec_gguf_close(file);
        return status;
    }
    cJSON *config = NULL;
    rec_text text = {.data = NULL};
    char *plain = rec_path_join(err, files->folder, "chat_template.jinja");
    char *path = rec_path_join(err, files->folder, "tokenizer_config.json");
    if (plain == NULL || path == NULL) {
        status = REC_ERR_RESOURCE;
    } else if (rec_path_exists(plain)) {
        status = rec_text_read(&text, plain, err);
        *jinja = status == REC_OK ? rec_format(err, "%.*s", (int)text.length, text.data) : NULL;
        rec_text_close(&text);
    } else if (rec_path_exists(path)) {
        status = rec_json_read(&config, path, err);
        const cJSON *value = cJSON_GetObjectItemCaseSensitive(config, "chat_template");
        if (status == REC_OK && cJSON_IsString(value)) {
            *jinja = rec_strdup(value->valuestring, err);
            status = *jinja != NULL ? REC_OK : REC_ERR_RESOURCE;
        }
    }
    cJSON_Delete(config);
    free(path);
    free(plain);
    return status;
}

rec_status rec_lm_open_chat(rec_chat_template **out, const rec_lm_files *files, const char *family,
                            rec_error *err)
{
    char *jinja;
    *out = NULL;
    rec_status status = read_jinja(&jinja, files, err);
    if (status == REC_OK && (jinja != NULL || family != NULL))
        status = rec_chat_template_new(out, jinja, family, err);
    free(jinja);
    return status;
}

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

static rec_status lm_run(void *self, char *const *arguments, size_t n_arguments, rec_error *err)
{
    const char *names[32] = {NULL};
    size_t n = 0;
    (void)n_arguments; /* exactly one: the table below says so */
    for (; rec_lm_verbs[n] != NULL && n < 32; n++) {
        names[n] = rec_lm_verbs[n]->name;
        if (strcmp(arguments[0], names[n]) == 0)
            return rec_lm_verbs[n]->run(self, err);
    }
    const char *nearest = rec_nearest(arguments[0], names, n);
    return rec_fail(err, REC_ERR_CONFIG, "recai lm has no \"%s\"%s%s%s", arguments[0],
                    nearest != NULL ? " (did you mean \"" : " (recai lm --help lists what it has)",
                    nearest != NULL ? nearest : "", nearest != NULL ? "\"?)" : "");
}

const rec_command rec_command_lm = {
    .name = "lm",
    .arguments = "VERB",
    .help = "language models: tokenize, generate, score, embed, train, convert, info",
    .details =
        "tokenize  {text} -> {ids}\n"
        "train     {prompt, completion} | {messages} | {query, pos, neg} -> a model in --out\n"
        "info      what a model is, and the memory it takes\n"
        "\n"
        "One JSON line in gives one JSON line out; progress goes to stderr.",
    .examples =
        "  echo '{\"text\": \"Toy Story (1995)\"}' | recai lm tokenize --model data:minilm "
        "--add-special\n"
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
