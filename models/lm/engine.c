#include "models/lm/engine.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/parallel.h"
#include "models/lm/int8.h"
#include "models/lm/kernels.h"
#include "models/lm/matmul.h"
#include "models/lm/rope.h"
#include "models/nn/kernels.h"

enum { TILE_TOKENS = 16 }; /* part of the schedule only: no number depends on it */

struct rec_engine {
    const rec_lm_weights *weights;
    const rec_kernels *nn;
    const rec_lm_kernels *lm;
    rec_rope_table rope, rope_sliding;
};

/* Where a token of the batch stands. */
typedef struct token_place {
    uint32_t chunk;
    uint32_t position; /* in its sequence */
} token_place;

/* A block of queries of one sequence, for attention. */
typedef struct query_block {
    uint32_t chunk, first, n; /* tokens first .. first + n - 1 of the batch */
} query_block;

/* Everything one forward pass works on; arrays live in the arena. */
typedef struct pass {
    rec_engine *e;
    const rec_lm_config *c;
    const rec_chunk *chunks;
    size_t n_chunks, n_tokens;
    token_place *places;
    query_block *blocks;
    size_t n_blocks;
    float *const **pages;      /* per chunk */
    size_t layer, cache_layer; /* cache_layer 0 for encoders, whose pages are used again */
    float *hidden, *normed;    /* (n_tokens, d_model) */
    float *q, *k, *v;          /* (n_tokens, heads * head_dim) */
    float *attended;           /* as q */
    float *gate, *up;          /* (n_tokens, d_ff); encoders have no gate */
    float *scratch;            /* per thread */
    void *quantised;           /* inputs of products in 8 bits; NULL where no matrix has panels */
    size_t thread_floats, max_keys;
} pass;

rec_status rec_engine_new(rec_engine **out, const rec_lm_weights *weights, rec_error *err)
{
    const rec_lm_config *c = &weights->config;
    rec_engine *e;
    rec_status status = REC_OK;
    *out = NULL;
    REC_TRY_NEW(e, 1, err);
    e->weights = weights;
    e->nn = rec_kernels_get();
    e->lm = rec_lm_kernels_get();
    if (!c->encoder) {
        REC_TRY(rec_rope_table_init(&e->rope, &c->rope, c->head_dim, err));
        REC_TRY(rec_rope_table_init(&e->rope_sliding, &c->rope_sliding, c->head_dim, err));
    }
    *out = e;
    return REC_OK;
cleanup:
    rec_engine_free(e);
    return status;
}

void rec_engine_free(rec_engine *e)
{
    if (e == NULL)
        return;
    rec_rope_table_deinit(&e->rope);
    rec_rope_table_deinit(&e->rope_sliding);
    free(e);
}

const rec_lm_config *rec_engine_config(const rec_engine *e)
{
    return &e->weights->config;
}

const rec_lm_weights *rec_engine_weights(const rec_engine *e)
{
    return e->weights;
}

static const rec_weight *weight(const pass *p, rec_lm_role role)
{
    return rec_lm_weight(p->e->weights, role, role < REC_LM_FIRST_LAYER_ROLE ? 0 : p->layer);
}

static const float *vector(const pass *p, rec_lm_role role)
{
    return weight(p, role)->data;
}

/* ---- products with weights ---- */

static rec_products products_of(const pass *p, const float *x, size_t ld_x)
{
    return (rec_products){.x = x,
                          .ld_x = ld_x,
                          .m = p->n_tokens,
                          .scratch = p->scratch,
                          .quantised = p->quantised,
                          .thread_floats = p->thread_floats,
                          .in_bulk = p->c->encoder};
}

static void add_product(rec_products *list, const pass *p, rec_lm_role role, rec_lm_role bias,
                        float *out)
{
    list->items[list->n_items++] =
        (rec_product){.w = weight(p, role), .bias = vector(p, bias), .out = out};
}

/* ---- tokens in tiles ---- */

