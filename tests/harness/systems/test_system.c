#include "harness/systems/system.h"

#include <string.h>

#include <cjson/cJSON.h>

#include "tests/suite.h"

START_TEST(types_are_found)
{
    rec_system_type t;
    ck_assert(rec_system_type_find(&t, "ease"));
    ck_assert_uint_eq(t.can, REC_CAN_SCORE);
    ck_assert(t.has_fit);
    ck_assert(!t.is_random);
    ck_assert(rec_system_type_find(&t, "chance"));
    ck_assert(t.expects_ties);
    ck_assert(rec_system_type_find(&t, "random"));
    ck_assert(t.is_random);
    ck_assert(!rec_system_type_find(&t, "nothing"));
    ck_assert_uint_ge(rec_system_type_count(), 3);
    ck_assert(rec_system_type_find(&t, rec_system_type_at(rec_system_type_count() - 1).name));
}
END_TEST

START_TEST(capabilities_have_names)
{
    char text[64], small[8];
    rec_capabilities_text(text, sizeof text, REC_CAN_SCORE | REC_CAN_EXPLAIN);
    ck_assert_str_eq(text, "score, explain");
    rec_capabilities_text(small, sizeof small, REC_CAN_RESPOND | REC_CAN_EXPLAIN);
    ck_assert_str_eq(small, "respond");
}
END_TEST

START_TEST(options_are_those_of_the_entry)
{
    rec_yaml *entry;
    rec_system_type t;
    rec_system *s;
    static const char text[] = "{name: e, type: ease, fit_on: all, lambda: 7}";
    ck_assert_ok(rec_yaml_parse(&entry, text, strlen(text), "t", err));
    ck_assert(rec_system_type_find(&t, "ease"));
    ck_assert_ok(rec_system_new(&s, "e", &t, entry, err));
    cJSON *json = rec_system_options_json(s, NULL);
    ck_assert_double_eq(cJSON_GetObjectItem(json, "lambda")->valuedouble, 7.0);
    ck_assert_ptr_null(cJSON_GetObjectItem(json, "fit_on"));
    cJSON_Delete(json);
    rec_system_free(s);
    rec_yaml_free(entry);
    rec_system_free(NULL);
}
END_TEST

START_TEST(parts_of_fit_on)
{
    ck_assert_uint_eq(rec_fit_on_parts(REC_FIT_TRAIN), REC_PART_TRAIN);
    ck_assert_uint_eq(rec_fit_on_parts(REC_FIT_TRAIN_VALID), REC_PART_TRAIN | REC_PART_VALID);
    ck_assert_uint_eq(rec_fit_on_parts(REC_FIT_ALL), REC_PART_ALL);
}
END_TEST

REC_SUITE("harness/systems/system", tcase_add_test(t, types_are_found);
          tcase_add_test(t, capabilities_have_names);
          tcase_add_test(t, options_are_those_of_the_entry); tcase_add_test(t, parts_of_fit_on);)
