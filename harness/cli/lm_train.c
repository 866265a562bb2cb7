/* harness/cli/lm_train.c: supervised or contrastive tuning of a checkpoint */
#include <stdio.h>
#include <stdlib.h>

#include "core/file.h"
#include "core/hash.h"
#include "core/memory.h"
#include "core/progress.h"
#include "core/yaml.h"
#include "harness/cli/lm_verbs.h"
#include "models/lm/training/tuning.h"

/* The YAML of --config. */
typedef struct train_options {
    int method;
    int64_t max_length, seed;
    bool full;
    rec_adapter_options lora;
    rec_lm_tuning tuning;
} train_options;

enum { SUPERVISED, CONTRASTIVE };
static const char *const methods[] = {"supervised", "contrastive", NULL};

#define FIELD(name) offsetof(train_options, name)
static const rec_option table[] = {
    {"method", "supervised: prompts and completions, messages or texts; contrastive: pairs",
     FIELD(method), REC_OPT_ENUM, .choices = methods},
    {"max_length", "tokens of an example; longer ones lose the oldest of the prompt",
     FIELD(max_length), REC_OPT_INT, .value = 512, .min = 2, .max = 1e6},
    {"seed", "of the order, dropout and new adapters", FIELD(seed), REC_OPT_INT, .value = 42,
     .min = 0, .max = 9e15},
    {"full", "tune every weight instead of a low-rank adapter", FIELD(full), REC_OPT_BOOL,
     .value = 0},
    {"lora", "the adapter", FIELD(lora), REC_OPT_TABLE, .table = rec_adapter_option_table},
    {"tuning", "batches, optimiser, schedule", FIELD(tuning), REC_OPT_TABLE,
     .table = rec_lm_tuning_options},
    {.key = NULL},
};
#undef FIELD

/* Everything that lives during a training. */
typedef struct job {
    const rec_lm_flags *flags;
    rec_lm_files files;
    rec_tokenizer *tokenizer;
    rec_chat_template *chat;
    rec_transformer *model;
    rec_adapter *adapter;
    train_options options;
    rec_yaml *yaml;
    char *text; /* the training data */
    size_t length;
    char *checkpoint;
    char identity[REC_SHA256_HEX];
} job;

static rec_status read_options(job *j, rec_error *err)
{
    if (j->flags->config != NULL) {
        rec_status status = rec_yaml_read(&j->yaml, j->flags->config, err);
        if (status != REC_OK)
            return status;
    }
    rec_status status = rec_options_parse(&j->options, table, j->yaml, NULL, err);
    if (status == REC_OK && j->flags->adapter != NULL && j->yaml != NULL &&
        rec_yaml_get(j->yaml, "lora") != NULL)
        return rec_fail(err, REC_ERR_CONFIG,
                        "%s: lora: an adapter that is given keeps its rank, alpha and targets",
                        j->flags->config);
    return status;
}

/* The adapter a training starts from. */
static rec_status hash_adapter(rec_sha256 *h, const char *folder, rec_error *err)
{
    char hex[REC_SHA256_HEX], *resolved = NULL, *path = NULL;
    rec_status status = REC_OK;
    if (folder == NULL)
        return REC_OK;
    REC_TRY(rec_data_path(&resolved, folder, err));
    path = rec_path_join(err, resolved, "adapter_model.safetensors");
    status = path != NULL ? rec_sha256_file(hex, path, err) : REC_ERR_RESOURCE;
    if (status == REC_OK)
        rec_sha256_update_string(h, hex);
cleanup:
    free(path);
    free(resolved);
    return status;
}

/* What a resumable state belongs to: options, data, model. */
static rec_status identify(job *j, rec_error *err)
{
    rec_sha256 *h = NULL;
    rec_status status = rec_sha256_new(&h, err);
    if (status != REC_OK)
        return status;
    cJSON *options = rec_options_json(&j->options, table, err);
    char *text = options != NULL ? cJSON_PrintUnformatted(options) : NULL;
    if (text != NULL)
        rec_sha256_update_string(h, text);
    rec_sha256_update_string(h, j->flags->model);
    rec_sha256_update(h, j->text, j->length);
    status = hash_adapter(h, j->flags->adapter, err);
    rec_sha256_finish(j->identity, h);
    cJSON_free(text);
    cJSON_Delete(options);
    if (text == NULL)
        return rec_fail(err, REC_ERR_RESOURCE, "out of memory");
    return status;
}

