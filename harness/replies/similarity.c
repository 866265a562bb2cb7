#include "harness/replies/similarity.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "core/sorted.h"
#include "datasets/strings.h"
#include "harness/replies/titles.h"

enum { PIECE_LENGTH = 3, PIECE_BYTES = 4 * PIECE_LENGTH };

struct rec_tfidf {
    rec_pieces form;
    size_t n_documents;
    rec_strings *pool;
    rec_interner pieces;
    double *idf;         /* (pieces.n) */
    double unseen_idf;   /* of a piece in no document */
    size_t *start;       /* (n_documents + 1) rows of the collection */
    uint32_t *piece;     /* ascending in each row */
    double *weight;      /* of unit rows */
    size_t *list_start;  /* (pieces.n + 1) inverted lists */
    uint32_t *documents; /* ascending in each list */
    float *list_weight;  /* that of the piece in the document */
};

void rec_tfidf_free(rec_tfidf *t)
{
    if (t == NULL)
        return;
    rec_interner_deinit(&t->pieces);
    rec_strings_free(t->pool);
    free(t->idf);
    free(t->start);
    free(t->piece);
    free(t->weight);
    free(t->list_start);
    free(t->documents);
    free(t->list_weight);
    free(t);
}

void rec_tfidf_vector_deinit(rec_tfidf_vector *v)
{
    free(v->piece);
    free(v->weight);
    *v = (rec_tfidf_vector){0};
}

/* The next run of three characters without a blank: its bytes; n = 0 at the end. *at moves on by one
 * character. The text is well-formed. */
static rec_span next_piece(rec_span *at)
{
    while (at->n > 0) {
        uint32_t c;
        size_t bytes = 0, characters = 0;
        rec_span from = *at;
        *at = rec_span_from(from, rec_span_first(&c, from));
        while (bytes < from.n && characters < PIECE_LENGTH) {
            size_t width = rec_span_first(&c, rec_span_from(from, bytes));
            if (c == ' ')
                break;
            bytes += width;
            characters++;
        }
        if (characters == PIECE_LENGTH)
            return rec_span_to(from, bytes);
    }
    return rec_span_to(*at, 0);
}

static rec_status prepared(char **out, rec_pieces form, rec_span text, rec_error *err)
{
    return form == REC_PIECES_RECLM ? rec_title_clean(out, text, err)
                                    : rec_title_folded(out, text, err);
}

/* Numbers of the pieces of a document, sorted, repeats kept; new pieces are added. (n) entries. */
static rec_status document_pieces(uint32_t **out, size_t *n, rec_tfidf *t, const char *text,
                                  rec_error *err)
{
    char *form = NULL;
    rec_status status;
    *n = 0;
    *out = NULL;
    REC_TRY(prepared(&form, t->form, rec_span_of(text), err));
    rec_span at = rec_span_of(form);
    REC_TRY_NEW(*out, at.n, err);
    for (rec_span p; (p = next_piece(&at)).n > 0; (*n)++)
        REC_TRY(rec_interner_add(&(*out)[*n], &t->pieces, p.text, p.n, err));
    rec_sort_u32(*out, *n);
cleanup:
    free(form);
    return status;
}

/* Growing rows while their number of entries is unknown. */
typedef struct rows {
    uint32_t *piece;
    double *count;
    size_t n, capacity;
} rows;

static rec_status reserve(rows *r, size_t n, rec_error *err)
{
    if (r->n + n <= r->capacity)
        return REC_OK;
    size_t capacity = 2 * (r->n + n);
    uint32_t *piece = rec_realloc(r->piece, capacity, sizeof *piece, err);
    if (piece != NULL)
        r->piece = piece;
    double *count = piece != NULL ? rec_realloc(r->count, capacity, sizeof *count, err) : NULL;
    if (count == NULL)
        return REC_ERR_RESOURCE;
    r->count = count;
    r->capacity = capacity;
    return REC_OK;
}

