/* Hidden states, logits, losses and gradient norms of transformers 5.23.0 (tests/golden/lm). */
#include <math.h>
#include <string.h>

#include "core/blas.h"
#include "models/lm/training/transformer.h"
#include "models/nn/embedding.h"
#include "tests/golden.h"
#include "tests/models/lm/training/tiny_transformer.h"
#include "tests/models/nn/gradient_check.h"

static const char *const decoders[] = {"llama3-rope", "mistral-window", "qwen2", "qwen3", "gemma3"};
static const char *const encoders[] = {"bert", "xlm-roberta"};

typedef struct golden {
    char expected[512];
    rec_transformer *model;
    uint32_t ids[64], start[2];
    size_t n;
    rec_lm_batch batch;
} golden;

static void golden_open(golden *g, const char *name)
{
    char folder[512];
    snprintf(folder, sizeof folder, GOLDEN("lm/%s"), name);
    snprintf(g->expected, sizeof g->expected, GOLDEN("lm/%s/expected.h5"), name);
    rec_lm_files files;
    rec_lm_weights weights;
    ck_assert_ok(rec_lm_files_find(&files, folder, err));
    ck_assert_ok(rec_lm_weights_open(&weights, &files, REC_WEIGHTS_F32, err));
    ck_assert_ok(rec_transformer_from_weights(&g->model, &weights, err));
    rec_lm_weights_deinit(&weights);
    rec_lm_files_deinit(&files);
    int64_t *ids = golden_integers(g->expected, "ids", &g->n);
    for (size_t i = 0; i < g->n; i++)
        g->ids[i] = (uint32_t)ids[i];
    free(ids);
    g->start[0] = 0;
    g->start[1] = (uint32_t)g->n;
    g->batch = (rec_lm_batch){.sequences = {.n = 1, .start = g->start}, .ids = g->ids};
}

static double golden_attribute(const char *path, const char *name)
{
    double value = NAN;
    hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    hid_t attribute = H5Aopen(file, name, H5P_DEFAULT);
    ck_assert(H5Aread(attribute, H5T_NATIVE_DOUBLE, &value) >= 0);
    H5Aclose(attribute);
    H5Fclose(file);
    return value;
}

static void assert_near(const float *values, const char *path, const char *name, double tolerance)
{
    size_t n;
    float *wanted = golden_floats(path, name, &n);
    for (size_t i = 0; i < n; i++)
        ck_assert_msg(fabs((double)values[i] - (double)wanted[i]) <= tolerance,
                      "%s %s[%zu]: %g, wanted %g", path, name, i, (double)values[i],
                      (double)wanted[i]);
    free(wanted);
}

