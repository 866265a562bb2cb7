/* Every allocation of making, fitting, saving state and asking a sequence model fails once: a status,
 * or success where it was only the progress bar's; nothing leaks (ASan). */
#include <unistd.h>

#include "tests/failing_malloc.h"
#include "tests/models/fixture.h"

static const float cells[] = {1, 1, 0, 1, 1, 1, 1, 1, 0, 0, 1, 1};
static fixture f;
static const char *type;
static rec_yaml *options;
static char path[] = "/tmp/test_sequence_XXXXXX";

static rec_status constant(double *out, void *context, const rec_recommender *kind,
                           const void *self, const char *metric, rec_error *err)
{
    (void)context;
    (void)kind;
    (void)self;
    (void)metric;
    (void)err;
    *out = 1.0;
    return REC_OK;
}

static rec_status make_fit_and_ask(rec_error *err)
{
    static const uint32_t history[] = {0, 2};
    rec_validator validator = {.value = constant};
    rec_fit_data data = {.dataset = &f.dataset, .train = &f.train, .seed = 1};
    rec_query q = {.user = REC_NO_USER, .history = history, .n_history = 2};
    rec_model *m;
    rec_status status;
    float vector[8];
    data.validator = &validator;
    data.checkpoint = path;
    unlink(path);
    REC_TRY(rec_model_new(&m, type, options, NULL, err));
    REC_TRY(m->type->fit(m->self, &data, err));
    REC_TRY(m->type->encode(vector, m->self, &q, 1, err));
cleanup:
    rec_model_free(m);
    return status;
}

static void fail_each(const char *name, const char *text)
{
    type = name;
    ck_assert_ok(rec_yaml_parse(&options, text, strlen(text), "test.yaml", err));
    for (size_t n = 1;; n++) {
        rec_error error = {.status = REC_OK};
        failing_malloc_arm(n);
        rec_status status = make_fit_and_ask(&error);
        bool reached = failing_malloc_disarm();
        ck_assert_msg(status == REC_OK || (reached && status == REC_ERR_RESOURCE), "%zu: %s", n,
                      error.message);
        if (!reached)
            break;
    }
    rec_yaml_free(options);
}

START_TEST(nth_allocation_fails)
{
    rec_parallel_set_threads(1);
    ck_assert_int_ge(mkstemp(path), 0);
    f = fixture_dense(cells, 4, 3);
    fail_each("sasrec", "{d_model: 8, n_layers: 1, max_length: 3, batch_size: 2, "
                        "training: {epochs: 2, checkpoint_seconds: 0}}");
    fail_each("gru4rec", "{d_model: 8, d_hidden: 4, max_length: 3, batch_size: 2, loss: bpr_max, "
                         "n_negatives: 2, training: {epochs: 2}}");
    fixture_deinit(&f);
    unlink(path);
}
END_TEST

REC_SUITE("models/recommenders/sequence_alloc", tcase_add_test(t, nth_allocation_fails);)
