/* harness/replies/title_rules.c: the title of an item as each consumer in RecLM-eval finds it
 * (preprocess/generate_data.py, evaluates/evaluate.py, preprocess of the embedding prompts). Five rules
 * over one set of members; standard mode has one rule, the reader's option `titles`. */
#include "core/memory.h"
#include "core/utf8.h"
#include "harness/replies/titles.h"

#include <stdlib.h>

enum { MAX_MEMBERS = 4, DESCRIPTION_CHARACTERS = 50 };

static const char *const members_of[][MAX_MEMBERS + 1] = {
    [REC_TITLE_GENERATOR] = {"title"},
    [REC_TITLE_LIST_METRICS] = {"TitleName", "app_name", "GameName", "title"},
    [REC_TITLE_ERRORS] = {"TitleName", "app_name", "title"},
    [REC_TITLE_CONVERSATION] = {"TitleName", "app_name", "title"},
    [REC_TITLE_EMBEDDING] = {"app_name", "title"},
};

static rec_status copy_text(char **out, const cJSON *value, const char *member, rec_error *err)
{
    if (!cJSON_IsString(value))
        return rec_fail(err, REC_ERR_DATA, "member \"%s\" is not a string", member);
    *out = rec_strdup(value->valuestring, err);
    return *out != NULL ? REC_OK : REC_ERR_RESOURCE;
}

static rec_status sanitised(char **out, const cJSON *title, rec_error *err)
{
    if (!cJSON_IsString(title))
        return rec_fail(err, REC_ERR_DATA, "member \"title\" is missing or not a string");
    return rec_title_sanitise(out, rec_span_of(title->valuestring), err);
}

static rec_status first_characters(char **out, const char *text, size_t n, rec_error *err)
{
    rec_span rest = rec_span_of(text);
    while (n-- > 0 && rest.n > 0) {
        uint32_t c;
        size_t width = rec_span_first(&c, rest);
        rest = rec_span_from(rest, width);
    }
    size_t length = strlen(text) - rest.n;
    *out = rec_alloc(length + 1, 1, err);
    if (*out == NULL)
        return REC_ERR_RESOURCE;
    memcpy(*out, text, length);
    return REC_OK;
}

static rec_status embedding_text(char **out, const cJSON *record, rec_error *err)
{
    const cJSON *description = cJSON_GetObjectItemCaseSensitive(record, "description");
    if (cJSON_IsString(description))
        return first_characters(out, description->valuestring, DESCRIPTION_CHARACTERS, err);
    const cJSON *categories = cJSON_GetObjectItemCaseSensitive(record, "categories");
    if (categories == NULL) {
        *out = rec_strdup("No title", err);
        return *out != NULL ? REC_OK : REC_ERR_RESOURCE;
    }
    const cJSON *path = cJSON_GetArrayItem(categories, 0);
    return copy_text(out, cJSON_GetArrayItem(path, cJSON_GetArraySize(path) - 1), "categories",
                     err);
}

rec_status rec_title_of_record(char **out, const cJSON *record, rec_title_rule rule, rec_error *err)
{
    *out = NULL;
    if (rule == REC_TITLE_GENERATOR)
        return sanitised(out, cJSON_GetObjectItemCaseSensitive(record, "title"), err);
    for (const char *const *member = members_of[rule]; *member != NULL; member++) {
        const cJSON *value = cJSON_GetObjectItemCaseSensitive(record, *member);
        if (value != NULL)
            return copy_text(out, value, *member, err);
    }
    return rule == REC_TITLE_EMBEDDING ? embedding_text(out, record, err) : REC_OK;
}
