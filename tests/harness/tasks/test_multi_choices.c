/* Questions of a file. */
#include "tests/harness/tasks/talking.h"

static rec_status open_with(talking *t, const char *lines, rec_error *error)
{
    char text[1024];
    test_write("q.jsonl", lines, strlen(lines));
    snprintf(text, sizeof text,
             "name: s\ndataset: {type: synth, users: 20, items: 30}\n"
             "lms: {perfect: {backend: scripted}, b: {backend: scripted, role: say, text: Bach}, "
             "no: {backend: scripted, role: refuse}}\n"
             "systems: [{name: perfect, type: lm, lm: perfect}, {name: b, type: lm, lm: b}, "
             "{name: no, type: lm, lm: no}, {type: pop}]\n"
             "tasks: [{type: multi_choices, file: \"%s\"}]\n",
             test_path("q.jsonl"));
    *t = (talking){0};
    ck_assert_ok(rec_config_parse(&t->config, text, strlen(text), "t.yaml", NULL, err));
    ck_assert_ok(rec_run_open(&t->run, t->config, test_path("run"), (rec_run_flags){0}, err));
    return rec_execute(&t->report, t->run, error);
}

/* "Bach" names option B of the first question and none of the second. */
START_TEST(letters_and_titles)
{
    talking t;
    ck_assert_ok(open_with(
        &t,
        "{\"prompt\": \"Who?\", \"candidates\": [\"A. Abba\", \"B. Bach\"], \"correct_answer\": "
        "\"B\"}\n{\"prompt\": \"What?\", \"candidates\": [\"A) xylophone\", \"B) timpani\", \"C) "
        "zither\"], \"target\": \"c\"}\n",
        err));
    ck_assert_uint_eq(talk_result(&t, "multi_choices", "b")->n_samples, 2);
    ck_assert_str_eq(talk_result(&t, "multi_choices", "b")->users[1], "question 2");
    ck_assert_double_eq(talk_mean(&t, "multi_choices", "perfect", "acc", 1), 1.0);
    ck_assert_double_eq(talk_mean(&t, "multi_choices", "b", "acc", 1), 0.5);
    ck_assert_double_eq(talk_mean(&t, "multi_choices", "b", "acc_answered", 0), 1.0);
    ck_assert_double_eq(talk_mean(&t, "multi_choices", "b", "none_ratio", 0), 0.5);
    ck_assert_double_eq(talk_mean(&t, "multi_choices", "no", "none_ratio", 0), 1.0);
    ck_assert_str_eq(talk_text(&t, "multi_choices", "b", "parsed", 0), "B");
    ck_assert_ptr_nonnull(talk_result(&t, "multi_choices", "pop")->not_applicable);
    talk_end(&t);
}
END_TEST

START_TEST(files_that_are_wrong)
{
    static const struct {
        const char *lines, *message;
    } cases[] = {
        {"{\"prompt\": \"x\", \"candidates\": [\"A. a\", \"C. b\"], \"target\": \"A\"}\n",
         "\"B. title\" is due at place 2"},
        {"{\"prompt\": \"x\", \"candidates\": [\"A. a\", \"B. b\"], \"target\": \"D\"}\n",
         "a letter from A to B is due"},
        {"{\"prompt\": \"x\", \"candidates\": [\"A. a\"], \"target\": \"A\"}\n", "at least two"},
        {"{\"candidates\": [\"A. a\", \"B. b\"], \"target\": \"A\"}\n", "prompt"},
        {"", "no questions"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        talking t;
        ck_assert_fails(open_with(&t, cases[i].lines, err), REC_ERR_DATA, cases[i].message);
        talk_end(&t);
    }
}
END_TEST

REC_SUITE("harness/tasks/multi_choices",
          tcase_add_checked_fixture(t, test_folder, test_folder_remove);
          tcase_add_test(t, letters_and_titles); tcase_add_test(t, files_that_are_wrong);)