static rec_status add_row(rows *r, const uint32_t *sorted, size_t n, rec_error *err)
{
    rec_status status = reserve(r, n, err);
    for (size_t i = 0, j; status == REC_OK && i < n; i = j) {
        for (j = i; j < n && sorted[j] == sorted[i]; j++)
            ;
        r->piece[r->n] = sorted[i];
        r->count[r->n++] = (double)(j - i);
    }
    return status;
}

static rec_status count_documents(rec_tfidf *t, const char *const *texts, rec_error *err)
{
    rows r = {0};
    rec_status status = REC_OK;
    REC_TRY_NEW(t->start, t->n_documents + 1, err);
    for (size_t d = 0; d < t->n_documents && status == REC_OK; d++) {
        uint32_t *sorted = NULL;
        size_t n = 0;
        if (texts[d] != NULL)
            status = document_pieces(&sorted, &n, t, texts[d], err);
        if (status == REC_OK)
            status = add_row(&r, sorted, n, err);
        free(sorted);
        t->start[d + 1] = r.n;
    }
cleanup:
    t->piece = r.piece; /* owned by t from here, on failure as well */
    t->weight = r.count;
    return status;
}

static double idf_of(size_t n_documents, size_t df)
{
    return log((1.0 + (double)n_documents) / (1.0 + (double)df)) + 1.0;
}

/* tf -> tf idf, length 1; `unseen` is the square of what the vector has outside of the space. */
static void weigh(double *weight, const uint32_t *piece, size_t n, const double *idf, double unseen)
{
    double square = unseen;
    for (size_t i = 0; i < n; i++) {
        weight[i] *= idf[piece[i]];
        square += weight[i] * weight[i];
    }
    double length = sqrt(square);
    for (size_t i = 0; i < n; i++)
        weight[i] /= length;
}

static rec_status weigh_documents(rec_tfidf *t, rec_error *err)
{
    rec_status status = REC_OK;
    size_t n = t->start[t->n_documents];
    REC_TRY_NEW(t->list_start, t->pieces.n + 2, err);
    REC_TRY_NEW(t->idf, t->pieces.n, err);
    for (size_t i = 0; i < n; i++)
        t->list_start[t->piece[i] + 2]++;
    for (size_t p = 0; p < t->pieces.n; p++)
        t->idf[p] = idf_of(t->n_documents, t->list_start[p + 2]);
    t->unseen_idf = idf_of(t->n_documents, 0);
    for (size_t d = 0; d < t->n_documents; d++)
        weigh(t->weight + t->start[d], t->piece + t->start[d], t->start[d + 1] - t->start[d],
              t->idf, 0.0);
cleanup:
    return status;
}

/* Lists of documents by piece: a counting sort keeps them ascending. list_start[p + 2] comes with the
 * length of list p. */
static rec_status invert(rec_tfidf *t, rec_error *err)
{
    rec_status status = REC_OK;
    size_t n = t->start[t->n_documents];
    REC_TRY_NEW(t->documents, n, err);
    REC_TRY_NEW(t->list_weight, n, err);
    for (size_t p = 0; p < t->pieces.n; p++)
        t->list_start[p + 2] += t->list_start[p + 1];
    for (size_t d = 0; d < t->n_documents; d++)
        for (size_t i = t->start[d]; i < t->start[d + 1]; i++) {
            size_t at = t->list_start[t->piece[i] + 1]++;
            t->documents[at] = (uint32_t)d;
            t->list_weight[at] = (float)t->weight[i];
        }
cleanup:
    return status;
}

rec_status rec_tfidf_new(rec_tfidf **out, const char *const *texts, size_t n, rec_pieces pieces,
                         rec_error *err)
{
    rec_tfidf *t = NULL;
    rec_status status = REC_OK;
    *out = NULL;
    if (n >= UINT32_MAX)
        return rec_fail(err, REC_ERR_RESOURCE, "%zu titles are too many (at most 2^32 - 2)", n);
    REC_TRY_NEW(t, 1, err);
    t->form = pieces;
    t->n_documents = n;
    REC_TRY(rec_strings_new(&t->pool, err));
    t->pieces.pool = t->pool;
    REC_TRY(count_documents(t, texts, err));
    REC_TRY(weigh_documents(t, err));
    REC_TRY(invert(t, err));
    *out = t;
    t = NULL;
cleanup:
    rec_tfidf_free(t);
    return status;
}

