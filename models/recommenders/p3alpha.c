/* models/recommenders/p3alpha.c: probability of a three-step random walk from the user's items, the
 * transition probabilities raised to alpha. "Random walks in recommender systems: exact computation
 * and simulations", WWW 2014 companion, section 3. As in "Are we really making much progress?",
 * RecSys 2019, the item-to-item part keeps k weights and may be normalised. */
#include "models/random_walk.h"

typedef struct p3alpha {
    rec_item_graph graph; /* first: the shared entries see only this */
    rec_random_walk walk; /* beta stays 0 */
} p3alpha;

static const rec_option p3alpha_options[] = {
    REC_RANDOM_WALK_OPTIONS(p3alpha, walk),
    REC_FEEDBACK_OPTION(offsetof(p3alpha, graph.feedback)),
    {.key = NULL},
};

static rec_status p3alpha_fit(void *self, const rec_fit_data *data, rec_error *err)
{
    p3alpha *m = self;
    return rec_random_walk_fit(&m->graph, &m->walk, data->train, err);
}

const rec_recommender rec_recommender_p3alpha = {
    .name = "p3alpha",
    .help = "three-step random walk over users and items",
    .citation = "Random walks in recommender systems: exact computation and simulations, WWW 2014 "
                "companion, section 3",
    .size = sizeof(p3alpha),
    .options = p3alpha_options,
    .fit = p3alpha_fit,
    .score = rec_item_graph_score,
    .save = rec_item_graph_save,
    .load = rec_item_graph_load,
    .similar = rec_item_graph_similar,
    .n_parameters = rec_item_graph_n_parameters,
    .cost = rec_item_graph_cost,
    .deinit = rec_item_graph_deinit,
};
