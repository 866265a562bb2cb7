#include "harness/replies/letters.h"
#include "tests/suite.h"

static const char *const titles[] = {"Toy Story", "Portal", "Portal 2", "Up", "Halo"};

static void answers(const char *parser, const char *reply, char letter, rec_letter_mode mode)
{
    rec_letter_answer answer;
    ck_assert_ok(rec_letter_parser_find(parser)->parse(&answer, reply, titles, 5, err));
    char found = answer.option == REC_NO_OPTION ? '-' : (char)('A' + answer.option);
    ck_assert_msg(found == letter && answer.mode == mode, "%s, \"%s\": %c (%s)", parser, reply,
                  found, rec_letter_mode_names[answer.mode]);
}

START_TEST(standard_signs)
{
    answers("standard", "(D)", 'D', REC_LETTER_ALONE);
    answers("standard", "**e**", 'E', REC_LETTER_ALONE);
    answers("standard", "I think A or B, but the answer is C.", 'C', REC_LETTER_STATED);
    answers("standard", "I think C", 'C', REC_LETTER_UNIQUE);
    answers("standard", "A good choice is B.", 'B', REC_LETTER_UNIQUE);
    answers("standard", "toy-story", 'A', REC_LETTER_CANONICAL);
    answers("standard", "I would play Portal 2 next", 'C', REC_LETTER_CONTAINED);
    answers("standard", "Tay Stery", 'A', REC_LETTER_FUZZY);
    answers("standard", "no idea", '-', REC_LETTER_NONE);
    answers("standard", "", '-', REC_LETTER_NONE);
}
END_TEST

START_TEST(reclm_signs)
{
    answers("reclm", "I think C", 'I', REC_LETTER_FIRST);
    answers("reclm", "1. D", 'D', REC_LETTER_FIRST);
    answers("reclm", "portal 2", 'B', REC_LETTER_CONTAINED);
    answers("reclm", "tay stery", 'A', REC_LETTER_FUZZY);
}
END_TEST

REC_SUITE("harness/replies/letters", tcase_add_test(t, standard_signs);
          tcase_add_test(t, reclm_signs);)