START_TEST(decoder_logits_loss_and_gradients)
{
    golden g;
    golden_open(&g, decoders[_i]);
    rec_params *params = rec_transformer_params(g.model);
    ck_assert_ok(rec_params_want_gradients(params, err));
    rec_arena arena = {.first = NULL};
    rec_tape tape;
    rec_tape_init(&tape, &arena);
    rec_tape_begin(&tape, REC_TAPE_GRADIENTS, 0);
    rec_tensor *hidden = rec_transformer_forward(&tape, g.model, &g.batch, NULL);
    ck_assert_ok(rec_tape_status(&tape, err));
    rec_tensor *table = rec_transformer_output_table(g.model);
    float *logits = malloc(g.n * table->rows * sizeof *logits);
    rec_gemm_nt(logits, table->rows, hidden->value, hidden->cols, table->value, table->cols, g.n,
                table->rows, table->cols, 1.0f, 0.0f);
    assert_near(logits, g.expected, "logits", 1e-4);

    /* every position predicts the next one */
    uint32_t rows[64];
    for (uint32_t i = 0; i + 1 < g.n; i++)
        rows[i] = i;
    rec_lookup all_but_last = {hidden, rows};
    rec_tensor *predicting = rec_nn_embed(&tape, &all_but_last, 1, g.n - 1, 1.0f);
    rec_softmax softmax = rec_transformer_softmax(g.model);
    double loss = rec_nn_cross_entropy(&tape, predicting, &softmax, g.ids + 1, NULL, 0, NULL);
    ck_assert_double_eq_tol(loss, golden_attribute(g.expected, "loss"), 1e-5);
    ck_assert_ok(rec_tape_backward(&tape, err));

    size_t n_norms;
    double *norms = golden_read(g.expected, "grad_l2", H5T_NATIVE_DOUBLE, &n_norms);
    ck_assert_uint_eq(n_norms, params->n);
    for (size_t i = 0; i < n_norms; i++) { /* by value: both are in the order of the model */
        double sum = 0.0, nearest = INFINITY;
        const rec_param *p = &params->table[i];
        for (size_t j = 0; j < p->size; j++)
            sum += pow((double)params->grad[p->offset + j], 2);
        for (size_t k = 0; k < n_norms; k++)
            nearest = fmin(nearest, fabs(sqrt(sum) - norms[k]) / fmax(norms[k], 1e-3));
        ck_assert_msg(nearest < 1e-3, "%s %s: gradient norm %.8g is no reference norm",
                      decoders[_i], p->name, sqrt(sum));
    }
    free(norms);
    free(logits);
    rec_arena_deinit(&arena);
    rec_transformer_free(g.model);
}
END_TEST

START_TEST(encoder_hidden_states)
{
    golden g;
    golden_open(&g, encoders[_i]);
    rec_arena arena = {.first = NULL};
    rec_tape tape;
    rec_tape_init(&tape, &arena);
    rec_tape_begin(&tape, REC_TAPE_EVALUATE, 0);
    rec_tensor *hidden = rec_transformer_forward(&tape, g.model, &g.batch, NULL);
    ck_assert_ok(rec_tape_status(&tape, err));
    assert_near(hidden->value, g.expected, "last_hidden", 1e-4);
    rec_arena_deinit(&arena);
    rec_transformer_free(g.model);
}
END_TEST

/* Two sequences in one batch give what each gives alone: packing leaks nothing. */
START_TEST(packed_sequences_are_independent)
{
    golden g;
    golden_open(&g, "qwen2");
    rec_arena arena = {.first = NULL};
    rec_tape tape;
    rec_tape_init(&tape, &arena);
    float alone[2][64 * 64], *packed;
    const uint32_t cuts[] = {0, 7, 20};
    for (int s = 0; s < 2; s++) {
        uint32_t start[] = {0, cuts[s + 1] - cuts[s]};
        rec_lm_batch one = {.sequences = {1, start}, .ids = g.ids + cuts[s]};
        rec_tape_begin(&tape, REC_TAPE_EVALUATE, 0);
        rec_tensor *hidden = rec_transformer_forward(&tape, g.model, &one, NULL);
        memcpy(alone[s], hidden->value, start[1] * hidden->cols * sizeof(float));
    }
    rec_lm_batch both = {.sequences = {2, cuts}, .ids = g.ids};
    rec_tape_begin(&tape, REC_TAPE_EVALUATE, 0);
    packed = rec_transformer_forward(&tape, g.model, &both, NULL)->value;
    for (int s = 0; s < 2; s++)
        for (size_t i = 0; i < (cuts[s + 1] - cuts[s]) * 64; i++)
            ck_assert_float_eq_tol(packed[cuts[s] * 64 + i], alone[s][i], 2e-5f);
    rec_arena_deinit(&arena);
    rec_transformer_free(g.model);
}
END_TEST

/* Gradients of the rest by central differences, on a model of two tiny layers. */

typedef struct injection {
    rec_transformer *model;
    rec_adapter *adapter;
    bool recompute;
} injection;

static const uint32_t tiny_start[] = {0, 3, 7}, tiny_ids[] = {1, 5, 2, 9, 9, 0, 4};
static const uint32_t tiny_places[] = {1, 5}, tiny_targets[] = {5, 2, 3, 9, 0, 4, 8};

