#include "models/reclm_emb/manifest.h"

#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/hash.h"
#include "core/json.h"
#include "core/json_build.h"
#include "core/memory.h"
#include "models/reclm_emb/model.h"

#define MANIFEST_NAME "recai_emb.json"
#define WEIGHTS_NAME "model.safetensors"

static const char *const prefix_keys[2] = {"query_prefix", "passage_prefix"};
static const char *const length_keys[2] = {"query_length", "passage_length"};

/* ---- reading ---- */

static const char *pooling_name(const rec_lm_config *c)
{
    return c->pooling == REC_POOL_CLS ? "cls" : c->pooling == REC_POOL_MEAN ? "mean" : "last";
}

static rec_status check_pooling(const cJSON *json, const rec_lm_config *c, rec_error *err)
{
    if (!cJSON_HasObjectItem(json, "pooling"))
        return REC_OK;
    const char *pooling = rec_json_string(json, "pooling", err);
    if (pooling == NULL)
        return REC_ERR_DATA;
    if (strcmp(pooling, pooling_name(c)) != 0)
        return rec_fail(err, REC_ERR_MODEL,
                        "the model was tuned with pooling \"%.20s\"; the folder's own files say "
                        "\"%s\"",
                        pooling, pooling_name(c));
    return REC_OK;
}

static rec_status check_length(const cJSON *json, const rec_lm_config *c, rec_error *err)
{
    const cJSON *normalise = cJSON_GetObjectItemCaseSensitive(json, "normalise");
    if (normalise == NULL)
        return REC_OK;
    if (!cJSON_IsBool(normalise))
        return rec_fail(err, REC_ERR_DATA, "normalise: true or false");
    if (cJSON_IsTrue(normalise) != (int)c->normalise)
        return rec_fail(err, REC_ERR_MODEL,
                        "the model was tuned with vectors %s length 1; the folder's own files say "
                        "otherwise",
                        cJSON_IsTrue(normalise) ? "of" : "not of");
    return REC_OK;
}

/* What is said of the vectors must be what the weights and the files beside them give. */
static rec_status check_vectors(const cJSON *json, const rec_lm_config *c, rec_error *err)
{
    double dim;
    rec_status status = rec_json_number(&dim, json, "dim", err);
    if (status != REC_OK)
        return status;
    if (dim != (double)c->d_model)
        return rec_fail(err, REC_ERR_MODEL,
                        "it is of an encoder of %.0f dimensions, the weights have %zu", dim,
                        c->d_model);
    status = check_pooling(json, c, err);
    return status == REC_OK ? check_length(json, c, err) : status;
}

static rec_status take_layout(rec_emb_manifest *out, const cJSON *json, rec_error *err)
{
    const char *layout = rec_json_string(json, "item_layout", err);
    if (layout == NULL)
        return REC_ERR_DATA;
    while (out->layout < REC_EMB_N_LAYOUTS &&
           strcmp(layout, rec_emb_layout_names[out->layout]) != 0)
        out->layout++;
    if (out->layout == REC_EMB_N_LAYOUTS)
        return rec_fail(
            err, REC_ERR_MODEL,
            "the model was tuned on item texts of layout \"%.80s\"; this program writes "
            "\"%s\" and \"%s\"",
            layout, rec_emb_layout_names[REC_EMB_LAYOUT_OWN],
            rec_emb_layout_names[REC_EMB_LAYOUT_ORIGINAL]);
    return REC_OK;
}

static rec_status take_side(rec_emb_manifest *out, const cJSON *json, size_t side, rec_error *err)
{
    double length;
    const char *prefix = rec_json_string(json, prefix_keys[side], err);
    if (prefix == NULL)
        return REC_ERR_DATA;
    rec_status status = rec_json_number(&length, json, length_keys[side], err);
    if (status == REC_OK && !(length >= 2 && length <= 1e6))
        status = rec_fail(err, REC_ERR_MODEL, "%s: 2 to 1000000", length_keys[side]);
    if (status != REC_OK)
        return status;
    out->length[side] = (size_t)length;
    out->prefix[side] = rec_strdup(prefix, err);
    return out->prefix[side] != NULL ? REC_OK : REC_ERR_RESOURCE;
}

static rec_status hash_weights(char hex[REC_SHA256_HEX], const char *folder, rec_error *err)
{
    char *path = rec_path_join(err, folder, WEIGHTS_NAME);
    rec_status status = path != NULL ? rec_sha256_file(hex, path, err) : REC_ERR_RESOURCE;
    free(path);
    return status;
}