typedef void (*token_tile_fn)(pass *p, size_t first, size_t n);

typedef struct token_loop {
    pass *p;
    token_tile_fn fn;
} token_loop;

static rec_status token_tile(void *context, size_t tile, rec_error *err)
{
    const token_loop *l = context;
    size_t first = tile * TILE_TOKENS, left = l->p->n_tokens - first;
    (void)err;
    l->fn(l->p, first, left < TILE_TOKENS ? left : TILE_TOKENS);
    return REC_OK;
}

static rec_status for_tokens(pass *p, token_tile_fn fn, rec_error *err)
{
    token_loop l = {.p = p, .fn = fn};
    return rec_parallel_tiles((p->n_tokens + TILE_TOKENS - 1) / TILE_TOKENS, token_tile, &l, err);
}

static void rms_norm(const pass *p, float *out, const float *x, rec_lm_role role, size_t rows,
                     size_t cols)
{
    float inverse[TILE_TOKENS];
    for (size_t r = 0; r < rows; r += TILE_TOKENS) {
        size_t n = rows - r < TILE_TOKENS ? rows - r : TILE_TOKENS;
        p->e->nn->rms_norm(out + r * cols, inverse, x + r * cols, vector(p, role),
                           (float)p->c->norm_offset, n, cols, (float)p->c->norm_eps);
    }
}

static void layer_norm(const pass *p, float *x, rec_lm_role role, size_t first, size_t n)
{
    float stats[2 * TILE_TOKENS];
    size_t d = p->c->d_model;
    const float *bias = vector(p, (rec_lm_role)(role + 1));
    p->e->nn->layer_norm(x + first * d, stats, x + first * d, vector(p, role), bias, n, d,
                         (float)p->c->norm_eps);
}

/* ---- embeddings ---- */

static void embed_tile(pass *p, size_t first, size_t n)
{
    const rec_lm_config *c = p->c;
    size_t d = c->d_model;
    for (size_t t = first; t < first + n; t++) {
        const rec_chunk *chunk = &p->chunks[p->places[t].chunk];
        float *row = p->hidden + t * d;
        /* index of the token in its chunk: rows of a chunk are consecutive */
        size_t at = p->places[t].position - (chunk->cache != NULL ? chunk->cache->length : 0);
        uint32_t id = chunk->ids[at];
        if (id == REC_VECTOR_ID) {
            size_t before = 0;
            for (size_t i = 0; i < at; i++)
                before += chunk->ids[i] == REC_VECTOR_ID;
            memcpy(row, chunk->vectors + before * d, d * sizeof *row);
        } else {
            p->e->lm->expand_row(row, weight(p, REC_LM_EMBED), id);
        }
        for (size_t i = 0; c->embed_scale != 1.0 && id != REC_VECTOR_ID && i < d; i++)
            row[i] *= (float)c->embed_scale;
        if (c->encoder) {
            size_t position = c->position_offset + p->places[t].position;
            p->e->nn->add_scaled(row, vector(p, REC_LM_POSITIONS) + position * d, 1.0f, d, true);
            if (c->n_token_types > 0) /* all text is of the first type */
                p->e->nn->add_scaled(row, vector(p, REC_LM_TOKEN_TYPES), 1.0f, d, true);
        }
    }
    if (c->encoder)
        layer_norm(p, p->hidden, REC_LM_EMBED_NORM, first, n);
}

/* ---- attention ---- */

static void rotate_heads(const pass *p, float *x, size_t n_heads, uint32_t position)
{
    const rec_rope_table *t = p->c->sliding[p->layer] ? &p->e->rope_sliding : &p->e->rope;
    for (size_t h = 0; h < n_heads; h++)
        p->e->nn->rotate(x + h * p->c->head_dim, false, x + h * p->c->head_dim,
                         t->cosine + position * t->half, t->sine + position * t->half, 1.0f,
                         t->half);
}

