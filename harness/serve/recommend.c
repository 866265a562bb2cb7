#include "harness/serve/recommend.h"

#include <stdlib.h>
#include <string.h>

#include "core/json_build.h"
#include "core/memory.h"
#include "core/sorted.h"

void rec_recommend_request_deinit(rec_recommend_request *r)
{
    cJSON_Delete(r->body);
    *r = (rec_recommend_request){.body = NULL};
}

static rec_status read_list(const cJSON **out, size_t *n, const cJSON *body, const char *key,
                            rec_api_error *err)
{
    const cJSON *list = rec_field(body, key), *item;
    *out = list;
    *n = 0;
    if (list == NULL)
        return REC_OK;
    if (!cJSON_IsArray(list))
        return rec_api_fail(err, 400, NULL, key, "\"%s\" is a list of item ids", key);
    cJSON_ArrayForEach(item, list)
    {
        if (!cJSON_IsString(item))
            return rec_api_fail(err, 400, NULL, key, "\"%s\": item ids are strings", key);
        if (++*n > REC_SERVE_MAX_ITEMS)
            return rec_api_fail(err, 400, NULL, key, "\"%s\" has more than %d entries", key,
                                REC_SERVE_MAX_ITEMS);
    }
    return REC_OK;
}

static rec_status read_all(rec_recommend_request *r, rec_api_error *err)
{
    int64_t k = 10;
    size_t n;
    rec_status status;
    REC_TRY(rec_field_text(&r->model, r->body, "model", err));
    REC_TRY(rec_field_text(&r->user, r->body, "user", err));
    REC_TRY(rec_field_text(&r->query, r->body, "query", err));
    REC_TRY(read_list(&r->history, &n, r->body, "history", err));
    REC_TRY(read_list(&r->exclude, &n, r->body, "exclude", err));
    REC_TRY(read_list(&r->candidates, &n, r->body, "candidates", err));
    if (r->candidates != NULL && n == 0)
        return rec_api_fail(err, 400, NULL, "candidates", "\"candidates\" is empty");
    REC_TRY(rec_field_int(&k, r->body, "k", 1, REC_SERVE_MAX_ITEMS, err));
    REC_TRY(rec_field_bool(&r->repeat, r->body, "repeat", err));
    r->k = (size_t)k;
    if (r->user != NULL && r->history != NULL)
        return rec_api_fail(err, 400, NULL, "user", "give \"user\" or \"history\", not both");
    if (r->user == NULL && r->history == NULL && r->query == NULL)
        return rec_api_fail(err, 400, NULL, "history",
                            "give \"user\" (an id of the data), \"history\" (item ids, oldest "
                            "first) or \"query\" (text)");
cleanup:
    return status;
}

rec_status rec_recommend_request_parse(rec_recommend_request *out, const char *body, size_t length,
                                       rec_api_error *err)
{
    *out = (rec_recommend_request){.body = NULL};
    rec_status status = rec_fields_parse(&out->body, body, length, err);
    if (status == REC_OK)
        status = read_all(out, err);
    if (status != REC_OK)
        rec_recommend_request_deinit(out);
    return status;
}

/* ---- in items of a data set ---- */

void rec_recommend_query_deinit(rec_recommend_query *q)
{
    free(q->history);
    free(q->excluded);
    free(q->candidates);
    *q = (rec_recommend_query){.history = NULL};
}

/* @param extra  room behind the list */
static rec_status find_items(uint32_t **out, size_t *n, const cJSON *list, size_t extra,
                             const char *key, const rec_dataset *d, rec_api_error *err)
{
    const cJSON *item;
    size_t count = extra;
    cJSON_ArrayForEach(item, list) count++;
    *n = 0;
    *out = rec_alloc(count, sizeof **out, NULL);
    if (*out == NULL)
        return rec_api_fail(err, 503, NULL, NULL, "out of memory");
    cJSON_ArrayForEach(item, list)
    {
        uint32_t found = rec_dataset_item(d, item->valuestring);
        if (found == REC_NO_ITEM)
            return rec_api_fail(err, 400, "unknown_item", key, "no item has the id \"%.100s\"",
                                item->valuestring);
        (*out)[(*n)++] = found;
    }
    return REC_OK;
}

