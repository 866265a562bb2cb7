/* What components build on rec_transformer, each with central differences on a tiny model: value heads,
 * log-probabilities and ratios to a reference, logits of chosen rows, a trained output head, new tokens. */
#include <math.h>
#include <string.h>

#include "models/lm/training/tuning.h"
#include "models/nn/activation.h"
#include "models/nn/embedding.h"
#include "models/nn/linear.h"
#include "tests/models/lm/training/tiny_transformer.h"
#include "tests/models/nn/gradient_check.h"

typedef struct component {
    rec_transformer *model;
    rec_adapter *adapter;
    rec_params *extra; /* a block of the component's own */
} component;

static const uint32_t starts[] = {0, 3, 7}, ids[] = {1, 5, 2, 9, 9, 0, 4};
static const uint32_t targets[] = {5, 2, 3, 9, 0, 4, 8};
static const rec_lm_batch batch = {.sequences = {2, starts}, .ids = ids};

static rec_tensor *forward(rec_tape *t, const component *c)
{
    const rec_forward_options options = {.adapter = c->adapter};
    return rec_transformer_forward(t, c->model, &batch, &options);
}

static rec_adapter *random_adapter(rec_transformer *m, uint64_t seed)
{
    char *names[] = {"q_proj", "up_proj"};
    const rec_adapter_options options = {.rank = 2, .alpha = 4, .targets = {names, 2}};
    rec_adapter *a = NULL;
    ck_assert_ok(rec_adapter_new(&a, m, &options, seed, err));
    rec_params *p = rec_adapter_params(a);
    for (size_t i = 0; i < p->n; i++)
        rec_params_fill_normal(p, i, 0.3f, seed);
    return a;
}

/* ---- a value head: one number per position from a block of its own ---- */

static double value_loss(rec_tape *t, rec_params *p, void *context)
{
    const component *c = context;
    (void)p;
    const rec_linear head = {.weight = rec_params_tensor(c->extra, 0),
                             .bias = rec_params_tensor(c->extra, 1)};
    return weighted_sum(t, rec_nn_linear_act(t, forward(t, c), &head, REC_ACT_TANH));
}

START_TEST(value_head)
{
    component c = {.model = tiny_model()};
    rec_params head;
    params_of(&head, 0.5f, (const size_t[][2]){{1, 8}, {1, 1}, {0, 0}});
    c.extra = &head;
    check_gradients(&head, value_loss, &c, REC_TAPE_TRAIN); /* the base as it is */
    rec_params *p = rec_transformer_params(c.model);
    ck_assert_ok(rec_params_want_gradients(p, err));
    check_gradients(p, value_loss, &c, REC_TAPE_TRAIN); /* through it into the base */
    rec_params_deinit(&head);
    rec_transformer_free(c.model);
}
END_TEST

/* ---- policy gradient: log-probabilities of an adapter against the base as reference ---- */

static void reference_log_probs(float out[7], const component *c)
{
    rec_arena arena = {.first = NULL};
    rec_tape tape;
    const component base = {.model = c->model};
    rec_softmax softmax = rec_transformer_softmax(c->model);
    rec_tape_init(&tape, &arena);
    rec_tape_begin(&tape, REC_TAPE_EVALUATE, 0);
    rec_tensor *log_probs = rec_nn_log_probs(&tape, forward(&tape, &base), &softmax, targets);
    ck_assert_ok(rec_tape_status(&tape, err));
    memcpy(out, log_probs->value, 7 * sizeof *out);
    rec_arena_deinit(&arena);
}

/* Mean of exp(log p - log p_reference): PPO's ratio before clipping ("Proximal policy optimization
 * algorithms", arXiv 1707.06347, section 3). Its gradient by log p is the ratio / n. */
static double ratio_loss(rec_tape *t, rec_params *p, void *context)
{
    const component *c = context;
    float reference[7], gradient[7];
    double sum = 0.0;
    (void)p;
    reference_log_probs(reference, c);
    rec_softmax softmax = rec_transformer_softmax(c->model);
    rec_tensor *log_probs = rec_nn_log_probs(t, forward(t, c), &softmax, targets);
    for (size_t i = 0; i < 7; i++) {
        double ratio = exp((double)log_probs->value[i] - (double)reference[i]);
        gradient[i] = (float)(ratio / 7);
        sum += ratio / 7;
    }
    rec_tape_seed_gradient(t, log_probs, gradient);
    return sum;
}

