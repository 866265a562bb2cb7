/* A catalogue of four titles over a vocabulary of 11: {3 4}, {3 5}, {3 4 6}, {7}. */
#include <math.h>
#include <string.h>

#include "models/lm/token_trie.h"
#include "models/lm/training/target_mask.h"
#include "models/lm/training/tuning.h"
#include "models/nn/embedding.h"
#include "tests/models/lm/training/tiny_transformer.h"
#include "tests/models/nn/gradient_check.h"

enum { END = 1 };

static const uint32_t a[] = {3, 4}, b[] = {3, 5}, c[] = {3, 4, 6}, d[] = {7}, end[] = {END};
static const uint32_t *const titles[] = {a, b, c, d};
static const size_t lengths[] = {2, 2, 3, 1};
static const rec_trie_rules rules = {
    .open = REC_TRIE_NONE, .end = end, .n_end = 1, .max_items = 1, .min_items = 1};

static rec_token_trie *catalogue(void)
{
    rec_token_trie *t = NULL;
    ck_assert_ok(rec_token_trie_new(&t, titles, lengths, 4, err));
    return t;
}

static rec_constraint *start(const rec_token_trie *t)
{
    rec_constraint *state = NULL;
    ck_assert_ok(rec_token_trie_start(&state, t, &rules, err));
    return state;
}

static void assert_row(const rec_target_mask *m, size_t row, size_t n, const uint32_t *ids)
{
    rec_allowed allowed = rec_target_mask_allowed(m);
    ck_assert_uint_eq(allowed.start[row + 1] - allowed.start[row], n);
    if (n > 0)
        ck_assert_mem_eq(allowed.ids + allowed.start[row], ids, n * sizeof *ids);
}

START_TEST(rows_along_a_title)
{
    static const uint32_t targets[] = {3, 4, END};
    rec_token_trie *t = catalogue();
    rec_constraint *state = start(t);
    rec_target_mask m = {.n_rows = 0};
    ck_assert_ok(rec_target_mask_follow(&m, state, targets, 3, 11, err));
    ck_assert_ok(rec_target_mask_follow(&m, NULL, targets, 2, 11, err)); /* free */
    ck_assert_uint_eq(m.n_rows, 5);
    assert_row(&m, 0, 2, (const uint32_t[]){3, 7});
    assert_row(&m, 1, 2, (const uint32_t[]){4, 5});
    assert_row(&m, 2, 2, (const uint32_t[]){END, 6}); /* "3 4" is a title, and the start of one */
    assert_row(&m, 3, 0, NULL);
    assert_row(&m, 4, 0, NULL);
    rec_target_mask_clear(&m);
    ck_assert_uint_eq(m.n_rows, 0);
    rec_constraint_free(state);
    state = start(t);
    for (int i = 0; i < 300; i++) { /* storage grows */
        rec_constraint *copy = NULL;
        ck_assert_ok(rec_constraint_clone(&copy, state, err));
        ck_assert_ok(rec_target_mask_follow(&m, copy, targets, 3, 11, err));
        rec_constraint_free(copy);
    }
    assert_row(&m, 899, 2, (const uint32_t[]){END, 6});
    rec_target_mask_deinit(&m);
    rec_constraint_free(state);
    rec_token_trie_free(t);
}
END_TEST

START_TEST(targets_outside_the_catalogue)
{
    rec_token_trie *t = catalogue();
    rec_constraint *state = start(t);
    rec_target_mask m = {.n_rows = 0};
    ck_assert_fails(rec_target_mask_follow(&m, state, (const uint32_t[]){3, 8}, 2, 11, err),
                    REC_ERR_DATA, "learnt token 1 (id 8): the constraint does not allow it");
    rec_constraint_free(state);
    state = start(t);
    ck_assert_fails(rec_target_mask_follow(&m, state, (const uint32_t[]){3}, 1, 7, err),
                    REC_ERR_MODEL, "the constraint allows id 7, the vocabulary has 7");
    rec_target_mask_deinit(&m);
    rec_constraint_free(state);
    rec_token_trie_free(t);
}
END_TEST

/* ---- in a loss ---- */

typedef struct masked {
    rec_transformer *model;
    const rec_token_trie *trie;
} masked;

static const uint32_t prompt_and_title[] = {2, 9, 3, 4, END}, one_sequence[] = {0, 5};
static const uint32_t before_targets[] = {1, 2, 3};

static double masked_loss(rec_tape *t, rec_params *p, void *context)
{
    masked *m = context;
    (void)p; /* the model's own */
    const rec_lm_batch batch = {.sequences = {1, one_sequence}, .ids = prompt_and_title};
    rec_target_mask mask = {.n_rows = 0};
    rec_constraint *state = start(m->trie);
    ck_assert_ok(rec_target_mask_follow(&mask, state, prompt_and_title + 2, 3, 11, err));
    rec_tensor *hidden = rec_transformer_forward(t, m->model, &batch, NULL);
    const rec_lookup rows = {hidden, before_targets};
    hidden = rec_nn_embed(t, &rows, 1, 3, 1.0f);
    rec_softmax softmax = rec_transformer_softmax(m->model);
    rec_allowed allowed = rec_target_mask_allowed(&mask);
    softmax.allowed = &allowed;
    double loss = rec_nn_cross_entropy(t, hidden, &softmax, prompt_and_title + 2, NULL, 1, NULL);
    rec_constraint_free(state);
    rec_target_mask_deinit(&mask);
    return loss;
}

