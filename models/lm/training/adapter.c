/* Low-rank adapters and their PEFT files. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/blas.h"
#include "core/file.h"
#include "core/json.h"
#include "core/memory.h"
#include "models/lm/training/internal.h"

const rec_option rec_adapter_option_table[] = {
    {"rank", "rank r of the adapters", offsetof(rec_adapter_options, rank), REC_OPT_INT, .value = 8,
     .min = 1, .max = 4096},
    {"alpha", "scale is alpha / rank", offsetof(rec_adapter_options, alpha), REC_OPT_REAL,
     .value = 16, .min = 1e-6, .max = 1e6},
    {"dropout", "of the adapters' input while training", offsetof(rec_adapter_options, dropout),
     REC_OPT_REAL, .value = 0, .min = 0, .max = 0.99},
    {"targets", "module names such as q_proj, or all-linear",
     offsetof(rec_adapter_options, targets), REC_OPT_STRINGS, .text = "all-linear"},
    {.key = NULL},
};

bool rec_lm_role_is_linear(rec_lm_role role)
{
    switch (role) {
    case REC_LM_Q:
    case REC_LM_K:
    case REC_LM_V:
    case REC_LM_O:
    case REC_LM_GATE:
    case REC_LM_UP:
    case REC_LM_DOWN:
        return true;
    default:
        return false;
    }
}

/* "model.layers.0.self_attn.q_proj.weight" without ".weight". */
static void module_name(char out[128], const rec_lm_tensor *tensor)
{
    size_t n = strlen(tensor->name) - strlen(".weight");
    memcpy(out, tensor->name, n);
    out[n] = '\0';
}

/* A target names a module or its last parts: "q_proj", "attention.self.query". */
static bool targets_module(char *const *targets, const char *module)
{
    size_t n = strlen(module);
    for (size_t i = 0; targets[i] != NULL; i++) {
        size_t k = strlen(targets[i]);
        if (strcmp(targets[i], "all-linear") == 0)
            return true;
        if (k <= n && strcmp(module + n - k, targets[i]) == 0 &&
            (k == n || module[n - k - 1] == '.'))
            return true;
    }
    return false;
}

/* Parameters first, since tensors have addresses only once the block is allocated. */
typedef struct adding {
    rec_adapter *a;
    bool link; /* second walk: tensors into the table of pairs */
    size_t n_found, next;
    uint64_t seed;
} adding;

static rec_status add_pair(adding *w, const rec_lm_tensor *tensor, const char *module,
                           rec_error *err)
{
    char name[160];
    size_t index;
    snprintf(name, sizeof name, "%s.lora_A.weight", module);
    rec_status status =
        rec_params_add_matrix(&index, &w->a->params, name, w->a->rank, tensor->cols, err);
    if (status != REC_OK)
        return status;
    snprintf(name, sizeof name, "%s.lora_B.weight", module);
    return rec_params_add_matrix(&index, &w->a->params, name, tensor->rows, w->a->rank, err);
}

static void link_pair(adding *w, const rec_lm_tensor *tensor)
{
    rec_params *p = &w->a->params;
    w->a->lora[tensor->layer][tensor->role] = (rec_lora){
        .a = rec_params_tensor(p, w->next),
        .b = rec_params_tensor(p, w->next + 1),
        .scale = (float)(w->a->alpha / (double)w->a->rank),
        .dropout = (float)w->a->dropout,
    };
    /* PEFT: kaiming_uniform_ with a = sqrt 5, which is a bound of 1 / sqrt(fan in) */
    rec_params_fill_uniform(p, w->next, 1.0f / sqrtf((float)tensor->cols), w->seed);
    w->next += 2;
}

static rec_status visit(void *context, const rec_lm_tensor *tensor, rec_error *err)
{
    adding *w = context;
    char module[128];
    if (!rec_lm_role_is_linear(tensor->role))
        return REC_OK;
    module_name(module, tensor);
    if (!targets_module(w->a->targets, module))
        return REC_OK;
    w->n_found++;
    if (!w->link)
        return add_pair(w, tensor, module, err);
    link_pair(w, tensor);
    return REC_OK;
}

