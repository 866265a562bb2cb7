#include "models/reclm_emb/model.h"

#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/interrupt.h"
#include "core/json.h"
#include "core/memory.h"
#include "models/lm/checkpoint.h"
#include "models/reclm_emb/manifest.h"

const rec_option rec_emb_format_options[] = {
    {"query_prefix", "put before every query; none: as the model's manifest says, else nothing",
     offsetof(rec_emb_format, prefix[REC_EMB_QUERY]), REC_OPT_STRING, .text = NULL},
    {"passage_prefix", "put before every item text, likewise",
     offsetof(rec_emb_format, prefix[REC_EMB_PASSAGE]), REC_OPT_STRING, .text = NULL},
    {"query_length", "tokens of a query at most; 0 = as the manifest says, else 64",
     offsetof(rec_emb_format, length[REC_EMB_QUERY]), REC_OPT_INT, .value = 0, .min = 0,
     .max = 1e6},
    {"passage_length", "tokens of an item text at most; 0 = as the manifest says, else 128",
     offsetof(rec_emb_format, length[REC_EMB_PASSAGE]), REC_OPT_INT, .value = 0, .min = 0,
     .max = 1e6},
    {.key = NULL},
};

#define FIELD(name) offsetof(rec_emb_shape, name)
const rec_option rec_emb_shape_options[] = {
    {"layers", "transformer layers", FIELD(layers), REC_OPT_INT, .value = 2, .min = 1, .max = 256},
    {"d_model", "size of its vectors", FIELD(d_model), REC_OPT_INT, .value = 64, .min = 8,
     .max = 8192},
    {"d_ff", "inner size of its MLPs", FIELD(d_ff), REC_OPT_INT, .value = 128, .min = 8,
     .max = 65536},
    {"heads", "attention heads; divides d_model", FIELD(heads), REC_OPT_INT, .value = 4, .min = 1,
     .max = 1024},
    {"vocab_size", "tokens learnt from the item texts", FIELD(vocab_size), REC_OPT_INT,
     .value = 2000, .min = 300, .max = 1e6},
    {"seed", "of the random weights", FIELD(seed), REC_OPT_INT, .value = 42, .min = 0, .max = 9e15},
    {.key = NULL},
};
#undef FIELD

/* ---- opening ---- */

static const float *find_tensor(const void *context, const rec_lm_tensor *tensor)
{
    const rec_emb_model *m = context;
    rec_tensor *found = rec_transformer_tensor(m->transformer, tensor->role, tensor->layer);
    return found != NULL ? found->value : NULL;
}

/* Inference reads the very weights that training changes. */
static rec_status wrap(rec_emb_model *m, rec_error *err)
{
    const rec_lm_config *config = rec_transformer_config(m->transformer);
    const rec_lm_local_options options = {.path = NULL};
    m->dim = config->d_model;
    rec_status status = rec_lm_weights_borrow(&m->view, config, find_tensor, m, err);
    if (status == REC_OK)
        status = rec_lm_local_wrap(&m->lm, &m->view, m->tokenizer, NULL, &options, err);
    return status;
}

static size_t longest(const rec_emb_model *m)
{
    const rec_lm_config *c = rec_transformer_config(m->transformer);
    return c->max_pooled > 0 && c->max_pooled < c->max_positions ? c->max_pooled : c->max_positions;
}

/* Options first, then the manifest, then the usual. */
static rec_status set_format(rec_emb_model *m, const rec_emb_format *options,
                             const rec_emb_manifest *manifest, rec_error *err)
{
    static const size_t usual[2] = {64, 128};
    for (size_t s = 0; s < 2; s++) {
        const char *prefix = options->prefix[s] != NULL    ? options->prefix[s]
                             : manifest->prefix[s] != NULL ? manifest->prefix[s]
                                                           : "";
        size_t length = options->length[s] > 0    ? (size_t)options->length[s]
                        : manifest->length[s] > 0 ? manifest->length[s]
                                                  : usual[s];
        m->length[s] = length < longest(m) ? length : longest(m);
        m->prefix[s] = rec_strdup(prefix, err);
        if (m->prefix[s] == NULL)
            return REC_ERR_RESOURCE;
    }
    return REC_OK;
}

