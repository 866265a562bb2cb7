#include "models/lm/weight_source.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/json.h"
#include "core/memory.h"
#include "core/tensor_file.h"

/* ---- which files ---- */

static bool ends_with(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);
    return n >= m && strcmp(text + n - m, end) == 0;
}

static bool is_pickle(const char *name)
{
    return ends_with(name, ".bin") || ends_with(name, ".pt") || ends_with(name, ".pth") ||
           ends_with(name, ".ckpt");
}

static rec_status refuse_pickle(const char *path, rec_error *err)
{
    return rec_fail(err, REC_ERR_MODEL,
                    "%s: a pickle can run any code when it is read; save the model as safetensors "
                    "(save_pretrained(..., safe_serialization=True)) or GGUF",
                    path);
}

typedef struct listing {
    char *gguf; /* owned: path of the last .gguf file */
    size_t n_gguf;
    bool safetensors, pickle;
} listing;

static rec_status list_folder(listing *out, const char *folder, rec_error *err)
{
    DIR *directory = opendir(folder);
    if (directory == NULL)
        return rec_fail_errno(err, REC_ERR_MODEL, "%s: cannot list the folder", folder);
    rec_status status = REC_OK;
    const struct dirent *entry;
    while (status == REC_OK && (entry = readdir(directory)) != NULL) {
        out->safetensors |= ends_with(entry->d_name, ".safetensors");
        out->pickle |= is_pickle(entry->d_name);
        if (!ends_with(entry->d_name, ".gguf"))
            continue;
        free(out->gguf);
        out->gguf = rec_path_join(err, folder, entry->d_name);
        status = out->gguf != NULL ? REC_OK : REC_ERR_RESOURCE;
        out->n_gguf++;
    }
    closedir(directory);
    return status;
}

static rec_status look_into_folder(rec_lm_files *out, const char *folder, rec_error *err)
{
    listing l = {.gguf = NULL};
    rec_status status = REC_OK;
    char *config = rec_path_join(err, folder, "config.json");
    char *adapter_config = rec_path_join(err, folder, "adapter_config.json");
    if (config == NULL || adapter_config == NULL) {
        status = REC_ERR_RESOURCE;
        goto cleanup;
    }
    bool adapter = rec_path_exists(adapter_config);
    REC_TRY(list_folder(&l, folder, err));
    if (l.safetensors && rec_path_exists(config)) {
        out->folder = rec_strdup(folder, err);
        status = out->folder != NULL ? REC_OK : REC_ERR_RESOURCE;
    } else if (l.n_gguf == 1) {
        out->gguf = l.gguf;
        l.gguf = NULL;
    } else if (l.n_gguf > 1) {
        status =
            rec_fail(err, REC_ERR_MODEL, "%s: %zu .gguf files; name one of them", folder, l.n_gguf);
    } else if (adapter) {
        status = rec_fail(err, REC_ERR_MODEL,
                          "%s: an adapter (adapter_config.json): open its base model and give this "
                          "folder as the adapter",
                          folder);
    } else if (l.pickle) {
        status = refuse_pickle(folder, err);
    } else {
        status = rec_fail(err, REC_ERR_MODEL,
                          "%s: no model: neither config.json with .safetensors nor a .gguf file",
                          folder);
    }
cleanup:
    free(l.gguf);
    free(adapter_config);
    free(config);
    return status;
}

rec_status rec_lm_files_find(rec_lm_files *out, const char *path, rec_error *err)
{
    char *resolved = NULL;
    *out = (rec_lm_files){.folder = NULL};
    rec_status status = rec_data_path(&resolved, path, err);
    if (status != REC_OK)
        return status;
    if (rec_path_is_folder(resolved))
        status = look_into_folder(out, resolved, err);
    else if (!rec_path_exists(resolved))
        status = rec_fail_errno(err, REC_ERR_MODEL, "%s: no such model", resolved);
    else if (is_pickle(resolved))
        status = refuse_pickle(resolved, err);
    else {
        out->gguf = resolved;
        return REC_OK;
    }
    free(resolved);
    return status;
}