static rec_status copy_targets(rec_adapter *a, const rec_string_list *targets, rec_error *err)
{
    a->targets = rec_alloc(targets->n + 1, sizeof *a->targets, err);
    if (a->targets == NULL)
        return REC_ERR_RESOURCE;
    for (size_t i = 0; i < targets->n; i++) {
        a->targets[i] = rec_strdup(targets->items[i], err);
        if (a->targets[i] == NULL)
            return REC_ERR_RESOURCE;
    }
    return REC_OK;
}

rec_status rec_adapter_new(rec_adapter **out, const rec_transformer *base,
                           const rec_adapter_options *options, uint64_t seed, rec_error *err)
{
    rec_status status = REC_OK;
    rec_adapter *a = NULL;
    REC_TRY_NEW(a, 1, err);
    a->rank = (size_t)options->rank;
    a->alpha = options->alpha;
    a->dropout = options->dropout;
    a->n_layers = base->config.n_layers;
    REC_TRY_NEW(a->lora, a->n_layers + 1, err);
    REC_TRY(copy_targets(a, &options->targets, err));
    adding w = {.a = a, .seed = seed};
    REC_TRY(rec_lm_each_tensor(&base->config, visit, &w, err));
    if (w.n_found == 0)
        REC_TRY(rec_fail(err, REC_ERR_CONFIG, "no linear map of the model is called %s%s",
                         options->targets.n > 0 ? options->targets.items[0] : "(no targets)",
                         options->targets.n > 1 ? " or like the other targets" : ""));
    REC_TRY(rec_params_allocate(&a->params, err));
    w.link = true;
    REC_TRY(rec_lm_each_tensor(&base->config, visit, &w, err));
    *out = a;
    a = NULL;
cleanup:
    rec_adapter_free(a);
    return status;
}

void rec_adapter_free(rec_adapter *a)
{
    if (a == NULL)
        return;
    for (size_t i = 0; a->targets != NULL && a->targets[i] != NULL; i++)
        free(a->targets[i]);
    free(a->targets);
    free(a->lora);
    rec_params_deinit(&a->params);
    free(a);
}

rec_params *rec_adapter_params(rec_adapter *a)
{
    return &a->params;
}

/* ---- PEFT files ---- */

static const char PREFIX[] = "base_model.model.";

static rec_status add_to_writer(rec_tensor_writer *writer, const rec_adapter *a, rec_error *err)
{
    rec_status status = rec_tensor_writer_metadata(writer, "format", "pt", err);
    for (size_t i = 0; i < a->params.n && status == REC_OK; i++) {
        const rec_param *p = &a->params.table[i];
        char *name = rec_format(err, "%s%s", PREFIX, p->name);
        if (name == NULL)
            return REC_ERR_RESOURCE;
        status = rec_tensor_writer_add(writer, name, REC_F32, p->n_dims, p->shape,
                                       a->params.value + p->offset, err);
        free(name);
    }
    return status;
}

static cJSON *adapter_config(const rec_adapter *a, const rec_transformer *base,
                             const char *base_name)
{
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "peft_type", "LORA");
    cJSON_AddStringToObject(json, "task_type",
                            base->config.encoder ? "FEATURE_EXTRACTION" : "CAUSAL_LM");
    cJSON_AddStringToObject(json, "base_model_name_or_path", base_name);
    cJSON_AddNumberToObject(json, "r", (double)a->rank);
    cJSON_AddNumberToObject(json, "lora_alpha", a->alpha);
    cJSON_AddNumberToObject(json, "lora_dropout", a->dropout);
    cJSON_AddStringToObject(json, "bias", "none");
    cJSON_AddBoolToObject(json, "fan_in_fan_out", false);
    cJSON_AddBoolToObject(json, "inference_mode", true);
    cJSON_AddBoolToObject(json, "use_rslora", false);
    cJSON_AddBoolToObject(json, "use_dora", false);
    if (a->targets[0] != NULL && strcmp(a->targets[0], "all-linear") == 0) {
        cJSON_AddStringToObject(json, "target_modules", "all-linear");
        return json;
    }
    cJSON *targets = cJSON_AddArrayToObject(json, "target_modules");
    for (size_t i = 0; a->targets[i] != NULL; i++)
        cJSON_AddItemToArray(targets, cJSON_CreateString(a->targets[i]));
    return json;
}

