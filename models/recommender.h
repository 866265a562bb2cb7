/**
 * The interface of every recommender. A plug-in is one file in models/recommenders/ that defines
 * one `rec_recommender` and one line in recommenders.def.
 */
#ifndef REC_MODELS_RECOMMENDER_H
#define REC_MODELS_RECOMMENDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/option.h"
#include "core/status.h"
#include "core/tensor_file.h"
#include "datasets/dataset.h"

/** One request for recommendations. Works for users the model never saw: the history carries all. */
typedef struct rec_query {
    uint32_t user; /* REC_NO_USER unless the caller asks for the trained row of a known user */
    const uint32_t *history; /* oldest first, borrowed */
    const float *values;     /* n_history, or NULL: all 1 */
    const double *times;     /* n_history, or NULL */
    size_t n_history;
    const char *text; /* free-text request, or NULL */
} rec_query;

typedef struct rec_recommender rec_recommender;

/**
 * Value of a metric on the validation part with the model as it stands, for early stopping and
 * tuning: supplied by the layer above, since models know no metric. `metric` like "mrr@10".
 */
typedef struct rec_validator {
    rec_status (*value)(double *out, void *context, const rec_recommender *type, const void *self,
                        const char *metric, rec_error *err);
    void *context;
} rec_validator;

typedef struct rec_fit_data {
    const rec_dataset *dataset;     /* catalogue, ids; its test rows are not to be looked at */
    const rec_interactions *train;  /* the rows that `fit_on` selects; borrowed for the fit only */
    const rec_validator *validator; /* NULL: no validation rows */
    uint64_t seed;
    const char *checkpoint; /* path for a resumable training state, or NULL */
    struct cJSON *curves;   /* object that receives a list per curve, or NULL: not wanted */
} rec_fit_data;

/** Leave a training curve for the report: one value per epoch, not finite = missing. */
rec_status rec_fit_add_curve(const rec_fit_data *data, const char *name, const double *values,
                             size_t n, rec_error *err);

/** Rows of item vectors so that score(q, i) = encode(q) . row i (+ bias i). Borrowed. */
typedef struct rec_item_table {
    const float *rows; /* (n_items, dim) row-major */
    const float *bias; /* (n_items), or NULL */
    size_t n_items, dim;
} rec_item_table;

/** Size of what a model learns from. */
typedef struct rec_fit_size {
    double n_users, n_items, n_interactions;
    double user_pairs; /* sum over users of (their interactions)^2: co-occurrences of items */
    double item_pairs; /* the same over items */
} rec_fit_size;

/** What a fit takes, within a small factor: for `recai plan`. */
typedef struct rec_fit_cost {
    double dense_flops;  /* float32 operations in matrix kernels; float64 counts twice */
    double sparse_steps; /* additions to places that a list names */
    double bytes;        /* most memory at one time, the data aside */
} rec_fit_cost;

struct rec_recommender {
    const char *name;
    const char *help;     /* one line */
    const char *citation; /* paper, venue, year, equation; NULL for baselines */
    size_t size;          /* bytes of the model struct; zeroed before options are set */
    const rec_option *options;
    bool is_random; /* fit draws random numbers: figures become mean and spread over seeds */
    bool
        expects_ties; /* scores are constant by design: metrics are expected values over tie orders */
    bool sees_oracle;   /* reads the truth (ceiling row); flagged in reports */
    bool reads_text;    /* takes rec_query.text, or answers the same whatever is asked (a floor) */
    bool has_user_rows; /* a trained row exists for known users, used when query.user is given */

    /** Learn from data->train. May be called once per object. NULL: nothing to learn. */
    rec_status (*fit)(void *self, const rec_fit_data *data, rec_error *err);

    /** scores (n, n_items) row-major for n queries; larger is better, -INFINITY = never. Thread-safe
     * on a const model. Excluding the history is the ranker's business, not the model's.
     * NULL for a model that has `encode`: ranking.h multiplies its vectors. */
    rec_status (*score)(float *scores, const void *self, const rec_query *queries, size_t n,
                        rec_error *err);

    /** Add every array (borrowed until written) and number needed to load the model again. */
    rec_status (*save)(const void *self, rec_tensor_writer *out, rec_error *err);
    /** self has its options set; `dataset` is the one of the fit (checked by the caller's hash). */
    rec_status (*load)(void *self, const rec_tensor_file *in, const rec_dataset *dataset,
                       rec_error *err);

    /** Two-tower form, both or neither: out (n, dim). */
    rec_status (*encode)(float *out, const void *self, const rec_query *queries, size_t n,
                         rec_error *err);
    rec_item_table (*item_table)(const void *self);

    /** k nearest items of an item, most similar first, without itself; *n_found <= k. Optional. */
    rec_status (*similar)(uint32_t *items, float *similarities, size_t *n_found, const void *self,
                          uint32_t item, size_t k, rec_error *err);

    size_t (*n_parameters)(const void *self); /* optional */
    /** From options alone, before the fit. Optional: a baseline without it counts as one pass. */
    rec_fit_cost (*cost)(const void *self, const rec_fit_size *size);
    void (*deinit)(void *self); /* releases what fit or load made; option fields are the caller's */
};

/** All plug-ins, in the order of recommenders.def. */
extern const rec_recommender *const rec_recommenders[];
extern const size_t rec_n_recommenders;
const rec_recommender *rec_recommender_find(const char *name); /* or NULL */

/** A plug-in with its model struct: what configs, artifacts and tests hold. */
typedef struct rec_model {
    const rec_recommender *type;
    void *self; /* owned */
} rec_model;

/** @param options  YAML mapping or NULL for defaults; keys in `ignore` belong to the caller */
rec_status rec_model_new(rec_model **out, const char *type, const struct rec_yaml *options,
                         const char *const *ignore, rec_error *err);
void rec_model_free(rec_model *m);
rec_status rec_model_save(const rec_model *m, const char *path, rec_error *err);
rec_status rec_model_load(rec_model *m, const char *path, const rec_dataset *dataset,
                          rec_error *err);

#endif