START_TEST(log_probabilities_against_the_base)
{
    component c = {.model = tiny_model()};
    c.adapter = random_adapter(c.model, 3);
    rec_params *p = rec_adapter_params(c.adapter);
    ck_assert_ok(rec_params_want_gradients(p, err));
    check_gradients(p, ratio_loss, &c, REC_TAPE_TRAIN);
    ck_assert_ptr_null(rec_transformer_params(c.model)->grad);
    rec_adapter_free(c.adapter);
    rec_transformer_free(c.model);
}
END_TEST

/* Two adapters on one base, called in turn on one tape: each gets its own gradient. */
typedef struct two_adapters {
    component first, second;
} two_adapters;

static double both_losses(rec_tape *t, rec_params *p, void *context)
{
    const two_adapters *c = context;
    (void)p;
    rec_softmax softmax = rec_transformer_softmax(c->first.model);
    double first = rec_nn_cross_entropy(t, forward(t, &c->first), &softmax, targets, NULL, 7, NULL);
    return first +
           rec_nn_cross_entropy(t, forward(t, &c->second), &softmax, targets, NULL, 7, NULL);
}

START_TEST(two_adapters_on_one_tape)
{
    two_adapters c = {.first = {.model = tiny_model()}};
    c.second.model = c.first.model;
    c.first.adapter = random_adapter(c.first.model, 3);
    c.second.adapter = random_adapter(c.first.model, 4);
    for (int i = 0; i < 2; i++) {
        rec_params *p = rec_adapter_params(i == 0 ? c.first.adapter : c.second.adapter);
        ck_assert_ok(rec_params_want_gradients(p, err));
    }
    check_gradients(rec_adapter_params(c.first.adapter), both_losses, &c, REC_TAPE_TRAIN);
    check_gradients(rec_adapter_params(c.second.adapter), both_losses, &c, REC_TAPE_TRAIN);
    rec_adapter_free(c.first.adapter);
    rec_adapter_free(c.second.adapter);
    rec_transformer_free(c.first.model);
}
END_TEST

/* ---- logits of chosen vocabulary rows ---- */

static const uint32_t chosen[] = {4, 0, 10};

static double chosen_loss(rec_tape *t, rec_params *p, void *context)
{
    const component *c = context;
    (void)p;
    return weighted_sum(t, rec_transformer_logits_of(t, c->model, forward(t, c), chosen, 3));
}

START_TEST(logits_of_chosen_rows)
{
    component c = {.model = tiny_model()};
    rec_arena arena = {.first = NULL};
    rec_tape tape;
    rec_tape_init(&tape, &arena);
    rec_tape_begin(&tape, REC_TAPE_EVALUATE, 0);
    rec_tensor *hidden = forward(&tape, &c);
    rec_tensor *logits = rec_transformer_logits_of(&tape, c.model, hidden, chosen, 3);
    ck_assert(logits->rows == 7 && logits->cols == 3);
    const rec_tensor *table = rec_transformer_output_table(c.model);
    for (size_t k = 0; k < 3; k++) { /* row 6 by hand */
        double dot = 0.0;
        for (size_t j = 0; j < 8; j++)
            dot += (double)hidden->value[6 * 8 + j] * (double)table->value[chosen[k] * 8 + j];
        ck_assert_double_eq_tol((double)logits->value[6 * 3 + k], dot, 1e-5);
    }
    rec_arena_deinit(&arena);
    rec_params *p = rec_transformer_params(c.model);
    ck_assert_ok(rec_params_want_gradients(p, err));
    check_gradients(p, chosen_loss, &c, REC_TAPE_TRAIN);
    rec_transformer_free(c.model);
}
END_TEST

/* ---- a trained output head: tied to the embeddings, and of its own ---- */

static double token_loss(rec_tape *t, rec_params *p, void *context)
{
    const component *c = context;
    (void)p;
    rec_softmax softmax = rec_transformer_softmax(c->model);
    return rec_nn_cross_entropy(t, forward(t, c), &softmax, targets, NULL, 1, NULL);
}

START_TEST(output_head)
{
    rec_lm_config config = tiny;
    component c = {.model = NULL};
    config.tied = _i == 0;
    ck_assert_ok(rec_transformer_new(&c.model, &config, 5, err));
    rec_params *p = rec_transformer_params(c.model);
    for (size_t i = 0; i < p->n; i++)
        if (p->table[i].n_dims == 2)
            rec_params_fill_normal(p, i, 0.4f, 5);
    rec_params_freeze(p, "*", true); /* the head alone */
    size_t head = rec_params_find(p, _i == 0 ? "model.embed_tokens.weight" : "lm_head.weight");
    ck_assert_uint_ne(head, SIZE_MAX);
    p->table[head].frozen = false;
    ck_assert_ok(rec_params_want_gradients(p, err));
    check_gradients(p, token_loss, &c, REC_TAPE_TRAIN);
    rec_transformer_free(c.model);
}
END_TEST

