#include "models/sequence_model.h"

#include <string.h>

#include "models/fit_identity.h"
#include "models/nn/embedding.h"

const char *const rec_sample_kinds[] = {"sequences", "prefixes", NULL};

/* ---- training ---- */

typedef struct fitting {
    const rec_sequence_model *model;
    const rec_fit_data *data;
    rec_next_items samples;
    rec_packed_batch batch;
    rec_arena arena;
    rec_tape tape;
} fitting;

static rec_status start_epoch(void *context, size_t epoch, rec_error *err)
{
    fitting *f = context;
    (void)err;
    rec_next_items_shuffle(&f->samples, f->data->seed, epoch);
    return REC_OK;
}

/* Vectors of some rows of a batch, ascending. */
static rec_tensor *vectors(rec_tape *t, const rec_sequence_model *m, const rec_packed_batch *b,
                           const uint32_t *rows, size_t n)
{
    rec_tensor *x = m->states(t, m->self, b);
    if (n < b->n_rows)
        x = rec_nn_embed(t, &(rec_lookup){x, rows}, 1, n, 1.0f);
    return m->head != NULL ? m->head(t, m->self, x) : x;
}

static double batch_loss(fitting *f, uint64_t step)
{
    const rec_sequence_model *m = f->model;
    const rec_packed_batch *b = &f->batch;
    return m->loss(&f->tape, m->self, vectors(&f->tape, m, b, b->target_rows, b->n_targets), b,
                   step);
}

static rec_status run_batch(double *loss, void *context, size_t epoch, size_t batch, uint64_t step,
                            rec_error *err)
{
    fitting *f = context;
    rec_status status = REC_OK;
    size_t size = (size_t)f->model->options->batch_size, first = batch * size;
    size_t n = f->samples.n - first < size ? f->samples.n - first : size;
    (void)epoch;
    rec_packed_batch_fill(&f->batch, &f->samples, first, n);
    if (f->batch.candidates != NULL)
        REC_TRY(rec_packed_batch_sample(&f->batch, &f->samples, f->data->seed, step, err));
    rec_tape_begin(&f->tape, REC_TAPE_TRAIN, rec_tape_step_seed(f->data->seed, step));
    *loss = batch_loss(f, step);
    REC_TRY(rec_tape_status(&f->tape, err));
    REC_TRY(rec_tape_check_loss(&f->tape, *loss, err));
    REC_TRY(rec_tape_backward(&f->tape, err));
cleanup:
    return status;
}

static rec_status validate(double *value, void *context, rec_error *err)
{
    fitting *f = context;
    const rec_validator *v = f->data->validator;
    return v->value(value, v->context, f->model->type, f->model->self, f->model->options->metric,
                    err);
}

static rec_status train(fitting *f, rec_error *err)
{
    const rec_sequence_model *m = f->model;
    size_t size = (size_t)m->options->batch_size;
    rec_training_report report = {.n_epochs = 0};
    rec_training_task task = {.context = f, .label = m->type->name, .batch = run_batch};
    char identity[REC_SHA256_HEX];
    rec_params *block = m->params;
    task.start_epoch = start_epoch;
    task.n_batches = (f->samples.n + size - 1) / size;
    task.validate = f->data->validator != NULL ? validate : NULL;
    rec_status status = rec_fit_identity(identity, m->type, m->self, f->data, m->version, err);
    if (status == REC_OK)
        status = rec_train(&report, &m->options->training, &m->options->optimizer, &block, 1, &task,
                           f->data->checkpoint, identity, err);
    if (status == REC_OK)
        status = rec_fit_add_curve(f->data, "loss_train", report.loss_train, report.n_epochs, err);
    if (status == REC_OK && task.validate != NULL)
        status =
            rec_fit_add_curve(f->data, "value_valid", report.value_valid, report.n_epochs, err);
    rec_training_report_deinit(&report);
    return status;
}

rec_status rec_sequence_model_fit(const rec_sequence_model *m, const rec_fit_data *data,
                                  rec_error *err)
{
    const rec_sequence_options *o = m->options;
    fitting f = {.model = m, .data = data};
    rec_status status = REC_OK;
    REC_TRY(rec_params_want_gradients(m->params, err));
    REC_TRY(rec_next_items_init(&f.samples, data->train, (rec_sample_kind)o->samples,
                                (size_t)o->max_length, err));
    REC_TRY(rec_packed_batch_init(&f.batch, (size_t)o->batch_size, (size_t)o->max_length,
                                  m->n_negatives, err));
    rec_tape_init(&f.tape, &f.arena);
    REC_TRY(train(&f, err));
    rec_params_drop_gradients(m->params);
cleanup:
    rec_packed_batch_deinit(&f.batch);
    rec_next_items_deinit(&f.samples);
    rec_arena_deinit(&f.arena);
    return status;
}

/* ---- use ---- */

enum { QUERIES_PER_BLOCK = 128 };

/* The last row of every query with a history becomes a target row of the batch. */
static void append_queries(rec_packed_batch *b, const rec_query *queries, size_t n)
{
    rec_packed_batch_clear(b);
    for (size_t q = 0; q < n; q++) {
        rec_packed_batch_append(b, queries[q].history, queries[q].n_history);
        if (queries[q].n_history > 0)
            b->target_rows[b->n_targets++] = (uint32_t)(b->n_rows - 1);
    }
}

static rec_status encode_block(float *out, const rec_sequence_model *m, rec_packed_batch *b,
                               rec_tape *t, const rec_query *queries, size_t n, rec_error *err)
{
    size_t d = m->d_model, at = 0;
    append_queries(b, queries, n);
    rec_tape_begin(t, REC_TAPE_EVALUATE, 0);
    const rec_tensor *x = vectors(t, m, b, b->target_rows, b->n_targets);
    if (x == NULL)
        return rec_tape_status(t, err);
    for (size_t q = 0; q < n; q++) {
        if (queries[q].n_history > 0)
            memcpy(out + q * d, x->value + at++ * d, d * sizeof *out);
        else
            memset(out + q * d, 0, d * sizeof *out);
    }
    return REC_OK;
}

rec_status rec_sequence_model_encode(float *out, const rec_sequence_model *m,
                                     const rec_query *queries, size_t n, rec_error *err)
{
    rec_packed_batch batch;
    rec_arena arena = {.first = NULL};
    rec_tape tape;
    size_t block = n < QUERIES_PER_BLOCK ? n : QUERIES_PER_BLOCK;
    rec_status status =
        rec_packed_batch_init(&batch, block, (size_t)m->options->max_length, 0, err);
    rec_tape_init(&tape, &arena);
    for (size_t q = 0; status == REC_OK && q < n; q += block)
        status = encode_block(out + q * m->d_model, m, &batch, &tape, queries + q,
                              n - q < block ? n - q : block, err);
    rec_packed_batch_deinit(&batch);
    rec_arena_deinit(&arena);
    return status;
}
