#include "harness/report/dataset_columns.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/suite.h"

/* Three items: a text that is cut (45 bytes and dots, between characters), a number and a list that the
 * first item lacks, a date that nobody has. 2020-09-27 is day 18532 since 1970. */
static char *texts[] = {
    "caf\xC3\xA9 caf\xC3\xA9 caf\xC3\xA9 caf\xC3\xA9 caf\xC3\xA9 caf\xC3\xA9 caf\xC3\xA9 "
    "1234\xC3\xA9 and more",
    NULL, "x"};
static double prices[] = {NAN, 4.5, NAN}, days[] = {NAN, NAN, NAN},
              dates[] = {18532 * 86400.0, 0, NAN};
static size_t starts[] = {0, 0, 2, 3};
static char *tags[] = {"space", "farm", "solo"};
static rec_column columns[] = {
    {.name = "text", .type = REC_COLUMN_TEXT, .text = texts},
    {.name = "price", .type = REC_COLUMN_NUMBER, .number = prices},
    {.name = "never", .type = REC_COLUMN_DATE, .number = days},
    {.name = "released", .type = REC_COLUMN_DATE, .number = dates},
    {.name = "tags", .type = REC_COLUMN_TEXTS, .start = starts, .texts = tags},
};
static const rec_catalogue catalogue = {.n_items = 3, .n_columns = 5, .columns = columns};

START_TEST(names_types_and_examples)
{
    rec_sheet *sheet = NULL;
    rec_buffer out = {.length = 0};
    ck_assert_ok(rec_dataset_columns_sheet(&sheet, &catalogue, err));
    ck_assert_ok(rec_sheet_print(&out, sheet, REC_FORMAT_CSV, 0, err));
    ck_assert_str_eq(out.data,
                     "column,type,items,example\n"
                     "text,text,2,caf\xC3\xA9 caf\xC3\xA9 caf\xC3\xA9 caf\xC3\xA9 caf\xC3\xA9 "
                     "caf\xC3\xA9 caf\xC3\xA9 123...\n"
                     "price,number,1,4.5\n"
                     "never,date,0,\n"
                     "released,date,2,2020-09-27\n"
                     "tags,list of text,2,space\n");
    rec_buffer_deinit(&out);
    rec_sheet_free(sheet);
}
END_TEST

START_TEST(the_same_for_programs)
{
    cJSON *object = cJSON_CreateObject(), *list;
    ck_assert_ok(rec_dataset_add_columns_json(object, &catalogue, err));
    ck_assert_ptr_nonnull(list = cJSON_GetObjectItem(object, "columns"));
    cJSON_DeleteItemFromArray(list, 0);
    char *text = cJSON_PrintUnformatted(list);
    ck_assert_str_eq(
        text, "[{\"name\":\"price\",\"type\":\"number\",\"known\":1,\"example\":\"4.5\"},"
              "{\"name\":\"never\",\"type\":\"date\",\"known\":0,\"example\":null},"
              "{\"name\":\"released\",\"type\":\"date\",\"known\":2,\"example\":\"2020-09-27\"},"
              "{\"name\":\"tags\",\"type\":\"list of text\",\"known\":2,\"example\":\"space\"}]");
    free(text);
    cJSON_Delete(object);
}
END_TEST

REC_SUITE("harness/report/dataset_columns", tcase_add_test(t, names_types_and_examples);
          tcase_add_test(t, the_same_for_programs);)
