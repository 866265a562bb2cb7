/**
 * What models of item sequences share: options, training on packed batches, vectors of queries. A
 * plug-in gives its parameters, the states after every row, and a loss; score(h, i) = state after the
 * last item of h . row i of its item table.
 */
#ifndef REC_MODELS_SEQUENCE_MODEL_H
#define REC_MODELS_SEQUENCE_MODEL_H

#include "models/next_item.h"
#include "models/nn/tape.h"
#include "models/nn/trainer.h"
#include "models/recommender.h"

/** Embedded in a plug-in's struct as the member `sequence`. */
typedef struct rec_sequence_options {
    int64_t max_length, batch_size;
    int samples; /* rec_sample_kind */
    char *metric;
    rec_optimizer_options optimizer;
    rec_training training;
} rec_sequence_options;

extern const char *const rec_sample_kinds[];

/** Rows of the plug-in's option table. */
#define REC_SEQUENCE_OPTIONS(model)                                                                \
    {.key = "max_length",                                                                          \
     .help = "latest items of a history that are read",                                            \
     .offset = offsetof(model, sequence.max_length),                                               \
     .type = REC_OPT_INT,                                                                          \
     .value = 50,                                                                                  \
     .min = 1,                                                                                     \
     .max = 4096},                                                                                 \
        {.key = "batch_size",                                                                      \
         .help = "sequences per batch",                                                            \
         .offset = offsetof(model, sequence.batch_size),                                           \
         .type = REC_OPT_INT,                                                                      \
         .value = 256,                                                                             \
         .min = 1,                                                                                 \
         .max = 65536},                                                                            \
        {.key = "samples",                                                                         \
         .help = "one sequence per user with a target at every item, or every prefix with one",    \
         .offset = offsetof(model, sequence.samples),                                              \
         .type = REC_OPT_ENUM,                                                                     \
         .choices = rec_sample_kinds},                                                             \
        {.key = "metric",                                                                          \
         .help = "validation metric that stops training",                                          \
         .offset = offsetof(model, sequence.metric),                                               \
         .type = REC_OPT_STRING,                                                                   \
         .text = "ndcg@10"},                                                                       \
        {.key = "optimizer",                                                                       \
         .help = "update rule",                                                                    \
         .offset = offsetof(model, sequence.optimizer),                                            \
         .type = REC_OPT_TABLE,                                                                    \
         .table = rec_optimizer_option_table},                                                     \
    {                                                                                              \
        .key = "training", .help = "epochs, patience, schedule",                                   \
        .offset = offsetof(model, sequence.training), .type = REC_OPT_TABLE,                       \
        .table = rec_training_options                                                              \
    }

/** A fitted or fitting plug-in. */
typedef struct rec_sequence_model {
    const rec_recommender *type;
    void *self;
    const rec_sequence_options *options;
    rec_params *params; /* allocated and filled before fit */
    size_t d_model;
    size_t n_negatives; /* sampled per target into the batch's candidates; 0: none */
    unsigned version;   /* of the training code (rec_fit_identity) */

    /** (n_rows, d) after every row of the batch. */
    rec_tensor *(*states)(rec_tape *t, void *self, const rec_packed_batch *b);
    /** From states (n, d) to vectors (n, d_model) for the item table, for rows that are asked for only.
     * NULL: the states are those vectors. */
    rec_tensor *(*head)(rec_tape *t, void *self, rec_tensor *x);
    /** Root: loss of the vectors x (n_targets, d_model) at the batch's targets. step names draws. */
    double (*loss)(rec_tape *t, void *self, rec_tensor *x, const rec_packed_batch *b,
                   uint64_t step);
} rec_sequence_model;

/** The rest of a `fit` entry: train, stop on the validation metric, resume from data->checkpoint. */
rec_status rec_sequence_model_fit(const rec_sequence_model *m, const rec_fit_data *data,
                                  rec_error *err);

/** An `encode` entry; a query without history gives zeros, so that all items tie. */
rec_status rec_sequence_model_encode(float *out, const rec_sequence_model *m,
                                     const rec_query *queries, size_t n, rec_error *err);

#endif
