/* models/recommenders/oracle.c: the true probability of the next item of synthetic data, the ceiling
 * row of a table (datasets/synth_truth.h has the formula). A user named by the query has a known taste
 * class; of anyone else the history tells the posterior over classes, by Bayes' rule over the exact
 * likelihood of every step:
 *
 *     p(i | h) = sum_c p(c | h) p(i | c, h),   p(c | h) ~ prod_t p(h_t | c, h_1 .. h_t-1) / C */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "datasets/synth_truth.h"
#include "models/recommender.h"

typedef struct oracle {
    bool known_users; /* option */
    rec_synth_truth truth;
    double *next; /* (n_classes, n_items) P_c, owned */
} oracle;

static const rec_option oracle_options[] = {
    {"known_users", "the class of a user named by the query is known; else history alone counts",
     offsetof(oracle, known_users), REC_OPT_BOOL, .value = 1},
    {.key = NULL},
};

static rec_status read_truth(oracle *m, const rec_dataset *d, rec_error *err)
{
    rec_status status = rec_synth_truth_read(&m->truth, d, err);
    if (status != REC_OK)
        return status;
    const rec_synth_truth *t = &m->truth;
    m->next = rec_alloc(t->n_classes * t->n_items, sizeof *m->next, err);
    if (m->next == NULL)
        return REC_ERR_RESOURCE;
    for (size_t c = 0; c < t->n_classes && status == REC_OK; c++)
        status = rec_synth_class_distribution(m->next + c * t->n_items, t, c, err);
    return status;
}

static rec_status oracle_fit(void *self, const rec_fit_data *data, rec_error *err)
{
    return read_truth(self, data->dataset, err);
}

static rec_status oracle_load(void *self, const rec_tensor_file *in, const rec_dataset *dataset,
                              rec_error *err)
{
    (void)in; /* the truth lies in the dataset, not in the artifact */
    return read_truth(self, dataset, err);
}

/* Scratch of one query. */
typedef struct belief {
    double *weight; /* (n_classes) p(c | h), not normalised */
    double *free;   /* (n_classes) share of P_c on items not had so far */
    uint8_t *had;   /* (n_items) */
} belief;

static uint32_t follower(const rec_synth_truth *t, uint32_t last)
{
    return last == REC_NO_ITEM ? REC_NO_ITEM : t->follows[last];
}

/* s, 0 for the first item; a follower that a filter dropped is never drawn. */
static double follow_share(const rec_synth_truth *t, uint32_t last)
{
    return last == REC_NO_ITEM ? 0.0 : t->sequence;
}

/* Probability that a draw of class c is an item not had before: what rejection renormalises by. */
static double free_mass(const rec_synth_truth *t, const belief *b, size_t c, uint32_t last)
{
    uint32_t next = follower(t, last);
    double s = follow_share(t, last);
    double mass = (1.0 - s) * b->free[c];
    if (next != REC_NO_ITEM && !b->had[next])
        mass += s;
    return mass;
}

static void take(belief *b, const oracle *m, uint32_t item)
{
    if (b->had[item])
        return;
    b->had[item] = 1;
    for (size_t c = 0; c < m->truth.n_classes; c++)
        b->free[c] -= m->next[c * m->truth.n_items + item];
}

static double step_likelihood(const oracle *m, const belief *b, size_t c, uint32_t last,
                              uint32_t item)
{
    const rec_synth_truth *t = &m->truth;
    double s = follow_share(t, last);
    double p = (1.0 - s) * m->next[c * t->n_items + item];
    if (follower(t, last) == item)
        p += s;
    return p / free_mass(t, b, c, last);
}

/* Weights stay in range by scaling the largest to 1 after every step. */
static void rescale(double *weight, size_t n)
{
    double largest = 0.0;
    for (size_t c = 0; c < n; c++)
        largest = fmax(largest, weight[c]);
    for (size_t c = 0; largest > 0 && c < n; c++)
        weight[c] /= largest;
}

/* Walk through the history; a repeated item, which the generator never makes, tells nothing. */
static uint32_t follow_history(belief *b, const oracle *m, const rec_query *query)
{
    size_t n_classes = m->truth.n_classes;
    uint32_t last = REC_NO_ITEM;
    for (size_t c = 0; c < n_classes; c++)
        b->weight[c] = b->free[c] = 1.0;
    for (size_t i = 0; i < query->n_history; i++) {
        uint32_t item = query->history[i];
        for (size_t c = 0; c < n_classes && !b->had[item]; c++)
            b->weight[c] *= step_likelihood(m, b, c, last, item);
        rescale(b->weight, n_classes);
        take(b, m, item);
        last = item;
    }
    if (m->known_users && query->user < m->truth.n_users)
        for (size_t c = 0; c < n_classes; c++)
            b->weight[c] = c == m->truth.user_class[query->user];
    return last;
}

static void mix(float *scores, const oracle *m, belief *b, uint32_t last)
{
    const rec_synth_truth *t = &m->truth;
    double total = 0.0, s = follow_share(t, last);
    for (size_t c = 0; c < t->n_classes; c++)
        total += b->weight[c];
    for (size_t c = 0; c < t->n_classes; c++)
        b->weight[c] = b->weight[c] > 0 ? b->weight[c] / total / free_mass(t, b, c, last) : 0.0;
    for (size_t i = 0; i < t->n_items; i++) {
        double p = 0.0;
        for (size_t c = 0; c < t->n_classes && !b->had[i]; c++) {
            double one = (1.0 - s) * m->next[c * t->n_items + i];
            if (follower(t, last) == i)
                one += s;
            p += b->weight[c] * one;
        }
        scores[i] = (float)p;
    }
}

static rec_status oracle_score(float *scores, const void *self, const rec_query *queries, size_t n,
                               rec_error *err)
{
    const oracle *m = self;
    rec_status status = REC_OK;
    belief b = {.weight = NULL};
    REC_TRY_NEW(b.weight, m->truth.n_classes, err);
    REC_TRY_NEW(b.free, m->truth.n_classes, err);
    REC_TRY_NEW(b.had, m->truth.n_items, err);
    for (size_t q = 0; q < n; q++) {
        memset(b.had, 0, m->truth.n_items);
        uint32_t last = follow_history(&b, m, &queries[q]);
        mix(scores + q * m->truth.n_items, m, &b, last);
    }
cleanup:
    free(b.had);
    free(b.free);
    free(b.weight);
    return status;
}

static void oracle_deinit(void *self)
{
    oracle *m = self;
    rec_synth_truth_deinit(&m->truth);
    free(m->next);
}

const rec_recommender rec_recommender_oracle = {
    .name = "oracle",
    .help = "true probabilities of synthetic data: the ceiling",
    .size = sizeof(oracle),
    .options = oracle_options,
    .sees_oracle = true,
    .has_user_rows = true,
    .fit = oracle_fit,
    .score = oracle_score,
    .load = oracle_load,
    .deinit = oracle_deinit,
};
