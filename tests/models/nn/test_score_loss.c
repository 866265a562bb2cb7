#include "models/nn/score_loss.h"

#include "tests/models/nn/gradient_check.h"

static double graph(rec_tape *t, rec_params *p, void *context)
{
    return rec_nn_score_loss(t, rec_params_tensor(p, 0), context, NULL);
}

/* One row: positive 1, negatives 0 and 2. */
static double loss_of(rec_score_loss options)
{
    float scores[] = {1.0f, 0.0f, 2.0f};
    rec_arena arena = {.first = NULL};
    rec_tape t;
    rec_tape_init(&t, &arena);
    rec_tape_begin(&t, REC_TAPE_EVALUATE, 0);
    double loss = rec_nn_score_loss(&t, rec_tape_input(&t, scores, 1, 3, false), &options, NULL);
    ck_assert_ok(rec_tape_status(&t, err));
    rec_arena_deinit(&arena);
    return loss;
}

static double S(double x)
{
    return 1.0 / (1.0 + exp(-x));
}

#define ck_assert_near(a, b) ck_assert_double_le(fabs((a) - (b)), 1e-6)

START_TEST(values_by_hand)
{
    double bce = -log(S(1)) - log(S(0)) - log(S(-2));
    ck_assert_near(loss_of((rec_score_loss){.kind = REC_LOSS_BCE}), bce);
    double gbce = -(0.3 * log(S(1)) + log(S(0)) + log(S(-2))) / 3.0;
    ck_assert_near(loss_of((rec_score_loss){.kind = REC_LOSS_GBCE, .beta = 0.3f}), gbce);
    double softmax = log(exp(1) + exp(0) + exp(2)) - 1.0;
    ck_assert_near(loss_of((rec_score_loss){.kind = REC_LOSS_SOFTMAX}), softmax);
    const float log_q[] = {-1.0f, 0.5f, 0.0f};
    double corrected = log(exp(2) + exp(-0.5) + exp(2)) - 2.0;
    ck_assert_near(loss_of((rec_score_loss){.kind = REC_LOSS_SOFTMAX, .log_q = log_q}), corrected);
    ck_assert_near(loss_of((rec_score_loss){.kind = REC_LOSS_BPR}),
                   -(log(S(1)) + log(S(-1))) / 2.0);
    double w0 = 1.0 / (1.0 + exp(2)), w2 = 1.0 - w0;
    ck_assert_near(loss_of((rec_score_loss){.kind = REC_LOSS_BPR_MAX, .regularization = 0.5f}),
                   -log(w0 * S(1) + w2 * S(-1)) + 0.5 * w2 * 4.0);
    double u0 = S(-1) + S(0), u2 = S(1) + S(4);
    ck_assert_near(loss_of((rec_score_loss){.kind = REC_LOSS_TOP1}), (u0 + u2) / 2.0);
    ck_assert_near(loss_of((rec_score_loss){.kind = REC_LOSS_TOP1_MAX}), w0 * u0 + w2 * u2);
    const uint32_t target = 2;
    ck_assert_near(loss_of((rec_score_loss){.kind = REC_LOSS_BPR, .targets = &target}),
                   -(log(S(1)) + log(S(2))) / 2.0);
    const bool ignored[] = {false, true, false};
    ck_assert_near(loss_of((rec_score_loss){.kind = REC_LOSS_BPR, .ignored = ignored}),
                   -log(S(-1)));
    const bool all[] = {false, true, true};
    ck_assert_near(loss_of((rec_score_loss){.kind = REC_LOSS_TOP1, .ignored = all}), 0.0);
}
END_TEST

START_TEST(gradients)
{
    static const uint32_t targets[] = {2, 0, 4};
    static const bool ignored[3 * 5] = {[1] = true, [7] = true, [8] = true};
    static const float log_q[3 * 5] = {0.1f, -0.2f, 0.3f, 0.0f, -1.0f, 0.5f};
    static const float weights[] = {1.0f, 0.5f, 2.0f};
    for (rec_score_loss_kind kind = REC_LOSS_BCE; kind <= REC_LOSS_TOP1_MAX; kind++) {
        rec_params p;
        rec_score_loss o = {.kind = kind, .beta = 0.4f, .regularization = 0.7f};
        params_of(&p, 1.0f, (const size_t[][2]){{3, 5}, {0, 0}});
        check_gradients(&p, graph, &o, REC_TAPE_GRADIENTS);
        o.targets = targets;
        o.ignored = ignored;
        o.log_q = log_q;
        o.weights = weights;
        check_gradients(&p, graph, &o, REC_TAPE_GRADIENTS);
        rec_params_deinit(&p);
    }
}
END_TEST

/* RecSys 2023: t = 0 gives plain BCE, t = 1 the sampling rate. */
START_TEST(gbce_beta)
{
    ck_assert_float_eq(rec_nn_gbce_beta(10, 101, 0.0f), 1.0f);
    ck_assert_double_le(fabs(rec_nn_gbce_beta(10, 101, 1.0f) - 0.1), 1e-7);
    ck_assert_double_le(fabs(rec_nn_gbce_beta(10, 101, 0.5f) - 0.55), 1e-7);
}
END_TEST

