/* harness/systems/reclm_emb_kind.c: a text encoder that ranks items for texts, tuned on generated rows
 * (reclm_emb) or as it is (reclm_emb_base). The artifact holds the vectors of the items; the tuned model stands
 * beside it as a folder of the same name, which sentence-transformers opens. */
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/json.h"
#include "core/memory.h"
#include "core/progress.h"
#include "core/tensor_file.h"
#include "harness/systems/kinds.h"
#include "harness/systems/passage_rows.h"
#include "models/lm/backend.h"
#include "models/reclm_emb/general.h"
#include "models/reclm_emb/training.h"

typedef struct options {
    char *lm;
    rec_emb_shape new_model;
    rec_emb_format format;
    rec_emb_data_options data;
    rec_emb_training_options train;
} options;

typedef struct emb {
    options o;
    bool is_tuned;              /* of the type reclm_emb */
    rec_lm_pool *lms;           /* borrowed, after connect */
    const rec_dataset *dataset; /* borrowed, after connect */
    rec_emb_items items;
    rec_emb_model model;
    rec_passage_rows rows; /* of the items */
} emb;

#define FIELD(name) offsetof(emb, o.name)
#define COMMON_OPTIONS                                                                             \
    {"lm",                                                                                         \
     "the encoder, an entry of lms: with backend local; none: a new one",                          \
     FIELD(lm),                                                                                    \
     REC_OPT_REFERENCE,                                                                            \
     .refers_to = "lm",                                                                            \
     .needs = REC_LM_TRAINS},                                                                      \
        {"new", "shape of a new encoder", FIELD(new_model), REC_OPT_TABLE,                         \
         .table = rec_emb_shape_options},                                                          \
        {"format", "prefixes and lengths of texts", FIELD(format), REC_OPT_TABLE,                  \
         .table = rec_emb_format_options},                                                         \
    {                                                                                              \
        "data", "what rows are made from; the same as that of the emb_ tasks", FIELD(data),        \
            REC_OPT_TABLE, .table = rec_emb_data_option_table                                      \
    }

static const rec_option tuned_options[] = {
    COMMON_OPTIONS,
    {"train", "the tuning", FIELD(train), REC_OPT_TABLE, .table = rec_emb_training_option_table},
    {.key = NULL},
};

static const rec_option base_options[] = {
    COMMON_OPTIONS,
    {.key = NULL},
};

static const rec_option *table_of(const emb *e)
{
    return e->is_tuned ? tuned_options : base_options;
}

/* ---- the kind ---- */

static const rec_system_type types[] = {
    {
        .kind = &rec_system_kind_reclm_emb,
        .name = "reclm_emb",
        .help = "a text encoder tuned for item retrieval on generated tasks",
        .citation = "Aligning language models for versatile text-based item retrieval, "
                    "WWW 2024 companion; RecAI, RecLM-emb",
        .can = REC_CAN_SCORE | REC_CAN_SEARCH | REC_CAN_EMBED,
        .options = tuned_options,
        .has_fit = true,
        .is_random = true,
    },
    {
        .kind = &rec_system_kind_reclm_emb,
        .name = "reclm_emb_base",
        .help = "the same encoder before tuning",
        .can = REC_CAN_SCORE | REC_CAN_SEARCH | REC_CAN_EMBED,
        .options = base_options,
        .has_fit = true,
    },
};

static rec_status init(void *self, const rec_system_type *type, const rec_yaml *entry,
                       rec_error *err)
{
    emb *e = self;
    rec_error deep = {.status = REC_OK};
    e->is_tuned = type->is_random;
    return e->is_tuned && rec_emb_training_check(&e->o.train, &deep) != REC_OK
               ? rec_yaml_fail(err, entry, "train: %s", deep.message)
               : REC_OK;
}

static void deinit(void *self)
{
    emb *e = self;
    rec_passage_rows_deinit(&e->rows);
    rec_emb_model_deinit(&e->model);
    rec_emb_items_deinit(&e->items);
}

static rec_status connect(void *self, const rec_system_links *links, rec_error *err)
{
    emb *e = self;
    (void)err;
    e->lms = links->lms;
    e->dataset = links->dataset;
    return REC_OK;
}

/* ---- fitting ---- */

/* A folder is opened to be changed, so the shared model of the pool will not do. */
static rec_status open_named(emb *e, rec_error *err)
{
    const rec_lm_entry *entry = rec_lm_pool_find(e->lms, e->o.lm);
    if (entry == NULL)
        return rec_fail(err, REC_ERR_INTERNAL, "lm %s is not there", e->o.lm);
    const rec_lm_local_options *local = entry->options; /* references.c: what trains is local */
    return rec_emb_model_open(&e->model, local->path, &e->o.format, err);
}

static rec_status open_model(emb *e, rec_error *err)
{
    if (e->o.lm != NULL)
        return open_named(e, err);
    return rec_emb_model_new(&e->model, &e->o.new_model, (const char *const *)e->items.texts,
                             e->items.n, &e->o.format, err);
}

