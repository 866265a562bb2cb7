/* Every allocation of reading a command line fails once. */
#include <string.h>

#include "harness/cli/arguments.h"
#include "tests/failing_malloc.h"
#include "tests/suite.h"

typedef struct flags {
    char *out;
    rec_int_list k;
    rec_real_list weights;
    rec_string_list set;
} flags;

static const rec_option options[] = {
    {"out", "text", offsetof(flags, out), REC_OPT_STRING, .text = "default"},
    {"k", "integers", offsetof(flags, k), REC_OPT_INTS, .text = "1"},
    {"weights", "numbers", offsetof(flags, weights), REC_OPT_REALS, .value = 0},
    {"set", "texts", offsetof(flags, set), REC_OPT_STRINGS, .value = 0},
    {.key = NULL},
};

static rec_status read_line(rec_error *err)
{
    char *words[] = {(char *)"--out",  (char *)"x",   (char *)"--k=2,3",
                     (char *)"first",  (char *)"--k", (char *)"4",
                     (char *)"--set",  (char *)"a,b", (char *)"--weights=0.5",
                     (char *)"second", (char *)"--",  (char *)"-third"};
    flags f = {.out = NULL};
    const rec_flag_set set = {&f, options, NULL};
    rec_arguments a = {.positional = NULL};
    rec_status status;
    REC_TRY(rec_options_defaults(&f, options, err));
    REC_TRY(rec_arguments_parse(&a, &set, 1, words, sizeof words / sizeof *words, false, err));
    REC_TRY(rec_string_list_split(&f.set, err));
    failing_malloc_check(a.n_positional == 3 && f.k.n == 3 && f.set.n == 2);
cleanup:
    rec_arguments_deinit(&a);
    rec_options_deinit(&f, options);
    return status;
}

START_TEST(each_allocation_may_fail)
{
    ck_assert_uint_gt(failing_malloc_exhaust(read_line), 10);
}
END_TEST

REC_SUITE("harness/cli/arguments_alloc", tcase_add_test(t, each_allocation_may_fail);)
