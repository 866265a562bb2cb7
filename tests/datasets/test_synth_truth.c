#include "tests/datasets/data.h"

#include <math.h>

#include "datasets/synth_truth.h"

/* Two topics of two items each. theta (0.75, 0.25); weights 3 1 | 1 1; item 3 is cheap and class 1
 * thrifty with effect ln 3, so that it weighs 3 there. */
static void fill(rec_synth_truth *t)
{
    ck_assert_ok(rec_synth_truth_init(t, 1, 4, 2, 2, err));
    static const uint32_t topic[] = {0, 0, 1, 1};
    static const double weight[] = {3, 1, 1, 1}, theta[] = {0.75, 0.25, 0.75, 0.25};
    memcpy(t->topic, topic, sizeof topic);
    memcpy(t->weight, weight, sizeof weight);
    memcpy(t->theta, theta, sizeof theta);
    t->cheap[3] = 1;
    t->thrifty[1] = 1;
    t->price_effect = log(3.0);
    t->sequence = 0.25;
    t->follows[0] = 2;
    t->follows[1] = t->follows[2] = t->follows[3] = REC_NO_ITEM;
}

static void check_distribution(const rec_synth_truth *t, size_t c, const double *expected)
{
    double p[4];
    ck_assert_ok(rec_synth_class_distribution(p, t, c, err));
    for (size_t i = 0; i < t->n_items; i++)
        ck_assert_double_eq_tol(p[i], expected[i], 1e-12);
}

START_TEST(distribution_by_hand)
{
    rec_synth_truth t;
    fill(&t);
    check_distribution(&t, 0, (const double[]){0.5625, 0.1875, 0.125, 0.125});
    check_distribution(&t, 1, (const double[]){0.5625, 0.1875, 0.0625, 0.1875});
    t.n_items = 2; /* as if a filter had dropped topic 1: topic 0 takes all */
    check_distribution(&t, 0, (const double[]){0.75, 0.25});
    t.theta[0] = 0;
    double p[4];
    ck_assert_fails(rec_synth_class_distribution(p, &t, 0, err), REC_ERR_DATA,
                    "no item is left that taste class 0");
    t.n_items = 4;
    rec_synth_truth_deinit(&t);
}
END_TEST

START_TEST(tables_keep_everything)
{
    rec_synth_truth t, back;
    rec_builder *b;
    rec_dataset *d;
    uint32_t number;
    fill(&t);
    ck_assert_ok(rec_builder_new(&b, err));
    ck_assert_ok(rec_builder_user(&number, b, "u", 1, err));
    for (uint32_t i = 0; i < 4; i++) /* ids d c b a: the dense order is reversed */
        ck_assert_ok(rec_builder_item(&number, b, &"dcba"[i], 1, err));
    ck_assert_ok(rec_synth_truth_write(b, &t, err));
    ck_assert_ok(rec_builder_finish(&d, b, err));
    rec_builder_free(b);
    ck_assert_ok(rec_synth_truth_read(&back, d, err));
    ck_assert_double_eq(back.sequence, 0.25);
    ck_assert_double_eq(back.price_effect, t.price_effect);
    ck_assert_uint_eq(back.n_topics, 2);
    for (uint32_t i = 0; i < 4; i++) {
        ck_assert_uint_eq(back.topic[3 - i], t.topic[i]);
        ck_assert_double_eq(back.weight[3 - i], t.weight[i]);
        ck_assert_uint_eq(back.cheap[3 - i], t.cheap[i]);
    }
    ck_assert_uint_eq(back.follows[3], 1); /* d -> b */
    ck_assert_uint_eq(back.follows[0], REC_NO_ITEM);
    ck_assert_uint_eq(back.thrifty[1], 1);
    ck_assert_double_eq(back.theta[3], 0.25);
    rec_synth_truth_deinit(&back);
    /* a damaged table is a message */
    rec_column *topic =
        (rec_column *)rec_table_column(rec_dataset_table(d, "truth_items"), "topic");
    topic->number[2] = 7;
    ck_assert_fails(rec_synth_truth_read(&back, d, err), REC_ERR_DATA,
                    "table truth_items, row 2: topic is out of range");
    topic->type = REC_COLUMN_DATE;
    ck_assert_fails(rec_synth_truth_read(&back, d, err), REC_ERR_DATA,
                    "no fitting column \"topic\"");
    rec_dataset_free(d);
    rec_synth_truth_deinit(&t);
}
END_TEST

REC_SUITE("datasets/synth_truth", tcase_add_test(t, distribution_by_hand);
          tcase_add_test(t, tables_keep_everything);)
