/* One unit of work = one sequence and one key-value head with its group of query heads, so that
 * gradients of keys and values have one writer. Inside a unit, tiles of QUERY_TILE queries against
 * the keys they can see. Short sequences use the small kernels on transposed keys, long ones BLAS. */
#include "models/nn/attention.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "core/blas.h"
#include "core/parallel.h"

enum { QUERY_TILE = 64, SHORT = 64, UNITS_PER_TILE = 1 };

typedef struct attention_node {
    rec_node node;
    rec_tensor *q, *k, *v;
    rec_sequences sequences;
    rec_attention options;
    rec_dropout_mask mask;
    bool masked;
    float *log_sum; /* (T, n_heads): log of the sum of exponentials of a row's scores */
} attention_node;

/* Scratch of one thread. */
typedef struct scratch {
    float *weights;  /* (QUERY_TILE, n_keys) probabilities */
    float *slopes;   /* the same for their gradients; backward only */
    float *dropped;  /* probabilities after dropout; backward only */
    float *k_turned; /* (head_dim, n_keys): transposed keys of a short sequence */
    float *v_turned; /* backward only */
} scratch;

typedef struct units {
    const rec_kernels *kernels;
    const attention_node *node; /* forward: the same fields, not on the tape */
    const float *dy;
    float *y, *dq, *dk, *dv;
    bool keep_q, keep_k, keep_v;
    scratch *scratch; /* one per thread */
} units;

/* One unit, seen as strided matrices. */
typedef struct unit {
    const rec_kernels *kernels;
    const attention_node *node;
    size_t first, length;    /* rows of the sequence */
    size_t head, kv_head;    /* query head at work, key head of the unit */
    size_t q_ld, kv_ld, dim; /* row widths, head_dim */
    bool is_short;
    scratch s;
} unit;

/* A tile of queries and the keys any of them sees. */
typedef struct tile {
    size_t query, n_queries; /* inside the sequence */
    size_t key, n_keys;
} tile;

static void visible_keys(size_t *from, size_t *to, const unit *u, size_t query)
{
    size_t window = u->node->options.window;
    *from = window > 0 && query + 1 > window ? query + 1 - window : 0;
    *to = u->length;
    if (u->node->options.causal)
        *to = query + 1;
    else if (window > 0 && query + window < u->length)
        *to = query + window;
}

static tile tile_at(const unit *u, size_t query)
{
    tile t = {.query = query};
    size_t unused, end;
    t.n_queries = u->length - query < QUERY_TILE ? u->length - query : QUERY_TILE;
    visible_keys(&t.key, &unused, u, query);
    visible_keys(&unused, &end, u, query + t.n_queries - 1);
    t.n_keys = end - t.key;
    return t;
}

static const float *query_rows(const unit *u, const float *q, size_t query)
{
    return q + (u->first + query) * u->q_ld + u->head * u->dim;
}

static const float *key_rows(const unit *u, const float *k, size_t key)
{
    return k + (u->first + key) * u->kv_ld + u->kv_head * u->dim;
}

/* out (n_queries, n_keys) = rows b^T, b = keys or values, from their transposed copy if short */
static void times_transposed(float *out, const unit *u, const tile *t, const float *rows,
                             const float *b, const float *turned)
{
    if (u->is_short)
        u->kernels->small_gemm(out, t->n_keys, rows, u->q_ld, 1, turned + t->key, u->length,
                               t->n_queries, t->n_keys, u->dim, false);
    else
        rec_gemm_nt(out, t->n_keys, rows, u->q_ld, key_rows(u, b, t->key), u->kv_ld, t->n_queries,
                    t->n_keys, u->dim, 1.0f, 0.0f);
}

/* out (n_queries, dim) (+)= weights (n_queries, n_keys) b */
static void weights_times(float *out, const unit *u, const tile *t, const float *weights,
                          const float *b, bool keep)
{
    if (u->is_short)
        u->kernels->small_gemm(out, u->q_ld, weights, t->n_keys, 1, key_rows(u, b, t->key),
                               u->kv_ld, t->n_queries, u->dim, t->n_keys, keep);
    else
        rec_gemm_nn(out, u->q_ld, weights, t->n_keys, key_rows(u, b, t->key), u->kv_ld,
                    t->n_queries, u->dim, t->n_keys, 1.0f, keep ? 1.0f : 0.0f);
}

