#include "harness/serve/prompts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

void rec_prompts_deinit(rec_prompts *p)
{
    free(p->inputs);
    free(p->parts);
    free(p->ids);
    *p = (rec_prompts){.inputs = NULL};
}

static rec_status out_of_memory(rec_api_error *err)
{
    return rec_api_fail(err, 503, NULL, NULL, "out of memory");
}

/* Zeroed room; on failure nothing is left. */
static rec_status make_room(rec_prompts *p, size_t n_inputs, size_t n_parts, size_t n_ids,
                            rec_api_error *err)
{
    *p = (rec_prompts){.inputs = rec_alloc(n_inputs, sizeof *p->inputs, NULL),
                       .parts = rec_alloc(n_parts, sizeof *p->parts, NULL),
                       .ids = rec_alloc(n_ids, sizeof *p->ids, NULL)};
    if (p->inputs != NULL && p->parts != NULL && p->ids != NULL)
        return REC_OK;
    rec_prompts_deinit(p);
    return out_of_memory(err);
}

/* ---- prompts ---- */

static bool is_token_list(const cJSON *item)
{
    return cJSON_IsArray(item) && cJSON_IsNumber(item->child);
}

static size_t count(const cJSON *array)
{
    size_t n = 0;
    const cJSON *item;
    cJSON_ArrayForEach(item, array) n++;
    return n;
}

static rec_status read_ids(uint32_t *out, const cJSON *list, const char *key, rec_api_error *err)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, list)
    {
        double id = cJSON_IsNumber(item) ? item->valuedouble : NAN;
        if (!(id >= 0.0 && id < (double)UINT32_MAX) || id != floor(id))
            return rec_api_fail(err, 400, NULL, key, "\"%s\": token ids are whole numbers from 0",
                                key);
        *out++ = (uint32_t)id;
    }
    return REC_OK;
}

static rec_status add_prompt(rec_prompts *p, size_t *n_ids, const cJSON *item, const char *key,
                             rec_api_error *err)
{
    rec_lm_part *part = &p->parts[p->n];
    if (cJSON_IsString(item)) {
        *part = (rec_lm_part){.kind = REC_LM_DATA, .text = item->valuestring};
    } else if (is_token_list(item)) {
        size_t n = count(item);
        *part = (rec_lm_part){.kind = REC_LM_IDS, .ids = p->ids + *n_ids, .n = n};
        if (read_ids(p->ids + *n_ids, item, key, err) != REC_OK)
            return REC_ERR_DATA;
        *n_ids += n;
    } else {
        return rec_api_fail(err, 400, NULL, key,
                            "\"%s\" is a string, a list of strings, a list of token ids or a list "
                            "of such lists",
                            key);
    }
    p->inputs[p->n] = (rec_lm_input){.parts = part, .n_parts = 1, .bare = part->kind == REC_LM_IDS};
    p->n++;
    return REC_OK;
}

rec_status rec_prompts_parse(rec_prompts *out, const cJSON *body, const char *key,
                             rec_api_error *err)
{
    const cJSON *field = rec_field(body, key), *item;
    bool several = cJSON_IsArray(field) && !is_token_list(field);
    size_t n = several ? count(field) : 1, n_ids = several ? 0 : count(field), used = 0;
    *out = (rec_prompts){.inputs = NULL};
    if (field == NULL)
        return rec_api_fail(err, 400, NULL, key, "\"%s\" is missing", key);
    if (n == 0 || n > REC_SERVE_MAX_PROMPTS)
        return rec_api_fail(err, 400, NULL, key, "\"%s\" holds %zu entries; allowed are 1 to %d",
                            key, n, REC_SERVE_MAX_PROMPTS);
    for (item = several ? field->child : NULL; item != NULL; item = item->next)
        n_ids += is_token_list(item) ? count(item) : 0;
    rec_status status = make_room(out, n, n, n_ids, err);
    if (status != REC_OK)
        return status;
    item = several ? field->child : field;
    for (size_t i = 0; i < n && status == REC_OK; i++, item = item->next)
        status = add_prompt(out, &used, item, key, err);
    if (status != REC_OK)
        rec_prompts_deinit(out);
    return status;
}

