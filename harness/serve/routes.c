#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/json_build.h"
#include "core/memory.h"
#include "core/option.h"
#include "harness/serve/exchange.h"

/* ---- models ---- */

static rec_status no_such_model(const rec_server *s, const char *name, rec_api_error *err)
{
    char hint[REC_HINT_MAX] = "";
    const char **names = rec_alloc(s->n_models, sizeof *names, NULL);
    for (size_t i = 0; names != NULL && i < s->n_models; i++)
        names[i] = s->models[i].name;
    if (names != NULL)
        rec_hint(hint, name, names, s->n_models);
    free(names);
    return rec_api_fail(err, 404, "model_not_found", "model",
                        "no model is named \"%.80s\"%s (GET /v1/models lists them)", name, hint);
}

/* The model that a request names; without a name the only one there is, of its kind. */
static const rec_served *find_model(const rec_server *s, const char *name, bool is_system,
                                    rec_api_error *err)
{
    const rec_served *only = NULL;
    size_t n = 0;
    for (size_t i = 0; i < s->n_models; i++) {
        const rec_served *m = &s->models[i];
        if (name != NULL && strcmp(m->name, name) == 0)
            return m;
        n += m->is_system == is_system;
        only = m->is_system == is_system ? m : only;
    }
    if (name == NULL && n == 1)
        return only;
    if (name != NULL)
        no_such_model(s, name, err);
    else
        rec_api_fail(err, 400, NULL, "model",
                     "\"model\" is missing (GET /v1/models lists the names)");
    return NULL;
}

static rec_status add_model(cJSON *object, const rec_server *s, const rec_served *m, rec_error *err)
{
    rec_status status;
    REC_TRY(rec_json_add_text(object, "id", m->name, err));
    REC_TRY(rec_json_add_text(object, "object", "model", err));
    REC_TRY(rec_json_add_count(object, "created", (size_t)s->created, err));
    REC_TRY(rec_json_add_text(object, "owned_by", "recai", err));
    REC_TRY(rec_json_add_text(object, "kind", m->is_system ? "system" : "language model", err));
    REC_TRY(rec_json_add_text(object, "capabilities", m->capabilities, err));
cleanup:
    return status;
}

static char *models_text(const rec_server *s)
{
    cJSON *root = NULL, *list, *object;
    char *text = NULL;
    rec_status status;
    REC_TRY(rec_json_new_object(&root, NULL));
    REC_TRY(rec_json_add_text(root, "object", "list", NULL));
    REC_TRY(rec_json_add_array(&list, root, "data", NULL));
    for (size_t i = 0; i < s->n_models; i++) {
        REC_TRY(rec_json_add_object(&object, list, NULL, NULL));
        REC_TRY(add_model(object, s, &s->models[i], NULL));
    }
    text = rec_json_print(root, NULL);
cleanup:
    cJSON_Delete(root);
    return text;
}

static enum MHD_Result get_models(rec_exchange *x, const char *argument)
{
    (void)argument;
    return rec_respond_json(x, 200, models_text(x->server));
}

static enum MHD_Result get_model(rec_exchange *x, const char *name)
{
    rec_api_error error;
    cJSON *object = NULL;
    char *text = NULL;
    const rec_served *m = find_model(x->server, name, false, &error);
    if (m == NULL)
        return rec_respond_error(x, &error);
    if (rec_json_new_object(&object, NULL) == REC_OK &&
        add_model(object, x->server, m, NULL) == REC_OK)
        text = rec_json_print(object, NULL);
    cJSON_Delete(object);
    return rec_respond_json(x, 200, text);
}

/* ---- the state of the server ---- */

static enum MHD_Result get_health(rec_exchange *x, const char *argument)
{
    (void)argument;
    bool stopping = atomic_load(&x->server->stopping);
    return rec_respond_json(
        x, stopping ? 503 : 200,
        rec_strdup(stopping ? "{\"status\":\"stopping\"}" : "{\"status\":\"ok\"}", NULL));
}

/* Systems share a worker, which is listed once. */
static size_t metrics_rows(rec_metrics_row *rows, const rec_server *s)
{
    size_t n = 0;
    bool has_systems = false;
    for (size_t i = 0; i < s->n_models; i++) {
        const rec_served *m = &s->models[i];
        if (m->is_system && has_systems)
            continue;
        has_systems = has_systems || m->is_system;
        rows[n].name = m->is_system ? "systems" : m->name;
        rec_worker_read_gauges(&rows[n++].gauges, m->worker);
    }
    return n;
}

static enum MHD_Result get_metrics(rec_exchange *x, const char *argument)
{
    rec_buffer out = {.data = NULL};
    rec_metrics_row *rows = rec_alloc(x->server->n_models, sizeof *rows, NULL);
    rec_status status = REC_ERR_RESOURCE;
    (void)argument;
    if (rows != NULL)
        status = rec_serve_metrics_print(&out, x->server->metrics, rows,
                                         metrics_rows(rows, x->server), NULL);
    free(rows);
    if (status != REC_OK) {
        rec_buffer_deinit(&out);
        return MHD_NO;
    }
    return rec_respond_text(x, 200, "text/plain; version=0.0.4; charset=utf-8", out.data,
                            out.length);
}

