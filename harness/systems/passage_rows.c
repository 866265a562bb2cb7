#include "harness/systems/passage_rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/hash.h"
#include "core/memory.h"
#include "core/progress.h"

/* The first 64 bits of SHA-256. */
static rec_status key_of(uint64_t *out, const char *text, rec_error *err)
{
    char hex[REC_SHA256_HEX];
    rec_status status = rec_sha256_bytes(hex, text, strlen(text), err);
    hex[16] = '\0';
    *out = status == REC_OK ? strtoull(hex, NULL, 16) : 0;
    return status;
}

static rec_status allocate(rec_passage_rows *r, size_t n, size_t dim, rec_error *err)
{
    rec_status status;
    *r = (rec_passage_rows){.n = n, .dim = dim};
    REC_TRY_NEW(r->rows, n * dim, err);
    REC_TRY_NEW(r->bias, n, err);
    REC_TRY_NEW(r->keys, n, err);
    status = REC_OK;
cleanup:
    if (status != REC_OK)
        rec_passage_rows_deinit(r);
    return status;
}

void rec_passage_rows_deinit(rec_passage_rows *r)
{
    free(r->rows);
    free(r->bias);
    free(r->keys);
    *r = (rec_passage_rows){.n = 0};
}

/* ---- what is known ---- */

typedef struct keyed {
    uint64_t key;
    size_t row;
} keyed;

static int by_key(const void *a, const void *b)
{
    const keyed *x = a, *y = b;
    return (x->key > y->key) - (x->key < y->key);
}

/* new (known->n) of the caller, by key. */
static keyed *index_keys(const rec_passage_rows *known, rec_error *err)
{
    keyed *index = rec_alloc(known->n, sizeof *index, err);
    for (size_t i = 0; index != NULL && i < known->n; i++)
        index[i] = (keyed){known->keys[i], i};
    if (index != NULL)
        qsort(index, known->n, sizeof *index, by_key);
    return index;
}

/* missing (r->n) receives the rows that are not known; *n_missing how many. */
static rec_status copy_known(rec_passage_rows *r, size_t *missing, size_t *n_missing,
                             const rec_passage_rows *known, rec_error *err)
{
    bool is_usable = known != NULL && known->keys != NULL && known->n > 0;
    keyed *index = is_usable ? index_keys(known, err) : NULL;
    *n_missing = 0;
    if (is_usable && index == NULL)
        return REC_ERR_RESOURCE;
    for (size_t i = 0; i < r->n; i++) {
        const keyed wanted = {.key = r->keys[i]};
        const keyed *found =
            is_usable ? bsearch(&wanted, index, known->n, sizeof *index, by_key) : NULL;
        if (found != NULL)
            memcpy(r->rows + i * r->dim, known->rows + found->row * r->dim,
                   r->dim * sizeof *r->rows);
        else
            missing[(*n_missing)++] = i;
    }
    free(index);
    return REC_OK;
}

/* ---- the rest ---- */

enum { STEP = 1024 };

/* One step of at most STEP missing rows. */
static rec_status embed_step(rec_passage_rows *r, rec_emb_model *model, const char *const *texts,
                             const size_t *missing, size_t n, rec_error *err)
{
    const char *chosen[STEP];
    float *rows = rec_alloc(n * r->dim, sizeof *rows, err);
    if (rows == NULL)
        return REC_ERR_RESOURCE;
    for (size_t i = 0; i < n; i++)
        chosen[i] = texts[missing[i]][0] != '\0' ? texts[missing[i]] : "-";
    rec_status status = rec_emb_model_embed(rows, model, REC_EMB_PASSAGE, chosen, n, err);
    for (size_t i = 0; i < n && status == REC_OK; i++)
        memcpy(r->rows + missing[i] * r->dim, rows + i * r->dim, r->dim * sizeof *rows);
    free(rows);
    return status;
}

static rec_status embed_missing(rec_passage_rows *r, rec_emb_model *model, const char *const *texts,
                                const size_t *missing, size_t n, rec_error *err)
{
    rec_progress *progress = rec_progress_start("embed", "items", n);
    rec_status status = REC_OK;
    for (size_t i = 0; i < n && status == REC_OK; i += STEP) {
        size_t size = n - i < STEP ? n - i : STEP;
        status = embed_step(r, model, texts, missing + i, size, err);
        rec_progress_add(progress, size);
    }
    rec_progress_end(progress);
    return status;
}