rec_status rec_lm_files_set_adapter(rec_lm_files *files, const char *folder, rec_error *err)
{
    char *resolved = NULL;
    rec_status status = folder != NULL ? rec_data_path(&resolved, folder, err) : REC_OK;
    if (status != REC_OK)
        return status;
    free(files->adapter);
    files->adapter = resolved;
    return REC_OK;
}

void rec_lm_files_deinit(rec_lm_files *files)
{
    free(files->folder);
    free(files->gguf);
    free(files->adapter);
    *files = (rec_lm_files){.folder = NULL};
}

/* ---- the source ---- */

enum { PREFIX_MAX = 64 };

struct rec_weight_source {
    char *name; /* path of the model, for messages */
    rec_gguf *gguf;
    rec_tensor_file **shards; /* owned */
    size_t n_shards;
    char prefix[PREFIX_MAX]; /* of safetensors names, in front of the layout's without "model." */
    bool *used;              /* owned: by GGUF tensor, or by shard and tensor in turn */
};

void rec_weight_source_free(rec_weight_source *s)
{
    if (s == NULL)
        return;
    for (size_t i = 0; i < s->n_shards; i++)
        rec_tensor_file_close(s->shards[i]);
    free(s->shards);
    rec_gguf_close(s->gguf);
    free(s->used);
    free(s->name);
    free(s);
}

const rec_gguf *rec_weight_source_gguf(const rec_weight_source *s)
{
    return s->gguf;
}

const char *rec_weight_source_name(const rec_weight_source *s)
{
    return s->name;
}

static size_t count_tensors(const rec_weight_source *s)
{
    size_t n = s->gguf != NULL ? rec_gguf_n_tensors(s->gguf) : 0;
    for (size_t i = 0; i < s->n_shards; i++)
        n += rec_tensor_file_count(s->shards[i]);
    return n;
}

static rec_status add_shard(rec_weight_source *s, const char *folder, const char *file,
                            rec_error *err)
{
    rec_tensor_file **shards = rec_realloc(s->shards, s->n_shards + 1, sizeof *shards, err);
    if (shards == NULL)
        return REC_ERR_RESOURCE;
    s->shards = shards;
    char *path = rec_path_join(err, folder, file);
    if (path == NULL)
        return REC_ERR_RESOURCE;
    rec_status status = rec_tensor_file_open(&s->shards[s->n_shards], path, err);
    free(path);
    s->n_shards += status == REC_OK;
    return status;
}

/* Has an earlier entry of the map named the same file? */
static bool is_listed(const cJSON *map, const cJSON *entry)
{
    for (const cJSON *e = map->child; e != entry; e = e->next) {
        if (strcmp(e->valuestring, entry->valuestring) == 0)
            return true;
    }
    return false;
}

/* model.safetensors.index.json: {"weight_map": {tensor: file}}. */
static rec_status open_index(rec_weight_source *s, const char *folder, const char *path,
                             rec_error *err)
{
    cJSON *json = NULL;
    const cJSON *entry;
    rec_status status = rec_json_read(&json, path, err);
    const cJSON *map = cJSON_GetObjectItemCaseSensitive(json, "weight_map");
    if (status == REC_OK && (!cJSON_IsObject(map) || map->child == NULL))
        status = rec_fail(err, REC_ERR_MODEL, "%s: weight_map is missing", path);
    cJSON_ArrayForEach(entry, map)
    {
        if (status != REC_OK)
            break;
        const char *file = cJSON_GetStringValue(entry);
        if (file == NULL || strchr(file, '/') != NULL)
            status = rec_fail(err, REC_ERR_MODEL, "%s: %s: not the name of a file beside it", path,
                              entry->string);
        else if (!is_listed(map, entry))
            status = add_shard(s, folder, file, err);
    }
    cJSON_ArrayForEach(entry, map)
    {
        bool found = false;
        for (size_t i = 0; status == REC_OK && i < s->n_shards && !found; i++)
            found = rec_tensor_file_find(s->shards[i], entry->string) != NULL;
        if (status == REC_OK && !found)
            status = rec_fail(err, REC_ERR_MODEL, "%s: tensor %s is in none of the files", path,
                              entry->string);
    }
    cJSON_Delete(json);
    return status;
}

