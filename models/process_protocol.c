#include "models/process_protocol.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/json_build.h"
#include "core/memory.h"
#include "datasets/ids.h"

enum { PROTOCOL = 1 };

static rec_status copy_ids(char ***out, rec_process_world *w, char *const *ids, size_t n,
                           rec_error *err)
{
    rec_status status = REC_OK;
    REC_TRY_NEW(*out, n, err);
    for (size_t i = 0; i < n; i++) {
        (*out)[i] = rec_strings_add(w->pool, ids[i], strlen(ids[i]), err);
        if ((*out)[i] == NULL)
            return REC_ERR_RESOURCE;
    }
cleanup:
    return status;
}

static rec_status copy_names(rec_process_world *w, const rec_dataset *d, rec_error *err)
{
    const char *name = d->name != NULL ? d->name : "";
    rec_status status;
    w->n_items = d->catalogue.n_items;
    w->n_users = d->n_users;
    REC_TRY(rec_strings_new(&w->pool, err));
    w->dataset = rec_strings_add(w->pool, name, strlen(name), err);
    status = w->dataset != NULL ? REC_OK : REC_ERR_RESOURCE;
    if (status == REC_OK)
        status = copy_ids(&w->item_ids, w, d->catalogue.ids, w->n_items, err);
    if (status == REC_OK)
        status = copy_ids(&w->user_ids, w, d->user_ids, w->n_users, err);
cleanup:
    return status;
}

static void *copy_array(const void *array, size_t n, size_t size, rec_status *status,
                        rec_error *err)
{
    if (array == NULL || *status != REC_OK)
        return NULL;
    void *copy = rec_memdup(array, n * size, err);
    if (copy == NULL)
        *status = REC_ERR_RESOURCE;
    return copy;
}

static rec_status copy_train(rec_process_world *w, const rec_interactions *x, rec_error *err)
{
    rec_status status = REC_OK;
    w->train = (rec_interactions){.n_users = x->n_users, .n_items = x->n_items, .n = x->n};
    w->train.start = copy_array(x->start, x->n_users + 1, sizeof *x->start, &status, err);
    w->train.item = copy_array(x->item, x->n, sizeof *x->item, &status, err);
    w->train.value = copy_array(x->value, x->n, sizeof *x->value, &status, err);
    w->train.time = copy_array(x->time, x->n, sizeof *x->time, &status, err);
    return status;
}

rec_status rec_process_world_init(rec_process_world *out, const rec_dataset *dataset,
                                  const rec_interactions *train, uint64_t seed, rec_error *err)
{
    *out = (rec_process_world){.seed = seed};
    rec_status status = copy_names(out, dataset, err);
    return status == REC_OK && train != NULL ? copy_train(out, train, err) : status;
}

void rec_process_world_deinit(rec_process_world *w)
{
    rec_interactions_deinit(&w->train);
    free(w->item_ids);
    free(w->user_ids);
    rec_strings_free(w->pool);
    *w = (rec_process_world){.pool = NULL};
}

/* ---- messages ---- */

/* Append an object as one line and delete it. */
static rec_status append_line(rec_buffer *out, cJSON *message, rec_status status, rec_error *err)
{
    if (status == REC_OK)
        status = rec_json_put_line(out, message, err);
    cJSON_Delete(message);
    return status;
}

static rec_status add_items(cJSON *parent, const char *key, const rec_process_world *w,
                            const uint32_t *items, size_t n, rec_error *err)
{
    cJSON *list;
    rec_status status = rec_json_add_array(&list, parent, key, err);
    for (size_t i = 0; status == REC_OK && i < n; i++)
        status = rec_json_add_text(list, NULL, w->item_ids[items[i]], err);
    return status;
}

static rec_status add_floats(cJSON *parent, const char *key, const float *values, size_t n,
                             rec_error *err)
{
    cJSON *list;
    if (values == NULL)
        return REC_OK;
    rec_status status = rec_json_add_array(&list, parent, key, err);
    for (size_t i = 0; status == REC_OK && i < n; i++)
        status = rec_json_add_real(list, NULL, (double)values[i], err);
    return status;
}

static rec_status add_doubles(cJSON *parent, const char *key, const double *values, size_t n,
                              rec_error *err)
{
    cJSON *list;
    if (values == NULL)
        return REC_OK;
    rec_status status = rec_json_add_array(&list, parent, key, err);
    for (size_t i = 0; status == REC_OK && i < n; i++)
        status = rec_json_add_real(list, NULL, values[i], err);
    return status;
}

