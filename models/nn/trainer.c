#include "models/nn/trainer.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/interrupt.h"
#include "core/memory.h"
#include "core/progress.h"
#include "models/nn/checkpoint.h"

#define FIELD(name) offsetof(rec_training, name)
const rec_option rec_training_options[] = {
    {"epochs", "passes over the training data, at most", FIELD(epochs), REC_OPT_INT, .value = 200,
     .min = 1, .max = 1e6},
    {"patience", "validations without a better value before training stops; 0: never",
     FIELD(patience), REC_OPT_INT, .value = 10, .min = 0, .max = 1e6},
    {"accumulate", "batches whose gradients make one step", FIELD(accumulate), REC_OPT_INT,
     .value = 1, .min = 1, .max = 1e6},
    {"checkpoint_seconds", "time between resumable checkpoints", FIELD(checkpoint_seconds),
     REC_OPT_REAL, .value = 60, .min = 0, .max = 1e9},
    {"schedule", "learning rate over the steps", FIELD(schedule), REC_OPT_TABLE,
     .table = rec_schedule_options},
    {.key = NULL},
};
#undef FIELD

/* Counters a checkpoint holds, as one array of doubles (exact up to 2^53). */
enum counter {
    EPOCH,      /* at work */
    BATCH,      /* next one of it */
    STEPS,      /* of the optimiser */
    LOSS_SUM,   /* over the batches of this epoch so far */
    BEST_VALUE, /* NaN before the first validation */
    BEST_EPOCH,
    WITHOUT_BETTER,
    N_COUNTERS
};

typedef struct training {
    const rec_training *options;
    const rec_training_task *task;
    rec_params *const *blocks;
    size_t n_blocks;
    rec_optimizer *optimizer; /* owned */
    float **best;             /* n_blocks owned copies of values, or NULL without validation */
    double counters[N_COUNTERS];
    double *loss_train, *value_valid; /* (options->epochs), the report's */
    const char *checkpoint, *identity;
    rec_checkpoint_array *arrays; /* owned: all of the above */
    size_t n_arrays;
    double written_at; /* monotonic seconds of the last checkpoint */
    rec_progress *progress;
} training;

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

void rec_training_report_deinit(rec_training_report *r)
{
    free(r->loss_train);
    free(r->value_valid);
    *r = (rec_training_report){.n_epochs = 0};
}

/* ---- state ---- */

static void add_array(training *t, const char *name, size_t index, rec_dtype dtype, size_t n,
                      void *data)
{
    rec_checkpoint_array *a = &t->arrays[t->n_arrays++];
    *a = (rec_checkpoint_array){.dtype = dtype, .n = n, .data = data};
    snprintf(a->name, sizeof a->name, "%s.%u", name, (unsigned)index);
}

static rec_status collect_arrays(training *t, rec_error *err)
{
    size_t n_moments = rec_optimizer_n_moments(t->optimizer);
    t->arrays = rec_alloc(3 + 2 * t->n_blocks + n_moments, sizeof *t->arrays, err);
    if (t->arrays == NULL)
        return REC_ERR_RESOURCE;
    size_t n_epochs = (size_t)t->options->epochs;
    add_array(t, "counters", 0, REC_F64, N_COUNTERS, t->counters);
    add_array(t, "loss_train", 0, REC_F64, n_epochs, t->loss_train);
    add_array(t, "value_valid", 0, REC_F64, n_epochs, t->value_valid);
    for (size_t b = 0; b < t->n_blocks; b++) {
        add_array(t, "parameters", b, REC_F32, t->blocks[b]->size, t->blocks[b]->value);
        if (t->best != NULL)
            add_array(t, "best", b, REC_F32, t->blocks[b]->size, t->best[b]);
    }
    for (size_t m = 0; m < n_moments; m++) {
        size_t size;
        float *moment = rec_optimizer_moment(t->optimizer, m, &size);
        add_array(t, "moment", m, REC_F32, size, moment);
    }
    return REC_OK;
}

static rec_status write_checkpoint(training *t, rec_error *err)
{
    t->written_at = seconds();
    if (t->checkpoint == NULL)
        return REC_OK;
    t->counters[STEPS] = (double)rec_optimizer_steps(t->optimizer);
    return rec_checkpoint_write(t->checkpoint, t->identity, t->arrays, t->n_arrays, err);
}