/* ---- new tokens ---- */

/* Ids 11 and 12 are new; the second sequence uses both. */
static const uint32_t ids_with_new[] = {1, 5, 11, 9, 12, 0, 4},
                      new_targets[] = {5, 11, 3, 12, 0, 4, 8};

static double new_token_loss(rec_tape *t, rec_params *p, void *context)
{
    const component *c = context;
    const rec_lm_batch with_new = {.sequences = {2, starts}, .ids = ids_with_new};
    rec_softmax softmax = rec_transformer_softmax(c->model);
    (void)p;
    rec_tensor *hidden = rec_transformer_forward(t, c->model, &with_new, NULL);
    return rec_nn_cross_entropy(t, hidden, &softmax, new_targets, NULL, 1, NULL);
}

START_TEST(rows_of_new_tokens)
{
    component c = {.model = tiny_model()};
    ck_assert_ok(rec_transformer_grow_vocabulary(c.model, 2, 1, err));
    rec_params *p = rec_transformer_params(c.model);
    ck_assert(!rec_transformer_trains_new_rows(c.model));
    rec_transformer_train_new_rows(c.model, 11);
    ck_assert(rec_transformer_trains_new_rows(c.model));
    ck_assert_uint_eq(rec_params_count_trainable(p), 13 * 8);
    ck_assert_ok(rec_params_want_gradients(p, err));
    check_gradients(p, new_token_loss, &c, REC_TAPE_TRAIN);
    size_t embed = rec_params_find(p, "model.embed_tokens.weight");
    const float *grad = p->grad + p->table[embed].offset;
    rec_transformer_clear_old_rows(c.model);
    for (size_t i = 0; i < 13 * 8; i++)
        ck_assert((grad[i] != 0.0f) == (i >= 11 * 8));
    rec_transformer_free(c.model);
}
END_TEST

static void new_token_examples(rec_lm_examples *x)
{
    static const uint8_t learnt[] = {0, 1, 1, 1, 1, 1, 1};
    *x = (rec_lm_examples){.n = 0};
    ck_assert_ok(rec_lm_examples_add(x, ids_with_new, learnt, 7, err));
    ck_assert_ok(rec_lm_examples_add(x, ids_with_new + 2, learnt, 5, err));
}

/* Tuned with an adapter: the new rows and the adapter move, every old number stays to the bit. */
START_TEST(tuning_of_new_tokens)
{
    rec_lm_tuned tuned = {.model = tiny_model(), .identity = "test"};
    rec_lm_examples x;
    rec_training_report report;
    rec_lm_tuning options;
    ck_assert_ok(rec_transformer_grow_vocabulary(tuned.model, 2, 1, err));
    rec_transformer_train_new_rows(tuned.model, 11);
    if (_i == 1)
        tuned.adapter = random_adapter(tuned.model, 3);
    rec_params *p = rec_transformer_params(tuned.model);
    float *before = malloc(p->size * sizeof *before);
    memcpy(before, p->value, p->size * sizeof *before);
    ck_assert_ok(rec_options_defaults(&options, rec_lm_tuning_options, err));
    options.training.epochs = 20;
    options.optimizer.lr = 0.02;
    options.optimizer.weight_decay = 0.1;
    new_token_examples(&x);
    ck_assert_ok(rec_tune_supervised(&report, &tuned, &x, &options, err));
    ck_assert_double_lt(report.loss_train[19], report.loss_train[0]);
    const rec_param *embed = &p->table[rec_params_find(p, "model.embed_tokens.weight")];
    for (size_t i = 0; i < p->size; i++) {
        bool is_new = i >= embed->offset + 11 * 8 && i < embed->offset + 13 * 8;
        ck_assert((p->value[i] != before[i]) == is_new);
    }
    free(before);
    rec_training_report_deinit(&report);
    rec_lm_examples_deinit(&x);
    rec_adapter_free(tuned.adapter);
    rec_transformer_free(tuned.model);
}
END_TEST

REC_SUITE("models/lm/training/transformer_components", tcase_add_test(t, value_head);
          tcase_add_test(t, log_probabilities_against_the_base);
          tcase_add_test(t, two_adapters_on_one_tape); tcase_add_test(t, logits_of_chosen_rows);
          tcase_add_loop_test(t, output_head, 0, 2); tcase_add_test(t, rows_of_new_tokens);
          tcase_add_loop_test(t, tuning_of_new_tokens, 0, 2);)
