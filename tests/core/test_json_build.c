#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/json_build.h"
#include "tests/suite.h"

START_TEST(nested_values)
{
    cJSON *root, *list, *inner;
    ck_assert_ok(rec_json_new_object(&root, err));
    ck_assert_ok(rec_json_add_text(root, "text", "a\"b", err));
    ck_assert_ok(rec_json_add_text(root, "none", NULL, err));
    ck_assert_ok(rec_json_add_real(root, "tenth", 0.1, err));
    ck_assert_ok(rec_json_add_real(root, "nan", NAN, err));
    ck_assert_ok(rec_json_add_real(root, "infinite", INFINITY, err));
    ck_assert_ok(rec_json_add_count(root, "count", 12345678901u, err));
    ck_assert_ok(rec_json_add_array(&list, root, "list", err));
    ck_assert_ok(rec_json_add_bool(list, NULL, true, err));
    ck_assert_ok(rec_json_add_object(&inner, list, NULL, err));
    ck_assert_ok(rec_json_add_bool(inner, "no", false, err));
    char *text = rec_json_print(root, NULL);
    ck_assert_str_eq(text,
                     "{\"text\":\"a\\\"b\",\"none\":null,\"tenth\":0.1,\"nan\":null,"
                     "\"infinite\":null,\"count\":12345678901,\"list\":[true,{\"no\":false}]}");
    free(text);
    cJSON_Delete(root);
}
END_TEST

/* What cannot be taken is freed: leak checkers see it. */
START_TEST(an_item_made_elsewhere)
{
    cJSON *root;
    ck_assert_ok(rec_json_new_object(&root, err));
    ck_assert_ok(rec_json_take(root, "item", cJSON_CreateString("a"), err));
    ck_assert_fails(rec_json_take(root, "none", NULL, err), REC_ERR_RESOURCE, "out of memory");
    ck_assert_fails(rec_json_take(NULL, "lost", cJSON_CreateString("b"), err), REC_ERR_RESOURCE,
                    "out of memory");
    char *text = rec_json_print(root, NULL);
    ck_assert_str_eq(text, "{\"item\":\"a\"}");
    free(text);
    cJSON_Delete(root);
}
END_TEST

START_TEST(an_array_as_root)
{
    cJSON *root;
    ck_assert_ok(rec_json_new_array(&root, err));
    ck_assert_ok(rec_json_add_count(root, NULL, 0, err));
    char *text = rec_json_print(root, NULL);
    ck_assert_str_eq(text, "[0]");
    free(text);
    cJSON_Delete(root);
}
END_TEST

/* cJSON reports no memory by NULL; nothing is lost or freed twice. */
static size_t countdown;

static void *failing(size_t size)
{
    return countdown > 0 && --countdown == 0 ? NULL : malloc(size);
}

static rec_status build(cJSON **root, rec_error *err)
{
    cJSON *list;
    rec_status status;
    REC_TRY(rec_json_new_object(root, err));
    REC_TRY(rec_json_add_array(&list, *root, "list", err));
    REC_TRY(rec_json_add_text(list, NULL, "text", err));
    REC_TRY(rec_json_add_real(*root, "real", 1.5, err));
    REC_TRY(rec_json_take(*root, "taken", cJSON_CreateArray(), err));
    status = rec_json_add_bool(*root, "bool", true, err);
cleanup:
    return status;
}

START_TEST(out_of_memory)
{
    cJSON_Hooks hooks = {failing, free};
    cJSON_InitHooks(&hooks);
    rec_status status = REC_ERR_RESOURCE;
    size_t n = 0;
    while (status != REC_OK) {
        cJSON *root = NULL;
        rec_error err = {.status = REC_OK};
        countdown = ++n;
        status = build(&root, &err);
        if (status != REC_OK)
            ck_assert_str_eq(err.message, "out of memory (JSON)");
        cJSON_Delete(root);
        ck_assert_uint_lt(n, 50);
    }
    ck_assert_uint_gt(n, 8);
    cJSON_InitHooks(NULL);
}
END_TEST

REC_SUITE("core/json_build", tcase_add_test(t, nested_values);
          tcase_add_test(t, an_item_made_elsewhere); tcase_add_test(t, an_array_as_root);
          tcase_add_test(t, out_of_memory);)
