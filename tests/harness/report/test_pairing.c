#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/report/pairing.h"
#include "tests/suite.h"

static const char *const names[2] = {"left.h5", "right.h5"};

/* Users u1, u2, u3 once; the system drew nothing. */
static char *left_ids[] = {"1/u1/0", "1/u2/0", "1/u3/0"};
static char *left_users[] = {"u1", "u2", "u3"};
static uint64_t left_seeds[] = {1, 1, 1};
static rec_result left = {.task = "t",
                          .system = "a",
                          .n_samples = 3,
                          .sample_ids = left_ids,
                          .users = left_users,
                          .seeds = left_seeds};

/* The same users for two seeds, in another order. */
static char *right_ids[] = {"1/u2/0", "1/u3/0", "1/u1/0", "22/u3/0", "22/u1/0", "22/u2/0"};
static char *right_users[] = {"u2", "u3", "u1", "u3", "u1", "u2"};
static uint64_t right_seeds[] = {1, 1, 1, 22, 22, 22};
static rec_result right = {.task = "t",
                           .system = "b",
                           .n_samples = 6,
                           .sample_ids = right_ids,
                           .users = right_users,
                           .seeds = right_seeds};

START_TEST(seeds_are_averaged_per_user)
{
    const double a[] = {0.25, 0.5, 0.75}, b[] = {2, 3, 1, 5, NAN, 4};
    rec_pairing *p;
    rec_pairs x;
    ck_assert_ok(rec_pairing_new(&p, &left, &right, names, false, err));
    ck_assert_ok(rec_pairing_values(&x, p, a, b, err));
    ck_assert_uint_eq(x.n, 3);
    ck_assert_str_eq(x.users[2], "u3");
    ck_assert_double_eq(x.a[2], 0.75);
    ck_assert_double_eq(x.b[0], 1.0); /* the undefined one does not count */
    ck_assert_double_eq(x.b[1], 3.0); /* (2 + 4) / 2 */
    ck_assert_double_eq(x.b[2], 4.0); /* (3 + 5) / 2 */
    rec_pairs_deinit(&x);
    rec_pairing_free(p);
}
END_TEST

START_TEST(undefined_values_are_counted_per_side)
{
    const double a[] = {NAN, 0.5, 0.75}, b[] = {NAN, 3, 1, 5, 1, NAN};
    rec_pairing *p;
    rec_pairs x;
    ck_assert_ok(rec_pairing_new(&p, &left, &right, names, false, err));
    ck_assert_ok(rec_pairing_values(&x, p, a, b, err));
    ck_assert_uint_eq(x.n_a, 2);
    ck_assert_uint_eq(x.n_b, 2);
    ck_assert_uint_eq(x.n, 1);
    ck_assert_str_eq(x.users[0], "u3");
    rec_pairs_deinit(&x);
    rec_pairing_free(p);
}
END_TEST

START_TEST(different_sets_are_refused)
{
    rec_pairing *p = NULL;
    rec_result some = left;
    some.n_samples = 2;
    ck_assert_fails(rec_pairing_new(&p, &some, &right, names, false, err), REC_ERR_DATA,
                    "t: different test sets: 0 samples only in left.h5, 1 only in right.h5 (such "
                    "as \"u3/0\" in right.h5); --intersection compares the 2 common ones");
    ck_assert_ok(rec_pairing_new(&p, &some, &right, names, true, err));
    const double a[] = {1, 2}, b[] = {1, 2, 3, 4, 5, 6};
    rec_pairs x;
    ck_assert_ok(rec_pairing_values(&x, p, a, b, err));
    ck_assert_uint_eq(x.n, 2);
    rec_pairs_deinit(&x);
    rec_pairing_free(p);
}
END_TEST

START_TEST(nothing_in_common)
{
    char *ids[] = {"1/v1", "1/v2"};
    rec_pairing *p = NULL;
    rec_result other = {.task = "t", .n_samples = 2, .sample_ids = ids, .seeds = left_seeds};
    ck_assert_fails(rec_pairing_new(&p, &left, &other, names, true, err), REC_ERR_DATA,
                    "no sample in common");
}
END_TEST

START_TEST(different_candidates_are_refused)
{
    rec_pairing *p = NULL;
    rec_result sampled = left;
    sampled.n_candidates = 20;
    ck_assert_fails(rec_pairing_new(&p, &left, &sampled, names, true, err), REC_ERR_DATA,
                    "left.h5 ranks 0 candidates, right.h5 20");
}
END_TEST

/* Without users and seeds the whole id is the unit. */
START_TEST(bare_samples)
{
    char *ids[] = {"q2", "q1"};
    const double a[] = {1, 2}, b[] = {3, 4};
    rec_result bare = {.task = "t", .n_samples = 2, .sample_ids = ids};
    rec_pairing *p;
    rec_pairs x;
    ck_assert_ok(rec_pairing_new(&p, &bare, &bare, names, false, err));
    ck_assert_ok(rec_pairing_values(&x, p, a, b, err));
    ck_assert_uint_eq(x.n, 2);
    ck_assert_str_eq(x.users[0], "q1");
    ck_assert_double_eq(x.a[0], 2.0);
    ck_assert_double_eq(x.b[0], 4.0);
    rec_pairs_deinit(&x);
    rec_pairing_free(p);
}
END_TEST

/* Several targets of one user are one observation. */
START_TEST(targets_of_a_user_are_one_pair)
{
    char *ids[] = {"1/u1/0", "1/u1/1", "1/u2/0"}, *users[] = {"u1", "u1", "u2"};
    const double a[] = {1, 2, 7}, b[] = {3, 6, 9};
    rec_result x = {
        .task = "t", .n_samples = 3, .sample_ids = ids, .users = users, .seeds = left_seeds};
    rec_pairing *p;
    rec_pairs pairs;
    ck_assert_ok(rec_pairing_new(&p, &x, &x, names, false, err));
    ck_assert_ok(rec_pairing_values(&pairs, p, a, b, err));
    ck_assert_uint_eq(pairs.n, 2);
    ck_assert_double_eq(pairs.a[0], 1.5);
    ck_assert_double_eq(pairs.b[0], 4.5);
    rec_pairs_deinit(&pairs);
    rec_pairing_free(p);
}
END_TEST

REC_SUITE("harness/report/pairing", tcase_add_test(t, seeds_are_averaged_per_user);
          tcase_add_test(t, undefined_values_are_counted_per_side);
          tcase_add_test(t, different_sets_are_refused); tcase_add_test(t, nothing_in_common);
          tcase_add_test(t, different_candidates_are_refused); tcase_add_test(t, bare_samples);
          tcase_add_test(t, targets_of_a_user_are_one_pair);)