/* Keys stand transposed in their page. */
static void store_key_value(const pass *p, size_t t)
{
    const rec_lm_config *c = p->c;
    const token_place *place = &p->places[t];
    float *page = p->pages[place->chunk][place->position / REC_KV_PAGE];
    size_t slot = place->position % REC_KV_PAGE, hd = c->head_dim;
    for (size_t h = 0; h < c->n_kv_heads; h++) {
        const float *k = p->k + (t * c->n_kv_heads + h) * hd;
        const float *v = p->v + (t * c->n_kv_heads + h) * hd;
        float *keys = page + rec_kv_offset(c, p->cache_layer, h);
        for (size_t i = 0; i < hd; i++)
            keys[i * REC_KV_PAGE + slot] = k[i];
        memcpy(keys + hd * REC_KV_PAGE + slot * hd, v, hd * sizeof *v);
    }
}

static void finish_qkv_tile(pass *p, size_t first, size_t n)
{
    const rec_lm_config *c = p->c;
    float *q = p->q + first * c->n_heads * c->head_dim;
    float *k = p->k + first * c->n_kv_heads * c->head_dim;
    if (!c->encoder && c->qk_norm) {
        rms_norm(p, q, q, REC_LM_Q_NORM, n * c->n_heads, c->head_dim);
        rms_norm(p, k, k, REC_LM_K_NORM, n * c->n_kv_heads, c->head_dim);
    }
    for (size_t t = 0; t < n; t++) {
        if (!c->encoder) {
            uint32_t position = p->places[first + t].position;
            rotate_heads(p, q + t * c->n_heads * c->head_dim, c->n_heads, position);
            rotate_heads(p, k + t * c->n_kv_heads * c->head_dim, c->n_kv_heads, position);
        }
        store_key_value(p, first + t);
    }
}

/* The keys that the token at `position` of a sequence of n sees. */
static void key_range(size_t *first, size_t *end, const pass *p, size_t position, size_t n)
{
    bool sliding = p->c->sliding[p->layer] && p->c->window > 0;
    *end = p->c->encoder ? n : position + 1;
    *first = sliding && position + 1 > p->c->window ? position + 1 - p->c->window : 0;
}

/* The queries of one block that share a key-value head, REC_ATTEND_ROWS at a time. */
static void attend_block(const pass *p, const query_block *b, size_t kv_head, float *scratch)
{
    const rec_lm_config *c = p->c;
    const rec_chunk *chunk = &p->chunks[b->chunk];
    size_t group = c->n_heads / c->n_kv_heads, hd = c->head_dim, n_rows = b->n * group;
    size_t n_keys = chunk->n + (chunk->cache != NULL ? chunk->cache->length : 0);
    float *q = scratch, *out = q + REC_ATTEND_ROWS * hd, *scores = out + REC_ATTEND_ROWS * hd;
    for (size_t row = 0; row < n_rows; row += REC_ATTEND_ROWS) {
        size_t n = n_rows - row < REC_ATTEND_ROWS ? n_rows - row : REC_ATTEND_ROWS;
        size_t first[REC_ATTEND_ROWS], end[REC_ATTEND_ROWS], at[REC_ATTEND_ROWS];
        for (size_t r = 0; r < n; r++) {
            size_t t = b->first + (row + r) / group, head = kv_head * group + (row + r) % group;
            at[r] = (t * c->n_heads + head) * hd;
            key_range(&first[r], &end[r], p, p->places[t].position, n_keys);
            memcpy(q + r * hd, p->q + at[r], hd * sizeof *q);
        }
        p->e->lm->attend(out, hd, q, hd, n, first, end, p->pages[b->chunk],
                         rec_kv_offset(c, p->cache_layer, kv_head), hd, (float)c->attention_scale,
                         scores);
        for (size_t r = 0; r < n; r++)
            memcpy(p->attended + at[r], out + r * hd, hd * sizeof *out);
    }
}

