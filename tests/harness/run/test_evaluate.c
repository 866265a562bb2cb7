/* Jobs of several rounds against a system that talks: what tasks for language models need of the
 * runner. Task and system are made up here; the run around them is a real one. */
#include "harness/run/evaluate.h"

#include <math.h>

#include "tests/harness/run/small.h"

static size_t n_asked, n_batches;

/* Replies to "x" with "x!", and fails calls that hold "c". */
static rec_status echo(rec_reply_batch *replies, const void *self, const rec_request *requests,
                       size_t n, size_t n_items, rec_error *err)
{
    (void)self;
    (void)n_items;
    n_batches++;
    n_asked += n;
    replies->replies = rec_arena_alloc(&replies->arena, n, sizeof *replies->replies, err);
    replies->n = n;
    for (size_t i = 0; i < n; i++) {
        ck_assert_int_eq(requests[i].kind, REC_REQUEST_TEXT);
        const char *text = requests[i].parts[0].text;
        char *reply = rec_arena_alloc(&replies->arena, strlen(text) + 2, 1, err);
        sprintf(reply, "%s!", text);
        replies->replies[i] = (rec_reply){
            .kind = REC_REQUEST_TEXT,
            .text = strchr(text, 'c') != NULL ? NULL : reply,
            .tokens_in = 1,
            .tokens_out = 2,
        };
    }
    return REC_OK;
}

static void keep(void *self)
{
    (void)self;
}

static const rec_system_kind echo_kind = {.name = "echo", .answer = echo, .destroy = keep};

/* A sample asks as many rounds as its user's number; its value is the length of the last reply. */
static rec_status talk(rec_job *job, const rec_reply *replies, rec_error *err)
{
    const char *text = replies != NULL ? replies[0].text : "a";
    job->n_requests = 0;
    if (text == NULL) {
        job->has_failed = true;
        return REC_OK;
    }
    if (job->stage++ == (int)job->sample->user) {
        job->values[0] = (double)strlen(text);
        return REC_OK;
    }
    rec_text_part *part = rec_arena_alloc(&job->arena, 1, sizeof *part, err);
    char *copy = rec_arena_alloc(&job->arena, strlen(text) + 2, 1, err);
    strcpy(copy, text);
    if (job->sample->user == 3 && job->stage == 3)
        strcat(copy, "c"); /* user 4's third call fails */
    *part = (rec_text_part){.role = "user", .text = copy};
    const rec_request request = {.kind = REC_REQUEST_TEXT, .parts = part, .n_parts = 1};
    return rec_job_ask(job, &request, 1, err);
}

static size_t no_lists(const void *options)
{
    (void)options;
    return 0;
}

typedef struct talking {
    rec_config *config;
    rec_run *run;
    rec_task task;
    rec_task_column column;
    rec_task_entry kept; /* the entry the test's one stands in for */
    rec_system system;
} talking;

static void open_talking(talking *t)
{
    t->config = small_config("systems: [{type: pop}]\ntasks: [{type: retrieval, k: 1}]\n");
    ck_assert_ok(rec_run_open(&t->run, t->config, test_path("run"), (rec_run_flags){0}, err));
    t->kept = t->config->tasks[0];
    t->task = *t->kept.type;
    t->task.step = talk;
    t->task.group = 3; /* four samples: two groups */
    t->task.list_length = no_lists;
    t->task.whole_run = NULL;
    t->column = (rec_task_column){.metric = "length"};
    t->config->tasks[0].type = &t->task;
    t->config->tasks[0].columns = &t->column;
    t->config->tasks[0].n_columns = 1;
    t->config->tasks[0].n_text_columns = 0;
    t->system = (rec_system){.name = "echo", .type = {.kind = &echo_kind, .name = "echo"}};
}

static void close_talking(talking *t)
{
    t->config->tasks[0] = t->kept;
    rec_run_close(t->run);
    rec_config_free(t->config);
}

static rec_status evaluate(rec_evaluation *out, talking *t, rec_error *err)
{
    rec_system *system = malloc(sizeof *system);
    *system = t->system;
    rec_lazy_model model = {
        .run = t->run, .step = &t->run->plan.steps[0], .system = system, .has_facts = true};
    rec_status status = rec_evaluate(out, t->run, &t->run->plan.steps[1], &model, err);
    rec_lazy_model_deinit(&model);
    return status;
}

/*
 * Users 0..3 ask that many rounds, each reply one character longer than "a":
 *   user 0: none, value 1    user 1: 1 round, 2    user 2: 2 rounds, 3    user 3: its third call fails
 * Group 1 (users 0..2) takes two rounds of 2 and 1 questions, group 2 (user 3) three of one.
 */
START_TEST(rounds_are_batched_and_journalled)
{
    talking t;
    rec_evaluation e;
    open_talking(&t);
    n_asked = n_batches = 0;
    ck_assert_ok(evaluate(&e, &t, err));
    ck_assert_double_eq(e.values[0], 1.0);
    ck_assert_double_eq(e.values[1], 2.0);
    ck_assert_double_eq(e.values[2], 3.0);
    ck_assert(isnan(e.values[3]));
    ck_assert_uint_eq(e.n_failed, 1);
    ck_assert_uint_eq(n_asked, 6);
    ck_assert_uint_eq(n_batches, 5);
    ck_assert_uint_eq(e.tokens_out, 12);
    rec_evaluation_deinit(&e);
    n_asked = n_batches = 0; /* again: the journal answers */
    ck_assert_ok(evaluate(&e, &t, err));
    ck_assert_uint_eq(n_asked, 0);
    ck_assert_double_eq(e.values[2], 3.0);
    ck_assert_uint_eq(e.n_failed, 1);
    ck_assert_uint_eq(e.tokens_out, 12);
    rec_evaluation_deinit(&e);
    close_talking(&t);
}
END_TEST

START_TEST(a_replay_needs_every_reply)
{
    talking t;
    rec_evaluation e;
    open_talking(&t);
    ck_assert_ok(evaluate(&e, &t, err));
    rec_evaluation_deinit(&e);
    t.run->replay_only = true;
    n_asked = 0;
    ck_assert_ok(evaluate(&e, &t, err));
    ck_assert_uint_eq(n_asked, 0);
    rec_evaluation_deinit(&e);
    char command[300];
    snprintf(command, sizeof command, "for f in %s/replies/*; do truncate -s -5 $f; done",
             test_path("run"));
    ck_assert_int_eq(system(command), 0);
    ck_assert_fails(evaluate(&e, &t, err), REC_ERR_DATA, "");
    close_talking(&t);
}
END_TEST

static rec_status ask_a_judge(rec_job *job, const rec_reply *replies, rec_error *err)
{
    (void)replies;
    const rec_request request = {.to = REC_PARTY_JUDGE, .kind = REC_REQUEST_TEXT};
    return rec_job_ask(job, &request, 1, err);
}

START_TEST(parties_that_are_not_there)
{
    talking t;
    rec_evaluation e;
    open_talking(&t);
    t.task.step = ask_a_judge;
    ck_assert_fails(evaluate(&e, &t, err), REC_ERR_INTERNAL, "a party that it does not name");
    close_talking(&t);
}
END_TEST

REC_SUITE("harness/run/evaluate", tcase_add_checked_fixture(t, small_data, test_folder_remove);
          tcase_add_test(t, rounds_are_batched_and_journalled);
          tcase_add_test(t, a_replay_needs_every_reply);
          tcase_add_test(t, parties_that_are_not_there);)
