/* models/recommenders/pop.c: score = number of training interactions of the item, the same list for
 * everyone. Repeated interactions count each time. */
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "models/recommender.h"

typedef struct pop {
    float *count; /* (n_items), owned; exact up to 2^24 */
    size_t n_items;
} pop;

static rec_status pop_fit(void *self, const rec_fit_data *data, rec_error *err)
{
    pop *m = self;
    const rec_interactions *x = data->train;
    m->count = rec_alloc(x->n_items, sizeof *m->count, err);
    if (m->count == NULL)
        return REC_ERR_RESOURCE;
    m->n_items = x->n_items;
    for (size_t i = 0; i < x->n; i++)
        m->count[x->item[i]] += 1.0f;
    return REC_OK;
}

static rec_status pop_score(float *scores, const void *self, const rec_query *queries, size_t n,
                            rec_error *err)
{
    const pop *m = self;
    (void)queries;
    (void)err;
    for (size_t q = 0; q < n; q++)
        memcpy(scores + q * m->n_items, m->count, m->n_items * sizeof *scores);
    return REC_OK;
}

static rec_status pop_save(const void *self, rec_tensor_writer *out, rec_error *err)
{
    const pop *m = self;
    return rec_tensor_writer_add(out, "count", REC_F32, 1, &m->n_items, m->count, err);
}

static rec_status pop_load(void *self, const rec_tensor_file *in, const rec_dataset *dataset,
                           rec_error *err)
{
    pop *m = self;
    size_t n_items = dataset->catalogue.n_items;
    const rec_tensor_view *count;
    rec_status status = rec_tensor_file_require(&count, in, "count", REC_F32, 1, &n_items, err);
    if (status != REC_OK)
        return status;
    m->count = rec_memdup(count->data, count->n_bytes, err);
    m->n_items = n_items;
    return m->count != NULL ? REC_OK : REC_ERR_RESOURCE;
}

static size_t pop_n_parameters(const void *self)
{
    return ((const pop *)self)->n_items;
}

static void pop_deinit(void *self)
{
    free(((pop *)self)->count);
}

const rec_recommender rec_recommender_pop = {
    .name = "pop",
    .help = "popularity: number of training interactions of an item",
    .reads_text = true,
    .size = sizeof(pop),
    .fit = pop_fit,
    .score = pop_score,
    .save = pop_save,
    .load = pop_load,
    .n_parameters = pop_n_parameters,
    .deinit = pop_deinit,
};
