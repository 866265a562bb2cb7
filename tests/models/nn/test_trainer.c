/* A linear regression: y = x W^T with a known W, batches drawn from the step number. */
#include "models/nn/trainer.h"

#include <stdio.h>
#include <unistd.h>

#include "core/hash.h"
#include "models/nn/linear.h"
#include "tests/models/nn/gradient_check.h"

enum { ROWS = 8, D = 3, BATCHES = 5 };

typedef struct regression {
    rec_params params;
    rec_arena arena;
    rec_tape tape;
    uint64_t stop_before; /* fail at this step, as a crash would; UINT64_MAX: never */
    bool nan;             /* at that step the loss is NaN instead */
    size_t epochs_started;
} regression;

static rec_status start_epoch(void *context, size_t epoch, rec_error *err)
{
    regression *r = context;
    (void)epoch;
    (void)err;
    r->epochs_started++;
    return REC_OK;
}

static rec_status batch(double *loss, void *context, size_t epoch, size_t index, uint64_t step,
                        rec_error *err)
{
    regression *r = context;
    ck_assert_uint_eq(step, epoch * BATCHES + index);
    if (step == r->stop_before) {
        *loss = NAN;
        return r->nan ? REC_OK : rec_fail(err, REC_ERR_RESOURCE, "crash");
    }
    float x[ROWS * D], slope[ROWS];
    rec_rng rng = rec_rng_keyed(1, "batch", step);
    for (size_t i = 0; i < ROWS * D; i++)
        x[i] = (float)rec_rng_normal(&rng);
    rec_tape_begin(&r->tape, REC_TAPE_TRAIN, rec_tape_step_seed(1, step));
    rec_tensor *y = rec_nn_linear(&r->tape, rec_tape_input(&r->tape, x, ROWS, D, false),
                                  &(rec_linear){.weight = rec_params_tensor(&r->params, 0)});
    *loss = 0.0;
    for (size_t i = 0; i < ROWS; i++) {
        float want = x[i * D] - 2.0f * x[i * D + 1] + 0.5f * x[i * D + 2];
        slope[i] = 2.0f * (y->value[i] - want) / ROWS;
        *loss += (double)(y->value[i] - want) * (double)(y->value[i] - want) / ROWS;
    }
    rec_tape_seed_gradient(&r->tape, y, slope);
    return rec_tape_backward(&r->tape, err);
}

/* Best at weight[0] = 0.5 on its way to 1: training past it gets worse. */
static rec_status validate(double *value, void *context, rec_error *err)
{
    regression *r = context;
    (void)err;
    *value = -fabs((double)rec_params_tensor(&r->params, 0)->value[0] - 0.5);
    return REC_OK;
}

static void init(regression *r)
{
    *r = (regression){.stop_before = UINT64_MAX};
    params_of(&r->params, 0.0f, (const size_t[][2]){{1, D}, {0, 0}});
    rec_tape_init(&r->tape, &r->arena);
}

static void deinit(regression *r)
{
    rec_params_deinit(&r->params);
    rec_arena_deinit(&r->arena);
}

static rec_training training;
static rec_optimizer_options optimizer;
static char path[64];

static void setup(void)
{
    rec_parallel_set_threads(1); /* tiny batches: a team costs more than it saves */
    ck_assert_ok(rec_options_defaults(&training, rec_training_options, err));
    ck_assert_ok(rec_options_defaults(&optimizer, rec_optimizer_option_table, err));
    optimizer.lr = 0.05;
    training.epochs = 12;
    training.checkpoint_seconds = 0.0; /* after every step */
    snprintf(path, sizeof path, "/tmp/test_trainer.%d", (int)getpid());
    unlink(path);
}

static void teardown(void)
{
    unlink(path);
}

static rec_status train(rec_training_report *report, regression *r, bool validated,
                        const char *checkpoint, rec_error *err)
{
    rec_params *block = &r->params;
    rec_training_task task = {.context = r, .label = "regression", .n_batches = BATCHES};
    task.start_epoch = start_epoch;
    task.batch = batch;
    task.validate = validated ? validate : NULL;
    return rec_train(report, &training, &optimizer, &block, 1, &task, checkpoint, "id", err);
}

