#include "models/lm/adapter_file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/json.h"
#include "core/memory.h"
#include "core/tensor_file.h"
#include "models/lm/quant.h"

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

void rec_lm_module_name(char out[128], const rec_lm_tensor *tensor)
{
    size_t n = strlen(tensor->name) - strlen(".weight");
    memcpy(out, tensor->name, n);
    out[n] = '\0';
}

/* Is `end` the whole of `name` or its last parts? */
static bool ends_with_parts(const char *name, const char *end)
{
    size_t n = strlen(name), k = strlen(end);
    return k <= n && strcmp(name + n - k, end) == 0 && (k == n || name[n - k - 1] == '.');
}

bool rec_adapter_targets(const char *target, const char *module)
{
    return strcmp(target, "all-linear") == 0 || ends_with_parts(module, target);
}

double rec_adapter_file_scale(const rec_adapter_file *f)
{
    return f->alpha / (double)f->rank;
}

void rec_adapter_pair_add_row(float *row, const rec_adapter_pair *pair, size_t i, size_t rank,
                              size_t n_in, double scale)
{
    for (size_t r = 0; r < rank; r++) {
        float factor = (float)(scale * (double)pair->b[i * rank + r]);
        for (size_t j = 0; j < n_in; j++)
            row[j] += factor * pair->a[r * n_in + j];
    }
}

void rec_adapter_file_free(rec_adapter_file *f)
{
    if (f == NULL)
        return;
    for (size_t i = 0; i < f->targets.n; i++)
        free(f->targets.items[i]);
    free(f->targets.items);
    free(f->pairs);
    free(f->values);
    free(f);
}

/* A damaged file of a model is a model error. */
static rec_status as_model_error(rec_status status, rec_error *err)
{
    return status == REC_ERR_DATA
               ? rec_fail(err, REC_ERR_MODEL, "%s", err != NULL ? err->message : "")
               : status;
}

/* ---- adapter_config.json ---- */

static bool is_set(const cJSON *value)
{
    bool empty = (cJSON_IsArray(value) || cJSON_IsObject(value)) && value->child == NULL;
    return value != NULL && !cJSON_IsNull(value) && !cJSON_IsFalse(value) && !empty;
}

/* Options that change the numbers in a way that plain pairs cannot say. */
static rec_status refuse_options(const cJSON *json, const char *path, rec_error *err)
{
    static const char *const refused[] = {"use_dora",
                                          "use_qalora",
                                          "use_bdlora",
                                          "fan_in_fan_out",
                                          "modules_to_save",
                                          "rank_pattern",
                                          "alpha_pattern",
                                          "lora_bias",
                                          "layer_replication",
                                          "megatron_config",
                                          "target_parameters",
                                          "trainable_token_indices",
                                          "alora_invocation_tokens"};
    const char *type = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "peft_type"));
    const char *bias = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "bias"));
    if (type == NULL || strcmp(type, "LORA") != 0)
        return rec_fail(err, REC_ERR_MODEL, "%s: peft_type is %s, only LORA is supported", path,
                        type != NULL ? type : "missing");
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        if (is_set(cJSON_GetObjectItemCaseSensitive(json, refused[i])))
            return rec_fail(err, REC_ERR_MODEL, "%s: %s is not supported", path, refused[i]);
    if (bias != NULL && strcmp(bias, "none") != 0)
        return rec_fail(err, REC_ERR_MODEL, "%s: bias is \"%s\", only \"none\" is supported", path,
                        bias);
    return REC_OK;
}

static rec_status add_target(rec_string_list *targets, const char *name, rec_error *err)
{
    char **items = rec_realloc(targets->items, targets->n + 1, sizeof *items, err);
    if (items == NULL)
        return REC_ERR_RESOURCE;
    targets->items = items;
    items[targets->n] = rec_strdup(name, err);
    if (items[targets->n] == NULL)
        return REC_ERR_RESOURCE;
    targets->n++;
    return REC_OK;
}

/* A list of names; a single string is a pattern, for which the pairs in the file stand. */
static rec_status read_targets(rec_string_list *targets, const cJSON *json, const char *path,
                               rec_error *err)
{
    const cJSON *item, *given = cJSON_GetObjectItemCaseSensitive(json, "target_modules");
    rec_status status = REC_OK;
    if (cJSON_IsString(given))
        return REC_OK;
    cJSON_ArrayForEach(item, given)
    {
        if (!cJSON_IsString(item))
            return rec_fail(err, REC_ERR_MODEL, "%s: target_modules is not a list of names", path);
        status = add_target(targets, item->valuestring, err);
        if (status != REC_OK)
            return status;
    }
    return targets->n > 0 ? REC_OK
                          : rec_fail(err, REC_ERR_MODEL, "%s: target_modules is missing", path);
}

