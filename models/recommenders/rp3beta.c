/* models/recommenders/rp3beta.c: P3alpha with every target's weight divided by its popularity to the
 * power beta. "Updatable, accurate, diverse, and scalable recommendations for interactive
 * applications", ACM TiiS 7(1), 2016, section 4.2; k and normalisation as in p3alpha. */
#include "models/random_walk.h"

typedef struct rp3beta {
    rec_item_graph graph; /* first: the shared entries see only this */
    rec_random_walk walk;
} rp3beta;

static const rec_option rp3beta_options[] = {
    REC_RANDOM_WALK_OPTIONS(rp3beta, walk),
    {.key = "beta",
     .help = "exponent of the popularity that divides a target's weight",
     .offset = offsetof(rp3beta, walk.beta),
     .type = REC_OPT_REAL,
     .value = 0.6,
     .min = 0,
     .max = 10},
    REC_FEEDBACK_OPTION(offsetof(rp3beta, graph.feedback)),
    {.key = NULL},
};

static rec_status rp3beta_fit(void *self, const rec_fit_data *data, rec_error *err)
{
    rp3beta *m = self;
    return rec_random_walk_fit(&m->graph, &m->walk, data->train, err);
}

const rec_recommender rec_recommender_rp3beta = {
    .name = "rp3beta",
    .help = "three-step random walk that discounts popular items",
    .citation = "Updatable, accurate, diverse, and scalable recommendations for interactive "
                "applications, ACM TiiS 7(1), 2016, section 4.2",
    .size = sizeof(rp3beta),
    .options = rp3beta_options,
    .fit = rp3beta_fit,
    .score = rec_item_graph_score,
    .save = rec_item_graph_save,
    .load = rec_item_graph_load,
    .similar = rec_item_graph_similar,
    .n_parameters = rec_item_graph_n_parameters,
    .cost = rec_item_graph_cost,
    .deinit = rec_item_graph_deinit,
};
