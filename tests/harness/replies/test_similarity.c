#include "harness/replies/similarity.h"

#include <math.h>
#include <string.h>

#include "tests/golden.h"
#include "tests/suite.h"

static double cosine(const rec_tfidf *t, const char *a, const char *b)
{
    rec_tfidf_vector x, y;
    ck_assert_ok(rec_tfidf_vector_init(&x, t, rec_span_of(a), err));
    ck_assert_ok(rec_tfidf_vector_init(&y, t, rec_span_of(b), err));
    double c = rec_tfidf_cosine(&x, &y);
    rec_tfidf_vector_deinit(&x);
    rec_tfidf_vector_deinit(&y);
    return c;
}

/* Spec of RecLM-eval, 4.1: sixteen titles, six similarities. */
START_TEST(six_values)
{
    static const char *const titles[] = {"Half-Life 2",
                                         "Half-Life",
                                         "Portal",
                                         "Portal 2",
                                         "Up",
                                         "The Sims 3",
                                         "The Sims 4",
                                         "Dota 2",
                                         "Counter-Strike: Source",
                                         "Counter-Strike",
                                         "Call of Duty: Black Ops",
                                         "Call of Duty: Black Ops II",
                                         "FIFA 19",
                                         "FIFA 20",
                                         "Halo 1",
                                         "Halo 2"};
    rec_tfidf *t;
    ck_assert_ok(rec_tfidf_new(&t, titles, 16, REC_PIECES_RECLM, err));
    ck_assert_double_eq_tol(cosine(t, "Half-Life 2", "Half-Life"), 1.0, 1e-12);
    ck_assert_double_eq_tol(cosine(t, "FIFA 19", "FIFA 20"), 1.0, 1e-12);
    ck_assert_double_eq_tol(cosine(t, "The Sims 3", "The Sims 4"), 1.0, 1e-12);
    ck_assert_double_eq_tol(cosine(t, "Halo 1", "Halo 2"), 1.0, 1e-12);
    ck_assert_double_eq_tol(cosine(t, "Counter-Strike: Source", "Counter-Strike"), 0.822144, 5e-7);
    ck_assert_double_eq(cosine(t, "Up", "Up"), 0.0);
    rec_tfidf_free(t);
}
END_TEST

/* Two documents, "abc" and "abcd": df(abc) = 2, df(bcd) = 1, so idf 1 and ln(3/2) + 1. */
START_TEST(pieces_nobody_has)
{
    static const char *const titles[] = {"abc", "abcd"};
    double other = 1.4054651081081644, unseen = 2.09861228866811; /* ln(3) + 1 */
    rec_tfidf *reclm, *words;
    ck_assert_ok(rec_tfidf_new(&reclm, titles, 2, REC_PIECES_RECLM, err));
    ck_assert_ok(rec_tfidf_new(&words, titles, 2, REC_PIECES_WORDS, err));
    double between = 1.0 / sqrt(1.0 + other * other);
    ck_assert_double_eq_tol(cosine(reclm, "abc", "abcd"), between, 1e-15);
    ck_assert_double_eq_tol(cosine(words, "ABC", "abcd"), between, 1e-15);
    ck_assert_double_eq_tol(cosine(reclm, "abcx", "abc"), 1.0, 1e-15); /* "bcx" is ignored */
    ck_assert_double_eq_tol(cosine(words, "abcx", "abc"), 1.0 / sqrt(1.0 + unseen * unseen), 1e-15);
    ck_assert_double_eq_tol(cosine(words, "abc xyz xyz", "abc"),
                            1.0 / sqrt(1.0 + 4.0 * unseen * unseen), 1e-15); /* tf 2 */
    ck_assert_double_eq(cosine(words, "", ""), 0.0);
    rec_tfidf_free(words);
    rec_tfidf_free(reclm);
}
END_TEST