static rec_status write_json(const cJSON *json, const char *folder, const char *name,
                             rec_error *err)
{
    rec_status status = REC_ERR_RESOURCE;
    char *path = rec_path_join(err, folder, name);
    char *text = path != NULL ? rec_json_print(json, err) : NULL;
    if (text != NULL)
        status = rec_atomic_write(path, text, strlen(text), err);
    free(text);
    free(path);
    return status;
}

rec_status rec_adapter_save(const rec_adapter *a, const rec_transformer *base, const char *folder,
                            const char *base_name, rec_error *err)
{
    rec_status status = REC_OK;
    rec_tensor_writer *writer = NULL;
    cJSON *json = NULL;
    char *path = NULL;
    REC_TRY(rec_make_folders(folder, err));
    REC_TRY(rec_tensor_writer_new(&writer, err));
    REC_TRY(add_to_writer(writer, a, err));
    path = rec_path_join(err, folder, "adapter_model.safetensors");
    if (path == NULL) {
        status = REC_ERR_RESOURCE;
        goto cleanup;
    }
    REC_TRY(rec_tensor_writer_write(writer, path, err));
    json = adapter_config(a, base, base_name);
    status = write_json(json, folder, "adapter_config.json", err);
cleanup:
    cJSON_Delete(json);
    free(path);
    rec_tensor_writer_free(writer);
    return status;
}

static rec_status refuse_option(const cJSON *json, const char *key, const char *path,
                                rec_error *err)
{
    return cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(json, key))
               ? rec_fail(err, REC_ERR_MODEL, "%s: %s is not supported", path, key)
               : REC_OK;
}

static rec_status read_targets(rec_string_list *targets, const cJSON *json, const char *path,
                               rec_error *err)
{
    const cJSON *given = cJSON_GetObjectItemCaseSensitive(json, "target_modules"), *item;
    size_t n = cJSON_IsArray(given) ? (size_t)cJSON_GetArraySize(given) : 1;
    targets->items = rec_alloc(n, sizeof *targets->items, err);
    if (targets->items == NULL)
        return REC_ERR_RESOURCE;
    for (item = cJSON_IsArray(given) ? given->child : given; item != NULL; item = item->next) {
        if (!cJSON_IsString(item))
            return rec_fail(err, REC_ERR_MODEL, "%s: target_modules is not a list of names", path);
        targets->items[targets->n] = rec_strdup(item->valuestring, err);
        if (targets->items[targets->n++] == NULL)
            return REC_ERR_RESOURCE;
        if (!cJSON_IsArray(given))
            break;
    }
    return targets->n > 0 ? REC_OK
                          : rec_fail(err, REC_ERR_MODEL, "%s: target_modules is missing", path);
}

