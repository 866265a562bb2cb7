#include "harness/judges/protocol.h"

#include "tests/suite.h"

extern const rec_judge_protocol rec_judge_protocol_score10;

START_TEST(two_numbers_on_the_first_line)
{
    static const struct {
        const char *reply;
        double a, b; /* a = 0: cannot be read */
    } rows[] = {
        {"8 9", 8, 9},
        {"8, 9\nB is better.", 8, 9}, /* what the original refuses */
        {"\n 10;1 \r\nwhy", 10, 1},
        {"7.5 7.5\n", 7.5, 7.5},
        {"8", 0, 0},
        {"8 9 7", 0, 0},
        {"0 5", 0, 0},
        {"5 11", 0, 0},
        {"A: 8 B: 9", 0, 0},
        {"8/10 9/10", 0, 0},
        {"-8 9", 0, 0},
        {"0x8 9", 0, 0},
        {"inf 9", 0, 0},
        {"8.999999999999999999 9", 0, 0},
        {"100 9", 0, 0},
        {"89", 0, 0},
        {"Here:\n8 9", 0, 0},
        {"", 0, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        rec_judgement j;
        ck_assert_ok(rec_judge_protocol_score10.parse(&j, rows[i].reply, err));
        ck_assert_msg(j.has_scores == (rows[i].a > 0), "%s", rows[i].reply);
        if (!j.has_scores) {
            ck_assert_int_eq(j.prefers, REC_PREFERS_NONE);
            continue;
        }
        ck_assert_double_eq(j.a[0], rows[i].a);
        ck_assert_double_eq(j.b[0], rows[i].b);
        ck_assert_int_eq(j.prefers, rows[i].a > rows[i].b   ? REC_PREFERS_A
                                    : rows[i].a < rows[i].b ? REC_PREFERS_B
                                                            : REC_PREFERS_TIE);
    }
}
END_TEST

REC_SUITE("harness/judges/score10", tcase_add_test(t, two_numbers_on_the_first_line);)