static rec_status append_start(rec_buffer *out, const rec_process_world *w, rec_error *err)
{
    cJSON *message = NULL, *items;
    rec_status status;
    REC_TRY(rec_json_new_object(&message, err));
    REC_TRY(rec_json_add_text(message, "type", "start", err));
    REC_TRY(rec_json_add_count(message, "protocol", PROTOCOL, err));
    REC_TRY(rec_json_add_text(message, "dataset", w->dataset, err));
    REC_TRY(rec_json_add_bool(message, "sends_train", w->train.start != NULL, err));
    REC_TRY(rec_json_add_array(&items, message, "items", err));
    for (size_t i = 0; i < w->n_items; i++)
        REC_TRY(rec_json_add_text(items, NULL, w->item_ids[i], err));
cleanup:
    return append_line(out, message, status, err);
}

static rec_status append_train_row(rec_buffer *out, const rec_process_world *w, size_t u,
                                   rec_error *err)
{
    const rec_interactions *x = &w->train;
    size_t first = x->start[u], n = x->start[u + 1] - first;
    cJSON *message = NULL;
    rec_status status;
    REC_TRY(rec_json_new_object(&message, err));
    REC_TRY(rec_json_add_text(message, "type", "train", err));
    REC_TRY(rec_json_add_text(message, "user", w->user_ids[u], err));
    REC_TRY(add_items(message, "items", w, x->item + first, n, err));
    REC_TRY(add_floats(message, "values", x->value != NULL ? x->value + first : NULL, n, err));
    REC_TRY(add_doubles(message, "times", x->time != NULL ? x->time + first : NULL, n, err));
cleanup:
    return append_line(out, message, status, err);
}

static rec_status append_fit(rec_buffer *out, const rec_process_world *w, rec_error *err)
{
    cJSON *message = NULL;
    rec_status status;
    REC_TRY(rec_json_new_object(&message, err));
    REC_TRY(rec_json_add_text(message, "type", "fit", err));
    REC_TRY(rec_json_add_count(message, "seed", (size_t)w->seed, err));
cleanup:
    return append_line(out, message, status, err);
}

static rec_status append_query(cJSON *list, const rec_process_world *w, const rec_query *q,
                               rec_error *err)
{
    cJSON *query;
    rec_status status;
    REC_TRY(rec_json_add_object(&query, list, NULL, err));
    if (q->user != REC_NO_USER && q->user < w->n_users)
        REC_TRY(rec_json_add_text(query, "user", w->user_ids[q->user], err));
    REC_TRY(add_items(query, "history", w, q->history, q->n_history, err));
    REC_TRY(add_floats(query, "values", q->values, q->n_history, err));
    REC_TRY(add_doubles(query, "times", q->times, q->n_history, err));
    if (q->text != NULL)
        REC_TRY(rec_json_add_text(query, "text", q->text, err));
cleanup:
    return status;
}

rec_status rec_process_request(rec_buffer *out, const rec_process_world *w, uint64_t id,
                               const rec_query *queries, size_t n, rec_error *err)
{
    cJSON *message = NULL, *list;
    rec_status status;
    REC_TRY(rec_json_new_object(&message, err));
    REC_TRY(rec_json_add_text(message, "type", "score", err));
    REC_TRY(rec_json_add_count(message, "id", (size_t)id, err));
    REC_TRY(rec_json_add_array(&list, message, "queries", err));
    for (size_t q = 0; q < n; q++)
        REC_TRY(append_query(list, w, &queries[q], err));
cleanup:
    return append_line(out, message, status, err);
}

rec_status rec_process_introduction(rec_buffer *out, const rec_process_world *w, rec_error *err)
{
    rec_status status;
    REC_TRY(append_start(out, w, err));
    for (size_t u = 0; w->train.start != NULL && u < w->train.n_users; u++)
        REC_TRY(append_train_row(out, w, u, err));
    REC_TRY(append_fit(out, w, err));
cleanup:
    return status;
}

/* ---- answers ---- */

static rec_status fail_answer(rec_error *err, const char *what)
{
    return rec_fail(err, REC_ERR_MODEL, "answer of the program: %s (docs/process.md)", what);
}

