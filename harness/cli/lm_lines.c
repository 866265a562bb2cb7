/* harness/cli/lm_lines.c: what the batched verbs of recai lm share: groups of lines, lines as inputs */
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "core/memory.h"
#include "core/progress.h"
#include "harness/cli/lm_verbs.h"
#include "models/lm/local.h"

rec_status rec_lm_open(rec_lm **out, const rec_lm_flags *flags, rec_error *err)
{
    rec_lm_local_options options;
    rec_status status = rec_options_defaults(&options, rec_lm_local_option_table, err);
    if (status != REC_OK)
        return status;
    options.path = flags->model;
    options.adapter = flags->adapter;
    options.chat_template = flags->chat_template;
    options.weights = flags->weights;
    options.activations = flags->activations;
    options.slots = flags->slots;
    return rec_lm_local_open(out, &options, err);
}

typedef struct gathering {
    rec_lm_lines lines;
    size_t group, first_line, n_seen;
    rec_lm_group_fn fn;
    void *context;
    rec_progress *progress;
} gathering;

static rec_status flush(gathering *g, rec_error *err)
{
    rec_status status = REC_OK;
    if (g->lines.n > 0)
        status = g->fn(g->context, &g->lines, g->first_line, err);
    rec_progress_add(g->progress, g->lines.n);
    for (size_t i = 0; i < g->lines.n; i++)
        cJSON_Delete(g->lines.lines[i]);
    g->lines.n = 0;
    return status;
}

static rec_status gather(void *context, const cJSON *line, rec_error *err)
{
    gathering *g = context;
    cJSON *copy = cJSON_Duplicate(line, true);
    if (copy == NULL)
        return rec_fail(err, REC_ERR_RESOURCE, "out of memory");
    if (g->lines.n == 0)
        g->first_line = g->n_seen;
    g->lines.lines[g->lines.n++] = copy;
    g->n_seen++;
    return g->lines.n == g->group ? flush(g, err) : REC_OK;
}

rec_status rec_lm_each_group(const rec_lm_flags *flags, size_t group, const char *unit,
                             rec_lm_group_fn fn, void *context, rec_error *err)
{
    gathering g = {.group = group, .fn = fn, .context = context};
    char *text = NULL;
    size_t length = 0;
    rec_status status = REC_OK;
    REC_TRY_NEW(g.lines.lines, group, err);
    REC_TRY_NEW(g.lines.parts, group * REC_LM_LINE_PARTS, err);
    REC_TRY(rec_lm_read_input(&text, &length, flags, err));
    g.progress = rec_progress_start("lm", unit, 0);
    REC_TRY(rec_lm_each_line(text, length, flags, gather, &g, err));
    status = flush(&g, err);
cleanup:
    for (size_t i = 0; i < g.lines.n; i++)
        cJSON_Delete(g.lines.lines[i]);
    rec_progress_end(g.progress);
    free(text);
    free(g.lines.parts);
    free(g.lines.lines);
    return status;
}

static rec_lm_part part_of(const cJSON *text, const rec_lm_flags *flags)
{
    return (rec_lm_part){.kind = flags->parse_special ? REC_LM_TRUSTED : REC_LM_DATA,
                         .text = text->valuestring,
                         .n = rec_json_text_length(text)};
}

rec_status rec_lm_text_input(rec_lm_input *out, rec_lm_part *part, const cJSON *line,
                             const char *key, const rec_lm_flags *flags, rec_error *err)
{
    const cJSON *text = cJSON_GetObjectItemCaseSensitive(line, key);
    if (!cJSON_IsString(text))
        return rec_fail(err, REC_ERR_DATA, "\"%s\" is missing or not a string", key);
    *part = part_of(text, flags);
    *out = (rec_lm_input){.parts = part, .n_parts = 1};
    return REC_OK;
}

static rec_status read_role(rec_role *out, const cJSON *message, rec_error *err)
{
    static const char *const names[] = {"system", "user", "assistant"};
    const char *role = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(message, "role"));
    for (int i = 0; role != NULL && i < 3; i++) {
        if (strcmp(role, names[i]) == 0) {
            *out = (rec_role)i;
            return REC_OK;
        }
    }
    return rec_fail(err, REC_ERR_DATA, "a message's \"role\" is one of system, user, assistant");
}

rec_status rec_lm_prompt_input(rec_lm_input *out, rec_lm_part *parts, const cJSON *line,
                               const rec_lm_flags *flags, rec_error *err)
{
    const cJSON *message, *messages = cJSON_GetObjectItemCaseSensitive(line, "messages");
    size_t n = 0;
    if (messages == NULL)
        return rec_lm_text_input(out, parts, line, "prompt", flags, err);
    if (!cJSON_IsArray(messages) || messages->child == NULL)
        return rec_fail(err, REC_ERR_DATA, "\"messages\" is not a list of messages");
    cJSON_ArrayForEach(message, messages)
    {
        const cJSON *content = cJSON_GetObjectItemCaseSensitive(message, "content");
        rec_role role = REC_ROLE_USER;
        rec_status status = read_role(&role, message, err);
        if (status != REC_OK)
            return status;
        if (!cJSON_IsString(content))
            return rec_fail(err, REC_ERR_DATA, "a message without \"content\"");
        if (n == REC_LM_LINE_PARTS)
            return rec_fail(err, REC_ERR_DATA, "more than %d messages", REC_LM_LINE_PARTS);
        parts[n] = part_of(content, flags);
        parts[n++].role = role;
    }
    *out = (rec_lm_input){.parts = parts, .n_parts = n, .chat = true};
    return REC_OK;
}
