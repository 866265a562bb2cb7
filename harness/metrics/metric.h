/**
 * The interface of every metric. A plug-in is one file that defines one `rec_metric` and one line
 * in metrics.def. A metric has one definition; variants have names of their own.
 */
#ifndef REC_HARNESS_METRICS_METRIC_H
#define REC_HARNESS_METRICS_METRIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/status.h"

/** One ranked list with its judgments. All arrays borrowed. */
typedef struct rec_ranking {
    const float *gains; /* (n_ranked) relevance level in rank order; 0 = not relevant, negative as in
                           TREC judgments, NaN = unjudged (counts as not relevant) */
    size_t n_ranked;
    const float *ideal_gains; /* (n_relevant) levels of all relevant items, descending */
    size_t n_relevant;
    size_t n_nonrelevant_judged; /* judged items that are not relevant, ranked or not (bpref) */
    const uint32_t *items;       /* (n_ranked) dense ids; needed by list metrics only */
    const size_t *relevant_ranks; /* (n_relevant) rank from 1 in the full order, 0 = unranked; NULL:
                                     derive from gains (the list is the full order) */
    size_t n_pool; /* items the full order has (auc); 0 = n_ranked */
} rec_ranking;

/** What whole-run metrics (coverage, gini, novelty, diversity) look at. */
typedef struct rec_list_set {
    const uint32_t *items; /* (n_lists, stride) */
    const uint32_t *n_ranked; /* (n_lists) */
    size_t n_lists, stride;
    size_t n_items;              /* catalogue */
    const uint32_t *popularity;  /* (n_items) interactions in the training part */
    size_t n_train_users;        /* for novelty: probability an item is known */
    const float *item_vectors;   /* (n_items, dim) unit rows for diversity, or NULL */
    size_t dim;
} rec_list_set;

typedef struct rec_metric {
    const char *name;     /* "ndcg" */
    const char *help;     /* one line */
    const char *formula;  /* plain text, for docs/metrics.md and `recai list metrics ndcg` */
    const char *citation;
    bool has_cutoff;      /* reported as name@k */
    bool higher_is_better;
    bool needs_relevant;  /* undefined without a relevant item: skipped and counted */
    double parameter;     /* rbp persistence, 0 when unused */

    /** Per-list value, NaN where undefined. NULL for whole-run metrics. */
    double (*value_at)(const rec_ranking *r, size_t k);
    /** Whole-run value over lists cut at k (no per-sample values). NULL for per-list metrics. */
    double (*run_value)(const rec_list_set *lists, size_t k);
    /** Per-list value that needs catalogue data (average popularity, novelty, diversity). */
    double (*list_value)(const rec_list_set *lists, size_t list, size_t k);
} rec_metric;

extern const rec_metric *const rec_metrics[];
extern const size_t rec_n_metrics;
const rec_metric *rec_metric_find(const char *name); /* exact name without "@k"; or NULL */

/** "ndcg@10" -> metric and k (0 when the metric has none). REC_ERR_CONFIG with the nearest name. */
rec_status rec_metric_parse(const rec_metric **metric, size_t *k, const char *label,
                            rec_error *err);

/**
 * Expected value over all orders inside each group of equal scores (ties: expected). `group` (n_ranked):
 * equal numbers mark equal scores. Exact: closed form for linear metrics, enumeration over positions
 * otherwise. Fails with REC_ERR_CONFIG for a metric where it is not defined.
 */
rec_status rec_metric_expected(double *out, const rec_metric *metric, const rec_ranking *r,
                               const uint32_t *group, size_t k, rec_error *err);

/** Closed form at chance: R relevant among n_pool items in uniformly random order (spec'd in
 * docs/metrics.md); NaN where no closed form is known. */
double rec_metric_chance(const rec_metric *metric, size_t n_relevant, size_t n_pool, size_t k);

#endif
