/* Steps by hand where every draw is forced: a user with one of two items has one negative. */
#include <math.h>
#include <string.h>

#include "core/cpu.h"
#include "core/parallel.h"
#include "core/rng.h"
#include "models/bpr.h"
#include "tests/suite.h"

/* n_users users, all with item 0 of two. */
typedef struct world {
    rec_sparse positives;
    rec_factors users, items;
    rec_bpr bpr;
} world;

static void world_init(world *w, size_t n_users, rec_bpr_options options)
{
    ck_assert_ok(rec_sparse_init(&w->positives, n_users, 2, n_users, err));
    for (size_t u = 0; u < n_users; u++)
        w->positives.start[u + 1] = u + 1;
    ck_assert_ok(rec_factors_init(&w->users, n_users, 2, err));
    ck_assert_ok(rec_factors_init(&w->items, 2, 2, err));
    for (size_t u = 0; u < n_users; u++)
        rec_factors_row(&w->users, u)[0] = 1.0f + (float)u; /* (1, 0), (2, 0), ... */
    rec_factors_row(&w->items, 0)[0] = 0.5f;
    rec_factors_row(&w->items, 1)[1] = 0.25f;
    ck_assert_ok(rec_bpr_init(&w->bpr, &w->users, &w->items, &w->positives, &options, err));
}

static void world_deinit(world *w)
{
    rec_bpr_deinit(&w->bpr);
    rec_factors_deinit(&w->users);
    rec_factors_deinit(&w->items);
    rec_sparse_deinit(&w->positives);
}

static void check_row(const rec_factors *f, size_t row, double a, double b)
{
    ck_assert_double_eq_tol(rec_factors_row(f, row)[0], a, 1e-6);
    ck_assert_double_eq_tol(rec_factors_row(f, row)[1], b, 1e-6);
    ck_assert_float_eq(rec_factors_row(f, row)[2], 0.0f); /* padding stays zero */
}

static double sigma(double x)
{
    return 1.0 / (1.0 + exp(-x));
}

/* u = (1, 0), i = (.5, 0), j = (0, .25): x = .5, w = sigma(-.5). Batches of 1 and of 4 agree. */
START_TEST(sgd_step_by_hand)
{
    for (size_t batch = 1; batch <= 4; batch += 3)
        for (int level = REC_CPU_GENERIC; level <= REC_CPU_AVX512; level++) {
            world w;
            double accuracy, weight = sigma(-0.5), lr = 0.1, l2 = 0.2;
            rec_cpu_set_cap((rec_cpu_level_id)level);
            world_init(&w, 1, (rec_bpr_options){.lr = lr, .l2 = l2, .batch = batch});
            ck_assert_ok(rec_bpr_epoch(&accuracy, &w.bpr, 0, err));
            ck_assert_double_eq(accuracy, 1.0);
            check_row(&w.users, 0, 1 + lr * (weight * 0.5 - l2), -lr * weight * 0.25);
            check_row(&w.items, 0, 0.5 + lr * (weight - l2 * 0.5), 0);
            check_row(&w.items, 1, -lr * weight, 0.25 - lr * l2 * 0.25);
            world_deinit(&w);
        }
}
END_TEST

/* Two users in one batch: item gradients add up, all taken at the values before the batch. */
START_TEST(gradients_of_a_batch_are_summed)
{
    world w;
    double accuracy, lr = 0.1, w0 = sigma(-0.5), w1 = sigma(-1.0);
    world_init(&w, 2, (rec_bpr_options){.lr = lr, .batch = 2});
    ck_assert_ok(rec_bpr_epoch(&accuracy, &w.bpr, 0, err));
    check_row(&w.users, 0, 1 + lr * w0 * 0.5, -lr * w0 * 0.25);
    check_row(&w.users, 1, 2 + lr * w1 * 0.5, -lr * w1 * 0.25);
    check_row(&w.items, 0, 0.5 + lr * (w0 + 2 * w1), 0);
    check_row(&w.items, 1, -lr * (w0 + 2 * w1), 0.25);
    world_deinit(&w);
}
END_TEST

/* Adagrad's first step is lr g / |g|; the second divides by the root of both squares. */
START_TEST(adagrad_steps_by_hand)
{
    for (size_t batch = 1; batch <= 2; batch++) {
        world w;
        double accuracy, lr = 0.1;
        world_init(&w, 1, (rec_bpr_options){.lr = lr, .batch = batch, .rule = REC_STEP_ADAGRAD});
        ck_assert_ok(rec_bpr_epoch(&accuracy, &w.bpr, 0, err));
        check_row(&w.users, 0, 1 + lr, -lr);
        check_row(&w.items, 0, 0.5 + lr, 0);
        check_row(&w.items, 1, -lr, 0.25);
        double first = sigma(-0.5), margin = 1.1 * 0.7 + 0.1 * 0.25;
        double second = sigma(-margin), g0 = first * 0.5, g1 = second * 0.7;
        ck_assert_ok(rec_bpr_epoch(&accuracy, &w.bpr, 1, err));
        check_row(&w.users, 0, 1.1 + lr * g1 / sqrt(g0 * g0 + g1 * g1),
                  -0.1 - lr * second * 0.25 / hypot(first * 0.25, second * 0.25));
        world_deinit(&w);
    }
}
END_TEST

