#include "models/lm/replies/record.h"

#include <limits.h>
#include <math.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "core/json_build.h"
#include "core/memory.h"

/* ---- writing ---- */

static rec_status add_logprobs(cJSON *parent, const float *logprobs, size_t n, rec_error *err)
{
    cJSON *list;
    rec_status status = rec_json_add_array(&list, parent, "logprobs", err);
    for (size_t i = 0; i < n && status == REC_OK; i++)
        status = rec_json_add_real(list, NULL, (double)logprobs[i], err); /* NaN: null */
    return status;
}

static rec_status add_ids(cJSON *parent, const uint32_t *ids, size_t n, rec_error *err)
{
    cJSON *list;
    rec_status status = rec_json_add_array(&list, parent, "ids", err);
    for (size_t i = 0; i < n && status == REC_OK; i++)
        status = rec_json_add_count(list, NULL, ids[i], err);
    return status;
}

static rec_status add_generated(cJSON *list, const rec_generated *g, rec_error *err)
{
    cJSON *object;
    rec_status status;
    REC_TRY(rec_json_add_object(&object, list, NULL, err));
    REC_TRY(rec_json_add_text(object, "text", g->text != NULL ? g->text : "", err));
    REC_TRY(rec_json_add_text(object, "finish", rec_finish_name(g->finish), err));
    REC_TRY(rec_json_add_count(object, "n", g->n, err));
    if (g->ids != NULL)
        REC_TRY(add_ids(object, g->ids, g->n, err));
    if (g->logprobs != NULL)
        REC_TRY(add_logprobs(object, g->logprobs, g->n, err));
    REC_TRY(rec_json_add_real(object, "sum", g->sum, err));
    REC_TRY(rec_json_add_real(object, "score", g->score, err));
cleanup:
    return status;
}

static rec_status build_reply(cJSON **root, const rec_lm_reply *r, rec_error *err)
{
    cJSON *best;
    rec_status status;
    REC_TRY(rec_json_new_object(root, err));
    REC_TRY(rec_json_add_array(&best, *root, "best", err));
    for (size_t i = 0; i < r->n_best; i++)
        REC_TRY(add_generated(best, &r->best[i], err));
    REC_TRY(rec_json_add_count(*root, "tokens_in", r->tokens_in, err));
    REC_TRY(rec_json_add_count(*root, "tokens_out", r->tokens_out, err));
    REC_TRY(rec_json_add_count(*root, "tokens_shared", r->tokens_shared, err));
    REC_TRY(rec_json_add_count(*root, "tokens_dropped", r->tokens_dropped, err));
    REC_TRY(rec_json_add_real(*root, "cost", (double)r->cost_microdollars, err));
cleanup:
    return status;
}

static char *print_and_delete(cJSON *root, rec_status status, rec_error *err)
{
    char *text = status == REC_OK ? rec_json_print(root, err) : NULL;
    cJSON_Delete(root);
    return text;
}

char *rec_record_of_reply(const rec_lm_reply *r, rec_error *err)
{
    cJSON *root = NULL;
    rec_status status = build_reply(&root, r, err);
    return print_and_delete(root, status, err);
}

static rec_status build_score(cJSON **root, const rec_lm_score *s, rec_error *err)
{
    rec_status status;
    REC_TRY(rec_json_new_object(root, err));
    if (s->ids != NULL)
        REC_TRY(add_ids(*root, s->ids, s->n, err));
    REC_TRY(add_logprobs(*root, s->logprobs, s->n, err));
    REC_TRY(rec_json_add_real(*root, "sum", s->sum, err));
    REC_TRY(rec_json_add_count(*root, "tokens_in", s->tokens_in, err));
cleanup:
    return status;
}

char *rec_record_of_score(const rec_lm_score *s, rec_error *err)
{
    cJSON *root = NULL;
    rec_status status = build_score(&root, s, err);
    return print_and_delete(root, status, err);
}

/* Base64 of the little-endian float32 numbers: exact, and a fifth of the decimal digits. */
char *rec_record_of_embedding(const float *vector, size_t dim, rec_error *err)
{
    size_t n_bytes = dim * sizeof *vector;
    if (n_bytes > INT_MAX / 2)
        return rec_fail(err, REC_ERR_RESOURCE, "an embedding of %zu numbers", dim), NULL;
    char *text = rec_alloc(n_bytes / 3 * 4 + 5, 1, err);
    if (text == NULL)
        return NULL;
    EVP_EncodeBlock((unsigned char *)text, (const unsigned char *)vector, (int)n_bytes);
    char *record = rec_format(err, "{\"embedding\":\"%s\"}", text);
    free(text);
    return record;
}

