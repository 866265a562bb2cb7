#include "models/lm/endpoint/response.h"

#include <float.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "core/memory.h"
#include "core/utf8.h"

static const double largest_count = 9007199254740992.0; /* 2^53 */

static const cJSON *get(const cJSON *object, const char *key)
{
    return cJSON_GetObjectItemCaseSensitive(object, key);
}

/* An answer that is none. The status is that of saying so. */
static rec_status fail(char **failure, rec_error *err, const char *format, ...) REC_PRINTF(3, 4);
static rec_status fail(char **failure, rec_error *err, const char *format, ...)
{
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    text[rec_utf8_valid_prefix(text, strlen(text))] = '\0'; /* may have been cut */
    *failure = rec_strdup(text, err);
    return *failure != NULL ? REC_OK : REC_ERR_RESOURCE;
}

/* ---- errors ---- */

static const char *text_of(const cJSON *item)
{
    return cJSON_IsString(item) && item->valuestring[0] != '\0' ? item->valuestring : NULL;
}

static const char *error_text(const cJSON *root)
{
    const cJSON *error = get(root, "error");
    const char *text = text_of(error);
    if (text == NULL)
        text = text_of(get(error, "message"));
    if (text == NULL)
        text = text_of(get(root, "message"));
    return text != NULL ? text : text_of(get(root, "detail"));
}

/* One line of valid UTF-8, cut to fit. */
static void one_line(char *out, size_t size, const char *text, size_t n)
{
    size_t length = 0;
    for (size_t i = 0, width; i<n; i += width> 0 ? width : 1) {
        width = rec_utf8_decode(NULL, text + i, n - i);
        size_t need = width > 0 ? width : 1;
        if (length + need + 1 > size)
            break;
        bool plain = width > 1 || (width == 1 && (unsigned char)text[i] >= 0x20 && text[i] != 127);
        if (plain)
            memcpy(out + length, text + i, width);
        else
            out[length] = width == 0 ? '?' : ' ';
        length += need;
    }
    out[length] = '\0';
}

void rec_response_error(char *out, size_t size, const char *body, size_t n)
{
    cJSON *root = NULL;
    rec_error ignored;
    const char *text = NULL;
    if (n > 0 && rec_json_parse(&root, body, n, "answer", 1, &ignored) == REC_OK)
        text = error_text(root);
    one_line(out, size, text != NULL ? text : body, text != NULL ? strlen(text) : n);
    cJSON_Delete(root);
}

/* The document of an answer; *failure when there is none. */
static rec_status parse(cJSON **root, char **failure, const char *body, size_t n, rec_error *err)
{
    rec_error why = {.status = REC_OK};
    *root = NULL;
    if (n == 0)
        return fail(failure, err, "malformed: an empty answer");
    rec_status status = rec_json_parse(root, body, n, "answer", 1, &why);
    if (status == REC_ERR_RESOURCE)
        return rec_fail(err, status, "%s", why.message);
    if (status != REC_OK) {
        char beginning[81];
        one_line(beginning, sizeof beginning, body, n);
        return fail(failure, err, "malformed: not JSON: %s; it begins: %s", why.message, beginning);
    }
    const cJSON *error = get(*root, "error"), *object = get(*root, "object");
    bool is_error = (error != NULL && !cJSON_IsNull(error)) ||
                    (cJSON_IsString(object) && strcmp(object->valuestring, "error") == 0);
    if (!cJSON_IsObject(*root))
        return fail(failure, err, "malformed: not a JSON object");
    if (is_error) {
        const char *text = error_text(*root);
        char line[300];
        one_line(line, sizeof line, text != NULL ? text : "", text != NULL ? strlen(text) : 0);
        return fail(failure, err, "error: %s",
                    text != NULL ? line : "an error object with status 200");
    }
    return REC_OK;
}

/* ---- usage ---- */

static bool count_of(uint64_t *out, const cJSON *object, const char *key)
{
    const cJSON *item = get(object, key);
    if (!cJSON_IsNumber(item) || !(item->valuedouble >= 0.0) || item->valuedouble > largest_count ||
        item->valuedouble != floor(item->valuedouble))
        return false;
    *out = (uint64_t)item->valuedouble;
    return true;
}

static void read_meta(rec_response_meta *meta, const cJSON *root)
{
    const cJSON *usage = get(root, "usage"), *model = get(root, "model");
    *meta = (rec_response_meta){.has_usage = false};
    if (cJSON_IsString(model))
        one_line(meta->model, sizeof meta->model, model->valuestring, strlen(model->valuestring));
    meta->has_usage = count_of(&meta->tokens_in, usage, "prompt_tokens");
    if (!count_of(&meta->tokens_out, usage, "completion_tokens"))
        meta->tokens_out = 0; /* embeddings have none */
    if (!count_of(&meta->tokens_in_cached, get(usage, "prompt_tokens_details"), "cached_tokens"))
        meta->tokens_in_cached = 0;
}

