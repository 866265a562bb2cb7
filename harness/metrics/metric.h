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

/** As k: the whole list, for a metric with a cut-off that is named without one ("map"). */
#define REC_WHOLE_LIST SIZE_MAX

/** One ranked list with its judgments. All arrays borrowed. */
typedef struct rec_ranking {
    const float *gains; /* (n_ranked) relevance level in rank order: above 0 = relevant, 0 = judged
                           and not relevant, below 0 as in TREC judgments and NaN = unjudged */
    size_t n_ranked;
    const float
        *ideal_gains; /* (n_relevant) levels of all relevant items, descending; NULL: all 1 */
    size_t n_relevant;
    size_t n_nonrelevant_judged;  /* items judged 0, ranked or not (bpref) */
    const uint32_t *items;        /* (n_ranked) dense ids; needed by list metrics only */
    const size_t *relevant_ranks; /* (n_relevant) rank from 1 in the full order, 0 = unranked; NULL:
                                     derive from gains (the list is the full order) */
    size_t n_pool;                /* items the full order has (auc); 0 = n_ranked */
} rec_ranking;

/** What whole-run metrics (coverage, gini, novelty, diversity) look at. */
typedef struct rec_list_set {
    const uint32_t *items;    /* (n_lists, stride) */
    const uint32_t *n_ranked; /* (n_lists) */
    size_t n_lists, stride;
    size_t n_items;             /* catalogue */
    const uint32_t *popularity; /* (n_items) interactions in the training part */
    size_t n_train_users;       /* for novelty: probability an item is known */
    uint32_t tail_popularity;   /* rec_tail_popularity(), for tail_share */
    const float *item_vectors;  /* (n_items, dim) unit rows for diversity, or NULL */
    size_t dim;
} rec_list_set;

struct rec_tie_block; /* harness/metrics/ties.h */

typedef struct rec_metric {
    const char *name;     /* "ndcg" */
    const char *help;     /* one line */
    const char *formula;  /* plain text, for docs/metrics.md and `recai list metrics ndcg` */
    const char *citation; /* NULL for counts that need none */
    bool has_cutoff;      /* reported as name@k; without "@k" the whole list */
    bool has_percent;     /* reported as name.k: k is a parameter in hundredths (rbp.80) */
    bool higher_is_better;
    bool needs_relevant; /* undefined without a relevant item: skipped and counted */
    bool graded;         /* reads levels, not only whether an item is relevant */
    bool needs_vectors;  /* reads rec_list_set.item_vectors; undefined without */

    /** Per-list value, NaN where undefined. NULL for whole-run metrics. */
    double (*value_at)(const rec_ranking *r, size_t k);
    /** Weight of a list in the mean over lists, for metrics whose mean is weighted (gauc). NULL:
     * 1. */
    double (*weight)(const rec_ranking *r);
    /** Whole-run value over lists cut at k (no per-sample values). NULL for per-list metrics. */
    rec_status (*run_value)(double *out, const rec_list_set *lists, size_t k, rec_error *err);
    /** Per-list value that needs catalogue data (average popularity, novelty, diversity). */
    double (*list_value)(const rec_list_set *lists, size_t list, size_t k);
    /** Expected value_at over all orders inside each block of equal scores, the blocks in rank
     * order. Of r it reads n_relevant, ideal_gains, n_nonrelevant_judged and, for the length of the
     * full order, n_pool or n_ranked. */
    double (*expected_at)(const rec_ranking *r, const struct rec_tie_block *blocks, size_t n_blocks,
                          size_t k);
} rec_metric;

/**
 * Popularity up to which an item counts as long tail: the greatest v for which the items with
 * popularity <= v hold at most a fifth of all interactions ("Managing popularity bias in
 * recommender systems with personalized re-ranking", FLAIRS 2019: the head holds 80 %). A
 * threshold and not a sorted cut, so that items of equal popularity are on one side.
 */
rec_status rec_tail_popularity(uint32_t *out, const uint32_t *popularity, size_t n_items,
                               rec_error *err);

extern const rec_metric *const rec_metrics[];
extern const size_t rec_n_metrics;
const rec_metric *rec_metric_find(const char *name); /* exact name without "@k"; or NULL */

/**
 * "ndcg@10" -> metric and k; "map" -> REC_WHOLE_LIST; "recip_rank" (no cut-off) -> 0; "rbp.80" ->
 * 80. REC_ERR_CONFIG with the nearest name for an unknown metric, and for a cut-off that is
 * missing its number, below 1, or given to a metric that has none.
 */
rec_status rec_metric_parse(const rec_metric **metric, size_t *k, const char *label,
                            rec_error *err);

enum { REC_METRIC_LABEL_MAX = 64 };
/** The inverse of rec_metric_parse: "ndcg@10", "map", "rbp.80". */
void rec_metric_label(char out[REC_METRIC_LABEL_MAX], const rec_metric *metric, size_t k);

/**
 * Expected value over all orders inside each group of equal scores (ties: expected). `group`
 * (n_ranked): equal numbers mark equal scores, groups are contiguous. The list must be the full
 * order: a group that is cut off looks smaller than it is. Exact, in closed form. REC_ERR_CONFIG
 * for a metric where it is not defined.
 */
rec_status rec_metric_expected(double *out, const rec_metric *metric, const rec_ranking *r,
                               const uint32_t *group, size_t k, rec_error *err);

/** Where a relevant item stands when its score is shared. */
typedef struct rec_tied_rank {
    size_t n_above; /* items with a greater score */
    size_t n_equal; /* items with this score, itself included; 0 = unranked */
} rec_tied_rank;

/**
 * The same from the ranks of the relevant items alone, for lists that were cut. `ranks`
 * (n_relevant) in the order of r->ideal_gains; of r it reads n_relevant, ideal_gains, n_pool and
 * n_nonrelevant_judged. Every item that is not relevant counts as judged (bpref).
 */
rec_status rec_metric_expected_ranks(double *out, const rec_metric *metric, const rec_ranking *r,
                                     const rec_tied_rank *ranks, size_t k, rec_error *err);

/**
 * Closed form at chance: n_relevant items of level 1 among n_pool items in uniformly random order
 * (docs/metrics.md). NaN where no closed form is known or the metric is undefined.
 */
double rec_metric_chance(const rec_metric *metric, size_t n_relevant, size_t n_pool, size_t k);

#endif