/* out (n_keys, dim) += weights^T rows */
static void transposed_weights_times(float *out, const unit *u, const tile *t, const float *weights,
                                     const float *rows)
{
    if (u->is_short)
        u->kernels->small_gemm(out, u->kv_ld, weights, 1, t->n_keys, rows, u->q_ld, t->n_keys,
                               u->dim, t->n_queries, true);
    else
        rec_gemm_tn(out, u->kv_ld, weights, t->n_keys, rows, u->q_ld, t->n_keys, u->dim,
                    t->n_queries, 1.0f, 1.0f);
}

static void turn(float *turned, const unit *u, const float *b)
{
    for (size_t j = 0; j < u->length; j++) {
        const float *row = key_rows(u, b, j);
        for (size_t c = 0; c < u->dim; c++)
            turned[c * u->length + j] = row[c];
    }
}

/* The columns of a tile's row that its query sees; the others are set to 0. */
static float *visible_part(size_t *n, float *row, const unit *u, const tile *t, size_t i)
{
    size_t from, to;
    visible_keys(&from, &to, u, t->query + i);
    from -= t->key;
    to -= t->key;
    memset(row, 0, from * sizeof *row);
    memset(row + to, 0, (t->n_keys - to) * sizeof *row);
    *n = to - from;
    return row + from;
}

static void tile_scores(const unit *u, const tile *t)
{
    const attention_node *n = u->node;
    times_transposed(u->s.weights, u, t, query_rows(u, n->q->value, t->query), n->k->value,
                     u->s.k_turned);
}

static float *log_sum_of(const unit *u, size_t query)
{
    return u->node->log_sum + (u->first + query) * u->node->options.n_heads + u->head;
}

/* out = mask * x on a tile. Each tile's mask is a stream named by its first row and head. */
static void drop_tile(float *out, const unit *u, const tile *t, const float *x)
{
    rec_dropout_mask mask = u->node->mask;
    mask.stream[1] = (uint32_t)((u->first + t->query) * u->node->options.n_heads + u->head);
    u->kernels->dropout(out, NULL, x, 0, t->n_queries * t->n_keys, &mask);
}

static void forward_tile(float *y, const unit *u, const tile *t)
{
    float scale = u->node->options.scale;
    tile_scores(u, t);
    for (size_t i = 0; i < t->n_queries; i++) {
        size_t n;
        float *row = visible_part(&n, u->s.weights + i * t->n_keys, u, t, i);
        float shift = u->kernels->greatest(row, n) * scale;
        float sum = u->kernels->exp_shifted(row, row, scale, shift, n);
        u->kernels->add_scaled(row, row, 1.0f / sum, n, false);
        *log_sum_of(u, t->query + i) = shift + logf(sum);
    }
    if (u->node->masked)
        drop_tile(u->s.weights, u, t, u->s.weights);
    weights_times(y + (u->first + t->query) * u->q_ld + u->head * u->dim, u, t, u->s.weights,
                  u->node->v->value, false);
}

