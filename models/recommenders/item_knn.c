/* models/recommenders/item_knn.c: score(h, i) = sum over j of history h of x_j S[j, i], where column
 * i of S keeps the k items most similar to i. "Item-based collaborative filtering recommendation
 * algorithms", WWW 2001, without its normalisation by the sum of similarities, as in "Are we really
 * making much progress?", RecSys 2019. Feature weights (BM25, TF-IDF; items are the documents, users
 * the terms) shape the similarity only: scores use the history itself. */
#include "models/item_graph.h"
#include "models/similarity.h"

typedef struct item_knn {
    rec_item_graph graph; /* first: the shared entries see only this */
    rec_similarity how;
} item_knn;

static const rec_option item_knn_options[] = {
    REC_SIMILARITY_OPTIONS(item_knn, how),
    REC_FEEDBACK_OPTION(offsetof(item_knn, graph.feedback)),
    {.key = NULL},
};

static rec_status item_knn_fit(void *self, const rec_fit_data *data, rec_error *err)
{
    item_knn *m = self;
    rec_sparse users = {.n_rows = 0}, items = {.n_rows = 0};
    rec_weighting weighting = {.n_columns = 0};
    rec_status status;
    REC_TRY(rec_similarity_check(&m->how, err));
    REC_TRY(
        rec_sparse_from_interactions(&users, data->train, (rec_feedback)m->graph.feedback, err));
    REC_TRY(rec_sparse_transpose(&items, &users, err));
    REC_TRY(rec_weighting_fit(&weighting, &m->how, &items, err));
    rec_similarity_prepare(&items, &m->how, &weighting);
    REC_TRY(rec_similarity_fit(&m->graph.weights, &m->how, &items, err));
cleanup:
    rec_weighting_deinit(&weighting);
    rec_sparse_deinit(&items);
    rec_sparse_deinit(&users);
    return status;
}

const rec_recommender rec_recommender_item_knn = {
    .name = "item_knn",
    .help = "item-based nearest neighbours",
    .citation =
        "Item-based collaborative filtering recommendation algorithms, WWW 2001, section 3; "
        "variants of A Troubling Analysis ..., ACM TOIS 39(2), 2021, section 3.2",
    .size = sizeof(item_knn),
    .options = item_knn_options,
    .fit = item_knn_fit,
    .score = rec_item_graph_score,
    .save = rec_item_graph_save,
    .load = rec_item_graph_load,
    .similar = rec_item_graph_similar,
    .n_parameters = rec_item_graph_n_parameters,
    .cost = rec_item_graph_cost,
    .deinit = rec_item_graph_deinit,
};
