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
          tcase_add_test(t, threads_do_not_matter);)