static rec_status attend_tile(void *context, size_t tile, rec_error *err)
{
    const pass *p = context;
    (void)err;
    attend_block(p, &p->blocks[tile / p->c->n_kv_heads], tile % p->c->n_kv_heads,
                 p->scratch + rec_parallel_thread() * p->thread_floats);
    return REC_OK;
}

/* From normed (or hidden, for encoders) to the output projection, which lands in normed. */
static rec_status attention(pass *p, const float *x, rec_error *err)
{
    const rec_lm_config *c = p->c;
    rec_products qkv = products_of(p, x, c->d_model);
    rec_products o = products_of(p, p->attended, c->n_heads * c->head_dim);
    rec_status status = REC_OK;
    add_product(&qkv, p, REC_LM_Q, REC_LM_Q_BIAS, p->q);
    add_product(&qkv, p, REC_LM_K, REC_LM_K_BIAS, p->k);
    add_product(&qkv, p, REC_LM_V, REC_LM_V_BIAS, p->v);
    add_product(&o, p, REC_LM_O, REC_LM_O_BIAS, p->normed);
    REC_TRY(rec_multiply(&qkv, err));
    REC_TRY(for_tokens(p, finish_qkv_tile, err));
    REC_TRY(rec_parallel_tiles(p->n_blocks * c->n_kv_heads, attend_tile, p, err));
    REC_TRY(rec_multiply(&o, err));
cleanup:
    return status;
}

/* ---- layers ---- */

static void attention_norm_tile(pass *p, size_t first, size_t n)
{
    size_t d = p->c->d_model;
    rms_norm(p, p->normed + first * d, p->hidden + first * d, REC_LM_ATTENTION_NORM, n, d);
}

/* hidden += (norm of) normed, in place. */
static void add_residual(pass *p, rec_lm_role post_norm, size_t first, size_t n)
{
    size_t d = p->c->d_model;
    float *normed = p->normed + first * d;
    if (p->c->sandwich_norms)
        rms_norm(p, normed, normed, post_norm, n, d);
    p->e->nn->add_scaled(p->hidden + first * d, normed, 1.0f, n * d, true);
}

static void between_tile(pass *p, size_t first, size_t n)
{
    size_t d = p->c->d_model;
    add_residual(p, REC_LM_ATTENTION_POST_NORM, first, n);
    rms_norm(p, p->normed + first * d, p->hidden + first * d, REC_LM_MLP_NORM, n, d);
}

static void activate(const pass *p, float *x, size_t n)
{
    switch (p->c->activation) {
    case REC_LM_SILU:
        p->e->nn->silu(x, NULL, x, n);
        break;
    case REC_LM_GELU:
        p->e->nn->gelu(x, NULL, x, n);
        break;
    default:
        p->e->nn->gelu_tanh(x, NULL, x, n);
    }
}

static void gate_tile(pass *p, size_t first, size_t n)
{
    size_t at = first * p->c->d_ff, size = n * p->c->d_ff;
    activate(p, p->gate + at, size);
    p->e->nn->add_product(p->up + at, p->up + at, p->gate + at, size, false);
}

static void behind_tile(pass *p, size_t first, size_t n)
{
    add_residual(p, REC_LM_MLP_POST_NORM, first, n);
}

static rec_status decoder_layer(pass *p, rec_error *err)
{
    rec_products in = products_of(p, p->normed, p->c->d_model);
    rec_products down = products_of(p, p->up, p->c->d_ff);
    rec_status status = REC_OK;
    add_product(&in, p, REC_LM_GATE, REC_LM_UP_BIAS, p->gate); /* decoders have no biases here */
    add_product(&in, p, REC_LM_UP, REC_LM_UP_BIAS, p->up);
    add_product(&down, p, REC_LM_DOWN, REC_LM_DOWN_BIAS, p->normed);
    REC_TRY(for_tokens(p, attention_norm_tile, err));
    REC_TRY(attention(p, p->normed, err));
    REC_TRY(for_tokens(p, between_tile, err));
    REC_TRY(rec_multiply(&in, err));
    REC_TRY(for_tokens(p, gate_tile, err));
    REC_TRY(rec_multiply(&down, err));
    REC_TRY(for_tokens(p, behind_tile, err));
cleanup:
    return status;
}

