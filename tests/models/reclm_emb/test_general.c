#include "models/reclm_emb/general.h"

#include "tests/models/reclm_emb/films.h"

/* y has ranks 1, 2.5, 2.5, 4: with x ranked 1 to 4, rho = 4.5 / sqrt(5 * 4.5) = 0.948683. */
START_TEST(spearman_by_hand)
{
    const double x[] = {1, 2, 30, 40}, y[] = {0, 1, 1, 2}, down[] = {9, 8, 7, 6},
                 flat[] = {1, 1, 1, 1};
    double rho;
    ck_assert_ok(rec_emb_spearman(&rho, x, y, 4, err));
    ck_assert_double_eq_tol(rho, 0.9486832980505138, 1e-12);
    ck_assert_ok(rec_emb_spearman(&rho, x, down, 4, err));
    ck_assert_double_eq(rho, -1.0);
    ck_assert_ok(rec_emb_spearman(&rho, x, flat, 4, err));
    ck_assert(isnan(rho));
}
END_TEST

/* Even random vectors of shared pieces of words go with the levels a little; the value is a correlation. */
START_TEST(a_new_encoder_has_a_value)
{
    static const char *const texts[] = {"the bus is late again", "she closed the window"};
    const rec_emb_shape shape = {
        .layers = 1, .d_model = 16, .d_ff = 32, .heads = 2, .vocab_size = 300, .seed = 1};
    const rec_emb_format format = {.length = {0}};
    rec_emb_model m;
    double value;
    ck_assert_ok(rec_emb_model_new(&m, &shape, texts, 2, &format, err));
    ck_assert_ok(rec_emb_general_value(&value, &m, err));
    ck_assert(value > -1.0 && value < 1.0);
    rec_emb_model_deinit(&m);
}
END_TEST

REC_SUITE("models/reclm_emb/general", tcase_add_test(t, spearman_by_hand);
          tcase_add_test(t, a_new_encoder_has_a_value);)