/* Parameter 0 of p is the pair of vectors that take two rows of the batch; a user or an item vector
 * of a recommender enters a language model this way. */
static double injected_loss(rec_tape *t, rec_params *p, void *context)
{
    injection *in = context;
    rec_lm_batch batch = {.sequences = {2, tiny_start},
                          .ids = tiny_ids,
                          .vectors = rec_params_tensor(p, 0),
                          .places = tiny_places};
    rec_forward_options options = {.adapter = in->adapter, .recompute = in->recompute};
    rec_tensor *hidden = rec_transformer_forward(t, in->model, &batch, &options);
    rec_softmax softmax = rec_transformer_softmax(in->model);
    return rec_nn_cross_entropy(t, hidden, &softmax, tiny_targets, NULL, 1, NULL);
}

START_TEST(gradients_reach_given_vectors)
{
    injection in = {.recompute = _i == 1};
    in.model = tiny_model();
    rec_params vectors;
    params_of(&vectors, 0.5f, (const size_t[][2]){{2, 8}, {0, 0}});
    check_gradients(&vectors, injected_loss, &in, REC_TAPE_TRAIN);
    rec_params_deinit(&vectors);
    rec_transformer_free(in.model);
}
END_TEST

typedef struct adapter_case {
    injection in;
    rec_params *vectors;
} adapter_case;

static double adapter_loss(rec_tape *t, rec_params *p, void *context)
{
    adapter_case *c = context;
    (void)p; /* the adapter's own block */
    return injected_loss(t, c->vectors, &c->in);
}

START_TEST(gradients_reach_the_adapter_alone)
{
    adapter_case c = {.in = {.recompute = false}};
    char *targets[] = {"q_proj", "down_proj"};
    rec_adapter_options options = {.rank = 2, .alpha = 4, .targets = {targets, 2}};
    c.in.model = tiny_model();
    ck_assert_ok(rec_adapter_new(&c.in.adapter, c.in.model, &options, 3, err));
    rec_params vectors, *p = rec_adapter_params(c.in.adapter);
    ck_assert_uint_eq(p->n, 8); /* 2 layers x 2 targets x (A, B) */
    for (size_t i = 0; i < p->n; i++)
        rec_params_fill_normal(p, i, 0.3f, 1); /* B is not zero: both get gradients */
    params_of(&vectors, 0.5f, (const size_t[][2]){{2, 8}, {0, 0}});
    c.vectors = &vectors;
    ck_assert_ok(rec_params_want_gradients(p, err));
    check_gradients(p, adapter_loss, &c, REC_TAPE_TRAIN);
    ck_assert_ptr_null(rec_transformer_params(c.in.model)->grad); /* the base has none */
    rec_params_deinit(&vectors);
    rec_adapter_free(c.in.adapter);
    rec_transformer_free(c.in.model);
}
END_TEST

static double loss_of(injection *in, rec_params *vectors)
{
    rec_arena arena = {.first = NULL};
    double loss = graph_loss(&arena, vectors, injected_loss, in, REC_TAPE_EVALUATE, false);
    rec_arena_deinit(&arena);
    return loss;
}

/* B = 0: the adapter changes nothing. Filled, then merged: the base alone gives the adapter's loss;
 * switched off before, it is the reference model. A written adapter reads back the same. */
