/* harness/systems/embedder_kind.c: items and users as texts, texts as vectors, scores as their
 * similarity. Vectors of items are made once (the fit) and kept. A user's text is the titles of the
 * history in a sentence, or a summary of it by a language model; a query's text is itself. What the
 * model cannot embed is missing: an item is not ranked, a question has failed; never a zero vector. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/progress.h"
#include "core/tensor_file.h"
#include "harness/systems/item_text.h"
#include "harness/systems/kinds.h"
#include "harness/systems/text_answer.h"
#include "harness/systems/vector_cache.h"

typedef enum similarity { SIMILARITY_COSINE, SIMILARITY_DOT, SIMILARITY_L2 } similarity;
typedef enum user_form { USER_TITLES, USER_SUMMARY, USER_MEAN } user_form;

static const char *const similarity_names[] = {"cosine", "dot", "l2", NULL};
static const char *const user_names[] = {"titles", "summary", "mean", NULL};

enum { FIT_ITEMS = 1024, CACHE_BYTES = 256 << 20 }; /* items between two looks at the clock */

typedef struct embedder {
    char *lm_name, *summary_name;
    rec_string_list item_text;
    char *item_prefix, *user_prefix, *query_prefix, *user_text, *summary_prompt;
    int user, similarity;
    int64_t history_max;
    rec_lm_pool *lms;           /* borrowed, after connect */
    const rec_dataset *dataset; /* borrowed, after connect */
    float *rows;                /* owned (n_items, dim), as ranked; NaN rows: no vector */
    float *bias;                /* owned (n_items) */
    size_t n_items, dim;
    rec_vector_cache *users; /* owned: texts of users and queries asked about before */
} embedder;

static const rec_option options[] = {
    {"lm", "the embedding model, an entry of lms:", offsetof(embedder, lm_name), REC_OPT_REFERENCE,
     .refers_to = "lm", .needs = REC_LM_EMBEDS, .required = true},
    {"item_text", "fields of an item that are embedded: title and columns of the catalogue",
     offsetof(embedder, item_text), REC_OPT_STRINGS, .text = "title"},
    {"user", "a user as text: titles in a sentence, a summary of them, or the mean of item vectors",
     offsetof(embedder, user), REC_OPT_ENUM, .choices = user_names},
    {"user_text", "sentence about a user; {history} stands for the titles",
     offsetof(embedder, user_text), REC_OPT_STRING,
     .text = "A user interacted with these items, in this order: {history}"},
    {"summary_lm", "user: summary: the model that writes it", offsetof(embedder, summary_name),
     REC_OPT_REFERENCE, .refers_to = "lm", .needs = REC_LM_GENERATES},
    {"summary_prompt", "put behind the sentence to ask for the summary",
     offsetof(embedder, summary_prompt), REC_OPT_STRING,
     .text = "Summarise the preference of this user in a few sentences."},
    {"history_max", "the latest so many items describe a user; 0 = all",
     offsetof(embedder, history_max), REC_OPT_INT, .value = 20, .min = 0, .max = 1e6},
    {"item_prefix", "put before an item's text", offsetof(embedder, item_prefix), REC_OPT_STRING,
     .text = ""},
    {"user_prefix", "put before a user's text", offsetof(embedder, user_prefix), REC_OPT_STRING,
     .text = ""},
    {"query_prefix", "put before a query's text", offsetof(embedder, query_prefix), REC_OPT_STRING,
     .text = ""},
    {"similarity", "of two vectors", offsetof(embedder, similarity), REC_OPT_ENUM,
     .choices = similarity_names},
    {.key = NULL},
};

/* ---- the kind ---- */

static const rec_system_type types[] = {{
    .kind = &rec_system_kind_embedder,
    .name = "embedder",
    .help = "texts of items and users as vectors of an embedding model",
    .citation = "Sentence-BERT, EMNLP 2019, section 3 (the models); RecLM-eval, "
                "embedding_ranking and embedding_retrieval (the layout)",
    .can = REC_CAN_SCORE | REC_CAN_EMBED | REC_CAN_SEARCH,
    .options = options,
    .has_fit = true,
}};

static rec_status init(void *self, const rec_system_type *type, const rec_yaml *entry,
                       rec_error *err)
{
    const embedder *e = self;
    (void)type;
    return e->user == USER_SUMMARY && e->summary_name == NULL
               ? rec_yaml_fail(err, entry, "summary_lm: missing (user: summary needs it)")
               : REC_OK;
}

static void deinit(void *self)
{
    embedder *e = self;
    free(e->rows);
    free(e->bias);
    rec_vector_cache_free(e->users);
}

