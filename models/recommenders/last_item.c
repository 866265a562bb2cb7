/* models/recommenders/last_item.c: score(h, i) = S[last item of h, i], a sequential baseline with
 *     S[a, b] = c(a, b) / (sqrt(out(a) in(b)) + shrink),
 * the item-to-item relation of RecAI's embedder data (RecLM-emb, preprocess/: the I2I samples). c
 * counts the users who have both items (co_occurrence, where out = in = the number of pairs an item is
 * part of), or how often b directly follows a (next, a first-order Markov chain). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "models/item_graph.h"
#include "models/neighbours.h"

enum { CO_OCCURRENCE, NEXT };

static const char *const relation_names[] = {"co_occurrence", "next", NULL};

typedef struct last_item {
    rec_item_graph graph; /* first: the shared entries see only this; row a: what follows a */
    int relation;
    int64_t k;
    double shrink;
} last_item;

static const rec_option last_item_options[] = {
    {.key = "relation",
     .help = "pairs counted: co_occurrence (same user) or next (directly following)",
     .offset = offsetof(last_item, relation),
     .type = REC_OPT_ENUM,
     .choices = relation_names},
    {.key = "k",
     .help = "items kept per last item",
     .offset = offsetof(last_item, k),
     .type = REC_OPT_INT,
     .value = 100,
     .min = 1,
     .max = 1e6},
    {.key = "shrink",
     .help = "added to the denominator: relations on little evidence count less",
     .offset = offsetof(last_item, shrink),
     .type = REC_OPT_REAL,
     .value = 10,
     .min = 0,
     .max = 1e6},
    {.key = NULL},
};

typedef struct degrees {
    double *out, *in; /* (n_items) each, owned */
    double shrink;
} degrees;

static double relation_value(const void *context, size_t row, uint32_t column, double count)
{
    const degrees *d = context;
    return count / (sqrt(d->out[row] * d->in[column]) + d->shrink);
}

static rec_status fit_co_occurrence(last_item *m, degrees *d, const rec_interactions *train,
                                    rec_error *err)
{
    rec_sparse users = {.n_rows = 0}, items = {.n_rows = 0};
    rec_status status;
    REC_TRY(rec_sparse_from_interactions(&users, train, REC_FEEDBACK_BINARY, err));
    REC_TRY(rec_sparse_transpose(&items, &users, err));
    for (size_t u = 0; u < users.n_rows; u++)
        for (size_t i = users.start[u]; i < users.start[u + 1]; i++) {
            d->out[users.column[i]] += (double)(users.start[u + 1] - users.start[u] - 1);
            d->in[users.column[i]] = d->out[users.column[i]];
        }
    REC_TRY(
        rec_neighbours(&m->graph.weights, &items, &users, (size_t)m->k, relation_value, d, err));
cleanup:
    rec_sparse_deinit(&items);
    rec_sparse_deinit(&users);
    return status;
}

/* Successions a -> b, a != b, as "interactions" of item a with item b. */
static rec_status collect_successions(rec_interactions *out, const rec_interactions *train,
                                      rec_error *err)
{
    size_t n_items = train->n_items;
    size_t *next = NULL;
    rec_status status = REC_OK;
    *out = (rec_interactions){.n_users = n_items, .n_items = n_items};
    REC_TRY_NEW(out->start, n_items + 1, err);
    REC_TRY_NEW(out->item, train->n, err);
    REC_TRY_NEW(next, n_items, err);
    for (int fill = 0; fill < 2; fill++) { /* count, then place */
        for (size_t u = 0; u < train->n_users; u++)
            for (size_t i = train->start[u] + 1; i < train->start[u + 1]; i++) {
                uint32_t a = train->item[i - 1], b = train->item[i];
                if (a != b && fill)
                    out->item[next[a]++] = b;
                else if (a != b)
                    out->start[a + 1]++;
            }
        for (size_t a = 0; a < n_items && !fill; a++) {
            next[a] = out->start[a];
            out->start[a + 1] += out->start[a];
        }
    }
    out->n = out->start[n_items];
cleanup:
    free(next);
    return status;
}

static rec_status fit_next(last_item *m, degrees *d, const rec_interactions *train, rec_error *err)
{
    rec_interactions successions;
    rec_sparse *w = &m->graph.weights; /* counts first, relations in the end */
    rec_status status;
    REC_TRY(collect_successions(&successions, train, err));
    REC_TRY(rec_sparse_from_interactions(w, &successions, REC_FEEDBACK_VALUES, err));
    for (size_t a = 0; a < w->n_rows; a++)
        for (size_t i = w->start[a]; i < w->start[a + 1]; i++) {
            d->out[a] += (double)w->value[i];
            d->in[w->column[i]] += (double)w->value[i];
        }
    for (size_t a = 0; a < w->n_rows; a++)
        for (size_t i = w->start[a]; i < w->start[a + 1]; i++)
            w->value[i] = (float)relation_value(d, a, w->column[i], (double)w->value[i]);
    REC_TRY(rec_sparse_keep_top(w, (size_t)m->k, err));
cleanup:
    free(successions.start);
    free(successions.item);
    return status;
}

static rec_status last_item_fit(void *self, const rec_fit_data *data, rec_error *err)
{
    last_item *m = self;
    degrees d = {.shrink = m->shrink};
    rec_status status;
    REC_TRY_NEW(d.out, data->train->n_items, err);
    REC_TRY_NEW(d.in, data->train->n_items, err);
    status = m->relation == NEXT ? fit_next(m, &d, data->train, err)
                                 : fit_co_occurrence(m, &d, data->train, err);
cleanup:
    free(d.in);
    free(d.out);
    return status;
}

static rec_status last_item_score(float *scores, const void *self, const rec_query *queries,
                                  size_t n, rec_error *err)
{
    const rec_sparse *w = &((const last_item *)self)->graph.weights;
    (void)err;
    memset(scores, 0, n * w->n_columns * sizeof *scores);
    for (size_t q = 0; q < n; q++) {
        if (queries[q].n_history == 0)
            continue;
        size_t last = queries[q].history[queries[q].n_history - 1];
        for (size_t i = w->start[last]; i < w->start[last + 1]; i++)
            scores[q * w->n_columns + w->column[i]] = w->value[i];
    }
    return REC_OK;
}

const rec_recommender rec_recommender_last_item = {
    .name = "last_item",
    .help = "items related to the last one of the history",
    .size = sizeof(last_item),
    .options = last_item_options,
    .fit = last_item_fit,
    .score = last_item_score,
    .save = rec_item_graph_save,
    .load = rec_item_graph_load,
    .similar = rec_item_graph_similar,
    .n_parameters = rec_item_graph_n_parameters,
    .deinit = rec_item_graph_deinit,
};
