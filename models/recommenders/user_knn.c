/* models/recommenders/user_knn.c: score(u, i) = sum over users v of W[u, v] x_vi. "GroupLens: an open
 * architecture for collaborative filtering of netnews", CSCW 1994, without the normalisation by the
 * sum of similarities, as in "Are we really making much progress?", RecSys 2019. As in that study's
 * code the top k are kept per *column* of W: v votes for u when u is one of the k users most similar
 * to v, so a user may hear more or fewer than k voices.
 *
 * A query that names a known user reads row u of W; its history is not looked at. Any other query is
 * compared with every training user, and v votes for it when it is at least as similar to v as the
 * last of the k that v kept. For the training row of a known user both give the same voters, apart
 * from ties at that last place. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "models/similarity.h"

typedef struct user_knn {
    rec_similarity how;
    int feedback;
    /* learnt, saved */
    rec_sparse users;   /* X (n_users, n_items) */
    rec_sparse weights; /* W (n_users, n_users), row u lists the v that vote for u */
    /* derived from the above, for queries without a known user */
    rec_weighting weighting;
    rec_sparse items; /* (n_items, n_users): the prepared X, transposed */
    double *term;     /* (n_users) of v as target */
    float *threshold; /* (n_users) least similarity that gets v's vote; 0: any */
} user_knn;

static const rec_option user_knn_options[] = {
    REC_SIMILARITY_OPTIONS(user_knn, how),
    REC_FEEDBACK_OPTION(offsetof(user_knn, feedback)),
    {.key = NULL},
};

/* The k-th similarity of each column of W that has k entries. */
static rec_status derive_thresholds(user_knn *m, rec_error *err)
{
    size_t n = m->users.n_rows;
    size_t *n_kept;
    rec_status status = REC_OK;
    REC_TRY_NEW(n_kept, n, err);
    REC_TRY_NEW(m->threshold, n, err);
    for (size_t i = 0; i < rec_sparse_n_values(&m->weights); i++) {
        uint32_t v = m->weights.column[i];
        if (n_kept[v]++ == 0 || m->weights.value[i] < m->threshold[v])
            m->threshold[v] = m->weights.value[i];
    }
    for (size_t v = 0; v < n; v++)
        if (n_kept[v] < (size_t)m->how.k)
            m->threshold[v] = 0.0f;
cleanup:
    free(n_kept);
    return status;
}

/* What queries are compared with, from X alone. `prepared` is X made comparable, of the caller. */
static rec_status derive_rows(rec_sparse *prepared, user_knn *m, rec_error *err)
{
    double *others = NULL;
    rec_status status;
    *prepared = (rec_sparse){.n_rows = 0};
    REC_TRY(rec_weighting_fit(&m->weighting, &m->how, &m->users, err));
    REC_TRY(rec_sparse_dup(prepared, &m->users, err));
    rec_similarity_prepare(prepared, &m->how, &m->weighting);
    REC_TRY(rec_sparse_transpose(&m->items, prepared, err));
    REC_TRY_NEW(m->term, m->users.n_rows, err);
    REC_TRY_NEW(others, m->users.n_rows, err);
    rec_similarity_terms(m->term, others, &m->how, prepared);
cleanup:
    free(others);
    return status;
}

static rec_status user_knn_fit(void *self, const rec_fit_data *data, rec_error *err)
{
    user_knn *m = self;
    rec_sparse prepared = {.n_rows = 0};
    rec_status status;
    REC_TRY(rec_similarity_check(&m->how, err));
    REC_TRY(rec_sparse_from_interactions(&m->users, data->train, (rec_feedback)m->feedback, err));
    REC_TRY(derive_rows(&prepared, m, err));
    REC_TRY(rec_similarity_fit(&m->weights, &m->how, &prepared, err));
    REC_TRY(derive_thresholds(m, err));
cleanup:
    rec_sparse_deinit(&prepared);
    return status;
}

/* out (n_users): similarity of one prepared history to every user who votes for it, else 0. */
static void vote_for_history(double *out, const user_knn *m, const rec_sparse *histories,
                             size_t row, double term)
{
    size_t n_users = m->users.n_rows;
    memset(out, 0, n_users * sizeof *out);
    for (size_t i = histories->start[row]; i < histories->start[row + 1]; i++)
        rec_sparse_add_row(out, &m->items, histories->column[i], (double)histories->value[i]);
    for (size_t v = 0; v < n_users; v++) {
        if (out[v] == 0.0)
            continue;
        float similarity = (float)rec_similarity_value(&m->how, out[v], m->term[v], term);
        out[v] = similarity > 0.0f && similarity >= m->threshold[v] ? (double)similarity : 0.0;
    }
}

