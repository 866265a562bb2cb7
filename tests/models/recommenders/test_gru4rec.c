#include <math.h>
#include <unistd.h>

#include "tests/models/fixture.h"

enum { N_USERS = 60, N_ITEMS = 23, LENGTH = 9 };

#define SMALL "d_model: 16, d_hidden: 24, max_length: 6, batch_size: 16, dropout: 0.1"

/* After item i comes i + 3 modulo N_ITEMS, from any start: one step of memory tells everything. */
static fixture cycles(void)
{
    fixture f = {.train = {.n_users = N_USERS, .n_items = N_ITEMS, .n = N_USERS * LENGTH}};
    f.train.start = calloc(N_USERS + 1, sizeof *f.train.start);
    f.train.item = calloc(f.train.n, sizeof *f.train.item);
    for (uint32_t u = 0; u < N_USERS; u++) {
        f.train.start[u + 1] = (u + 1) * LENGTH;
        for (uint32_t i = 0; i < LENGTH; i++)
            f.train.item[u * LENGTH + i] = (u * 5 + 3 * i) % N_ITEMS;
    }
    f.dataset.n_users = N_USERS;
    f.dataset.catalogue.n_items = N_ITEMS;
    return f;
}

/* Share of items whose successor is scored highest. */
static double hit_rate(const rec_model *m)
{
    size_t hits = 0;
    for (uint32_t i = 0; i < N_ITEMS; i++) {
        uint32_t history[2] = {(i + N_ITEMS - 3) % N_ITEMS, i};
        float scores[N_ITEMS];
        fixture_score(scores, m, history, 2);
        uint32_t best = 0;
        for (uint32_t j = 1; j < N_ITEMS; j++)
            best = scores[j] > scores[best] ? j : best;
        hits += best == (i + 3) % N_ITEMS;
    }
    return (double)hits / N_ITEMS;
}

/* Every loss learns the rule (chance: 1 / 23). */
START_TEST(learns_what_follows)
{
    static const char *const variants[] = {
        "loss: softmax",
        "loss: softmax, n_layers: 2, samples: prefixes",
        "loss: bpr_max, n_negatives: 8",
        "loss: top1, n_negatives: 0",
        "loss: top1_max, n_negatives: 8, sample_alpha: 0",
        "loss: bpr, n_negatives: 8",
    };
    rec_parallel_set_threads(1); /* tiny batches: a team costs more than it saves */
    for (size_t v = 0; v < sizeof variants / sizeof *variants; v++) {
        fixture f = cycles();
        char options[512];
        snprintf(options, sizeof options,
                 "{" SMALL ", %s, optimizer: {lr: 0.01}, training: {epochs: 100}}", variants[v]);
        rec_model *m = fixture_fitted("gru4rec", options, &f);
        ck_assert_msg(hit_rate(m) >= 0.6, "%s: hit rate %g", variants[v], hit_rate(m));
        rec_model_free(m);
        fixture_deinit(&f);
    }
}
END_TEST

/* items 23 * 16; layer (3 * 24) (16 + 24); dense 24 * 16 + 16. */
START_TEST(counts_parameters)
{
    fixture f = cycles();
    rec_model *m = fixture_fitted("gru4rec", "{" SMALL ", training: {epochs: 1}}", &f);
    ck_assert_uint_eq(m->type->n_parameters(m->self), 368 + 2880 + 400);
    rec_model_free(m);
    fixture_deinit(&f);
}
END_TEST

/* A row of a batch is the row alone; what comes before the latest max_length items is not read. */
START_TEST(sequences_do_not_mix)
{
    fixture f = cycles();
    rec_model *m = fixture_fitted("gru4rec", "{" SMALL ", training: {epochs: 2}}", &f);
    const uint32_t items[] = {9, 9, 1, 2, 3, 4, 5, 6};
    rec_query queries[] = {{.history = items + 2, .n_history = 6},
                           {.history = items, .n_history = 1},
                           {.history = NULL, .n_history = 0},
                           {.history = items, .n_history = 8}};
    float batch[4 * 16], alone[16];
    ck_assert_ok(m->type->encode(batch, m->self, queries, 4, err));
    for (size_t q = 0; q < 4; q++) {
        ck_assert_ok(m->type->encode(alone, m->self, queries + q, 1, err));
        for (size_t d = 0; d < 16; d++)
            ck_assert_double_le(fabs((double)(batch[q * 16 + d] - alone[d])), 1e-5);
    }
    for (size_t d = 0; d < 16; d++) {
        ck_assert_double_le(fabs((double)(batch[d] - batch[3 * 16 + d])), 1e-5);
        ck_assert_float_eq(batch[2 * 16 + d], 0.0f);
    }
    rec_model_free(m);
    fixture_deinit(&f);
}
END_TEST