static void add_and_norm(pass *p, rec_lm_role role, size_t first, size_t n)
{
    size_t d = p->c->d_model;
    p->e->nn->add_scaled(p->hidden + first * d, p->normed + first * d, 1.0f, n * d, true);
    layer_norm(p, p->hidden, role, first, n);
}

static void encoder_attention_norm_tile(pass *p, size_t first, size_t n)
{
    add_and_norm(p, REC_LM_ATTENTION_NORM, first, n);
}

static void encoder_mlp_norm_tile(pass *p, size_t first, size_t n)
{
    add_and_norm(p, REC_LM_MLP_NORM, first, n);
}

static void activate_tile(pass *p, size_t first, size_t n)
{
    activate(p, p->up + first * p->c->d_ff, n * p->c->d_ff);
}

static rec_status encoder_layer(pass *p, rec_error *err)
{
    rec_products up = products_of(p, p->hidden, p->c->d_model);
    rec_products down = products_of(p, p->up, p->c->d_ff);
    rec_status status = REC_OK;
    add_product(&up, p, REC_LM_UP, REC_LM_UP_BIAS, p->up);
    add_product(&down, p, REC_LM_DOWN, REC_LM_DOWN_BIAS, p->normed);
    REC_TRY(attention(p, p->hidden, err));
    REC_TRY(for_tokens(p, encoder_attention_norm_tile, err));
    REC_TRY(rec_multiply(&up, err));
    REC_TRY(for_tokens(p, activate_tile, err));
    REC_TRY(rec_multiply(&down, err));
    REC_TRY(for_tokens(p, encoder_mlp_norm_tile, err));
cleanup:
    return status;
}

static void final_norm_tile(pass *p, size_t first, size_t n)
{
    size_t d = p->c->d_model;
    rms_norm(p, p->hidden + first * d, p->hidden + first * d, REC_LM_FINAL_NORM, n, d);
}

/* ---- setting up ---- */

static rec_status check_chunk(const pass *p, const rec_chunk *chunk, rec_error *err)
{
    size_t before = chunk->cache != NULL ? chunk->cache->length : 0;
    assert(chunk->n > 0 && (chunk->cache != NULL) == !p->c->encoder);
    if (chunk->n > p->c->max_positions || before > p->c->max_positions - chunk->n)
        return rec_fail(err, REC_ERR_MODEL, "a sequence of %zu tokens; the model has %zu positions",
                        before + chunk->n, p->c->max_positions);
    for (size_t i = 0; i < chunk->n; i++) {
        bool given = chunk->ids[i] == REC_VECTOR_ID && chunk->vectors != NULL;
        if (!given && chunk->ids[i] >= p->c->vocab_size)
            return rec_fail(err, REC_ERR_MODEL, "token id %u is outside the vocabulary of %zu",
                            chunk->ids[i], p->c->vocab_size);
    }
    return REC_OK;
}