static rec_status read_adapter_config(rec_adapter_options *options, const char *path,
                                      rec_error *err)
{
    static const char *const refused[] = {"use_rslora", "use_dora", "fan_in_fan_out"};
    cJSON *json = NULL;
    double rank = 0;
    rec_status status = rec_json_read(&json, path, err);
    if (status != REC_OK)
        return status;
    const cJSON *type = cJSON_GetObjectItemCaseSensitive(json, "peft_type");
    if (!cJSON_IsString(type) || strcmp(type->valuestring, "LORA") != 0)
        REC_TRY(rec_fail(err, REC_ERR_MODEL, "%s: peft_type is not LORA", path));
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        REC_TRY(refuse_option(json, refused[i], path, err));
    REC_TRY(rec_json_number(&rank, json, "r", err));
    REC_TRY(rec_json_number(&options->alpha, json, "lora_alpha", err));
    if (!(rank >= 1 && rank <= 4096) || rank != floor(rank))
        REC_TRY(rec_fail(err, REC_ERR_MODEL, "%s: r must be a whole number from 1 to 4096", path));
    options->rank = (int64_t)rank;
    const cJSON *dropout = cJSON_GetObjectItemCaseSensitive(json, "lora_dropout");
    options->dropout = cJSON_IsNumber(dropout) ? dropout->valuedouble : 0.0;
    status = read_targets(&options->targets, json, path, err);
cleanup:
    cJSON_Delete(json);
    return status;
}

/* Every pair the adapter has must be in the file, and nothing else. */
static rec_status read_pairs(rec_adapter *a, const char *path, rec_error *err)
{
    rec_tensor_file *file = NULL;
    rec_status status = rec_tensor_file_open(&file, path, err);
    if (status != REC_OK)
        return status;
    for (size_t i = 0; i < a->params.n && status == REC_OK; i++) {
        const rec_param *p = &a->params.table[i];
        const rec_tensor_view *view;
        char *name = rec_format(err, "%s%s", PREFIX, p->name);
        if (name == NULL) {
            status = REC_ERR_RESOURCE;
            break;
        }
        status = rec_tensor_file_require(&view, file, name, REC_F32, p->n_dims, p->shape, err);
        if (status == REC_OK)
            memcpy(a->params.value + p->offset, view->data, view->n_bytes);
        free(name);
    }
    if (status == REC_OK && rec_tensor_file_count(file) != a->params.n)
        status = rec_fail(err, REC_ERR_MODEL, "%zu tensors where the adapter of this model has %zu",
                          rec_tensor_file_count(file), a->params.n);
    rec_tensor_file_close(file);
    if (status != REC_OK)
        rec_error_prefix(err, "%s", path);
    return status == REC_ERR_DATA
               ? rec_fail(err, REC_ERR_MODEL, "%s", err != NULL ? err->message : "")
               : status;
}

rec_status rec_adapter_load(rec_adapter **out, const rec_transformer *base, const char *folder,
                            rec_error *err)
{
    rec_status status = REC_OK;
    rec_adapter *a = NULL;
    rec_adapter_options options = {.rank = 0};
    char *config = rec_path_join(err, folder, "adapter_config.json");
    char *tensors = rec_path_join(err, folder, "adapter_model.safetensors");
    if (config == NULL || tensors == NULL) {
        status = REC_ERR_RESOURCE;
        goto cleanup;
    }
    REC_TRY(read_adapter_config(&options, config, err));
    REC_TRY(rec_adapter_new(&a, base, &options, 0, err));
    REC_TRY(read_pairs(a, tensors, err));
    *out = a;
    a = NULL;
cleanup:
    rec_adapter_free(a);
    for (size_t i = 0; i < options.targets.n; i++)
        free(options.targets.items[i]);
    free(options.targets.items);
    free(tensors);
    free(config);
    return status;
}

rec_status rec_adapter_merge(const rec_adapter *a, rec_transformer *base, rec_error *err)
{
    for (size_t l = 0; l < a->n_layers; l++)
        for (size_t r = 0; r < REC_LM_N_ROLES; r++) {
            const rec_lora *lora = &a->lora[l][r];
            if (lora->a == NULL)
                continue;
            rec_tensor *w = rec_transformer_tensor(base, (rec_lm_role)r, l);
            if (w == NULL || w->rows != lora->b->rows || w->cols != lora->a->cols)
                return rec_fail(err, REC_ERR_MODEL, "the adapter does not fit layer %zu", l);
            rec_gemm_nn(w->value, w->cols, lora->b->value, a->rank, lora->a->value, w->cols,
                        w->rows, w->cols, a->rank, lora->scale, 1.0f);
        }
    return REC_OK;
}
