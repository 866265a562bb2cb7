#include <math.h>

#include "models/early_stopping.h"
#include "tests/suite.h"

static rec_status next_value(double *out, void *context, const rec_recommender *type,
                             const void *self, const char *metric, rec_error *err)
{
    (void)type;
    (void)self;
    (void)err;
    ck_assert_str_eq(metric, "mrr@10");
    *out = *(*(const double **)context)++;
    return REC_OK;
}

static const rec_recommender type = {.name = "model"};

/* Values .1 .3 .2 .3 .3: epoch 1 is best (an equal value is not better), patience 3 ends epoch 4. */
START_TEST(keeps_the_first_best_and_stops)
{
    const double values[] = {0.1, 0.3, 0.2, 0.3, 0.3}, *next = values;
    rec_early_stopping o = {.metric = "mrr@10", .patience = 3, .every = 1};
    rec_validator validator = {next_value, &next};
    rec_fit_data data = {.validator = &validator};
    rec_best_epoch best = {.epoch = -1};
    for (int64_t epoch = 0; epoch < 5; epoch++) {
        bool improved, stop;
        ck_assert_ok(
            rec_early_stopping_look(&improved, &stop, &best, &o, &data, &type, NULL, epoch, err));
        ck_assert_int_eq(improved, epoch < 2);
        ck_assert_int_eq(stop, epoch == 4);
    }
    ck_assert_int_eq(best.epoch, 1);
    ck_assert_double_eq(best.value, 0.3);
}
END_TEST

START_TEST(looks_every_so_many_epochs)
{
    const double values[] = {0.1, 0.2}, *next = values;
    rec_early_stopping o = {.metric = "mrr@10", .patience = 9, .every = 3};
    rec_validator validator = {next_value, &next};
    rec_fit_data data = {.validator = &validator};
    rec_best_epoch best = {.epoch = -1};
    bool improved, stop;
    for (int64_t epoch = 0; epoch < 6; epoch++) {
        ck_assert_ok(
            rec_early_stopping_look(&improved, &stop, &best, &o, &data, &type, NULL, epoch, err));
        ck_assert_int_eq(improved, epoch % 3 == 2);
    }
    ck_assert_int_eq(best.epoch, 5);
}
END_TEST

START_TEST(off_and_misused)
{
    bool improved = true, stop = true;
    rec_early_stopping off = {.patience = 1, .every = 1};
    rec_early_stopping on = {.metric = "mrr@10", .patience = 1, .every = 1};
    rec_fit_data data = {.validator = NULL};
    rec_best_epoch best = {.epoch = -1};
    ck_assert_ok(
        rec_early_stopping_look(&improved, &stop, &best, &off, &data, &type, NULL, 0, err));
    ck_assert(!improved && !stop);
    ck_assert_ok(rec_early_stopping_check(&off, &data, "m", err));
    ck_assert_fails(rec_early_stopping_check(&on, &data, "m", err), REC_ERR_CONFIG,
                    "m: early_stopping: no validation rows");
    const double nan_value = NAN, *next = &nan_value;
    rec_validator validator = {next_value, &next};
    data.validator = &validator;
    ck_assert_fails(
        rec_early_stopping_look(&improved, &stop, &best, &on, &data, &type, NULL, 0, err),
        REC_ERR_MODEL, "model: validation metric mrr@10 is not a number");
}
END_TEST

REC_SUITE("models/early_stopping", tcase_add_test(t, keeps_the_first_best_and_stops);
          tcase_add_test(t, looks_every_so_many_epochs); tcase_add_test(t, off_and_misused);)