static bool checkpoint_is_due(const training *t)
{
    return t->checkpoint != NULL && seconds() - t->written_at >= t->options->checkpoint_seconds;
}

static rec_status resume(training *t, rec_error *err)
{
    bool found;
    if (t->checkpoint == NULL)
        return REC_OK;
    rec_status status =
        rec_checkpoint_read(&found, t->checkpoint, t->identity, t->arrays, t->n_arrays, err);
    if (status == REC_OK && found) {
        rec_optimizer_set_steps(t->optimizer, (uint64_t)t->counters[STEPS]);
        rec_info("%s: resuming at epoch %.0f, batch %.0f", t->task->label, t->counters[EPOCH] + 1.0,
                 t->counters[BATCH] + 1.0);
    }
    return status;
}

static rec_status prepare(training *t, const rec_optimizer_options *optimizer, rec_error *err)
{
    rec_status status = REC_OK;
    t->counters[BEST_VALUE] = NAN;
    REC_TRY(rec_optimizer_new(&t->optimizer, optimizer, t->blocks, t->n_blocks, err));
    if (t->task->validate != NULL) {
        REC_TRY_NEW(t->best, t->n_blocks, err);
        for (size_t b = 0; b < t->n_blocks; b++)
            REC_TRY_NEW(t->best[b], t->blocks[b]->size, err);
    }
    REC_TRY(collect_arrays(t, err));
    REC_TRY(resume(t, err));
    t->written_at = seconds();
cleanup:
    return status;
}

/* ---- one epoch ---- */

static uint64_t batches_before(const training *t, size_t epoch, size_t batch)
{
    return (uint64_t)epoch * t->task->n_batches + batch;
}

/* The batch at the cursor; an optimiser step when enough have been accumulated. */
static rec_status run_batch(training *t, size_t epoch, size_t batch, rec_error *err)
{
    size_t accumulate = (size_t)t->options->accumulate, n = t->task->n_batches;
    double loss = 0.0, norm;
    rec_status status =
        t->task->batch(&loss, t->task->context, epoch, batch, batches_before(t, epoch, batch), err);
    if (status == REC_OK && !isfinite(loss))
        status = rec_fail(err, REC_ERR_MODEL, "the loss of epoch %zu, batch %zu is not finite",
                          epoch + 1, batch + 1);
    size_t in_group = batch % accumulate + 1;
    if (status == REC_OK && (in_group == accumulate || batch + 1 == n)) {
        uint64_t n_steps = (uint64_t)t->options->epochs * ((n + accumulate - 1) / accumulate);
        double factor =
            rec_schedule_factor(&t->options->schedule, rec_optimizer_steps(t->optimizer), n_steps);
        status = rec_optimizer_step(&norm, t->optimizer, factor, 1.0 / (double)in_group, err);
    }
    if (status != REC_OK)
        return rec_error_prefix(err, "%s", t->task->label);
    t->counters[LOSS_SUM] += loss;
    t->counters[BATCH] = (double)(batch + 1);
    return REC_OK;
}

/* Checkpoints fall on optimiser steps only: half-accumulated gradients are not part of the state. */
static bool is_step_boundary(const training *t)
{
    return (size_t)t->counters[BATCH] % (size_t)t->options->accumulate == 0;
}

static rec_status run_batches(training *t, rec_error *err)
{
    rec_status status = REC_OK;
    size_t epoch = (size_t)t->counters[EPOCH];
    if (t->task->start_epoch != NULL)
        REC_TRY(t->task->start_epoch(t->task->context, epoch, err));
    for (size_t batch = (size_t)t->counters[BATCH]; batch < t->task->n_batches; batch++) {
        REC_TRY(run_batch(t, epoch, batch, err));
        if (is_step_boundary(t) && checkpoint_is_due(t))
            REC_TRY(write_checkpoint(t, err));
        if (is_step_boundary(t) && rec_interrupt_signal() != 0) {
            REC_TRY(write_checkpoint(t, err));
            REC_TRY(rec_interrupt_check(err));
        }
    }
cleanup:
    return status;
}

