#include "harness/run/estimate.h"

#include <math.h>

#include "harness/run/plan_text.h"
#include "tests/harness/run/small.h"

/* Two users with items {0, 1} and {1}: 2^2 + 1 pairs by user, 1 + 2^2 by item. */
START_TEST(sizes)
{
    const rec_interactions x = {.n_users = 2,
                                .n_items = 2,
                                .n = 3,
                                .start = (size_t[]){0, 2, 3},
                                .item = (uint32_t[]){0, 1, 1}};
    rec_fit_size size = rec_fit_size_of(&x);
    ck_assert_double_eq(size.n_interactions, 3.0);
    ck_assert_double_eq(size.user_pairs, 5.0);
    ck_assert_double_eq(size.item_pairs, 5.0);
}
END_TEST

START_TEST(a_machine_does_something)
{
    rec_machine machine;
    ck_assert_ok(rec_machine_measure(&machine, err));
    ck_assert_double_gt(machine.flops_per_second, 1e6);
    ck_assert_double_gt(machine.steps_per_second, 1e5);
}
END_TEST

/* 6 items: 2 * 6^3 operations in matrix kernels, 4 * 2^2 pairs. */
START_TEST(ease_by_hand)
{
    rec_config *c = small_config("systems: [{type: ease}]\ntasks: [{type: retrieval, k: 5}]\n");
    rec_run *run;
    ck_assert_ok(rec_run_open(&run, c, test_path("run"), (rec_run_flags){0}, err));
    const rec_fit_size size = {4, 6, 8, 16, 20};
    const rec_machine machine = {432.0, 16.0};
    rec_estimate e = rec_step_estimate(run, &run->plan.steps[0], &machine, &size, 0);
    ck_assert_double_eq(e.seconds, 2.0);
    ck_assert_double_eq(e.bytes, 12.0 * 36.0);
    e = rec_step_estimate(run, &run->plan.steps[1], &machine, &size, 4);
    ck_assert_double_gt(e.seconds, 0.0);
    ck_assert_double_eq(e.bytes, 4.0 * (5.0 * 8.0 + 64.0));
    FILE *out = fopen(test_path("plan"), "w+");
    ck_assert_ok(rec_plan_print(out, run, err));
    rewind(out);
    char text[2048];
    text[fread(text, 1, sizeof text - 1, out)] = '\0';
    fclose(out);
    ck_assert_ptr_nonnull(strstr(text, "to do"));
    ck_assert_ptr_nonnull(strstr(text, "ask ease: retrieval"));
    ck_assert_ptr_nonnull(strstr(text, "all that is to do, estimated"));
    rec_run_close(run);
    rec_config_free(c);
}
END_TEST

REC_SUITE("harness/run/estimate", tcase_add_checked_fixture(t, small_data, test_folder_remove);
          tcase_add_test(t, sizes); tcase_add_test(t, a_machine_does_something);
          tcase_add_test(t, ease_by_hand);)