/* With P the weights and D the mask: dV += (D P)^T dO, dP = D (dO V^T), dS = P (dP - sum P dP). */
static void backward_tile(const units *c, const unit *u, const tile *t)
{
    const attention_node *n = u->node;
    size_t at = (u->first + t->query) * u->q_ld + u->head * u->dim;
    const float *dy = c->dy + at, *weights = u->s.weights;
    tile_scores(u, t);
    times_transposed(u->s.slopes, u, t, dy, n->v->value, u->s.v_turned);
    if (n->masked)
        drop_tile(u->s.slopes, u, t, u->s.slopes);
    for (size_t i = 0; i < t->n_queries; i++) {
        size_t n_seen;
        float *row = visible_part(&n_seen, u->s.weights + i * t->n_keys, u, t, i);
        float *slope = visible_part(&n_seen, u->s.slopes + i * t->n_keys, u, t, i);
        u->kernels->exp_shifted(row, row, n->options.scale, *log_sum_of(u, t->query + i), n_seen);
        u->kernels->softmax_back(slope, row, n->options.scale, n_seen);
    }
    if (n->masked) {
        drop_tile(u->s.dropped, u, t, u->s.weights);
        weights = u->s.dropped;
    }
    size_t keys = (u->first + t->key) * u->kv_ld + u->kv_head * u->dim;
    if (c->dv != NULL)
        transposed_weights_times(c->dv + keys, u, t, weights, dy);
    if (c->dk != NULL)
        transposed_weights_times(c->dk + keys, u, t, u->s.slopes, n->q->value + at);
    if (c->dq != NULL)
        weights_times(c->dq + at, u, t, u->s.slopes, n->k->value, c->keep_q);
}

/* ---- units ---- */

static unit unit_at(const units *c, size_t index)
{
    const attention_node *n = c->node;
    const rec_attention *o = &n->options;
    size_t s = index / o->n_kv_heads;
    unit u = {.kernels = c->kernels, .node = n, .first = n->sequences.start[s]};
    u.length = n->sequences.start[s + 1] - u.first;
    u.kv_head = index % o->n_kv_heads;
    u.q_ld = o->n_heads * o->head_dim;
    u.kv_ld = o->n_kv_heads * o->head_dim;
    u.dim = o->head_dim;
    u.is_short = u.length <= SHORT;
    u.s = c->scratch[rec_parallel_thread()];
    return u;
}

/* Key and value gradients are sums over tiles and heads: start them at 0 when they are new. */
static void clear_key_rows(float *grad, const unit *u)
{
    for (size_t j = 0; j < u->length; j++)
        memset(grad + (u->first + j) * u->kv_ld + u->kv_head * u->dim, 0, u->dim * sizeof *grad);
}

static void forward_units(void *context, size_t start, size_t n_units)
{
    const units *c = context;
    for (size_t index = start; index < start + n_units; index++) {
        unit u = unit_at(c, index);
        size_t group = c->node->options.n_heads / c->node->options.n_kv_heads;
        if (u.is_short)
            turn(u.s.k_turned, &u, c->node->k->value);
        for (size_t h = 0; h < group; h++)
            for (size_t query = 0; query < u.length; query += QUERY_TILE) {
                u.head = u.kv_head * group + h;
                tile t = tile_at(&u, query);
                forward_tile(c->y, &u, &t);
            }
    }
}

static void backward_units(void *context, size_t start, size_t n_units)
{
    const units *c = context;
    for (size_t index = start; index < start + n_units; index++) {
        unit u = unit_at(c, index);
        size_t group = c->node->options.n_heads / c->node->options.n_kv_heads;
        if (u.is_short) {
            turn(u.s.k_turned, &u, c->node->k->value);
            turn(u.s.v_turned, &u, c->node->v->value);
        }
        if (c->dk != NULL && !c->keep_k)
            clear_key_rows(c->dk, &u);
        if (c->dv != NULL && !c->keep_v)
            clear_key_rows(c->dv, &u);
        for (size_t h = 0; h < group; h++)
            for (size_t query = 0; query < u.length; query += QUERY_TILE) {
                u.head = u.kv_head * group + h;
                tile t = tile_at(&u, query);
                backward_tile(c, &u, &t);
            }
    }
}

static size_t longest(const rec_sequences *sequences)
{
    size_t most = 0;
    for (size_t s = 0; s < sequences->n; s++) {
        size_t length = sequences->start[s + 1] - sequences->start[s];
        most = length > most ? length : most;
    }
    return most;
}