/* ---- generated text ---- */

/* Log-probabilities are an extra: where they are not of the expected form there are none. */
static rec_status read_logprobs(rec_generated *g, const cJSON *list, const char *key,
                                rec_error *err)
{
    const cJSON *item;
    size_t n = 0;
    if (!cJSON_IsArray(list))
        return REC_OK;
    int count = cJSON_GetArraySize(list);
    float *logprobs = rec_alloc((size_t)count, sizeof *logprobs, err);
    if (logprobs == NULL)
        return REC_ERR_RESOURCE;
    cJSON_ArrayForEach(item, list)
    {
        const cJSON *value = key != NULL ? get(item, key) : item;
        if (!cJSON_IsNumber(value)) {
            free(logprobs);
            return REC_OK;
        }
        logprobs[n++] = (float)value->valuedouble;
    }
    for (size_t i = 0; i < n; i++)
        g->sum += (double)logprobs[i];
    g->logprobs = logprobs;
    g->n = n;
    return REC_OK;
}

static rec_status read_choice(rec_lm_reply *reply, const cJSON *choice, bool chat, rec_error *err)
{
    const cJSON *message = get(choice, "message"), *logprobs = get(choice, "logprobs");
    const cJSON *content = chat ? get(message, "content") : get(choice, "text");
    const cJSON *finish = get(choice, "finish_reason");
    const char *reason = cJSON_IsString(finish) ? finish->valuestring : "none";
    rec_generated *g = &reply->best[reply->n_best];
    if (strcmp(reason, "content_filter") == 0)
        return fail(&reply->failure, err, "filtered: finish_reason is content_filter");
    if (!cJSON_IsString(content))
        return fail(&reply->failure, err, "no_text: %s is %s (finish_reason %.60s)",
                    chat ? "message.content" : "text",
                    content == NULL         ? "missing"
                    : cJSON_IsNull(content) ? "null"
                                            : "not a string",
                    reason);
    reply->n_best++;
    g->finish = strcmp(reason, "length") == 0 ? REC_FINISH_LENGTH : REC_FINISH_STOP;
    g->text = rec_strdup(content->valuestring, err);
    if (g->text == NULL)
        return REC_ERR_RESOURCE;
    return chat ? read_logprobs(g, get(logprobs, "content"), "logprob", err)
                : read_logprobs(g, get(logprobs, "token_logprobs"), NULL, err);
}

/* The choice that calls itself number i; servers that number none are read in their order. */
static const cJSON *choice_at(const cJSON *choices, int i)
{
    const cJSON *choice;
    cJSON_ArrayForEach(choice, choices)
    {
        const cJSON *index = get(choice, "index");
        if (cJSON_IsNumber(index) && index->valuedouble == (double)i)
            return choice;
    }
    return cJSON_GetArrayItem(choices, i);
}

static rec_status find_choices(const cJSON **choices, char **failure, const cJSON *root,
                               rec_error *err)
{
    *choices = get(root, "choices");
    if (!cJSON_IsArray(*choices))
        return fail(failure, err, "no_choices: choices is missing or not a list");
    if (cJSON_GetArraySize(*choices) == 0)
        return fail(failure, err, "no_choices: choices is empty");
    return REC_OK;
}

static void drop_texts(rec_lm_reply *reply)
{
    char *failure = reply->failure;
    reply->failure = NULL;
    rec_lm_reply_deinit(reply);
    reply->failure = failure;
}

rec_status rec_response_generated(rec_lm_reply *reply, rec_response_meta *meta, const char *body,
                                  size_t n, bool chat, rec_error *err)
{
    cJSON *root = NULL;
    const cJSON *choices = NULL;
    rec_status status = REC_OK;
    *meta = (rec_response_meta){.has_usage = false};
    REC_TRY(parse(&root, &reply->failure, body, n, err));
    if (reply->failure != NULL)
        goto cleanup;
    read_meta(meta, root);
    REC_TRY(find_choices(&choices, &reply->failure, root, err));
    if (reply->failure != NULL)
        goto cleanup;
    int n_choices = cJSON_GetArraySize(choices);
    REC_TRY_NEW(reply->best, (size_t)n_choices, err);
    for (int i = 0; i < n_choices && reply->failure == NULL; i++)
        REC_TRY(read_choice(reply, choice_at(choices, i), chat, err));
cleanup:
    if (reply->failure != NULL)
        drop_texts(reply);
    if (meta->has_usage) {
        reply->tokens_in = meta->tokens_in;
        reply->tokens_shared = meta->tokens_in_cached;
        reply->tokens_out = meta->tokens_out;
    }
    cJSON_Delete(root);
    return status;
}

