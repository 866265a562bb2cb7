/**
 * Similarity of titles as the cosine of TF-IDF vectors over three-letter pieces (RecLM-eval,
 * evaluates/TFIDF_model.py, which uses scikit-learn's TfidfVectorizer):
 *   tf = count of the piece, idf = ln((1 + N) / (1 + df)) + 1 over N documents, vectors of length 1.
 * Pieces lie inside words, so that words of one or two letters contribute nothing.
 */
#ifndef REC_HARNESS_REPLIES_SIMILARITY_H
#define REC_HARNESS_REPLIES_SIMILARITY_H

#include <stdint.h>

#include "core/status.h"
#include "harness/replies/span.h"

typedef enum rec_pieces {
    REC_PIECES_RECLM, /* of rec_title_clean: ASCII only. Pieces in no document are left out of a
                         vector, so that a text may equal a part of itself */
    REC_PIECES_WORDS  /* of rec_title_folded: letters of any script. Pieces in no document count
                         into the length of a vector with df = 0 */
} rec_pieces;

typedef struct rec_tfidf rec_tfidf;

/** A text in the space of a collection. Zeros are the vector without pieces, similar to nothing. */
typedef struct rec_tfidf_vector {
    uint32_t *piece; /* (n) ascending; owned */
    double *weight;  /* (n) owned */
    size_t n;
} rec_tfidf_vector;

typedef struct rec_tfidf_hit {
    uint32_t document;
    double similarity;
} rec_tfidf_hit;

/** @param texts  (n) documents, not kept; NULL entries have no pieces but count in N */
rec_status rec_tfidf_new(rec_tfidf **out, const char *const *texts, size_t n, rec_pieces pieces,
                         rec_error *err);
void rec_tfidf_free(rec_tfidf *t);

rec_status rec_tfidf_vector_init(rec_tfidf_vector *out, const rec_tfidf *t, rec_span text,
                                 rec_error *err);
void rec_tfidf_vector_deinit(rec_tfidf_vector *v);

/** 0 where either has no pieces. */
double rec_tfidf_cosine(const rec_tfidf_vector *a, const rec_tfidf_vector *b);

/** The same with document d of the collection. */
double rec_tfidf_cosine_with(const rec_tfidf *t, const rec_tfidf_vector *v, uint32_t document);

/** Results within this distance of a threshold may fall on its other side elsewhere. */
#define REC_NEAR_THRESHOLD 1e-9

/**
 * Documents with similarity >= threshold - REC_NEAR_THRESHOLD, by similarity descending, then number.
 *
 * The documents are found through lists by piece. The commonest pieces of the query are not followed:
 * by the Cauchy-Schwarz inequality they add no more than the length of its vector over those (as in
 * "Scaling up all pairs similarity search", WWW 2007). Time and room grow with the collection.
 * @param hits  new array of the caller; NULL when there are none
 */
rec_status rec_tfidf_search(rec_tfidf_hit **hits, size_t *n_hits, const rec_tfidf *t,
                            const rec_tfidf_vector *query, double threshold, rec_error *err);

#endif
