#include "models/nn/tape.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "core/parallel.h"
#include "core/rng.h"

/* Stands in the storage it describes: an arena's smallest piece has room for it. */
struct rec_gradient_buffer {
    size_t n; /* floats of room */
    rec_gradient_buffer *next;
};

void rec_tape_init(rec_tape *t, rec_arena *arena)
{
    *t = (rec_tape){.arena = arena, .kernels = rec_kernels_get()};
}

void rec_tape_begin(rec_tape *t, rec_tape_mode mode, uint64_t seed)
{
    rec_arena_reset(t->arena);
    *t = (rec_tape){.arena = t->arena, .kernels = t->kernels, .mode = mode, .dropout_seed = seed};
}

uint64_t rec_tape_step_seed(uint64_t seed, uint64_t step)
{
    rec_rng rng = rec_rng_keyed(seed, "nn/step", step);
    return rec_rng_u64(&rng);
}

void *rec_tape_failed(rec_tape *t, const rec_error *err)
{
    if (t->error.status == REC_OK)
        t->error = *err;
    return NULL;
}

rec_status rec_tape_status(const rec_tape *t, rec_error *err)
{
    if (t->error.status == REC_OK)
        return REC_OK;
    return rec_fail(err, t->error.status, "%s", t->error.message);
}

bool rec_tape_records(const rec_tape *t, const rec_tensor *a, const rec_tensor *b)
{
    return t->mode != REC_TAPE_EVALUATE && !t->paused &&
           ((a != NULL && a->needs_grad) || (b != NULL && b->needs_grad));
}

void *rec_tape_alloc(rec_tape *t, size_t n, size_t size)
{
    rec_error error = {.status = REC_OK};
    void *p = rec_arena_alloc(t->arena, n, size, &error);
    return p != NULL ? p : rec_tape_failed(t, &error);
}

rec_tensor *rec_tape_tensor(rec_tape *t, size_t rows, size_t cols, bool needs_grad)
{
    return rec_tape_input(t, NULL, rows, cols, needs_grad);
}

rec_tensor *rec_tape_input(rec_tape *t, float *values, size_t rows, size_t cols, bool needs_grad)
{
    rec_tensor *x = rec_tape_alloc(t, 1, sizeof *x);
    if (x == NULL)
        return NULL;
    if (values == NULL)
        values = rec_tape_alloc(t, rows * cols, sizeof *values);
    *x = (rec_tensor){.value = values, .rows = rows, .cols = cols, .needs_grad = needs_grad};
    return values != NULL ? x : NULL;
}

void *rec_tape_record(rec_tape *t, size_t size, const char *name, rec_tensor *out,
                      rec_status (*backward)(rec_tape *, rec_node *, rec_error *))
{
    rec_node *node = rec_tape_alloc(t, 1, size);
    if (node == NULL)
        return NULL;
    memset(node, 0, size);
    *node = (rec_node){.name = name, .backward = backward, .out = out, .previous = t->last};
    t->last = node;
    return node;
}

/* A buffer given back that is not more than twice as large, or new storage. */
static float *gradient_storage(rec_tape *t, size_t n)
{
    for (rec_gradient_buffer **b = &t->free_gradients; *b != NULL; b = &(*b)->next)
        if ((*b)->n >= n && (*b)->n / 2 <= n) {
            void *storage = *b;
            *b = (*b)->next;
            return storage;
        }
    return rec_tape_alloc(t, n, sizeof(float));
}

static void release_gradient(rec_tape *t, rec_tensor *x)
{
    rec_gradient_buffer *b = (void *)x->grad;
    *b = (rec_gradient_buffer){.n = x->rows * x->cols, .next = t->free_gradients};
    t->free_gradients = b;
    x->grad = NULL;
}

float *rec_tape_gradient(rec_tape *t, rec_tensor *x, bool *keep)
{
    *keep = x->grad != NULL;
    if (x->grad == NULL)
        x->grad = gradient_storage(t, x->rows * x->cols);
    return x->grad;
}

rec_status rec_tape_pass_gradient(rec_tape *t, rec_tensor *x, rec_tensor *from)
{
    if (!x->needs_grad)
        return REC_OK;
    if (x->grad == NULL) {
        x->grad = from->grad;
        from->grad = NULL;
    } else {
        t->kernels->add_scaled(x->grad, from->grad, 1.0f, x->rows * x->cols, true);
    }
    return REC_OK;
}

void rec_tape_seed_gradient(rec_tape *t, rec_tensor *x, const float *grad)
{
    if (x == NULL || !x->needs_grad || t->mode == REC_TAPE_EVALUATE)
        return;
    bool keep;
    float *dx = rec_tape_gradient(t, x, &keep);
    if (dx != NULL)
        t->kernels->add_scaled(dx, grad, 1.0f, x->rows * x->cols, keep);
}

/* Undo nodes down to (not including) `stop`. */
static rec_status run_back_to(rec_tape *t, const rec_node *stop, rec_error *err)
{
    rec_status status = rec_tape_status(t, err);
    while (status == REC_OK && t->last != stop) {
        rec_node *node = t->last;
        t->last = node->previous;
        if (node->out->grad == NULL)
            continue;
        status = node->backward(t, node, err);
        if (status == REC_OK)
            status = rec_tape_status(t, err);
        if (status == REC_OK && node->out->grad != NULL)
            release_gradient(t, node->out);
    }
    return status;
}

