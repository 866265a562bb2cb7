/* Every allocation of defaults and of a parse fails once: a status, no leak (ASan). */
#include <string.h>

#include "core/option.h"
#include "core/yaml.h"
#include "tests/failing_malloc.h"
#include "tests/suite.h"

typedef struct plugin {
    char *path;
    rec_int_list ks;
    rec_string_list metrics;
} plugin;

static const rec_option options[] = {
    {"path", "a file", offsetof(plugin, path), REC_OPT_STRING, .text = "x", .from_env = true},
    {"k", "cut-offs", offsetof(plugin, ks), REC_OPT_INTS, .text = "1,10"},
    {"metrics", "names", offsetof(plugin, metrics), REC_OPT_STRINGS, .text = "ndcg,recall"},
    {.key = NULL},
};

static void fail_every_allocation(const char *text, rec_status final_status)
{
    rec_yaml *map;
    ck_assert_ok(rec_yaml_parse(&map, text, strlen(text), "c.yaml", err));
    for (size_t n = 1;; n++) {
        plugin p;
        failing_malloc_arm(n);
        rec_status status = rec_options_parse(&p, options, map, NULL, NULL);
        bool reached = failing_malloc_disarm();
        if (status == REC_OK)
            rec_options_deinit(&p, options);
        if (!reached) {
            ck_assert_int_eq(status, final_status);
            break;
        }
        ck_assert(status == REC_ERR_RESOURCE || status == final_status);
    }
    rec_yaml_free(map);
}

START_TEST(every_allocation_may_fail)
{
    fail_every_allocation("{path: '${HOME}/x', k: [1, 2], metrics: [a, b, c]}", REC_OK);
    fail_every_allocation("{patch: 1}", REC_ERR_CONFIG);
    fail_every_allocation("{metrics: [a, [b]]}", REC_ERR_CONFIG);
}
END_TEST

REC_SUITE("core/option_alloc", tcase_add_test(t, every_allocation_may_fail);)