static void keep_best(training *t, double value)
{
    t->counters[BEST_VALUE] = value;
    t->counters[BEST_EPOCH] = t->counters[EPOCH];
    t->counters[WITHOUT_BETTER] = 0.0;
    for (size_t b = 0; b < t->n_blocks; b++)
        memcpy(t->best[b], t->blocks[b]->value, t->blocks[b]->size * sizeof(float));
}

static rec_status finish_epoch(training *t, rec_error *err)
{
    size_t epoch = (size_t)t->counters[EPOCH];
    double value = NAN;
    rec_status status = REC_OK;
    t->loss_train[epoch] = t->counters[LOSS_SUM] / (double)t->task->n_batches;
    if (t->task->validate != NULL) {
        status = t->task->validate(&value, t->task->context, err);
        if (status != REC_OK)
            return status;
        double best = t->counters[BEST_VALUE];
        if (isnan(best) || value > best)
            keep_best(t, value);
        else
            t->counters[WITHOUT_BETTER] += 1.0;
    }
    t->value_valid[epoch] = value;
    t->counters[EPOCH] += 1.0;
    t->counters[BATCH] = 0.0;
    t->counters[LOSS_SUM] = 0.0;
    rec_progress_add(t->progress, 1);
    if (t->task->validate != NULL)
        rec_progress_note(t->progress, "loss %.4f, valid %.4f (best %.4f)", t->loss_train[epoch],
                          value, t->counters[BEST_VALUE]);
    else
        rec_progress_note(t->progress, "loss %.4f", t->loss_train[epoch]);
    return checkpoint_is_due(t) ? write_checkpoint(t, err) : REC_OK;
}

static bool is_finished(const training *t)
{
    bool impatient =
        t->options->patience > 0 && t->counters[WITHOUT_BETTER] >= (double)t->options->patience;
    return impatient || t->counters[EPOCH] >= (double)t->options->epochs;
}

/* The best parameters go back into the blocks. */
static void fill_report(rec_training_report *report, training *t)
{
    report->n_epochs = (size_t)t->counters[EPOCH];
    report->best_epoch = report->n_epochs - 1;
    report->best_value = t->counters[BEST_VALUE];
    if (t->best == NULL)
        return;
    report->best_epoch = (size_t)t->counters[BEST_EPOCH];
    for (size_t b = 0; b < t->n_blocks; b++)
        memcpy(t->blocks[b]->value, t->best[b], t->blocks[b]->size * sizeof(float));
}

static void deinit(training *t)
{
    for (size_t b = 0; t->best != NULL && b < t->n_blocks; b++)
        free(t->best[b]);
    free(t->best);
    free(t->arrays);
    rec_optimizer_free(t->optimizer);
    rec_progress_end(t->progress);
}

rec_status rec_train(rec_training_report *report, const rec_training *options,
                     const rec_optimizer_options *optimizer, rec_params *const *blocks,
                     size_t n_blocks, const rec_training_task *task, const char *checkpoint,
                     const char *identity, rec_error *err)
{
    assert(task->n_batches > 0 && options->epochs > 0);
    training t = {.options = options, .task = task, .blocks = blocks, .n_blocks = n_blocks};
    rec_status status = REC_OK;
    *report = (rec_training_report){.n_epochs = 0};
    t.checkpoint = checkpoint;
    t.identity = identity;
    REC_TRY_NEW(report->loss_train, (size_t)options->epochs, err);
    REC_TRY_NEW(report->value_valid, (size_t)options->epochs, err);
    t.loss_train = report->loss_train;
    t.value_valid = report->value_valid;
    REC_TRY(prepare(&t, optimizer, err));
    t.progress = rec_progress_start(task->label, "epochs", (size_t)options->epochs);
    rec_progress_add(t.progress, (size_t)t.counters[EPOCH]);
    while (!is_finished(&t)) {
        REC_TRY(run_batches(&t, err));
        REC_TRY(finish_epoch(&t, err));
    }
    REC_TRY(write_checkpoint(&t, err));
    fill_report(report, &t);
cleanup:
    deinit(&t);
    if (status != REC_OK)
        rec_training_report_deinit(report);
    return status;
}
