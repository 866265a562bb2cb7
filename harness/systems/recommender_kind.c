/* harness/systems/recommender_kind.c: every recommender plug-in is a type of system that can score. */
#include <stdlib.h>

#include "core/memory.h"
#include "harness/systems/kinds.h"

static size_t count(void)
{
    return rec_n_recommenders;
}

static rec_system_type at(size_t i)
{
    const rec_recommender *r = rec_recommenders[i];
    return (rec_system_type){
        .kind = &rec_system_kind_recommender,
        .name = r->name,
        .help = r->help,
        .citation = r->citation,
        .can = REC_CAN_SCORE | (r->reads_text ? REC_CAN_SEARCH : 0u),
        .options = r->options,
        .has_fit = r->fit != NULL,
        .is_random = r->is_random,
        .expects_ties = r->expects_ties,
        .sees_oracle = r->sees_oracle,
        .plugin = r,
    };
}

static rec_status create(void **self, const rec_system_type *type, const rec_yaml *entry,
                         const char *const *ignore, rec_error *err)
{
    rec_model *model = NULL;
    rec_status status = rec_model_new(&model, type->name, entry, ignore, err);
    *self = model;
    return status;
}

static void destroy(void *self)
{
    rec_model_free(self);
}

static const void *option_values(const void *self)
{
    return ((const rec_model *)self)->self;
}

static rec_status fit(void *self, const rec_fit_data *data, rec_error *err)
{
    rec_model *model = self;
    return model->type->fit != NULL ? model->type->fit(model->self, data, err) : REC_OK;
}

static rec_status save(const void *self, const char *path, rec_error *err)
{
    return rec_model_save(self, path, err);
}

static rec_status load(void *self, const char *path, const rec_dataset *dataset, rec_error *err)
{
    return rec_model_load(self, path, dataset, err);
}

/* Requests of one round share list length and tie rule: they come from one task. */
static rec_status answer(rec_reply_batch *replies, const void *self, const rec_request *requests,
                         size_t n, size_t n_items, rec_error *err)
{
    const rec_model *model = self;
    rec_ranked ranked = {0};
    rec_status status;
    rec_rank_request *queries = rec_alloc(n, sizeof *queries, err);
    if (queries == NULL)
        return REC_ERR_RESOURCE;
    for (size_t i = 0; i < n; i++) {
        queries[i] = requests[i].rank;
        if (!model->type->has_user_rows)
            queries[i].query.user = REC_NO_USER;
    }
    if (n > 0) {
        REC_TRY(rec_rank(&ranked, model->type, model->self, queries, n, requests[0].k,
                         requests[0].ties, n_items, err));
        REC_TRY(rec_replies_from_ranked(replies, &ranked, err));
    }
    status = REC_OK;
cleanup:
    rec_ranked_deinit(&ranked);
    free(queries);
    return status;
}

static size_t n_parameters(const void *self)
{
    const rec_model *model = self;
    return model->type->n_parameters != NULL ? model->type->n_parameters(model->self) : 0;
}

static bool cost(rec_fit_cost *out, const void *self, const rec_fit_size *size)
{
    const rec_recommender *type = ((const rec_model *)self)->type;
    *out = (rec_fit_cost){0.0, size->n_interactions, 4.0 * size->n_items};
    if (type->cost != NULL)
        *out = type->cost(((const rec_model *)self)->self, size);
    return type->cost != NULL || type->citation == NULL;
}

/* Two-tower models: a product with every item; others: a row per item of the history. */
static double query_flops(const void *self, const rec_fit_size *size)
{
    const rec_recommender *type = ((const rec_model *)self)->type;
    const double usual_dim = 64.0;
    double history = size->n_interactions / (size->n_users > 0.0 ? size->n_users : 1.0);
    return size->n_items * 2.0 * (type->encode != NULL ? usual_dim : history);
}

const rec_system_kind rec_system_kind_recommender = {
    .name = "recommender",
    .count = count,
    .at = at,
    .create = create,
    .destroy = destroy,
    .option_values = option_values,
    .fit = fit,
    .save = save,
    .load = load,
    .answer = answer,
    .n_parameters = n_parameters,
    .cost = cost,
    .query_flops = query_flops,
};