static rec_status connect(void *self, const rec_system_links *links, rec_error *err)
{
    embedder *e = self;
    e->lms = links->lms;
    e->dataset = links->dataset;
    return rec_item_text_check(&links->dataset->catalogue, &e->item_text, err);
}

/* ---- vectors ---- */

/* out (n, dim) of n texts. */
static rec_status embed(float *out, const embedder *e, char *const *texts, size_t n, rec_error *err)
{
    rec_lm *lm;
    rec_status status = rec_lm_pool_get(&lm, e->lms, e->lm_name, err);
    if (status != REC_OK)
        return status;
    rec_lm_part *parts = rec_alloc(n, sizeof *parts, err);
    rec_lm_input *inputs = rec_alloc(n, sizeof *inputs, err);
    if (parts == NULL || inputs == NULL)
        status = REC_ERR_RESOURCE;
    for (size_t i = 0; status == REC_OK && i < n; i++) {
        parts[i] = (rec_lm_part){.kind = REC_LM_DATA, .text = texts[i]};
        inputs[i] = (rec_lm_input){.parts = &parts[i], .n_parts = 1};
    }
    if (status == REC_OK)
        status = rec_lm_embed(out, lm, inputs, n, err);
    free(inputs);
    free(parts);
    return status;
}

static bool is_missing(const float *row, size_t dim)
{
    for (size_t d = 0; d < dim; d++)
        if (!isfinite(row[d]))
            return true;
    return false;
}

static double square(const float *row, size_t dim)
{
    double sum = 0.0;
    for (size_t d = 0; d < dim; d++)
        sum += (double)row[d] * row[d];
    return sum;
}

/* A vector of zeros stays one: it is as similar to everything, and the tie rule orders. */
static void normalise(float *row, size_t dim)
{
    double length = sqrt(square(row, dim));
    for (size_t d = 0; d < dim && length > 0.0; d++)
        row[d] = (float)(row[d] / length);
}

/* Rows as the ranking wants them: |q - i|^2 orders as q . i - |i|^2 / 2. An item without a vector gets
 * a bias that no item is ranked with. */
static void prepare_item(embedder *e, size_t item)
{
    float *row = e->rows + item * e->dim;
    e->bias[item] = 0.0f;
    if (is_missing(row, e->dim)) {
        memset(row, 0, e->dim * sizeof *row);
        e->bias[item] = -INFINITY;
    } else if (e->similarity == SIMILARITY_COSINE) {
        normalise(row, e->dim);
    } else if (e->similarity == SIMILARITY_L2) {
        e->bias[item] = (float)(-0.5 * square(row, e->dim));
    }
}

static rec_status item_text(char **out, const embedder *e, uint32_t item, rec_error *err)
{
    rec_buffer text = {0};
    rec_status status = rec_buffer_puts(&text, e->item_prefix, err);
    if (status == REC_OK)
        status = rec_item_text(&text, &e->dataset->catalogue, &e->item_text, item, err);
    *out = status == REC_OK ? rec_buffer_take(&text, err) : NULL;
    rec_buffer_deinit(&text);
    return *out != NULL ? REC_OK : REC_ERR_RESOURCE;
}

static rec_status embed_items(embedder *e, size_t first, size_t n, rec_error *err)
{
    rec_status status;
    char **texts;
    REC_TRY_NEW(texts, n, err);
    for (size_t i = 0; i < n; i++)
        REC_TRY(item_text(&texts[i], e, (uint32_t)(first + i), err));
    status = embed(e->rows + first * e->dim, e, texts, n, err);
cleanup:
    for (size_t i = 0; texts != NULL && i < n; i++)
        free(texts[i]);
    free(texts);
    return status;
}

static rec_status make_room(embedder *e, size_t n_items, size_t dim, rec_error *err)
{
    if (dim == 0)
        return rec_fail(err, REC_ERR_CONFIG, "lm: the model says no size of its vectors");
    e->n_items = n_items;
    e->dim = dim;
    if (n_items > SIZE_MAX / sizeof(float) / dim)
        return rec_fail(err, REC_ERR_RESOURCE, "too many vectors");
    e->rows = rec_alloc(n_items * dim, sizeof *e->rows, err);
    e->bias = rec_alloc(n_items, sizeof *e->bias, err);
    if (e->rows == NULL || e->bias == NULL)
        return REC_ERR_RESOURCE;
    return rec_vector_cache_new(&e->users, dim, CACHE_BYTES, err);
}

