#include <math.h>

#include "tests/models/fixture.h"

/* Item sizes 2 3 2; common users (0,1) 2, (0,2) 1, (1,2) 2. */
static const float cells[] = {1, 1, 0, 1, 1, 1, 0, 1, 1};

/* Cosine 2/sqrt(6), 1/2, 2/sqrt(6). With k = 1 column 0 keeps 1, column 2 keeps 1, and column 1
 * keeps 0: items 0 and 2 tie and the lower wins. So item 2 votes for nothing. */
START_TEST(one_neighbour_per_column)
{
    fixture f = fixture_dense(cells, 3, 3);
    rec_model *m = fixture_fitted("item_knn", "{k: 1}", &f);
    float s = (float)(2 / (sqrt(6) + 1e-6)), scores[3];
    const uint32_t item[] = {0, 1, 2};
    fixture_score(scores, m, &item[0], 1);
    ck_assert_float_eq(scores[0], 0);
    ck_assert_float_eq(scores[1], s);
    ck_assert_float_eq(scores[2], 0);
    fixture_score(scores, m, &item[1], 1);
    ck_assert_float_eq(scores[0], s);
    ck_assert_float_eq(scores[1], 0);
    ck_assert_float_eq(scores[2], s);
    fixture_score(scores, m, &item[2], 1);
    ck_assert_float_eq(scores[0], 0);
    ck_assert_float_eq(scores[1], 0);
    ck_assert_float_eq(scores[2], 0);
    ck_assert_uint_eq(m->type->n_parameters(m->self), 3);
    rec_model_free(m);
    fixture_deinit(&f);
}
END_TEST

static float weight(const char *options, uint32_t from, uint32_t to)
{
    fixture f = fixture_dense(cells, 3, 3);
    rec_model *m = fixture_fitted("item_knn", options, &f);
    float scores[3];
    fixture_score(scores, m, &from, 1);
    rec_model_free(m);
    fixture_deinit(&f);
    return scores[to];
}

/* From item 0 (size 2) to the target, item 1 (size 3), 2 in common. */
START_TEST(every_similarity_by_hand)
{
    ck_assert_double_eq_tol(weight("{shrink: 3}", 0, 1), 2 / (sqrt(6) + 3), 1e-6);
    ck_assert_double_eq_tol(weight("{similarity: asymmetric, asymmetric_alpha: 0.8}", 0, 1),
                            2 / (pow(3, 0.8) * pow(2, 0.2)), 1e-6);
    ck_assert_double_eq_tol(weight("{similarity: jaccard, shrink: 1}", 0, 1), 2.0 / 4, 1e-6);
    ck_assert_double_eq_tol(weight("{similarity: dice}", 0, 1), 4.0 / 5, 1e-6);
    ck_assert_double_eq_tol(
        weight("{similarity: tversky, tversky_alpha: 3, tversky_beta: 5}", 0, 1),
        2.0 / (2 + 3 * 1 + 5 * 0), 1e-6); /* the target's own item counts alpha */
    ck_assert_double_eq_tol(
        weight("{similarity: tversky, tversky_alpha: 3, tversky_beta: 5}", 1, 0),
        2.0 / (2 + 3 * 0 + 5 * 1), 1e-6);
}
END_TEST

/* Documents are the items: lengths 2 3 2, mean 7/3, N = 3; document frequencies of the users 2 3 2,
 * idf ln(3/3), ln(3/4), ln(3/3) = 0, -0.287682, 0: only user 1 is left, and it is common to all. */
START_TEST(bm25_by_hand)
{
    double mean = 7.0 / 3, idf = log(3.0 / 4);
    double w0 = 2.2 / (1.2 * (0.25 + 0.75 * 2 / mean) + 1) * idf;
    double w1 = 2.2 / (1.2 * (0.25 + 0.75 * 3 / mean) + 1) * idf;
    double cosine = w0 * w1 / (fabs(w0) * fabs(w1) + 5 + 1e-6);
    ck_assert_double_eq_tol(weight("{weighting: bm25, shrink: 5}", 0, 1), cosine, 1e-7);
    ck_assert_double_eq_tol(weight("{weighting: tf_idf, shrink: 5}", 0, 1),
                            idf * idf / (idf * idf + 5 + 1e-6), 1e-7);
}
END_TEST

START_TEST(weighted_sets_are_refused)
{
    fixture f = fixture_dense(cells, 3, 3);
    rec_model *m = fixture_model("item_knn", "{similarity: dice, weighting: bm25}");
    ck_assert_fails(fixture_try_fit(m, &f, 1, err), REC_ERR_CONFIG, "compares sets");
    rec_model_free(m);
    fixture_deinit(&f);
}
END_TEST

START_TEST(similar_items)
{
    fixture f = fixture_dense(cells, 3, 3);
    rec_model *m = fixture_fitted("item_knn", NULL, &f);
    uint32_t items[2];
    float similarities[2];
    size_t n_found;
    ck_assert_ok(m->type->similar(items, similarities, &n_found, m->self, 2, 2, err));
    ck_assert_uint_eq(n_found, 2);
    ck_assert_uint_eq(items[0], 1);
    ck_assert_uint_eq(items[1], 0);
    ck_assert_double_eq_tol(similarities[1], 0.5, 1e-6);
    rec_model_free(m);
    fixture_deinit(&f);
}
END_TEST

START_TEST(same_bits_for_any_thread_count_and_after_load)
{
    fixture f = fixture_random(80, 150, 0.1, 3);
    fixture_check_reproducible("item_knn", "{k: 20, weighting: bm25, shrink: 2}", &f);
    fixture_check_reproducible("item_knn", "{k: 500, similarity: tversky}", &f);
    fixture_deinit(&f);
}
END_TEST

START_TEST(degenerate_data)
{
    fixture_check_degenerate("item_knn", "{k: 10}");
    fixture_check_degenerate("item_knn", "{k: 10, weighting: bm25}");
}
END_TEST

REC_SUITE("models/recommenders/item_knn", tcase_add_test(t, one_neighbour_per_column);
          tcase_add_test(t, every_similarity_by_hand); tcase_add_test(t, bm25_by_hand);
          tcase_add_test(t, weighted_sets_are_refused); tcase_add_test(t, similar_items);
          tcase_add_test(t, same_bits_for_any_thread_count_and_after_load);
          tcase_add_test(t, degenerate_data);)