/* A new one, or the given one, which keeps its rank, targets and scale. */
static rec_status open_adapter(job *j, rec_error *err)
{
    char *folder = NULL;
    if (j->flags->adapter == NULL)
        return rec_adapter_new(&j->adapter, j->model, &j->options.lora, (uint64_t)j->options.seed,
                               err);
    rec_status status = rec_data_path(&folder, j->flags->adapter, err);
    if (status == REC_OK)
        status = rec_adapter_load(&j->adapter, j->model, folder, err);
    free(folder);
    return status;
}

static rec_status open_model(job *j, rec_error *err)
{
    rec_status status = REC_OK;
    rec_lm_weights weights = {.table = NULL};
    REC_TRY(rec_lm_files_find(&j->files, j->flags->model, err));
    if (j->options.full)
        REC_TRY(rec_lm_files_set_adapter(&j->files, j->flags->adapter, err));
    REC_TRY(rec_lm_open_tokenizer(&j->tokenizer, &j->files, err));
    REC_TRY(rec_lm_open_chat(&j->chat, &j->files, j->flags->chat_template, err));
    REC_TRY(rec_lm_weights_open(&weights, &j->files, REC_WEIGHTS_FILE, err));
    REC_TRY(rec_tokenizer_check_fit(j->tokenizer, weights.config.vocab_size, j->flags->model, err));
    REC_TRY(rec_transformer_from_weights(&j->model, &weights, err));
    if (!j->options.full)
        status = open_adapter(j, err);
cleanup:
    rec_lm_weights_deinit(&weights);
    return status;
}

static rec_params *tuned_block(const job *j)
{
    return j->adapter != NULL ? rec_adapter_params(j->adapter) : rec_transformer_params(j->model);
}

static int by_length(const void *a, const void *b)
{
    size_t x = *(const size_t *)a, y = *(const size_t *)b;
    return (x < y) - (x > y); /* longest first */
}

/* Tokens of the n longest sequences: no batch of n has more. */
static rec_status longest_tokens(size_t *out, const rec_lm_examples *x, size_t n, rec_error *err)
{
    size_t *lengths = rec_alloc(x->n, sizeof *lengths, err);
    if (lengths == NULL)
        return REC_ERR_RESOURCE;
    for (size_t i = 0; i < x->n; i++)
        lengths[i] = x->start[i + 1] - x->start[i];
    qsort(lengths, x->n, sizeof *lengths, by_length);
    *out = 0;
    for (size_t i = 0; i < x->n && i < n; i++)
        *out += lengths[i];
    free(lengths);
    return REC_OK;
}

/* @param n_at_once  sequences of one pass */
static rec_status tell_size(const job *j, const rec_lm_examples *x, size_t n_at_once,
                            rec_error *err)
{
    const rec_lm_tuning *o = &j->options.tuning;
    size_t n_trainable = rec_params_count(tuned_block(j)), n_tokens;
    size_t n_weights = rec_params_count(rec_transformer_params(j->model));
    rec_status status = longest_tokens(&n_tokens, x, n_at_once, err);
    if (status != REC_OK)
        return status;
    size_t bytes = rec_lm_tuning_bytes(rec_transformer_config(j->model), n_trainable, o, n_tokens);
    rec_info("%zu texts of %zu tokens on average, %zu cut; %zu of %zu weights are tuned; %zu MB of "
             "weights and at most about %zu MB beside them",
             x->n, x->n_tokens / x->n, x->n_cut, n_trainable, n_weights,
             n_weights * sizeof(float) >> 20, bytes >> 20);
    return REC_OK;
}

/* Texts of a pass of contrastive tuning: a chunk, or queries, positives and negatives of a batch. */
static size_t texts_at_once(const rec_lm_pairs *pairs, const rec_lm_tuning *o)
{
    size_t per_pair = (pairs->texts.n + pairs->n - 1) / pairs->n;
    return o->chunk > 0 ? (size_t)o->chunk : (size_t)o->batch_size * (per_pair > 2 ? per_pair : 2);
}

