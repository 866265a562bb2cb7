#include "models/next_item.h"

#include "core/parallel.h"
#include "tests/suite.h"

/* User 0: 5 6 7 8 9; user 1: 3; user 2: 1 2; user 3: nothing. */
static size_t start[] = {0, 5, 6, 8, 8};
static uint32_t item[] = {5, 6, 7, 8, 9, 3, 1, 2};
static rec_interactions train = {.n_users = 4, .n_items = 10, .n = 8, .start = start, .item = item};

static rec_next_items samples(rec_sample_kind kind, size_t max_length)
{
    rec_next_items s;
    ck_assert_ok(rec_next_items_init(&s, &train, kind, max_length, err));
    return s;
}

static void check_items(const uint32_t *have, size_t n, const uint32_t *want)
{
    for (size_t i = 0; i < n; i++)
        ck_assert_uint_eq(have[i], want[i]);
}

START_TEST(one_sequence_per_user)
{
    rec_next_items s = samples(REC_SAMPLE_SEQUENCES, 3);
    rec_packed_batch b;
    ck_assert_uint_eq(s.n, 2);
    ck_assert_ok(rec_packed_batch_init(&b, 2, 3, 0, err));
    rec_packed_batch_fill(&b, &s, 0, 2);
    ck_assert_uint_eq(b.n_sequences, 2);
    ck_assert_uint_eq(b.n_rows, 4);
    ck_assert_uint_eq(b.n_targets, 4);
    check_items(b.start, 3, (const uint32_t[]){0, 3, 4});
    check_items(b.inputs, 4, (const uint32_t[]){6, 7, 8, 1}); /* the latest three */
    check_items(b.targets, 4, (const uint32_t[]){7, 8, 9, 2});
    check_items(b.positions, 4, (const uint32_t[]){0, 1, 2, 2}); /* from the end */
    check_items(b.target_rows, 4, (const uint32_t[]){0, 1, 2, 3});
    check_items(b.target_users, 4, (const uint32_t[]){0, 0, 0, 2});
    rec_packed_batch_deinit(&b);
    rec_next_items_deinit(&s);
}
END_TEST

START_TEST(every_prefix)
{
    rec_next_items s = samples(REC_SAMPLE_PREFIXES, 3);
    rec_packed_batch b;
    ck_assert_uint_eq(s.n, 5);
    ck_assert_ok(rec_packed_batch_init(&b, 5, 3, 0, err));
    rec_packed_batch_fill(&b, &s, 0, 5);
    check_items(b.start, 6, (const uint32_t[]){0, 1, 3, 6, 9, 10});
    check_items(b.inputs, 10, (const uint32_t[]){5, 5, 6, 5, 6, 7, 6, 7, 8, 1});
    ck_assert_uint_eq(b.n_targets, 5);
    check_items(b.targets, 5, (const uint32_t[]){6, 7, 8, 9, 2});
    check_items(b.target_rows, 5, (const uint32_t[]){0, 2, 5, 8, 9});
    rec_packed_batch_deinit(&b);
    rec_next_items_deinit(&s);
}
END_TEST

START_TEST(histories)
{
    rec_packed_batch b;
    ck_assert_ok(rec_packed_batch_init(&b, 2, 3, 0, err));
    rec_packed_batch_append(&b, NULL, 0);
    rec_packed_batch_append(&b, (const uint32_t[]){1, 2, 3, 4}, 4);
    check_items(b.start, 3, (const uint32_t[]){0, 0, 3});
    check_items(b.inputs, 3, (const uint32_t[]){2, 3, 4});
    rec_packed_batch_clear(&b);
    ck_assert_uint_eq(b.n_rows, 0);
    rec_packed_batch_deinit(&b);
}
END_TEST