START_TEST(same_bits_for_any_thread_count_and_after_load)
{
    fixture f = cycles();
    fixture_check_reproducible("gru4rec", "{" SMALL ", loss: bpr_max, n_negatives: 9, training: {epochs: 2}}", &f);
    fixture_check_reproducible("gru4rec", "{" SMALL ", loss: softmax, training: {epochs: 2}}", &f);
    fixture_deinit(&f);
}
END_TEST

/* Validation values 1, 3, 2, 2, ...: the second epoch's model is kept. */
typedef struct plan {
    size_t n;
    float kept; /* a parameter of the second epoch */
} plan;

static rec_status planned_value(double *out, void *context, const rec_recommender *type,
                                const void *self, const char *metric, rec_error *err)
{
    plan *p = context;
    (void)err;
    ck_assert_str_eq(metric, "recall@5");
    *out = p->n == 0 ? 1.0 : p->n == 1 ? 3.0 : 2.0;
    if (p->n++ == 1)
        p->kept = type->item_table(self).rows[0];
    return REC_OK;
}

START_TEST(stops_on_the_validation_metric)
{
    fixture f = cycles();
    plan p = {.n = 0};
    rec_validator validator = {.value = planned_value, .context = &p};
    rec_model *m = fixture_model(
        "gru4rec", "{" SMALL ", metric: recall@5, training: {epochs: 50, patience: 3}}");
    rec_fit_data data = {.dataset = &f.dataset, .train = &f.train, .seed = 1};
    data.validator = &validator;
    ck_assert_ok(m->type->fit(m->self, &data, err));
    ck_assert_uint_eq(p.n, 5);
    ck_assert_float_eq(m->type->item_table(m->self).rows[0], p.kept);
    rec_model_free(m);
    fixture_deinit(&f);
}
END_TEST

/* A validator that fails in epoch 3 plays the crash. */
static rec_status crash_later(double *out, void *context, const rec_recommender *type,
                              const void *self, const char *metric, rec_error *err)
{
    size_t *left = context;
    (void)type;
    (void)self;
    (void)metric;
    *out = 1.0;
    return (*left)-- > 0 ? REC_OK : rec_fail(err, REC_ERR_RESOURCE, "crash");
}

START_TEST(resumes_from_the_checkpoint)
{
    const char *options = "{" SMALL ", training: {epochs: 5, patience: 0, checkpoint_seconds: 0}}";
    char path[] = "/tmp/test_gru4rec_XXXXXX";
    ck_assert_int_ge(mkstemp(path), 0);
    unlink(path);
    fixture f = cycles();
    rec_model *m = fixture_model("gru4rec", options), *again = fixture_model("gru4rec", options);
    rec_model *whole = fixture_model("gru4rec", options);
    size_t left = 2, always = 1000;
    rec_validator validator = {.value = crash_later, .context = &left};
    rec_fit_data data = {.dataset = &f.dataset, .train = &f.train, .seed = 1};
    data.validator = &validator;
    data.checkpoint = path;
    ck_assert_fails(m->type->fit(m->self, &data, err), REC_ERR_RESOURCE, "crash");
    validator.context = &always;
    ck_assert_ok(again->type->fit(again->self, &data, err));
    data.checkpoint = NULL;
    ck_assert_ok(whole->type->fit(whole->self, &data, err));
    ck_assert_mem_eq(whole->type->item_table(whole->self).rows,
                     again->type->item_table(again->self).rows, 16 * N_ITEMS * sizeof(float));
    unlink(path);
    rec_model_free(m);
    rec_model_free(again);
    rec_model_free(whole);
    fixture_deinit(&f);
}
END_TEST

START_TEST(refusals)
{
    const float single[] = {1, 0, 0, 1};
    fixture f = fixture_dense(single, 2, 2);
    rec_model *m = fixture_model("gru4rec", NULL);
    ck_assert_fails(fixture_try_fit(m, &f, 1, err), REC_ERR_DATA, "two training interactions");
    rec_model_free(m);
    fixture_deinit(&f);
}
END_TEST

START_TEST(similar_items)
{
    fixture f = cycles();
    rec_model *m = fixture_fitted("gru4rec", "{" SMALL ", training: {epochs: 1}}", &f);
    uint32_t items[4];
    float similarities[4];
    size_t n_found;
    ck_assert_ok(m->type->similar(items, similarities, &n_found, m->self, 3, 4, err));
    for (size_t i = 0; i < n_found; i++)
        ck_assert_uint_ne(items[i], 3);
    rec_model_free(m);
    fixture_deinit(&f);
}
END_TEST

REC_SUITE("models/recommenders/gru4rec", tcase_add_test(t, learns_what_follows);
          tcase_add_test(t, counts_parameters); tcase_add_test(t, sequences_do_not_mix);
          tcase_add_test(t, same_bits_for_any_thread_count_and_after_load);
          tcase_add_test(t, stops_on_the_validation_metric);
          tcase_add_test(t, resumes_from_the_checkpoint); tcase_add_test(t, refusals);
          tcase_add_test(t, similar_items);)
