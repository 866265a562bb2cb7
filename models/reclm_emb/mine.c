/* models/reclm_emb/mine.c: hard negatives, which look right and provably are not. */
#include <stdlib.h>
#include <string.h>

#include "core/blas.h"
#include "core/memory.h"
#include "core/progress.h"
#include "models/ranking.h"
#include "models/reclm_emb/training.h"

enum { DEPTH = 50, TILE = 256 }; /* places looked at below each query; queries ranked at a time */

typedef struct miner {
    const rec_emb_corpus *corpus;
    uint32_t *hidden; /* owned: items that training may not show */
    size_t n_hidden;
    rec_model *words;           /* owned; BM25 */
    const rec_emb_model *model; /* OWN */
    float *passages, *queries;  /* owned; OWN: (n_items, dim), (TILE, dim) */
} miner;

static void miner_deinit(miner *m)
{
    free(m->hidden);
    free(m->passages);
    free(m->queries);
    rec_model_free(m->words);
}

static rec_status find_hidden(miner *m, rec_error *err)
{
    const rec_emb_corpus *c = m->corpus;
    m->hidden = rec_alloc(c->items.n, sizeof *m->hidden, err);
    for (uint32_t i = 0; m->hidden != NULL && i < c->items.n; i++)
        if (c->split.item_part[i] != REC_EMB_TRAIN || c->items.texts[i][0] == '\0')
            m->hidden[m->n_hidden++] = i;
    return m->hidden != NULL ? REC_OK : REC_ERR_RESOURCE;
}

/* ---- ranking ---- */

static rec_status encode(float *out, const void *self, const rec_query *queries, size_t n,
                         rec_error *err)
{
    const miner *m = self;
    (void)err;
    for (size_t i = 0; i < n; i++)
        memcpy(out + i * m->model->dim, m->queries + queries[i].user * m->model->dim,
               m->model->dim * sizeof *out);
    return REC_OK;
}

static rec_item_table item_table(const void *self)
{
    const miner *m = self;
    return (rec_item_table){
        .rows = m->passages, .n_items = m->corpus->items.n, .dim = m->model->dim};
}

static const rec_recommender own = {
    .name = "reclm_emb", .encode = encode, .item_table = item_table};

static rec_status embed_items(miner *m, rec_error *err)
{
    const rec_emb_items *items = &m->corpus->items;
    const char **texts = rec_alloc(items->n, sizeof *texts, err);
    m->passages = rec_alloc(items->n * m->model->dim, sizeof *m->passages, err);
    m->queries = rec_alloc(TILE * m->model->dim, sizeof *m->queries, err);
    rec_status status =
        texts != NULL && m->passages != NULL && m->queries != NULL ? REC_OK : REC_ERR_RESOURCE;
    for (size_t i = 0; status == REC_OK && i < items->n; i++)
        texts[i] = items->texts[i][0] != '\0' ? items->texts[i] : "-";
    if (status == REC_OK)
        status = rec_emb_model_embed(m->passages, m->model, REC_EMB_PASSAGE, texts, items->n, err);
    free(texts);
    return status;
}

static rec_status open_words(miner *m, const rec_fit_data *data, rec_error *err)
{
    rec_status status = rec_model_new(&m->words, "bm25", NULL, NULL, err);
    return status == REC_OK ? m->words->type->fit(m->words->self, data, err) : status;
}

static rec_status rank_tile(rec_ranked *out, miner *m, const uint32_t *rows, size_t n,
                            rec_error *err)
{
    const char *texts[TILE];
    rec_rank_request requests[TILE];
    for (size_t i = 0; i < n; i++) {
        const rec_emb_row *row = &m->corpus->rows.rows[rows[i]];
        texts[i] = row->query;
        requests[i] = (rec_rank_request){
            .query = {.user = (uint32_t)i, .text = row->query},
            .excluded = m->hidden,
            .n_excluded = m->n_hidden,
        };
    }
    rec_status status =
        m->words == NULL ? rec_emb_model_embed(m->queries, m->model, REC_EMB_QUERY, texts, n, err)
                         : REC_OK;
    if (status != REC_OK)
        return status;
    return m->words != NULL ? rec_rank(out, m->words->type, m->words->self, requests, n, DEPTH,
                                       REC_TIES_INDEX, m->corpus->items.n, err)
                            : rec_rank(out, &own, m, requests, n, DEPTH, REC_TIES_INDEX,
                                       m->corpus->items.n, err);
}

static rec_status mine_tile(uint32_t *out, size_t n_wanted, miner *m, const uint32_t *rows,
                            size_t n, rec_error *err)
{
    rec_ranked ranked = {.k = 0};
    rec_status status = rank_tile(&ranked, m, rows, n, err);
    for (size_t i = 0; i < n && status == REC_OK; i++) {
        const rec_emb_row *row = &m->corpus->rows.rows[rows[i]];
        size_t found = 0;
        for (size_t p = 0; p < ranked.n_ranked[i] && found < n_wanted; p++) {
            uint32_t item = ranked.items[i * ranked.k + p];
            if (!rec_emb_row_accepts(row, &m->corpus->items, item))
                out[i * n_wanted + found++] = item;
        }
        for (; found < n_wanted; found++)
            out[i * n_wanted + found] = REC_NO_ITEM;
    }
    rec_ranked_deinit(&ranked);
    return status;
}

rec_status rec_emb_mine(uint32_t *out, size_t n, const rec_emb_corpus *corpus, const uint32_t *rows,
                        size_t n_rows, rec_emb_hard hard, const rec_emb_model *model,
                        const rec_fit_data *data, rec_error *err)
{
    miner m = {.corpus = corpus, .model = model};
    rec_progress *progress = rec_progress_start("hard negatives", "rows", n_rows);
    rec_status status;
    REC_TRY(find_hidden(&m, err));
    REC_TRY(hard == REC_EMB_HARD_BM25 ? open_words(&m, data, err) : embed_items(&m, err));
    for (size_t first = 0; first < n_rows; first += TILE) {
        size_t size = n_rows - first < TILE ? n_rows - first : TILE;
        REC_TRY(mine_tile(out + first * n, n, &m, rows + first, size, err));
        rec_progress_add(progress, size);
    }
cleanup:
    rec_progress_end(progress);
    miner_deinit(&m);
    return status;
}