START_TEST(orders_depend_on_the_epoch)
{
    rec_next_items s = samples(REC_SAMPLE_PREFIXES, 3);
    uint32_t first[5], seen = 0;
    rec_next_items_shuffle(&s, 1, 0);
    memcpy(first, s.order, sizeof first);
    for (size_t i = 0; i < 5; i++)
        seen |= 1u << s.order[i];
    ck_assert_uint_eq(seen, 31);
    bool differs = false;
    for (size_t epoch = 1; epoch < 5; epoch++) {
        rec_next_items_shuffle(&s, 1, epoch);
        differs = differs || memcmp(first, s.order, sizeof first) != 0;
    }
    ck_assert(differs);
    rec_next_items_shuffle(&s, 1, 0); /* and on nothing else */
    ck_assert_int_eq(memcmp(first, s.order, sizeof first), 0);
    rec_next_items_deinit(&s);
}
END_TEST

/* Negatives avoid the user's items and hit all others; threads and earlier draws do not matter. */
START_TEST(negatives)
{
    rec_next_items s = samples(REC_SAMPLE_SEQUENCES, 4);
    rec_packed_batch b;
    uint32_t kept[5 * 51];
    ck_assert_ok(rec_packed_batch_init(&b, 2, 4, 50, err));
    ck_assert_uint_eq(b.n_candidates, 51);
    rec_packed_batch_fill(&b, &s, 0, 2);
    for (size_t threads = 1; threads <= 2; threads++) {
        rec_parallel_set_threads(threads);
        ck_assert_ok(rec_packed_batch_sample(&b, &s, 3, 7, err));
        if (threads == 1)
            memcpy(kept, b.candidates, sizeof kept);
    }
    ck_assert_int_eq(memcmp(kept, b.candidates, sizeof kept), 0);
    unsigned hit[2] = {0, 0};
    for (size_t t = 0; t < b.n_targets; t++) {
        ck_assert_uint_eq(b.candidates[t * 51], b.targets[t]);
        for (size_t j = 1; j < 51; j++)
            hit[b.target_users[t] == 2] |= 1u << b.candidates[t * 51 + j];
    }
    ck_assert_uint_eq(hit[0], 0x1f);        /* 0..4: user 0 had 5..9 */
    ck_assert_uint_eq(hit[1], 0x3ff & ~6u); /* all but 1 and 2 */
    ck_assert_ok(rec_packed_batch_sample(&b, &s, 3, 8, err));
    ck_assert_int_ne(memcmp(kept, b.candidates, sizeof kept), 0);
    rec_packed_batch_deinit(&b);
    rec_next_items_deinit(&s);
}
END_TEST

START_TEST(a_user_with_everything)
{
    size_t all_start[] = {0, 2};
    uint32_t all_items[] = {1, 0};
    rec_interactions all = {.n_users = 1, .n_items = 2, .n = 2, .start = all_start};
    all.item = all_items;
    rec_next_items s;
    rec_packed_batch b;
    ck_assert_ok(rec_next_items_init(&s, &all, REC_SAMPLE_SEQUENCES, 5, err));
    ck_assert_ok(rec_packed_batch_init(&b, 1, 5, 1, err));
    rec_packed_batch_fill(&b, &s, 0, 1);
    ck_assert_ok(rec_packed_batch_sample(&b, &s, 3, 7, err));
    ck_assert_uint_lt(b.candidates[1], 2);
    rec_packed_batch_deinit(&b);
    rec_next_items_deinit(&s);
}
END_TEST

START_TEST(refusals)
{
    size_t alone_start[] = {0, 1, 2};
    uint32_t alone_items[] = {0, 1};
    rec_interactions alone = {.n_users = 2, .n_items = 2, .n = 2, .start = alone_start};
    alone.item = alone_items;
    rec_next_items s;
    rec_packed_batch b;
    ck_assert_fails(rec_next_items_init(&s, &alone, REC_SAMPLE_SEQUENCES, 5, err), REC_ERR_DATA,
                    "two training interactions");
    ck_assert_fails(rec_packed_batch_init(&b, SIZE_MAX / 2, 5, 1, err), REC_ERR_RESOURCE,
                    "too large");
}
END_TEST

REC_SUITE("models/next_item", tcase_add_test(t, one_sequence_per_user);
          tcase_add_test(t, every_prefix); tcase_add_test(t, histories);
          tcase_add_test(t, orders_depend_on_the_epoch); tcase_add_test(t, negatives);
          tcase_add_test(t, a_user_with_everything); tcase_add_test(t, refusals);)