static rec_status read_checkpoint(rec_emb_model *m, const char *path, rec_error *err)
{
    rec_lm_weights weights = {.table = NULL};
    rec_status status;
    REC_TRY(rec_lm_files_find(&m->files, path, err));
    REC_TRY(rec_lm_open_tokenizer(&m->tokenizer, &m->files, err));
    REC_TRY(rec_lm_weights_open(&weights, &m->files, REC_WEIGHTS_F32, err));
    REC_TRY(rec_tokenizer_check_fit(m->tokenizer, weights.config.vocab_size, path, err));
    weights.config.normalise = true; /* tuning compares cosines, and so does retrieval */
    status = rec_transformer_from_weights(&m->transformer, &weights, err);
cleanup:
    rec_lm_weights_deinit(&weights);
    return status;
}

rec_status rec_emb_model_open(rec_emb_model *out, const char *path, const rec_emb_format *format,
                              rec_error *err)
{
    rec_emb_manifest manifest = {.found = false};
    rec_status status;
    *out = (rec_emb_model){.transformer = NULL};
    REC_TRY(read_checkpoint(out, path, err));
    REC_TRY(wrap(out, err));
    if (out->files.folder != NULL)
        REC_TRY(rec_emb_manifest_read(&manifest, out->files.folder,
                                      rec_transformer_config(out->transformer), err));
    out->knows_layout = manifest.found;
    out->layout = (rec_emb_layout)manifest.layout;
    status = set_format(out, format, &manifest, err);
cleanup:
    rec_emb_manifest_deinit(&manifest);
    if (status != REC_OK)
        rec_emb_model_deinit(out);
    return status;
}

rec_status rec_emb_model_read_layout(rec_emb_model *m, rec_emb_layout layout, rec_error *err)
{
    if (m->knows_layout && m->layout != layout)
        return rec_fail(err, REC_ERR_MODEL,
                        "the model was tuned on item texts of layout \"%s\", here they are of "
                        "\"%s\" (data: compat)",
                        rec_emb_layout_names[m->layout], rec_emb_layout_names[layout]);
    m->layout = layout;
    return REC_OK;
}

static rec_status shape_config(rec_lm_config *out, const rec_emb_shape *shape, size_t vocab_size,
                               rec_error *err)
{
    cJSON *json = NULL;
    if (shape->d_model % shape->heads != 0)
        return rec_fail(err, REC_ERR_CONFIG, "new: heads must divide d_model");
    char *text =
        rec_format(err,
                   "{\"model_type\": \"bert\", \"vocab_size\": %zu, \"hidden_size\": %lld, "
                   "\"intermediate_size\": %lld, \"num_hidden_layers\": %lld, "
                   "\"num_attention_heads\": %lld, \"max_position_embeddings\": 512, "
                   "\"type_vocab_size\": 2, \"pad_token_id\": 0}",
                   vocab_size, (long long)shape->d_model, (long long)shape->d_ff,
                   (long long)shape->layers, (long long)shape->heads);
    if (text == NULL)
        return REC_ERR_RESOURCE;
    rec_status status = rec_json_parse(&json, text, strlen(text), "new", 1, err);
    if (status == REC_OK)
        status = rec_lm_config_from_json(out, json, "new", err);
    cJSON_Delete(json);
    free(text);
    return status;
}

