/* tests/golden/replies/ratcliff.py: Python's difflib. */
#include "harness/replies/ratcliff.h"
#include "tests/harness/replies/corpus.h"

static double ratio(const char *a, const char *b)
{
    double out;
    ck_assert_ok(rec_ratcliff(&out, rec_span_of(a), rec_span_of(b), err));
    return out;
}

static void check_record(const cJSON *c, size_t i)
{
    (void)i;
    const char *a = corpus_text(c, "a"), *b = corpus_text(c, "b");
    double expected = corpus_member(c, "ratio")->valuedouble;
    ck_assert_msg(ratio(a, b) == expected, "%s | %s: %.17g, not %.17g", a, b, ratio(a, b),
                  expected);
    ck_assert_double_le(expected, rec_ratcliff_bound(rec_span_of(a), rec_span_of(b)));
}

START_TEST(equals_difflib)
{
    ck_assert_uint_ge(corpus_read("ratcliff.jsonl", check_record), 300);
}
END_TEST

START_TEST(by_hand)
{
    ck_assert_double_eq(ratio("", ""), 1.0);
    ck_assert_double_eq(ratio("abc", ""), 0.0);
    ck_assert_double_eq(ratio("abcd", "bcde"), 0.75); /* "bcd": 2 * 3 / 8 */
    ck_assert_double_eq(ratio("tide", "diet"), 0.25); /* "t", which comes first in "tide" */
    ck_assert_double_eq(ratio("diet", "tide"), 0.5);  /* "d", then "e" */
}
END_TEST

REC_SUITE("harness/replies/ratcliff", tcase_add_test(t, equals_difflib);
          tcase_add_test(t, by_hand);)
