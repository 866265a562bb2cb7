/**
 * Reverse-mode differentiation at the level of whole operations ("Automatic differentiation in
 * machine learning: a survey", JMLR 18, 2018, section 3.2). An op computes its value at once and,
 * when gradients are wanted, leaves a node with its backward function; rec_tape_backward runs the
 * nodes last to first. Everything lives in an arena that rec_tape_begin resets: once two steps of
 * the largest size have been seen, no step allocates.
 *
 * Ops return a borrowed tensor, NULL on failure, and NULL for a NULL input: a model is written as
 * nested calls and asks rec_tape_status once. The first failure is kept.
 *
 * Losses are roots: they compute the gradient of their inputs in the forward call, for an upstream
 * gradient of 1 (so that the largest product of a model, the one with the vocabulary, is not computed
 * twice), and return the value. Several roots add up.
 *
 * Inputs are checked by assert: shapes are the model's business, not data.
 */
#ifndef REC_MODELS_NN_TAPE_H
#define REC_MODELS_NN_TAPE_H

#include <stdint.h>

#include "core/arena.h"
#include "core/status.h"
#include "models/nn/kernels.h"
#include "models/nn/tensor.h"

typedef struct rec_tape rec_tape;
typedef struct rec_node rec_node;

/** First member of every op's record. `backward` adds to the gradients of the inputs; it is not
 * called when nothing flowed into `out`. */
struct rec_node {
    const char *name; /* "linear": for messages */
    rec_status (*backward)(rec_tape *t, rec_node *node, rec_error *err);
    rec_tensor *out;
    rec_node *previous;
};

/** What a step is for. */
typedef enum rec_tape_mode {
    REC_TAPE_EVALUATE, /* values only: no nodes, no dropout */
    REC_TAPE_TRAIN,    /* nodes and dropout */
    REC_TAPE_GRADIENTS /* nodes, no dropout (gradient checks, golden comparisons) */
} rec_tape_mode;

typedef struct rec_gradient_buffer rec_gradient_buffer;

struct rec_tape {
    rec_arena *arena; /* borrowed */
    const rec_kernels *kernels;
    rec_tape_mode mode;
    bool paused; /* first pass of a recomputed segment: no records */
    rec_node *last;
    rec_gradient_buffer *free_gradients; /* of tensors whose backward is done */
    uint64_t dropout_seed;
    uint32_t n_dropouts; /* so far in this step: names the next op's random stream */
    rec_error error;     /* the first failure of this step */
};

/** @param arena  borrowed; used by this tape alone until it is gone */
void rec_tape_init(rec_tape *t, rec_arena *arena);

/**
 * Start a step: everything the last one made is gone.
 * @param seed  of the dropout masks: pass rec_tape_step_seed(seed, step) so that each step differs
 */
void rec_tape_begin(rec_tape *t, rec_tape_mode mode, uint64_t seed);
uint64_t rec_tape_step_seed(uint64_t seed, uint64_t step);

/** REC_OK, or the first failure since rec_tape_begin, its message copied to err. */
rec_status rec_tape_status(const rec_tape *t, rec_error *err);

/** Run every backward from the roots to the leaves. Gradients of parameters are added to what their
 * block holds. Call once per step; also fails with what failed before. */
rec_status rec_tape_backward(rec_tape *t, rec_error *err);

/** A leaf. values NULL: uninitialised storage in the arena, to be filled; else borrowed. */
rec_tensor *rec_tape_input(rec_tape *t, float *values, size_t rows, size_t cols, bool needs_grad);

/** A root for losses computed elsewhere: add `grad` (shape of x, copied) to the gradient of x. */
void rec_tape_seed_gradient(rec_tape *t, rec_tensor *x, const float *grad);

/** REC_OK for a finite loss, else REC_ERR_MODEL naming the first recorded op whose value holds a NaN or
 * an infinity ("layer_norm, op 12"). Before rec_tape_backward, which consumes the records. */
rec_status rec_tape_check_loss(const rec_tape *t, double loss, rec_error *err);

/* ---- for ops ---- */

/** Does this step keep records for a value that depends on a and b (either may be NULL)? */
bool rec_tape_records(const rec_tape *t, const rec_tensor *a, const rec_tensor *b);

/** Scratch until the next rec_tape_begin, not cleared; NULL and a kept failure when memory is out. */
void *rec_tape_alloc(rec_tape *t, size_t n, size_t size);
rec_tensor *rec_tape_tensor(rec_tape *t, size_t rows, size_t cols, bool needs_grad);

/** A zeroed record of `size` bytes that starts with its node, linked as the last one. */
void *rec_tape_record(rec_tape *t, size_t size, const char *name, rec_tensor *out,
                      rec_status (*backward)(rec_tape *, rec_node *, rec_error *));

/**
 * Where the gradient of x is collected. *keep false: nobody wrote to it yet, overwrite every element;
 * true: add. Only between parallel loops. NULL (and a kept failure) when memory is out.
 */
float *rec_tape_gradient(rec_tape *t, rec_tensor *x, bool *keep);

/** Give `from`'s gradient to x: moved when x has none yet (from then has none), else added. */
rec_status rec_tape_pass_gradient(rec_tape *t, rec_tensor *x, rec_tensor *from);

/** Keep a failure that rec_fail put into err; returns NULL for `return rec_tape_failed(...)`. */
void *rec_tape_failed(rec_tape *t, const rec_error *err);

/** The mask of the next dropout op of this step. */
rec_dropout_mask rec_tape_next_mask(rec_tape *t, float p);

/** Work of a tile of rows: rows start .. start + n - 1. */
typedef void (*rec_rows_fn)(void *context, size_t start, size_t n);
/** Call fn for tiles of `tile` rows on all threads (core/parallel.h). */
rec_status rec_tape_for_rows(size_t rows, size_t tile, rec_rows_fn fn, void *context,
                             rec_error *err);

/** Rows per tile of element-wise ops with `cols` columns: about 16 K elements, a multiple of 128 rows
 * so that dropout's groups never straddle tiles. */
size_t rec_tape_tile(size_t cols);

/* ---- recomputation ---- */

/** A segment of a model (a layer): from x to an output of the same shape, reading `context`. */
typedef rec_tensor *(*rec_segment_fn)(rec_tape *t, void *context, rec_tensor *x);

/**
 * Run a segment without keeping its activations; backward runs it again ("Training deep nets with
 * sublinear memory cost", arXiv 1604.06174). Same bits as a plain call, dropout included. The
 * segment may read tensors made before it only through x and parameters.
 * @param context  borrowed until backward has run
 */
rec_tensor *rec_tape_recompute(rec_tape *t, rec_segment_fn fn, void *context, rec_tensor *x);

#endif
