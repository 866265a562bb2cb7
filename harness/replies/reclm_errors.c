#include "harness/replies/reclm_errors.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "harness/replies/subsequence.h"

/* Vectors of several titles. */
typedef struct vectors {
    rec_tfidf_vector *of; /* (n) owned */
    size_t n;
} vectors;

static void vectors_deinit(vectors *v)
{
    for (size_t i = 0; v->of != NULL && i < v->n; i++)
        rec_tfidf_vector_deinit(&v->of[i]);
    free(v->of);
}

static rec_status vectors_init(vectors *out, const rec_tfidf *corpus, const char *const *titles,
                               size_t n, rec_error *err)
{
    rec_status status = REC_OK;
    out->n = n;
    REC_TRY_NEW(out->of, n, err);
    for (size_t i = 0; i < n; i++)
        REC_TRY(rec_tfidf_vector_init(&out->of[i], corpus, rec_span_of(titles[i]), err));
cleanup:
    return status;
}

/* Whether the best of those is similar enough. */
static bool matches(const rec_tfidf_vector *v, const rec_tfidf_vector *others, size_t n,
                    double threshold)
{
    for (size_t i = 0; i < n; i++)
        if (rec_tfidf_cosine(v, &others[i]) >= threshold)
            return true;
    return false;
}

rec_status rec_reclm_corpus(rec_tfidf **out, const rec_catalogue *c, rec_title_rule rule,
                            rec_error *err)
{
    rec_title_list documents = {0};
    rec_status status = REC_OK;
    *out = NULL;
    if (rule == REC_TITLE_ERRORS)
        REC_TRY(rec_title_list_add(&documents, rec_span_of("padding"), err));
    for (uint32_t i = 0; i < c->n_items; i++) {
        char *title;
        REC_TRY(rec_title_of_item(&title, c, i, rule, err));
        if (title != NULL)
            status = rec_title_list_add(&documents, rec_span_of(title), err);
        free(title);
        REC_TRY(status);
    }
    status = rec_tfidf_new(out, (const char *const *)documents.titles, documents.n,
                           REC_PIECES_RECLM, err);
cleanup:
    rec_title_list_deinit(&documents);
    return status;
}

rec_status rec_reclm_gains(float *gains, const rec_tfidf *corpus, const rec_title_list *list,
                           const char *const *targets, size_t n_targets, double threshold,
                           rec_error *err)
{
    vectors listed = {0}, wanted = {0};
    rec_status status;
    size_t n_hits = 0;
    REC_TRY(vectors_init(&listed, corpus, (const char *const *)list->titles, list->n, err));
    REC_TRY(vectors_init(&wanted, corpus, targets, n_targets, err));
    for (size_t i = 0; i < list->n; i++) {
        bool hit = n_hits < n_targets && matches(&listed.of[i], wanted.of, wanted.n, threshold);
        n_hits += hit;
        gains[i] = hit ? 1.0f : 0.0f;
    }
cleanup:
    vectors_deinit(&wanted);
    vectors_deinit(&listed);
    return status;
}

/* Row i: which titles of history, then candidates, are similar to title i of the list. */
static rec_status compare(bool **out, const vectors *listed, const vectors *history,
                          const vectors *candidates, double threshold, rec_error *err)
{
    rec_status status = REC_OK;
    size_t n = history->n + candidates->n;
    REC_TRY_NEW(*out, listed->n * n, err);
    for (size_t i = 0; i < listed->n; i++)
        for (size_t j = 0; j < n; j++) {
            const rec_tfidf_vector *shown =
                j < history->n ? &history->of[j] : &candidates->of[j - history->n];
            (*out)[i * n + j] = rec_tfidf_cosine(&listed->of[i], shown) >= threshold;
        }
cleanup:
    return status;
}

static bool any(const bool *flags, size_t n)
{
    return n > 0 && memchr(flags, true, n) != NULL;
}

rec_status rec_reclm_errors_find(rec_reclm_errors *out, const rec_tfidf *corpus,
                                 const rec_title_list *list, const char *const *history,
                                 size_t n_history, const char *const *candidates,
                                 size_t n_candidates, double threshold, rec_error *err)
{
    vectors listed = {0}, seen = {0}, offered = {0};
    bool *equal = NULL;
    size_t n = n_history + n_candidates;
    rec_status status;
    *out = (rec_reclm_errors){0};
    REC_TRY(vectors_init(&listed, corpus, (const char *const *)list->titles, list->n, err));
    REC_TRY(vectors_init(&seen, corpus, history, n_history, err));
    REC_TRY(vectors_init(&offered, corpus, candidates, n_candidates, err));
    REC_TRY(compare(&equal, &listed, &seen, &offered, threshold, err));
    for (size_t i = 0; i < listed.n; i++) {
        const bool *row = equal + i * n;
        out->history = out->history || any(row, n_history);
        out->candidate =
            out->candidate || (n_candidates > 0 && !any(row + n_history, n_candidates));
        out->duplicate = out->duplicate || matches(&listed.of[i], listed.of, i, threshold);
    }
    REC_TRY(rec_subsequence(&out->n_copied, equal, listed.n, n, err));
cleanup:
    free(equal);
    vectors_deinit(&offered);
    vectors_deinit(&seen);
    vectors_deinit(&listed);
    return status;
}