/* Adam's first step is lr g / |g| as well. In the next batch of two, user 0 has no sample but still
 * moves: m = .9 (.1 g), v = .999 (.001 g^2), so lr (.09 / .19) g / (sqrt(.000999 / .001999) |g|). */
START_TEST(adam_steps_by_hand)
{
    world w;
    double accuracy, lr = 0.01;
    world_init(&w, 2, (rec_bpr_options){.lr = lr, .batch = 1, .rule = REC_STEP_ADAM});
    ck_assert_ok(rec_bpr_epoch(&accuracy, &w.bpr, 0, err));
    ck_assert_uint_eq(w.bpr.n_batches, 2);
    double later = lr * 0.09 / 0.19 / sqrt(0.000999 / 0.001999);
    double moved0 = (double)rec_factors_row(&w.users, 0)[0] - 1.0;
    double moved1 = (double)rec_factors_row(&w.users, 1)[0] - 2.0;
    bool zero_first = moved0 > moved1; /* the user of the first batch coasts in the second */
    ck_assert_double_eq_tol(zero_first ? moved0 : moved1, lr + later, 1e-6);
    /* The other user's first gradient comes at t = 2: m = .1 g / .19, v = .001 g^2 / .001999. */
    ck_assert_double_eq_tol(zero_first ? moved1 : moved0,
                            lr * (0.1 / 0.19) / sqrt(0.001 / 0.001999), 1e-6);
    world_deinit(&w);
}
END_TEST

/* Samples of an epoch: every pair once, negatives outside of the user's items; a user who has
 * everything and one who has nothing take no part. */
static void random_positives(rec_sparse *p, size_t n_users, size_t n_items)
{
    size_t n = 0;
    ck_assert_ok(rec_sparse_init(p, n_users, n_items, n_users * n_items, err));
    for (size_t u = 0; u < n_users; u++) {
        rec_rng r = rec_rng_keyed(2, "positives", u);
        for (uint32_t i = 0; i < n_items; i++)
            if (u == 1 || (u != 2 && rec_rng_below(&r, 4) == 0))
                p->column[n++] = i;
        p->start[u + 1] = n;
    }
}

START_TEST(samples_are_pairs_and_items_outside)
{
    enum { USERS = 40, ITEMS = 30 };
    rec_sparse positives;
    rec_factors users, items;
    rec_bpr b;
    double accuracy;
    unsigned char seen[USERS][ITEMS] = {0};
    random_positives(&positives, USERS, ITEMS);
    ck_assert_ok(rec_factors_init(&users, USERS, 1, err));
    ck_assert_ok(rec_factors_init(&items, ITEMS, 1, err));
    ck_assert_ok(rec_bpr_init(&b, &users, &items, &positives,
                              &(rec_bpr_options){.lr = 0.1, .batch = 1}, err));
    ck_assert_ok(rec_bpr_epoch(&accuracy, &b, 0, err));
    ck_assert_uint_eq(b.n_pairs, rec_sparse_n_values(&positives) - ITEMS);
    ck_assert_uint_eq(b.n_active, USERS - 2);
    for (size_t s = 0; s < b.n_pairs; s++) {
        ck_assert_uint_ne(b.sample_user[s], 1);
        ck_assert(rec_item_sets_contain(&b.sets, b.sample_user[s], b.sample_item[s]));
        ck_assert(!rec_item_sets_contain(&b.sets, b.sample_user[s], b.sample_other[s]));
        ck_assert_int_eq(seen[b.sample_user[s]][b.sample_item[s]]++, 0);
    }
    rec_bpr_deinit(&b);
    ck_assert_ok(
        rec_bpr_init(&b, &users, &items, &positives,
                     &(rec_bpr_options){.lr = 0.1, .batch = 1, .sampling = REC_SAMPLE_USERS}, err));
    ck_assert_ok(rec_bpr_epoch(&accuracy, &b, 0, err));
    ck_assert_uint_eq(b.n_samples, USERS - 2);
    for (size_t s = 0; s < b.n_samples; s++)
        ck_assert(rec_item_sets_contain(&b.sets, b.sample_user[s], b.sample_item[s]));
    rec_bpr_deinit(&b);
    rec_factors_deinit(&users);
    rec_factors_deinit(&items);
    rec_sparse_deinit(&positives);
}
END_TEST