rec_status rec_passage_rows_init(rec_passage_rows *out, rec_emb_model *model,
                                 const char *const *texts, size_t n, const rec_passage_rows *known,
                                 rec_error *err)
{
    size_t *missing = NULL, n_missing;
    rec_status status = allocate(out, n, model->dim, err);
    if (status != REC_OK)
        return status;
    REC_TRY_NEW(missing, n, err);
    for (size_t i = 0; i < n; i++) {
        out->bias[i] = texts[i][0] != '\0' ? 0.0f : -INFINITY;
        REC_TRY(key_of(&out->keys[i], texts[i], err));
    }
    REC_TRY(copy_known(out, missing, &n_missing, known, err));
    status = embed_missing(out, model, texts, missing, n_missing, err);
cleanup:
    free(missing);
    if (status != REC_OK)
        rec_passage_rows_deinit(out);
    return status;
}

/* ---- files ---- */

rec_status rec_passage_rows_add(rec_tensor_writer *writer, const rec_passage_rows *r,
                                rec_error *err)
{
    rec_status status;
    REC_TRY(
        rec_tensor_writer_add(writer, "items", REC_F32, 2, (size_t[]){r->n, r->dim}, r->rows, err));
    REC_TRY(rec_tensor_writer_add(writer, "bias", REC_F32, 1, &r->n, r->bias, err));
    if (r->keys != NULL)
        status = rec_tensor_writer_add(writer, "texts", REC_U64, 1, &r->n, r->keys, err);
cleanup:
    return status;
}

static rec_status read_stored(rec_passage_rows *out, const rec_tensor_file *file, size_t dim,
                              rec_error *err)
{
    const rec_tensor_view *rows, *bias, *keys = NULL;
    rec_status status;
    *out = (rec_passage_rows){.n = 0};
    REC_TRY(
        rec_tensor_file_require(&rows, file, "items", REC_F32, 2, (size_t[]){SIZE_MAX, dim}, err));
    REC_TRY(rec_tensor_file_require(&bias, file, "bias", REC_F32, 1, &rows->shape[0], err));
    if (rec_tensor_file_find(file, "texts") != NULL)
        REC_TRY(rec_tensor_file_require(&keys, file, "texts", REC_U64, 1, &rows->shape[0], err));
    *out = (rec_passage_rows){.n = rows->shape[0], .dim = dim};
    out->rows = rec_memdup(rows->data, rows->n_bytes, err);
    out->bias = rec_memdup(bias->data, bias->n_bytes, err);
    out->keys = keys != NULL ? rec_memdup(keys->data, keys->n_bytes, err) : NULL;
    if (out->rows == NULL || out->bias == NULL || (keys != NULL && out->keys == NULL))
        status = REC_ERR_RESOURCE;
cleanup:
    if (status != REC_OK)
        rec_passage_rows_deinit(out);
    return status;
}

/* Are these the texts that were stored? Without keys the number of them must do. */
static rec_status is_same(bool *same, const rec_passage_rows *stored, const char *const *texts,
                          size_t n, rec_error *err)
{
    *same = stored->n == n;
    for (size_t i = 0; i < n && *same && stored->keys != NULL; i++) {
        uint64_t key;
        rec_status status = key_of(&key, texts[i], err);
        if (status != REC_OK)
            return status;
        *same = key == stored->keys[i];
    }
    return REC_OK;
}

rec_status rec_passage_rows_read(rec_passage_rows *out, const rec_tensor_file *file,
                                 rec_emb_model *model, const char *const *texts, size_t n,
                                 rec_error *err)
{
    rec_passage_rows stored;
    bool same;
    rec_status status = read_stored(&stored, file, model->dim, err);
    if (status != REC_OK)
        return status;
    REC_TRY(is_same(&same, &stored, texts, n, err));
    if (same) {
        *out = stored;
        return REC_OK;
    }
    status = rec_passage_rows_init(out, model, texts, n, &stored, err);
cleanup:
    rec_passage_rows_deinit(&stored);
    return status;
}
