#include "tests/suite.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/yaml.h"
#include "datasets/synth_truth.h"
#include "models/recommender.h"

static rec_dataset *load(const char *yaml)
{
    rec_yaml *map;
    rec_dataset *d;
    ck_assert_ok(rec_yaml_parse(&map, yaml, strlen(yaml), "test.yaml", err));
    ck_assert_ok(rec_dataset_load(&d, map, 3, err));
    rec_yaml_free(map);
    return d;
}

static rec_model *fitted(const rec_dataset *d, const char *options)
{
    rec_model *m;
    rec_yaml *map;
    rec_fit_data data = {.dataset = d, .train = &d->interactions};
    ck_assert_ok(rec_yaml_parse(&map, options, strlen(options), "test.yaml", err));
    ck_assert_ok(rec_model_new(&m, "oracle", map, NULL, err));
    ck_assert_ok(m->type->fit(m->self, &data, err));
    rec_yaml_free(map);
    return m;
}

static rec_query prefix(const rec_dataset *d, uint32_t user, size_t n)
{
    return (rec_query){.user = user,
                       .history = d->interactions.item + d->interactions.start[user],
                       .n_history = n};
}

/* Probabilities: 0 on what was had, 1 in total. */
START_TEST(scores_are_probabilities)
{
    rec_dataset *d = load("{type: synth, users: 50, items: 60}");
    rec_model *m = fitted(d, "{}");
    float scores[60];
    for (uint32_t u = 0; u < 50; u++) {
        for (int known = 0; known < 2; known++) {
            rec_query q = prefix(d, u, 4);
            q.user = known ? u : REC_NO_USER;
            ck_assert_ok(m->type->score(scores, m->self, &q, 1, err));
            double total = 0.0;
            for (size_t i = 0; i < 60; i++)
                total += scores[i];
            ck_assert_double_eq_tol(total, 1.0, 1e-5);
            for (size_t i = 0; i < 4; i++)
                ck_assert_float_eq(scores[q.history[i]], 0.0f);
        }
    }
    rec_model_free(m);
    rec_dataset_free(d);
}
END_TEST

/* Is the most probable item the next one as often as its probability says? Over all steps of 2,000
 * users: the difference of hits and probabilities has mean 0 and variance sum p (1 - p). */
static void check_calibration(const char *options)
{
    rec_dataset *d = load("{type: synth, users: 2000, items: 80, split: {type: none}}");
    rec_model *m = fitted(d, options);
    float scores[80];
    double difference = 0.0, variance = 0.0, mean = 0.0;
    size_t n = 0;
    for (uint32_t u = 0; u < 2000; u++) {
        size_t length = d->interactions.start[u + 1] - d->interactions.start[u];
        for (size_t t = 0; t < length; t += 3) {
            rec_query q = prefix(d, u, t);
            size_t best = 0;
            ck_assert_ok(m->type->score(scores, m->self, &q, 1, err));
            for (size_t i = 1; i < 80; i++)
                best = scores[i] > scores[best] ? i : best;
            double p = scores[best];
            difference += (q.history[t] == best) - p;
            variance += p * (1.0 - p);
            mean += p;
            n++;
        }
    }
    ck_assert_double_lt(fabs(difference), 4.0 * sqrt(variance));
    ck_assert_double_gt(mean / (double)n, 0.1); /* far above 1 in 80 */
    rec_model_free(m);
    rec_dataset_free(d);
}

START_TEST(known_users_are_calibrated)
{
    check_calibration("{known_users: true}");
}
END_TEST

START_TEST(posterior_is_calibrated)
{
    check_calibration("{known_users: false}");
}
END_TEST

/* One class, no sequel effect, no history: the scores are P_0. */
START_TEST(first_item_has_the_class_distribution)
{
    rec_dataset *d =
        load("{type: synth, users: 10, items: 30, classes: 1, topics: 4, sequence: 0}");
    rec_model *m = fitted(d, "{}");
    rec_synth_truth truth;
    float scores[30];
    double expected[30];
    rec_query q = {.user = REC_NO_USER};
    ck_assert_ok(rec_synth_truth_read(&truth, d, err));
    ck_assert_ok(rec_synth_class_distribution(expected, &truth, 0, err));
    ck_assert_ok(m->type->score(scores, m->self, &q, 1, err));
    for (size_t i = 0; i < 30; i++)
        ck_assert_double_eq_tol(scores[i], expected[i], 1e-7);
    rec_synth_truth_deinit(&truth);
    rec_model_free(m);
    rec_dataset_free(d);
}
END_TEST

START_TEST(real_data_has_no_truth)
{
    rec_dataset *d = load("{type: recbole, path: '" REC_TEST_DIR "/datasets/fixtures/recbole'}");
    rec_model *m;
    rec_fit_data data = {.dataset = d, .train = &d->interactions};
    ck_assert_ok(rec_model_new(&m, "oracle", NULL, NULL, err));
    ck_assert_fails(m->type->fit(m->self, &data, err), REC_ERR_DATA, "only synthetic data");
    rec_model_free(m);
    rec_dataset_free(d);
}
END_TEST

/* Filters drop users and items; the truth of those that stay is found by id. */
START_TEST(survives_filters)
{
    rec_dataset *d = load("{type: synth, users: 60, items: 90, filter: {k_core: 6}}");
    ck_assert_uint_lt(d->catalogue.n_items, 90);
    rec_model *m = fitted(d, "{}");
    float *scores = calloc(d->catalogue.n_items, sizeof *scores);
    rec_query q = prefix(d, 0, 3);
    ck_assert_ok(m->type->score(scores, m->self, &q, 1, err));
    double total = 0.0;
    for (size_t i = 0; i < d->catalogue.n_items; i++)
        total += scores[i];
    ck_assert_double_eq_tol(total, 1.0, 1e-5);
    free(scores);
    rec_model_free(m);
    rec_dataset_free(d);
}
END_TEST

REC_SUITE("models/recommenders/oracle", tcase_add_test(t, scores_are_probabilities);
          tcase_add_test(t, known_users_are_calibrated); tcase_add_test(t, posterior_is_calibrated);
          tcase_add_test(t, first_item_has_the_class_distribution);
          tcase_add_test(t, real_data_has_no_truth); tcase_add_test(t, survives_filters);)