START_TEST(learns)
{
    regression r;
    rec_training_report report;
    init(&r);
    training.epochs = 100;
    ck_assert_ok(train(&report, &r, false, NULL, err));
    ck_assert_uint_eq(report.n_epochs, 100);
    ck_assert_uint_eq(r.epochs_started, 100);
    ck_assert_double_lt(report.loss_train[99], 1e-3);
    ck_assert(isnan(report.value_valid[0]));
    ck_assert_float_eq_tol(rec_params_tensor(&r.params, 0)->value[1], -2.0f, 0.05f);
    rec_training_report_deinit(&report);
    deinit(&r);
}
END_TEST

START_TEST(stops_early_and_keeps_the_best)
{
    regression r;
    rec_training_report report;
    init(&r);
    training.epochs = 100;
    training.patience = 3;
    ck_assert_ok(train(&report, &r, true, NULL, err));
    ck_assert_uint_eq(report.n_epochs, report.best_epoch + 4);
    double value;
    ck_assert_ok(validate(&value, &r, err));
    ck_assert_double_eq(value, report.best_value);
    ck_assert_double_eq(value, report.value_valid[report.best_epoch]);
    rec_training_report_deinit(&report);
    deinit(&r);
}
END_TEST

/* Cut off at any step and started again: the same bits as an undisturbed run. */
START_TEST(resumes_bitwise)
{
    regression whole;
    rec_training_report want;
    init(&whole);
    training.accumulate = 2;
    ck_assert_ok(train(&want, &whole, true, NULL, err));
    for (uint64_t stop = 0; stop < 12; stop++) {
        regression r;
        rec_training_report report;
        unlink(path);
        init(&r);
        r.stop_before = stop;
        ck_assert_fails(train(&report, &r, true, path, err), REC_ERR_RESOURCE, "crash");
        deinit(&r);
        init(&r);
        ck_assert_ok(train(&report, &r, true, path, err));
        ck_assert_int_eq(memcmp(whole.params.value, r.params.value, D * sizeof(float)), 0);
        ck_assert_uint_eq(report.n_epochs, want.n_epochs);
        for (size_t e = 0; e < want.n_epochs; e++) {
            ck_assert(report.loss_train[e] == want.loss_train[e]);
            ck_assert(report.value_valid[e] == want.value_valid[e]);
        }
        rec_training_report_deinit(&report);
        deinit(&r);
    }
    /* a finished training is only read back */
    regression r;
    rec_training_report report;
    init(&r);
    r.stop_before = 0;
    ck_assert_ok(train(&report, &r, true, path, err));
    ck_assert_int_eq(memcmp(whole.params.value, r.params.value, D * sizeof(float)), 0);
    rec_training_report_deinit(&report);
    rec_training_report_deinit(&want);
    deinit(&r);
    deinit(&whole);
}
END_TEST

START_TEST(nan_stops_and_keeps_the_checkpoint)
{
    regression r;
    rec_training_report report;
    char before[REC_SHA256_HEX], after[REC_SHA256_HEX];
    init(&r);
    r.stop_before = 3;
    ck_assert_fails(train(&report, &r, false, path, err), REC_ERR_RESOURCE, "crash");
    deinit(&r);
    ck_assert_ok(rec_sha256_file(before, path, err));
    init(&r);
    r.stop_before = 3;
    r.nan = true;
    ck_assert_fails(train(&report, &r, false, path, err), REC_ERR_MODEL,
                    "regression: the loss of epoch 1, batch 4 is not finite");
    ck_assert_ok(rec_sha256_file(after, path, err));
    ck_assert_str_eq(before, after);
    deinit(&r);
}
END_TEST

REC_SUITE("models/nn/trainer", tcase_add_checked_fixture(t, setup, teardown);
          tcase_add_test(t, learns); tcase_add_test(t, stops_early_and_keeps_the_best);
          tcase_add_test(t, resumes_bitwise);
          tcase_add_test(t, nan_stops_and_keeps_the_checkpoint);)
