/* A signal is seen by loops, unless it is held back. */
#include "core/interrupt.h"

#include <signal.h>
#include <string.h>

#include "tests/suite.h"

START_TEST(signals)
{
    rec_interrupt_install();
    ck_assert_int_eq(rec_interrupt_signal(), 0);
    ck_assert_ok(rec_interrupt_check(err));
    rec_interrupt_hold(true);
    raise(SIGTERM);
    ck_assert_int_eq(rec_interrupt_signal(), SIGTERM);
    ck_assert_ok(rec_interrupt_check(err)); /* what was begun is finished */
    rec_interrupt_hold(false);
    ck_assert_fails(rec_interrupt_check(err), REC_ERR_INTERRUPTED, "SIGTERM");
}
END_TEST

REC_SUITE("core/interrupt", tcase_add_test(t, signals);)