/* A manifest beside other weights than it was written for says nothing true of them. */
static rec_status check_weights(const cJSON *json, const char *folder, rec_error *err)
{
    char hex[REC_SHA256_HEX];
    if (!cJSON_HasObjectItem(json, "weights_sha256"))
        return REC_OK;
    const char *expected = rec_json_string(json, "weights_sha256", err);
    rec_status status = expected != NULL ? hash_weights(hex, folder, err) : REC_ERR_DATA;
    if (status == REC_OK && strcmp(hex, expected) != 0)
        status = rec_fail(err, REC_ERR_MODEL,
                          "it was written for other weights: " WEIGHTS_NAME
                          " has the SHA-256 %.12s..., not %.12s...",
                          hex, expected);
    return status;
}

static rec_status take_manifest(rec_emb_manifest *out, const cJSON *json, const char *folder,
                                const rec_lm_config *config, rec_error *err)
{
    rec_status status = take_layout(out, json, err);
    if (status == REC_OK)
        status = check_vectors(json, config, err);
    for (size_t s = 0; s < 2 && status == REC_OK; s++)
        status = take_side(out, json, s, err);
    return status == REC_OK ? check_weights(json, folder, err) : status;
}

/* Whatever is wrong with the file, it is the model that cannot be used. */
static rec_status model_error(rec_status status, rec_error *err)
{
    if (status != REC_ERR_DATA)
        return status;
    if (err != NULL)
        err->status = REC_ERR_MODEL;
    return REC_ERR_MODEL;
}

rec_status rec_emb_manifest_read(rec_emb_manifest *out, const char *folder,
                                 const rec_lm_config *config, rec_error *err)
{
    cJSON *json = NULL;
    *out = (rec_emb_manifest){.found = false};
    char *path = rec_path_join(err, folder, MANIFEST_NAME);
    rec_status status = path != NULL ? REC_OK : REC_ERR_RESOURCE;
    if (status == REC_OK && rec_path_exists(path)) {
        status = rec_json_read(&json, path, err);
        if (status == REC_OK && (status = take_manifest(out, json, folder, config, err)) != REC_OK)
            rec_error_prefix(err, "%s", path);
        status = model_error(status, err);
        out->found = status == REC_OK;
    }
    cJSON_Delete(json);
    free(path);
    if (status != REC_OK)
        rec_emb_manifest_deinit(out);
    return status;
}

void rec_emb_manifest_deinit(rec_emb_manifest *m)
{
    free(m->prefix[0]);
    free(m->prefix[1]);
    *m = (rec_emb_manifest){.found = false};
}

/* ---- writing ---- */

static rec_status write_text(const char *folder, const char *name, const char *text, rec_error *err)
{
    char *path = rec_path_join(err, folder, name);
    rec_status status =
        path != NULL ? rec_atomic_write(path, text, strlen(text), err) : REC_ERR_RESOURCE;
    free(path);
    return status;
}

static rec_status write_manifest(const rec_emb_model *m, const char *folder, rec_error *err)
{
    const rec_lm_config *config = rec_transformer_config(m->transformer);
    char weights[REC_SHA256_HEX];
    cJSON *json = NULL;
    rec_status status;
    REC_TRY(hash_weights(weights, folder, err));
    REC_TRY(rec_json_new_object(&json, err));
    REC_TRY(rec_json_add_text(json, "item_layout", rec_emb_layout_names[m->layout], err));
    REC_TRY(rec_json_add_count(json, "dim", m->dim, err));
    REC_TRY(rec_json_add_text(json, "pooling", pooling_name(config), err));
    REC_TRY(rec_json_add_bool(json, "normalise", config->normalise, err));
    for (size_t s = 0; s < 2; s++) {
        REC_TRY(rec_json_add_text(json, prefix_keys[s], m->prefix[s], err));
        REC_TRY(rec_json_add_count(json, length_keys[s], m->length[s], err));
    }
    REC_TRY(rec_json_add_text(json, "weights_sha256", weights, err));
    status = rec_json_write(json, folder, MANIFEST_NAME, err);
cleanup:
    cJSON_Delete(json);
    return status;
}

static rec_status write_pooling(const rec_emb_model *m, const char *folder, rec_error *err)
{
    const rec_lm_config *c = rec_transformer_config(m->transformer);
    cJSON *json = NULL;
    char *inner = rec_path_join(err, folder, "1_Pooling");
    rec_status status = inner != NULL ? rec_make_folders(inner, err) : REC_ERR_RESOURCE;
    if (status != REC_OK)
        goto cleanup;
    REC_TRY(rec_json_new_object(&json, err));
    REC_TRY(rec_json_add_count(json, "word_embedding_dimension", m->dim, err));
    REC_TRY(rec_json_add_bool(json, "pooling_mode_cls_token", c->pooling == REC_POOL_CLS, err));
    REC_TRY(rec_json_add_bool(json, "pooling_mode_mean_tokens", c->pooling == REC_POOL_MEAN, err));
    REC_TRY(rec_json_add_bool(json, "pooling_mode_max_tokens", false, err));
    REC_TRY(rec_json_add_bool(json, "pooling_mode_mean_sqrt_len_tokens", false, err));
    REC_TRY(rec_json_add_bool(json, "pooling_mode_lasttoken", c->pooling == REC_POOL_LAST, err));
    status = rec_json_write(json, inner, "config.json", err);
cleanup:
    cJSON_Delete(json);
    free(inner);
    return status;
}

