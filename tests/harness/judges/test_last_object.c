#include "harness/judges/last_object.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/suite.h"

static cJSON *last_object(const char *text)
{
    cJSON *object;
    ck_assert_ok(rec_last_object(&object, text, err));
    return object;
}

static void check_print(const char *text, const char *want)
{
    cJSON *object = last_object(text);
    char *print = object != NULL ? cJSON_PrintUnformatted(object) : NULL;
    if (want == NULL)
        ck_assert_msg(print == NULL, "%s: %s", text, print);
    else
        ck_assert_str_eq(print, want);
    free(print);
    cJSON_Delete(object);
}

START_TEST(finds_the_outermost_last_object)
{
    check_print("{\"a\":1}", "{\"a\":1}");
    check_print("I think {so}: {\"a\":{\"b\":{}}} and that's it.", "{\"a\":{\"b\":{}}}");
    check_print("{\"a\":1} then {\"a\":2}", "{\"a\":2}");
    check_print("```json\n{\n \"a\": 1\n}\n```", "{\"a\":1}");
    check_print("{\"a\":\"} { \\\" }\"}", "{\"a\":\"} { \\\" }\"}"); /* braces inside a string */
    check_print("{ open: {\"a\":1}", "{\"a\":1}");                   /* a brace left open */
    check_print("} {\"a\":1} }", "{\"a\":1}");
    check_print("{\"a\":1} {broken}", "{\"a\":1}");
    check_print("say \"it's {\"a\":1}", "{\"a\":1}"); /* quotes in prose mean nothing */
}
END_TEST

START_TEST(none)
{
    check_print("", NULL);
    check_print("no object", NULL);
    check_print("{", NULL);
    check_print("}{", NULL);
    check_print("{\"a\":1", NULL);
    check_print("[1, 2]", NULL);
    check_print("{\"a\":1,}", NULL);
    check_print("{\"a\":1,\"a\":2}", NULL); /* a key twice: whose value counts? */
}
END_TEST

/* Braces nested deeper than any verdict, and many of them: linear time, no overrun. */
START_TEST(hostile_texts_take_linear_time)
{
    enum { N = 400000 };
    char *text = malloc(N + 1);
    static const char *const patterns[] = {"{", "}", "{}", "{\"a\":", "{\"", "{\"a\":{}}"};
    for (size_t p = 0; p < sizeof patterns / sizeof *patterns; p++) {
        size_t length = strlen(patterns[p]);
        for (size_t i = 0; i < N; i++)
            text[i] = patterns[p][i % length];
        text[N] = '\0';
        clock_t start = clock();
        cJSON_Delete(last_object(text));
        ck_assert_double_lt((double)(clock() - start) / CLOCKS_PER_SEC, 2.0);
    }
    memset(text, '{', N / 2);
    memset(text + N / 2, '}', N / 2);
    cJSON_Delete(last_object(text));
    free(text);
}
END_TEST

START_TEST(members_by_any_case)
{
    cJSON *object = last_object("{\"a\": 1, \"Overall\": 2}");
    ck_assert_double_eq(rec_object_member(object, "A")->valuedouble, 1.0);
    ck_assert_double_eq(rec_object_member(object, "overall")->valuedouble, 2.0);
    ck_assert_ptr_null(rec_object_member(object, "b"));
    ck_assert_ptr_null(rec_object_member(NULL, "b"));
    cJSON_Delete(object);
}
END_TEST

REC_SUITE("harness/judges/last_object", tcase_add_test(t, finds_the_outermost_last_object);
          tcase_add_test(t, none); tcase_add_test(t, hostile_texts_take_linear_time);
          tcase_add_test(t, members_by_any_case);)
