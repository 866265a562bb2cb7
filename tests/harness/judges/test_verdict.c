#include "harness/judges/verdict.h"

#include <math.h>

#include "tests/suite.h"

static rec_preference verdict_of(const char *reply)
{
    rec_preference found;
    ck_assert_ok(rec_verdict_parse(&found, reply, err));
    return found;
}

START_TEST(the_last_token_counts)
{
    static const struct {
        const char *reply;
        rec_preference want;
    } rows[] = {
        {"A says more. [[A]]", REC_PREFERS_A},
        {"[[b]]", REC_PREFERS_B},
        {"[[c]]\n", REC_PREFERS_TIE},
        {"At first [[A]] seemed right, but my verdict is [[B]].", REC_PREFERS_B},
        {"[[A]] or [[D]]", REC_PREFERS_A}, /* no letter of ours */
        {"[[[A]]]", REC_PREFERS_A},
        {"[[A]", REC_PREFERS_NONE},
        {"[A]", REC_PREFERS_NONE},
        {"[[ A ]]", REC_PREFERS_NONE},
        {"A is better.", REC_PREFERS_NONE},
        {"[[", REC_PREFERS_NONE},
        {"", REC_PREFERS_NONE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        ck_assert_msg(verdict_of(rows[i].reply) == rows[i].want, "%s", rows[i].reply);
}
END_TEST

START_TEST(a_json_member_does_where_no_token_is)
{
    ck_assert_int_eq(verdict_of("{\"verdict\": \"A\"}"), REC_PREFERS_A);
    ck_assert_int_eq(verdict_of("so: {\"Overall\": \"tie\"} done"), REC_PREFERS_TIE);
    ck_assert_int_eq(verdict_of("{\"winner\": \"b\", \"verdict\": 3}"), REC_PREFERS_B);
    ck_assert_int_eq(verdict_of("{\"verdict\": \"AB\"}"), REC_PREFERS_NONE);
    ck_assert_int_eq(verdict_of("{\"verdict\": \"\"}"), REC_PREFERS_NONE);
    /* the token inside the object is a token */
    ck_assert_int_eq(verdict_of("{\"verdict\": \"[[B]]\"}"), REC_PREFERS_B);
}
END_TEST

/* Spec acceptance 21: all 4 x 4 combinations. Rows: order 1 (A = evaluated); columns: order 2. */
START_TEST(swap_truth_table)
{
    enum { W = REC_OUTCOME_WIN, L = REC_OUTCOME_LOSS, T = REC_OUTCOME_TIE };
    enum { I = REC_OUTCOME_INCONSISTENT, X = REC_OUTCOME_INVALID };
    static const rec_preference of[] = {REC_PREFERS_A, REC_PREFERS_B, REC_PREFERS_TIE,
                                        REC_PREFERS_NONE};
    static const int want[4][4] = {
        {I, W, I, X}, /* A: the first shown twice; the evaluated one twice; ... */
        {L, I, I, X},
        {I, I, T, X},
        {X, X, X, X},
    };
    for (size_t i = 0; i < 4; i++)
        for (size_t j = 0; j < 4; j++)
            ck_assert_int_eq(rec_outcome_of(of[i], of[j]), want[i][j]);
}
END_TEST

/* The original: one bucket for everything that is neither a win nor a loss. */
START_TEST(swap_truth_table_of_the_original)
{
    static const char *const replies[] = {"x [[A]]", "[[B]] x", "[[C]]", NULL, "[[a]]"};
    for (size_t i = 0; i < 5; i++)
        for (size_t j = 0; j < 5; j++) {
            rec_outcome want = i == 0 && j == 1   ? REC_OUTCOME_WIN
                               : i == 1 && j == 0 ? REC_OUTCOME_LOSS
                                                  : REC_OUTCOME_TIE;
            ck_assert_int_eq(rec_outcome_reclm(replies[i], replies[j]), want);
        }
    /* a reply with both tokens can serve both readings; a win is looked for first */
    ck_assert_int_eq(rec_outcome_reclm("[[A]] no, [[B]]", "[[A]] [[B]]"), REC_OUTCOME_WIN);
}
END_TEST

START_TEST(shares)
{
    ck_assert_double_eq(rec_preference_share(REC_PREFERS_A, REC_PREFERS_B), 1.0);
    ck_assert_double_eq(rec_preference_share(REC_PREFERS_B, REC_PREFERS_A), 0.0);
    ck_assert_double_eq(rec_preference_share(REC_PREFERS_A, REC_PREFERS_A), 0.5);
    ck_assert_double_eq(rec_preference_share(REC_PREFERS_TIE, REC_PREFERS_B), 0.75);
    ck_assert_double_eq(rec_preference_share(REC_PREFERS_TIE, REC_PREFERS_TIE), 0.5);
    ck_assert(isnan(rec_preference_share(REC_PREFERS_NONE, REC_PREFERS_B)));
}
END_TEST

REC_SUITE("harness/judges/verdict", tcase_add_test(t, the_last_token_counts);
          tcase_add_test(t, a_json_member_does_where_no_token_is);
          tcase_add_test(t, swap_truth_table); tcase_add_test(t, swap_truth_table_of_the_original);
          tcase_add_test(t, shares);)