START_TEST(gradients_through_the_mask)
{
    masked m = {.model = tiny_model(), .trie = catalogue()};
    rec_params *p = rec_transformer_params(m.model);
    ck_assert_ok(rec_params_want_gradients(p, err));
    check_gradients(p, masked_loss, &m, REC_TAPE_TRAIN);
    rec_transformer_free(m.model);
    rec_token_trie_free((rec_token_trie *)(uintptr_t)m.trie);
}
END_TEST

/* ---- in tuning ---- */

static rec_status constrain(rec_constraint **out, void *context, size_t example, rec_error *err)
{
    if (example == 2) { /* a free one */
        *out = NULL;
        return REC_OK;
    }
    return rec_token_trie_start(out, context, &rules, err);
}

static void examples_of(rec_lm_examples *x)
{
    static const uint32_t ids[3][5] = {{2, 9, 3, 4, END}, {2, 8, 7, END, 0}, {2, 10, 0, 0, END}};
    static const uint8_t learnt[3][5] = {{0, 0, 1, 1, 1}, {0, 0, 1, 1, 0}, {0, 0, 1, 1, 1}};
    static const size_t n[] = {5, 4, 5};
    *x = (rec_lm_examples){.n = 0};
    for (size_t i = 0; i < 3; i++)
        ck_assert_ok(rec_lm_examples_add(x, ids[i], learnt[i], n[i], err));
}

static rec_lm_tuning options_of(int64_t epochs)
{
    rec_lm_tuning o;
    ck_assert_ok(rec_options_defaults(&o, rec_lm_tuning_options, err));
    o.training.epochs = epochs;
    o.batch_size = 3;
    o.optimizer.lr = 0.02;
    return o;
}

/* Equal logits (zero weights): the loss of a target is ln of the number of allowed tokens. The title "7"
 * is one of 2, its end the only one; "3 4 end" is one of 2, three times; the free example one of 11. */
START_TEST(first_loss_by_hand)
{
    rec_lm_tuned tuned = {.identity = "test", .constrain = constrain};
    rec_lm_examples x;
    rec_training_report report;
    rec_token_trie *t = catalogue();
    examples_of(&x);
    tuned.constrain_context = t;
    ck_assert_ok(rec_transformer_new(&tuned.model, &tiny, 2, err));
    rec_params *p = rec_transformer_params(tuned.model);
    memset(p->value, 0, p->size * sizeof *p->value);
    rec_lm_tuning options = options_of(1);
    ck_assert_ok(rec_tune_supervised(&report, &tuned, &x, &options, err));
    double by_hand = (3 * log(2.0) + log(2.0) + 0.0 + 3 * log(11.0)) / 8.0;
    ck_assert_double_eq_tol(report.loss_train[0], by_hand, 1e-6);
    rec_training_report_deinit(&report);
    rec_lm_examples_deinit(&x);
    rec_transformer_free(tuned.model);
    rec_token_trie_free(t);
}
END_TEST

START_TEST(a_catalogue_is_learnt)
{
    rec_lm_tuned tuned = {.identity = "test", .constrain = constrain};
    rec_lm_examples x;
    rec_training_report report;
    rec_token_trie *t = catalogue();
    examples_of(&x);
    tuned.constrain_context = t;
    ck_assert_ok(rec_transformer_new(&tuned.model, &tiny, 2, err));
    rec_lm_tuning options = options_of(60);
    ck_assert_ok(rec_tune_supervised(&report, &tuned, &x, &options, err));
    ck_assert_double_lt(report.loss_train[59], 0.2 * report.loss_train[0]);
    rec_training_report_deinit(&report);
    /* an example that leaves the catalogue is named */
    static const uint32_t wrong[] = {2, 3, 8};
    static const uint8_t learnt[] = {0, 1, 1};
    ck_assert_ok(rec_lm_examples_add(&x, wrong, learnt, 3, err));
    options.batch_size = 4;
    ck_assert_fails(rec_tune_supervised(&report, &tuned, &x, &options, err), REC_ERR_DATA,
                    "example 3: learnt token 1 (id 8)");
    rec_lm_examples_deinit(&x);
    rec_transformer_free(tuned.model);
    rec_token_trie_free(t);
}
END_TEST

REC_SUITE("models/lm/training/target_mask", tcase_add_test(t, rows_along_a_title);
          tcase_add_test(t, targets_outside_the_catalogue);
          tcase_add_test(t, gradients_through_the_mask); tcase_add_test(t, first_loss_by_hand);
          tcase_add_test(t, a_catalogue_is_learnt);)
