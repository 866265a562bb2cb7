#include <math.h>
#include <string.h>
#include <zlib.h>

#include "core/file.h"
#include "core/json.h"
#include "tests/folder.h"
#include "tests/suite.h"

static void assert_prints(const char *text, const char *expected)
{
    cJSON *json = NULL;
    ck_assert_ok(rec_json_parse(&json, text, strlen(text), "x.json", 1, err));
    char *printed = rec_json_print(json, NULL);
    ck_assert_str_eq(printed, expected);
    free(printed);
    cJSON_Delete(json);
}

static void assert_refused(const char *text, const char *message)
{
    cJSON *json = NULL;
    ck_assert_fails(rec_json_parse(&json, text, strlen(text), "x.json", 1, err), REC_ERR_DATA,
                    message);
    ck_assert_ptr_null(json);
}

START_TEST(values_of_all_kinds)
{
    assert_prints(" { \"a\" : [ 1 , -2.5e3 , true, false,\tnull ] ,\r\n \"b\" : { } , \"\" : [] } ",
                  "{\"a\":[1,-2500,true,false,null],\"b\":{},\"\":[]}");
    assert_prints("0", "0");
    assert_prints("-0.0", "-0");
    assert_prints("\"\"", "\"\"");
    assert_prints("\xEF\xBB\xBF[]", "[]"); /* byte order mark */
}
END_TEST

START_TEST(strings_and_escapes)
{
    assert_prints("\"\\u00e9\\uD83D\\uDE00\\u0041\"", "\"\xC3\xA9\xF0\x9F\x98\x80"
                                                      "A\"");
    assert_prints("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u001f\\u007F\"",
                  "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u001f\x7F\"");
    assert_refused("\"\\x\"", "x.json:1:2: unknown escape");
    assert_refused("\"\\u12g4\"", "hexadecimal");
    assert_refused("\"\\u12", "hexadecimal");
    assert_refused("\"\\uD83D\"", "x.json:1:2: half of a surrogate pair");
    assert_refused("\"\\uD83D\\u0041\"", "half of a surrogate pair");
    assert_refused("\"\\uDE00\"", "half of a surrogate pair");
    assert_refused("\"a\\u0000b\"", "x.json:1:3: \\u0000");
    assert_refused("\"a\nb\"", "control character");
    assert_refused("\"caf\xC3\xA9\xFF\"", "x.json:1:6: string is not UTF-8");
    assert_refused("\"open", "x.json:1:1: string without end");
    assert_refused("\"open\\", "unfinished escape");
}
END_TEST

