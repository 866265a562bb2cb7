#include "harness/judges/protocol.h"

#include <stdio.h>
#include <string.h>

#include "tests/suite.h"

extern const rec_judge_protocol rec_judge_protocol_aspects;

#define A_SCORES "\"A\": {\"informativeness\": 3, \"persuasiveness\": 2, \"helpfulness\": 1}"
#define B_SCORES "\"B\": {\"informativeness\": 1, \"persuasiveness\": 2, \"helpfulness\": 3}"

static rec_judgement read_reply(const char *reply)
{
    rec_judgement j;
    ck_assert_ok(rec_judge_protocol_aspects.parse(&j, reply, err));
    return j;
}

static void check_scores(const rec_judgement *j)
{
    const double a[] = {3, 2, 1}, b[] = {1, 2, 3};
    ck_assert(j->has_scores);
    for (size_t i = 0; i < 3; i++) {
        ck_assert_double_eq(j->a[i], a[i]);
        ck_assert_double_eq(j->b[i], b[i]);
    }
}

START_TEST(scores_and_verdict)
{
    rec_judgement j = read_reply("{" A_SCORES ", " B_SCORES ", \"verdict\": \"[[A]]\"}");
    check_scores(&j);
    ck_assert_int_eq(j.prefers, REC_PREFERS_A);
}
END_TEST

START_TEST(prose_around_the_object)
{
    rec_judgement j = read_reply("A {is} vague, \"B\" is not. Scores:\n```json\n{" A_SCORES
                                 ",\n" B_SCORES "}\n```\nMy verdict: [[B]]. {Nothing} else.");
    check_scores(&j);
    ck_assert_int_eq(j.prefers, REC_PREFERS_B);
}
END_TEST

START_TEST(nested_braces_and_further_members)
{
    rec_judgement j =
        read_reply("{\"notes\": {\"on\": {\"A\": \"{x}\"}}, " A_SCORES ", " B_SCORES "} [[C]]");
    check_scores(&j);
    j = read_reply("{\"a\": {\"Informativeness\": 3, \"PERSUASIVENESS\": 2, \"helpfulness\": 1}, "
                   "\"b\": {\"informativeness\": 1.0, \"persuasiveness\": 2, \"helpfulness\": 3}}");
    check_scores(&j);
    ck_assert_int_eq(j.prefers, REC_PREFERS_NONE);
}
END_TEST

/* What cannot be used leaves the verdict standing and has no scores at all. */
START_TEST(unusable_scores)
{
    static const char *const answers[] = {
        "{\"informativeness\": 3, \"persuasiveness\": 2}",                         /* missing */
        "{\"informativeness\": 3, \"persuasiveness\": 2, \"helpfulness\": 4}",     /* range */
        "{\"informativeness\": 0, \"persuasiveness\": 2, \"helpfulness\": 3}",     /* range */
        "{\"informativeness\": 2.5, \"persuasiveness\": 2, \"helpfulness\": 3}",   /* integer */
        "{\"informativeness\": \"3\", \"persuasiveness\": 2, \"helpfulness\": 3}", /* string */
        "{\"informativeness\": null, \"persuasiveness\": 2, \"helpfulness\": 3}",
        "[3, 2, 1]",
        "3",
    };
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        char reply[512];
        snprintf(reply, sizeof reply, "{\"A\": %s, " B_SCORES "} [[A]]", answers[i]);
        rec_judgement j = read_reply(reply);
        ck_assert_msg(!j.has_scores, "%s", reply);
        ck_assert_int_eq(j.prefers, REC_PREFERS_A);
    }
    ck_assert(!read_reply("{" A_SCORES "} [[A]]").has_scores);
    ck_assert(!read_reply("").has_scores);
}
END_TEST

/* The prompt defines what the specification asks for. */
START_TEST(the_prompt_has_all_parts)
{
    static const char *const wanted[] = {
        "informativeness", "persuasiveness", "helpfulness", "1 =",  "2 =", "3 =",
        "reasoning",       "JSON",           "[[A]]",       "[[C]]"};
    const char *prompt = rec_judge_protocol_aspects.system_prompt;
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        ck_assert_msg(strstr(prompt, wanted[i]) != NULL, "%s", wanted[i]);
}
END_TEST

REC_SUITE("harness/judges/aspects", tcase_add_test(t, scores_and_verdict);
          tcase_add_test(t, prose_around_the_object);
          tcase_add_test(t, nested_braces_and_further_members); tcase_add_test(t, unusable_scores);
          tcase_add_test(t, the_prompt_has_all_parts);)