/* One line as an object; "error" in it is the program's own message. */
static rec_status parse_answer(cJSON **out, const char *line, size_t n, rec_error *err)
{
    rec_error reason = {.status = REC_OK};
    rec_status status = rec_json_parse(out, line, n, "answer of the program", 1, &reason);
    if (status != REC_OK)
        return rec_fail(err, status == REC_ERR_DATA ? REC_ERR_MODEL : status, "%s", reason.message);
    const char *message = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(*out, "error"));
    if (message != NULL)
        status = rec_fail(err, REC_ERR_MODEL, "the program says: %.500s", message);
    else if (!cJSON_IsObject(*out))
        status = fail_answer(err, "not an object");
    if (status != REC_OK) {
        cJSON_Delete(*out);
        *out = NULL;
    }
    return status;
}

rec_status rec_process_parse_ready(const char *line, size_t length, rec_error *err)
{
    cJSON *answer;
    rec_status status = parse_answer(&answer, line, length, err);
    if (status != REC_OK)
        return status;
    const char *type = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(answer, "type"));
    if (type == NULL || strcmp(type, "ready") != 0)
        status = fail_answer(err, "wanted {\"type\": \"ready\"}");
    cJSON_Delete(answer);
    return status;
}

static bool is_score(const cJSON *value)
{
    return cJSON_IsNumber(value) && isfinite((float)value->valuedouble);
}

/* A list of scores for all items in the order of the start message; null: never. */
static rec_status take_all(float *scores, const rec_process_world *w, const cJSON *list,
                           rec_error *err)
{
    const cJSON *value;
    size_t i = 0;
    cJSON_ArrayForEach(value, list)
    {
        if (i == w->n_items || (!is_score(value) && !cJSON_IsNull(value)))
            break;
        scores[i++] = cJSON_IsNull(value) ? -INFINITY : (float)value->valuedouble;
    }
    if (i == w->n_items && value == NULL)
        return REC_OK;
    return fail_answer(err, "scores are not one number or null per item");
}

/* {"items": [...], "scores": [...]}: others are never ranked. */
static rec_status take_listed(float *scores, const rec_process_world *w, const cJSON *result,
                              rec_error *err)
{
    const cJSON *items = cJSON_GetObjectItemCaseSensitive(result, "items");
    const cJSON *values = cJSON_GetObjectItemCaseSensitive(result, "scores");
    if (!cJSON_IsArray(items) || !cJSON_IsArray(values) ||
        cJSON_GetArraySize(items) != cJSON_GetArraySize(values))
        return fail_answer(err, "a result needs items and scores of the same length");
    for (size_t i = 0; i < w->n_items; i++)
        scores[i] = -INFINITY;
    const cJSON *value = values->child;
    for (const cJSON *item = items->child; item != NULL; item = item->next, value = value->next) {
        const char *id = cJSON_GetStringValue(item);
        uint32_t place = id != NULL ? rec_ids_find(w->item_ids, w->n_items, id) : UINT32_MAX;
        if (place == UINT32_MAX)
            return rec_fail(err, REC_ERR_MODEL,
                            "answer of the program: no item has the id \"%.200s\"",
                            id != NULL ? id : "(not a text)");
        if (!is_score(value))
            return fail_answer(err, "a score is not a finite number");
        scores[place] = (float)value->valuedouble;
    }
    return REC_OK;
}

static rec_status take_answer(float *scores, const rec_process_world *w, const cJSON *answer,
                              uint64_t id, size_t n, rec_error *err)
{
    const cJSON *results = cJSON_GetObjectItemCaseSensitive(answer, "results");
    const cJSON *own_id = cJSON_GetObjectItemCaseSensitive(answer, "id"), *result;
    if (!cJSON_IsNumber(own_id) || own_id->valuedouble != (double)id)
        return fail_answer(err, "its id is not that of the request");
    if (!cJSON_IsArray(results) || (size_t)cJSON_GetArraySize(results) != n)
        return rec_fail(err, REC_ERR_MODEL, "answer of the program: wanted %zu results", n);
    cJSON_ArrayForEach(result, results)
    {
        rec_status status = cJSON_IsArray(result) ? take_all(scores, w, result, err)
                                                  : take_listed(scores, w, result, err);
        if (status != REC_OK)
            return status;
        scores += w->n_items;
    }
    return REC_OK;
}

rec_status rec_process_parse_scores(float *scores, const rec_process_world *w, const char *line,
                                    size_t length, uint64_t id, size_t n, rec_error *err)
{
    cJSON *answer;
    rec_status status = parse_answer(&answer, line, length, err);
    if (status == REC_OK)
        status = take_answer(scores, w, answer, id, n, err);
    if (answer != NULL)
        cJSON_Delete(answer);
    return status;
}
