/* harness/cli/lm_init.c: a model of random weights with a tokenizer trained on the texts given */
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "core/memory.h"
#include "core/progress.h"
#include "core/yaml.h"
#include "harness/cli/lm_verbs.h"
#include "models/lm/training/scratch.h"

typedef struct gathered {
    char **texts; /* owned */
    size_t n, capacity;
} gathered;

static rec_status gather(void *context, const cJSON *line, rec_error *err)
{
    gathered *g = context;
    const cJSON *text = cJSON_GetObjectItemCaseSensitive(line, "text");
    if (!cJSON_IsString(text))
        return rec_fail(err, REC_ERR_DATA, "\"text\" is missing or not a string");
    if (strlen(text->valuestring) != rec_json_text_length(text))
        return rec_fail(err, REC_ERR_DATA, "\"text\" holds a NUL");
    if (g->n == g->capacity) {
        size_t capacity = 2 * g->capacity + 256;
        char **texts = rec_realloc(g->texts, capacity, sizeof *texts, err);
        if (texts == NULL)
            return REC_ERR_RESOURCE;
        g->texts = texts;
        g->capacity = capacity;
    }
    g->texts[g->n] = rec_strdup(text->valuestring, err);
    if (g->texts[g->n] == NULL)
        return REC_ERR_RESOURCE;
    g->n++;
    return REC_OK;
}

static rec_status init_run(const rec_lm_flags *flags, rec_error *err)
{
    rec_status status = REC_OK;
    rec_lm_scratch_options options = {.layers = 0};
    rec_yaml *yaml = NULL;
    gathered g = {.texts = NULL};
    char *text = NULL;
    size_t length = 0;
    if (flags->out == NULL)
        return rec_fail(err, REC_ERR_CONFIG, "recai lm init needs --out FOLDER");
    if (flags->config != NULL)
        REC_TRY(rec_yaml_read(&yaml, flags->config, err));
    REC_TRY(rec_options_parse(&options, rec_lm_scratch_option_table, yaml, NULL, err));
    REC_TRY(rec_lm_read_input(&text, &length, flags, err));
    REC_TRY(rec_lm_each_line(text, length, flags, gather, &g, err));
    REC_TRY(rec_lm_scratch_write(flags->out, &options, (const char *const *)g.texts, g.n, err));
    rec_info("%s: a tokenizer trained on %zu texts, and a model of random weights", flags->out,
             g.n);
cleanup:
    for (size_t i = 0; i < g.n; i++)
        free(g.texts[i]);
    free(g.texts);
    free(text);
    rec_options_deinit(&options, rec_lm_scratch_option_table);
    rec_yaml_free(yaml);
    return status;
}

const rec_lm_verb rec_lm_verb_init = {
    .name = "init",
    .help = "{text} -> a model of random weights with a tokenizer trained on the texts",
    .without_model = true,
    .run = init_run};