/* ---- echoed log-probabilities ---- */

typedef struct echo {
    const cJSON *offset, *logprob; /* walk along both lists */
} echo;

/* First and last element of lists are walked together; false where one is not of its type. */
static bool echo_token(double *offset, double *logprob, echo *e)
{
    bool good =
        cJSON_IsNumber(e->offset) && (cJSON_IsNumber(e->logprob) || cJSON_IsNull(e->logprob));
    if (!good)
        return false;
    *offset = e->offset->valuedouble;
    *logprob = cJSON_IsNumber(e->logprob) ? e->logprob->valuedouble : (double)NAN;
    e->offset = e->offset->next;
    e->logprob = e->logprob->next;
    return true;
}

static rec_status collect_tokens(rec_lm_score *score, const cJSON *logprobs, size_t from, size_t to,
                                 rec_error *err)
{
    const cJSON *offsets = get(logprobs, "text_offset"), *values = get(logprobs, "token_logprobs");
    if (!cJSON_IsArray(offsets) || !cJSON_IsArray(values) ||
        cJSON_GetArraySize(offsets) != cJSON_GetArraySize(values))
        return fail(&score->failure, err,
                    "no_logprobs: the server does not echo tokens with text_offset and "
                    "token_logprobs");
    score->logprobs = rec_alloc((size_t)cJSON_GetArraySize(values), sizeof *score->logprobs, err);
    if (score->logprobs == NULL)
        return REC_ERR_RESOURCE;
    bool starts = false;
    for (echo e = {offsets->child, values->child}; e.offset != NULL;) {
        double offset, logprob;
        if (!echo_token(&offset, &logprob, &e))
            return fail(&score->failure, err, "malformed: a token without offset or logprob");
        if (offset < (double)from || offset >= (double)to)
            continue;
        starts |= offset == (double)from;
        score->logprobs[score->n++] = (float)logprob;
        score->sum += isnan(logprob) ? 0.0 : logprob;
    }
    return starts ? REC_OK
                  : fail(&score->failure, err,
                         "boundary: no token of the server begins where the completion does");
}

rec_status rec_response_scored(rec_lm_score *score, rec_response_meta *meta, const char *body,
                               size_t n, size_t from, size_t to, rec_error *err)
{
    cJSON *root = NULL;
    const cJSON *choices = NULL;
    rec_status status = REC_OK;
    *meta = (rec_response_meta){.has_usage = false};
    REC_TRY(parse(&root, &score->failure, body, n, err));
    if (score->failure != NULL)
        goto cleanup;
    read_meta(meta, root);
    score->tokens_in = meta->tokens_in;
    REC_TRY(find_choices(&choices, &score->failure, root, err));
    if (score->failure == NULL)
        REC_TRY(collect_tokens(score, get(choices->child, "logprobs"), from, to, err));
cleanup:
    cJSON_Delete(root);
    return status;
}

/* ---- embeddings ---- */

static rec_status read_row(float *row, char **failure, const cJSON *item, size_t dim,
                           rec_error *err)
{
    const cJSON *vector = get(item, "embedding"), *value;
    size_t i = 0;
    if (!cJSON_IsArray(vector))
        return fail(failure, err, "malformed: embedding is missing or not a list");
    if ((size_t)cJSON_GetArraySize(vector) != dim)
        return fail(failure, err, "dimension: an embedding of %d numbers; embed_dim is %zu",
                    cJSON_GetArraySize(vector), dim);
    cJSON_ArrayForEach(value, vector)
    {
        if (!cJSON_IsNumber(value) || !(fabs(value->valuedouble) <= (double)FLT_MAX))
            return fail(failure, err, "malformed: an embedding holds what is no number");
        row[i++] = (float)value->valuedouble;
    }
    return REC_OK;
}

rec_status rec_response_embedded(float *out, char **failure, rec_response_meta *meta,
                                 const char *body, size_t n, size_t n_rows, size_t dim,
                                 rec_error *err)
{
    cJSON *root = NULL;
    rec_status status = REC_OK;
    *meta = (rec_response_meta){.has_usage = false};
    *failure = NULL;
    REC_TRY(parse(&root, failure, body, n, err));
    if (*failure != NULL)
        goto cleanup;
    read_meta(meta, root);
    const cJSON *data = get(root, "data");
    if (!cJSON_IsArray(data) || (size_t)cJSON_GetArraySize(data) != n_rows)
        REC_TRY(fail(failure, err, "malformed: %d embeddings for %zu texts",
                     cJSON_IsArray(data) ? cJSON_GetArraySize(data) : 0, n_rows));
    for (size_t i = 0; *failure == NULL && i < n_rows; i++)
        REC_TRY(read_row(out + i * dim, failure, choice_at(data, (int)i), dim, err));
cleanup:
    cJSON_Delete(root);
    return status;
}