/* ---- reading ---- */

static rec_status bad(rec_error *err, const char *what)
{
    return rec_fail(err, REC_ERR_DATA, "recorded answer: %s", what);
}

static rec_status parse(cJSON **root, const char *record, rec_error *err)
{
    return rec_json_parse(root, record, strlen(record), "recorded answer", 1, err);
}

static rec_status read_count(uint64_t *out, const cJSON *object, const char *key, rec_error *err)
{
    double value;
    rec_status status = rec_json_number(&value, object, key, err);
    if (status == REC_OK && !(value >= 0.0 && value <= 9007199254740992.0 && value == floor(value)))
        return bad(err, "a count that is none");
    *out = status == REC_OK ? (uint64_t)value : 0;
    return status;
}

static rec_status read_logprobs(float **out, const cJSON *list, size_t n, rec_error *err)
{
    const cJSON *item;
    size_t i = 0;
    if (!cJSON_IsArray(list) || (size_t)cJSON_GetArraySize(list) != n)
        return bad(err, "not as many logprobs as tokens");
    *out = rec_alloc(n, sizeof **out, err);
    if (*out == NULL)
        return REC_ERR_RESOURCE;
    cJSON_ArrayForEach(item, list)
    {
        if (!cJSON_IsNumber(item) && !cJSON_IsNull(item))
            return bad(err, "a logprob that is no number");
        (*out)[i++] = cJSON_IsNumber(item) ? (float)item->valuedouble : NAN;
    }
    return REC_OK;
}

static rec_status read_ids(uint32_t **out, const cJSON *list, size_t n, rec_error *err)
{
    const cJSON *item;
    size_t i = 0;
    if (!cJSON_IsArray(list) || (size_t)cJSON_GetArraySize(list) != n)
        return bad(err, "not as many ids as tokens");
    *out = rec_alloc(n, sizeof **out, err);
    if (*out == NULL)
        return REC_ERR_RESOURCE;
    cJSON_ArrayForEach(item, list)
    {
        if (!cJSON_IsNumber(item) || !(item->valuedouble >= 0.0 && item->valuedouble <= UINT32_MAX))
            return bad(err, "a token id that is none");
        (*out)[i++] = (uint32_t)item->valuedouble;
    }
    return REC_OK;
}

static const cJSON *get(const cJSON *object, const char *key)
{
    return cJSON_GetObjectItemCaseSensitive(object, key);
}

static rec_status read_generated(rec_generated *g, const cJSON *object, rec_error *err)
{
    const char *text = rec_json_string(object, "text", err);
    const char *finish = text != NULL ? rec_json_string(object, "finish", err) : NULL;
    uint64_t n;
    rec_status status;
    if (finish == NULL)
        return REC_ERR_DATA;
    g->finish = strcmp(finish, rec_finish_name(REC_FINISH_LENGTH)) == 0 ? REC_FINISH_LENGTH
                                                                        : REC_FINISH_STOP;
    REC_TRY(read_count(&n, object, "n", err));
    REC_TRY(rec_json_number(&g->sum, object, "sum", err));
    REC_TRY(rec_json_number(&g->score, object, "score", err));
    if (get(object, "ids") != NULL)
        REC_TRY(read_ids(&g->ids, get(object, "ids"), (size_t)n, err));
    if (get(object, "logprobs") != NULL)
        REC_TRY(read_logprobs(&g->logprobs, get(object, "logprobs"), (size_t)n, err));
    g->n = (size_t)n;
    g->text = rec_strdup(text, err);
    status = g->text != NULL ? REC_OK : REC_ERR_RESOURCE;
cleanup:
    return status;
}

