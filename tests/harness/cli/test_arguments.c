#include <stdlib.h>
#include <string.h>

#include "harness/cli/arguments.h"
#include "harness/cli/usage.h"
#include "tests/suite.h"

typedef struct flags {
    bool deep, html;
    int64_t history_max;
    double rate;
    char *out, *lm;
    int format;
    rec_int_list k;
    rec_real_list weights;
    rec_string_list set;
} flags;

static const char *const formats[] = {"table", "json", NULL};

static const rec_option options[] = {
    {"deep", "a bool", offsetof(flags, deep), REC_OPT_BOOL, .value = 0},
    {"html", "on by default", offsetof(flags, html), REC_OPT_BOOL, .value = 1},
    {"history_max", "an int", offsetof(flags, history_max), REC_OPT_INT, .value = 20, .min = 1,
     .max = 100},
    {"rate", "a real", offsetof(flags, rate), REC_OPT_REAL, .value = 0.5, .min = 0, .max = 1},
    {"out", "a string", offsetof(flags, out), REC_OPT_STRING, .text = "here", .required = true},
    {"lm", "a reference", offsetof(flags, lm), REC_OPT_REFERENCE, .refers_to = "lm"},
    {"format", "an enum", offsetof(flags, format), REC_OPT_ENUM, .value = 0, .choices = formats},
    {"k", "ints", offsetof(flags, k), REC_OPT_INTS, .text = "5,10", .min = 1, .max = 1000},
    {"weights", "reals", offsetof(flags, weights), REC_OPT_REALS, .value = 0},
    {"set", "strings", offsetof(flags, set), REC_OPT_STRINGS, .text = "a.b=1"},
    {.key = NULL},
};

static const rec_flag_alias aliases[] = {
    {'d', "deep"}, {'n', "history_max"}, {'o', "out"}, {'q', "html"}, {0, NULL}};

static const rec_command command = {.name = "try",
                                    .arguments = "A [B]",
                                    .options = options,
                                    .aliases = aliases,
                                    .min_arguments = 1,
                                    .max_arguments = 2};

static flags f;
static rec_global_flags globals;
static rec_arguments a;

static void setup(void)
{
    ck_assert_ok(rec_options_defaults(&f, options, err));
    ck_assert_ok(rec_options_defaults(&globals, rec_global_options, err));
}

static void teardown(void)
{
    rec_arguments_deinit(&a);
    rec_options_deinit(&f, options);
}

/* The words of a NULL-terminated list, as main() hands them on. */
static rec_status parse(char *const *words, rec_error *err)
{
    const rec_flag_set sets[] = {{&f, options, aliases},
                                 {&globals, rec_global_options, rec_global_aliases}};
    size_t n = 0;
    while (words[n] != NULL)
        n++;
    rec_arguments_deinit(&a);
    return rec_arguments_parse(&a, sets, 2, words, n, false, err);
}

#define PARSE(...) parse((char *[]){__VA_ARGS__, NULL}, err)

START_TEST(defaults_stay)
{
    ck_assert_ok(PARSE((char *)"x"));
    ck_assert(!f.deep && f.html);
    ck_assert_int_eq(f.history_max, 20);
    ck_assert_str_eq(f.out, "here");
    ck_assert_uint_eq(f.k.n, 2);
    ck_assert_str_eq(f.set.items[0], "a.b=1");
    ck_assert_uint_eq(a.n_positional, 1);
}
END_TEST

START_TEST(every_form_of_a_flag)
{
    ck_assert_ok(PARSE("--deep", "--history-max", "7", "--rate=0.25", "one", "-o", "there", "-n8",
                       "--format=json", "--lm", "tiny", "--", "--two"));
    ck_assert(f.deep);
    ck_assert_int_eq(f.history_max, 8); /* the last one counts */
    ck_assert_double_eq(f.rate, 0.25);
    ck_assert_str_eq(f.out, "there");
    ck_assert_str_eq(f.lm, "tiny");
    ck_assert_int_eq(f.format, 1);
    ck_assert_uint_eq(a.n_positional, 2);
    ck_assert_str_eq(a.positional[0], "one");
    ck_assert_str_eq(a.positional[1], "--two");
}
END_TEST

START_TEST(bools)
{
    ck_assert_ok(PARSE("--no-html", "--deep=yes"));
    ck_assert(!f.html && f.deep);
    ck_assert_ok(PARSE("--deep=off"));
    ck_assert(!f.deep);
    ck_assert_fails(PARSE("--deep=perhaps"), REC_ERR_CONFIG, "--deep: \"perhaps\" is neither");
    ck_assert_fails(PARSE("--no-rate"), REC_ERR_CONFIG, "unknown flag --no-rate");
}
END_TEST

START_TEST(letters_in_one_word)
{
    f.html = false;
    ck_assert_ok(PARSE("-dqn5"));
    ck_assert(f.deep && f.html && !globals.quiet); /* the command's q, not the program's */
    ck_assert_int_eq(f.history_max, 5);
    ck_assert_fails(PARSE("-dz"), REC_ERR_CONFIG, "unknown flag -z");
}
END_TEST

