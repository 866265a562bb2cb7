#include "harness/run/config_tree.h"

#include <string.h>

#include "tests/folder.h"
#include "tests/suite.h"

static void parse(rec_config_tree *t, const char *text)
{
    ck_assert_ok(rec_config_tree_parse(t, text, strlen(text), "t.yaml", err));
}

static const char *text_at(const rec_yaml *node, const char *key)
{
    const rec_yaml *child = rec_yaml_get(node, key);
    return child != NULL ? child->text : NULL;
}

START_TEST(overrides_address_entries_by_name)
{
    rec_config_tree t;
    parse(&t, "systems:\n- {type: pop}\n- {name: e.1, type: ease}\ntasks: [{type: x, k: 1}]\n");
    ck_assert_ok(rec_config_tree_set(&t, "systems.e.1.lambda=7", err));
    ck_assert_ok(rec_config_tree_set(&t, "systems.0.fit_on=all", err));
    ck_assert_ok(rec_config_tree_set(&t, "tasks.x.k=[1, 2]", err));
    ck_assert_ok(rec_config_tree_set(&t, "report.path=a=b.h5", err));
    ck_assert_ok(rec_config_tree_set(&t, "seed=", err));
    const rec_yaml *systems = rec_yaml_get(t.root, "systems");
    ck_assert_str_eq(text_at(systems->items[1], "lambda"), "7");
    ck_assert_str_eq(text_at(systems->items[0], "fit_on"), "all");
    ck_assert_uint_eq(rec_yaml_get(rec_yaml_get(t.root, "tasks")->items[0], "k")->n, 2);
    ck_assert_str_eq(text_at(rec_yaml_get(t.root, "report"), "path"), "a=b.h5");
    ck_assert(rec_yaml_is_null(rec_yaml_get(t.root, "seed")));
    rec_error error;
    rec_yaml_fail(&error, rec_yaml_get(systems->items[1], "lambda"), "bad");
    ck_assert_str_eq(error.message, "--set systems.e.1.lambda=7: bad");
    rec_config_tree_deinit(&t);
}
END_TEST

START_TEST(bad_overrides)
{
    static const struct {
        const char *assignment, *message;
    } cases[] = {
        {"lambda", "write it as key.key=value"},
        {"=3", "write it as key.key=value"},
        {"systems.eese.lambda=1", "no entry is named \"eese\", did you mean \"ease\"?"},
        {"systems.eas=1", "no entry is named \"eas\", did you mean \"ease\"?"},
        {"systems.ease=1", "name a key of the entry"},
        {"name.x.y=1", "\"x.y\" is below a plain value"},
        {"name.x=1", "\"x\" is not a key of a mapping"},
        {"a=[1", "--set a=[1:2:1:"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        rec_config_tree t;
        parse(&t, "name: n\nsystems: [{type: ease}]\n");
        ck_assert_fails(rec_config_tree_set(&t, cases[i].assignment, err), REC_ERR_CONFIG,
                        cases[i].message);
        rec_config_tree_deinit(&t);
    }
}
END_TEST

static void write_text(const char *name, const char *text)
{
    test_write(name, text, strlen(text));
}

START_TEST(includes_lie_below)
{
    write_text("base.yaml", "seed: 1\nreport: {html: true}\nlist: [1, 2]\n"
                            "systems: [{type: pop}, {type: ease, lambda: 1}]\n");
    write_text("top.yaml", "include: base.yaml\nseed: 2\nreport: {path: x}\nlist: [3]\n"
                           "systems: [{type: ease, lambda: 5}, {type: random}]\n");
    rec_config_tree t;
    ck_assert_ok(rec_config_tree_read(&t, test_path("top.yaml"), err));
    ck_assert_str_eq(text_at(t.root, "seed"), "2");
    ck_assert_str_eq(text_at(rec_yaml_get(t.root, "report"), "html"), "true");
    ck_assert_str_eq(text_at(rec_yaml_get(t.root, "report"), "path"), "x");
    ck_assert_uint_eq(rec_yaml_get(t.root, "list")->n, 1);
    const rec_yaml *systems = rec_yaml_get(t.root, "systems");
    ck_assert_uint_eq(systems->n, 3);
    ck_assert_str_eq(text_at(systems->items[0], "type"), "pop");
    ck_assert_str_eq(text_at(systems->items[1], "lambda"), "5");
    ck_assert_ptr_nonnull(strstr(systems->items[0]->file, "base.yaml"));
    ck_assert_ptr_null(rec_yaml_get(t.root, "include"));
    rec_config_tree_deinit(&t);
}
END_TEST

START_TEST(bad_includes)
{
    rec_config_tree t;
    write_text("self.yaml", "include: self.yaml\n");
    ck_assert_fails(rec_config_tree_read(&t, test_path("self.yaml"), err), REC_ERR_CONFIG,
                    "includes itself");
    write_text("missing.yaml", "a: 1\ninclude: [nowhere.yaml]\n");
    ck_assert_fails(rec_config_tree_read(&t, test_path("missing.yaml"), err), REC_ERR_CONFIG,
                    "missing.yaml:2:11: include: ");
    write_text("list.yaml", "- 1\n");
    ck_assert_fails(rec_config_tree_read(&t, test_path("list.yaml"), err), REC_ERR_CONFIG,
                    "a config is a mapping");
    ck_assert_fails(rec_config_tree_read(&t, test_path("absent.yaml"), err), REC_ERR_CONFIG,
                    "absent.yaml");
}
END_TEST

REC_SUITE("harness/run/config_tree", tcase_add_checked_fixture(t, test_folder, test_folder_remove);
          tcase_add_test(t, overrides_address_entries_by_name); tcase_add_test(t, bad_overrides);
          tcase_add_test(t, includes_lie_below); tcase_add_test(t, bad_includes);)
