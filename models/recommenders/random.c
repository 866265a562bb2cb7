/* models/recommenders/random.c: uniform scores, a floor that is drawn. A stream is named by the seed
 * and the query (user, history, text), so the same query gets the same list whatever else is asked. */
#include <string.h>

#include "core/hash.h"
#include "core/rng.h"
#include "models/recommender.h"

typedef struct random_model {
    uint64_t seed;
    size_t n_items;
} random_model;

static rec_status random_fit(void *self, const rec_fit_data *data, rec_error *err)
{
    (void)err;
    *(random_model *)self = (random_model){data->seed, data->train->n_items};
    return REC_OK;
}

static uint64_t stream_id(const rec_query *q)
{
    uint64_t history =
        q->n_history > 0 ? rec_fnv1a(q->history, q->n_history * sizeof *q->history) : 0;
    uint64_t text = q->text != NULL ? rec_fnv1a(q->text, strlen(q->text)) : 0;
    return history + 0x9E3779B97F4A7C15u * q->user + text;
}

static rec_status random_score(float *scores, const void *self, const rec_query *queries, size_t n,
                               rec_error *err)
{
    const random_model *m = self;
    (void)err;
    for (size_t q = 0; q < n; q++) {
        rec_rng rng = rec_rng_keyed(m->seed, "random/score", stream_id(&queries[q]));
        for (size_t i = 0; i < m->n_items; i++)
            scores[q * m->n_items + i] = rec_rng_uniform_float(&rng);
    }
    return REC_OK;
}

static rec_status random_save(const void *self, rec_tensor_writer *out, rec_error *err)
{
    const random_model *m = self;
    size_t one = 1;
    return rec_tensor_writer_add(out, "seed", REC_U64, 1, &one, &m->seed, err);
}

static rec_status random_load(void *self, const rec_tensor_file *in, const rec_dataset *dataset,
                              rec_error *err)
{
    random_model *m = self;
    size_t one = 1;
    const rec_tensor_view *seed;
    rec_status status = rec_tensor_file_require(&seed, in, "seed", REC_U64, 1, &one, err);
    if (status != REC_OK)
        return status;
    memcpy(&m->seed, seed->data, sizeof m->seed);
    m->n_items = dataset->catalogue.n_items;
    return REC_OK;
}

const rec_recommender rec_recommender_random = {
    .name = "random",
    .help = "uniform scores drawn per query: the floor, with its sampling noise",
    .reads_text = true,
    .size = sizeof(random_model),
    .is_random = true,
    .fit = random_fit,
    .score = random_score,
    .save = random_save,
    .load = random_load,
};
