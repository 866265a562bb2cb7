#include <math.h>
#include <unistd.h>

#include "tests/models/fixture.h"

/* Two groups of users with items of their own: the group's items come first. */
static void check_groups(const char *options)
{
    enum { USERS = 20, ITEMS = 12 };
    float cells[USERS * ITEMS] = {0}, scores[ITEMS];
    for (int u = 0; u < USERS; u++)
        for (int i = 0; i < ITEMS; i++)
            cells[u * ITEMS + i] = i / 6 == u / 10 && (u + i) % 5 != 0 ? 1.0f : 0.0f;
    fixture f = fixture_dense(cells, USERS, ITEMS);
    rec_model *m = fixture_fitted("bpr_mf", options, &f);
    uint32_t history[] = {6, 7};
    rec_query queries[] = {{.user = 12}, {.user = REC_NO_USER, .history = history, .n_history = 2}};
    for (int q = 0; q < 2; q++) {
        fixture_score_query(scores, m, &queries[q]);
        for (int i = 0; i < 6; i++)
            for (int j = 6; j < ITEMS; j++)
                ck_assert_float_lt(scores[i], scores[j]);
    }
    ck_assert_uint_eq(m->type->n_parameters(m->self), (USERS + ITEMS) * 4);
    rec_model_free(m);
    fixture_deinit(&f);
}

START_TEST(groups_are_found_by_every_optimizer)
{
    check_groups("{factors: 4}");
    check_groups("{factors: 4, optimizer: adagrad, batch: 16}");
    check_groups("{factors: 4, optimizer: adam, lr: 0.05, batch: 16, init: xavier}");
    check_groups("{factors: 4, sampling: users, epochs: 600}");
}
END_TEST

START_TEST(same_bits_for_any_thread_count_and_after_load)
{
    fixture f = fixture_random(70, 130, 0.1, 7);
    fixture_check_reproducible("bpr_mf", "{factors: 9, epochs: 3}", &f);
    fixture_check_reproducible("bpr_mf", "{factors: 9, epochs: 3, optimizer: adam}", &f);
    fixture_deinit(&f);
}
END_TEST

START_TEST(degenerate_data)
{
    fixture_check_degenerate("bpr_mf", NULL);
    fixture_check_degenerate("bpr_mf", "{optimizer: adagrad, batch: 10}");
}
END_TEST

/* A validation part whose value is scripted, and which can break the fit at one epoch, as a crash
 * would. */
typedef struct script {
    const double *values;
    int n_asked, break_at; /* -1: never */
} script;

static rec_status scripted_value(double *out, void *context, const rec_recommender *type,
                                 const void *self, const char *metric, rec_error *err)
{
    script *s = context;
    (void)type;
    (void)self;
    (void)metric;
    if (s->n_asked == s->break_at)
        return rec_fail(err, REC_ERR_INTERRUPTED, "broken off");
    *out = s->values[s->n_asked++];
    return REC_OK;
}

static rec_status fit_scripted(rec_model *m, fixture *f, script *s, const char *checkpoint,
                               rec_error *err)
{
    rec_validator validator = {scripted_value, s};
    rec_fit_data data = f->data;
    data.dataset = &f->dataset;
    data.train = &f->train;
    data.validator = &validator;
    data.seed = 5;
    data.checkpoint = checkpoint;
    return m->type->fit(m->self, &data, err);
}

static rec_model *fitted_epochs(fixture *f, const char *options)
{
    rec_model *m = fixture_model("bpr_mf", options);
    script none = {.break_at = -1};
    ck_assert_ok(fit_scripted(m, f, &none, NULL, err));
    return m;
}

static void assert_same_model(const rec_model *a, const rec_model *b, const fixture *f)
{
    float *x = fixture_score_all(a, f), *y = fixture_score_all(b, f);
    ck_assert_mem_eq(x, y, f->train.n_users * f->train.n_items * sizeof *x);
    float row_a[200], row_b[200];
    for (uint32_t u = 0; u < f->train.n_users; u++) {
        rec_query q = {.user = u};
        fixture_score_query(row_a, a, &q);
        fixture_score_query(row_b, b, &q);
        ck_assert_mem_eq(row_a, row_b, f->train.n_items * sizeof *row_a);
    }
    free(x);
    free(y);
}

