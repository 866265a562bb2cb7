/* models/reclm_emb/dev.c: how well a model does on development rows, for early stopping. */
#include <stdlib.h>

#include "core/blas.h"
#include "core/memory.h"
#include "core/permutation.h"
#include "models/reclm_emb/training.h"

typedef struct dev {
    const rec_emb_corpus *corpus;
    uint32_t *rows;  /* owned: development rows */
    uint32_t *items; /* owned: candidates */
    bool *is_chosen; /* owned (n_items) */
    size_t n_rows, n_items;
    float *queries, *passages, *scores; /* owned */
} dev;

static void dev_deinit(dev *v)
{
    free(v->rows);
    free(v->items);
    free(v->is_chosen);
    free(v->queries);
    free(v->passages);
    free(v->scores);
}

static void choose(dev *v, uint32_t item)
{
    if (v->is_chosen[item] || v->corpus->items.texts[item][0] == '\0')
        return;
    v->is_chosen[item] = true;
    v->items[v->n_items++] = item;
}

/* One answer of every row, then drawn items until there are enough. */
static rec_status choose_candidates(dev *v, size_t n_wanted, uint64_t seed, rec_error *err)
{
    const rec_emb_rows *x = &v->corpus->rows;
    size_t n = v->corpus->items.n;
    rec_status status;
    REC_TRY_NEW(v->rows, x->n, err);
    REC_TRY_NEW(v->items, n, err);
    REC_TRY_NEW(v->is_chosen, n, err);
    for (size_t i = 0; i < x->n; i++)
        if (x->rows[i].part == REC_EMB_DEV) {
            v->rows[v->n_rows++] = (uint32_t)i;
            choose(v, x->rows[i].positives[0]);
        }
    rec_permutation order = rec_permutation_keyed(seed, "emb/dev", 0, n);
    for (size_t i = 0; i < n && v->n_items < n_wanted; i++)
        choose(v, (uint32_t)rec_permutation_at(&order, i));
    status = REC_OK;
cleanup:
    return status;
}

static rec_status embed(dev *v, const rec_emb_model *model, rec_error *err)
{
    size_t longest = v->n_rows > v->n_items ? v->n_rows : v->n_items;
    const char **texts = rec_alloc(longest, sizeof *texts, err);
    rec_status status = texts != NULL ? REC_OK : REC_ERR_RESOURCE;
    if (status != REC_OK)
        return status;
    REC_TRY_NEW(v->queries, v->n_rows * model->dim, err);
    REC_TRY_NEW(v->passages, v->n_items * model->dim, err);
    REC_TRY_NEW(v->scores, v->n_items, err);
    for (size_t i = 0; i < v->n_rows; i++)
        texts[i] = v->corpus->rows.rows[v->rows[i]].query;
    REC_TRY(rec_emb_model_embed(v->queries, model, REC_EMB_QUERY, texts, v->n_rows, err));
    for (size_t i = 0; i < v->n_items; i++)
        texts[i] = v->corpus->items.texts[v->items[i]];
    status = rec_emb_model_embed(v->passages, model, REC_EMB_PASSAGE, texts, v->n_items, err);
cleanup:
    free(texts);
    return status;
}

/* 1 / rank of the row's answer among the candidates that do not answer. */
static double reciprocal_rank(dev *v, size_t r, size_t dim)
{
    const rec_emb_row *row = &v->corpus->rows.rows[v->rows[r]];
    size_t rank = 1;
    float own = 0.0f;
    for (size_t i = 0; i < v->n_items; i++) {
        v->scores[i] = rec_dot(v->queries + r * dim, v->passages + i * dim, dim);
        if (v->items[i] == row->positives[0])
            own = v->scores[i];
    }
    for (size_t i = 0; i < v->n_items; i++)
        rank += v->scores[i] > own && !rec_emb_row_accepts(row, &v->corpus->items, v->items[i]);
    return 1.0 / (double)rank;
}

rec_status rec_emb_dev_value(double *out, const rec_emb_model *model, const rec_emb_corpus *corpus,
                             size_t n_candidates, uint64_t seed, rec_error *err)
{
    dev v = {.corpus = corpus};
    double sum[REC_EMB_N_TASKS] = {0}, total = 0.0;
    size_t count[REC_EMB_N_TASKS] = {0}, n_tasks = 0;
    rec_status status;
    REC_TRY(choose_candidates(&v, n_candidates, seed, err));
    REC_TRY(embed(&v, model, err));
    for (size_t r = 0; r < v.n_rows; r++) {
        size_t task = corpus->rows.rows[v.rows[r]].task;
        sum[task] += reciprocal_rank(&v, r, model->dim);
        count[task]++;
    }
    for (size_t t = 0; t < REC_EMB_N_TASKS; t++)
        if (count[t] > 0) {
            total += sum[t] / (double)count[t];
            n_tasks++;
        }
    *out = n_tasks > 0 ? total / (double)n_tasks : 0.0;
cleanup:
    dev_deinit(&v);
    return status;
}
