/* Calls: two holders, one end, a listener that may leave. */
#include "harness/serve/call.h"

#include <string.h>

#include "tests/suite.h"

static void count(void *context)
{
    ++*(int *)context;
}

static rec_call *listened(int *n_wakes)
{
    rec_call *c = NULL;
    *n_wakes = 0;
    ck_assert_ok(rec_call_new(&c, REC_CALL_COMPLETE, err));
    c->wake = count;
    c->wake_context = n_wakes;
    return c;
}

START_TEST(ends_once)
{
    int n_wakes;
    rec_call *c = listened(&n_wakes), *other = rec_call_share(c);
    rec_api_error first = {.http = 502, .message = "first"}, second = {.http = 500};
    rec_call_wake(c);
    ck_assert_int_eq(n_wakes, 1);
    rec_call_fail(c, &first);
    ck_assert(c->done);
    ck_assert_int_eq(n_wakes, 2);
    rec_call_fail(c, &second);
    rec_call_finish(c);
    ck_assert_int_eq(n_wakes, 2);
    ck_assert_str_eq(c->error.message, "first");
    ck_assert_double_ge(c->finished, c->submitted);
    rec_call_release(c);
    ck_assert(other->done); /* still there */
    rec_call_release(other);
    rec_call_release(NULL);
}
END_TEST

START_TEST(abandoned)
{
    int n_wakes;
    rec_call *c = listened(&n_wakes);
    rec_call_abandon(c);
    ck_assert(atomic_load(&c->cancelled));
    rec_call_wake(c);
    rec_call_finish(c);
    ck_assert_int_eq(n_wakes, 0);
    rec_call_release(c);
}
END_TEST

START_TEST(choices)
{
    static const char body[] = "{\"prompt\": [\"a\", \"b\"], \"n\": 3}";
    int n_wakes;
    rec_api_error api;
    rec_call *c = listened(&n_wakes);
    ck_assert_int_eq(rec_completion_request_parse(&c->completion, body, strlen(body), false, &api),
                     REC_OK);
    ck_assert_ok(rec_call_make_choices(c, err));
    ck_assert_uint_eq(c->n_choices, 6);
    ck_assert_uint_eq(c->weight, 6);
    ck_assert_ptr_null(c->choices[5].finish);
    rec_call_release(c);
}
END_TEST

REC_SUITE("harness/serve/call", tcase_add_test(t, ends_once); tcase_add_test(t, abandoned);
          tcase_add_test(t, choices);)