/* Best at the third epoch, patience 2: five epochs run, three count. */
START_TEST(early_stopping_keeps_the_best_epoch)
{
    const double values[] = {0.1, 0.2, 0.5, 0.4, 0.3, 0.9};
    fixture f = fixture_random(30, 40, 0.1, 7);
    script s = {.values = values, .break_at = -1};
    rec_model *stopped = fixture_model(
        "bpr_mf", "{factors: 5, epochs: 50, early_stopping: {metric: m@1, patience: 2}}");
    ck_assert_ok(fit_scripted(stopped, &f, &s, NULL, err));
    ck_assert_int_eq(s.n_asked, 5);
    rec_model *three = fitted_epochs(&f, "{factors: 5, epochs: 3}");
    assert_same_model(stopped, three, &f);
    rec_model_free(stopped);
    rec_model_free(three);
    fixture_deinit(&f);
}
END_TEST

static void make_path(char path[])
{
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    close(fd);
    remove(path);
}

/* Broken off at every epoch in turn and started again: the undisturbed model, whatever the
 * optimizer keeps. */
START_TEST(resumed_training_gives_the_same_bits)
{
    static const double values[] = {0.1, 0.4, 0.3, 0.2, 0.5, 0.1, 0.1, 0.1, 0.1, 0.1};
    static const char *const optimizers[] = {"sgd", "adagrad", "adam"};
    fixture f = fixture_random(30, 40, 0.1, 7);
    for (int o = 0; o < 3; o++) {
        char options[200], path[] = "/tmp/recai_bpr_XXXXXX";
        snprintf(options, sizeof options,
                 "{factors: 5, epochs: 9, optimizer: %s, batch: 32, checkpoint_seconds: 0, "
                 "early_stopping: {metric: m@1, patience: 4}}",
                 optimizers[o]);
        script whole = {.values = values, .break_at = -1}, cut = {.values = values};
        rec_model *undisturbed = fixture_model("bpr_mf", options), *m = NULL;
        ck_assert_ok(fit_scripted(undisturbed, &f, &whole, NULL, err));
        make_path(path);
        for (cut.break_at = 0; cut.break_at < 10; cut.break_at++) {
            rec_model_free(m);
            m = fixture_model("bpr_mf", options);
            if (fit_scripted(m, &f, &cut, path, NULL) == REC_OK)
                break;
        }
        ck_assert_int_eq(cut.break_at, 9); /* one new epoch per start */
        assert_same_model(undisturbed, m, &f);
        rec_model_free(m); /* a finished training is not trained on */
        m = fixture_model("bpr_mf", options);
        ck_assert_ok(fit_scripted(m, &f, &cut, path, err));
        assert_same_model(undisturbed, m, &f);
        remove(path);
        rec_model_free(m);
        rec_model_free(undisturbed);
    }
    fixture_deinit(&f);
}
END_TEST

/* A training with other options starts anew; a damaged file is an error that names it. */
START_TEST(foreign_and_damaged_checkpoints)
{
    fixture f = fixture_random(30, 40, 0.1, 7);
    script s = {.break_at = -1};
    char path[] = "/tmp/recai_bpr_XXXXXX";
    make_path(path);
    rec_model *m = fixture_model("bpr_mf", "{factors: 5, epochs: 2, checkpoint_seconds: 0}");
    ck_assert_ok(fit_scripted(m, &f, &s, path, err));
    rec_model_free(m);
    m = fixture_model("bpr_mf", "{factors: 6, epochs: 2}");
    rec_model *fresh = fitted_epochs(&f, "{factors: 6, epochs: 2}");
    ck_assert_ok(fit_scripted(m, &f, &s, path, err));
    assert_same_model(m, fresh, &f);
    rec_model_free(m);
    rec_model_free(fresh);
    ck_assert_int_eq(truncate(path, 100), 0);
    m = fixture_model("bpr_mf", "{factors: 5, epochs: 2, checkpoint_seconds: 0}");
    ck_assert_fails(fit_scripted(m, &f, &s, path, err), REC_ERR_DATA, path);
    remove(path);
    rec_model_free(m);
    fixture_deinit(&f);
}
END_TEST

START_TEST(early_stopping_needs_a_validation_part)
{
    fixture f = fixture_random(5, 6, 0.3, 7);
    rec_model *m = fixture_model("bpr_mf", "{early_stopping: {metric: mrr@10}}");
    ck_assert_fails(fixture_try_fit(m, &f, 1, err), REC_ERR_CONFIG, "no validation rows");
    rec_model_free(m);
    fixture_deinit(&f);
}
END_TEST

REC_SUITE("models/recommenders/bpr_mf", tcase_add_test(t, groups_are_found_by_every_optimizer);
          tcase_add_test(t, same_bits_for_any_thread_count_and_after_load);
          tcase_add_test(t, degenerate_data);
          tcase_add_test(t, early_stopping_keeps_the_best_epoch);
          tcase_add_test(t, resumed_training_gives_the_same_bits);
          tcase_add_test(t, foreign_and_damaged_checkpoints);
          tcase_add_test(t, early_stopping_needs_a_validation_part);)