static rec_status tune(rec_training_report *report, job *j, rec_error *err)
{
    rec_status status = REC_OK;
    rec_lm_examples examples = {.n = 0};
    rec_lm_pairs pairs = {.n = 0};
    const rec_lm_config *config = rec_transformer_config(j->model);
    size_t longest = (size_t)j->options.max_length;
    const rec_example_format format = {
        .tokenizer = j->tokenizer,
        .chat = j->chat,
        .eos = config->n_eos > 0 ? config->eos[0] : REC_NO_TOKEN,
        .max_length = longest < config->max_positions ? longest : config->max_positions,
    };
    const rec_lm_tuned tuned = {.model = j->model,
                                .adapter = j->adapter,
                                .checkpoint = j->checkpoint,
                                .identity = j->identity,
                                .seed = (uint64_t)j->options.seed};
    const char *name = j->flags->input != NULL ? j->flags->input : "standard input";
    if (j->options.method == CONTRASTIVE) {
        REC_TRY(rec_lm_pairs_read(&pairs, j->text, j->length, name, &format, err));
        REC_TRY(tell_size(j, &pairs.texts, texts_at_once(&pairs, &j->options.tuning), err));
        status = rec_tune_contrastive(report, &tuned, &pairs, &j->options.tuning, err);
    } else {
        REC_TRY(rec_lm_examples_read(&examples, j->text, j->length, name, &format, err));
        REC_TRY(tell_size(j, &examples, (size_t)j->options.tuning.batch_size, err));
        status = rec_tune_supervised(report, &tuned, &examples, &j->options.tuning, err);
    }
cleanup:
    rec_lm_pairs_deinit(&pairs);
    rec_lm_examples_deinit(&examples);
    return status;
}

/* Files beside the weights that a loader needs; what the source does not have is left out. */
static rec_status copy_companions(const job *j, rec_error *err)
{
    static const char *const names[] = {"tokenizer_config.json",
                                        "special_tokens_map.json",
                                        "vocab.txt",
                                        "generation_config.json",
                                        "chat_template.jinja",
                                        "modules.json",
                                        "sentence_bert_config.json",
                                        "1_Pooling/config.json",
                                        "config_sentence_transformers.json"};
    const char *from = j->files.folder;
    rec_status status = REC_OK;
    bool is_there;
    for (size_t i = 0; from != NULL && i < sizeof names / sizeof *names && status == REC_OK; i++)
        status = rec_file_copy(&is_there, from, j->flags->out, names[i], err);
    return status;
}

static rec_status write_tokenizer(const job *j, rec_error *err)
{
    char *to = rec_path_join(err, j->flags->out, "tokenizer.json");
    char *from =
        j->files.folder != NULL ? rec_path_join(err, j->files.folder, "tokenizer.json") : NULL;
    rec_status status = to != NULL ? REC_OK : REC_ERR_RESOURCE;
    rec_text text;
    if (status == REC_OK && from != NULL && rec_path_exists(from)) {
        status = rec_text_read(&text, from, err);
        if (status == REC_OK) {
            status = rec_atomic_write(to, text.data, text.length, err);
            rec_text_close(&text);
        }
    } else if (status == REC_OK) {
        status = rec_tokenizer_write(j->tokenizer, to, err);
    }
    free(from);
    free(to);
    return status;
}

static rec_status save(const job *j, rec_error *err)
{
    if (j->adapter != NULL)
        return rec_adapter_save(j->adapter, j->model, j->flags->out, j->flags->model, err);
    rec_status status = rec_transformer_save(j->model, j->flags->out, err);
    if (status == REC_OK)
        status = write_tokenizer(j, err);
    return status == REC_OK ? copy_companions(j, err) : status;
}

static void job_deinit(job *j)
{
    rec_adapter_free(j->adapter);
    rec_transformer_free(j->model);
    rec_chat_template_free(j->chat);
    rec_tokenizer_free(j->tokenizer);
    rec_lm_files_deinit(&j->files);
    rec_options_deinit(&j->options, table);
    rec_yaml_free(j->yaml);
    free(j->checkpoint);
    free(j->text);
}

static rec_status train_run(const rec_lm_flags *flags, rec_error *err)
{
    job j = {.flags = flags};
    rec_training_report report = {.n_epochs = 0};
    rec_status status = REC_OK;
    if (flags->out == NULL)
        return rec_fail(err, REC_ERR_CONFIG, "recai lm train needs --out FOLDER");
    REC_TRY(read_options(&j, err));
    REC_TRY(rec_lm_read_input(&j.text, &j.length, flags, err));
    REC_TRY(open_model(&j, err));
    REC_TRY(identify(&j, err));
    REC_TRY(rec_make_folders(flags->out, err));
    j.checkpoint = rec_path_join(err, flags->out, "training.checkpoint");
    if (j.checkpoint == NULL) {
        status = REC_ERR_RESOURCE;
        goto cleanup;
    }
    REC_TRY(tune(&report, &j, err));
    REC_TRY(save(&j, err));
    remove(j.checkpoint);
    rec_info("%s in %s", j.adapter != NULL ? "adapter" : "model", flags->out);
cleanup:
    rec_training_report_deinit(&report);
    job_deinit(&j);
    return status;
}

const rec_lm_verb rec_lm_verb_train = {
    .name = "train", .help = "supervised or contrastive tuning", .run = train_run};
