/* Entries that include a file, and the prompts of the program below entries that are asked in text. */
#include <string.h>

#include "harness/run/config.h"
#include "harness/tasks/task_file.h"
#include "harness/tasks/text_list.h"
#include "tests/folder.h"
#include "tests/suite.h"

static rec_config *config_with(const char *systems, const char *tasks)
{
    char text[2048];
    rec_config *c;
    snprintf(text, sizeof text,
             "name: f\ndataset: {type: synth}\nlms: {m: {backend: scripted}}\nsystems: [%s]\n"
             "tasks:\n%s",
             systems, tasks);
    test_write("c.yaml", text, strlen(text));
    ck_assert_ok(rec_config_read(&c, test_path("c.yaml"), NULL, err));
    return c;
}

static const char *option_of(const rec_config *c, const char *key)
{
    const rec_yaml *tasks = rec_yaml_get(c->tree.root, "tasks");
    const rec_yaml *node = rec_yaml_get(tasks->items[0], key);
    return node != NULL && node->kind == REC_YAML_SCALAR ? node->text : NULL;
}

static const char *prompt_of(const rec_config *c, const char *key)
{
    const rec_yaml *tasks = rec_yaml_get(c->tree.root, "tasks");
    const rec_yaml *prompt = rec_yaml_get(tasks->items[0], "prompt");
    const rec_yaml *node = prompt != NULL ? rec_yaml_get(prompt, key) : NULL;
    return node != NULL ? node->text : NULL;
}

/* What the entry says stands, the file fills in the rest, the program's own prompt what is left. */
START_TEST(an_entry_rests_on_its_file_and_on_the_program)
{
    static const char file[] =
        "type: ranking\ncandidates: 7\nk: [3]\nprompt: {user: mine, stop: x}\n";
    test_write("mine.yaml", file, sizeof file - 1);
    rec_config *c = config_with("{name: m, type: lm, lm: m}",
                                "- {include: mine.yaml, name: variant, candidates: 5}\n");
    ck_assert_str_eq(option_of(c, "type"), "ranking");
    ck_assert_str_eq(option_of(c, "candidates"), "5");
    ck_assert_str_eq(prompt_of(c, "user"), "mine");
    ck_assert_ptr_nonnull(strstr(prompt_of(c, "system"), "recommender")); /* the program's */
    ck_assert_ptr_null(option_of(c, "include"));
    rec_config_free(c);
}
END_TEST

START_TEST(where_nobody_is_asked_there_is_no_prompt)
{
    rec_config *c = config_with("{type: pop}", "- {type: ranking}\n");
    ck_assert_ptr_null(prompt_of(c, "user"));
    rec_config_free(c);
    c = config_with("{type: pop}, {name: m, type: lm, lm: m}",
                    "- {type: ranking, compat: reclm}\n");
    ck_assert_ptr_nonnull(strstr(prompt_of(c, "user"), "<SOI>"));
    ck_assert_str_eq(option_of(c, "candidates"), "21");
    rec_config_free(c);
}
END_TEST

START_TEST(files_that_are_not_there_or_run_in_circles)
{
    rec_config *c;
    static const char missing[] = "name: f\ndataset: {type: synth}\nsystems: [{type: pop}]\n"
                                  "tasks:\n- {include: nowhere.yaml}\n";
    test_write("c.yaml", missing, sizeof missing - 1);
    ck_assert_fails(rec_config_read(&c, test_path("c.yaml"), NULL, err), REC_ERR_CONFIG,
                    "c.yaml:5:13: include:");
    static const char circle[] = "{include: mine.yaml}\n";
    test_write("mine.yaml", circle, sizeof circle - 1);
    static const char text[] = "name: f\ndataset: {type: synth}\nsystems: [{type: pop}]\n"
                               "tasks:\n- {include: mine.yaml}\n";
    test_write("c.yaml", text, sizeof text - 1);
    ck_assert_fails(rec_config_read(&c, test_path("c.yaml"), NULL, err), REC_ERR_CONFIG,
                    "includes itself");
}
END_TEST

START_TEST(every_file_of_the_program_is_good)
{
    size_t n = 0;
    for (const rec_task_file *f = rec_task_files; f->name != NULL; f++, n++) {
        char entry[160];
        bool is_reclm = strstr(f->name, "_reclm") != NULL;
        const char *file = strcmp(f->name, "multi_choices") == 0 ? ", file: q.jsonl" : "";
        snprintf(entry, sizeof entry, "- {type: %.*s%s%s}\n",
                 (int)(strlen(f->name) - (is_reclm ? strlen("_reclm") : 0)), f->name,
                 is_reclm ? ", compat: reclm" : "", file);
        rec_config *c = config_with("{name: m, type: lm, lm: m}", entry);
        ck_assert_ptr_eq(rec_task_file_find(f->name), f);
        rec_config_free(c);
    }
    ck_assert_uint_gt(n, 5);
    ck_assert_ptr_null(rec_task_file_find("nothing"));
}
END_TEST

START_TEST(limits_for_those_who_talk)
{
    static const char text[] = "name: f\ndataset: {type: synth}\nlms: {m: {backend: scripted}}\n"
                               "systems: [{name: m, type: lm, lm: m}]\n"
                               "tasks: [{type: ranking, lm_samples: 50}]\n";
    rec_config *c;
    ck_assert_ok(rec_config_parse(&c, text, sizeof text - 1, "c.yaml",
                                  &(rec_config_overrides){.lm_limit = 5}, err));
    ck_assert_str_eq(option_of(c, "lm_samples"), "5");
    ck_assert_ptr_null(option_of(c, "samples"));
    rec_config_free(c);
    ck_assert_ok(rec_config_parse(&c, text, sizeof text - 1, "c.yaml",
                                  &(rec_config_overrides){.lm_limit = 500, .limit = 7}, err));
    ck_assert_str_eq(option_of(c, "lm_samples"), "50");
    ck_assert_str_eq(option_of(c, "samples"), "7");
    rec_config_free(c);
}
END_TEST

REC_SUITE("harness/run/task_files", tcase_add_checked_fixture(t, test_folder, test_folder_remove);
          tcase_add_test(t, an_entry_rests_on_its_file_and_on_the_program);
          tcase_add_test(t, where_nobody_is_asked_there_is_no_prompt);
          tcase_add_test(t, files_that_are_not_there_or_run_in_circles);
          tcase_add_test(t, limits_for_those_who_talk);
          tcase_add_test(t, every_file_of_the_program_is_good);)