rec_status rec_tape_backward(rec_tape *t, rec_error *err)
{
    return run_back_to(t, NULL, err);
}

static bool all_finite(const rec_tensor *x)
{
    for (size_t i = 0; i < x->rows * x->cols; i++)
        if (!isfinite(x->value[i]))
            return false;
    return true;
}

rec_status rec_tape_check_loss(const rec_tape *t, double loss, rec_error *err)
{
    const rec_node *first = NULL;
    size_t n = 0, place = 0;
    if (isfinite(loss))
        return REC_OK;
    for (const rec_node *node = t->last; node != NULL; node = node->previous, n++)
        if (!all_finite(node->out)) {
            first = node;
            place = n;
        }
    if (first == NULL)
        return rec_fail(err, REC_ERR_MODEL, "the loss is not finite");
    return rec_fail(err, REC_ERR_MODEL, "the loss is not finite, nor is the output of %s, op %zu",
                    first->name, n - place);
}

rec_dropout_mask rec_tape_next_mask(rec_tape *t, float p)
{
    rec_rng rng = rec_rng_keyed(t->dropout_seed, "nn/dropout", 0);
    uint32_t threshold = (uint32_t)lrintf(p * 65536.0f);
    assert(threshold < 65536);
    return (rec_dropout_mask){
        .key = {rng.key[0], rng.key[1]},
        .stream = {t->n_dropouts++, 0},
        .threshold = threshold,
        .scale = 65536.0f / (float)(65536 - threshold),
    };
}

typedef struct rows_loop {
    size_t rows, tile;
    rec_rows_fn fn;
    void *context;
} rows_loop;

static rec_status rows_tile(void *context, size_t tile, rec_error *err)
{
    const rows_loop *loop = context;
    (void)err;
    size_t start = tile * loop->tile;
    size_t n = loop->rows - start < loop->tile ? loop->rows - start : loop->tile;
    loop->fn(loop->context, start, n);
    return REC_OK;
}

rec_status rec_tape_for_rows(size_t rows, size_t tile, rec_rows_fn fn, void *context,
                             rec_error *err)
{
    rows_loop loop = {.rows = rows, .tile = tile, .fn = fn, .context = context};
    return rec_parallel_tiles((rows + tile - 1) / tile, rows_tile, &loop, err);
}

size_t rec_tape_tile(size_t cols)
{
    size_t rows = 16384 / (cols > 0 ? cols : 1);
    return rows < 128 ? 128 : rows / 128 * 128;
}

/* ---- recomputation ---- */

typedef struct recompute_node {
    rec_node node;
    rec_segment_fn fn;
    void *context;
    rec_tensor *x;
    uint32_t n_dropouts; /* before the segment, so that its masks come again */
} recompute_node;

/* Run the segment again with records, then undo it at once. Everything made meanwhile is dropped. */
static rec_status recompute_back(rec_tape *t, rec_node *node, rec_error *err)
{
    recompute_node *r = (recompute_node *)node;
    bool keep = false;
    if (r->x->needs_grad && rec_tape_gradient(t, r->x, &keep) == NULL)
        return rec_tape_status(t, err);
    rec_arena_mark mark = rec_arena_get_mark(t->arena);
    rec_gradient_buffer *free_gradients = t->free_gradients;
    uint32_t n_dropouts = t->n_dropouts;
    rec_node *outer = t->last;

    /* x stands alone: what flows into it is added to the real one, which may already hold more. */
    rec_tensor x = *r->x;
    x.grad = NULL;
    t->free_gradients = NULL;
    t->n_dropouts = r->n_dropouts;
    rec_tensor *out = r->fn(t, r->context, &x);
    rec_status status = rec_tape_status(t, err);
    if (status == REC_OK) {
        rec_tape_seed_gradient(t, out, node->out->grad);
        status = run_back_to(t, outer, err);
    }
    if (status == REC_OK && r->x->needs_grad) {
        size_t n = x.rows * x.cols;
        if (x.grad != NULL)
            t->kernels->add_scaled(r->x->grad, x.grad, 1.0f, n, keep);
        else if (!keep)
            memset(r->x->grad, 0, n * sizeof *x.grad);
    }
    t->last = outer;
    t->free_gradients = free_gradients;
    t->n_dropouts = n_dropouts;
    rec_arena_rewind(t->arena, mark);
    return status;
}

rec_tensor *rec_tape_recompute(rec_tape *t, rec_segment_fn fn, void *context, rec_tensor *x)
{
    if (x == NULL)
        return NULL;
    if (t->mode == REC_TAPE_EVALUATE || t->paused)
        return fn(t, context, x);
    rec_tensor *out = rec_tape_tensor(t, x->rows, x->cols, true);
    recompute_node *r = rec_tape_record(t, sizeof *r, "recompute", out, recompute_back);
    if (out == NULL || r == NULL)
        return NULL;
    r->fn = fn;
    r->context = context;
    r->x = x;
    r->n_dropouts = t->n_dropouts;
    rec_arena_mark mark = rec_arena_get_mark(t->arena);
    t->paused = true;
    rec_tensor *value = fn(t, context, x);
    t->paused = false;
    if (value == NULL)
        return NULL;
    assert(value->rows == x->rows && value->cols == x->cols);
    memcpy(out->value, value->value, x->rows * x->cols * sizeof *out->value);
    rec_arena_rewind(t->arena, mark);
    return out;
}
