/* harness/cli/lm_tokenize.c: {text} -> {ids} */
#include <stdlib.h>

#include "core/json.h"
#include "harness/cli/lm_verbs.h"

typedef struct tokenize {
    const rec_tokenizer *tokenizer;
    unsigned flags;
    rec_token_list ids;
} tokenize;

static rec_status tokenize_line(void *context, const cJSON *line, rec_error *err)
{
    tokenize *t = context;
    const cJSON *text = cJSON_GetObjectItemCaseSensitive(line, "text");
    if (!cJSON_IsString(text))
        return rec_fail(err, REC_ERR_DATA, "\"text\" is missing or not a string");
    t->ids.n = 0;
    rec_status status = rec_tokenizer_encode(&t->ids, t->tokenizer, text->valuestring,
                                             rec_json_text_length(text), t->flags, err);
    if (status != REC_OK)
        return status;
    cJSON *object = cJSON_CreateObject(), *ids = cJSON_AddArrayToObject(object, "ids");
    for (size_t i = 0; i < t->ids.n; i++)
        cJSON_AddItemToArray(ids, cJSON_CreateNumber(t->ids.ids[i]));
    bool complete = ids != NULL && (size_t)cJSON_GetArraySize(ids) == t->ids.n;
    status =
        complete ? rec_lm_print(object, err) : rec_fail(err, REC_ERR_RESOURCE, "out of memory");
    cJSON_Delete(object);
    return status;
}

static rec_status tokenize_run(const rec_lm_flags *flags, rec_error *err)
{
    rec_status status = REC_OK;
    rec_lm_files files = {.folder = NULL};
    rec_tokenizer *tokenizer = NULL;
    char *text = NULL;
    size_t length;
    tokenize t = {.flags = (flags->add_special ? REC_TOKENIZE_ADD_SPECIAL : 0u) |
                           (flags->parse_special ? REC_TOKENIZE_PARSE_SPECIAL : 0u)};
    REC_TRY(rec_lm_files_find(&files, flags->model, err));
    REC_TRY(rec_lm_open_tokenizer(&tokenizer, &files, err));
    REC_TRY(rec_lm_read_input(&text, &length, flags, err));
    t.tokenizer = tokenizer;
    status = rec_lm_each_line(text, length, flags, tokenize_line, &t, err);
cleanup:
    rec_token_list_deinit(&t.ids);
    free(text);
    rec_tokenizer_free(tokenizer);
    rec_lm_files_deinit(&files);
    return status;
}

const rec_lm_verb rec_lm_verb_tokenize = {
    .name = "tokenize", .help = "texts to token ids", .run = tokenize_run};