static rec_status fit(void *self, const rec_fit_data *data, rec_error *err)
{
    embedder *e = self;
    size_t n_items = data->dataset->catalogue.n_items;
    rec_lm *lm;
    rec_status status = rec_lm_pool_get(&lm, e->lms, e->lm_name, err);
    if (status == REC_OK)
        status = make_room(e, n_items, lm->embed_dim, err);
    if (status != REC_OK)
        return status;
    rec_progress *progress = rec_progress_start("embed", "items", n_items);
    for (size_t i = 0; i < n_items && status == REC_OK; i += FIT_ITEMS) {
        size_t n = n_items - i < FIT_ITEMS ? n_items - i : FIT_ITEMS;
        status = embed_items(e, i, n, err);
        rec_progress_add(progress, n);
    }
    rec_progress_end(progress);
    for (size_t i = 0; status == REC_OK && i < n_items; i++)
        prepare_item(e, i);
    return status;
}

static rec_status save(const void *self, const char *path, rec_error *err)
{
    const embedder *e = self;
    rec_tensor_writer *writer = NULL;
    rec_status status;
    REC_TRY(rec_tensor_writer_new(&writer, err));
    REC_TRY(rec_tensor_writer_add(writer, "rows", REC_F32, 2, (size_t[]){e->n_items, e->dim},
                                  e->rows, err));
    REC_TRY(rec_tensor_writer_add(writer, "bias", REC_F32, 1, &e->n_items, e->bias, err));
    status = rec_tensor_writer_write(writer, path, err);
cleanup:
    rec_tensor_writer_free(writer);
    return status;
}

static rec_status load(void *self, const char *path, const rec_dataset *dataset, rec_error *err)
{
    embedder *e = self;
    size_t n_items = dataset->catalogue.n_items;
    rec_tensor_file *file = NULL;
    const rec_tensor_view *rows, *bias;
    rec_status status;
    REC_TRY(rec_tensor_file_open(&file, path, err));
    REC_TRY(rec_tensor_file_require(&rows, file, "rows", REC_F32, 2, (size_t[]){n_items, SIZE_MAX},
                                    err));
    REC_TRY(rec_tensor_file_require(&bias, file, "bias", REC_F32, 1, &n_items, err));
    REC_TRY(make_room(e, n_items, rows->shape[1], err));
    memcpy(e->rows, rows->data, rows->n_bytes);
    memcpy(e->bias, bias->data, bias->n_bytes);
cleanup:
    rec_tensor_file_close(file);
    return status;
}

/* ---- questions ---- */

static rec_status put_titles(rec_buffer *out, const embedder *e, const rec_query *q, rec_error *err)
{
    size_t n = q->n_history, first = 0;
    rec_status status = REC_OK;
    if (e->history_max > 0 && (size_t)e->history_max < n)
        first = n - (size_t)e->history_max;
    for (size_t i = first; i < n && status == REC_OK; i++)
        status = rec_buffer_printf(out, err, "%s%s", i > first ? ", " : "",
                                   rec_item_title(&e->dataset->catalogue, q->history[i]));
    return status;
}

/* Without a slot the titles follow the sentence. */
static rec_status put_sentence(rec_buffer *out, const embedder *e, const rec_query *q,
                               rec_error *err)
{
    static const char slot[] = "{history}";
    const char *at = strstr(e->user_text, slot);
    size_t length = at != NULL ? (size_t)(at - e->user_text) : strlen(e->user_text);
    rec_status status = rec_buffer_append(out, e->user_text, length, err);
    if (status == REC_OK)
        status = put_titles(out, e, q, err);
    return status == REC_OK && at != NULL ? rec_buffer_puts(out, at + sizeof slot - 1, err)
                                          : status;
}

static rec_status question_text(char **out, const embedder *e, const rec_query *q, rec_error *err)
{
    rec_buffer text = {0};
    bool is_query = q->text != NULL;
    rec_status status = rec_buffer_puts(&text, is_query ? e->query_prefix : e->user_prefix, err);
    if (status == REC_OK)
        status = is_query ? rec_buffer_puts(&text, q->text, err) : put_sentence(&text, e, q, err);
    *out = status == REC_OK ? rec_buffer_take(&text, err) : NULL;
    rec_buffer_deinit(&text);
    return *out != NULL ? REC_OK : REC_ERR_RESOURCE;
}

/* A round of questions on its way to rankings. */
typedef struct questions {
    const embedder *e;
    const rec_request *requests;
    size_t n;
    char **texts;         /* owned, (n) and each */
    const char **failure; /* owned array, (n); texts in the replies' arena or constant */
    float *rows;          /* owned (n, dim) */
} questions;