static int by_text(const void *a, const void *b)
{
    const rec_span *x = a, *y = b;
    int order = memcmp(x->text, y->text, x->n < y->n ? x->n : y->n);
    return order != 0 ? order : (x->n > y->n) - (x->n < y->n);
}

/* Pieces that no document has: the square of their part of the vector. */
static double unseen_square(rec_span *unseen, size_t n, double idf)
{
    double square = 0.0;
    qsort(unseen, n, sizeof *unseen, by_text);
    for (size_t i = 0, j; i < n; i = j) {
        for (j = i; j < n && by_text(&unseen[j], &unseen[i]) == 0; j++)
            ;
        square += (double)(j - i) * (double)(j - i) * idf * idf;
    }
    return square;
}

rec_status rec_tfidf_vector_init(rec_tfidf_vector *out, const rec_tfidf *t, rec_span text,
                                 rec_error *err)
{
    char *form = NULL;
    uint32_t *sorted = NULL;
    rec_span *unseen = NULL;
    rows r = {0};
    rec_status status;
    size_t n = 0, n_unseen = 0;
    *out = (rec_tfidf_vector){0};
    REC_TRY(prepared(&form, t->form, text, err));
    rec_span at = rec_span_of(form);
    REC_TRY_NEW(sorted, at.n, err);
    REC_TRY_NEW(unseen, at.n, err);
    for (rec_span p; (p = next_piece(&at)).n > 0;) {
        uint32_t number = rec_interner_find(&t->pieces, p.text, p.n);
        if (number != UINT32_MAX)
            sorted[n++] = number;
        else
            unseen[n_unseen++] = p;
    }
    rec_sort_u32(sorted, n);
    REC_TRY(add_row(&r, sorted, n, err));
    *out = (rec_tfidf_vector){r.piece, r.count, r.n};
    r = (rows){0};
    weigh(out->weight, out->piece, out->n, t->idf,
          t->form == REC_PIECES_WORDS ? unseen_square(unseen, n_unseen, t->unseen_idf) : 0.0);
cleanup:
    free(r.piece);
    free(r.count);
    free(unseen);
    free(sorted);
    free(form);
    return status;
}

/* Both sides move without a branch: which of two pieces comes first is a coin toss to the processor. */
static double dot(const uint32_t *piece_a, const double *a, size_t n_a, const uint32_t *piece_b,
                  const double *b, size_t n_b)
{
    double sum = 0.0;
    for (size_t i = 0, j = 0; i < n_a && j < n_b;) {
        uint32_t x = piece_a[i], y = piece_b[j];
        if (x == y)
            sum += a[i] * b[j];
        i += x <= y;
        j += y <= x;
    }
    return sum;
}

double rec_tfidf_cosine(const rec_tfidf_vector *a, const rec_tfidf_vector *b)
{
    return dot(a->piece, a->weight, a->n, b->piece, b->weight, b->n);
}

double rec_tfidf_cosine_with(const rec_tfidf *t, const rec_tfidf_vector *v, uint32_t document)
{
    size_t from = t->start[document];
    return dot(v->piece, v->weight, v->n, t->piece + from, t->weight + from,
               t->start[document + 1] - from);
}

static size_t list_length(const rec_tfidf *t, uint32_t piece)
{
    return t->list_start[piece + 1] - t->list_start[piece];
}

/* A piece of the query and what it costs to look at it. */
typedef struct term {
    uint32_t piece;
    double weight;
    size_t n_documents;
} term;

static int rarest_first(const void *a, const void *b)
{
    const term *x = a, *y = b;
    if (x->n_documents != y->n_documents)
        return x->n_documents < y->n_documents ? -1 : 1;
    return (x->piece > y->piece) - (x->piece < y->piece);
}

