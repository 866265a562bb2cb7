/* Three steps of every rule against the formulas in double (PyTorch's conventions). */
#include "models/nn/optimizer.h"

#include "core/parallel.h"
#include "tests/models/nn/gradient_check.h"

static rec_optimizer_options defaults(int kind)
{
    rec_optimizer_options o;
    ck_assert_ok(rec_options_defaults(&o, rec_optimizer_option_table, err));
    o.kind = kind;
    o.lr = 0.1;
    return o;
}

static const double gradients[3] = {0.5, -0.25, 1.0};

typedef struct state {
    double p, m, v;
} state;

static void reference_step(state *s, const rec_optimizer_options *o, double g, int step)
{
    double decay = o->weight_decay;
    if (o->kind == REC_ADAMW)
        s->p *= 1.0 - o->lr * decay;
    else
        g += decay * s->p;
    if (o->kind == REC_ADAGRAD) {
        s->v += g * g;
        s->p -= o->lr * g / (sqrt(s->v) + 1e-10);
    } else if (o->kind == REC_SGD) {
        s->m = o->momentum * s->m + g;
        s->p -= o->lr * s->m;
    } else {
        s->m = o->beta1 * s->m + (1.0 - o->beta1) * g;
        s->v = o->beta2 * s->v + (1.0 - o->beta2) * g * g;
        double m = s->m / (1.0 - pow(o->beta1, step)), v = s->v / (1.0 - pow(o->beta2, step));
        s->p -= o->lr * m / (sqrt(v) + 1e-8);
    }
}

START_TEST(rules)
{
    for (int kind = REC_ADAMW; kind <= REC_SGD; kind++) {
        rec_params p;
        rec_params *block = &p;
        rec_optimizer *o;
        rec_optimizer_options options = defaults(kind);
        options.weight_decay = 0.02;
        options.momentum = 0.9;
        params_of(&p, 0.0f, (const size_t[][2]){{1, 3}, {0, 0}});
        rec_params_fill(&p, 0, 2.0f);
        ck_assert_ok(rec_optimizer_new(&o, &options, &block, 1, err));
        state s = {.p = 2.0};
        for (int step = 1; step <= 3; step++) {
            for (size_t i = 0; i < 3; i++)
                p.grad[i] = (float)gradients[step - 1];
            ck_assert_ok(rec_optimizer_step(NULL, o, 1.0, 1.0, err));
            reference_step(&s, &options, gradients[step - 1], step);
            for (size_t i = 0; i < 3; i++) {
                ck_assert_double_le(fabs(p.value[i] - s.p), 2e-6);
                ck_assert_float_eq(p.grad[i], 0.0f);
            }
        }
        ck_assert_uint_eq(rec_optimizer_steps(o), 3);
        rec_optimizer_free(o);
        rec_params_deinit(&p);
    }
}
END_TEST

/* Gradients (3, 4) have norm 5; clipped to 1 they are (.6, .8); SGD with lr 1 shows them. */
START_TEST(clipping_and_scaling)
{
    rec_params p;
    rec_params *block = &p;
    rec_optimizer *o;
    rec_optimizer_options options = defaults(REC_SGD);
    options.lr = 1.0;
    options.clip_norm = 1.0;
    double norm;
    params_of(&p, 0.0f, (const size_t[][2]){{1, 1}, {1, 1}, {0, 0}});
    ck_assert_ok(rec_optimizer_new(&o, &options, &block, 1, err));
    rec_params_tensor(&p, 0)->grad[0] = 3.0f;
    rec_params_tensor(&p, 1)->grad[0] = 4.0f;
    ck_assert_ok(rec_optimizer_step(&norm, o, 1.0, 1.0, err));
    ck_assert_double_eq(norm, 5.0);
    ck_assert_float_eq_tol(rec_params_tensor(&p, 0)->value[0], -0.6f, 1e-6f);
    ck_assert_float_eq_tol(rec_params_tensor(&p, 1)->value[0], -0.8f, 1e-6f);
    rec_params_tensor(&p, 0)->grad[0] = 3.0f;
    rec_params_tensor(&p, 1)->grad[0] = 4.0f;
    ck_assert_ok(rec_optimizer_step(&norm, o, 0.5, 0.1, err)); /* half rate, mean of 10 batches */
    ck_assert_double_eq_tol(norm, 0.5, 1e-9);
    ck_assert_float_eq_tol(rec_params_tensor(&p, 0)->value[0], -0.6f - 0.15f, 1e-6f);
    rec_optimizer_free(o);
    rec_params_deinit(&p);
}
END_TEST

