#include "tests/datasets/data.h"

#include "datasets/json_lines.h"

static rec_status sum(void *context, const cJSON *object, size_t line, rec_error *err)
{
    const cJSON *n = cJSON_GetObjectItemCaseSensitive(object, "n");
    if (!cJSON_IsNumber(n))
        return rec_fail(err, REC_ERR_DATA, "no n");
    *(double *)context += n->valuedouble * (double)line;
    return REC_OK;
}

static rec_status run(const char *text, double *total, rec_error *error)
{
    *total = 0;
    return rec_json_lines_read(data_put("x", text), NULL, sum, total, error);
}

START_TEST(lines)
{
    double total;
    ck_assert_ok(run("{\"n\": 1}\n\n  \n{\"n\": 10}\r\n{\"n\": 100}", &total, err));
    ck_assert_double_eq(total, 1 + 40 + 500);
    ck_assert_ok(run("", &total, err));
    ck_assert_fails(run("{\"n\": 1}\n{\"m\": 1}\n", &total, err), REC_ERR_DATA, "x:2: no n");
    ck_assert_fails(run("{\"n\": 1}\n7\n", &total, err), REC_ERR_DATA, "x:2: not an object");
    ck_assert_fails(run("{\"n\": 1}\n{\"n\": }\n", &total, err), REC_ERR_DATA, "x:2:7");
    ck_assert_fails(rec_json_lines_read("/nowhere", NULL, sum, &total, err), REC_ERR_DATA,
                    "/nowhere");
}
END_TEST

START_TEST(scalars)
{
    char number[32];
    cJSON *list = cJSON_Parse("[\"a\", 0.5, 7, true, null, [1], {}]");
    static const char *const expected[] = {"a", "0.5", "7", "true", NULL, NULL, NULL};
    for (int i = 0; i < 7; i++)
        ck_assert_pstr_eq(rec_json_scalar(cJSON_GetArrayItem(list, i), number), expected[i]);
    cJSON_Delete(list);
}
END_TEST

REC_SUITE("datasets/json_lines", tcase_add_checked_fixture(t, data_setup, data_teardown);
          tcase_add_test(t, lines); tcase_add_test(t, scalars);)
