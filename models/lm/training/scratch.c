#include "models/lm/training/scratch.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

#include "core/file.h"
#include "core/json.h"
#include "models/lm/tokenizers/tokenizer.h"
#include "models/lm/training/transformer.h"

enum { END_OF_TEXT, TURN_START, TURN_END, N_SPECIAL };
static const char *const special_tokens[] = {"<|endoftext|>", "<|im_start|>", "<|im_end|>"};

#define FIELD(name) offsetof(rec_lm_scratch_options, name)
const rec_option rec_lm_scratch_option_table[] = {
    {"layers", "transformer layers", FIELD(layers), REC_OPT_INT, .value = 4, .min = 1, .max = 256},
    {"d_model", "size of hidden states", FIELD(d_model), REC_OPT_INT, .value = 128, .min = 8,
     .max = 65536},
    {"d_ff", "inner size; 0 = 8/3 d_model, rounded up to 32", FIELD(d_ff), REC_OPT_INT, .value = 0,
     .min = 0, .max = 262144},
    {"heads", "attention heads; each has d_model / heads numbers, an even count", FIELD(heads),
     REC_OPT_INT, .value = 4, .min = 1, .max = 1024},
    {"kv_heads", "heads of keys and values; 0 = heads", FIELD(kv_heads), REC_OPT_INT, .value = 0,
     .min = 0, .max = 1024},
    {"context", "positions", FIELD(context), REC_OPT_INT, .value = 512, .min = 2, .max = 1 << 20},
    {"vocab_size", "tokens at most: 3 special ones, 256 bytes, merges", FIELD(vocab_size),
     REC_OPT_INT, .value = 4096, .min = 259, .max = 1 << 20},
    {"tied", "embeddings are the output matrix", FIELD(tied), REC_OPT_BOOL, .value = 1},
    {"seed", "of the weights", FIELD(seed), REC_OPT_INT, .value = 42, .min = 0, .max = 9e15},
    {.key = NULL},
};
#undef FIELD

static rec_status check_sizes(const rec_lm_scratch_options *o, rec_error *err)
{
    int64_t kv_heads = o->kv_heads > 0 ? o->kv_heads : o->heads;
    if (o->d_model % o->heads != 0 || o->d_model / o->heads % 2 != 0)
        return rec_fail(err, REC_ERR_CONFIG,
                        "d_model %lld does not give %lld heads an even number of numbers each",
                        (long long)o->d_model, (long long)o->heads);
    if (o->heads % kv_heads != 0)
        return rec_fail(err, REC_ERR_CONFIG, "heads %lld is no multiple of kv_heads %lld",
                        (long long)o->heads, (long long)kv_heads);
    return REC_OK;
}

/* The config as a checkpoint would have it, so that everything unsaid has the reader's defaults. */
static rec_status make_config(rec_lm_config *out, const rec_lm_scratch_options *o,
                              size_t vocab_size, rec_error *err)
{
    const struct {
        const char *key;
        double value;
    } sizes[] = {
        {"vocab_size", (double)vocab_size},
        {"hidden_size", (double)o->d_model},
        {"intermediate_size",
         (double)(o->d_ff > 0 ? o->d_ff : (o->d_model * 8 / 3 + 31) / 32 * 32)},
        {"num_hidden_layers", (double)o->layers},
        {"num_attention_heads", (double)o->heads},
        {"num_key_value_heads", (double)(o->kv_heads > 0 ? o->kv_heads : o->heads)},
        {"max_position_embeddings", (double)o->context},
        {"rms_norm_eps", 1e-5},
        {"rope_theta", 10000},
        {"pad_token_id", END_OF_TEXT},
        {"eos_token_id", TURN_END},
    };
    cJSON *json = cJSON_CreateObject();
    bool good = cJSON_AddStringToObject(json, "model_type", "llama") != NULL &&
                cJSON_AddStringToObject(json, "hidden_act", "silu") != NULL &&
                cJSON_AddNullToObject(json, "bos_token_id") != NULL &&
                cJSON_AddBoolToObject(json, "tie_word_embeddings", o->tied) != NULL;
    for (size_t i = 0; good && i < sizeof sizes / sizeof *sizes; i++)
        good = cJSON_AddNumberToObject(json, sizes[i].key, sizes[i].value) != NULL;
    cJSON *architectures = cJSON_AddArrayToObject(json, "architectures");
    good = good && cJSON_AddItemToArray(architectures, cJSON_CreateString("LlamaForCausalLM"));
    rec_status status = good ? rec_lm_config_from_json(out, json, "model", err)
                             : rec_fail(err, REC_ERR_RESOURCE, "out of memory");
    cJSON_Delete(json);
    return status;
}

static rec_status write_tokenizer_config(const char *folder, int64_t context, rec_error *err)
{
    static const char chatml[] =
        "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\\n' + "
        "message['content'] + '<|im_end|>' + '\\n'}}{% endfor %}{% if add_generation_prompt %}"
        "{{ '<|im_start|>assistant\\n' }}{% endif %}";
    cJSON *json = cJSON_CreateObject();
    bool good =
        cJSON_AddStringToObject(json, "tokenizer_class", "PreTrainedTokenizerFast") != NULL &&
        cJSON_AddStringToObject(json, "eos_token", special_tokens[TURN_END]) != NULL &&
        cJSON_AddStringToObject(json, "pad_token", special_tokens[END_OF_TEXT]) != NULL &&
        cJSON_AddNumberToObject(json, "model_max_length", (double)context) != NULL &&
        cJSON_AddBoolToObject(json, "clean_up_tokenization_spaces", false) != NULL &&
        cJSON_AddStringToObject(json, "chat_template", chatml) != NULL;
    rec_status status = good ? rec_json_write(json, folder, "tokenizer_config.json", err)
                             : rec_fail(err, REC_ERR_RESOURCE, "out of memory");
    cJSON_Delete(json);
    return status;
}

rec_status rec_lm_scratch_write(const char *folder, const rec_lm_scratch_options *o,
                                const char *const *texts, size_t n_texts, rec_error *err)
{
    rec_status status = REC_OK;
    rec_tokenizer *tokenizer = NULL;
    rec_transformer *model = NULL;
    rec_lm_config config;
    char *path = NULL;
    REC_TRY(check_sizes(o, err));
    REC_TRY(rec_tokenizer_train(&tokenizer, texts, n_texts, (size_t)o->vocab_size, special_tokens,
                                N_SPECIAL, err));
    REC_TRY(make_config(&config, o, rec_tokenizer_vocab_size(tokenizer), err));
    REC_TRY(rec_transformer_new(&model, &config, (uint64_t)o->seed, err));
    REC_TRY(rec_transformer_save(model, folder, err));
    path = rec_path_join(err, folder, "tokenizer.json");
    status = path != NULL ? rec_tokenizer_write(tokenizer, path, err) : REC_ERR_RESOURCE;
    if (status == REC_OK)
        status = write_tokenizer_config(folder, o->context, err);
cleanup:
    free(path);
    rec_transformer_free(model);
    rec_tokenizer_free(tokenizer);
    return status;
}
