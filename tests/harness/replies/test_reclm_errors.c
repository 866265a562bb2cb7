/* RecLM-eval's figures against those of an independent implementation on scikit-learn
 * (tests/golden/replies/reclm.py), and hand-made lists. */
#include <math.h>

#include "harness/metrics/metric.h"
#include "harness/replies/reclm_errors.h"
#include "tests/golden.h"
#include "tests/suite.h"

#define FILE_NAME GOLDEN("replies/reclm.h5")
enum { N_CUTS = 4, N_METRICS = 6, N_ERRORS = 4, MAX_TITLES = 64 };

static char *text;
static const char *pool[256];
static size_t n_pool;
static int64_t *n_catalogue;
static rec_tfidf *lists, *errors;

static void setup(void)
{
    size_t n;
    unsigned char *bytes = golden_bytes(FILE_NAME, "pool", &n);
    text = (char *)bytes;
    for (char *line = text; line < text + n; line = strchr(line, '\0') + 1) {
        *(char *)memchr(line, '\n', n) = '\0';
        pool[n_pool++] = line;
    }
    n_catalogue = golden_integers(FILE_NAME, "n_catalogue", NULL);
    const rec_catalogue c = {.n_items = (size_t)*n_catalogue, .titles = (char **)pool};
    ck_assert_ok(rec_reclm_corpus(&lists, &c, REC_TITLE_LIST_METRICS, err));
    ck_assert_ok(rec_reclm_corpus(&errors, &c, REC_TITLE_ERRORS, err));
}

static void teardown(void)
{
    rec_tfidf_free(lists);
    rec_tfidf_free(errors);
    free(n_catalogue);
    free(text);
}

static void check_similarities(const rec_tfidf *t, const char *name)
{
    double *expected = golden_read(FILE_NAME, name, H5T_NATIVE_DOUBLE, NULL);
    rec_tfidf_vector v[256];
    for (size_t i = 0; i < n_pool; i++)
        ck_assert_ok(rec_tfidf_vector_init(&v[i], t, rec_span_of(pool[i]), err));
    for (size_t i = 0; i < n_pool; i++)
        for (size_t j = 0; j < n_pool; j++)
            ck_assert_double_eq_tol(rec_tfidf_cosine(&v[i], &v[j]), expected[i * n_pool + j],
                                    1e-12);
    for (size_t i = 0; i < n_pool; i++)
        rec_tfidf_vector_deinit(&v[i]);
    free(expected);
}

START_TEST(similarities_equal_scikit_learn)
{
    check_similarities(lists, "similarity_list");
    check_similarities(errors, "similarity_error");
}
END_TEST

/* Titles of one row of a data set of indices into the pool. */
typedef struct index_rows {
    int64_t *index, *start;
    size_t n;
} index_rows;

static index_rows read_rows(const char *name)
{
    char start[64];
    index_rows r;
    snprintf(start, sizeof start, "%s_start", name);
    r.index = golden_integers(FILE_NAME, name, NULL);
    r.start = golden_integers(FILE_NAME, start, &r.n);
    r.n--;
    return r;
}

static size_t row_titles(const char **out, const index_rows *r, size_t row)
{
    size_t n = (size_t)(r->start[row + 1] - r->start[row]);
    for (size_t i = 0; i < n; i++)
        out[i] = pool[r->index[r->start[row] + (int64_t)i]];
    return n;
}

static void rows_free(index_rows *r)
{
    free(r->index);
    free(r->start);
}

static void check_metrics(const rec_title_list *list, const char *target, const double *expected)
{
    static const char *const names[N_METRICS] = {"reclm_ndcg",      "reclm_recall", "reclm_hit",
                                                 "reclm_precision", "reclm_map",    "reclm_mrr"};
    static const size_t cuts[N_CUTS] = {1, 5, 10, 20};
    float gains[MAX_TITLES];
    ck_assert_ok(
        rec_reclm_gains(gains, lists, list, &target, 1, 0.6 /* of the list metrics */, err));
    rec_ranking ranking = {.gains = gains, .n_ranked = list->n, .n_relevant = 1};
    for (size_t c = 0; c < N_CUTS; c++)
        for (size_t m = 0; m < N_METRICS; m++)
            ck_assert_double_eq_tol(rec_metric_find(names[m])->value_at(&ranking, cuts[c]),
                                    expected[c * N_METRICS + m], 1e-12);
}