static rec_status make_texts(questions *r, rec_error *err)
{
    rec_status status = REC_OK;
    for (size_t i = 0; i < r->n && status == REC_OK; i++)
        status = question_text(&r->texts[i], r->e, &r->requests[i].rank.query, err);
    return status;
}

static rec_status put_summaries(questions *r, rec_reply_batch *summaries, rec_reply_batch *out,
                                rec_error *err)
{
    for (size_t i = 0; i < r->n; i++) {
        const rec_reply *summary = &summaries->replies[i];
        if (r->requests[i].rank.query.text != NULL)
            continue;
        if (summary->text == NULL) {
            r->failure[i] = rec_reply_batch_text(out, summary->failure, err);
            if (r->failure[i] == NULL)
                return REC_ERR_RESOURCE;
            continue;
        }
        char *text = rec_format(err, "%s%s", r->e->user_prefix, summary->text);
        if (text == NULL)
            return REC_ERR_RESOURCE;
        free(r->texts[i]);
        r->texts[i] = text;
    }
    return REC_OK;
}

/* Sentence and request go to the summary model; what it says stands for the sentence. */
static rec_status summarise(questions *r, rec_reply_batch *out, rec_error *err)
{
    enum { SUMMARY_TOKENS = 128, PARTS = 3 };
    rec_reply_batch summaries = {0};
    rec_request *requests = NULL;
    rec_text_part *parts = NULL;
    rec_lm *lm;
    rec_status status;
    REC_TRY_NEW(requests, r->n, err);
    REC_TRY_NEW(parts, r->n * PARTS, err);
    for (size_t i = 0; i < r->n; i++) {
        rec_text_part *p = parts + i * PARTS;
        p[0] = (rec_text_part){.role = "user", .text = r->texts[i], .is_data = true};
        p[1] = (rec_text_part){.role = "user", .text = "\n\n"};
        p[2] = (rec_text_part){.role = "user", .text = r->e->summary_prompt};
        requests[i] = (rec_request){.kind = REC_REQUEST_TEXT,
                                    .parts = p,
                                    .n_parts = PARTS,
                                    .text = {.max_tokens = SUMMARY_TOKENS}};
    }
    REC_TRY(rec_lm_pool_get(&lm, r->e->lms, r->e->summary_name, err));
    REC_TRY(rec_text_answer(&summaries, lm, true, requests, r->n, err));
    status = put_summaries(r, &summaries, out, err);
cleanup:
    rec_reply_batch_deinit(&summaries);
    free(parts);
    free(requests);
    return status;
}

/* Mean of the vectors of the history's items, as they are ranked. */
static void mean_of_items(float *row, const embedder *e, const rec_query *q)
{
    memset(row, 0, e->dim * sizeof *row);
    size_t first = e->history_max > 0 && (size_t)e->history_max < q->n_history
                       ? q->n_history - (size_t)e->history_max
                       : 0;
    for (size_t i = first; i < q->n_history; i++)
        for (size_t d = 0; d < e->dim; d++)
            row[d] += e->rows[q->history[i] * e->dim + d] / (float)(q->n_history - first);
}

/* A vector that is not there, and unit length where the similarity wants it. */
static void finish_row(questions *r, size_t i)
{
    float *row = r->rows + i * r->e->dim;
    if (is_missing(row, r->e->dim)) {
        r->failure[i] = "the model gave no vector";
        memset(row, 0, r->e->dim * sizeof *row);
    } else if (r->e->similarity == SIMILARITY_COSINE) {
        normalise(row, r->e->dim);
    }
}

/* Vectors of the texts that were not asked about before; what is missing is not kept. */
static rec_status embed_new(questions *r, const size_t *places, size_t n, rec_error *err)
{
    const embedder *e = r->e;
    rec_status status;
    char **texts = NULL;
    float *rows = NULL;
    REC_TRY_NEW(texts, n, err);
    REC_TRY_NEW(rows, n * e->dim, err);
    for (size_t i = 0; i < n; i++)
        texts[i] = r->texts[places[i]];
    REC_TRY(embed(rows, e, texts, n, err));
    for (size_t i = 0; i < n; i++) {
        const float *row = rows + i * e->dim;
        memcpy(r->rows + places[i] * e->dim, row, e->dim * sizeof *row);
        if (!is_missing(row, e->dim))
            REC_TRY(rec_vector_cache_put(e->users, texts[i], row, err));
    }
cleanup:
    free(rows);
    free(texts);
    return status;
}