/* scores (n_items) = votes (n_users) X */
static void score_votes(float *scores, double *sums, const user_knn *m, const double *votes)
{
    memset(sums, 0, m->users.n_columns * sizeof *sums);
    for (size_t v = 0; v < m->users.n_rows; v++)
        if (votes[v] != 0.0)
            rec_sparse_add_row(sums, &m->users, v, votes[v]);
    for (size_t i = 0; i < m->users.n_columns; i++)
        scores[i] = (float)sums[i];
}

static rec_status user_knn_score(float *scores, const void *self, const rec_query *queries,
                                 size_t n, rec_error *err)
{
    const user_knn *m = self;
    size_t n_users = m->users.n_rows, n_items = m->users.n_columns;
    rec_sparse histories = {.n_rows = 0};
    double *votes = NULL, *sums = NULL, *targets = NULL, *terms = NULL;
    rec_status status;
    REC_TRY(
        rec_sparse_from_queries(&histories, queries, n, n_items, (rec_feedback)m->feedback, err));
    rec_similarity_prepare(&histories, &m->how, &m->weighting);
    REC_TRY_NEW(targets, n, err);
    REC_TRY_NEW(terms, n, err);
    REC_TRY_NEW(votes, n_users, err);
    REC_TRY_NEW(sums, n_items, err);
    rec_similarity_terms(targets, terms, &m->how, &histories);
    for (size_t q = 0; q < n; q++) {
        if (queries[q].user < n_users) { /* REC_NO_USER is not */
            memset(votes, 0, n_users * sizeof *votes);
            rec_sparse_add_row(votes, &m->weights, queries[q].user, 1.0);
        } else {
            vote_for_history(votes, m, &histories, q, terms[q]);
        }
        score_votes(scores + q * n_items, sums, m, votes);
    }
cleanup:
    free(sums);
    free(votes);
    free(terms);
    free(targets);
    rec_sparse_deinit(&histories);
    return status;
}

static rec_status user_knn_save(const void *self, rec_tensor_writer *out, rec_error *err)
{
    const user_knn *m = self;
    rec_status status = rec_sparse_save(&m->users, "users", out, err);
    return status == REC_OK ? rec_sparse_save(&m->weights, "weights", out, err) : status;
}

static rec_status user_knn_load(void *self, const rec_tensor_file *in, const rec_dataset *dataset,
                                rec_error *err)
{
    user_knn *m = self;
    size_t n_users = dataset->n_users, n_items = dataset->catalogue.n_items;
    rec_sparse prepared = {.n_rows = 0};
    rec_status status;
    REC_TRY(rec_sparse_load(&m->users, in, "users", n_users, n_items, err));
    REC_TRY(rec_sparse_load(&m->weights, in, "weights", n_users, n_users, err));
    REC_TRY(derive_rows(&prepared, m, err));
    REC_TRY(derive_thresholds(m, err));
cleanup:
    rec_sparse_deinit(&prepared);
    return status;
}

static size_t user_knn_n_parameters(const void *self)
{
    const user_knn *m = self;
    return rec_sparse_n_values(&m->weights);
}

static void user_knn_deinit(void *self)
{
    user_knn *m = self;
    free(m->threshold);
    free(m->term);
    rec_sparse_deinit(&m->items);
    rec_weighting_deinit(&m->weighting);
    rec_sparse_deinit(&m->weights);
    rec_sparse_deinit(&m->users);
}

/* Every pair of users that have an item in common is visited once. */
static rec_fit_cost user_knn_cost(const void *self, const rec_fit_size *size)
{
    const user_knn *m = self;
    return (rec_fit_cost){0.0, size->item_pairs, 8.0 * size->n_users * (double)m->how.k};
}

const rec_recommender rec_recommender_user_knn = {
    .name = "user_knn",
    .help = "user-based nearest neighbours",
    .citation =
        "GroupLens: an open architecture for collaborative filtering of netnews, CSCW 1994; "
        "variants of A Troubling Analysis ..., ACM TOIS 39(2), 2021, section 3.2",
    .size = sizeof(user_knn),
    .options = user_knn_options,
    .has_user_rows = true,
    .fit = user_knn_fit,
    .score = user_knn_score,
    .save = user_knn_save,
    .load = user_knn_load,
    .n_parameters = user_knn_n_parameters,
    .cost = user_knn_cost,
    .deinit = user_knn_deinit,
};