static rec_status find_user(rec_query *q, const char *id, const rec_dataset *d, rec_api_error *err)
{
    q->user = rec_dataset_user(d, id);
    if (q->user == REC_NO_USER)
        return rec_api_fail(err, 400, "unknown_user", "user", "no user has the id \"%.100s\"", id);
    const rec_interactions *x = &d->interactions;
    size_t start = x->start[q->user];
    q->history = x->item + start;
    q->values = x->value != NULL ? x->value + start : NULL;
    q->times = x->time != NULL ? x->time + start : NULL;
    q->n_history = x->start[q->user + 1] - start;
    return REC_OK;
}

/* The history counts as excluded unless it may be repeated. */
static rec_status find_excluded(rec_recommend_query *q, const rec_recommend_request *r,
                                const rec_dataset *d, rec_api_error *err)
{
    size_t n_history = r->repeat ? 0 : q->query.n_history;
    rec_status status =
        find_items(&q->excluded, &q->n_excluded, r->exclude, n_history, "exclude", d, err);
    if (status != REC_OK)
        return status;
    for (size_t i = 0; i < n_history; i++)
        q->excluded[q->n_excluded++] = q->query.history[i];
    q->n_excluded = rec_sort_distinct_u32(q->excluded, q->n_excluded);
    return REC_OK;
}

rec_status rec_recommend_query_init(rec_recommend_query *out, const rec_recommend_request *r,
                                    const rec_dataset *dataset, rec_api_error *err)
{
    rec_status status = REC_OK;
    *out = (rec_recommend_query){.query = {.user = REC_NO_USER, .text = r->query}};
    if (r->user != NULL)
        REC_TRY(find_user(&out->query, r->user, dataset, err));
    if (r->history != NULL) {
        REC_TRY(find_items(&out->history, &out->query.n_history, r->history, 0, "history", dataset,
                           err));
        out->query.history = out->history;
    }
    REC_TRY(find_excluded(out, r, dataset, err));
    if (r->candidates != NULL) {
        REC_TRY(find_items(&out->candidates, &out->n_candidates, r->candidates, 0, "candidates",
                           dataset, err));
        out->n_candidates = rec_sort_distinct_u32(out->candidates, out->n_candidates);
    }
cleanup:
    if (status != REC_OK)
        rec_recommend_query_deinit(out);
    return status;
}

/* ---- the answer ---- */

char *rec_recommend_reply(const char *model, const rec_catalogue *catalogue, const uint32_t *items,
                          const float *scores, size_t n, rec_error *err)
{
    cJSON *root = NULL, *list, *object;
    char *text = NULL;
    rec_status status;
    REC_TRY(rec_json_new_object(&root, err));
    REC_TRY(rec_json_add_text(root, "object", "recommendations", err));
    REC_TRY(rec_json_add_text(root, "model", model, err));
    REC_TRY(rec_json_add_array(&list, root, "items", err));
    for (size_t i = 0; i < n; i++) {
        const char *title = catalogue->titles != NULL ? catalogue->titles[items[i]] : NULL;
        REC_TRY(rec_json_add_object(&object, list, NULL, err));
        REC_TRY(rec_json_add_count(object, "rank", i + 1, err));
        REC_TRY(rec_json_add_text(object, "id", catalogue->ids[items[i]], err));
        REC_TRY(rec_json_add_text(object, "title", title, err));
        REC_TRY(rec_json_add_real(object, "score", (double)scores[i], err));
    }
    text = rec_json_print(root, err);
cleanup:
    cJSON_Delete(root);
    return text;
}
