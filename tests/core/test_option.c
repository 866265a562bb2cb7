#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "core/option.h"
#include "core/yaml.h"
#include "tests/suite.h"

typedef struct inner {
    int64_t depth;
    char *label;
} inner;

typedef struct plugin {
    bool flag;
    int64_t count;
    double rate;
    char *path, *key, *lm;
    int mode;
    rec_int_list ks;
    rec_real_list rates;
    rec_string_list metrics;
    inner nested;
    const rec_yaml *free_form;
} plugin;

static const rec_option inner_options[] = {
    {"depth", "levels", offsetof(inner, depth), REC_OPT_INT, .value = 3, .min = 1, .max = 9},
    {"label", "name", offsetof(inner, label), REC_OPT_STRING, .text = "inner"},
    {.key = NULL},
};

static const rec_option options[] = {
    {"flag", "on or off", offsetof(plugin, flag), REC_OPT_BOOL, .value = 1},
    {"count", "how many", offsetof(plugin, count), REC_OPT_INT, .value = 5, .min = 1, .max = 100},
    {"rate", "per step", offsetof(plugin, rate), REC_OPT_REAL, .value = .1, .min = 1e-9, .max = 1},
    {"path", "a file", offsetof(plugin, path), REC_OPT_STRING, .from_env = true},
    {"key", "a password", offsetof(plugin, key), REC_OPT_STRING, .secret = true},
    {"lm", "a model", offsetof(plugin, lm), REC_OPT_REFERENCE, .refers_to = "lm"},
    {"mode", "how", offsetof(plugin, mode), REC_OPT_ENUM, .value = 1,
     .choices = (const char *const[]){"slow", "fast", NULL}},
    {"k", "cut-offs", offsetof(plugin, ks), REC_OPT_INTS, .text = "1, 10", .min = 1, .max = 1000},
    {"rates", "rates", offsetof(plugin, rates), REC_OPT_REALS, .text = NULL},
    {"metrics", "names", offsetof(plugin, metrics), REC_OPT_STRINGS, .text = "ndcg,recall"},
    {"nested", "more", offsetof(plugin, nested), REC_OPT_TABLE, .table = inner_options},
    {"any", "free", offsetof(plugin, free_form), REC_OPT_ANY, .text = NULL},
    {.key = NULL},
};

static rec_status parse(plugin *p, rec_yaml **map, const char *text, rec_error *err)
{
    static const char *const ignore[] = {"name", "type", NULL};
    rec_status status = rec_yaml_parse(map, text, strlen(text), "c.yaml", err);
    if (status != REC_OK)
        return status;
    return rec_options_parse(p, options, *map, ignore, err);
}

static void expect_json(const plugin *p, const char *expected)
{
    cJSON *json = rec_options_json(p, options, NULL);
    char *text = cJSON_PrintUnformatted(json);
    ck_assert_str_eq(text, expected);
    free(text);
    cJSON_Delete(json);
}

START_TEST(defaults)
{
    plugin p;
    ck_assert_ok(rec_options_parse(&p, options, NULL, NULL, err));
    expect_json(&p, "{\"flag\":true,\"count\":5,\"rate\":0.1,\"path\":null,\"lm\":null,"
                    "\"mode\":\"fast\",\"k\":[1,10],\"rates\":[],\"metrics\":[\"ndcg\",\"recall\"],"
                    "\"nested\":{\"depth\":3,\"label\":\"inner\"},\"any\":null}");
    rec_options_deinit(&p, options);
    rec_options_deinit(&p, options); /* zeros: nothing to release */
}
END_TEST

/* A table used by two plug-ins has other defaults in one of them; keys of a config come on top. */
START_TEST(a_table_takes_other_defaults)
{
    static const rec_option outer[] = {
        {"nested", "more", 0, REC_OPT_TABLE, .table = inner_options, .text = "{depth: 7}"},
        {.key = NULL},
    };
    static const rec_option outermost[] = {
        {"outer", "most", 0, REC_OPT_TABLE, .table = outer, .text = "{nested: {label: far}}"},
        {.key = NULL},
    };
    static const rec_option wrong[] = {
        {"nested", "more", 0, REC_OPT_TABLE, .table = inner_options, .text = "{depth: 10}"},
        {.key = NULL},
    };
    inner i;
    rec_yaml *map;
    ck_assert_ok(rec_options_defaults(&i, outermost, err));
    ck_assert_int_eq(i.depth, 7);
    ck_assert_str_eq(i.label, "far");
    rec_options_deinit(&i, outermost);
    ck_assert_ok(rec_yaml_parse(&map, "nested: {label: x}", 18, "c.yaml", err));
    ck_assert_ok(rec_options_parse(&i, outer, map, NULL, err));
    ck_assert_int_eq(i.depth, 7);
    ck_assert_str_eq(i.label, "x");
    rec_options_deinit(&i, outer);
    rec_yaml_free(map);
    ck_assert_fails(rec_options_defaults(&i, wrong, err), REC_ERR_CONFIG,
                    "depth: 10 is out of range");
}
END_TEST

