/* models/recommenders/embeddings.c: user and item vectors that another program made. score(q, i) =
 * <vector of q, item i>, or their cosine. A known user has the vector of the users' file; anyone else,
 * and every user when there is no such file, the mean of the vectors of the latest items of the
 * history. Items without a vector are never ranked. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "core/progress.h"
#include "datasets/records.h"
#include "models/factors.h"
#include "models/matrix_file.h"
#include "models/two_tower.h"

typedef enum similarity { SIMILARITY_DOT, SIMILARITY_COSINE } similarity;
static const char *const similarity_names[] = {"dot", "cosine", NULL};

typedef struct embeddings {
    char *items, *item_ids, *users, *user_ids, *items_name, *users_name;
    int similarity;
    int64_t history_items;
    rec_factors item_rows, user_rows; /* owned; user_rows has no data without a users' file */
    float *item_bias, *user_known;    /* (n_items) 0 or -inf; (n_users) 1 or 0; owned */
} embeddings;

static const rec_option embeddings_options[] = {
    {.key = "items",
     .help = "item vectors: .npy, .h5, .hdf5 or .safetensors (data:NAME is looked up)",
     .offset = offsetof(embeddings, items),
     .type = REC_OPT_STRING,
     .required = true,
     .is_file = true},
    {.key = "item_ids",
     .help = "item id of every row, one a line; none: rows are the catalogue in its order",
     .offset = offsetof(embeddings, item_ids),
     .type = REC_OPT_STRING,
     .is_file = true},
    {.key = "users",
     .help = "user vectors, as items; none: the mean of the history's item vectors",
     .offset = offsetof(embeddings, users),
     .type = REC_OPT_STRING,
     .is_file = true},
    {.key = "user_ids",
     .help = "user id of every row, as item_ids",
     .offset = offsetof(embeddings, user_ids),
     .type = REC_OPT_STRING,
     .is_file = true},
    {.key = "items_name",
     .help = "name of the items' array in an HDF5 or safetensors file",
     .offset = offsetof(embeddings, items_name),
     .type = REC_OPT_STRING,
     .text = "items"},
    {.key = "users_name",
     .help = "name of the users' array in an HDF5 or safetensors file",
     .offset = offsetof(embeddings, users_name),
     .type = REC_OPT_STRING,
     .text = "users"},
    {.key = "similarity",
     .help = "dot product or cosine",
     .offset = offsetof(embeddings, similarity),
     .type = REC_OPT_ENUM,
     .choices = similarity_names},
    {.key = "history_items",
     .help = "latest items of a history that are averaged; 0: all",
     .offset = offsetof(embeddings, history_items),
     .type = REC_OPT_INT,
     .value = 0,
     .min = 0,
     .max = 1e6},
    {.key = NULL},
};

/* ---- files ---- */

/* One side: where its rows go and how its ids are found. */
typedef struct side {
    const char *what, *path, *name, *ids; /* ids NULL: rows in dense order */
    size_t n;                             /* items or users of the dataset */
    uint32_t (*find)(const rec_dataset *d, const char *id);
    rec_factors *rows;
    float *known; /* (n) set to 1 for what has a row */
} side;

static rec_status check_rows(const side *s, const rec_matrix *m, size_t n_rows, rec_error *err)
{
    if (m->n_rows == n_rows)
        return REC_OK;
    if (s->ids == NULL)
        return rec_fail(err, REC_ERR_DATA,
                        "%s: %zu rows for the %zu %s of the dataset (name their ids: %s_ids)",
                        s->path, m->n_rows, n_rows, s->what, s->what[0] == 'i' ? "item" : "user");
    return rec_fail(err, REC_ERR_DATA, "%s: %zu rows for the %zu ids of %s", s->path, m->n_rows,
                    n_rows, s->ids);
}

static void take_row(const side *s, const rec_matrix *m, size_t from, size_t to)
{
    memcpy(rec_factors_row(s->rows, to), m->data + from * m->n_columns,
           m->n_columns * sizeof *m->data);
    s->known[to] = 1.0f;
}

/* Rows of an ids file; *n_rows ids were read, *n_found of them are in the dataset. */
static rec_status take_named_rows(const side *s, const rec_matrix *m, const rec_dataset *d,
                                  rec_records *ids, size_t *n_rows, size_t *n_found, rec_error *err)
{
    const rec_field *line;
    size_t n;
    for (*n_rows = *n_found = 0;; (*n_rows)++) {
        rec_status status = rec_records_next(&line, &n, ids, err);
        if (status != REC_OK || n == 0)
            return status;
        char id[256];
        if (line->length >= sizeof id)
            return rec_records_fail(err, ids, line, "an id of more than 255 bytes");
        memcpy(id, line->text, line->length);
        id[line->length] = '\0';
        uint32_t place = s->find(d, id);
        if (place == UINT32_MAX || *n_rows >= m->n_rows)
            continue; /* too many ids are reported when all are counted */
        if (s->known[place] != 0.0f)
            return rec_records_fail(err, ids, line, "id \"%s\" is there twice", id);
        take_row(s, m, *n_rows, place);
        (*n_found)++;
    }
}

