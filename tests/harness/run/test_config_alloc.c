/* Every allocation of reading a config fails once: a status, nothing leaks (ASan). */
#include <string.h>

#include "harness/run/config.h"
#include "tests/failing_malloc.h"
#include "tests/suite.h"

START_TEST(every_allocation_may_fail)
{
    static const char text[] =
        "seeds: [1, 2]\ndefaults: {samples: 3}\ndataset: {type: synth}\n"
        "systems: [{type: pop}, {type: ease, tune: {metric: ndcg@10, space: {lambda: [1, 2]}}}]\n"
        "tasks: [{type: retrieval, k: [1, 5]}, {type: ranking}]\n"
        "expected: [{system: pop, task: retrieval, metric: ndcg@5, value: .5, digits: 4}]\n";
    char *const sets[] = {"systems.ease.lambda=3"};
    const rec_config_overrides overrides = {.sets = sets, .n_sets = 1, .limit = 2};
    for (size_t n = 1;; n++) {
        rec_error error = {.status = REC_OK};
        rec_config *c;
        failing_malloc_arm(n);
        rec_status status =
            rec_config_parse(&c, text, sizeof text - 1, "c.yaml", &overrides, &error);
        bool reached = failing_malloc_disarm();
        rec_config_free(c);
        if (!reached) {
            ck_assert_msg(status == REC_OK, "%s", error.message);
            break;
        }
        ck_assert_msg(status == REC_ERR_RESOURCE || status == REC_OK, "allocation %zu: %s", n,
                      error.message);
    }
}
END_TEST

REC_SUITE("harness/run/config_alloc", tcase_add_test(t, every_allocation_may_fail);)