START_TEST(numbers)
{
    assert_prints("[1e-7,0.1,100,1E+2,123456789012345678,1.7976931348623157e308]",
                  "[1e-07,0.1,100,100,1.2345678901234568e+17,1.7976931348623157e+308]");
    static const char *const bad[] = {"-", "1.", "1.e5", "1e", "1e+", "-x"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_refused(bad[i], "x.json:1:1: not a number");
    assert_refused("01", "x.json:1:2: text after");
    assert_refused(".5", "not a value");
    assert_refused("+1", "not a value");
    assert_refused("1e999", "number out of range");
    assert_refused("NaN", "not a value");
}
END_TEST

START_TEST(structure)
{
    assert_refused("", "x.json:1:1: the text ends");
    assert_refused("[1, 2", "x.json:1:1: array without end");
    assert_refused("[1 2]", "x.json:1:4: \",\" or \"]\" expected");
    assert_refused("[1,]", "x.json:1:4: not a value");
    assert_refused("{\"a\" 1}", "x.json:1:6: \":\" expected");
    assert_refused("{\"a\":1,}", "a key in double quotes");
    assert_refused("{a:1}", "x.json:1:2: a key in double quotes");
    assert_refused("{\"a\":1 \"b\":2}", "\",\" or \"}\" expected");
    assert_refused("{\"a\":1", "object without end");
    assert_refused("[]\n\n x", "x.json:3:2: text after the end");
    assert_refused("tru", "not a value");
    assert_refused("{\"a\":1,\n \"\\u0061\":2}", "x.json:2:2: duplicate key");
}
END_TEST

START_TEST(line_of_json_lines)
{
    cJSON *json;
    ck_assert_fails(rec_json_parse(&json, "{]", 2, "log.jsonl", 41, err), REC_ERR_DATA,
                    "log.jsonl:41:2: ");
}
END_TEST

START_TEST(many_keys)
{
    char text[20000] = "{";
    cJSON *json = NULL;
    for (int i = 0; i < 1000; i++)
        sprintf(text + strlen(text), "\"key%d\":%d,", i, i);
    size_t n = strlen(text);
    strcpy(text + n, "\"last\":0}");
    ck_assert_ok(rec_json_parse(&json, text, strlen(text), "x", 1, err));
    ck_assert_int_eq(cJSON_GetArraySize(json), 1001);
    ck_assert_int_eq(cJSON_GetObjectItemCaseSensitive(json, "key777")->valueint, 777);
    cJSON_Delete(json);
    strcpy(text + n, "\"key500\":0}");
    assert_refused(text, "duplicate key");
}
END_TEST

START_TEST(nesting_is_limited)
{
    char text[1000];
    memset(text, '[', 257);
    text[257] = '\0';
    assert_refused(text, "x.json:1:257: nested deeper");
    memset(text + 256, ']', 256);
    text[512] = '\0';
    cJSON *json = NULL;
    ck_assert_ok(rec_json_parse(&json, text, 512, "x", 1, err));
    cJSON_Delete(json);
}
END_TEST

START_TEST(files)
{
    cJSON *json = NULL;
    test_write("a.json", "{\"k\": \"v\"}\n", 11);
    ck_assert_ok(rec_json_read(&json, test_path("a.json"), err));
    ck_assert_str_eq(rec_json_string(json, "k", NULL), "v");
    cJSON_Delete(json);
    gzFile f = gzopen(test_path("b.json.gz"), "wb");
    gzputs(f, "[1]");
    gzclose(f);
    ck_assert_ok(rec_json_read(&json, test_path("b.json.gz"), err));
    cJSON_Delete(json);
    test_write("bad.json", "[\n?", 3);
    ck_assert_fails(rec_json_read(&json, test_path("bad.json"), err), REC_ERR_DATA,
                    "bad.json:2:1: not a value");
    ck_assert_fails(rec_json_read(&json, test_path("no"), err), REC_ERR_DATA, "cannot open");
}
END_TEST

START_TEST(printing_refuses)
{
    rec_error err;
    cJSON *json = cJSON_CreateNumber(NAN);
    ck_assert_ptr_null(rec_json_print(json, &err));
    ck_assert_int_eq(err.status, REC_ERR_DATA);
    cJSON_Delete(json);
    json = cJSON_CreateString("\xFF");
    ck_assert_ptr_null(rec_json_print(json, &err));
    ck_assert_str_eq(err.message, "JSON: a string to print is not UTF-8");
    cJSON_Delete(json);
}
END_TEST

START_TEST(typed_members)
{
    cJSON *json = NULL;
    double number = 0;
    ck_assert_ok(rec_json_parse(&json, "{\"s\":\"x\",\"n\":2.5}", 17, "x", 1, err));
    ck_assert_ok(rec_json_number(&number, json, "n", err));
    ck_assert_double_eq(number, 2.5);
    ck_assert_fails(rec_json_number(&number, json, "s", err), REC_ERR_DATA, "s: not a number");
    ck_assert_fails(rec_json_number(&number, json, "S", err), REC_ERR_DATA, "S: missing");
    rec_error err;
    ck_assert_ptr_null(rec_json_string(json, "n", &err));
    ck_assert_str_eq(err.message, "n: not a string");
    ck_assert_ptr_null(rec_json_string(json, "t", &err));
    ck_assert_str_eq(err.message, "t: missing");
    cJSON_Delete(json);
}
END_TEST

/* Shortest digits by hand: 0.1 + 0.2 needs 17, 1/3 needs 16, the least subnormal needs one. */
START_TEST(shortest_doubles)
{
    char text[32];
    static const struct {
        double value;
        const char *text;
    } cases[] = {{0.1, "0.1"},
                 {0.1 + 0.2, "0.30000000000000004"},
                 {1.0 / 3.0, "0.3333333333333333"},
                 {4.9406564584124654e-324, "5e-324"},
                 {1e22, "1e+22"},
                 {-2.0, "-2"},
                 {123456.0, "123456"},
                 {NAN, "NaN"},
                 {-INFINITY, "-Infinity"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        rec_format_double(text, cases[i].value);
        ck_assert_str_eq(text, cases[i].text);
    }
}
END_TEST

/* Text for a model may hold U+0000: kept with its length, and printed as it came. */
START_TEST(nul_inside_text)
{
    static const char text[] = "{\"t\":\"a\\u0000b\"}";
    cJSON *json = NULL;
    ck_assert_ok(rec_json_parse_any_text(&json, text, strlen(text), "x.json", 1, err));
    const cJSON *t = cJSON_GetObjectItemCaseSensitive(json, "t");
    ck_assert_uint_eq(rec_json_text_length(t), 3);
    ck_assert_mem_eq(t->valuestring, "a\0b", 4);
    char *printed = rec_json_print(json, NULL);
    ck_assert_str_eq(printed, text);
    free(printed);
    cJSON_Delete(json);
}
END_TEST

/* A line per value, behind what is there. */
START_TEST(lines_of_a_buffer)
{
    static const char text[] = "{\"a\":[1,\"b\"]}";
    rec_buffer out = {.length = 0};
    cJSON *json = NULL, *nan = cJSON_CreateNumber(NAN);
    ck_assert_ok(rec_json_parse(&json, text, strlen(text), "x.json", 1, err));
    ck_assert_ok(rec_json_put_line(&out, json, err));
    ck_assert_ok(rec_json_put_line(&out, json, err));
    ck_assert_str_eq(out.data, "{\"a\":[1,\"b\"]}\n{\"a\":[1,\"b\"]}\n");
    ck_assert_fails(rec_json_put_line(&out, nan, err), REC_ERR_DATA, "NaN or infinity");
    rec_buffer_deinit(&out);
    cJSON_Delete(nan);
    cJSON_Delete(json);
}
END_TEST

START_TEST(a_value_as_a_file)
{
    static const char text[] = "{\"a\":[1,\"b\"]}";
    cJSON *json = NULL, *nan = cJSON_CreateNumber(NAN);
    rec_text file;
    ck_assert_ok(rec_json_parse(&json, text, strlen(text), "x.json", 1, err));
    ck_assert_ok(rec_json_write(json, test_path("."), "x.json", err));
    ck_assert_ok(rec_text_read(&file, test_path("x.json"), err));
    ck_assert_uint_eq(file.length, strlen(text));
    ck_assert_mem_eq(file.data, text, file.length);
    rec_text_close(&file);
    ck_assert_fails(rec_json_write(nan, test_path("."), "nan.json", err), REC_ERR_DATA,
                    "NaN or infinity");
    ck_assert(!rec_path_exists(test_path("nan.json")));
    ck_assert_fails(rec_json_write(json, test_path("none"), "x.json", err), REC_ERR_RESOURCE,
                    "x.json");
    cJSON_Delete(nan);
    cJSON_Delete(json);
}
END_TEST

REC_SUITE("core/json", tcase_add_test(t, nul_inside_text); tcase_add_test(t, lines_of_a_buffer);
          tcase_add_checked_fixture(t, test_folder, test_folder_remove);
          tcase_add_test(t, values_of_all_kinds); tcase_add_test(t, strings_and_escapes);
          tcase_add_test(t, numbers); tcase_add_test(t, structure);
          tcase_add_test(t, line_of_json_lines); tcase_add_test(t, many_keys);
          tcase_add_test(t, nesting_is_limited); tcase_add_test(t, files);
          tcase_add_test(t, a_value_as_a_file); tcase_add_test(t, printing_refuses);
          tcase_add_test(t, typed_members); tcase_add_test(t, shortest_doubles);)