START_TEST(adapters_switch_merge_and_read_back)
{
    injection base = {.recompute = false}, adapted;
    char *targets[] = {"all-linear"};
    rec_adapter_options options = {.rank = 2, .alpha = 4, .targets = {targets, 1}};
    rec_params vectors;
    params_of(&vectors, 0.5f, (const size_t[][2]){{2, 8}, {0, 0}});
    base.model = tiny_model();
    adapted = base;
    ck_assert_ok(rec_adapter_new(&adapted.adapter, base.model, &options, 3, err));
    double reference = loss_of(&base, &vectors);
    ck_assert_double_eq(loss_of(&adapted, &vectors), reference);
    rec_params *p = rec_adapter_params(adapted.adapter);
    for (size_t i = 0; i < p->n; i++)
        rec_params_fill_normal(p, i, 0.3f, 1);
    double with_adapter = loss_of(&adapted, &vectors);
    ck_assert_double_gt(fabs(with_adapter - reference), 1e-3);
    ck_assert_double_eq(loss_of(&base, &vectors), reference);

    char folder[] = "/tmp/recai-adapter-XXXXXX";
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_ok(rec_adapter_save(adapted.adapter, base.model, folder, "tiny", err));
    rec_adapter *first = adapted.adapter;
    ck_assert_ok(rec_adapter_load(&adapted.adapter, base.model, folder, err));
    ck_assert_double_eq(loss_of(&adapted, &vectors), with_adapter);
    rec_adapter_free(first);

    ck_assert_ok(rec_adapter_merge(adapted.adapter, base.model, err));
    ck_assert_double_eq_tol(loss_of(&base, &vectors), with_adapter, 1e-4);

    /* another shape of base: refused */
    rec_lm_config other = tiny;
    other.d_ff = 10;
    rec_transformer *wrong;
    rec_adapter *none = NULL;
    ck_assert_ok(rec_transformer_new(&wrong, &other, 5, err));
    ck_assert_fails(rec_adapter_load(&none, wrong, folder, err), REC_ERR_MODEL, "adapter_model");
    rec_transformer_free(wrong);
    rec_adapter_free(adapted.adapter);
    rec_transformer_free(base.model);
    rec_params_deinit(&vectors);
}
END_TEST

/* PEFT's adapter on the golden model: its loss. */
START_TEST(an_adapter_of_peft)
{
    golden g;
    golden_open(&g, "qwen2");
    rec_forward_options options = {.recompute = false};
    rec_arena arena = {.first = NULL};
    rec_tape tape;
    ck_assert_ok(rec_adapter_load(&options.adapter, g.model, GOLDEN("lm/adapter"), err));
    rec_tape_init(&tape, &arena);
    rec_tape_begin(&tape, REC_TAPE_EVALUATE, 0);
    rec_tensor *hidden = rec_transformer_forward(&tape, g.model, &g.batch, &options);
    uint32_t rows[64];
    for (uint32_t i = 0; i + 1 < g.n; i++)
        rows[i] = i;
    rec_lookup all_but_last = {hidden, rows};
    hidden = rec_nn_embed(&tape, &all_but_last, 1, g.n - 1, 1.0f);
    rec_softmax softmax = rec_transformer_softmax(g.model);
    double loss = rec_nn_cross_entropy(&tape, hidden, &softmax, g.ids + 1, NULL, 0, NULL);
    ck_assert_ok(rec_tape_status(&tape, err));
    ck_assert_double_eq_tol(loss, golden_attribute(GOLDEN("lm/adapter/expected.h5"), "loss"), 1e-5);
    rec_adapter_free(options.adapter);
    rec_arena_deinit(&arena);
    rec_transformer_free(g.model);
}
END_TEST

/* The tensors in the file are not those that its target_modules name. */
START_TEST(targets_and_tensors_that_differ)
{
    rec_transformer *m = tiny_model();
    char *both[] = {"q_proj", "k_proj"};
    rec_adapter_options options = {.rank = 2, .alpha = 4, .targets = {both, 2}};
    rec_adapter *a = NULL, *none = NULL;
    char folder[] = "/tmp/recai-adapter-XXXXXX", command[200];
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_ok(rec_adapter_new(&a, m, &options, 3, err));
    ck_assert_ok(rec_adapter_save(a, m, folder, "tiny", err));
    snprintf(command, sizeof command, "sed -i 's/k_proj/v_proj/' %s/adapter_config.json", folder);
    ck_assert_int_eq(system(command), 0);
    ck_assert_fails(rec_adapter_load(&none, m, folder, err), REC_ERR_MODEL,
                    "layer 0: target_modules and the tensors");
    snprintf(command, sizeof command, "rm -r %s", folder);
    ck_assert_int_eq(system(command), 0);
    rec_adapter_free(a);
    rec_transformer_free(m);
}
END_TEST