START_TEST(no_pairs_no_samples)
{
    rec_sparse positives;
    rec_factors users, items;
    rec_bpr b;
    double accuracy;
    ck_assert_ok(rec_sparse_init(&positives, 2, 3, 0, err));
    ck_assert_ok(rec_factors_init(&users, 2, 1, err));
    ck_assert_ok(rec_factors_init(&items, 3, 1, err));
    ck_assert_ok(rec_bpr_init(&b, &users, &items, &positives,
                              &(rec_bpr_options){.lr = 0.1, .batch = 8}, err));
    ck_assert_ok(rec_bpr_epoch(&accuracy, &b, 0, err));
    ck_assert_double_nan(accuracy);
    rec_bpr_deinit(&b);
    rec_factors_deinit(&users);
    rec_factors_deinit(&items);
    rec_sparse_deinit(&positives);
}
END_TEST

static void train(rec_factors *users, rec_factors *items, const rec_sparse *positives,
                  rec_bpr_options options, size_t n_threads)
{
    rec_bpr b;
    double accuracy;
    rec_parallel_set_threads(n_threads);
    ck_assert_ok(rec_factors_init(users, positives->n_rows, 40, err));
    ck_assert_ok(rec_factors_init(items, positives->n_columns, 40, err));
    rec_factors_fill_normal(users, 0.1, 1, "users");
    rec_factors_fill_normal(items, 0.1, 1, "items");
    ck_assert_ok(rec_bpr_init(&b, users, items, positives, &options, err));
    for (uint64_t epoch = 0; epoch < 2; epoch++)
        ck_assert_ok(rec_bpr_epoch(&accuracy, &b, epoch, err));
    rec_bpr_deinit(&b);
}

/* Batches of 1, of some, and of so many that threads share one. */
START_TEST(same_bits_for_any_thread_count)
{
    static const size_t batches[] = {1, 500, 20000};
    rec_sparse positives;
    random_positives(&positives, 400, 250);
    for (int rule = REC_STEP_SGD; rule <= REC_STEP_ADAM; rule++)
        for (int c = rule == REC_STEP_ADAM; c < 3; c++) { /* Adam moves all rows: 1 takes long */
            rec_factors users[3], items[3];
            rec_bpr_options options = {.lr = 0.01, .l2 = 0.01, .batch = batches[c], .rule = rule};
            static const size_t threads[] = {1, 2, 7};
            for (int k = 0; k < 3; k++)
                train(&users[k], &items[k], &positives, options, threads[k]);
            for (int k = 1; k < 3; k++) {
                ck_assert_mem_eq(users[0].data, users[k].data, 400 * users[0].stride * 4);
                ck_assert_mem_eq(items[0].data, items[k].data, 250 * items[0].stride * 4);
            }
            for (int k = 0; k < 3; k++) {
                rec_factors_deinit(&users[k]);
                rec_factors_deinit(&items[k]);
            }
        }
    rec_sparse_deinit(&positives);
}
END_TEST

/* One epoch over the history {0} of two items from u = 0: x = 0, g = (i - j) / 2, an Adagrad step of
 * length lr per coordinate. */
START_TEST(fold_in_by_hand)
{
    world w;
    rec_item_sets sets;
    rec_factors u;
    world_init(&w, 2, (rec_bpr_options){.lr = 1, .batch = 1});
    ck_assert_ok(rec_item_sets_init(&sets, &w.positives, err));
    ck_assert_ok(rec_factors_init(&u, 2, 2, err));
    rec_bpr_fold_in(rec_factors_row(&u, 0), rec_factors_row(&u, 1), &w.items, &sets, 0, 1, 0.3, 0,
                    7);
    check_row(&u, 0, 0.3, -0.3);
    rec_item_sets_deinit(&sets);
    w.positives.start[2] = 1; /* user 1 has no history */
    ck_assert_ok(rec_item_sets_init(&sets, &w.positives, err));
    rec_bpr_fold_in(rec_factors_row(&u, 0), rec_factors_row(&u, 1), &w.items, &sets, 1, 1, 0.3, 0,
                    7);
    check_row(&u, 0, 0, 0);
    rec_item_sets_deinit(&sets);
    rec_factors_deinit(&u);
    world_deinit(&w);
}
END_TEST

REC_SUITE("models/bpr", tcase_add_test(t, sgd_step_by_hand);
          tcase_add_test(t, gradients_of_a_batch_are_summed);
          tcase_add_test(t, adagrad_steps_by_hand); tcase_add_test(t, adam_steps_by_hand);
          tcase_add_test(t, samples_are_pairs_and_items_outside);
          tcase_add_test(t, no_pairs_no_samples); tcase_add_test(t, same_bits_for_any_thread_count);
          tcase_add_test(t, fold_in_by_hand);)