/* The pieces of the query that are looked at; the commonest are left out as long as the length of the
 * vector over them stays below `most_left_out`. *left_out: that length. */
static rec_status rare_terms(term **out, size_t *n, double *left_out, const rec_tfidf *t,
                             const rec_tfidf_vector *query, double most_left_out, rec_error *err)
{
    rec_status status = REC_OK;
    double square = 0.0;
    REC_TRY_NEW(*out, query->n, err);
    for (size_t i = 0; i < query->n; i++)
        (*out)[i] = (term){query->piece[i], query->weight[i], list_length(t, query->piece[i])};
    qsort(*out, query->n, sizeof **out, rarest_first);
    for (*n = query->n; *n > 0; (*n)--) {
        double weight = (*out)[*n - 1].weight;
        if (sqrt(square + weight * weight) >= most_left_out)
            break;
        square += weight * weight;
    }
    *left_out = sqrt(square);
cleanup:
    return status;
}

/* Adds the products of one piece with the documents that have it. */
static void add_products(float *score, const rec_tfidf *t, const term *q)
{
    float weight = (float)q->weight;
    for (size_t i = t->list_start[q->piece]; i < t->list_start[q->piece + 1]; i++)
        score[t->documents[i]] += weight * t->list_weight[i];
}

/* Documents that may reach the threshold, ascending. Scores over the rarer pieces are summed in float;
 * what those leave out is bounded by the Cauchy-Schwarz inequality. */
static rec_status candidate_documents(uint32_t **out, size_t *n, const rec_tfidf *t,
                                      const rec_tfidf_vector *query, double threshold,
                                      rec_error *err)
{
    const double share_left_out = 0.25;
    term *terms = NULL;
    float *score = NULL;
    size_t n_terms = 0;
    double left_out;
    rec_status status;
    REC_TRY(rare_terms(&terms, &n_terms, &left_out, t, query, share_left_out * threshold, err));
    REC_TRY_NEW(score, t->n_documents, err);
    for (size_t i = 0; i < n_terms; i++)
        add_products(score, t, &terms[i]);
    double rounding = FLT_EPSILON * (double)(n_terms + 4); /* of scores that are at most 1 */
    float least = (float)(threshold - left_out - rounding - 2 * REC_NEAR_THRESHOLD);
    for (size_t d = 0; d < t->n_documents; d++)
        *n += score[d] >= least;
    REC_TRY_NEW(*out, *n, err);
    *n = 0;
    for (size_t d = 0; d < t->n_documents; d++)
        if (score[d] >= least)
            (*out)[(*n)++] = (uint32_t)d;
cleanup:
    free(score);
    free(terms);
    return status;
}

static int most_similar_first(const void *a, const void *b)
{
    const rec_tfidf_hit *x = a, *y = b;
    if (x->similarity != y->similarity)
        return x->similarity > y->similarity ? -1 : 1;
    return (x->document > y->document) - (x->document < y->document);
}

rec_status rec_tfidf_search(rec_tfidf_hit **hits, size_t *n_hits, const rec_tfidf *t,
                            const rec_tfidf_vector *query, double threshold, rec_error *err)
{
    uint32_t *documents = NULL;
    size_t n = 0;
    rec_status status;
    *hits = NULL;
    *n_hits = 0;
    REC_TRY(candidate_documents(&documents, &n, t, query, threshold, err));
    if (n == 0)
        goto cleanup;
    REC_TRY_NEW(*hits, n, err);
    for (size_t i = 0; i < n; i++) {
        double similarity = rec_tfidf_cosine_with(t, query, documents[i]);
        if (similarity >= threshold - REC_NEAR_THRESHOLD)
            (*hits)[(*n_hits)++] = (rec_tfidf_hit){documents[i], similarity};
    }
    qsort(*hits, *n_hits, sizeof **hits, most_similar_first);
cleanup:
    free(documents);
    return status;
}