static rec_status take_by_ids(const side *s, const rec_matrix *m, const rec_dataset *d,
                              rec_error *err)
{
    const rec_records_format lines = {.delimiter = NULL};
    rec_records *ids = NULL;
    char *path = NULL;
    size_t n_rows, n_found;
    rec_status status;
    REC_TRY(rec_data_path(&path, s->ids, err));
    REC_TRY(rec_records_open(&ids, path, &lines, err));
    REC_TRY(take_named_rows(s, m, d, ids, &n_rows, &n_found, err));
    REC_TRY(check_rows(s, m, n_rows, err));
    if (n_found == 0)
        status = rec_fail(err, REC_ERR_DATA, "%s: none of its ids is in the dataset", path);
    else if (n_found < s->n)
        rec_warn("embeddings: %zu of the %zu %s have no vector", s->n - n_found, s->n, s->what);
cleanup:
    rec_records_close(ids);
    free(path);
    return status;
}

static rec_status read_side(const side *s, const rec_dataset *d, rec_error *err)
{
    rec_matrix m = {.n_rows = 0};
    rec_status status;
    REC_TRY(rec_matrix_read(&m, s->path, s->name, err));
    if (m.n_columns == 0 || m.n_columns > 1 << 16) {
        status = rec_fail(err, REC_ERR_DATA, "%s: vectors of %zu numbers", s->path, m.n_columns);
        goto cleanup;
    }
    REC_TRY(rec_factors_init(s->rows, s->n, m.n_columns, err));
    if (s->ids != NULL) {
        REC_TRY(take_by_ids(s, &m, d, err));
        goto cleanup;
    }
    REC_TRY(check_rows(s, &m, s->n, err));
    for (size_t i = 0; i < s->n; i++)
        take_row(s, &m, i, i);
cleanup:
    rec_matrix_deinit(&m);
    return status;
}

/* Rows to length 1; zero vectors stay. */
static void normalise(float *vector, size_t dim)
{
    double square = 0.0;
    for (size_t d = 0; d < dim; d++)
        square += (double)vector[d] * (double)vector[d];
    for (size_t d = 0; square > 0.0 && d < dim; d++)
        vector[d] = (float)((double)vector[d] / sqrt(square));
}

static void normalise_rows(const embeddings *m, rec_factors *f)
{
    for (size_t r = 0; m->similarity == SIMILARITY_COSINE && r < f->n_rows; r++)
        normalise(rec_factors_row(f, r), f->dim);
}

static rec_status read_users(embeddings *m, const rec_dataset *d, rec_error *err)
{
    side users = {"users",    m->users,         m->users_name, m->user_ids,
                  d->n_users, rec_dataset_user, &m->user_rows, m->user_known};
    if (m->users == NULL)
        return REC_OK;
    rec_status status = read_side(&users, d, err);
    if (status == REC_OK && m->user_rows.dim != m->item_rows.dim)
        return rec_fail(err, REC_ERR_DATA,
                        "%s: vectors of %zu numbers, those of the items have %zu", m->users,
                        m->user_rows.dim, m->item_rows.dim);
    return status;
}

static rec_status embeddings_fit(void *self, const rec_fit_data *data, rec_error *err)
{
    embeddings *m = self;
    const rec_dataset *d = data->dataset;
    size_t n_items = d->catalogue.n_items;
    rec_status status;
    REC_TRY_NEW(m->item_bias, n_items, err);
    REC_TRY_NEW(m->user_known, d->n_users, err);
    side items = {"items", m->items,         m->items_name, m->item_ids,
                  n_items, rec_dataset_item, &m->item_rows, m->item_bias};
    REC_TRY(read_side(&items, d, err));
    for (size_t i = 0; i < n_items; i++) /* known becomes a bias: without a vector never ranked */
        m->item_bias[i] = m->item_bias[i] != 0.0f ? 0.0f : -INFINITY;
    REC_TRY(read_users(m, d, err));
    normalise_rows(m, &m->item_rows);
    normalise_rows(m, &m->user_rows);
cleanup:
    return status;
}

/* ---- queries ---- */

