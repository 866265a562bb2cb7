#include "harness/tasks/target_samples.h"

#include "datasets/dataset.h"
#include "harness/tasks/rank_task.h"
#include "tests/suite.h"

/* Two users: the first has two test items, the second one; histories 0 1 2 and 3. */
static size_t starts[] = {0, 5, 7};
static uint32_t items[] = {0, 1, 2, 4, 5, 3, 0};
static uint8_t parts[] = {REC_PART_TRAIN, REC_PART_TRAIN, REC_PART_VALID, REC_PART_TEST,
                          REC_PART_TEST,  REC_PART_TRAIN, REC_PART_TEST};
static char *user_ids[] = {"a", "b"};
static const uint32_t popularity[6] = {1, 1, 0, 1, 0, 0};
static const rec_dataset data = {
    .n_users = 2,
    .user_ids = user_ids,
    .catalogue = {.n_items = 6},
    .interactions = {.n_users = 2, .n_items = 6, .n = 7, .start = starts, .item = items},
    .part = parts,
};
static const rec_task_data task_data = {
    .dataset = &data, .popularity = popularity, .seed = 1, .user_seed = 1};

START_TEST(one_sample_per_target)
{
    rec_sample_set set;
    const rec_target_options o = {.history = REC_HISTORY_TRAIN_VALID, .history_max = 2};
    ck_assert_ok(rec_target_samples(&set, &o, &task_data, err));
    ck_assert_uint_eq(set.n, 3);
    static const uint32_t targets[] = {4, 5, 0}, turns[] = {0, 1, 0}, users[] = {0, 0, 1};
    for (size_t i = 0; i < 3; i++) {
        ck_assert_uint_eq(set.samples[i].n_targets, 1);
        ck_assert_uint_eq(set.samples[i].targets[0], targets[i]);
        ck_assert_uint_eq(set.samples[i].turn, turns[i]);
        ck_assert_uint_eq(set.samples[i].user, users[i]);
    }
    ck_assert_uint_eq(set.samples[0].query.n_history, 2); /* the latest two */
    ck_assert_uint_eq(set.samples[0].query.history[0], 1);
    ck_assert_uint_eq(set.samples[0].n_seen, 3);
    ck_assert_uint_ne(rec_sample_id(&set.samples[0]), rec_sample_id(&set.samples[1]));
    ck_assert_uint_ne(rec_sample_id(&set.samples[0]), rec_sample_id(&set.samples[2]));
    rec_sample_set_deinit(&set);
}
END_TEST

START_TEST(no_targets)
{
    rec_sample_set set;
    static uint8_t none[7];
    rec_dataset empty = data;
    empty.part = none;
    rec_task_data of_empty = task_data;
    of_empty.dataset = &empty;
    const rec_target_options o = {.history = REC_HISTORY_TRAIN};
    ck_assert_fails(rec_target_samples(&set, &o, &of_empty, err), REC_ERR_DATA,
                    "no user has a target");
}
END_TEST

REC_SUITE("harness/tasks/target_samples", tcase_add_test(t, one_sample_per_target);
          tcase_add_test(t, no_targets);)
