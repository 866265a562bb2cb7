/* harness/cli/lm_info.c: what a model is, and the memory it takes */
#include <stdio.h>
#include <stdlib.h>

#include "harness/cli/lm_verbs.h"
#include "models/lm/kv_cache.h"

static cJSON *describe(const rec_lm_weights *w, const rec_tokenizer *tokenizer,
                       const rec_chat_template *chat)
{
    const rec_lm_config *c = &w->config;
    static const char *const poolings[] = {"mean", "cls", "last"};
    cJSON *o = cJSON_CreateObject();
    cJSON_AddStringToObject(o, "architecture", rec_lm_arch_name(c->arch));
    cJSON_AddNumberToObject(o, "parameters", (double)rec_lm_config_n_parameters(c));
    cJSON_AddNumberToObject(o, "layers", (double)c->n_layers);
    cJSON_AddNumberToObject(o, "d_model", (double)c->d_model);
    cJSON_AddNumberToObject(o, "d_ff", (double)c->d_ff);
    cJSON_AddNumberToObject(o, "heads", (double)c->n_heads);
    cJSON_AddNumberToObject(o, "kv_heads", (double)c->n_kv_heads);
    cJSON_AddNumberToObject(o, "vocabulary", (double)c->vocab_size);
    cJSON_AddNumberToObject(o, "tokenizer_size", (double)rec_tokenizer_vocab_size(tokenizer));
    cJSON_AddNumberToObject(o, "positions", (double)c->max_positions);
    cJSON_AddStringToObject(o, "pooling", poolings[c->pooling]);
    if (chat != NULL)
        cJSON_AddStringToObject(o, "chat_template", rec_chat_template_family(chat));
    cJSON_AddNumberToObject(o, "weight_bytes", (double)rec_lm_weights_bytes(w));
    if (!c->encoder)
        cJSON_AddNumberToObject(o, "kv_bytes_per_1024_tokens", (double)rec_kv_bytes(c, 1024));
    return o;
}

static rec_status info_run(const rec_lm_flags *flags, rec_error *err)
{
    rec_status status = REC_OK;
    rec_lm_files files = {.folder = NULL};
    rec_lm_weights weights = {.table = NULL};
    rec_tokenizer *tokenizer = NULL;
    rec_chat_template *chat = NULL;
    cJSON *object = NULL;
    REC_TRY(rec_lm_files_find(&files, flags->model, err));
    REC_TRY(rec_lm_files_set_adapter(&files, flags->adapter, err));
    REC_TRY(rec_lm_weights_open(&weights, &files, (rec_weight_policy)flags->weights, err));
    REC_TRY(rec_lm_open_tokenizer(&tokenizer, &files, err));
    REC_TRY(rec_tokenizer_check_fit(tokenizer, weights.config.vocab_size, flags->model, err));
    REC_TRY(rec_lm_open_chat(&chat, &files, flags->chat_template, err));
    object = describe(&weights, tokenizer, chat);
    status = rec_lm_print(object, err);
cleanup:
    cJSON_Delete(object);
    rec_chat_template_free(chat);
    rec_tokenizer_free(tokenizer);
    rec_lm_weights_deinit(&weights);
    rec_lm_files_deinit(&files);
    return status;
}

const rec_lm_verb rec_lm_verb_info = {
    .name = "info", .help = "what a model is, and the memory it takes", .run = info_run};
