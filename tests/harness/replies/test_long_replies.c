/* Long replies made of what parsers look for: four times the length takes about four times as long. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "harness/replies/letters.h"
#include "harness/replies/list_parser.h"
#include "tests/suite.h"

/* AddressSanitizer checks a whole string whenever a search in it begins: there nothing is linear. */
#if defined(__SANITIZE_ADDRESS__)
enum { LENGTH = 1 << 15 };
#else
enum { LENGTH = 1 << 19 };
#endif
enum { SHORT_LENGTH = LENGTH / 4 };

static const char *const patterns[] = {
    "[",          "[\"", "[\"a\",", "{\"title\":", "<",     "<think>",  "</think>", "<end>",
    "a<end>",     "1. ", "1. a\n",  "1. a 2. b ",  "- a\n", "a, ",      ", ",       "\"a, ",
    " - ",        "a: ", "**",      "*_\"",        "\n",    " ",        "a b\n",    "Here are: a, ",
    "answer is ", "A ",  "portal ", "\xFF",        "、",    "```\n",    "9",        "(",
    "a) ",        "\\",  "\"\\",    "I'm sorry, ", "<SOI>", "1. ** - ", "Up, Up"};
enum { N_PATTERNS = sizeof patterns / sizeof patterns[0] };

static char reply[LENGTH + 1];

static void fill(const char *pattern, size_t length)
{
    size_t n = strlen(pattern), i = 0;
    for (; i + n <= length; i += n)
        memcpy(reply + i, pattern, n);
    reply[i] = '\0';
}

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Linear is 4, quadratic 16; what is over in half a second is not measured. */
static void is_linear(double time_short, double time_long, const char *parser, const char *pattern)
{
    ck_assert_msg(time_long < 0.5 || time_long < 9.0 * time_short, "%s, \"%s\": %.2f s, %.2f s",
                  parser, pattern, time_short, time_long);
}

static double list_time(const rec_list_parser *parser, const char *pattern, size_t length)
{
    static char *const titles[] = {"Portal", "a, b, c, d, e, f, g, h, i, j, k", "Up"};
    rec_title_index *known;
    rec_title_list list = {0};
    ck_assert_ok(rec_title_index_new(&known, titles, 3, err));
    fill(pattern, length);
    double start = seconds();
    ck_assert_ok(parser->parse(&list, reply, known, err));
    double time = seconds() - start;
    rec_title_list_deinit(&list);
    rec_title_index_free(known);
    return time;
}

START_TEST(lists)
{
    for (size_t p = 0; p < rec_n_list_parsers; p++)
        is_linear(list_time(rec_list_parsers[p], patterns[_i], SHORT_LENGTH),
                  list_time(rec_list_parsers[p], patterns[_i], LENGTH), rec_list_parsers[p]->name,
                  patterns[_i]);
}
END_TEST

static double letter_time(const rec_letter_parser *parser, const char *pattern, size_t length)
{
    static const char *const titles[] = {"Portal", "Up", "A", "portal portal"};
    rec_letter_answer answer;
    fill(pattern, length);
    double start = seconds();
    ck_assert_ok(parser->parse(&answer, reply, titles, 4, err));
    return seconds() - start;
}

START_TEST(letters)
{
    for (size_t p = 0; p < rec_n_letter_parsers; p++)
        is_linear(letter_time(rec_letter_parsers[p], patterns[_i], SHORT_LENGTH),
                  letter_time(rec_letter_parsers[p], patterns[_i], LENGTH),
                  rec_letter_parsers[p]->name, patterns[_i]);
}
END_TEST

REC_SUITE("harness/replies/long_replies", tcase_add_loop_test(t, lists, 0, N_PATTERNS);
          tcase_add_loop_test(t, letters, 0, N_PATTERNS);)
