#include "harness/trec/evaluate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/parallel.h"
#include "harness/trec/ranking.h"

enum { QUERIES_PER_TILE = 32 };

/* A query of the qrels and its results, if any. */
typedef struct pair {
    const rec_trec_query *judgments, *results;
} pair;

typedef struct evaluation {
    const rec_trec_file *qrels, *run;
    const rec_trec_measure *measures;
    size_t n_measures;
    const rec_trec_options *options;
    pair *pairs; /* (n_pairs) owned */
    size_t n_pairs;
    double *values;       /* (n_pairs, n_measures) owned */
    bool *irrelevant;     /* (n_pairs) owned: no relevant document */
    size_t *n_duplicates; /* (tiles) owned */
} evaluation;

static rec_status measure_value(double *out, const rec_trec_measure *m, const rec_trec_ranking *r,
                                const uint32_t *group, rec_trec_ties ties, rec_error *err)
{
    rec_status status = REC_OK;
    double value = 0.0;
    if (m->metric != NULL) {
        const rec_ranking *ranking = m->metric->graded ? &r->graded : &r->binary;
        if (ties == REC_TREC_TIES_EXPECTED)
            status = rec_metric_expected(&value, m->metric, ranking, group, m->k, err);
        else
            value = m->metric->value_at(ranking, m->k);
    } else if (m->value != NULL) {
        value = m->value(r, m->parameters);
    }
    *out = isnan(value) ? 0.0 : value; /* no relevant document: 0, as trec_eval has it */
    return status;
}

static rec_status evaluate_query(const evaluation *e, size_t p, size_t *n_duplicates,
                                 rec_trec_scratch *scratch, rec_error *err)
{
    rec_status status;
    rec_trec_ranking ranking;
    const uint32_t *group;
    REC_TRY(rec_trec_rank(&ranking, &group, n_duplicates, scratch, e->qrels, e->pairs[p].judgments,
                          e->run, e->pairs[p].results, e->options, err));
    e->irrelevant[p] = ranking.binary.n_relevant == 0;
    for (size_t m = 0; m < e->n_measures; m++)
        REC_TRY(measure_value(&e->values[p * e->n_measures + m], &e->measures[m], &ranking, group,
                              e->options->ties, err));
cleanup:
    return status;
}

static rec_status evaluate_tile(void *context, size_t tile, rec_error *err)
{
    rec_status status;
    evaluation *e = context;
    rec_trec_scratch *scratch = NULL;
    size_t first = tile * QUERIES_PER_TILE, n_judged = 0, n_ranked = 0;
    size_t end = e->n_pairs - first < QUERIES_PER_TILE ? e->n_pairs : first + QUERIES_PER_TILE;
    for (size_t p = first; p < end; p++) {
        const pair *q = &e->pairs[p];
        n_judged = q->judgments->n_records > n_judged ? q->judgments->n_records : n_judged;
        if (q->results != NULL && q->results->n_records > n_ranked)
            n_ranked = q->results->n_records;
    }
    REC_TRY(rec_trec_scratch_new(&scratch, n_judged, n_ranked, err));
    for (size_t p = first; p < end; p++)
        REC_TRY(evaluate_query(e, p, &e->n_duplicates[tile], scratch, err));
cleanup:
    rec_trec_scratch_free(scratch);
    return status;
}

/* Queries of the qrels in their order, each with its results. */
static rec_status pair_queries(evaluation *e, rec_trec_result *out, rec_error *err)
{
    rec_status status = REC_OK;
    size_t n_found = 0;
    REC_TRY_NEW(e->pairs, e->qrels->n_queries, err);
    for (size_t q = 0; q < e->qrels->n_queries; q++) {
        const rec_trec_query *judgments = &e->qrels->queries[q];
        const rec_trec_query *results = rec_trec_find(e->run, judgments->id);
        n_found += results != NULL;
        if (results != NULL || !e->options->skip_absent)
            e->pairs[e->n_pairs++] = (pair){.judgments = judgments, .results = results};
    }
    out->n_absent = e->qrels->n_queries - n_found;
    out->n_unjudged = e->run->n_queries - n_found;
    if (e->n_pairs == 0)
        status = rec_fail(err, REC_ERR_DATA, "%s and %s have no query in common", e->qrels->path,
                          e->run->path);
cleanup:
    return status;
}