START_TEST(vocabulary_grows)
{
    injection in = {.recompute = false};
    rec_params vectors;
    params_of(&vectors, 0.5f, (const size_t[][2]){{2, 8}, {0, 0}});
    in.model = tiny_model();
    float before = rec_transformer_tensor(in.model, REC_LM_UP, 1)->value[3];
    ck_assert_ok(rec_transformer_grow_vocabulary(in.model, 2, 1, err));
    rec_tensor *table = rec_transformer_output_table(in.model);
    ck_assert_uint_eq(table->rows, 13);
    ck_assert_float_eq(rec_transformer_tensor(in.model, REC_LM_UP, 1)->value[3], before);
    /* the mean of the old rows, give or take a tenth of a column's sd of about 0.4 */
    for (size_t j = 0; j < 8; j++) {
        double mean = 0;
        for (size_t i = 0; i < 11; i++)
            mean += (double)table->value[i * 8 + j] / 11;
        ck_assert_double_eq_tol((double)table->value[11 * 8 + j], mean, 0.2);
        ck_assert_float_ne(table->value[11 * 8 + j], table->value[12 * 8 + j]);
    }
    ck_assert(isfinite(loss_of(&in, &vectors)));
    rec_transformer_free(in.model);
    rec_params_deinit(&vectors);
}
END_TEST

START_TEST(bad_input_is_refused)
{
    rec_transformer *m;
    ck_assert_ok(rec_transformer_new(&m, &tiny, 5, err));
    rec_arena arena = {.first = NULL};
    rec_tape tape;
    rec_tape_init(&tape, &arena);
    uint32_t ids[17] = {0}, start[] = {0, 17};
    rec_lm_batch batch = {.sequences = {1, start}, .ids = ids};
    rec_tape_begin(&tape, REC_TAPE_EVALUATE, 0);
    ck_assert_ptr_null(rec_transformer_forward(&tape, m, &batch, NULL));
    ck_assert_fails(rec_tape_status(&tape, err), REC_ERR_DATA, "17 tokens");
    start[1] = 2;
    ids[1] = 11;
    rec_tape_begin(&tape, REC_TAPE_EVALUATE, 0);
    ck_assert_ptr_null(rec_transformer_forward(&tape, m, &batch, NULL));
    ck_assert_fails(rec_tape_status(&tape, err), REC_ERR_DATA, "vocabulary");
    char *targets[] = {"q_proj", "x_proj"};
    rec_adapter_options options = {.rank = 2, .alpha = 4, .targets = {targets, 2}};
    rec_adapter *a = NULL;
    ck_assert_fails(rec_adapter_new(&a, m, &options, 0, err), REC_ERR_CONFIG, "x_proj");
    options.targets.n = 0;
    ck_assert_fails(rec_adapter_new(&a, m, &options, 0, err), REC_ERR_CONFIG, "without targets");
    rec_arena_deinit(&arena);
    rec_transformer_free(m);
}
END_TEST

REC_SUITE("models/lm/training/transformer",
          tcase_add_loop_test(t, decoder_logits_loss_and_gradients, 0, 5);
          tcase_add_loop_test(t, encoder_hidden_states, 0, 2);
          tcase_add_test(t, packed_sequences_are_independent);
          tcase_add_loop_test(t, gradients_reach_given_vectors, 0, 2);
          tcase_add_test(t, gradients_reach_the_adapter_alone);
          tcase_add_test(t, adapters_switch_merge_and_read_back);
          tcase_add_test(t, an_adapter_of_peft); tcase_add_test(t, targets_and_tensors_that_differ);
          tcase_add_test(t, vocabulary_grows); tcase_add_test(t, bad_input_is_refused);)