static double nce_graph(rec_tape *t, rec_params *p, void *context)
{
    static const uint32_t targets[] = {1, 4, 0};
    static const bool ignored[3 * 5] = {[2] = true, [9] = false, [13] = true};
    static const float log_q[3 * 5] = {[0] = -1.0f, [4] = -2.5f, [7] = -0.5f, [11] = -3.0f};
    bool own = context != NULL;
    return rec_nn_info_nce(t, rec_params_tensor(p, 0), rec_params_tensor(p, 1),
                           own ? targets : NULL, own ? ignored : NULL, own ? log_q : NULL, 0.5f,
                           0.0);
}

START_TEST(info_nce)
{
    rec_params p;
    int own;
    params_of(&p, 1.0f, (const size_t[][2]){{3, 4}, {5, 4}, {0, 0}});
    check_gradients(&p, nce_graph, NULL, REC_TAPE_GRADIENTS);
    check_gradients(&p, nce_graph, &own, REC_TAPE_GRADIENTS);
    rec_params_deinit(&p);
}
END_TEST

/* InfoNCE of vectors in the plane; *norm receives the length of the gradient to the queries. */
static double nce_of(double *norm, float *queries, size_t n, float *passages, size_t n_passages,
                     const bool *ignored, float temperature)
{
    rec_arena arena = {.first = NULL};
    rec_tape t;
    rec_tape_init(&t, &arena);
    rec_tape_begin(&t, REC_TAPE_GRADIENTS, 0);
    rec_tensor *q = rec_tape_input(&t, queries, n, 2, true);
    rec_tensor *p = rec_tape_input(&t, passages, n_passages, 2, true);
    double loss = rec_nn_info_nce(&t, q, p, NULL, ignored, NULL, temperature, 0.0);
    ck_assert_ok(rec_tape_backward(&t, err));
    *norm = 0.0;
    for (size_t i = 0; i < 2 * n; i++)
        *norm += fabs((double)q->grad[i]);
    ck_assert(isfinite(loss) && isfinite(*norm));
    rec_arena_deinit(&arena);
    return loss;
}

/* Queries along the axes; cosines 0.6 with their own passage and 0.8 with the other's (3-4-5 triangles): at
 * temperature 1/2, -log of e^1.2 / (e^1.2 + e^1.6) for both. */
START_TEST(info_nce_by_hand)
{
    float queries[] = {2, 0, 0, 5}, passages[] = {3, 4, 8, 6, 3, 4};
    double norm, wanted = log(1.0 + exp(0.4));
    ck_assert_near(nce_of(&norm, queries, 2, passages, 2, NULL, 0.5f), wanted);
    /* a third passage that equals the first: cosines 0.6 and 0.8 */
    wanted = (log(2.0 + exp(0.4)) + log(1.0 + 2.0 * exp(0.4))) / 2.0;
    ck_assert_near(nce_of(&norm, queries, 2, passages, 3, NULL, 0.5f), wanted);
}
END_TEST

/* One pair alone, and all but the target masked: nothing to tell apart, loss and gradient 0. Opposite
 * directions at temperature 0.01: 2 / 0.01 = 200, which no exponential of a float holds. */
START_TEST(info_nce_at_its_edges)
{
    float query[] = {1, 0}, away[] = {-3, 0, 7, 0}, none[] = {0, 0, 7, 0};
    const bool masked[] = {false, true};
    double norm;
    ck_assert_double_eq(nce_of(&norm, query, 1, away, 1, NULL, 0.01f), 0.0);
    ck_assert_double_eq(norm, 0.0);
    ck_assert_double_eq(nce_of(&norm, query, 1, away, 2, masked, 0.01f), 0.0);
    ck_assert_double_eq(norm, 0.0);
    ck_assert_double_eq_tol(nce_of(&norm, query, 1, away, 2, NULL, 0.01f), 200.0, 1e-3);
    /* a vector of zeros has cosine 0 with everything */
    ck_assert_double_eq_tol(nce_of(&norm, query, 1, none, 2, NULL, 0.5f), log(1.0 + exp(2.0)),
                            1e-6);
}
END_TEST

START_TEST(threads_do_not_matter)
{
    rec_params p;
    rec_score_loss o = {.kind = REC_LOSS_BPR_MAX, .regularization = 0.7f};
    params_of(&p, 1.0f, (const size_t[][2]){{700, 101}, {0, 0}});
    check_threads(&p, graph, &o);
    rec_params_deinit(&p);
}
END_TEST

REC_SUITE("models/nn/score_loss", tcase_add_test(t, values_by_hand); tcase_add_test(t, gradients);
          tcase_add_test(t, gbce_beta); tcase_add_test(t, info_nce);
          tcase_add_test(t, info_nce_by_hand); tcase_add_test(t, info_nce_at_its_edges);
          tcase_add_test(t, threads_do_not_matter);)
