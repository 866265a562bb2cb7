#include "harness/simulators/simulator.h"

#include <string.h>

#include "tests/suite.h"

static rec_status check(const char *text, const char **type, rec_error *error)
{
    static const rec_option table[] = {
        {"simulator", "", 0, REC_OPT_TABLE, .table = rec_simulator_option_table}, {.key = NULL}};
    rec_simulator_options o;
    rec_yaml *tree;
    ck_assert_ok(rec_yaml_parse(&tree, text, strlen(text), "t.yaml", err));
    rec_status status = rec_options_parse(&o, table, tree, NULL, error);
    if (status == REC_OK) {
        *type = rec_simulator_type(&o)->name;
        status = rec_simulator_check(&o, tree, error);
        rec_options_deinit(&o, table);
    }
    rec_yaml_free(tree);
    return status;
}

START_TEST(options)
{
    const char *type = "";
    ck_assert_ok(check("{}", &type, err));
    ck_assert_str_eq(type, "agenda");
    ck_assert_ok(check("{simulator: {type: lm, lm: x, max_verify: 1}}", &type, err));
    ck_assert_str_eq(type, "lm");
    ck_assert_fails(check("{simulator: {type: lm}}", &type, err), REC_ERR_CONFIG,
                    "t.yaml:1:13: simulator: type: lm needs `lm: NAME`");
    ck_assert_fails(check("{simulator: {lm: x}}", &type, err), REC_ERR_CONFIG,
                    "only a user of type: lm asks a model");
    ck_assert_fails(check("{simulator: {noise: 2}}", &type, err), REC_ERR_CONFIG, "noise");
    ck_assert_fails(check("{simulator: {type: human}}", &type, err), REC_ERR_CONFIG, "agenda");
}
END_TEST

REC_SUITE("harness/simulators/simulator", tcase_add_test(t, options);)
