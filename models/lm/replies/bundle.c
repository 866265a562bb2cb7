#include "models/lm/replies/bundle.h"

#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/json.h"
#include "core/memory.h"
#include "models/lm/replies/record.h"

static const char first_line[] = "{\"recai_replies\":1}";

/* ---- export ---- */

typedef struct exporting {
    FILE *stream;
    size_t n;
} exporting;

/* Request and record are JSON texts of ours. */
static rec_status export_row(void *context, const rec_reply_row *row, rec_error *err)
{
    exporting *e = context;
    (void)err;
    fprintf(e->stream, "{\"key\":\"%s\",\"request\":%s,\"record\":%s}\n", row->key, row->request,
            row->record);
    e->n++;
    return REC_OK;
}

rec_status rec_bundle_export(size_t *n, const char *path, rec_reply_store *s, const char *identity,
                             rec_error *err)
{
    rec_atomic_file file = {.stream = NULL};
    exporting e = {.n = 0};
    rec_status status;
    *n = 0;
    REC_TRY(rec_atomic_open(&file, path, err));
    e.stream = file.stream;
    fprintf(e.stream, "%s\n", first_line);
    REC_TRY(rec_reply_store_each(s, identity, export_row, &e, err));
    REC_TRY(rec_atomic_commit(&file, err));
    *n = e.n;
cleanup:
    rec_atomic_abort(&file);
    return status;
}

/* ---- import ---- */

/* The record is an answer of its kind. */
static rec_status check_record(rec_reply_op op, const char *record, rec_error *err)
{
    rec_lm_reply reply = {.best = NULL};
    rec_lm_score score = {.ids = NULL};
    rec_status status = REC_OK;
    if (op == REC_REPLY_GENERATE)
        status = rec_reply_of_record(&reply, record, err);
    else if (op == REC_REPLY_SCORE)
        status = rec_score_of_record(&score, record, err);
    else if (rec_record_embedding_dim(record) == 0)
        status = rec_fail(err, REC_ERR_DATA, "recorded answer: not an embedding");
    rec_lm_reply_deinit(&reply);
    rec_lm_score_deinit(&score);
    return status;
}

/* Key and op of a line, from its request. */
static rec_status read_key(rec_reply_key *key, const char **identity, const cJSON *line,
                           rec_error *err)
{
    const cJSON *request = cJSON_GetObjectItemCaseSensitive(line, "request");
    const char *stated = rec_json_string(line, "key", err), *op;
    if (stated == NULL)
        return REC_ERR_DATA;
    if (!cJSON_IsObject(request))
        return rec_fail(err, REC_ERR_DATA, "request: missing or not an object");
    op = rec_json_string(request, "op", err);
    *identity = op != NULL ? rec_json_string(request, "identity", err) : NULL;
    if (*identity == NULL)
        return REC_ERR_DATA;
    if (!rec_reply_op_of(&key->op, op))
        return rec_fail(err, REC_ERR_DATA, "op: \"%.40s\" is none (generate, score, embed)", op);
    key->request = rec_json_print(request, err);
    if (key->request == NULL)
        return REC_ERR_RESOURCE;
    rec_status status = rec_sha256_bytes(key->hex, key->request, strlen(key->request), err);
    if (status == REC_OK && strcmp(key->hex, stated) != 0)
        return rec_fail(err, REC_ERR_DATA, "key: not the SHA-256 of the request");
    return status;
}

static rec_status import_line(rec_reply_store *s, const char *text, size_t n, const char *path,
                              size_t number, rec_error *err)
{
    cJSON *line = NULL;
    char *record = NULL;
    rec_reply_key key = {.request = NULL};
    const char *identity = NULL;
    rec_status status = rec_json_parse_any_text(&line, text, n, path, number, err);
    if (status != REC_OK)
        return status;
    REC_TRY(read_key(&key, &identity, line, err));
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(line, "record");
    if (!cJSON_IsObject(item))
        REC_TRY(rec_fail(err, REC_ERR_DATA, "record: missing or not an object"));
    record = rec_json_print(item, err);
    if (record == NULL)
        REC_TRY(REC_ERR_RESOURCE);
    REC_TRY(check_record(key.op, record, err));
    REC_TRY(rec_reply_store_put(s, &key, identity, record, err));
cleanup:
    if (status == REC_ERR_DATA)
        rec_error_prefix(err, "%s:%zu", path, number);
    free(record);
    rec_reply_key_deinit(&key);
    cJSON_Delete(line);
    return status;
}

static rec_status import_lines(size_t *n, rec_reply_store *s, const rec_text *text,
                               const char *path, rec_error *err)
{
    const char *at = text->data, *end = text->data + text->length;
    rec_status status = REC_OK;
    for (size_t number = 1; at < end && status == REC_OK; number++) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        size_t length = (size_t)((stop != NULL ? stop : end) - at);
        if (number == 1 && (length != sizeof first_line - 1 || memcmp(at, first_line, length) != 0))
            return rec_fail(err, REC_ERR_DATA, "%s:1: not a bundle of answers (it begins with %s)",
                            path, first_line);
        if (number > 1 && length > 0) {
            status = import_line(s, at, length, path, number, err);
            ++*n;
        }
        at += length + 1;
    }
    return status;
}

rec_status rec_bundle_import(size_t *n, rec_reply_store *s, const char *path, rec_error *err)
{
    rec_text text = {.data = NULL};
    *n = 0;
    rec_status status = rec_text_read(&text, path, err);
    if (status != REC_OK)
        return status;
    status = rec_reply_store_begin(s, err);
    if (status == REC_OK) {
        if (text.length == 0)
            status = rec_fail(err, REC_ERR_DATA, "%s: an empty file is no bundle of answers", path);
        else
            status = import_lines(n, s, &text, path, err);
        rec_status ended = rec_reply_store_end(s, status == REC_OK, status == REC_OK ? err : NULL);
        status = status == REC_OK ? ended : status;
    }
    if (status != REC_OK)
        *n = 0;
    rec_text_close(&text);
    return status;
}
