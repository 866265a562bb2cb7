/**
 * Evaluation of a run against judgments by trec_eval's rules: the order is score descending, then
 * document id descending in unsigned byte order; unjudged documents and negative judgments are not
 * relevant; queries of the qrels that the run lacks score 0; queries the qrels lack are ignored.
 */
#ifndef REC_HARNESS_TREC_EVALUATE_H
#define REC_HARNESS_TREC_EVALUATE_H

#include <stdbool.h>

#include "harness/trec/measure.h"
#include "harness/trec/trec.h"

typedef enum rec_trec_ties {
    REC_TREC_TIES_ID,          /* document id descending */
    REC_TREC_TIES_EXPECTED,    /* expected value over all orders of equal scores */
    REC_TREC_TIES_OPTIMISTIC,  /* relevant documents first, then by id */
    REC_TREC_TIES_PESSIMISTIC, /* relevant documents last */
} rec_trec_ties;

typedef struct rec_trec_options {
    bool single_precision; /* compare scores as float, as trec_eval 9 does */
    bool skip_absent;      /* leave out queries that the run lacks */
    bool skip_irrelevant;  /* leave out queries without a relevant document */
    bool first_duplicate;  /* keep the first of two equal ids of a query; else REC_ERR_DATA */
    bool judged_only;      /* take unjudged documents out of the run */
    bool binary_gains;     /* judgments below the level are gone for ndcg too (ranx) */
    int32_t level;         /* judgments from here on are relevant */
    size_t max_per_query;  /* documents kept of each query's order; 0 = all */
    rec_trec_ties ties;
    rec_trec_rules rules; /* how some measures round */
} rec_trec_options;

typedef struct rec_trec_result {
    const rec_trec_query **queries; /* (n_queries) owned array of borrowed queries of the qrels */
    double *values;                 /* (n_queries, n_measures) owned; never NaN */
    size_t n_queries, n_measures;
    size_t n_absent;     /* queries of the qrels that the run lacks */
    size_t n_unjudged;   /* queries of the run that the qrels lack */
    size_t n_irrelevant; /* queries without a relevant document */
    size_t n_duplicates; /* records left out */
} rec_trec_result;

/** The result borrows from qrels and run. REC_ERR_DATA names file and line of a duplicate id. */
rec_status rec_trec_evaluate(rec_trec_result *out, const rec_trec_file *qrels,
                             const rec_trec_file *run, const rec_trec_measure *measures,
                             size_t n_measures, const rec_trec_options *options, rec_error *err);
void rec_trec_result_deinit(rec_trec_result *result);

/** Summary of one measure over the queries: mean, sum or geometric mean. */
double rec_trec_summary(const rec_trec_result *result, const rec_trec_measure *measures, size_t m);

#endif
