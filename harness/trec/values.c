#include "harness/trec/values.h"

#include "harness/metrics/gains.h"

double rec_trec_num_ret(const rec_trec_ranking *r, const double *parameters)
{
    (void)parameters;
    return (double)r->binary.n_ranked;
}

double rec_trec_num_rel(const rec_trec_ranking *r, const double *parameters)
{
    (void)parameters;
    return (double)r->binary.n_relevant;
}

double rec_trec_num_rel_ret(const rec_trec_ranking *r, const double *parameters)
{
    (void)parameters;
    return (double)r->n_relevant_ranked;
}

double rec_trec_num_nonrel_judged_ret(const rec_trec_ranking *r, const double *parameters)
{
    (void)parameters;
    size_t n = 0;
    for (size_t i = 0; i < r->binary.n_ranked; i++)
        n += r->binary.gains[i] == 0.0f;
    return (double)n;
}

/* Hits that a recall level asks for. Version 9 adds 0.9 and cuts, version 10 rounds. */
static size_t hits_for_recall(const rec_trec_ranking *r, double recall)
{
    double hits = recall * (double)r->binary.n_relevant;
    hits = r->rules->rounds_recall_up ? trunc(hits + 0.9) : round(hits);
    return hits > 0.0 ? (size_t)hits : 0;
}

/* Backwards, so that the running maximum covers the places below. */
static double interpolated_precision(const rec_trec_ranking *r, size_t n_wanted)
{
    if (n_wanted > r->n_relevant_ranked)
        return 0.0;
    double best = 0.0;
    size_t hits = r->n_relevant_ranked;
    for (size_t i = r->binary.n_ranked; i > 0 && hits > 0; i--) {
        best = fmax(best, (double)hits / (double)i);
        if (!rec_is_relevant(r->binary.gains[i - 1]))
            continue;
        if (hits == n_wanted)
            return best;
        hits--;
    }
    return best;
}

double rec_trec_iprec_at_recall(const rec_trec_ranking *r, const double *parameters)
{
    return interpolated_precision(r, hits_for_recall(r, parameters[0]));
}

double rec_trec_11pt_avg(const rec_trec_ranking *r, const double *parameters)
{
    double sum = 0.0;
    size_t n = 0;
    for (; n < REC_TREC_PARAMETERS_MAX && !isnan(parameters[n]); n++)
        sum += interpolated_precision(r, hits_for_recall(r, parameters[n]));
    return n > 0 ? sum / (double)n : 0.0;
}

double rec_trec_rprec_mult(const rec_trec_ranking *r, const double *parameters)
{
    size_t k = (size_t)fmax(0.0, parameters[0] * (double)r->binary.n_relevant + 0.9);
    return k > 0 ? (double)rec_hits_at(&r->binary, k) / (double)k : 0.0;
}

double rec_trec_relative_p(const rec_trec_ranking *r, const double *parameters)
{
    size_t k = (size_t)parameters[0], best = rec_cut(r->binary.n_relevant, k);
    return best > 0 ? (double)rec_hits_at(&r->binary, k) / (double)best : 0.0;
}

double rec_trec_unj(const rec_trec_ranking *r, const double *parameters)
{
    size_t k = (size_t)parameters[0], n = 0;
    for (size_t i = 0; i < rec_cut(r->graded.n_ranked, k); i++)
        n += !(r->graded.gains[i] >= 0.0f);
    return (double)n / (double)k;
}

/* Expected precision at a relevant document on place j: itself, and of the j documents above the
 * share that is in the pool times the share of relevant ones among the judged, smoothed. */
static double inferred_precision(double j, double relevant, double nonrelevant, double unjudged)
{
    const double smoothing = 1e-5;
    if (j == 0.0)
        return 1.0;
    double in_pool = (relevant + nonrelevant + unjudged) / j;
    double precise = (relevant + smoothing) / (relevant + nonrelevant + 2.0 * smoothing);
    return 1.0 / (j + 1.0) + j / (j + 1.0) * in_pool * precise;
}

double rec_trec_infap(const rec_trec_ranking *r, const double *parameters)
{
    (void)parameters;
    double relevant = 0.0, nonrelevant = 0.0, unjudged = 0.0, sum = 0.0;
    for (size_t j = 0; j < r->binary.n_ranked; j++) {
        float gain = r->binary.gains[j];
        if (rec_is_relevant(gain))
            sum += inferred_precision((double)j, relevant++, nonrelevant, unjudged);
        else if (gain == 0.0f)
            nonrelevant++;
        else if (gain < 0.0f)
            unjudged++;
    }
    return r->binary.n_relevant > 0 ? sum / (double)r->binary.n_relevant : 0.0;
}

