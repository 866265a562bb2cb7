/* Fields of a client's object: missing and null leave the value, all else is checked. */
#include "harness/serve/fields.h"

#include <string.h>

#include "tests/suite.h"

static cJSON *object;
static rec_api_error api;

static void set_up(void)
{
    static const char text[] = "{\"null\":null,\"yes\":true,\"five\":5,\"half\":0.5,\"word\":\"w\","
                               "\"huge\":1e300,\"list\":[]}";
    ck_assert_int_eq(rec_fields_parse(&object, text, strlen(text), &api), REC_OK);
}

static void tear_down(void)
{
    cJSON_Delete(object);
}

START_TEST(values)
{
    bool flag = false;
    double real = 9.0;
    int64_t number = 9;
    const char *text = "before";
    ck_assert_ptr_null(rec_field(object, "null"));
    ck_assert_ptr_nonnull(rec_field(object, "list"));
    ck_assert_int_eq(rec_field_bool(&flag, object, "yes", &api), REC_OK);
    ck_assert(flag);
    ck_assert_int_eq(rec_field_real(&real, object, "null", 0, 1, &api), REC_OK);
    ck_assert_double_eq(real, 9.0);
    ck_assert_int_eq(rec_field_real(&real, object, "half", 0, 1, &api), REC_OK);
    ck_assert_double_eq(real, 0.5);
    ck_assert_int_eq(rec_field_int(&number, object, "none", 0, 1, &api), REC_OK);
    ck_assert_int_eq(number, 9);
    ck_assert_int_eq(rec_field_int(&number, object, "five", 5, 5, &api), REC_OK);
    ck_assert_int_eq(number, 5);
    ck_assert_int_eq(rec_field_text(&text, object, "word", &api), REC_OK);
    ck_assert_str_eq(text, "w");
}
END_TEST

START_TEST(refusals)
{
    bool flag;
    double real;
    int64_t number;
    const char *text;
    ck_assert_int_ne(rec_field_bool(&flag, object, "five", &api), REC_OK);
    ck_assert_str_eq(api.param, "five");
    ck_assert_int_ne(rec_field_real(&real, object, "five", 0, 4, &api), REC_OK);
    ck_assert_str_eq(api.message, "\"five\" is a number from 0 to 4");
    ck_assert_int_ne(rec_field_real(&real, object, "word", 0, 4, &api), REC_OK);
    ck_assert_int_ne(rec_field_int(&number, object, "half", 0, 4, &api), REC_OK);
    ck_assert_str_eq(api.message, "\"half\" is a whole number from 0 to 4");
    ck_assert_int_ne(rec_field_int(&number, object, "huge", 0, INT64_MAX / 2, &api), REC_OK);
    ck_assert_int_ne(rec_field_text(&text, object, "list", &api), REC_OK);
    ck_assert_int_eq(api.http, 400);
}
END_TEST

REC_SUITE("harness/serve/fields", tcase_add_checked_fixture(t, set_up, tear_down);
          tcase_add_test(t, values); tcase_add_test(t, refusals);)