START_TEST(a_thousand_answers)
{
    index_rows predicted = read_rows("predicted"), history = read_rows("history"),
               candidates = read_rows("candidates");
    int64_t *target = golden_integers(FILE_NAME, "target", NULL);
    double *metrics = golden_read(FILE_NAME, "metrics", H5T_NATIVE_DOUBLE, NULL);
    double *wrong = golden_read(FILE_NAME, "errors", H5T_NATIVE_DOUBLE, NULL);
    ck_assert_uint_ge(predicted.n, 1000);
    for (size_t row = 0; row < predicted.n; row++) {
        const char *titles[MAX_TITLES], *seen[MAX_TITLES], *offered[MAX_TITLES];
        rec_title_list list = {.titles = (char **)titles};
        list.n = row_titles(titles, &predicted, row);
        size_t n_seen = row_titles(seen, &history, row);
        size_t n_offered = row_titles(offered, &candidates, row);
        rec_reclm_errors e;
        check_metrics(&list, pool[target[row]], metrics + row * N_CUTS * N_METRICS);
        ck_assert_ok(rec_reclm_errors_find(&e, errors, &list, seen, n_seen, offered, n_offered,
                                           0.8 /* of the error rates */, err));
        const double *expected = wrong + row * N_ERRORS;
        ck_assert_double_eq(e.history, expected[0]);
        ck_assert_double_eq(e.duplicate, expected[1]);
        ck_assert_double_eq(e.candidate, expected[2]);
        ck_assert_double_eq((double)e.n_copied, expected[3]);
    }
    free(wrong);
    free(metrics);
    free(target);
    rows_free(&candidates);
    rows_free(&history);
    rows_free(&predicted);
}
END_TEST

static rec_reclm_errors find(char **titles, size_t n, const char *const *candidates,
                             size_t n_candidates)
{
    static const char *const history[] = {"Call of Duty: Black Ops"};
    rec_title_list list = {.titles = titles, .n = n};
    rec_reclm_errors e;
    ck_assert_ok(
        rec_reclm_errors_find(&e, errors, &list, history, 1, candidates, n_candidates, 0.8, err));
    return e;
}

START_TEST(sequels_and_short_titles)
{
    static const char *const candidates[] = {"Half-Life", "Portal", "Up"};
    char *sequels[] = {"Half-Life 2", "Call of Duty: Black Ops II", "Half-Life"};
    rec_reclm_errors e = find(sequels, 3, candidates, 3);
    ck_assert(e.history);             /* "II" has no piece of three letters */
    ck_assert(e.duplicate);           /* nor has "2" */
    ck_assert(e.candidate);           /* Call of Duty was not offered */
    ck_assert_uint_eq(e.n_copied, 2); /* Call of Duty, then Half-Life */
    char *up[] = {"Up"};
    e = find(up, 1, candidates, 3); /* similar to nothing, itself included */
    ck_assert(!e.history && !e.duplicate && e.candidate);
    ck_assert_uint_eq(e.n_copied, 0);
    e = find(up, 1, NULL, 0);
    ck_assert(!e.candidate);
    e = find(NULL, 0, candidates, 3);
    ck_assert(!e.history && !e.duplicate && !e.candidate && e.n_copied == 0);
}
END_TEST

START_TEST(no_more_hits_than_targets)
{
    char *titles[] = {"Portal 2", "Portal", "Halo 1"};
    const char *target = "Portal";
    float gains[3];
    rec_title_list list = {.titles = titles, .n = 3};
    ck_assert_ok(rec_reclm_gains(gains, lists, &list, &target, 1, 0.6, err));
    ck_assert_float_eq(gains[0], 1.0f); /* credited to the first look-alike */
    ck_assert_float_eq(gains[1], 0.0f);
    ck_assert_float_eq(gains[2], 0.0f);
}
END_TEST

REC_SUITE("harness/replies/reclm_errors", tcase_add_checked_fixture(t, setup, teardown);
          tcase_add_test(t, similarities_equal_scikit_learn); tcase_add_test(t, a_thousand_answers);
          tcase_add_test(t, sequels_and_short_titles);
          tcase_add_test(t, no_more_hits_than_targets);)
