/* Questions of the chatbot task; how answers are judged is tested in test_judged.c. */
#include "tests/folder.h"
#include "tests/harness/tasks/jobs.h"

#define ASKS                                                                                       \
    "explanation: {user: \"Why {item}? {history}\", max_tokens: 7}, ranking: {user: \"Order {n}: " \
    "{candidates} for {history}\"}, retrieval: {user: \"Ten for {history}\"}"

static size_t starts[] = {0, 3};
static uint32_t touched[] = {ALIENS, HER, ALIEN};

static void open_chatbot(test_job *t, rec_dataset *data, const char *more)
{
    char yaml[1024];
    snprintf(yaml, sizeof yaml, "{type: chatbot, candidates: 3, %s%s}", ASKS, more);
    job_open(t, yaml, ALIEN);
    *data = films;
    data->interactions = (rec_interactions){
        .n_users = 1, .n_items = N_FILMS, .n = 3, .start = starts, .item = touched};
    t->data.dataset = data;
}

static size_t count_items(const rec_request *r, bool *has_touched)
{
    size_t n = 0;
    for (size_t i = 0; i < r->n_parts; i++)
        for (uint32_t item = 0; item < N_FILMS; item++)
            if (r->parts[i].is_data && strcmp(r->parts[i].text, film_titles[item]) == 0 &&
                r->parts[i].drop_order == 0) {
                n++;
                *has_touched = *has_touched || item == ALIENS || item == HER;
            }
    return n;
}

/* Each kind about a third of the time: 600 samples, four standard errors are 46. */
START_TEST(three_kinds_of_questions)
{
    test_job t;
    rec_dataset data;
    size_t n_of[3] = {0};
    open_chatbot(&t, &data, "");
    for (uint32_t i = 0; i < 600; i++) {
        t.sample.turn = i;
        t.job.stage = 0;
        job_start(&t);
        const rec_request *r = &t.job.requests[0];
        bool has_touched = false;
        ck_assert_uint_eq(t.job.n_requests, 1);
        if (job_prompt_has(r, "user", "Why ", false)) {
            n_of[0]++;
            ck_assert_uint_eq(r->text.max_tokens, 7);
            ck_assert_uint_eq(count_items(r, &has_touched), 1);
        } else if (job_prompt_has(r, "user", "Order ", false)) {
            n_of[1]++;
            ck_assert(job_prompt_has(r, "user", "Alien", true));
            ck_assert_uint_eq(count_items(r, &has_touched), 3);
            ck_assert(!has_touched);
        } else {
            n_of[2]++;
        }
    }
    for (size_t i = 0; i < 3; i++)
        ck_assert(n_of[i] > 200 - 46 && n_of[i] < 200 + 46);
    job_close(&t);
}
END_TEST

START_TEST(the_rule_declines)
{
    test_job t;
    rec_dataset data;
    open_chatbot(&t, &data, "");
    job_start(&t);
    job_say(&t, "Here are some films.");
    ck_assert_uint_eq(t.job.n_requests, 0);
    ck_assert_str_eq(t.texts[2], "I am sorry, but I cannot help with that.");
    ck_assert_double_eq(job_value(&t, "loss_rate", 0), 1.0); /* it is the longer answer */
    job_close(&t);
}
END_TEST

START_TEST(questions_of_a_file)
{
    static const char lines[] = "{\"prompt\": \"What <b>is</b> {this}?\", \"id\": 7}\n"
                                "{\"prompt\": \"And that?\"}\n{\"prompt\": \"x\"}\n";
    char more[256];
    test_job t;
    rec_dataset data;
    rec_sample_set set;
    test_write("q.jsonl", lines, sizeof lines - 1);
    snprintf(more, sizeof more, ", samples: 2, prompts: \"%s\"", test_path("q.jsonl"));
    open_chatbot(&t, &data, more);
    ck_assert_ok(t.entry.type->samples(&set, t.entry.options, &t.data, err));
    ck_assert_uint_eq(set.n, 2);
    ck_assert_str_eq(set.samples[0].name, "7");
    ck_assert_str_eq(set.samples[1].name, "line 2");
    t.job.set = &set;
    t.job.sample = &set.samples[0];
    job_start(&t);
    ck_assert_uint_eq(t.job.requests[0].n_parts, 1);
    ck_assert_str_eq(t.job.requests[0].parts[0].text, "What <b>is</b> {this}?");
    ck_assert(t.job.requests[0].parts[0].is_data);
    rec_sample_set_deinit(&set);
    job_close(&t);
}
END_TEST

START_TEST(files_that_do_not_do)
{
    test_job t;
    rec_dataset data;
    rec_sample_set set;
    static const char *const contents[] = {"", "{\"text\": \"x\"}\n", "no json\n"};
    static const char *const wrong[] = {"no questions", "prompt", "q.jsonl:1"};
    for (size_t i = 0; i < 3; i++) {
        char more[256];
        test_write("q.jsonl", contents[i], strlen(contents[i]));
        snprintf(more, sizeof more, ", prompts: \"%s\"", test_path("q.jsonl"));
        open_chatbot(&t, &data, more);
        ck_assert_fails(t.entry.type->samples(&set, t.entry.options, &t.data, err), REC_ERR_DATA,
                        wrong[i]);
        job_close(&t);
    }
}
END_TEST

REC_SUITE("harness/tasks/chatbot", tcase_add_checked_fixture(t, test_folder, test_folder_remove);
          tcase_add_test(t, three_kinds_of_questions); tcase_add_test(t, the_rule_declines);
          tcase_add_test(t, questions_of_a_file); tcase_add_test(t, files_that_do_not_do);)
