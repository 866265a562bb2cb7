/**
 * What `recai eval -m` can name: every metric of harness/metrics/metrics.def that needs no
 * catalogue ("ndcg@10"), and trec_eval's measures under trec_eval's names ("ndcg_cut_10",
 * "P.5,10", "official").
 */
#ifndef REC_HARNESS_TREC_MEASURE_H
#define REC_HARNESS_TREC_MEASURE_H

#include <stdbool.h>

#include "harness/metrics/metric.h"

/** Where versions of trec_eval differ in the figures themselves. */
typedef struct rec_trec_rules {
    bool rounds_recall_up;  /* version 9: recall level times R plus 0.9, cut; 10: rounded */
    double collection_size; /* documents there are (utility); 0 unless told */
} rec_trec_rules;

/** One query's ranking as measures see it. */
typedef struct rec_trec_ranking {
    rec_ranking graded; /* gains are the judgments */
    rec_ranking
        binary; /* gains 1 from the relevance level on, 0 below, -1 negative, NaN unjudged */
    size_t n_relevant_ranked;
    const rec_trec_rules *rules;
} rec_trec_ranking;

typedef enum rec_trec_summary_kind {
    REC_TREC_MEAN,
    REC_TREC_SUM,       /* counts: printed as whole numbers */
    REC_TREC_GEOMETRIC, /* exp of the mean of ln(max(value, 1e-5)); no value per query */
    REC_TREC_QUERIES,   /* num_q; no value per query */
    REC_TREC_TAG,       /* runid: text; no value per query */
} rec_trec_summary_kind;

typedef double (*rec_trec_value_fn)(const rec_trec_ranking *r, const double *parameters);

enum { REC_TREC_PARAMETERS_MAX = 16 };

typedef struct rec_trec_measure {
    char label[96];
    bool is_trec; /* asked for by trec_eval's name: text output has its four decimals */
    rec_trec_summary_kind summary;
    const rec_metric *metric; /* or NULL: value */
    size_t k;
    rec_trec_value_fn value;
    double parameters[REC_TREC_PARAMETERS_MAX];
    size_t order;    /* place in trec_eval's output */
    bool by_default; /* its number was not asked for: numbers that are take its place */
} rec_trec_measure;

typedef struct rec_trec_measures {
    rec_trec_measure *items; /* owned */
    size_t n;
} rec_trec_measures;

/**
 * Names as given to -m. Only names of trec_eval: in its order, whatever the order of asking;
 * otherwise in the order asked. A name that comes twice counts once. Numbers given to a measure of
 * trec_eval ("official,P.5") replace its usual ones. An empty list is "official".
 * REC_ERR_CONFIG for an unknown name or wrong parameter.
 * @param version  of trec_eval, 9 or 10: what "all_trec" means
 */
rec_status rec_trec_measures_parse(rec_trec_measures *out, char *const *names, size_t n,
                                   int version, rec_error *err);
void rec_trec_measures_deinit(rec_trec_measures *measures);

/** trec_eval's measures by name, for help texts; ends with NULL. */
extern const char *const rec_trec_measure_names[];

#endif