static rec_status open_safetensors(rec_weight_source *s, const char *folder, rec_error *err)
{
    char *index = rec_path_join(err, folder, "model.safetensors.index.json");
    if (index == NULL)
        return REC_ERR_RESOURCE;
    rec_status status = rec_path_exists(index) ? open_index(s, folder, index, err)
                                               : add_shard(s, folder, "model.safetensors", err);
    free(index);
    return status;
}

static const char *without_model(const char *name)
{
    return strncmp(name, "model.", 6) == 0 ? name + 6 : name;
}

/* Checkpoints of bare and of wrapped models differ by a prefix ("", "model.", "bert.", ...): it is
 * what precedes the name of the embeddings. */
static rec_status find_prefix(rec_weight_source *s, const rec_lm_config *config, rec_error *err)
{
    rec_lm_tensor embed;
    rec_lm_describe(&embed, config, REC_LM_EMBED, 0);
    const char *wanted = without_model(embed.name);
    for (size_t i = 0; i < s->n_shards; i++) {
        for (size_t j = 0; j < rec_tensor_file_count(s->shards[i]); j++) {
            const char *name = rec_tensor_file_at(s->shards[i], j)->name;
            size_t n = ends_with(name, wanted) ? strlen(name) - strlen(wanted) : PREFIX_MAX;
            if (n < PREFIX_MAX && (n == 0 || name[n - 1] == '.')) {
                memcpy(s->prefix, name, n);
                return REC_OK;
            }
        }
    }
    return rec_fail(err, REC_ERR_MODEL, "%s: tensor %s is missing", s->name, embed.name);
}

static rec_status open_files(rec_weight_source *s, rec_lm_config *config, const rec_lm_files *files,
                             rec_error *err)
{
    rec_status status = REC_OK;
    if (files->gguf != NULL) {
        REC_TRY(rec_gguf_open(&s->gguf, files->gguf, err));
        return rec_lm_config_from_gguf(config, s->gguf, files->gguf, err);
    }
    REC_TRY(rec_lm_config_read(config, files->folder, err));
    REC_TRY(open_safetensors(s, files->folder, err));
    status = find_prefix(s, config, err);
cleanup:
    return status;
}

rec_status rec_weight_source_open(rec_weight_source **out, rec_lm_config *config,
                                  const rec_lm_files *files, rec_error *err)
{
    rec_weight_source *s;
    rec_status status = REC_OK;
    *out = NULL;
    REC_TRY_NEW(s, 1, err);
    s->name = rec_strdup(files->gguf != NULL ? files->gguf : files->folder, err);
    if (s->name == NULL) {
        status = REC_ERR_RESOURCE;
        goto cleanup;
    }
    REC_TRY(open_files(s, config, files, err));
    REC_TRY_NEW(s->used, count_tensors(s), err);
    *out = s;
    return REC_OK;
cleanup:
    rec_weight_source_free(s);
    if (status == REC_ERR_DATA) /* a damaged model file is a model error */
        status = rec_fail(err, REC_ERR_MODEL, "%s", err != NULL ? err->message : "");
    return status;
}

/* ---- finding ---- */

static rec_status check_shape(const rec_weight_source *s, const rec_lm_tensor *wanted,
                              const char *name, const size_t *shape, size_t n_dims, rec_error *err)
{
    bool good = wanted->vector
                    ? n_dims == 1 && shape[0] == wanted->cols
                    : n_dims == 2 && shape[0] == wanted->rows && shape[1] == wanted->cols;
    if (good)
        return REC_OK;
    return rec_fail(err, REC_ERR_MODEL, "%s: tensor %s: shape (%zu%s%.0zu) should be (%zu, %zu)%s",
                    s->name, name, n_dims > 0 ? shape[0] : 0, n_dims > 1 ? ", " : "",
                    n_dims > 1 ? shape[1] : 0, wanted->rows, wanted->cols,
                    wanted->vector ? ", a vector" : "");
}

