#include "tests/datasets/data.h"

#include <math.h>

#include "datasets/synth_truth.h"

START_TEST(same_seed_same_content)
{
    rec_dataset *a = data_load("{type: synth, users: 100, items: 60}");
    rec_dataset *b = data_load("{type: synth, users: 100, items: 60}");
    rec_dataset *c = data_load("{type: synth, users: 100, items: 60, generator_seed: 9}");
    ck_assert_str_eq(a->sha256, b->sha256);
    ck_assert_str_ne(a->sha256, c->sha256);
    ck_assert_uint_eq(a->n_users, 100);
    ck_assert_uint_eq(a->catalogue.n_items, 60);
    rec_dataset_free(a);
    rec_dataset_free(b);
    rec_dataset_free(c);
}
END_TEST

/* No user has an item twice; titles are unique; lengths have the mean that was asked for. */
START_TEST(rows_and_titles)
{
    rec_dataset *d = data_load(
        "{type: synth, users: 3000, items: 900, topics: 16, mean_length: 12, min_length: 4, "
        "filter: {duplicates: error}}");
    double mean = (double)d->interactions.n / 3000.0;
    ck_assert_double_eq_tol(mean, 12.0, 4.0 * sqrt(8.0 * 9.0 / 3000.0)); /* geometric with mean 8 */
    for (size_t i = 0; i < 900; i++)
        for (size_t j = 0; j < i; j++)
            ck_assert_str_ne(d->catalogue.titles[i], d->catalogue.titles[j]);
    for (size_t u = 0; u < d->n_users; u++) {
        ck_assert_uint_ge(d->interactions.start[u + 1] - d->interactions.start[u], 4);
        for (size_t i = d->interactions.start[u] + 1; i < d->interactions.start[u + 1]; i++)
            ck_assert_double_gt(d->interactions.time[i], d->interactions.time[i - 1]);
    }
    for (size_t i = 0; i < d->interactions.n; i++)
        ck_assert(d->interactions.value[i] >= 1 && d->interactions.value[i] <= 5);
    rec_dataset_free(d);
}
END_TEST

/* The share of values that are missing is the one asked for, within 4 standard errors. */
START_TEST(missing_values)
{
    rec_dataset *d = data_load("{type: synth, users: 10, items: 3000, missing: 0.3}");
    const rec_column *price = rec_catalogue_column(&d->catalogue, "price");
    const rec_column *genre = rec_catalogue_column(&d->catalogue, "genre");
    size_t no_price = 0, no_genre = 0;
    for (size_t i = 0; i < 3000; i++) {
        no_price += isnan(price->number[i]) != 0;
        no_genre += genre->text[i] == NULL;
    }
    double limit = 4.0 * sqrt(3000 * 0.3 * 0.7);
    ck_assert_double_lt(fabs((double)no_price - 900), limit);
    ck_assert_double_lt(fabs((double)no_genre - 900), limit);
    rec_dataset_free(d);
}
END_TEST

/* First items follow the class distributions: topics of class 0, chi-square, 7 degrees, 99.9 %. */
START_TEST(first_items_follow_the_truth)
{
    rec_dataset *d = data_load(
        "{type: synth, users: 20000, items: 240, classes: 2, mean_length: 1, min_length: 1, "
        "split: {type: none}}");
    rec_synth_truth t;
    double expected[8] = {0}, chi2 = 0.0, distribution[240];
    size_t hits[8] = {0}, n = 0;
    ck_assert_ok(rec_synth_truth_read(&t, d, err));
    ck_assert_ok(rec_synth_class_distribution(distribution, &t, 0, err));
    for (size_t i = 0; i < 240; i++)
        expected[t.topic[i]] += distribution[i];
    for (size_t u = 0; u < 20000; u++) {
        if (t.user_class[u] != 0)
            continue;
        hits[t.topic[d->interactions.item[d->interactions.start[u]]]]++;
        n++;
    }
    for (size_t k = 0; k < 8; k++) {
        ck_assert_double_eq_tol(expected[k], t.theta[k], 1e-12);
        chi2 += pow((double)hits[k] - (double)n * expected[k], 2) / ((double)n * expected[k]);
    }
    ck_assert_double_lt(chi2, 24.32);
    rec_synth_truth_deinit(&t);
    rec_dataset_free(d);
}
END_TEST

/* The planted sequel effect: after the first of two items the follower comes with s + (1 - s) P_c, all
 * over what is still free. The count of hits against its sum, within 4 standard errors. */
START_TEST(sequels_follow)
{
    rec_dataset *d = data_load(
        "{type: synth, users: 20000, items: 300, classes: 3, mean_length: 2, min_length: 2, "
        "sequence: 0.3, split: {type: none}}");
    rec_synth_truth t;
    double *p = calloc(3 * 300, sizeof *p), sum = 0.0, variance = 0.0, hits = 0.0;
    ck_assert_ok(rec_synth_truth_read(&t, d, err));
    for (size_t c = 0; c < 3; c++)
        ck_assert_ok(rec_synth_class_distribution(p + 300 * c, &t, c, err));
    for (size_t u = 0; u < 20000; u++) {
        const uint32_t *items = d->interactions.item + d->interactions.start[u];
        const double *own = p + 300 * t.user_class[u];
        uint32_t next = t.follows[items[0]];
        if (next == items[0])
            continue;
        double chance = (0.3 + 0.7 * own[next]) / (0.3 + 0.7 * (1.0 - own[items[0]]));
        sum += chance;
        variance += chance * (1.0 - chance);
        hits += items[1] == next;
    }
    ck_assert_double_lt(fabs(hits - sum), 4.0 * sqrt(variance));
    ck_assert_double_gt(hits, 5000);
    free(p);
    rec_synth_truth_deinit(&t);
    rec_dataset_free(d);
}
END_TEST

START_TEST(too_few_items)
{
    rec_dataset *d;
    ck_assert_fails(data_try(&d, "{type: synth, items: 10, topics: 8}", err), REC_ERR_CONFIG,
                    "3 items per topic");
}
END_TEST

REC_SUITE("datasets/readers/synth", tcase_add_test(t, same_seed_same_content);
          tcase_add_test(t, rows_and_titles); tcase_add_test(t, missing_values);
          tcase_add_test(t, first_items_follow_the_truth); tcase_add_test(t, sequels_follow);
          tcase_add_test(t, too_few_items);)