static rec_status run_tiles(evaluation *e, rec_error *err)
{
    rec_status status = REC_OK;
    size_t n_tiles = (e->n_pairs + QUERIES_PER_TILE - 1) / QUERIES_PER_TILE;
    REC_TRY_NEW(e->values, e->n_pairs * e->n_measures, err);
    REC_TRY_NEW(e->irrelevant, e->n_pairs, err);
    REC_TRY_NEW(e->n_duplicates, n_tiles, err);
    REC_TRY(rec_parallel_tiles(n_tiles, evaluate_tile, e, err));
cleanup:
    return status;
}

/* Moves the values of the queries that count to the front. */
static rec_status collect(rec_trec_result *out, evaluation *e, rec_error *err)
{
    rec_status status = REC_OK;
    REC_TRY_NEW(out->queries, e->n_pairs, err);
    out->n_measures = e->n_measures;
    for (size_t p = 0; p < e->n_pairs; p++) {
        out->n_irrelevant += e->irrelevant[p];
        if (e->irrelevant[p] && e->options->skip_irrelevant)
            continue;
        memmove(e->values + out->n_queries * e->n_measures, e->values + p * e->n_measures,
                e->n_measures * sizeof *e->values);
        out->queries[out->n_queries++] = e->pairs[p].judgments;
    }
    for (size_t t = 0; t * QUERIES_PER_TILE < e->n_pairs; t++)
        out->n_duplicates += e->n_duplicates[t];
    out->values = e->values;
    e->values = NULL;
cleanup:
    return status;
}

static rec_status check_options(const rec_trec_measure *measures, size_t n_measures,
                                const rec_trec_options *options, rec_error *err)
{
    if (options->ties != REC_TREC_TIES_EXPECTED)
        return REC_OK;
    if (options->max_per_query > 0)
        return rec_fail(err, REC_ERR_CONFIG,
                        "expected values over ties need the whole list, not one that is cut");
    for (size_t m = 0; m < n_measures; m++)
        if (measures[m].value != NULL && measures[m].summary == REC_TREC_MEAN)
            return rec_fail(err, REC_ERR_CONFIG,
                            "measure %s has no expected value over tied orders", measures[m].label);
    return REC_OK;
}

rec_status rec_trec_evaluate(rec_trec_result *out, const rec_trec_file *qrels,
                             const rec_trec_file *run, const rec_trec_measure *measures,
                             size_t n_measures, const rec_trec_options *options, rec_error *err)
{
    rec_status status;
    evaluation e = {.qrels = qrels,
                    .run = run,
                    .measures = measures,
                    .n_measures = n_measures,
                    .options = options};
    *out = (rec_trec_result){0};
    REC_TRY(check_options(measures, n_measures, options, err));
    REC_TRY(pair_queries(&e, out, err));
    REC_TRY(run_tiles(&e, err));
    REC_TRY(collect(out, &e, err));
cleanup:
    free(e.pairs);
    free(e.values);
    free(e.irrelevant);
    free(e.n_duplicates);
    if (status != REC_OK)
        rec_trec_result_deinit(out);
    return status;
}

void rec_trec_result_deinit(rec_trec_result *result)
{
    free(result->queries);
    free(result->values);
    *result = (rec_trec_result){0};
}

double rec_trec_summary(const rec_trec_result *result, const rec_trec_measure *measures, size_t m)
{
    const double least = 1e-5; /* trec_eval's floor under a logarithm */
    bool geometric = measures[m].summary == REC_TREC_GEOMETRIC;
    double sum = 0.0, n = (double)result->n_queries;
    if (measures[m].summary == REC_TREC_QUERIES)
        return n;
    for (size_t q = 0; q < result->n_queries; q++) {
        double value = result->values[q * result->n_measures + m];
        sum += geometric ? log(fmax(value, least)) : value;
    }
    if (measures[m].summary == REC_TREC_SUM || result->n_queries == 0)
        return sum;
    return geometric ? exp(sum / n) : sum / n;
}