/* ---- calls ---- */

/* The body was parsed into the exchange's call. */
static enum MHD_Result ask(rec_exchange *x, const char *model_name, bool of_systems)
{
    rec_api_error error;
    const rec_served *model = find_model(x->server, model_name, of_systems, &error);
    return model != NULL ? rec_respond_call(x, model) : rec_respond_error(x, &error);
}

static rec_status make_call(rec_exchange *x, rec_call_kind kind, rec_api_error *err)
{
    return rec_call_new(&x->call, kind, NULL) == REC_OK
               ? REC_OK
               : rec_api_fail(err, 503, NULL, NULL, "out of memory");
}

static enum MHD_Result complete(rec_exchange *x, bool chat)
{
    rec_api_error error;
    rec_status status = make_call(x, REC_CALL_COMPLETE, &error);
    if (status == REC_OK)
        status = rec_completion_request_parse(&x->call->completion, x->body.data, x->body.length,
                                              chat, &error);
    if (status == REC_OK && rec_call_make_choices(x->call, NULL) != REC_OK)
        status = rec_api_fail(&error, 503, NULL, NULL, "out of memory");
    return status == REC_OK ? ask(x, x->call->completion.model, false)
                            : rec_respond_error(x, &error);
}

static enum MHD_Result post_chat(rec_exchange *x, const char *argument)
{
    (void)argument;
    return complete(x, true);
}

static enum MHD_Result post_completion(rec_exchange *x, const char *argument)
{
    (void)argument;
    return complete(x, false);
}

static enum MHD_Result post_embeddings(rec_exchange *x, const char *argument)
{
    rec_api_error error;
    (void)argument;
    rec_status status = make_call(x, REC_CALL_EMBED, &error);
    if (status == REC_OK)
        status =
            rec_embedding_request_parse(&x->call->embedding, x->body.data, x->body.length, &error);
    return status == REC_OK ? ask(x, x->call->embedding.model, false)
                            : rec_respond_error(x, &error);
}

static enum MHD_Result post_recommend(rec_exchange *x, const char *argument)
{
    rec_api_error error;
    (void)argument;
    rec_status status = make_call(x, REC_CALL_RECOMMEND, &error);
    if (status == REC_OK)
        status =
            rec_recommend_request_parse(&x->call->recommend, x->body.data, x->body.length, &error);
    return status == REC_OK ? ask(x, x->call->recommend.model, true) : rec_respond_error(x, &error);
}

/* ---- the table ---- */

static const rec_route routes[] = {
    {.method = "POST", .path = "/v1/chat/completions", .handle = post_chat},
    {.method = "POST", .path = "/v1/completions", .handle = post_completion},
    {.method = "POST", .path = "/v1/embeddings", .handle = post_embeddings},
    {.method = "POST", .path = "/v1/recommend", .handle = post_recommend},
    {.method = "GET", .path = "/v1/models", .handle = get_models},
    {.method = "GET", .path = "/v1/models/", .is_prefix = true, .handle = get_model},
    {.method = "GET", .path = "/health", .is_open = true, .handle = get_health},
    {.method = "GET", .path = "/metrics", .handle = get_metrics},
};

static bool fits(const rec_route *r, const char *url)
{
    size_t n = strlen(r->path);
    return r->is_prefix ? strncmp(url, r->path, n) == 0 && url[n] != '\0'
                        : strcmp(url, r->path) == 0;
}

/* The path that clients of Azure OpenAI (the evaluator of RecAI is one) ask for, as OpenAI's:
 * /openai/deployments/NAME/chat/completions. The body names the model as well, and counts. */
static const char *openai_path(char *out, size_t size, const char *url)
{
    static const char azure[] = "/openai/deployments/";
    const char *rest =
        strncmp(url, azure, sizeof azure - 1) == 0 ? strchr(url + sizeof azure - 1, '/') : NULL;
    if (rest == NULL || (size_t)snprintf(out, size, "/v1%s", rest) >= size)
        return url;
    return out;
}

const rec_route *rec_route_find(const char **argument, const char *method, const char *url,
                                rec_api_error *error)
{
    char buffer[64];
    const char *allowed = NULL, *path = openai_path(buffer, sizeof buffer, url);
    for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
        if (!fits(&routes[i], path))
            continue;
        *argument = routes[i].is_prefix ? url + strlen(routes[i].path) : "";
        if (strcmp(routes[i].method, method) == 0)
            return &routes[i];
        allowed = routes[i].method;
    }
    if (allowed != NULL)
        rec_api_fail(error, 405, NULL, NULL, "%.100s takes %s, not %.20s", url, allowed, method);
    else
        rec_api_fail(error, 404, NULL, NULL,
                     "no such path: %.100s (there are /v1/chat/completions, /v1/completions, "
                     "/v1/embeddings, /v1/recommend, /v1/models, /health, /metrics)",
                     url);
    return NULL;
}
