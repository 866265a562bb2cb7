/* sasrec and gru4rec against PyTorch, training included: tests/golden/sequence_models.py. */
#include <math.h>

#include "tests/models/fixture.h"

enum { N_USERS = 6, N_ITEMS = 12, LENGTH = 7 };

/* Item (5 u + 3 i) mod N_ITEMS at place i; user u has LENGTH - u mod 3 of them. */
static fixture cycles(void)
{
    fixture f = {.train = {.n_users = N_USERS, .n_items = N_ITEMS}};
    f.train.start = calloc(N_USERS + 1, sizeof *f.train.start);
    f.train.item = calloc(N_USERS * LENGTH, sizeof *f.train.item);
    for (uint32_t u = 0; u < N_USERS; u++) {
        for (uint32_t i = 0; i < LENGTH - u % 3; i++)
            f.train.item[f.train.n++] = (u * 5 + 3 * i) % N_ITEMS;
        f.train.start[u + 1] = f.train.n;
    }
    f.dataset.n_users = N_USERS;
    f.dataset.catalogue.n_items = N_ITEMS;
    return f;
}

#define COMMON "d_model: 8, max_length: 5, batch_size: 64, training: {epochs: 8}, dropout: 0, "
#define SASREC                                                                                     \
    COMMON "attention_dropout: 0, n_layers: 2, d_inner: 16, init_sd: 0.2, loss: softmax, "
#define GRU4REC COMMON "d_hidden: 10, n_layers: 2, loss: softmax, "
#define PLAIN "optimizer: {lr: 0.01}"
#define DECAY "optimizer: {lr: 0.01, weight_decay: 0.1, clip_norm: 0.5}"

static const struct {
    const char *type, *options;
} cases[] = {
    {"sasrec", "{" SASREC PLAIN "}"},
    {"sasrec", "{" SASREC "norm: pre, activation: relu, " DECAY "}"},
    {"gru4rec", "{" GRU4REC PLAIN "}"},
    {"gru4rec", "{" GRU4REC "samples: prefixes, " DECAY "}"},
};

static void check_user(const rec_model *m, const fixture *f, size_t u, const float *want,
                       float largest)
{
    float scores[N_ITEMS];
    fixture_score(scores, m, f->train.item + f->train.start[u],
                  f->train.start[u + 1] - f->train.start[u]);
    for (size_t i = 0; i < N_ITEMS; i++)
        ck_assert_msg(fabsf(scores[i] - want[i]) <= 2e-4f * largest,
                      "user %zu, item %zu: %g, wanted %g", u, i, (double)scores[i],
                      (double)want[i]);
}

START_TEST(trains_like_the_reference)
{
    FILE *file = fopen(REC_TEST_DIR "/golden/sequence_models.txt", "r");
    ck_assert_ptr_nonnull(file);
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        fixture f = cycles();
        float want[N_USERS * N_ITEMS], largest = 0.0f;
        for (size_t i = 0; i < N_USERS * N_ITEMS; i++) {
            ck_assert_int_eq(fscanf(file, "%f", &want[i]), 1);
            largest = fmaxf(largest, fabsf(want[i]));
        }
        rec_model *m = fixture_fitted(cases[c].type, cases[c].options, &f);
        for (size_t u = 0; u < N_USERS; u++)
            check_user(m, &f, u, want + u * N_ITEMS, largest);
        rec_model_free(m);
        fixture_deinit(&f);
    }
    fclose(file);
}
END_TEST

REC_SUITE("models/recommenders/sequence_goldens", tcase_add_test(t, trains_like_the_reference);)