/* ---- chats ---- */

static rec_status read_role(rec_role *out, const cJSON *message, rec_api_error *err)
{
    static const struct {
        const char *name;
        rec_role role;
    } roles[] = {{"system", REC_ROLE_SYSTEM},
                 {"developer", REC_ROLE_SYSTEM},
                 {"user", REC_ROLE_USER},
                 {"assistant", REC_ROLE_ASSISTANT}};
    const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(message, "role"));
    for (size_t i = 0; name != NULL && i < sizeof roles / sizeof *roles; i++) {
        if (strcmp(roles[i].name, name) == 0) {
            *out = roles[i].role;
            return REC_OK;
        }
    }
    return rec_api_fail(err, 400, NULL, "messages",
                        "\"role\" of a message is system, developer, user or assistant%s%.40s%s",
                        name != NULL ? ", not \"" : "", name != NULL ? name : "",
                        name != NULL ? "\"" : "");
}

static void add_part(rec_prompts *p, rec_role role, const char *text)
{
    p->parts[p->inputs->n_parts++] = (rec_lm_part){.role = role, .kind = REC_LM_DATA, .text = text};
}

/* A list of parts becomes neighbouring parts of one message. */
static rec_status add_contents(rec_prompts *p, rec_role role, const cJSON *list, rec_api_error *err)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, list)
    {
        const char *type = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(item, "type"));
        const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(item, "text"));
        if (type == NULL || strcmp(type, "text") != 0 || text == NULL)
            return rec_api_fail(err, 400, "unsupported_value", "messages",
                                "a part of a message's \"content\" is {\"type\": \"text\", "
                                "\"text\": ...}; type \"%.40s\" is not supported",
                                type != NULL ? type : "");
        add_part(p, role, text);
    }
    return REC_OK;
}

static rec_status add_message(rec_prompts *p, const cJSON *message, rec_api_error *err)
{
    const cJSON *content = cJSON_GetObjectItemCaseSensitive(message, "content");
    rec_role role = REC_ROLE_USER;
    rec_status status = read_role(&role, message, err);
    if (status != REC_OK)
        return status;
    if (cJSON_IsArray(content) && content->child != NULL)
        return add_contents(p, role, content, err);
    if (!cJSON_IsString(content))
        return rec_api_fail(err, 400, NULL, "messages",
                            "\"content\" of a message is a string or a list of parts");
    add_part(p, role, content->valuestring);
    return REC_OK;
}

rec_status rec_prompts_parse_messages(rec_prompts *out, const cJSON *body, rec_api_error *err)
{
    const cJSON *messages = rec_field(body, "messages"), *message;
    size_t n_parts = 0;
    *out = (rec_prompts){.inputs = NULL};
    if (!cJSON_IsArray(messages) || messages->child == NULL)
        return rec_api_fail(err, 400, NULL, "messages", "\"messages\" is a list of messages");
    cJSON_ArrayForEach(message, messages)
    {
        const cJSON *content = cJSON_GetObjectItemCaseSensitive(message, "content");
        n_parts += cJSON_IsArray(content) ? count(content) : 1;
    }
    if (n_parts > REC_SERVE_MAX_MESSAGES)
        return rec_api_fail(err, 400, NULL, "messages", "%zu messages; allowed are up to %d",
                            n_parts, REC_SERVE_MAX_MESSAGES);
    rec_status status = make_room(out, 1, n_parts, 0, err);
    if (status != REC_OK)
        return status;
    out->n = 1;
    *out->inputs = (rec_lm_input){.parts = out->parts, .chat = true};
    for (message = messages->child; message != NULL && status == REC_OK; message = message->next)
        status = add_message(out, message, err);
    if (status != REC_OK)
        rec_prompts_deinit(out);
    return status;
}
