/* What is the explanation task's own: its prompt, its rule, the limit of words. Judging: test_judged.c. */
#include "tests/harness/tasks/jobs.h"

#define TASK                                                                                       \
    "{type: explanation, prompt: {system: Be kind., user: \"{history} | {item}\", max_tokens: 9}}"

static void answer(test_job *t, const char *text)
{
    job_start(t);
    job_say(t, text);
    ck_assert_uint_eq(t->job.n_requests, 0);
}

START_TEST(the_prompt_shows_history_and_item)
{
    test_job t;
    job_open(&t, TASK, HEAT);
    job_start(&t);
    const rec_request *r = &t.job.requests[0];
    ck_assert(job_prompt_has(r, "system", "Be kind.", false));
    ck_assert(job_prompt_has(r, "user", "Aliens", true));
    ck_assert(job_prompt_has(r, "user", "Heat (1995)", true));
    ck_assert_uint_eq(r->text.max_tokens, 9);
    for (size_t i = 0; i < r->n_parts; i++) { /* the history may be cut, the item never */
        bool is_history = strcmp(r->parts[i].text, "Aliens") == 0;
        bool is_item = strcmp(r->parts[i].text, "Heat (1995)") == 0;
        ck_assert(!is_history || r->parts[i].drop_order == 1);
        ck_assert(!is_item || r->parts[i].drop_order == 0);
    }
    job_say(&t, "x");
    ck_assert_ptr_nonnull(strstr(t.texts[0], "[user]\nAliens, Her | Heat (1995)"));
    job_close(&t);
}
END_TEST

START_TEST(the_rule_names_what_there_is)
{
    test_job t;
    job_open(&t, TASK, HEAT);
    t.sample.query.n_history = 0;
    answer(&t, "x");
    ck_assert_str_eq(t.texts[2], "We recommend Heat (1995).");
    job_close(&t);
    job_open(&t, TASK, HEAT);
    t.sample.query.n_history = 1;
    answer(&t, "x");
    ck_assert_str_eq(t.texts[2], "We recommend Heat (1995) because you liked Aliens.");
    job_close(&t);
    const uint32_t long_history[] = {UP, ALIEN, ALIENS, HER};
    job_open(&t, TASK, HEAT);
    t.sample.query.history = long_history;
    t.sample.query.n_history = 4;
    answer(&t, "x");
    ck_assert_str_eq(t.texts[2],
                     "We recommend Heat (1995) because you liked Alien, Aliens and Her.");
    job_close(&t);
}
END_TEST

START_TEST(words_are_counted)
{
    char words[2 * 101 + 1] = "";
    test_job t;
    for (size_t i = 0; i < 100; i++)
        strcat(words, "a ");
    job_open(&t, TASK, HEAT);
    answer(&t, words);
    ck_assert_double_eq(job_value(&t, "words", 0), 100.0);
    ck_assert_double_eq(job_value(&t, "too_long_rate", 0), 0.0);
    job_close(&t);
    job_open(&t, TASK, HEAT);
    answer(&t, strcat(words, "b"));
    ck_assert_double_eq(job_value(&t, "words", 0), 101.0);
    ck_assert_double_eq(job_value(&t, "too_long_rate", 0), 1.0);
    job_close(&t);
    job_open(&t, TASK, HEAT);
    answer(&t, " \n");
    ck_assert_double_eq(job_value(&t, "words", 0), 0.0);
    job_close(&t);
}
END_TEST

START_TEST(unknown_slots_are_refused)
{
    static const char text[] = "{type: explanation, prompt: {user: \"{histroy}\"}}";
    rec_yaml *tree;
    rec_task_entry entry;
    ck_assert_ok(rec_yaml_parse(&tree, text, sizeof text - 1, "t.yaml", err));
    ck_assert_fails(rec_task_entry_init(&entry, tree, err), REC_ERR_CONFIG, "{histroy}");
    rec_yaml_free(tree);
}
END_TEST

REC_SUITE("harness/tasks/explanation", tcase_add_test(t, the_prompt_shows_history_and_item);
          tcase_add_test(t, the_rule_names_what_there_is); tcase_add_test(t, words_are_counted);
          tcase_add_test(t, unknown_slots_are_refused);)
