/* models/recommenders/chance.c: the same score for every item. Metrics of such a list are expected
 * values over all orders, so this row is the chance level in closed form, without noise. */
#include <string.h>

#include "models/recommender.h"

typedef struct chance {
    size_t n_items;
} chance;

static rec_status chance_fit(void *self, const rec_fit_data *data, rec_error *err)
{
    (void)err;
    ((chance *)self)->n_items = data->train->n_items;
    return REC_OK;
}

static rec_status chance_score(float *scores, const void *self, const rec_query *queries, size_t n,
                               rec_error *err)
{
    (void)queries;
    (void)err;
    memset(scores, 0, n * ((const chance *)self)->n_items * sizeof *scores);
    return REC_OK;
}

static rec_status chance_load(void *self, const rec_tensor_file *in, const rec_dataset *dataset,
                              rec_error *err)
{
    (void)in;
    (void)err;
    ((chance *)self)->n_items = dataset->catalogue.n_items;
    return REC_OK;
}

const rec_recommender rec_recommender_chance = {
    .name = "chance",
    .help = "constant scores: the chance level in closed form",
    .reads_text = true,
    .size = sizeof(chance),
    .expects_ties = true,
    .fit = chance_fit,
    .score = chance_score,
    .load = chance_load,
};