START_TEST(groups_and_frozen_tensors)
{
    rec_params p;
    rec_params *block = &p;
    rec_optimizer *o;
    rec_optimizer_options options = defaults(REC_ADAMW);
    options.weight_decay = 1.0;
    params_of(&p, 0.0f, (const size_t[][2]){{1, 1}, {1, 1}, {1, 1}, {0, 0}});
    for (size_t i = 0; i < 3; i++)
        rec_params_fill(&p, i, 1.0f);
    rec_params_scale_decay(&p, "p1", 0.0f);
    rec_params_scale_lr(&p, "p0", 0.5f);
    rec_params_freeze(&p, "p2", true);
    ck_assert_ok(rec_params_want_gradients(&p, err));
    ck_assert_ok(rec_optimizer_new(&o, &options, &block, 1, err));
    ck_assert_ok(rec_optimizer_step(NULL, o, 1.0, 1.0, err)); /* zero gradients: decay alone */
    ck_assert_float_eq_tol(rec_params_tensor(&p, 0)->value[0], 0.95f, 1e-6f);
    ck_assert_float_eq(rec_params_tensor(&p, 1)->value[0], 1.0f);
    ck_assert_float_eq(rec_params_tensor(&p, 2)->value[0], 1.0f);
    rec_optimizer_free(o);
    rec_params_deinit(&p);
}
END_TEST

START_TEST(a_gradient_that_is_not_finite_changes_nothing)
{
    rec_params p;
    rec_params *block = &p;
    rec_optimizer *o;
    rec_optimizer_options options = defaults(REC_ADAM);
    params_of(&p, 1.0f, (const size_t[][2]){{4, 4}, {3, 3}, {0, 0}});
    ck_assert_ok(rec_optimizer_new(&o, &options, &block, 1, err));
    float before = p.value[0];
    p.grad[0] = 1.0f;
    rec_params_tensor(&p, 1)->grad[4] = NAN;
    ck_assert_fails(rec_optimizer_step(NULL, o, 1.0, 1.0, err), REC_ERR_MODEL, "p1");
    ck_assert_float_eq(p.value[0], before);
    ck_assert_uint_eq(rec_optimizer_steps(o), 0);
    rec_optimizer_free(o);
    rec_params_deinit(&p);
}
END_TEST

START_TEST(threads_do_not_matter)
{
    float *kept = NULL;
    for (size_t n = 1; n <= 2; n++) {
        rec_params p;
        rec_params *block = &p;
        rec_optimizer *o;
        rec_optimizer_options options = defaults(REC_ADAMW);
        options.clip_norm = 1.0;
        rec_parallel_set_threads(n);
        params_of(&p, 1.0f, (const size_t[][2]){{400, 301}, {0, 0}});
        for (size_t i = 0; i < p.size; i++)
            p.grad[i] = sinf((float)i);
        ck_assert_ok(rec_optimizer_new(&o, &options, &block, 1, err));
        ck_assert_ok(rec_optimizer_step(NULL, o, 1.0, 1.0, err));
        if (n == 1) {
            kept = malloc(p.size * sizeof *kept);
            memcpy(kept, p.value, p.size * sizeof *kept);
        } else {
            ck_assert_int_eq(memcmp(kept, p.value, p.size * sizeof *kept), 0);
        }
        rec_optimizer_free(o);
        rec_params_deinit(&p);
    }
    free(kept);
}
END_TEST

REC_SUITE("models/nn/optimizer", tcase_add_test(t, rules); tcase_add_test(t, clipping_and_scaling);
          tcase_add_test(t, groups_and_frozen_tensors);
          tcase_add_test(t, a_gradient_that_is_not_finite_changes_nothing);
          tcase_add_test(t, threads_do_not_matter);)