START_TEST(values)
{
    plugin p;
    rec_yaml *map;
    setenv("REC_TEST_FOLDER", "/tmp/x", 1);
    ck_assert_ok(parse(&p, &map,
                       "{name: n, type: t, flag: false, count: 7, rate: 1, "
                       "path: '${REC_TEST_FOLDER}/y', key: s, lm: smol, mode: slow, k: 20, "
                       "rates: [0.5, 2], metrics: [mrr], nested: {depth: 9}, any: {x: [1]}}",
                       err));
    expect_json(&p, "{\"flag\":false,\"count\":7,\"rate\":1,\"path\":\"/tmp/x/y\",\"lm\":\"smol\","
                    "\"mode\":\"slow\",\"k\":[20],\"rates\":[0.5,2],\"metrics\":[\"mrr\"],"
                    "\"nested\":{\"depth\":9,\"label\":\"inner\"},\"any\":{\"x\":[1]}}");
    ck_assert_str_eq(p.key, "s");
    rec_options_deinit(&p, options);
    rec_yaml_free(map);
}
END_TEST

START_TEST(refusals)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"cuont: 1", "c.yaml:1:1: cuont: unknown key, did you mean \"count\"? (known: name, type, "
                     "flag, count,"},
        {"zzzzzz: 1", "zzzzzz: unknown key (known:"},
        {"a: 1\nnested: {deep: 2}", "c.yaml:1:1: a: unknown key"},
        {"nested: {detph: 2}", "c.yaml:1:10: detph: unknown key, did you mean \"depth\"?"},
        {"nested: 3", "nested: expected a mapping"},
        {"flag: 1", "c.yaml:1:7: flag: expected true or false, got \"1\""},
        {"count: 1.5", "count: expected an integer"},
        {"count: ", "count: expected an integer, got nothing"},
        {"count: 0", "count: 0 is out of range (1 to 100)"},
        {"rate: 2", "rate: 2 is out of range (1e-09 to 1)"},
        {"rate: fast", "rate: expected a number, got \"fast\""},
        {"mode: fsat",
         "mode: unknown value \"fsat\", did you mean \"fast\"? (allowed: slow, fast)"},
        {"mode: [fast]", "mode: expected a text, got a list"},
        {"k: [1, 0]", "c.yaml:1:8: k: 0 is out of range"},
        {"k: [1, x]", "k: expected an integer"},
        {"rates: {a: 1}", "rates: expected a number, got a mapping"},
        {"metrics: [[a]]", "metrics: expected a text"},
        {"path: '${REC_TEST_UNSET}'", "path: environment variable REC_TEST_UNSET is not set"},
        {"lm: '${HOME}'", "lm: environment variables are not read in this field"},
        {"- 1", "expected a mapping of options"},
    };
    unsetenv("REC_TEST_UNSET");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        plugin p;
        rec_yaml *map;
        ck_assert_fails(parse(&p, &map, cases[i].text, err), REC_ERR_CONFIG, cases[i].message);
        rec_yaml_free(map);
    }
}
END_TEST

START_TEST(required_options_are_asked_for)
{
    static const rec_option table[] = {
        {"path", "the file", offsetof(plugin, path), REC_OPT_STRING, .required = true},
        {.key = NULL},
    };
    plugin p;
    rec_yaml *map;
    ck_assert_ok(rec_yaml_parse(&map, "{}", 2, "c.yaml", err));
    ck_assert_fails(rec_options_parse(&p, table, map, NULL, err), REC_ERR_CONFIG,
                    "c.yaml:1:1: path: missing (the file)");
    rec_yaml_free(map);
}
END_TEST

START_TEST(a_failed_set_changes_nothing)
{
    plugin p;
    rec_yaml *bad;
    ck_assert_ok(rec_options_parse(&p, options, NULL, NULL, err));
    ck_assert_ok(rec_yaml_parse(&bad, "[1, x]", 6, "c.yaml", err));
    const rec_option *k = &options[7];
    ck_assert_fails(rec_option_set(&p, k, bad, err), REC_ERR_CONFIG, "k: expected an integer");
    ck_assert_uint_eq(p.ks.n, 2);
    rec_yaml_free(bad);
    rec_options_deinit(&p, options);
}
END_TEST

START_TEST(options_by_key)
{
    ck_assert_str_eq(rec_option_find(options, "k")->key, "k");
    ck_assert_ptr_null(rec_option_find(options, "depth")); /* of a nested table */
    ck_assert_ptr_null(rec_option_find(NULL, "k"));
}
END_TEST

START_TEST(nearest_names)
{
    static const char *const names[] = {"ndcg", "recall", "mrr"};
    ck_assert_str_eq(rec_nearest("ndgc", names, 3), "ndcg"); /* neighbours swapped: distance 1 */
    ck_assert_str_eq(rec_nearest("recal", names, 3), "recall");
    ck_assert_ptr_null(rec_nearest("precision", names, 3));
    ck_assert_ptr_null(rec_nearest("x", names, 0));
    char hint[REC_HINT_MAX];
    ck_assert_str_eq(rec_hint(hint, "ndgc", names, 3), ", did you mean \"ndcg\"?");
    ck_assert_str_eq(rec_hint(hint, "precision", names, 3), "");
}
END_TEST

REC_SUITE("core/option", tcase_add_test(t, defaults);
          tcase_add_test(t, a_table_takes_other_defaults); tcase_add_test(t, values);
          tcase_add_test(t, refusals); tcase_add_test(t, required_options_are_asked_for);
          tcase_add_test(t, a_failed_set_changes_nothing); tcase_add_test(t, nearest_names);
          tcase_add_test(t, options_by_key);)
