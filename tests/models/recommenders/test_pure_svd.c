#include "tests/models/fixture.h"

/* Two blocks of equal rows: X^T X has eigenvectors (1, 1, 0) / sqrt(2) with 3 * 2 = 6 and (0, 0, 1)
 * with 2. One factor sees the first only. */
static const float cells[] = {1, 1, 0, 1, 1, 0, 1, 1, 0, 0, 0, 1, 0, 0, 1};

START_TEST(two_blocks_by_hand)
{
    fixture f = fixture_dense(cells, 5, 3);
    rec_model *m = fixture_fitted("pure_svd", "{factors: 1}", &f);
    const uint32_t items[] = {0, 2};
    float scores[3];
    fixture_score(scores, m, &items[0], 1);
    ck_assert_double_eq_tol(scores[0], 0.5, 1e-6);
    ck_assert_double_eq_tol(scores[1], 0.5, 1e-6);
    ck_assert_double_eq_tol(scores[2], 0, 1e-6);
    fixture_score(scores, m, &items[1], 1);
    ck_assert_double_eq_tol(scores[2], 0, 1e-6);
    rec_model_free(m);
    /* More factors than the rank of two: the rest is zero and changes nothing. */
    m = fixture_fitted("pure_svd", "{factors: 7}", &f);
    fixture_score(scores, m, &items[1], 1);
    ck_assert_double_eq_tol(scores[0], 0, 1e-6);
    ck_assert_double_eq_tol(scores[2], 1, 1e-6);
    ck_assert_uint_eq(m->type->n_parameters(m->self), 21);
    rec_model_free(m);
    fixture_deinit(&f);
}
END_TEST

START_TEST(similar_by_cosine)
{
    fixture f = fixture_dense(cells, 5, 3);
    rec_model *m = fixture_fitted("pure_svd", "{factors: 2}", &f);
    uint32_t items[3];
    float similarities[3];
    size_t n_found;
    ck_assert_ok(m->type->similar(items, similarities, &n_found, m->self, 1, 1, err));
    ck_assert_uint_eq(n_found, 1);
    ck_assert_uint_eq(items[0], 0);
    ck_assert_double_eq_tol(similarities[0], 1, 1e-6);
    rec_model_free(m);
    fixture_deinit(&f);
}
END_TEST

START_TEST(same_bits_for_any_thread_count_and_after_load)
{
    fixture f = fixture_random(120, 200, 0.1, 3);
    fixture_check_reproducible("pure_svd", "{factors: 9}", &f);
    fixture_deinit(&f);
}
END_TEST

START_TEST(degenerate_data)
{
    fixture_check_degenerate("pure_svd", NULL);
}
END_TEST

REC_SUITE("models/recommenders/pure_svd", tcase_add_test(t, two_blocks_by_hand);
          tcase_add_test(t, similar_by_cosine);
          tcase_add_test(t, same_bits_for_any_thread_count_and_after_load);
          tcase_add_test(t, degenerate_data);)
