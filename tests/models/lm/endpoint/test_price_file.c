#include "models/lm/endpoint/price_file.h"

#include "tests/folder.h"
#include "tests/suite.h"

static rec_status read_prices(rec_lm_price *out, bool *found, const char *text, rec_error *err)
{
    test_write("p.yaml", text, strlen(text));
    return rec_price_read(out, found, test_path("p.yaml"), "m", err);
}

START_TEST(found_and_not)
{
    rec_lm_price p;
    bool found;
    ck_assert_ok(read_prices(&p, &found,
                             "date: 2025-06-01\nmodels: {m: {input: 150000, output: 600000}, "
                             "n: {input: 1, output: 2, cached_input: 0}}\n",
                             err));
    ck_assert(found);
    ck_assert_int_eq(p.input, 150000);
    ck_assert_int_eq(p.output, 600000);
    ck_assert_int_eq(p.cached_input, 150000); /* as input, unless it is said */
    ck_assert_str_eq(p.date, "2025-06-01");
    /* JSON is YAML. */
    ck_assert_ok(
        read_prices(&p, &found,
                    "{\"date\": \"2025-06-01\", \"models\": {\"m\": {\"input\": 8, \"output\": 9, "
                    "\"cached_input\": 0}}}",
                    err));
    ck_assert(found);
    ck_assert_int_eq(p.cached_input, 0);
    ck_assert_ok(
        read_prices(&p, &found, "date: 2025-06-01\nmodels: {gpt: {input: 1, output: 1}}\n", err));
    ck_assert(!found);
}
END_TEST

START_TEST(mistakes)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"[]", "expected a mapping"},
        {"date: 2025-06-01\n", "models: expected"},
        {"models: {m: {input: 1, output: 1}}", "date: missing"},
        {"date: yesterday\nmodels: {m: {input: 1, output: 1}}", "yesterday"},
        {"date: 2025-06-01\nmodels: {m: 3}", "expected {input, output}"},
        {"date: 2025-06-01\nmodels: {m: {input: 1}}", "output"},
        {"date: 2025-06-01\nmodels: {m: {input: 0.15, output: 1}}", "p.yaml:2"},
        {"date: 2025-06-01\nmodels: {m: {input: -1, output: 1}}", "out of range"},
        {"date: 2025-06-01\nmodels: {m: {input: 1, output: 1, per: million}}", "unknown key"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        rec_lm_price p;
        bool found;
        ck_assert_fails(read_prices(&p, &found, cases[i].text, err), REC_ERR_CONFIG,
                        cases[i].message);
    }
}
END_TEST

/* The file that comes with the program: dollars per million of RecLM-eval's table, times a million. */
START_TEST(shipped)
{
    rec_lm_price p;
    bool found;
    ck_assert_ok(
        rec_price_read(&p, &found, REC_SOURCE_DIR "/configs/prices.yaml", "gpt-4o-mini", err));
    ck_assert(found);
    ck_assert_int_eq(p.input, 150000);
    ck_assert_int_eq(p.output, 600000);
}
END_TEST

REC_SUITE("models/lm/endpoint/price_file",
          tcase_add_checked_fixture(t, test_folder, test_folder_remove);
          tcase_add_test(t, found_and_not); tcase_add_test(t, mistakes);
          tcase_add_test(t, shipped);)
