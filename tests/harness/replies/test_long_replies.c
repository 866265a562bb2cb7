/* Replies of a megabyte made of what parsers look for: time stays linear, so all end in seconds. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "harness/replies/letters.h"
#include "harness/replies/list_parser.h"
#include "tests/suite.h"

enum { LENGTH = 1 << 20 };

static const char *const patterns[] = {
    "[",          "[\"", "[\"a\",", "{\"title\":", "<",     "<think>",  "</think>", "<end>",
    "a<end>",     "1. ", "1. a\n",  "1. a 2. b ",  "- a\n", "a, ",      ", ",       "\"a, ",
    " - ",        "a: ", "**",      "*_\"",        "\n",    " ",        "a b\n",    "Here are: a, ",
    "answer is ", "A ",  "portal ", "\xFF",        "、",    "```\n",    "9",        "(",
    "a) ",        "\\",  "\"\\",    "I'm sorry, ", "<SOI>", "1. ** - ", "Up, Up"};
enum { N_PATTERNS = sizeof patterns / sizeof patterns[0] };

static char reply[LENGTH + 1];

static void fill(const char *pattern)
{
    size_t n = strlen(pattern), i = 0;
    for (; i + n <= LENGTH; i += n)
        memcpy(reply + i, pattern, n);
    reply[i] = '\0';
}

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void is_fast(double start, const char *parser, const char *pattern)
{
    double limit = 8.0; /* linear is a tenth of it even with sanitizers; quadratic takes minutes */
    ck_assert_msg(seconds() - start < limit, "%s, \"%s\": %.1f s", parser, pattern,
                  seconds() - start);
}

START_TEST(lists)
{
    static char *const titles[] = {"Portal", "a, b, c, d, e, f, g, h, i, j, k", "Up"};
    rec_title_index *known;
    rec_title_list list = {0};
    ck_assert_ok(rec_title_index_new(&known, titles, 3, err));
    fill(patterns[_i]);
    for (size_t p = 0; p < rec_n_list_parsers; p++) {
        double start = seconds();
        ck_assert_ok(rec_list_parsers[p]->parse(&list, reply, known, err));
        is_fast(start, rec_list_parsers[p]->name, patterns[_i]);
    }
    rec_title_list_deinit(&list);
    rec_title_index_free(known);
}
END_TEST

START_TEST(letters)
{
    static const char *const titles[] = {"Portal", "Up", "A", "portal portal"};
    rec_letter_answer answer;
    fill(patterns[_i]);
    for (size_t p = 0; p < rec_n_letter_parsers; p++) {
        double start = seconds();
        ck_assert_ok(rec_letter_parsers[p]->parse(&answer, reply, titles, 4, err));
        is_fast(start, rec_letter_parsers[p]->name, patterns[_i]);
    }
}
END_TEST

REC_SUITE("harness/replies/long_replies", tcase_add_loop_test(t, lists, 0, N_PATTERNS);
          tcase_add_loop_test(t, letters, 0, N_PATTERNS);)