static rec_status identity_of(char hex[REC_SHA256_HEX], const emb *e, const rec_fit_data *data,
                              rec_error *err)
{
    cJSON *json = rec_options_json(e, table_of(e), err);
    char *text = json != NULL ? rec_json_print(json, err) : NULL;
    char *whole = text != NULL
                      ? rec_format(err, "reclm_emb 1 %llu %s %s", (unsigned long long)data->seed,
                                   data->dataset->sha256, text)
                      : NULL;
    rec_status status =
        whole != NULL ? rec_sha256_bytes(hex, whole, strlen(whole), err) : REC_ERR_RESOURCE;
    free(whole);
    free(text);
    cJSON_Delete(json);
    return status;
}

static rec_status tune(emb *e, const rec_fit_data *data, rec_error *err)
{
    rec_emb_corpus corpus = {.dataset = NULL};
    rec_emb_corpus_plan plan = {.train = data->train,
                                .lms = e->lms,
                                .parts = {true, e->o.train.tuning.training.patience > 0, false}};
    rec_training_report report = {.n_epochs = 0};
    char identity[REC_SHA256_HEX];
    double general[2]; /* before and after: what is forgotten shows */
    rec_status status;
    for (size_t t = 0; t < REC_EMB_N_TASKS; t++)
        plan.tasks[t] =
            rec_emb_is_trained(&e->o.train, t) || rec_emb_task_is_always_made(t, &e->o.data);
    REC_TRY(rec_emb_general_value(&general[0], &e->model, err));
    REC_TRY(identity_of(identity, e, data, err));
    REC_TRY(rec_emb_corpus_init(&corpus, &e->o.data, data->dataset, &plan, err));
    REC_TRY(rec_emb_train(&report, &e->model, &corpus, &e->o.train, data, identity, err));
    REC_TRY(rec_emb_general_value(&general[1], &e->model, err));
    rec_info("general sentence pairs: rank correlation %.3f before, %.3f after", general[0],
             general[1]);
    REC_TRY(rec_fit_add_curve(data, "general_pairs", general, 2, err));
    REC_TRY(rec_fit_add_curve(data, "loss_train", report.loss_train, report.n_epochs, err));
    if (plan.parts[REC_EMB_DEV])
        status = rec_fit_add_curve(data, "mrr_dev", report.value_valid, report.n_epochs, err);
cleanup:
    rec_training_report_deinit(&report);
    rec_emb_corpus_deinit(&corpus);
    return status;
}

static rec_status fit(void *self, const rec_fit_data *data, rec_error *err)
{
    emb *e = self;
    rec_status status;
    REC_TRY(rec_emb_data_items(&e->items, &e->o.data, &data->dataset->catalogue, err));
    REC_TRY(open_model(e, err));
    REC_TRY(rec_emb_model_read_layout(&e->model, e->items.layout, err));
    if (e->is_tuned)
        REC_TRY(tune(e, data, err));
    REC_TRY(rec_emb_model_settle(&e->model, err));
    status = rec_passage_rows_init(&e->rows, &e->model, (const char *const *)e->items.texts,
                                   e->items.n, NULL, err);
cleanup:
    return status;
}

/* ---- storing ---- */

/* "x.safetensors" -> "x". */
static char *folder_of(const char *path, rec_error *err)
{
    const char *dot = strrchr(path, '.');
    return rec_format(err, "%.*s", dot != NULL ? (int)(dot - path) : (int)strlen(path), path);
}

static rec_status save(const void *self, const char *path, rec_error *err)
{
    const emb *e = self;
    rec_tensor_writer *writer = NULL;
    char *folder = folder_of(path, err);
    rec_status status = folder != NULL ? REC_OK : REC_ERR_RESOURCE;
    if (status != REC_OK)
        return status;
    REC_TRY(rec_emb_model_save(&e->model, folder, err));
    REC_TRY(rec_tensor_writer_new(&writer, err));
    REC_TRY(rec_passage_rows_add(writer, &e->rows, err));
    status = rec_tensor_writer_write(writer, path, err);
cleanup:
    rec_tensor_writer_free(writer);
    free(folder);
    return status;
}

static rec_status load(void *self, const char *path, const rec_dataset *dataset, rec_error *err)
{
    emb *e = self;
    rec_tensor_file *file = NULL;
    char *folder = folder_of(path, err);
    rec_status status = folder != NULL ? REC_OK : REC_ERR_RESOURCE;
    if (status != REC_OK)
        return status;
    REC_TRY(rec_emb_data_items(&e->items, &e->o.data, &dataset->catalogue, err));
    REC_TRY(rec_emb_model_open(&e->model, folder, &e->o.format, err));
    if (!e->model.knows_layout) /* saved with one; without it prefixes would be forgotten */
        REC_TRY(rec_fail(err, REC_ERR_MODEL, "%s: recai_emb.json is gone: run again with --fresh",
                         folder));
    REC_TRY(rec_emb_model_read_layout(&e->model, e->items.layout, err));
    REC_TRY(rec_emb_model_settle(&e->model, err));
    REC_TRY(rec_tensor_file_open(&file, path, err));
    status = rec_passage_rows_read(&e->rows, file, &e->model, (const char *const *)e->items.texts,
                                   e->items.n, err);
cleanup:
    rec_tensor_file_close(file);
    free(folder);
    return status;
}