START_TEST(letters_of_any_script)
{
    static const char *const titles[] = {"千と千尋の神隠し", "Ночной дозор"};
    rec_tfidf *t;
    ck_assert_ok(rec_tfidf_new(&t, titles, 2, REC_PIECES_WORDS, err));
    ck_assert_double_eq_tol(cosine(t, "千と千尋の神隠し", "千と千尋の神隠し"), 1.0, 1e-15);
    ck_assert_double_eq_tol(cosine(t, "ночной ДОЗОР", "Ночной дозор"), 1.0, 1e-15);
    rec_tfidf_free(t);
}
END_TEST

#define FILE_NAME GOLDEN("replies/similarity.h5")

static const char *titles[1000];

static char *read_titles(void)
{
    size_t n, i = 0;
    char *text = (char *)golden_bytes(FILE_NAME, "titles", &n);
    for (char *line = text; line < text + n; line += strlen(line) + 1) {
        *(char *)memchr(line, '\n', n) = '\0';
        titles[i++] = line;
    }
    ck_assert_uint_eq(i, 1000);
    return text;
}

static void check_search(const rec_tfidf *t, size_t query, int64_t n_expected)
{
    rec_tfidf_vector v;
    rec_tfidf_hit *hits;
    size_t n;
    ck_assert_ok(rec_tfidf_vector_init(&v, t, rec_span_of(titles[query]), err));
    ck_assert_ok(rec_tfidf_search(&hits, &n, t, &v, 0.6, err));
    ck_assert_int_eq((int64_t)n, n_expected);
    for (size_t i = 0; i < n; i++) {
        ck_assert_double_eq(hits[i].similarity, rec_tfidf_cosine_with(t, &v, hits[i].document));
        ck_assert(i == 0 || hits[i - 1].similarity > hits[i].similarity ||
                  (hits[i - 1].similarity == hits[i].similarity &&
                   hits[i - 1].document < hits[i].document));
    }
    free(hits);
    rec_tfidf_vector_deinit(&v);
}

START_TEST(a_thousand_titles_equal_scikit_learn)
{
    char *text = read_titles();
    int64_t *n_catalogue = golden_integers(FILE_NAME, "n_catalogue", NULL);
    size_t n;
    int64_t *pairs = golden_integers(FILE_NAME, "pairs", &n);
    int64_t *n_similar = golden_integers(FILE_NAME, "n_at_least_06", NULL);
    double *expected = golden_read(FILE_NAME, "cosine", H5T_NATIVE_DOUBLE, NULL);
    rec_tfidf *t;
    ck_assert_ok(rec_tfidf_new(&t, titles, (size_t)*n_catalogue, REC_PIECES_RECLM, err));
    for (size_t i = 0; i < n / 2; i++)
        ck_assert_double_eq_tol(cosine(t, titles[pairs[2 * i]], titles[pairs[2 * i + 1]]),
                                expected[i], 1e-12);
    for (size_t i = 0; i < 1000; i++)
        check_search(t, i, n_similar[i]);
    rec_tfidf_free(t);
    free(expected);
    free(n_similar);
    free(pairs);
    free(n_catalogue);
    free(text);
}
END_TEST

START_TEST(nothing_to_search)
{
    rec_tfidf *t;
    rec_tfidf_vector v;
    rec_tfidf_hit *hits;
    size_t n;
    ck_assert_ok(rec_tfidf_new(&t, NULL, 0, REC_PIECES_RECLM, err));
    ck_assert_ok(rec_tfidf_vector_init(&v, t, rec_span_of("Portal"), err));
    ck_assert_ok(rec_tfidf_search(&hits, &n, t, &v, 0.6, err));
    ck_assert_uint_eq(n, 0);
    ck_assert_ptr_null(hits);
    rec_tfidf_vector_deinit(&v);
    rec_tfidf_free(t);
}
END_TEST

REC_SUITE("harness/replies/similarity", tcase_add_test(t, six_values);
          tcase_add_test(t, pieces_nobody_has); tcase_add_test(t, letters_of_any_script);
          tcase_add_test(t, a_thousand_titles_equal_scikit_learn);
          tcase_add_test(t, nothing_to_search);)
