#include "models/similarity.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "models/neighbours.h"

const char *const rec_similarity_names[] = {"cosine", "asymmetric", "jaccard",
                                            "dice",   "tversky",    NULL};
const char *const rec_weighting_names[] = {"none", "tf_idf", "bm25", NULL};

/* Keeps denominators positive; part of the published definition. */
static const double epsilon = 1e-6;

static bool compares_sets(const rec_similarity *how)
{
    return how->kind != REC_SIMILARITY_COSINE && how->kind != REC_SIMILARITY_ASYMMETRIC;
}

rec_status rec_similarity_check(const rec_similarity *how, rec_error *err)
{
    if (compares_sets(how) && how->weighting != REC_WEIGHTING_NONE)
        return rec_fail(err, REC_ERR_CONFIG,
                        "weighting %s has no effect on %s, which compares sets (use cosine or "
                        "asymmetric, or weighting none)",
                        rec_weighting_names[how->weighting], rec_similarity_names[how->kind]);
    return REC_OK;
}

static double row_sum(const rec_sparse *rows, size_t row)
{
    double sum = 0.0;
    for (size_t i = rows->start[row]; i < rows->start[row + 1]; i++)
        sum += (double)rows->value[i];
    return sum;
}

/* "Okapi at TREC-3", TREC 1994, with the idf of the TOIS study: ln(N / (1 + df)), N counting every
 * row, empty ones included. */
rec_status rec_weighting_fit(rec_weighting *out, const rec_similarity *how, const rec_sparse *rows,
                             rec_error *err)
{
    *out = (rec_weighting){.n_columns = 0};
    if (how->weighting == REC_WEIGHTING_NONE)
        return REC_OK;
    rec_status status = REC_OK;
    REC_TRY_NEW(out->idf, rows->n_columns, err);
    out->n_columns = rows->n_columns;
    for (size_t i = 0; i < rec_sparse_n_values(rows); i++)
        out->idf[rows->column[i]] += 1.0;
    for (size_t c = 0; c < rows->n_columns; c++)
        out->idf[c] = log((double)rows->n_rows / (1.0 + out->idf[c]));
    for (size_t r = 0; r < rows->n_rows; r++)
        out->mean_length += row_sum(rows, r) / (double)rows->n_rows;
cleanup:
    return status;
}

void rec_weighting_deinit(rec_weighting *w)
{
    free(w->idf);
    *w = (rec_weighting){.n_columns = 0};
}

static double bm25_weight(double x, double length, double mean_length)
{
    const double k1 = 1.2, b = 0.75;
    return x * (k1 + 1.0) / (k1 * (1.0 - b + b * length / mean_length) + x);
}

static double prepared_value(double x, double length, double idf, const rec_similarity *how,
                             const rec_weighting *w)
{
    if (compares_sets(how))
        return 1.0;
    switch ((rec_weighting_kind)how->weighting) {
    case REC_WEIGHTING_TF_IDF:
        return sqrt(x) * idf;
    case REC_WEIGHTING_BM25:
        return bm25_weight(x, length, w->mean_length) * idf;
    default:
        return x;
    }
}

void rec_similarity_prepare(rec_sparse *rows, const rec_similarity *how, const rec_weighting *w)
{
    for (size_t r = 0; r < rows->n_rows; r++) {
        double length = row_sum(rows, r);
        for (size_t i = rows->start[r]; i < rows->start[r + 1]; i++) {
            double idf = w->idf != NULL ? w->idf[rows->column[i]] : 1.0;
            rows->value[i] = (float)prepared_value((double)rows->value[i], length, idf, how, w);
        }
    }
}

void rec_similarity_terms(double *out_target, double *out_other, const rec_similarity *how,
                          const rec_sparse *rows)
{
    double alpha = how->asymmetric_alpha;
    for (size_t r = 0; r < rows->n_rows; r++) {
        double squares = 0.0;
        for (size_t i = rows->start[r]; i < rows->start[r + 1]; i++)
            squares += (double)rows->value[i] * (double)rows->value[i];
        switch ((rec_similarity_kind)how->kind) {
        case REC_SIMILARITY_COSINE:
            out_target[r] = out_other[r] = sqrt(squares);
            break;
        case REC_SIMILARITY_ASYMMETRIC: /* (sqrt(squares))^(2 alpha) = squares^alpha */
            out_target[r] = pow(squares, alpha);
            out_other[r] = pow(squares, 1.0 - alpha);
            break;
        default:
            out_target[r] = out_other[r] = (double)(rows->start[r + 1] - rows->start[r]);
        }
    }
}

double rec_similarity_value(const rec_similarity *how, double dot, double target_term,
                            double other_term)
{
    double floor = how->shrink + epsilon;
    switch ((rec_similarity_kind)how->kind) {
    case REC_SIMILARITY_JACCARD:
        return dot / (target_term + other_term - dot + floor);
    case REC_SIMILARITY_DICE:
        return 2.0 * dot / (target_term + other_term + floor);
    case REC_SIMILARITY_TVERSKY:
        return dot / (dot + how->tversky_alpha * (target_term - dot) +
                      how->tversky_beta * (other_term - dot) + floor);
    default:
        return dot / (target_term * other_term + floor);
    }
}

typedef struct terms {
    const rec_similarity *how;
    double *target, *other;
} terms;

static double value_of(const void *context, size_t row, uint32_t column, double dot)
{
    const terms *t = context;
    return rec_similarity_value(t->how, dot, t->target[row], t->other[column]);
}

rec_status rec_similarity_fit(rec_sparse *out, const rec_similarity *how, const rec_sparse *rows,
                              rec_error *err)
{
    *out = (rec_sparse){.n_rows = 0};
    rec_sparse transposed = {.n_rows = 0}, by_target = {.n_rows = 0};
    terms t = {.how = how};
    rec_status status;
    REC_TRY_NEW(t.target, rows->n_rows, err);
    REC_TRY_NEW(t.other, rows->n_rows, err);
    rec_similarity_terms(t.target, t.other, how, rows);
    REC_TRY(rec_sparse_transpose(&transposed, rows, err));
    REC_TRY(rec_neighbours(&by_target, rows, &transposed, (size_t)how->k, value_of, &t, err));
    REC_TRY(rec_sparse_transpose(out, &by_target, err));
cleanup:
    rec_sparse_deinit(&by_target);
    rec_sparse_deinit(&transposed);
    free(t.other);
    free(t.target);
    return status;
}
