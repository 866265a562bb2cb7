/* Tags of items, named by models whose answers are known. */
#include "tests/harness/tasks/talking.h"

/* Tags: Drama, Horror, Space. Items 1: Horror Space, 2: Drama, 3: none. */
static void tag_with(talking *t, const char *say)
{
    static const char metadata[] =
        "{\"id\": \"1\", \"title\": \"Alien\", \"genres\": [\"Horror\", \"Space\"]}\n"
        "{\"id\": \"2\", \"title\": \"Babe\", \"genres\": [\"Drama\"]}\n"
        "{\"id\": \"3\", \"title\": \"Cube\"}\n";
    static const char log[] = "u 1 2 3\nv 2 3 1\n";
    char text[1024];
    test_write("metadata.json", metadata, sizeof metadata - 1);
    test_write("sequential_data.txt", log, sizeof log - 1);
    snprintf(
        text, sizeof text,
        "name: s\ndataset: {type: recai_dir, path: \"%s\"}\n"
        "lms: {m: {backend: scripted, role: say, text: \"%s\"}, p: {backend: scripted, format: "
        "commas}}\nsystems: [{name: m, type: lm, lm: m}, {name: p, type: lm, lm: p}]\n"
        "tasks: [{type: tagging}]\n",
        test_path("."), say);
    *t = (talking){0};
    ck_assert_ok(rec_config_parse(&t->config, text, strlen(text), "t.yaml", NULL, err));
    ck_assert_ok(rec_run_open(&t->run, t->config, test_path("run"), (rec_run_flags){0}, err));
    ck_assert_ok(rec_execute(&t->report, t->run, err));
}

/* "Horror, Drama, Opera" for both: precision 1/3, 1/3; recall 1/2, 1; F1 2/5, 1/2. */
START_TEST(by_hand)
{
    talking t;
    tag_with(&t, "Horror, Drama, Opera");
    ck_assert_uint_eq(talk_result(&t, "tagging", "m")->n_samples, 2);
    ck_assert_double_eq_tol(talk_mean(&t, "tagging", "m", "tag_precision", 0), 1.0 / 3.0, 1e-12);
    ck_assert_double_eq_tol(talk_mean(&t, "tagging", "m", "tag_recall", 0), 0.75, 1e-12);
    ck_assert_double_eq_tol(talk_mean(&t, "tagging", "m", "tag_f1", 0), 0.45, 1e-12);
    ck_assert_double_eq_tol(talk_mean(&t, "tagging", "m", "unknown_tag_rate", 0), 1.0 / 3.0, 1e-12);
    ck_assert_double_eq(talk_mean(&t, "tagging", "m", "tag_exact", 0), 0.0);
    ck_assert_double_eq(talk_mean(&t, "tagging", "p", "tag_exact", 0), 1.0);
    ck_assert_double_eq(talk_mean(&t, "tagging", "p", "tag_f1", 0), 1.0);
    ck_assert_ptr_nonnull(
        strstr(talk_text(&t, "tagging", "m", "prompt", 0), "Drama, Horror, Space"));
    talk_end(&t);
}
END_TEST

REC_SUITE("harness/tasks/tagging", tcase_add_checked_fixture(t, test_folder, test_folder_remove);
          tcase_add_test(t, by_hand);)