/* ---- answering ---- */

/* A round of questions as a two-tower model whose queries are numbers of vectors. */
typedef struct questions {
    const emb *e;
    float *vectors; /* owned (n, dim) */
} questions;

static rec_status encode(float *out, const void *self, const rec_query *queries, size_t n,
                         rec_error *err)
{
    const questions *q = self;
    size_t dim = q->e->model.dim;
    (void)err;
    for (size_t i = 0; i < n; i++)
        memcpy(out + i * dim, q->vectors + queries[i].user * dim, dim * sizeof *out);
    return REC_OK;
}

static rec_item_table item_table(const void *self)
{
    const emb *e = ((const questions *)self)->e;
    return (rec_item_table){
        .rows = e->rows.rows, .bias = e->rows.bias, .n_items = e->items.n, .dim = e->model.dim};
}

static const rec_recommender ranker = {
    .name = "reclm_emb", .encode = encode, .item_table = item_table};

/* What stands for a query: its text, else the names of the history, newest first (as in task uh2i). */
static rec_status question_text(char **out, const emb *e, const rec_query *q, rec_error *err)
{
    rec_buffer text = {.length = 0};
    size_t most = (size_t)e->o.data.history_max;
    rec_status status = rec_buffer_puts(&text, q->text != NULL ? q->text : "", err);
    for (size_t i = 0; q->text == NULL && i < q->n_history && i < most && status == REC_OK; i++) {
        const char *name = rec_emb_name(&e->items, q->history[q->n_history - 1 - i]);
        if (name != NULL)
            status = rec_buffer_printf(&text, err, "%s%s", text.length > 0 ? ", " : "", name);
    }
    if (status == REC_OK && text.length == 0)
        status = rec_buffer_puts(&text, e->items.nouns, err); /* nothing is known: any item */
    *out = status == REC_OK ? rec_buffer_take(&text, err) : NULL;
    rec_buffer_deinit(&text);
    return *out != NULL ? REC_OK : REC_ERR_RESOURCE;
}

static rec_status embed_questions(questions *q, const rec_request *requests, size_t n,
                                  rec_error *err)
{
    char **texts = NULL;
    rec_status status;
    REC_TRY_NEW(texts, n, err);
    REC_TRY_NEW(q->vectors, n * q->e->model.dim, err);
    for (size_t i = 0; i < n; i++)
        REC_TRY(question_text(&texts[i], q->e, &requests[i].rank.query, err));
    status = rec_emb_model_embed(q->vectors, &q->e->model, REC_EMB_QUERY,
                                 (const char *const *)texts, n, err);
cleanup:
    for (size_t i = 0; texts != NULL && i < n; i++)
        free(texts[i]);
    free(texts);
    return status;
}

static rec_status answer(rec_reply_batch *replies, const void *self, const rec_request *requests,
                         size_t n, size_t n_items, rec_error *err)
{
    questions q = {.e = self};
    rec_rank_request *queries = NULL;
    rec_ranked ranked = {.k = 0};
    rec_status status;
    for (size_t i = 0; i < n; i++)
        if (requests[i].kind != REC_REQUEST_RANK)
            return rec_fail(err, REC_ERR_INTERNAL, "an encoder was asked for text");
    if (n == 0)
        return REC_OK;
    REC_TRY_NEW(queries, n, err);
    REC_TRY(embed_questions(&q, requests, n, err));
    for (size_t i = 0; i < n; i++) {
        queries[i] = requests[i].rank;
        queries[i].query.user = (uint32_t)i;
    }
    REC_TRY(
        rec_rank(&ranked, &ranker, &q, queries, n, requests[0].k, requests[0].ties, n_items, err));
    status = rec_replies_from_ranked(replies, &ranked, err);
cleanup:
    rec_ranked_deinit(&ranked);
    free(q.vectors);
    free(queries);
    return status;
}

static size_t n_parameters(const void *self)
{
    const emb *e = self;
    return e->model.transformer != NULL
               ? rec_params_count(rec_transformer_params(e->model.transformer))
               : 0;
}

static double query_flops(const void *self, const rec_fit_size *size)
{
    const double usual_dim = 384.0;
    (void)self;
    return size->n_items * 2.0 * usual_dim;
}

const rec_system_kind rec_system_kind_reclm_emb = {
    .name = "reclm_emb",
    .types = types,
    .n_types = sizeof types / sizeof *types,
    .size = sizeof(emb),
    .init = init,
    .deinit = deinit,
    .connect = connect,
    .fit = fit,
    .save = save,
    .load = load,
    .answer = answer,
    .n_parameters = n_parameters,
    .query_flops = query_flops,
};
