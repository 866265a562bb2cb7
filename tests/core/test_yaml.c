#include <stdio.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "core/yaml.h"
#include "tests/suite.h"

static rec_status parse(rec_yaml **out, const char *text, rec_error *err)
{
    return rec_yaml_parse(out, text, strlen(text), "t.yaml", err);
}

START_TEST(tree_knows_its_places)
{
    rec_yaml *root;
    ck_assert_ok(parse(&root, "name: \"ü\"\nlist:\n  - {a: 1, b: two}\n  - ~\n", err));
    ck_assert_int_eq(root->kind, REC_YAML_MAP);
    ck_assert_uint_eq(root->n, 2);
    const rec_yaml *name = rec_yaml_get(root, "name"), *list = rec_yaml_get(root, "list");
    ck_assert_str_eq(name->text, "ü");
    ck_assert(!name->plain);
    ck_assert_str_eq(root->keys[1], "list");
    ck_assert_uint_eq(root->key_places[1].line, 2);
    ck_assert_uint_eq(root->key_places[1].column, 1);
    const rec_yaml *b = rec_yaml_get(list->items[0], "b");
    ck_assert_str_eq(b->file, "t.yaml");
    ck_assert_uint_eq(b->line, 3);
    ck_assert_uint_eq(b->column, 15);
    ck_assert(rec_yaml_is_null(list->items[1]));
    ck_assert(rec_yaml_is_null(rec_yaml_get(root, "nothing")));
    rec_yaml_free(root);
}
END_TEST

START_TEST(typed_reads)
{
    rec_yaml *root;
    ck_assert_ok(parse(&root,
                       "{i: -12, r: 2.5e-3, w: 7, b: true, s: 2021, q: \"1\", e: , y: yes, n: nan, "
                       "big: 9223372036854775808, huge: 1e999, x: 0x10, d: ., l: [1]}",
                       err));
    int64_t i;
    double r;
    bool b;
    const char *s;
    ck_assert_ok(rec_yaml_int(&i, rec_yaml_get(root, "i"), err));
    ck_assert_int_eq(i, -12);
    ck_assert_ok(rec_yaml_real(&r, rec_yaml_get(root, "r"), err));
    ck_assert_double_eq(r, 2.5e-3);
    ck_assert_ok(rec_yaml_real(&r, rec_yaml_get(root, "w"), err));
    ck_assert_double_eq(r, 7.0);
    ck_assert_ok(rec_yaml_bool(&b, rec_yaml_get(root, "b"), err));
    ck_assert(b);
    ck_assert_ok(rec_yaml_string(&s, rec_yaml_get(root, "s"), err));
    ck_assert_str_eq(s, "2021");
    ck_assert_fails(rec_yaml_int(&i, rec_yaml_get(root, "q"), err), REC_ERR_CONFIG,
                    "t.yaml:1:48: expected an integer, got \"1\" (a quoted text)");
    ck_assert_fails(rec_yaml_int(&i, rec_yaml_get(root, "r"), err), REC_ERR_CONFIG, "an integer");
    ck_assert_fails(rec_yaml_string(&s, rec_yaml_get(root, "e"), err), REC_ERR_CONFIG,
                    "got nothing");
    ck_assert_fails(rec_yaml_bool(&b, rec_yaml_get(root, "y"), err), REC_ERR_CONFIG,
                    "expected true or false");
    ck_assert_fails(rec_yaml_real(&r, rec_yaml_get(root, "n"), err), REC_ERR_CONFIG, "a number");
    ck_assert_fails(rec_yaml_int(&i, rec_yaml_get(root, "big"), err), REC_ERR_CONFIG,
                    "out of range");
    ck_assert_fails(rec_yaml_real(&r, rec_yaml_get(root, "huge"), err), REC_ERR_CONFIG,
                    "out of range");
    ck_assert_fails(rec_yaml_int(&i, rec_yaml_get(root, "x"), err), REC_ERR_CONFIG, "an integer");
    ck_assert_fails(rec_yaml_real(&r, rec_yaml_get(root, "d"), err), REC_ERR_CONFIG, "a number");
    ck_assert_fails(rec_yaml_string(&s, rec_yaml_get(root, "l"), err), REC_ERR_CONFIG,
                    "got a list");
    rec_yaml_free(root);
}
END_TEST