static rec_status find_in_gguf(rec_foreign_tensor *out, rec_weight_source *s,
                               const rec_lm_tensor *wanted, rec_error *err)
{
    const rec_gguf_tensor *t = rec_gguf_tensor_find(s->gguf, wanted->gguf);
    if (t == NULL)
        return rec_fail(err, REC_ERR_MODEL, "%s: tensor %s is missing", s->name, wanted->gguf);
    s->used[t - rec_gguf_tensor_at(s->gguf, 0)] = true;
    *out = (rec_foreign_tensor){.name = t->name, .format = t->format, .data = t->data};
    return check_shape(s, wanted, t->name, t->shape, t->n_dims, err);
}

static rec_status format_of_dtype(rec_weight_format *out, const rec_weight_source *s,
                                  const rec_tensor_view *view, rec_error *err)
{
    switch (view->dtype) {
    case REC_F32:
        *out = REC_FORMAT_F32;
        return REC_OK;
    case REC_F16:
        *out = REC_FORMAT_F16;
        return REC_OK;
    case REC_BF16:
        *out = REC_FORMAT_BF16;
        return REC_OK;
    default:
        return rec_fail(err, REC_ERR_MODEL, "%s: tensor %s: %s weights (F32, F16, BF16)", s->name,
                        view->name, rec_dtype_name(view->dtype));
    }
}

static rec_status find_in_shards(rec_foreign_tensor *out, rec_weight_source *s,
                                 const rec_lm_tensor *wanted, rec_error *err)
{
    char name[sizeof wanted->name + PREFIX_MAX];
    bool head = wanted->role == REC_LM_HEAD; /* it stands beside the wrapped model */
    snprintf(name, sizeof name, "%s%s", head ? "" : s->prefix, without_model(wanted->name));
    size_t first = 0;
    for (size_t i = 0; i < s->n_shards; i++) {
        const rec_tensor_view *view = rec_tensor_file_find(s->shards[i], name);
        if (view == NULL) {
            first += rec_tensor_file_count(s->shards[i]);
            continue;
        }
        s->used[first + (size_t)(view - rec_tensor_file_at(s->shards[i], 0))] = true;
        *out = (rec_foreign_tensor){.name = view->name, .data = view->data};
        rec_status status = format_of_dtype(&out->format, s, view, err);
        return status == REC_OK ? check_shape(s, wanted, view->name, view->shape, view->n_dims, err)
                                : status;
    }
    return rec_fail(err, REC_ERR_MODEL, "%s: tensor %s is missing", s->name, name);
}

rec_status rec_weight_source_find(rec_foreign_tensor *out, rec_weight_source *s,
                                  const rec_lm_tensor *wanted, rec_error *err)
{
    return s->gguf != NULL ? find_in_gguf(out, s, wanted, err)
                           : find_in_shards(out, s, wanted, err);
}

/* What checkpoints carry along without a part in hidden states or logits. */
static bool may_be_unused(const char *name, const rec_lm_config *c)
{
    if (c->encoder)
        return strstr(name, "position_ids") != NULL || strstr(name, "pooler.") != NULL ||
               strncmp(name, "cls.", 4) == 0 || strncmp(name, "lm_head.", 8) == 0;
    return strstr(name, "rotary_emb.inv_freq") != NULL || strcmp(name, "rope_freqs.weight") == 0 ||
           (strcmp(name, "lm_head.weight") == 0 && (c->tied || !c->has_head));
}

rec_status rec_weight_source_check_unused(const rec_weight_source *s, const rec_lm_config *config,
                                          rec_error *err)
{
    size_t shard = 0, at = 0;
    for (size_t i = 0; i < count_tensors(s); i++, at++) {
        while (s->gguf == NULL && at == rec_tensor_file_count(s->shards[shard])) {
            shard++;
            at = 0;
        }
        const char *name = s->gguf != NULL ? rec_gguf_tensor_at(s->gguf, i)->name
                                           : rec_tensor_file_at(s->shards[shard], at)->name;
        if (!s->used[i] && !may_be_unused(name, config))
            return rec_fail(err, REC_ERR_MODEL, "%s: unexpected tensor %s", s->name, name);
    }
    return REC_OK;
}
