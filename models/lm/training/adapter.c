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

static bool targets_module(char *const *targets, const char *module)
{
    for (size_t i = 0; targets[i] != NULL; i++)
        if (rec_adapter_targets(targets[i], module))
            return true;
    return false;
}

/* Parameters first, since tensors have addresses only once the block is allocated. */
typedef struct adding {
    rec_adapter *a;
    bool link; /* second walk: tensors into the table of pairs */
    size_t next;
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
    rec_lm_module_name(module, tensor);
    if (!targets_module(w->a->targets, module))
        return REC_OK;
    if (!w->link)
        return add_pair(w, tensor, module, err);
    link_pair(w, tensor);
    return REC_OK;
}

typedef struct target_search {
    const char *target;
    bool found;
} target_search;

static rec_status look_for_target(void *context, const rec_lm_tensor *tensor, rec_error *err)
{
    target_search *search = context;
    char module[128];
    (void)err;
    if (!rec_lm_role_is_linear(tensor->role))
        return REC_OK;
    rec_lm_module_name(module, tensor);
    search->found |= rec_adapter_targets(search->target, module);
    return REC_OK;
}

/* A mistyped target would leave its maps untrained without a word. */
static rec_status check_targets(const rec_transformer *base, const rec_string_list *targets,
                                rec_error *err)
{
    if (targets->n == 0)
        return rec_fail(err, REC_ERR_CONFIG, "an adapter without targets");
    for (size_t i = 0; i < targets->n; i++) {
        target_search search = {.target = targets->items[i]};
        rec_status status = rec_lm_each_tensor(&base->config, look_for_target, &search, err);
        if (status != REC_OK)
            return status;
        if (!search.found)
            return rec_fail(err, REC_ERR_CONFIG,
                            "no linear map of the model is called %s (%s, or all-linear)",
                            targets->items[i],
                            base->config.encoder ? "query, key, value, attention.output.dense, "
                                                   "intermediate.dense, output.dense"
                                                 : "q_proj, k_proj, v_proj, o_proj, gate_proj, "
                                                   "up_proj, down_proj");
    }
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
    REC_TRY(check_targets(base, &options->targets, err));
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

/* The maps of one layer by name: PEFT's own "all-linear" would add an encoder's pooler. */
static void add_linear_names(cJSON *names, const rec_transformer *base)
{
    for (int role = REC_LM_FIRST_LAYER_ROLE; role < REC_LM_N_ROLES; role++) {
        rec_lm_tensor tensor;
        char module[128];
        if (!rec_lm_role_is_linear((rec_lm_role)role) ||
            !rec_lm_has(&base->config, (rec_lm_role)role))
            continue;
        rec_lm_describe(&tensor, &base->config, (rec_lm_role)role, 0);
        rec_lm_module_name(module, &tensor);
        cJSON_AddItemToArray(names, cJSON_CreateString(strstr(module, ".0.") + 3));
    }
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
    cJSON *targets = cJSON_AddArrayToObject(json, "target_modules");
    for (size_t i = 0; a->targets[i] != NULL; i++) {
        if (strcmp(a->targets[i], "all-linear") == 0)
            add_linear_names(targets, base);
        else
            cJSON_AddItemToArray(targets, cJSON_CreateString(a->targets[i]));
    }
    return json;
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
    status = rec_json_write(json, folder, "adapter_config.json", err);
cleanup:
    cJSON_Delete(json);
    free(path);
    rec_tensor_writer_free(writer);
    return status;
}

/* Factors of the file into the pairs of a new adapter with the file's targets. */
static rec_status copy_pairs(rec_adapter *a, const rec_adapter_file *file, const char *folder,
                             rec_error *err)
{
    for (size_t l = 0; l < a->n_layers; l++)
        for (size_t r = 0; r < REC_LM_N_ROLES; r++) {
            rec_lora *lora = &a->lora[l][r];
            const rec_adapter_pair *pair = &file->pairs[l][r];
            if (lora->a == NULL && pair->a == NULL)
                continue;
            if (lora->a == NULL || pair->a == NULL)
                return rec_fail(err, REC_ERR_MODEL,
                                "%s: layer %zu: target_modules and the tensors beside it do not "
                                "name the same maps",
                                folder, l);
            memcpy(lora->a->value, pair->a, a->rank * lora->a->cols * sizeof *pair->a);
            memcpy(lora->b->value, pair->b, lora->b->rows * a->rank * sizeof *pair->b);
        }
    return REC_OK;
}

rec_status rec_adapter_load(rec_adapter **out, const rec_transformer *base, const char *folder,
                            rec_error *err)
{
    rec_status status = REC_OK;
    rec_adapter *a = NULL;
    rec_adapter_file *file = NULL;
    REC_TRY(rec_adapter_file_open(&file, &base->config, folder, err));
    const rec_adapter_options options = {.rank = (int64_t)file->rank,
                                         .alpha = file->alpha,
                                         .dropout = file->dropout,
                                         .targets = file->targets};
    REC_TRY(rec_adapter_new(&a, base, &options, 0, err));
    REC_TRY(copy_pairs(a, file, folder, err));
    *out = a;
    a = NULL;
cleanup:
    rec_adapter_free(a);
    rec_adapter_file_free(file);
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