/* Places of all tokens, blocks of queries, and the longest sequence. */
static rec_status place_tokens(pass *p, rec_arena *arena, rec_error *err)
{
    size_t n_blocks = 0, t = 0;
    p->max_keys = 0;
    for (size_t i = 0; i < p->n_chunks; i++)
        n_blocks += (p->chunks[i].n + TILE_TOKENS - 1) / TILE_TOKENS;
    p->places = rec_arena_alloc(arena, p->n_tokens, sizeof *p->places, err);
    p->blocks = rec_arena_alloc(arena, n_blocks, sizeof *p->blocks, err);
    if (p->places == NULL || p->blocks == NULL)
        return REC_ERR_RESOURCE;
    for (size_t i = 0; i < p->n_chunks; i++) {
        const rec_chunk *chunk = &p->chunks[i];
        size_t before = chunk->cache != NULL ? chunk->cache->length : 0;
        p->max_keys = before + chunk->n > p->max_keys ? before + chunk->n : p->max_keys;
        for (size_t j = 0; j < chunk->n; j++, t++) {
            p->places[t] = (token_place){.chunk = (uint32_t)i, .position = (uint32_t)(before + j)};
            if (j % TILE_TOKENS == 0)
                p->blocks[p->n_blocks++] =
                    (query_block){.chunk = (uint32_t)i, .first = (uint32_t)t};
            p->blocks[p->n_blocks - 1].n++;
        }
    }
    return REC_OK;
}

/* Encoders need keys and values of one layer at a time: pages of their own, used again. */
static rec_status make_pages(float ***out, const pass *p, size_t n_tokens, rec_arena *arena,
                             rec_error *err)
{
    size_t n_pages = (n_tokens + REC_KV_PAGE - 1) / REC_KV_PAGE;
    size_t floats = rec_kv_offset(p->c, 1, 0);
    float **pages = rec_arena_alloc(arena, n_pages, sizeof *pages, err);
    float *storage = rec_arena_alloc(arena, n_pages * floats, sizeof *storage, err);
    if (pages == NULL || storage == NULL)
        return REC_ERR_RESOURCE;
    memset(storage, 0, n_pages * floats * sizeof *storage);
    for (size_t i = 0; i < n_pages; i++)
        pages[i] = storage + i * floats;
    *out = pages;
    return REC_OK;
}

static rec_status place_pages(pass *p, rec_kv_pool *pool, rec_arena *arena, rec_error *err)
{
    float *const **pages = rec_arena_alloc(arena, p->n_chunks, sizeof *pages, err);
    rec_status status = pages != NULL ? REC_OK : REC_ERR_RESOURCE;
    for (size_t i = 0; status == REC_OK && i < p->n_chunks; i++) {
        rec_kv *cache = p->chunks[i].cache;
        if (cache == NULL) {
            float **own = NULL;
            status = make_pages(&own, p, p->chunks[i].n, arena, err);
            pages[i] = own;
        } else {
            status = rec_kv_reserve(cache, pool, p->chunks[i].n, err);
            pages[i] = cache->pages;
        }
    }
    p->pages = pages;
    return status;
}

static size_t largest(size_t a, size_t b)
{
    return a > b ? a : b;
}

static size_t longest_row(const rec_lm_config *c)
{
    return largest(largest(c->d_model, c->d_ff), c->n_heads * c->head_dim);
}

static size_t thread_floats(const rec_lm_config *c, size_t max_keys)
{
    size_t columns = longest_row(c);
    size_t keys = (max_keys + REC_KV_PAGE) / REC_KV_PAGE * REC_KV_PAGE;
    size_t floats = largest(REC_MATMUL_GROUP * columns, REC_ATTEND_ROWS * (2 * c->head_dim + keys));
    return (floats + 15) / 16 * 16; /* threads do not share cache lines */
}

static size_t floats_per_token(const rec_lm_config *c)
{
    return 2 * c->d_model + 2 * (c->n_heads + c->n_kv_heads) * c->head_dim + 2 * c->d_ff;
}

size_t rec_engine_scratch_bytes(const rec_engine *e, size_t n_tokens, size_t longest_sequence)
{
    const rec_lm_config *c = rec_engine_config(e);
    size_t quantised =
        e->weights->has_panels ? rec_int8_rows_bytes(n_tokens, longest_row(c), 2) : 0;
    return quantised +
           sizeof(float) * (n_tokens * floats_per_token(c) +
                            rec_parallel_threads() * thread_floats(c, longest_sequence));
}