static rec_status read_numbers(rec_adapter_file *f, const cJSON *json, const char *path,
                               rec_error *err)
{
    const cJSON *dropout = cJSON_GetObjectItemCaseSensitive(json, "lora_dropout");
    double rank = 0;
    if (rec_json_number(&rank, json, "r", err) != REC_OK ||
        rec_json_number(&f->alpha, json, "lora_alpha", err) != REC_OK)
        return rec_fail(err, REC_ERR_MODEL, "%s: r or lora_alpha is not a number", path);
    if (!(rank >= 1 && rank <= 4096) || rank != floor(rank))
        return rec_fail(err, REC_ERR_MODEL, "%s: r must be a whole number from 1 to 4096", path);
    if (!isfinite(f->alpha))
        return rec_fail(err, REC_ERR_MODEL, "%s: lora_alpha is not finite", path);
    f->rank = (size_t)rank;
    f->dropout = cJSON_IsNumber(dropout) ? dropout->valuedouble : 0.0;
    if (!(f->dropout >= 0 && f->dropout < 1))
        return rec_fail(err, REC_ERR_MODEL, "%s: lora_dropout must be from 0 to below 1", path);
    /* "A rank stabilization scaling factor", arXiv 2312.03732: alpha / sqrt(r) instead */
    if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(json, "use_rslora")))
        f->alpha *= sqrt(rank);
    return REC_OK;
}

static rec_status read_config(rec_adapter_file *f, const char *folder, rec_error *err)
{
    cJSON *json = NULL;
    rec_status status = REC_OK;
    char *path = rec_path_join(err, folder, "adapter_config.json");
    if (path == NULL)
        return REC_ERR_RESOURCE;
    if (!rec_path_exists(path))
        REC_TRY(
            rec_fail(err, REC_ERR_MODEL, "%s: no adapter: adapter_config.json is missing", folder));
    REC_TRY(as_model_error(rec_json_read(&json, path, err), err));
    REC_TRY(refuse_options(json, path, err));
    REC_TRY(read_numbers(f, json, path, err));
    status = read_targets(&f->targets, json, path, err);
cleanup:
    cJSON_Delete(json);
    free(path);
    return status;
}

/* ---- adapter_model.safetensors ---- */

typedef struct reading {
    rec_adapter_file *adapter;
    const rec_tensor_file *file;
    bool *used;  /* (tensors) */
    float *next; /* into values */
} reading;

/* "base_model.model." and what wrappers put in front of the model are passed over. */
static const rec_tensor_view *find_factor(reading *r, const char *module, const char *which)
{
    char end[160];
    snprintf(end, sizeof end, "%s.%s.weight",
             strncmp(module, "model.", 6) == 0 ? module + 6 : module, which);
    for (size_t i = 0; i < rec_tensor_file_count(r->file); i++) {
        const rec_tensor_view *view = rec_tensor_file_at(r->file, i);
        if (!r->used[i] && ends_with_parts(view->name, end)) {
            r->used[i] = true;
            return view;
        }
    }
    return NULL;
}

static rec_status read_factor(const float **out, reading *r, const rec_tensor_view *view,
                              size_t rows, size_t cols, rec_error *err)
{
    rec_weight_format format = view->dtype == REC_F16    ? REC_FORMAT_F16
                               : view->dtype == REC_BF16 ? REC_FORMAT_BF16
                                                         : REC_FORMAT_F32;
    if (format == REC_FORMAT_F32 && view->dtype != REC_F32)
        return rec_fail(err, REC_ERR_MODEL, "tensor %s: %s weights (F32, F16, BF16)", view->name,
                        rec_dtype_name(view->dtype));
    if (view->n_dims != 2 || view->shape[0] != rows || view->shape[1] != cols)
        return rec_fail(err, REC_ERR_MODEL,
                        "tensor %s: shape (%zu, %zu) should be (%zu, %zu) for rank %zu on this "
                        "model",
                        view->name, view->n_dims > 0 ? view->shape[0] : 0,
                        view->n_dims > 1 ? view->shape[1] : 0, rows, cols, r->adapter->rank);
    rec_dequantise(r->next, format, view->data, rows * cols);
    for (size_t i = 0; i < rows * cols; i++)
        if (!isfinite(r->next[i]))
            return rec_fail(err, REC_ERR_MODEL, "tensor %s: NaN or infinity in row %zu", view->name,
                            i / cols);
    *out = r->next;
    r->next += rows * cols;
    return REC_OK;
}

