#include <string.h>

#include "core/json.h"
#include "tests/failing_malloc.h"
#include "tests/folder.h"
#include "tests/suite.h"

static rec_status parse_and_print(rec_error *err)
{
    /* more than eight keys, so that the table of keys is allocated too */
    const char *text = "{\"a\":[1,true,null,\"caf\\u00e9\"],\"b\":{},\"c\":\"x\",\"d\":1.5,\"e\":0,"
                       "\"f\":0,\"g\":0,\"h\":0,\"i\":false,\"j\":\"last\"}";
    cJSON *json = NULL;
    rec_status status = rec_json_parse(&json, text, strlen(text), "t.json", 1, err);
    if (status != REC_OK) {
        failing_malloc_check(json == NULL);
        return status;
    }
    char *printed = rec_json_print(json, err);
    if (printed == NULL)
        status = REC_ERR_RESOURCE;
    free(printed);
    cJSON_Delete(json);
    return status;
}

static rec_status write_empty(rec_error *err)
{
    cJSON json = {.type = cJSON_Object};
    return rec_json_write(&json, test_folder_name, "x.json", err);
}

START_TEST(every_allocation_may_fail)
{
    cJSON_InitHooks(&(cJSON_Hooks){malloc, free}); /* this program's malloc, which can fail */
    ck_assert_uint_gt(failing_malloc_exhaust(parse_and_print), 30);
    ck_assert_uint_eq(failing_malloc_exhaust(write_empty), 5); /* path, text, three of the file */
}
END_TEST

REC_SUITE("core/json_alloc", tcase_add_checked_fixture(t, test_folder, test_folder_remove);
          tcase_add_test(t, every_allocation_may_fail);)
