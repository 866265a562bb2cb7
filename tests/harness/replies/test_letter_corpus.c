/* Replies with the option each parser should find (tests/golden/replies/letters.py). */
#include "harness/replies/letters.h"
#include "tests/harness/replies/corpus.h"

static size_t n_bad;

static size_t check(const cJSON *c, const char *parser)
{
    const char *titles[REC_MAX_OPTIONS];
    size_t n = 0;
    for (const cJSON *t = corpus_member(c, "options")->child; t != NULL; t = t->next)
        titles[n++] = t->valuestring;
    rec_letter_answer answer;
    const char *reply = corpus_text(c, "reply");
    ck_assert_ok(rec_letter_parser_find(parser)->parse(&answer, reply, titles, n, err));
    char found = answer.option == REC_NO_OPTION ? '-' : (char)('A' + answer.option);
    const char *mode = rec_letter_mode_names[answer.mode];
    bool standard = strcmp(parser, "standard") == 0;
    bool good = found == corpus_text(c, parser)[0] &&
                (!standard || strcmp(mode, corpus_text(c, "mode")) == 0);
    if (!good)
        fprintf(stderr, "%s: \"%s\": wanted %s (%s), found %c (%s, %.3f)\n", parser, reply,
                corpus_text(c, parser), corpus_text(c, "mode"), found, mode, answer.similarity);
    return !good;
}

static void check_record(const cJSON *c, size_t i)
{
    (void)i;
    for (size_t p = 0; p < rec_n_letter_parsers; p++)
        n_bad += check(c, rec_letter_parsers[p]->name);
}

START_TEST(every_reply_is_read_as_stated)
{
    ck_assert_uint_ge(corpus_read("letters.jsonl", check_record), 80);
    ck_assert_uint_eq(n_bad, 0);
}
END_TEST

REC_SUITE("harness/replies/letter_corpus", tcase_add_test(t, every_reply_is_read_as_stated);)