static rec_status embed_texts(questions *r, rec_error *err)
{
    const embedder *e = r->e;
    size_t n = 0;
    size_t *places = rec_alloc(r->n, sizeof *places, err);
    if (places == NULL)
        return REC_ERR_RESOURCE;
    for (size_t i = 0; i < r->n; i++) {
        const float *known = rec_vector_cache_get(e->users, r->texts[i]);
        if (known != NULL)
            memcpy(r->rows + i * e->dim, known, e->dim * sizeof *known);
        else
            places[n++] = i;
    }
    rec_status status = embed_new(r, places, n, err);
    free(places);
    return status;
}

/* Means need no model; queries do even then. */
static rec_status make_rows(questions *r, rec_error *err)
{
    const embedder *e = r->e;
    bool needs_model = e->user != USER_MEAN;
    rec_status status = REC_OK;
    for (size_t i = 0; i < r->n; i++)
        needs_model = needs_model || r->requests[i].rank.query.text != NULL;
    if (needs_model)
        status = embed_texts(r, err);
    for (size_t i = 0; i < r->n && status == REC_OK; i++) {
        const rec_query *q = &r->requests[i].rank.query;
        if (e->user == USER_MEAN && q->text == NULL)
            mean_of_items(r->rows + i * e->dim, e, q);
        finish_row(r, i);
    }
    return status;
}

/* ---- ranking: a two-tower model whose queries are numbers of rows ---- */

static rec_status encode(float *out, const void *self, const rec_query *queries, size_t n,
                         rec_error *err)
{
    const questions *r = self;
    (void)err;
    for (size_t i = 0; i < n; i++)
        memcpy(out + i * r->e->dim, r->rows + queries[i].user * r->e->dim, r->e->dim * sizeof *out);
    return REC_OK;
}

static rec_item_table item_table(const void *self)
{
    const embedder *e = ((const questions *)self)->e;
    return (rec_item_table){.rows = e->rows, .bias = e->bias, .n_items = e->n_items, .dim = e->dim};
}

static const rec_recommender ranker = {
    .name = "embedder",
    .encode = encode,
    .item_table = item_table,
};

static rec_status rank(rec_reply_batch *replies, const questions *r, rec_error *err)
{
    rec_ranked ranked = {0};
    rec_status status;
    rec_rank_request *queries = rec_alloc(r->n, sizeof *queries, err);
    if (queries == NULL)
        return REC_ERR_RESOURCE;
    for (size_t i = 0; i < r->n; i++) {
        queries[i] = r->requests[i].rank;
        queries[i].query.user = (uint32_t)i;
    }
    REC_TRY(rec_rank(&ranked, &ranker, r, queries, r->n, r->requests[0].k, r->requests[0].ties,
                     r->e->n_items, err));
    REC_TRY(rec_replies_from_ranked(replies, &ranked, err));
    for (size_t i = 0; i < r->n; i++)
        if (r->failure[i] != NULL)
            replies->replies[i] = (rec_reply){
                .kind = REC_REQUEST_TEXT, .failure = r->failure[i], .cost_microdollars = -1};
cleanup:
    rec_ranked_deinit(&ranked);
    free(queries);
    return status;
}

static rec_status answer(rec_reply_batch *replies, const void *self, const rec_request *requests,
                         size_t n, size_t n_items, rec_error *err)
{
    const embedder *e = self;
    questions r = {.e = e, .requests = requests, .n = n};
    rec_status status;
    (void)n_items;
    for (size_t i = 0; i < n; i++)
        if (requests[i].kind != REC_REQUEST_RANK)
            return rec_fail(err, REC_ERR_INTERNAL, "an embedder was asked for text");
    REC_TRY_NEW(r.texts, n, err);
    REC_TRY_NEW(r.failure, n, err);
    REC_TRY_NEW(r.rows, n * e->dim, err);
    REC_TRY(make_texts(&r, err));
    if (e->user == USER_SUMMARY)
        REC_TRY(summarise(&r, replies, err));
    REC_TRY(make_rows(&r, err));
    status = n > 0 ? rank(replies, &r, err) : REC_OK;
cleanup:
    for (size_t i = 0; r.texts != NULL && i < n; i++)
        free(r.texts[i]);
    free(r.texts);
    free(r.failure);
    free(r.rows);
    return status;
}

static size_t n_parameters(const void *self)
{
    (void)self; /* the vectors are the model's work, and the model learns nothing here */
    return 0;
}

static double query_flops(const void *self, const rec_fit_size *size)
{
    return size->n_items * 2.0 * (double)((const embedder *)self)->dim;
}

const rec_system_kind rec_system_kind_embedder = {
    .name = "embedder",
    .types = types,
    .n_types = sizeof types / sizeof *types,
    .size = sizeof(embedder),
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
