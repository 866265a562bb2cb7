/* Every allocation of a parse fails once: a status, a message, no leak (ASan), no result. */
#include <string.h>

#include "core/yaml.h"
#include "tests/failing_malloc.h"
#include "tests/suite.h"

START_TEST(every_allocation_may_fail)
{
    const char *text = "a: &x {k: [1, 2, 3], l: m}\nb: *x\nc: [*x, \"q\"]\n";
    for (size_t n = 1;; n++) {
        rec_error error = {.status = REC_OK};
        rec_yaml *root;
        failing_malloc_arm(n);
        rec_status status = rec_yaml_parse(&root, text, strlen(text), "t.yaml", &error);
        if (!failing_malloc_disarm()) {
            ck_assert_int_eq(status, REC_OK);
            rec_yaml_free(root);
            ck_assert_uint_gt(n, 10);
            break;
        }
        ck_assert_int_eq(status, REC_ERR_RESOURCE);
        ck_assert_int_eq(error.status, REC_ERR_RESOURCE);
        ck_assert_ptr_null(root);
    }
}
END_TEST

REC_SUITE("core/yaml_alloc", tcase_add_test(t, every_allocation_may_fail);)
