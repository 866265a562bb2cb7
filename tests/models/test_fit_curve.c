/* A curve becomes a list of numbers, what is not finite becomes null; without a taker nothing
 * happens. */
#include <cjson/cJSON.h>
#include <math.h>
#include <string.h>

#include "models/recommender.h"
#include "tests/suite.h"

START_TEST(curve_becomes_a_list)
{
    const double values[] = {0.5, NAN, 0.25};
    rec_fit_data data = {.curves = cJSON_CreateObject()};
    ck_assert_ok(rec_fit_add_curve(&data, "loss_train", values, 3, err));
    char *text = cJSON_PrintUnformatted(data.curves);
    ck_assert_str_eq(text, "{\"loss_train\":[0.5,null,0.25]}");
    cJSON_free(text);
    cJSON_Delete(data.curves);
    data.curves = NULL;
    ck_assert_ok(rec_fit_add_curve(&data, "loss_train", values, 3, err));
}
END_TEST

REC_SUITE("models/fit_curve", tcase_add_test(t, curve_becomes_a_list);)