double rec_trec_bin_g(const rec_trec_ranking *r, const double *parameters)
{
    (void)parameters;
    double sum = 0.0;
    size_t hits = 0;
    for (size_t i = 0; i < r->binary.n_ranked; i++)
        if (rec_is_relevant(r->binary.gains[i]))
            sum += 1.0 / log2((double)(2 + i - hits++));
    return hits > 0 ? sum / (double)r->binary.n_relevant : 0.0;
}

/* Gain at place i of the ideal order, 0 past its end. */
static double ideal_gain(const rec_ranking *r, size_t i)
{
    return i < r->n_relevant ? (double)rec_ideal_gain(r, i) : 0.0;
}

static double gain_at(const rec_ranking *r, size_t i)
{
    return rec_is_relevant(r->gains[i]) ? (double)r->gains[i] : 0.0;
}

double rec_trec_g(const rec_trec_ranking *r, const double *parameters)
{
    (void)parameters;
    const rec_ranking *g = &r->graded;
    double sum = 0.0, gained = 0.0, cost = 0.0, all = 0.0;
    for (size_t i = 0; i < g->n_ranked; i++) {
        double gain = gain_at(g, i);
        gained += gain;
        cost += fmax(1.0, ideal_gain(g, i));
        if (gain > 0.0)
            sum += gain / log2(2.0 + cost - gained);
    }
    for (size_t i = 0; i < g->n_relevant; i++)
        all += ideal_gain(g, i);
    return all > 0.0 ? sum / all : 0.0;
}

double rec_trec_ndcg_rel(const rec_trec_ranking *r, const double *parameters)
{
    (void)parameters;
    const rec_ranking *g = &r->graded;
    double dcg = 0.0, ideal = 0.0, sum = 0.0;
    size_t hits = 0;
    for (size_t i = 0; i < g->n_ranked || i < g->n_relevant; i++) {
        double gain = i < g->n_ranked ? gain_at(g, i) : 0.0;
        if (gain > 0.0)
            dcg += gain * rec_discount(i);
        if (i < g->n_relevant)
            ideal += ideal_gain(g, i) * rec_discount(i);
        if (gain > 0.0) {
            sum += dcg / ideal;
            hits++;
        }
    }
    if (g->n_relevant == 0)
        return 0.0;
    return (sum + (double)(g->n_relevant - hits) * dcg / ideal) / (double)g->n_relevant;
}

/* A fall of the ideal gain at place i is seen with the places above it. The end counts only
 * where the list goes on past the place after the last relevant one, as in trec_eval. */
double rec_trec_rndcg(const rec_trec_ranking *r, const double *parameters)
{
    (void)parameters;
    const rec_ranking *g = &r->graded;
    double dcg = 0.0, ideal = 0.0, sum = 0.0;
    size_t n_points = 0;
    if (r->binary.n_relevant == 0)
        return 0.0;
    for (size_t i = 0; i < g->n_ranked || i <= g->n_relevant; i++) {
        if (i > 0 && i <= g->n_relevant && ideal_gain(g, i) != ideal_gain(g, i - 1)) {
            sum += dcg / ideal;
            n_points++;
        }
        if (i < g->n_ranked)
            dcg += gain_at(g, i) * rec_discount(i);
        ideal += ideal_gain(g, i) * rec_discount(i);
    }
    if (g->n_ranked > g->n_relevant + 1) {
        sum += dcg / ideal;
        n_points++;
    }
    return sum / (double)n_points;
}

double rec_trec_set_relative_p(const rec_trec_ranking *r, const double *parameters)
{
    (void)parameters;
    size_t best = rec_cut(r->binary.n_relevant, r->binary.n_ranked);
    return best > 0 ? (double)r->n_relevant_ranked / (double)best : 0.0;
}

double rec_trec_set_map(const rec_trec_ranking *r, const double *parameters)
{
    (void)parameters;
    double hits = (double)r->n_relevant_ranked;
    double cells = (double)r->binary.n_ranked * (double)r->binary.n_relevant;
    return cells > 0.0 ? hits * hits / cells : 0.0;
}

double rec_trec_set_f(const rec_trec_ranking *r, const double *parameters)
{
    if (r->n_relevant_ranked == 0)
        return 0.0;
    double precision = (double)r->n_relevant_ranked / (double)r->binary.n_ranked;
    double recall = (double)r->n_relevant_ranked / (double)r->binary.n_relevant;
    return (parameters[0] + 1.0) * precision * recall / (parameters[0] * precision + recall);
}

double rec_trec_utility(const rec_trec_ranking *r, const double *parameters)
{
    double hits = (double)r->n_relevant_ranked, ranked = (double)r->binary.n_ranked;
    double relevant = (double)r->binary.n_relevant;
    if (r->binary.n_ranked == 0)
        return 0.0;
    return parameters[0] * hits + parameters[1] * (ranked - hits) +
           parameters[2] * (relevant - hits) +
           parameters[3] * (r->rules->collection_size + hits - ranked - relevant);
}