static rec_status write_modules(const rec_emb_model *m, const char *folder, rec_error *err)
{
    static const char transformer_and_pooling[] =
        "[{\"idx\":0,\"name\":\"0\",\"path\":\"\",\"type\":\"sentence_transformers.models."
        "Transformer\"},{\"idx\":1,\"name\":\"1\",\"path\":\"1_Pooling\",\"type\":\"sentence_"
        "transformers.models.Pooling\"}%s]";
    static const char normalize[] = ",{\"idx\":2,\"name\":\"2\",\"path\":\"2_Normalize\",\"type\":"
                                    "\"sentence_transformers.models.Normalize\"}";
    bool normalises = rec_transformer_config(m->transformer)->normalise;
    char *modules = rec_format(err, transformer_and_pooling, normalises ? normalize : "");
    char *inner = rec_path_join(err, folder, "2_Normalize");
    rec_status status = modules != NULL && inner != NULL ? REC_OK : REC_ERR_RESOURCE;
    if (status == REC_OK && normalises)
        status = rec_make_folders(inner, err);
    if (status == REC_OK)
        status = write_text(folder, "modules.json", modules, err);
    free(inner);
    free(modules);
    return status;
}

static rec_status write_prompts(const rec_emb_model *m, const char *folder, rec_error *err)
{
    size_t longest = m->length[0] > m->length[1] ? m->length[0] : m->length[1];
    cJSON *json = NULL, *prompts;
    char *limits = rec_format(err, "{\"max_seq_length\":%zu,\"do_lower_case\":false}", longest);
    rec_status status = limits != NULL ? REC_OK : REC_ERR_RESOURCE;
    if (status == REC_OK)
        status = write_text(folder, "sentence_bert_config.json", limits, err);
    free(limits);
    if (status != REC_OK)
        return status;
    REC_TRY(rec_json_new_object(&json, err));
    REC_TRY(rec_json_add_object(&prompts, json, "prompts", err));
    REC_TRY(rec_json_add_text(prompts, "query", m->prefix[REC_EMB_QUERY], err));
    REC_TRY(rec_json_add_text(prompts, "passage", m->prefix[REC_EMB_PASSAGE], err));
    REC_TRY(rec_json_add_text(json, "similarity_fn_name", "cosine", err));
    status = rec_json_write(json, folder, "config_sentence_transformers.json", err);
cleanup:
    cJSON_Delete(json);
    return status;
}

/* A tokenizer made here says so itself; one that was read keeps its files. */
static rec_status write_tokenizer(const rec_emb_model *m, const char *folder, rec_error *err)
{
    static const char *const names[] = {"tokenizer.json", "tokenizer_config.json",
                                        "special_tokens_map.json", "vocab.txt"};
    const char *from = m->files.folder;
    bool copied, has_tokenizer = false;
    rec_status status = REC_OK;
    for (size_t i = 0; from != NULL && i < sizeof names / sizeof *names && status == REC_OK; i++) {
        status = rec_file_copy(&copied, from, folder, names[i], err);
        has_tokenizer = has_tokenizer || (copied && i == 0);
    }
    if (status != REC_OK || has_tokenizer)
        return status;
    char *path = rec_path_join(err, folder, "tokenizer.json");
    status = path != NULL ? rec_tokenizer_write(m->tokenizer, path, err) : REC_ERR_RESOURCE;
    free(path);
    if (status == REC_OK && from == NULL)
        status = write_text(folder, "tokenizer_config.json",
                            "{\"tokenizer_class\":\"PreTrainedTokenizerFast\",\"pad_token\":\"[PAD]"
                            "\",\"unk_token\":\"[UNK]\"}",
                            err);
    return status;
}

rec_status rec_emb_model_save(const rec_emb_model *m, const char *folder, rec_error *err)
{
    rec_status status;
    REC_TRY(rec_transformer_save(m->transformer, folder, err));
    REC_TRY(write_tokenizer(m, folder, err));
    REC_TRY(write_modules(m, folder, err));
    REC_TRY(write_pooling(m, folder, err));
    REC_TRY(write_prompts(m, folder, err));
    status = write_manifest(m, folder, err);
cleanup:
    return status;
}
