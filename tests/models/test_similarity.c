#include <math.h>

#include "models/similarity.h"
#include "tests/models/fixture.h"

/* Rows (2, 3, 0), (0, 4, 1), (0, 0, 0). */
static const float cells[] = {2, 3, 0, 0, 4, 1, 0, 0, 0};

static rec_sparse rows(void)
{
    fixture f = fixture_dense(cells, 3, 3);
    rec_sparse a;
    ck_assert_ok(rec_sparse_from_interactions(&a, &f.train, REC_FEEDBACK_VALUES, err));
    fixture_deinit(&f);
    return a;
}

START_TEST(values_by_hand)
{
    rec_similarity how = {.kind = REC_SIMILARITY_COSINE, .shrink = 2};
    ck_assert_double_eq_tol(rec_similarity_value(&how, 6, 2, 5), 6.0 / 12, 1e-6);
    how.kind = REC_SIMILARITY_JACCARD;
    ck_assert_double_eq_tol(rec_similarity_value(&how, 2, 4, 6), 2.0 / 10, 1e-6);
    how.kind = REC_SIMILARITY_DICE;
    ck_assert_double_eq_tol(rec_similarity_value(&how, 2, 4, 6), 4.0 / 12, 1e-6);
    how = (rec_similarity){.kind = REC_SIMILARITY_TVERSKY, .tversky_alpha = 0.5, .tversky_beta = 2};
    ck_assert_double_eq_tol(rec_similarity_value(&how, 2, 4, 6), 2.0 / (2 + 1 + 8), 1e-6);
    ck_assert_double_lt(rec_similarity_value(&how, 0, 0, 0), 1e-6); /* no division by zero */
}
END_TEST

START_TEST(terms_by_hand)
{
    rec_sparse a = rows();
    double target[3], other[3];
    rec_similarity how = {.kind = REC_SIMILARITY_ASYMMETRIC, .asymmetric_alpha = 0.25};
    rec_similarity_terms(target, other, &how, &a);
    ck_assert_double_eq_tol(target[0], pow(13, 0.25), 1e-12);
    ck_assert_double_eq_tol(other[1], pow(17, 0.75), 1e-12);
    how.kind = REC_SIMILARITY_COSINE;
    rec_similarity_terms(target, other, &how, &a);
    ck_assert_double_eq_tol(target[1], sqrt(17), 1e-12);
    how.kind = REC_SIMILARITY_DICE; /* sizes, not values */
    rec_similarity_terms(target, other, &how, &a);
    ck_assert_double_eq(target[0], 2);
    ck_assert_double_eq(other[2], 0);
    rec_sparse_deinit(&a);
}
END_TEST

/* N = 3 rows; columns in 1, 2, 1 of them; lengths 5, 5, 0, mean 10/3. */
START_TEST(weights_by_hand)
{
    rec_sparse a = rows();
    rec_similarity how = {.weighting = REC_WEIGHTING_BM25};
    rec_weighting w;
    ck_assert_ok(rec_weighting_fit(&w, &how, &a, err));
    ck_assert_double_eq_tol(w.idf[0], log(3.0 / 2), 1e-12);
    ck_assert_double_eq_tol(w.idf[1], log(3.0 / 3), 1e-12);
    ck_assert_double_eq_tol(w.mean_length, 10.0 / 3, 1e-12);
    rec_similarity_prepare(&a, &how, &w);
    double expected = 2 * 2.2 / (1.2 * (0.25 + 0.75 * 5 / (10.0 / 3)) + 2) * log(1.5);
    ck_assert_double_eq_tol(a.value[0], expected, 1e-6);
    ck_assert_double_eq_tol(a.value[1], 0, 1e-12);
    rec_weighting_deinit(&w);
    rec_sparse_deinit(&a);
}
END_TEST

START_TEST(sets_forget_values)
{
    rec_sparse a = rows();
    rec_similarity how = {.kind = REC_SIMILARITY_JACCARD};
    rec_weighting w;
    ck_assert_ok(rec_weighting_fit(&w, &how, &a, err));
    ck_assert_ptr_null(w.idf);
    rec_similarity_prepare(&a, &how, &w);
    for (size_t i = 0; i < rec_sparse_n_values(&a); i++)
        ck_assert_float_eq(a.value[i], 1);
    rec_sparse_deinit(&a);
}
END_TEST

START_TEST(fit_keeps_top_per_column)
{
    rec_sparse a = rows(), w;
    rec_similarity how = {.kind = REC_SIMILARITY_COSINE, .k = 5};
    ck_assert_ok(rec_similarity_fit(&w, &how, &a, err));
    ck_assert_uint_eq(rec_sparse_n_values(&w),
                      2); /* rows 0 and 1, both ways; the empty row has none */
    ck_assert_double_eq_tol(w.value[0], 12 / sqrt(13 * 17), 1e-6);
    ck_assert_float_eq(w.value[0], w.value[1]);
    rec_sparse_deinit(&w);
    rec_sparse_deinit(&a);
}
END_TEST

START_TEST(meaningless_combinations_are_refused)
{
    rec_similarity how = {.kind = REC_SIMILARITY_TVERSKY, .weighting = REC_WEIGHTING_TF_IDF};
    ck_assert_fails(rec_similarity_check(&how, err), REC_ERR_CONFIG,
                    "tf_idf has no effect on tversky");
    how.weighting = REC_WEIGHTING_NONE;
    ck_assert_ok(rec_similarity_check(&how, err));
}
END_TEST

REC_SUITE("models/similarity", tcase_add_test(t, values_by_hand); tcase_add_test(t, terms_by_hand);
          tcase_add_test(t, weights_by_hand); tcase_add_test(t, sets_forget_values);
          tcase_add_test(t, fit_keeps_top_per_column);
          tcase_add_test(t, meaningless_combinations_are_refused);)