rec_status rec_emb_model_new(rec_emb_model *out, const rec_emb_shape *shape,
                             const char *const *texts, size_t n_texts, const rec_emb_format *format,
                             rec_error *err)
{
    static const char *const special[] = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"};
    const rec_emb_manifest none = {.found = false};
    rec_lm_config config;
    rec_status status;
    *out = (rec_emb_model){.transformer = NULL};
    REC_TRY(rec_tokenizer_train(&out->tokenizer, texts, n_texts, (size_t)shape->vocab_size, special,
                                sizeof special / sizeof *special, err));
    REC_TRY(shape_config(&config, shape, rec_tokenizer_vocab_size(out->tokenizer), err));
    REC_TRY(rec_transformer_new(&out->transformer, &config, (uint64_t)shape->seed, err));
    REC_TRY(wrap(out, err));
    status = set_format(out, format, &none, err);
cleanup:
    if (status != REC_OK)
        rec_emb_model_deinit(out);
    return status;
}

rec_status rec_emb_model_settle(rec_emb_model *m, rec_error *err)
{
    return rec_lm_weights_add_float_panels(&m->view, err);
}

void rec_emb_model_deinit(rec_emb_model *m)
{
    rec_lm_free(m->lm);
    rec_lm_weights_deinit(&m->view);
    rec_transformer_free(m->transformer);
    rec_tokenizer_free(m->tokenizer);
    rec_lm_files_deinit(&m->files);
    free(m->prefix[0]);
    free(m->prefix[1]);
    *m = (rec_emb_model){.transformer = NULL};
}

/* ---- texts ---- */

rec_status rec_emb_model_tokenize(rec_token_list *out, const rec_emb_model *m, rec_emb_side side,
                                  const char *text, rec_error *err)
{
    size_t first = out->n, most = m->length[side];
    char *whole = rec_format(err, "%s%s", m->prefix[side], text);
    if (whole == NULL)
        return REC_ERR_RESOURCE;
    rec_status status = rec_tokenizer_encode(out, m->tokenizer, whole, strlen(whole),
                                             REC_TOKENIZE_ADD_SPECIAL, err);
    free(whole);
    if (status != REC_OK)
        return status;
    if (out->n - first > most) {
        if (rec_tokenizer_n_special_added(m->tokenizer) > 1)
            out->ids[first + most - 1] = out->ids[out->n - 1];
        out->n = first + most;
    }
    return out->n > first ? REC_OK : rec_fail(err, REC_ERR_DATA, "an empty text: nothing to embed");
}

enum { BLOCK = 256 };

/* At most BLOCK texts. */
static rec_status embed_block(float *out, const rec_emb_model *m, rec_emb_side side,
                              const char *const *texts, size_t n, rec_token_list *ids,
                              rec_error *err)
{
    rec_lm_part parts[BLOCK];
    rec_lm_input inputs[BLOCK];
    size_t start[BLOCK + 1];
    ids->n = 0;
    for (size_t i = 0; i < n; i++) {
        start[i] = ids->n;
        rec_status status = rec_emb_model_tokenize(ids, m, side, texts[i], err);
        if (status != REC_OK)
            return status;
        start[i + 1] = ids->n;
    }
    for (size_t i = 0; i < n; i++) {
        parts[i] = (rec_lm_part){
            .kind = REC_LM_IDS, .ids = ids->ids + start[i], .n = start[i + 1] - start[i]};
        inputs[i] = (rec_lm_input){.parts = &parts[i], .n_parts = 1, .bare = true};
    }
    return rec_lm_embed(out, m->lm, inputs, n, err);
}

rec_status rec_emb_model_embed(float *out, const rec_emb_model *m, rec_emb_side side,
                               const char *const *texts, size_t n, rec_error *err)
{
    rec_token_list ids = {.ids = NULL};
    rec_status status = REC_OK;
    for (size_t first = 0; first < n && status == REC_OK; first += BLOCK) {
        size_t size = n - first < BLOCK ? n - first : BLOCK;
        status = rec_interrupt_check(err);
        if (status == REC_OK)
            status = embed_block(out + first * m->dim, m, side, texts + first, size, &ids, err);
    }
    rec_token_list_deinit(&ids);
    return status;
}