START_TEST(refusals_name_the_place)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"", "t.yaml:1:1: empty"},
        {"# only a comment\n", "empty"},
        {"a: 1\n\tb: 2\n", "t.yaml:2:1: tab used as indentation"},
        {"a:\n\t- 1\n", "tab used as indentation"},
        {"a: {b: 1,\n\tc: 2}\n", "t.yaml:2:2: tab used as indentation"},
        {"a: [1,\n  \t2]\n", "t.yaml:2:4: tab used as indentation"},
        {"a: 1\nb: 2\na: 3\n", "t.yaml:3:1: duplicate key \"a\" (first on line 1)"},
        {"x: {k: 1, k: 2}\n", "t.yaml:1:11: duplicate key \"k\""},
        {"a: !!str 1\n", "t.yaml:1:4: tags are not allowed"},
        {"a: !python/object:x {}\n", "tags are not allowed"},
        {"!!str a: 1\n", "tags are not allowed"},
        {"%YAML 1.1\n---\na: 1\n", "directives"},
        {"%TAG ! tag:x,2000:\n---\na: 1\n", "directives"},
        {"a: &x 1\nb: {<<: *x}\n", "merge keys"},
        {"a: *nowhere\n", "t.yaml:1:4: alias to an anchor that is not defined"},
        {"a: &x [*x]\n", "t.yaml:1:8: alias to a value that contains it"},
        {"a: 1\n---\nb: 2\n", "t.yaml:2:1: only one document"},
        {"? [1]\n: 2\n", "a key must be a text"},
        {"? \n: 2\n", "must not be empty"},
        {"&a b: 2\n", "anchor"},
        {"a: \"x\\0y\"\n", "NUL"},
        {"a: [1\n", "t.yaml:2:1:"},
        {"a: 'x\n", "t.yaml:2:1:"},
        {"a: b: c\n", "t.yaml:1:5:"},
        {"a: \xff\n", "t.yaml:1:4: not valid UTF-8"},
        {"ab\nä\x01\n", "t.yaml:2:2: not valid UTF-8"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        rec_yaml *root;
        ck_assert_fails(parse(&root, cases[i].text, err), REC_ERR_CONFIG, cases[i].message);
        ck_assert_ptr_null(root);
    }
}
END_TEST

START_TEST(tabs_elsewhere_are_content)
{
    rec_yaml *root;
    ck_assert_ok(parse(&root, "a:\t1\nb: \"x\ty\"\nc: |\n  one\n  \ttwo\nd: 4\n", err));
    ck_assert_str_eq(rec_yaml_get(root, "c")->text, "one\n\ttwo\n");
    ck_assert_str_eq(rec_yaml_get(root, "b")->text, "x\ty");
    rec_yaml_free(root);
}
END_TEST

START_TEST(crlf_and_bom_are_normal)
{
    rec_yaml *root;
    ck_assert_ok(parse(&root,
                       "\xef\xbb\xbf"
                       "a: 1\r\nb: 2\r\n",
                       err));
    ck_assert_str_eq(root->keys[0], "a");
    ck_assert_uint_eq(rec_yaml_get(root, "b")->line, 2);
    rec_yaml_free(root);
}
END_TEST

START_TEST(aliases_are_copies)
{
    rec_yaml *root;
    ck_assert_ok(parse(&root, "a: &x {k: [1, 2]}\nb: *x\nc: *x\n", err));
    const rec_yaml *a = rec_yaml_get(root, "a"), *b = rec_yaml_get(root, "b");
    ck_assert_ptr_ne(a, b);
    ck_assert_str_eq(rec_yaml_get(b, "k")->items[1]->text, "2");
    ck_assert_uint_eq(rec_yaml_get(b, "k")->items[1]->line, 1);
    rec_yaml_free(root);
}
END_TEST