static rec_status read_reply(rec_lm_reply *out, const cJSON *root, rec_error *err)
{
    const cJSON *best = get(root, "best"), *item;
    double cost;
    rec_status status;
    if (!cJSON_IsArray(best) || cJSON_GetArraySize(best) == 0)
        return bad(err, "no texts");
    REC_TRY_NEW(out->best, (size_t)cJSON_GetArraySize(best), err);
    cJSON_ArrayForEach(item, best) REC_TRY(read_generated(&out->best[out->n_best++], item, err));
    REC_TRY(read_count(&out->tokens_in, root, "tokens_in", err));
    REC_TRY(read_count(&out->tokens_out, root, "tokens_out", err));
    REC_TRY(read_count(&out->tokens_shared, root, "tokens_shared", err));
    REC_TRY(read_count(&out->tokens_dropped, root, "tokens_dropped", err));
    REC_TRY(rec_json_number(&cost, root, "cost", err));
    if (!(cost >= -1.0 && cost <= 9007199254740992.0))
        REC_TRY(bad(err, "a cost that is none"));
    out->cost_microdollars = (int64_t)cost;
    out->cached = true;
cleanup:
    return status;
}

rec_status rec_reply_of_record(rec_lm_reply *out, const char *record, rec_error *err)
{
    cJSON *root = NULL;
    *out = (rec_lm_reply){.best = NULL};
    rec_status status = parse(&root, record, err);
    if (status == REC_OK)
        status = read_reply(out, root, err);
    if (status != REC_OK)
        rec_lm_reply_deinit(out);
    cJSON_Delete(root);
    return status;
}

static rec_status read_score(rec_lm_score *out, const cJSON *root, rec_error *err)
{
    const cJSON *logprobs = get(root, "logprobs");
    size_t n = cJSON_IsArray(logprobs) ? (size_t)cJSON_GetArraySize(logprobs) : 0;
    rec_status status;
    REC_TRY(read_logprobs(&out->logprobs, logprobs, n, err));
    if (get(root, "ids") != NULL)
        REC_TRY(read_ids(&out->ids, get(root, "ids"), n, err));
    REC_TRY(rec_json_number(&out->sum, root, "sum", err));
    REC_TRY(read_count(&out->tokens_in, root, "tokens_in", err));
    out->n = n;
cleanup:
    return status;
}

rec_status rec_score_of_record(rec_lm_score *out, const char *record, rec_error *err)
{
    cJSON *root = NULL;
    *out = (rec_lm_score){.ids = NULL};
    rec_status status = parse(&root, record, err);
    if (status == REC_OK)
        status = read_score(out, root, err);
    if (status != REC_OK)
        rec_lm_score_deinit(out);
    cJSON_Delete(root);
    return status;
}

/* Bytes that n characters of base64 stand for; SIZE_MAX when it cannot be base64. */
static size_t decoded_size(const char *text, size_t n)
{
    if (n == 0 || n % 4 != 0 || n > INT_MAX / 2)
        return SIZE_MAX;
    return n / 4 * 3 - (text[n - 1] == '=') - (text[n - 2] == '=');
}

size_t rec_record_embedding_dim(const char *record)
{
    cJSON *root = NULL;
    rec_error ignored;
    size_t size = SIZE_MAX;
    const char *text = parse(&root, record, &ignored) == REC_OK
                           ? rec_json_string(root, "embedding", &ignored)
                           : NULL;
    if (text != NULL)
        size = decoded_size(text, strlen(text));
    cJSON_Delete(root);
    return size == SIZE_MAX || size % sizeof(float) != 0 ? 0 : size / sizeof(float);
}

/* EVP_DecodeBlock writes the padding as bytes, too: it needs a buffer of its own. */
static rec_status decode(float *out, size_t dim, const char *text, rec_error *err)
{
    size_t n = strlen(text), size = decoded_size(text, n);
    if (size != dim * sizeof *out)
        return bad(err, "an embedding of another dimension");
    unsigned char *bytes = rec_alloc(n / 4 * 3, 1, err);
    if (bytes == NULL)
        return REC_ERR_RESOURCE;
    bool good = EVP_DecodeBlock(bytes, (const unsigned char *)text, (int)n) >= 0;
    if (good)
        memcpy(out, bytes, size);
    free(bytes);
    return good ? REC_OK : bad(err, "an embedding that is not base64");
}

rec_status rec_embedding_of_record(float *out, size_t dim, const char *record, rec_error *err)
{
    cJSON *root = NULL;
    rec_status status = parse(&root, record, err);
    if (status == REC_OK) {
        const char *text = rec_json_string(root, "embedding", err);
        status = text != NULL ? decode(out, dim, text, err) : REC_ERR_DATA;
    }
    cJSON_Delete(root);
    return status;
}
