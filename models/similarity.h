/**
 * Similarities between the rows of a sparse matrix (items by users, or users by items), and the
 * feature weights they can be computed on: what item_knn and user_knn share.
 *
 * The definitions are those of "A Troubling Analysis of Reproducibility and Progress in Recommender
 * Systems Research", ACM TOIS 39(2), 2021, section 3.2 and its published code, down to the constant
 * that keeps denominators positive, so that its tables come out to the last digit.
 */
#ifndef REC_MODELS_SIMILARITY_H
#define REC_MODELS_SIMILARITY_H

#include "models/sparse.h"

typedef enum rec_similarity_kind {
    REC_SIMILARITY_COSINE,     /* dot / (|t| |o| + shrink) */
    REC_SIMILARITY_ASYMMETRIC, /* dot / (|t|^(2 alpha) |o|^(2 (1 - alpha)) + shrink) */
    REC_SIMILARITY_JACCARD,    /* c / (n_t + n_o - c + shrink); c = common, n = size */
    REC_SIMILARITY_DICE,       /* 2 c / (n_t + n_o + shrink) */
    REC_SIMILARITY_TVERSKY,    /* c / (c + alpha (n_t - c) + beta (n_o - c) + shrink) */
} rec_similarity_kind;

typedef enum rec_weighting_kind {
    REC_WEIGHTING_NONE,
    REC_WEIGHTING_TF_IDF,
    REC_WEIGHTING_BM25
} rec_weighting_kind;

extern const char *const rec_similarity_names[];
extern const char *const rec_weighting_names[];

/** How rows are compared: option fields. t is the target (whose list is made), o the other row. */
typedef struct rec_similarity {
    int kind;      /* rec_similarity_kind */
    int weighting; /* rec_weighting_kind; of cosine and asymmetric only */
    int64_t k;     /* neighbours kept per target */
    double shrink;
    double asymmetric_alpha;
    double tversky_alpha, tversky_beta;
} rec_similarity;

/** The option rows of a model struct whose member `m` is a rec_similarity. */
#define REC_SIMILARITY_OPTIONS(owner, m)                                                           \
    {.key = "similarity",                                                                          \
     .help = "cosine, asymmetric (cosine), jaccard, dice or tversky",                              \
     .offset = offsetof(owner, m.kind),                                                            \
     .type = REC_OPT_ENUM,                                                                         \
     .choices = rec_similarity_names},                                                             \
        {.key = "weighting",                                                                       \
         .help = "feature weights of the similarity: none, tf_idf or bm25 (cosine, asymmetric)",   \
         .offset = offsetof(owner, m.weighting),                                                   \
         .type = REC_OPT_ENUM,                                                                     \
         .choices = rec_weighting_names},                                                          \
        {.key = "k",                                                                               \
         .help = "neighbours kept",                                                                \
         .offset = offsetof(owner, m.k),                                                           \
         .type = REC_OPT_INT,                                                                      \
         .value = 100,                                                                             \
         .min = 1,                                                                                 \
         .max = 1e6},                                                                              \
        {.key = "shrink",                                                                          \
         .help = "added to the denominator: similarities on little evidence count less",           \
         .offset = offsetof(owner, m.shrink),                                                      \
         .type = REC_OPT_REAL,                                                                     \
         .min = 0,                                                                                 \
         .max = 1e6},                                                                              \
        {.key = "asymmetric_alpha",                                                                \
         .help = "asymmetric: exponent share of the target; 0.5 is the cosine",                    \
         .offset = offsetof(owner, m.asymmetric_alpha),                                            \
         .type = REC_OPT_REAL,                                                                     \
         .value = 0.5,                                                                             \
         .min = 0,                                                                                 \
         .max = 2},                                                                                \
        {.key = "tversky_alpha",                                                                   \
         .help = "tversky: weight of what only the target has",                                    \
         .offset = offsetof(owner, m.tversky_alpha),                                               \
         .type = REC_OPT_REAL,                                                                     \
         .value = 1,                                                                               \
         .min = 0,                                                                                 \
         .max = 100},                                                                              \
    {                                                                                              \
        .key = "tversky_beta", .help = "tversky: weight of what only the other has",               \
        .offset = offsetof(owner, m.tversky_beta), .type = REC_OPT_REAL, .value = 1, .min = 0,     \
        .max = 100                                                                                 \
    }

/** REC_ERR_CONFIG for a combination of options that means nothing. */
rec_status rec_similarity_check(const rec_similarity *how, rec_error *err);

/**
 * Feature weights learnt from the rows (documents) of a matrix: idf of each column (term),
 * ln(N / (1 + df)), and the mean row sum. Nothing is learnt for weighting none.
 */
typedef struct rec_weighting {
    double *idf; /* (n_columns), owned */
    size_t n_columns;
    double mean_length;
} rec_weighting;

rec_status rec_weighting_fit(rec_weighting *out, const rec_similarity *how, const rec_sparse *rows,
                             rec_error *err);
void rec_weighting_deinit(rec_weighting *w);
/** Make rows comparable, in place: tf_idf sqrt(x) idf; bm25 x (k1 + 1) / (k1 (1 - b + b length /
 * mean_length) + x) idf with k1 = 1.2, b = 0.75; every value 1 where sets are compared. */
void rec_similarity_prepare(rec_sparse *rows, const rec_similarity *how, const rec_weighting *w);

/** What a row brings to the denominator, as target and as other: out_target, out_other (n_rows). */
void rec_similarity_terms(double *out_target, double *out_other, const rec_similarity *how,
                          const rec_sparse *rows);

/** Similarity from the dot product (of 0/1 rows: the common count) and two terms. */
double rec_similarity_value(const rec_similarity *how, double dot, double target_term,
                            double other_term);

/**
 * Weights W (n, n) between the n rows of a prepared matrix: column t keeps the k rows most similar to
 * t, without t, ties to the lower index. out is CSR by the other row: row o lists the targets it
 * votes for.
 */
rec_status rec_similarity_fit(rec_sparse *out, const rec_similarity *how, const rec_sparse *rows,
                              rec_error *err);

#endif