START_TEST(global_flags_anywhere)
{
    ck_assert_ok(PARSE("x", "--threads", "3", "--quiet", "-h"));
    ck_assert_int_eq(globals.threads, 3);
    ck_assert(globals.quiet && globals.help);
}
END_TEST

START_TEST(lists_replace_their_default)
{
    ck_assert_ok(
        PARSE("--k", "1,2", "--k=3", "--set", "a=[1,2]", "--set", "b=3", "--weights", "0.5,-1"));
    ck_assert_uint_eq(f.k.n, 3);
    ck_assert_int_eq(f.k.items[2], 3);
    ck_assert_uint_eq(f.set.n, 2);
    ck_assert_str_eq(f.set.items[0], "a=[1,2]"); /* strings are not cut at commas */
    ck_assert_double_eq(f.weights.items[1], -1.0);
}
END_TEST

START_TEST(wrong_values)
{
    ck_assert_fails(PARSE("--history-max", "0"), REC_ERR_CONFIG,
                    "--history-max: 0 is out of range (1 to 100)");
    ck_assert_fails(PARSE("--history-max", "7x"), REC_ERR_CONFIG, "\"7x\" is not an integer");
    ck_assert_fails(PARSE("--history-max", "99999999999999999999"), REC_ERR_CONFIG, "64 bits");
    ck_assert_fails(PARSE("--history-max="), REC_ERR_CONFIG, "\"\" is not an integer");
    ck_assert_fails(PARSE("--rate", "nan"), REC_ERR_CONFIG, "not a finite number");
    ck_assert_fails(PARSE("--rate", "1.5"), REC_ERR_CONFIG, "1.5 is out of range (0 to 1)");
    ck_assert_fails(PARSE("--format", "xml"), REC_ERR_CONFIG, "(known: table, json)");
    ck_assert_fails(PARSE("--k", "1,,2"), REC_ERR_CONFIG, "--k: \"\" is not an integer");
    ck_assert_fails(PARSE("--out"), REC_ERR_CONFIG, "--out: a value is missing");
    ck_assert_fails(PARSE("-o"), REC_ERR_CONFIG, "-o: a value is missing");
}
END_TEST

START_TEST(unknown_flags_have_a_nearest)
{
    ck_assert_fails(PARSE("--hisory-max", "3"), REC_ERR_CONFIG,
                    "unknown flag --hisory-max (did you mean --history-max?)");
    ck_assert_fails(PARSE("--tread=3"), REC_ERR_CONFIG, "did you mean --threads?");
    ck_assert_fails(PARSE("--zzzzzzzz"), REC_ERR_CONFIG, "(--help lists them)");
}
END_TEST

START_TEST(required_and_counts)
{
    ck_assert_ok(PARSE("x"));
    ck_assert_fails(rec_arguments_check(&a, &command, err), REC_ERR_CONFIG,
                    "--out is required: a string");
    ck_assert_ok(PARSE("x", "--out", "y"));
    ck_assert_ok(rec_arguments_check(&a, &command, err));
    ck_assert_ok(PARSE("--out", "y"));
    ck_assert_fails(rec_arguments_check(&a, &command, err), REC_ERR_CONFIG,
                    "argument missing (usage: recai try A [B])");
    ck_assert_ok(PARSE("--out", "y", "1", "2", "3"));
    ck_assert_fails(rec_arguments_check(&a, &command, err), REC_ERR_CONFIG, "too many arguments");
}
END_TEST

START_TEST(stops_before_the_command)
{
    const rec_flag_set set = {&globals, rec_global_options, rec_global_aliases};
    char *const words[] = {"--threads", "2", "-q", "show", "--format", "md"};
    ck_assert_ok(rec_arguments_parse(&a, &set, 1, words, 6, true, err));
    ck_assert_uint_eq(a.n_consumed, 3);
    ck_assert_uint_eq(a.n_positional, 0);
    ck_assert(globals.quiet);
}
END_TEST

START_TEST(lists_split_at_commas)
{
    ck_assert_ok(PARSE("--set", "a,b", "--set", "c", "--set", ",d"));
    ck_assert_ok(rec_string_list_split(&f.set, err));
    const char *const want[] = {"a", "b", "c", "", "d"};
    ck_assert_uint_eq(f.set.n, 5);
    for (size_t i = 0; i < 5; i++)
        ck_assert_str_eq(f.set.items[i], want[i]);
}
END_TEST

REC_SUITE("harness/cli/arguments", tcase_add_checked_fixture(t, setup, teardown);
          tcase_add_test(t, defaults_stay); tcase_add_test(t, every_form_of_a_flag);
          tcase_add_test(t, bools); tcase_add_test(t, letters_in_one_word);
          tcase_add_test(t, global_flags_anywhere); tcase_add_test(t, lists_replace_their_default);
          tcase_add_test(t, wrong_values); tcase_add_test(t, unknown_flags_have_a_nearest);
          tcase_add_test(t, required_and_counts); tcase_add_test(t, stops_before_the_command);
          tcase_add_test(t, lists_split_at_commas);)