static void mean_of_history(float *out, const embeddings *m, const rec_query *q)
{
    size_t stride = m->item_rows.stride, n = 0;
    size_t most = m->history_items > 0 ? (size_t)m->history_items : q->n_history;
    memset(out, 0, stride * sizeof *out);
    for (size_t h = q->n_history; h-- > 0 && n < most;) {
        if (m->item_bias[q->history[h]] != 0.0f)
            continue; /* no vector */
        const float *row = rec_factors_row(&m->item_rows, q->history[h]);
        for (size_t d = 0; d < stride; d++)
            out[d] += row[d];
        n++;
    }
    for (size_t d = 0; n > 0 && d < stride; d++)
        out[d] /= (float)n;
    if (m->similarity == SIMILARITY_COSINE)
        normalise(out, m->item_rows.dim);
}

static rec_status embeddings_encode(float *out, const void *self, const rec_query *queries,
                                    size_t n, rec_error *err)
{
    const embeddings *m = self;
    size_t stride = m->item_rows.stride;
    (void)err;
    for (size_t q = 0; q < n; q++) {
        uint32_t user = queries[q].user;
        bool known = m->user_rows.data != NULL && user != REC_NO_USER &&
                     user < m->user_rows.n_rows && m->user_known[user] != 0.0f;
        if (known)
            memcpy(out + q * stride, rec_factors_row(&m->user_rows, user), stride * sizeof *out);
        else
            mean_of_history(out + q * stride, m, &queries[q]);
    }
    return REC_OK;
}

static rec_item_table embeddings_item_table(const void *self)
{
    const embeddings *m = self;
    return (rec_item_table){.rows = m->item_rows.data,
                            .bias = m->item_bias,
                            .n_items = m->item_rows.n_rows,
                            .dim = m->item_rows.stride};
}

static rec_status embeddings_similar(uint32_t *items, float *similarities, size_t *n_found,
                                     const void *self, uint32_t item, size_t k, rec_error *err)
{
    rec_item_table table = embeddings_item_table(self);
    return rec_two_tower_similar(items, similarities, n_found, &table, item, k, err);
}

/* ---- artifact ---- */

static rec_status embeddings_save(const void *self, rec_tensor_writer *out, rec_error *err)
{
    const embeddings *m = self;
    rec_status status;
    size_t n_items = m->item_rows.n_rows, n_users = m->user_rows.n_rows;
    REC_TRY(rec_tensor_writer_add(out, "item_bias", REC_F32, 1, &n_items, m->item_bias, err));
    REC_TRY(rec_factors_save(&m->item_rows, "items", out, err));
    if (m->user_rows.data == NULL)
        goto cleanup;
    REC_TRY(rec_tensor_writer_add(out, "user_known", REC_F32, 1, &n_users, m->user_known, err));
    REC_TRY(rec_factors_save(&m->user_rows, "users", out, err));
cleanup:
    return status;
}

/* The dimension is the file's; the stored stride serves as one. */
static rec_status load_rows(rec_factors *out, float **flags, const rec_tensor_file *in,
                            const char *name, const char *flags_name, size_t n, rec_error *err)
{
    const rec_tensor_view *rows, *values;
    size_t shape[2] = {n, SIZE_MAX};
    rec_status status;
    REC_TRY(rec_tensor_file_require(&rows, in, name, REC_F32, 2, shape, err));
    REC_TRY(rec_tensor_file_require(&values, in, flags_name, REC_F32, 1, &n, err));
    REC_TRY(rec_factors_load(out, in, name, n, rows->shape[1], err));
    *flags = rec_memdup(values->data, values->n_bytes, err);
    status = *flags != NULL ? REC_OK : REC_ERR_RESOURCE;
cleanup:
    return status;
}

static rec_status embeddings_load(void *self, const rec_tensor_file *in, const rec_dataset *dataset,
                                  rec_error *err)
{
    embeddings *m = self;
    rec_status status = load_rows(&m->item_rows, &m->item_bias, in, "items", "item_bias",
                                  dataset->catalogue.n_items, err);
    if (status == REC_OK && m->users != NULL)
        status = load_rows(&m->user_rows, &m->user_known, in, "users", "user_known",
                           dataset->n_users, err);
    return status;
}

static void embeddings_deinit(void *self)
{
    embeddings *m = self;
    rec_factors_deinit(&m->item_rows);
    rec_factors_deinit(&m->user_rows);
    free(m->item_bias);
    free(m->user_known);
}

const rec_recommender rec_recommender_embeddings = {
    .name = "embeddings",
    .help = "user and item vectors that another program made",
    .size = sizeof(embeddings),
    .options = embeddings_options,
    .has_user_rows = true,
    .fit = embeddings_fit,
    .save = embeddings_save,
    .load = embeddings_load,
    .encode = embeddings_encode,
    .item_table = embeddings_item_table,
    .similar = embeddings_similar,
    .deinit = embeddings_deinit,
};