START_TEST(alias_bomb_is_refused)
{
    char text[1024];
    size_t used = (size_t)snprintf(text, sizeof text, "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
    for (int i = 1; i < 10; i++) /* 10^10 values */
        used += (size_t)snprintf(text + used, sizeof text - used,
                                 "a%d: &a%d [*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d]\n",
                                 i, i, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1,
                                 i - 1, i - 1);
    rec_yaml *root;
    ck_assert_fails(parse(&root, text, err), REC_ERR_CONFIG, "more than 200000 values");
}
END_TEST

START_TEST(depth_is_limited)
{
    enum { DEPTH = 10000 };
    char *text = malloc(2 * DEPTH + 1);
    memset(text, '[', DEPTH);
    memset(text + DEPTH, ']', DEPTH);
    text[2 * DEPTH] = '\0';
    rec_yaml *root;
    ck_assert_fails(parse(&root, text, err), REC_ERR_CONFIG, "t.yaml:1:65: nested deeper than 64");
    text[DEPTH + 64] = '\0'; /* 64 levels are allowed */
    ck_assert_ok(parse(&root, text + DEPTH - 64, err));
    rec_yaml_free(root);
    free(text);
    /* through aliases: each level nests the one before */
    char chain[4096];
    size_t used = (size_t)snprintf(chain, sizeof chain, "- &a0 x\n");
    for (int i = 1; i < 80; i++)
        used += (size_t)snprintf(chain + used, sizeof chain - used, "- &a%d [*a%d]\n", i, i - 1);
    ck_assert_fails(parse(&root, chain, err), REC_ERR_CONFIG, "nested deeper than 64");
}
END_TEST

START_TEST(size_is_limited)
{
    char *text = calloc(1, REC_YAML_MAX_BYTES + 2);
    memset(text, ' ', REC_YAML_MAX_BYTES + 1);
    rec_yaml *root;
    ck_assert_fails(parse(&root, text, err), REC_ERR_CONFIG, "larger than 16 MiB");
    free(text);
}
END_TEST

START_TEST(trees_can_be_edited)
{
    rec_yaml *root, *copy;
    ck_assert_ok(parse(&root, "a: 1\nb: [x]\nc: 3\n", err));
    copy = rec_yaml_dup(root, NULL);
    rec_yaml_remove(copy, "b");
    rec_yaml_remove(copy, "absent");
    ck_assert_ok(
        rec_yaml_put(copy, "a", NULL, rec_yaml_new(REC_YAML_SCALAR, "9", "--set", err), err));
    ck_assert_ok(
        rec_yaml_put(copy, "d", NULL, rec_yaml_new(REC_YAML_LIST, NULL, "--set", err), err));
    ck_assert_uint_eq(copy->n, 3);
    ck_assert_str_eq(rec_yaml_get(copy, "a")->text, "9");
    ck_assert_uint_eq(rec_yaml_get(copy, "c")->line, 3);
    rec_error error;
    rec_yaml_fail(&error, rec_yaml_get(copy, "a"), "bad %s", "thing");
    ck_assert_str_eq(error.message, "--set: bad thing");
    rec_yaml_fail_key(&error, copy, 1, "unknown");
    ck_assert_str_eq(error.message, "t.yaml:3:1: unknown");
    ck_assert_str_eq(rec_yaml_get(root, "a")->text, "1");
    rec_yaml_free(copy);
    rec_yaml_free(root);
}
END_TEST

START_TEST(json_has_the_plain_types)
{
    rec_yaml *root;
    ck_assert_ok(parse(&root, "{a: 1.5, b: [true, null, \"1\"], c: x}", err));
    cJSON *json = rec_yaml_json(root, NULL);
    char *text = cJSON_PrintUnformatted(json);
    ck_assert_str_eq(text, "{\"a\":1.5,\"b\":[true,null,\"1\"],\"c\":\"x\"}");
    free(text);
    cJSON_Delete(json);
    rec_yaml_free(root);
}
END_TEST

REC_SUITE("core/yaml", tcase_add_test(t, tree_knows_its_places); tcase_add_test(t, typed_reads);
          tcase_add_test(t, refusals_name_the_place); tcase_add_test(t, tabs_elsewhere_are_content);
          tcase_add_test(t, crlf_and_bom_are_normal); tcase_add_test(t, aliases_are_copies);
          tcase_add_test(t, alias_bomb_is_refused); tcase_add_test(t, depth_is_limited);
          tcase_add_test(t, size_is_limited); tcase_add_test(t, trees_can_be_edited);
          tcase_add_test(t, json_has_the_plain_types);)