static rec_status allocate(pass *p, rec_arena *arena, rec_error *err)
{
    const rec_lm_config *c = p->c;
    size_t q = c->n_heads * c->head_dim, kv = c->n_kv_heads * c->head_dim;
    p->thread_floats = thread_floats(c, p->max_keys);
    const struct {
        float **out;
        size_t n;
    } arrays[] = {{&p->hidden, p->n_tokens * c->d_model},
                  {&p->normed, p->n_tokens * c->d_model},
                  {&p->q, p->n_tokens * q},
                  {&p->k, p->n_tokens * kv},
                  {&p->v, p->n_tokens * kv},
                  {&p->attended, p->n_tokens * q},
                  {&p->gate, c->encoder ? 0 : p->n_tokens * c->d_ff},
                  {&p->up, p->n_tokens * c->d_ff},
                  {&p->scratch, rec_parallel_threads() * p->thread_floats}};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) {
        *arrays[i].out = rec_arena_alloc(arena, arrays[i].n, sizeof(float), err);
        if (*arrays[i].out == NULL)
            return REC_ERR_RESOURCE;
    }
    if (!p->e->weights->has_panels)
        return REC_OK;
    p->quantised =
        rec_arena_alloc(arena, rec_int8_rows_bytes(p->n_tokens, longest_row(c), 2), 1, err);
    return p->quantised != NULL ? REC_OK : REC_ERR_RESOURCE;
}

static rec_status set_up(pass *p, rec_kv_pool *pool, rec_arena *arena, rec_error *err)
{
    rec_status status = REC_OK;
    for (size_t i = 0; i < p->n_chunks; i++) {
        REC_TRY(check_chunk(p, &p->chunks[i], err));
        p->n_tokens += p->chunks[i].n;
    }
    REC_TRY(place_tokens(p, arena, err));
    REC_TRY(allocate(p, arena, err));
    if (!p->c->encoder) {
        REC_TRY(rec_rope_table_grow(&p->e->rope, p->max_keys, err));
        REC_TRY(rec_rope_table_grow(&p->e->rope_sliding, p->max_keys, err));
    }
    status = place_pages(p, pool, arena, err);
cleanup:
    return status;
}

static rec_status check_finite(const float *x, size_t n, rec_error *err)
{
    float sum = 0.0f; /* NaN and infinity times 0 are NaN */
    for (size_t i = 0; i < n; i++)
        sum += x[i] * 0.0f;
    if (sum == 0.0f)
        return REC_OK;
    return rec_fail(err, REC_ERR_MODEL, "the model returned NaN or infinity");
}

static rec_status run_layers(pass *p, rec_error *err)
{
    rec_status status = for_tokens(p, embed_tile, err);
    for (size_t l = 0; l < p->c->n_layers && status == REC_OK; l++) {
        p->layer = l;
        p->cache_layer = p->c->encoder ? 0 : l;
        status = p->c->encoder ? encoder_layer(p, err) : decoder_layer(p, err);
    }
    if (status == REC_OK && !p->c->encoder)
        status = for_tokens(p, final_norm_tile, err);
    return status == REC_OK ? check_finite(p->hidden, p->n_tokens * p->c->d_model, err) : status;
}

rec_status rec_engine_forward(float **hidden, rec_engine *e, rec_kv_pool *pool,
                              const rec_chunk *chunks, size_t n_chunks, rec_arena *arena,
                              rec_error *err)
{
    pass p = {.e = e, .c = rec_engine_config(e), .chunks = chunks, .n_chunks = n_chunks};
    rec_status status = set_up(&p, pool, arena, err);
    if (status == REC_OK)
        status = run_layers(&p, err);
    for (size_t i = 0; i < n_chunks && !p.c->encoder; i++) {
        if (status == REC_OK)
            chunks[i].cache->length += chunks[i].n;
        else
            rec_kv_truncate(chunks[i].cache, pool, chunks[i].cache->length);
    }
    *hidden = p.hidden;
    return status;
}