/* Scratch for every thread; NULL when memory is out. */
static scratch *thread_scratch(rec_tape *t, const attention_node *n, bool backward)
{
    size_t n_threads = rec_parallel_threads(), length = longest(&n->sequences);
    size_t tile_size = QUERY_TILE * length;
    size_t turned = n->options.head_dim * (length < SHORT ? length : SHORT);
    scratch *s = rec_tape_alloc(t, n_threads, sizeof *s);
    for (size_t i = 0; s != NULL && i < n_threads; i++) {
        s[i] = (scratch){.weights = rec_tape_alloc(t, tile_size, sizeof(float)),
                         .k_turned = rec_tape_alloc(t, turned, sizeof(float))};
        if (backward) {
            s[i].slopes = rec_tape_alloc(t, tile_size, sizeof(float));
            s[i].dropped = rec_tape_alloc(t, tile_size, sizeof(float));
            s[i].v_turned = rec_tape_alloc(t, turned, sizeof(float));
        }
    }
    return t->error.status == REC_OK ? s : NULL;
}

static rec_status run_units(rec_tape *t, units *c, rec_rows_fn fn, bool backward, rec_error *err)
{
    rec_arena_mark mark = rec_arena_get_mark(t->arena);
    c->kernels = t->kernels;
    c->scratch = thread_scratch(t, c->node, backward);
    rec_status status = rec_tape_status(t, err);
    if (status == REC_OK)
        status = rec_tape_for_rows(c->node->sequences.n * c->node->options.n_kv_heads,
                                   UNITS_PER_TILE, fn, c, err);
    rec_arena_rewind(t->arena, mark);
    return status;
}

static rec_status attention_back(rec_tape *t, rec_node *node, rec_error *err)
{
    const attention_node *n = (const attention_node *)node;
    units c = {.node = n, .dy = node->out->grad};
    if (n->q->needs_grad)
        c.dq = rec_tape_gradient(t, n->q, &c.keep_q);
    if (n->k->needs_grad)
        c.dk = rec_tape_gradient(t, n->k, &c.keep_k);
    if (n->v->needs_grad)
        c.dv = rec_tape_gradient(t, n->v, &c.keep_v);
    rec_status status = rec_tape_status(t, err);
    return status == REC_OK ? run_units(t, &c, backward_units, true, err) : status;
}

static void check_shapes(const rec_tensor *q, const rec_tensor *k, const rec_tensor *v,
                         const rec_sequences *sequences, const rec_attention *o)
{
    assert(o->n_kv_heads > 0 && o->n_heads % o->n_kv_heads == 0);
    assert(q->cols == o->n_heads * o->head_dim && k->cols == o->n_kv_heads * o->head_dim);
    assert(v->cols == k->cols && k->rows == q->rows && v->rows == q->rows);
    assert(sequences->start[0] == 0 && sequences->start[sequences->n] == q->rows);
    assert(q != k && q != v && k != v && o->scale >= 0.0f);
}

rec_tensor *rec_nn_attention(rec_tape *t, rec_tensor *q, rec_tensor *k, rec_tensor *v,
                             const rec_sequences *sequences, const rec_attention *options)
{
    if (q == NULL || k == NULL || v == NULL)
        return NULL;
    check_shapes(q, k, v, sequences, options);
    bool records = rec_tape_records(t, q, k) || rec_tape_records(t, v, NULL);
    rec_tensor *y = rec_tape_tensor(t, q->rows, q->cols, records);
    attention_node own = {.q = q, .k = k, .v = v, .sequences = *sequences, .options = *options};
    if (own.options.scale == 0.0f)
        own.options.scale = 1.0f / sqrtf((float)options->head_dim);
    own.masked = options->dropout > 0.0f && t->mode == REC_TAPE_TRAIN;
    if (own.masked)
        own.mask = rec_tape_next_mask(t, options->dropout);
    own.log_sum = rec_tape_alloc(t, q->rows * options->n_heads, sizeof(float));
    if (y == NULL || own.log_sum == NULL)
        return NULL;
    if (records) {
        attention_node *node = rec_tape_record(t, sizeof *node, "attention", y, attention_back);
        if (node == NULL)
            return NULL;
        own.node = node->node;
        *node = own;
    }
    units c = {.node = &own, .y = y->value};
    rec_error error = {.status = REC_OK};
    if (run_units(t, &c, forward_units, false, &error) != REC_OK)
        return rec_tape_failed(t, &error);
    return y;
}