static rec_status read_pair(void *context, const rec_lm_tensor *tensor, rec_error *err)
{
    reading *r = context;
    rec_adapter_file *f = r->adapter;
    char module[128];
    if (!rec_lm_role_is_linear(tensor->role))
        return REC_OK;
    rec_lm_module_name(module, tensor);
    const rec_tensor_view *a = find_factor(r, module, "lora_A");
    const rec_tensor_view *b = find_factor(r, module, "lora_B");
    if (a == NULL && b == NULL)
        return REC_OK;
    if (a == NULL || b == NULL)
        return rec_fail(err, REC_ERR_MODEL, "%s has no %s", module,
                        a == NULL ? "lora_A" : "lora_B");
    rec_adapter_pair *pair = &f->pairs[tensor->layer][tensor->role];
    rec_status status = read_factor(&pair->a, r, a, f->rank, tensor->cols, err);
    if (status == REC_OK)
        status = read_factor(&pair->b, r, b, tensor->rows, f->rank, err);
    f->n_pairs++;
    return status;
}

static rec_status check_all_used(const reading *r, rec_error *err)
{
    for (size_t i = 0; i < rec_tensor_file_count(r->file); i++)
        if (!r->used[i])
            return rec_fail(err, REC_ERR_MODEL,
                            "tensor %s belongs to no linear map of this model: an adapter of "
                            "another base",
                            rec_tensor_file_at(r->file, i)->name);
    return r->adapter->n_pairs > 0 ? REC_OK
                                   : rec_fail(err, REC_ERR_MODEL, "there is no tensor in it");
}

static size_t count_values(const rec_tensor_file *file)
{
    size_t n = 0; /* the views lie in one file: the sum fits */
    for (size_t i = 0; i < rec_tensor_file_count(file); i++)
        n += rec_tensor_file_at(file, i)->n_elements;
    return n;
}

static rec_status read_pairs(rec_adapter_file *f, const rec_lm_config *config, const char *path,
                             rec_error *err)
{
    rec_tensor_file *file = NULL;
    reading r = {.adapter = f};
    rec_status status = as_model_error(rec_tensor_file_open(&file, path, err), err);
    if (status != REC_OK)
        return status;
    r.file = file;
    REC_TRY_NEW(r.used, rec_tensor_file_count(file) + 1, err);
    REC_TRY_NEW(f->values, count_values(file) + 1, err);
    REC_TRY_NEW(f->pairs, config->n_layers + 1, err);
    r.next = f->values;
    REC_TRY(rec_lm_each_tensor(config, read_pair, &r, err));
    status = check_all_used(&r, err);
cleanup:
    if (status != REC_OK)
        rec_error_prefix(err, "%s", path);
    free(r.used);
    rec_tensor_file_close(file);
    return status;
}

/* Where the targets were a pattern: the modules it matched. */
static rec_status name_targets(void *context, const rec_lm_tensor *tensor, rec_error *err)
{
    rec_adapter_file *f = context;
    char module[128];
    if (f->pairs[tensor->layer][tensor->role].a == NULL)
        return REC_OK;
    rec_lm_module_name(module, tensor);
    return add_target(&f->targets, module, err);
}

static rec_status refuse_pickle(const char *folder, const char *tensors, rec_error *err)
{
    rec_status status = REC_OK;
    char *pickle = rec_path_join(err, folder, "adapter_model.bin");
    if (pickle == NULL)
        return REC_ERR_RESOURCE;
    if (!rec_path_exists(tensors) && rec_path_exists(pickle))
        status = rec_fail(err, REC_ERR_MODEL,
                          "%s: a pickle can run any code when it is read; save the adapter as "
                          "safetensors",
                          pickle);
    free(pickle);
    return status;
}

rec_status rec_adapter_file_open(rec_adapter_file **out, const rec_lm_config *config,
                                 const char *folder, rec_error *err)
{
    rec_status status = REC_OK;
    rec_adapter_file *f = NULL;
    char *tensors = NULL;
    *out = NULL;
    REC_TRY_NEW(f, 1, err);
    REC_TRY(read_config(f, folder, err));
    tensors = rec_path_join(err, folder, "adapter_model.safetensors");
    if (tensors == NULL) {
        status = REC_ERR_RESOURCE;
        goto cleanup;
    }
    REC_TRY(refuse_pickle(folder, tensors, err));
    REC_TRY(read_pairs(f, config, tensors, err));
    if (f->targets.n == 0)
        REC_TRY(rec_lm_each_tensor(config, name_targets, f, err));
    *out = f;
    f = NULL;
cleanup:
    free(tensors);
    rec_adapter_file_free(f);
    return status;
}
