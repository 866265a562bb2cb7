/** One job of a task, stepped by hand with given replies over the films of
 * tests/harness/simulators/films.h: a user with a history and one target. */
#ifndef REC_TESTS_HARNESS_TASKS_JOBS_H
#define REC_TESTS_HARNESS_TASKS_JOBS_H

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "harness/tasks/columns.h"
#include "tests/harness/simulators/films.h"
#include "tests/suite.h"

enum { JOB_MAX_COLUMNS = 64, JOB_MAX_TEXTS = 8 };

static const uint32_t job_history[] = {ALIENS, HER}, job_popularity[N_FILMS] = {1, 2, 3};

typedef struct test_job {
    rec_yaml *yaml;
    rec_task_entry entry;
    rec_task_data data;
    rec_sample_set set;
    rec_sample sample;
    uint32_t target;
    double values[JOB_MAX_COLUMNS], weights[JOB_MAX_COLUMNS];
    char *texts[JOB_MAX_TEXTS];
    rec_job job;
} test_job;

static inline void job_open(test_job *t, const char *yaml, uint32_t target)
{
    *t = (test_job){.target = target};
    ck_assert_ok(rec_yaml_parse(&t->yaml, yaml, strlen(yaml), "task.yaml", err));
    ck_assert_ok(rec_task_entry_init(&t->entry, t->yaml, err));
    ck_assert_uint_le(t->entry.n_columns, JOB_MAX_COLUMNS);
    t->data = (rec_task_data){.dataset = &films, .popularity = job_popularity, .seed = 42};
    t->sample = (rec_sample){
        .user = 0,
        .query = {.user = 0, .history = job_history, .n_history = 2},
        .targets = &t->target,
        .n_targets = 1,
    };
    for (size_t i = 0; i < JOB_MAX_COLUMNS; i++) {
        t->values[i] = NAN;
        t->weights[i] = 1.0;
    }
    t->job = (rec_job){.task = &t->entry,
                       .data = &t->data,
                       .set = &t->set,
                       .sample = &t->sample,
                       .can = REC_CAN_RESPOND | REC_CAN_CONVERSE,
                       .n_columns = t->entry.n_columns,
                       .values = t->values,
                       .weights = t->weights,
                       .texts = t->texts};
    if (t->entry.type->prepare_text != NULL)
        ck_assert_ok(t->entry.type->prepare_text(&t->set, t->entry.options, &t->data, err));
}

static inline void job_close(test_job *t)
{
    for (size_t i = 0; i < JOB_MAX_TEXTS; i++)
        free(t->texts[i]);
    rec_arena_deinit(&t->job.arena);
    rec_sample_set_deinit(&t->set);
    rec_task_entry_deinit(&t->entry);
    rec_yaml_free(t->yaml);
}

static inline void job_start(test_job *t)
{
    ck_assert_ok(t->entry.type->step(&t->job, NULL, err));
}

/* One text per request; NULL: that call failed. Texts are gone after the step. */
static inline void job_reply(test_job *t, const char *const *texts, size_t n)
{
    rec_reply replies[8] = {{.kind = REC_REQUEST_TEXT}};
    char *copies[8];
    ck_assert_uint_eq(t->job.n_requests, n);
    for (size_t i = 0; i < n; i++) {
        copies[i] = texts[i] != NULL ? strdup(texts[i]) : NULL;
        replies[i] = (rec_reply){
            .kind = REC_REQUEST_TEXT, .text = copies[i], .tokens_in = 10, .tokens_out = 3};
    }
    ck_assert_ok(t->entry.type->step(&t->job, replies, err));
    for (size_t i = 0; i < n; i++)
        free(copies[i]);
}

static inline void job_say(test_job *t, const char *text)
{
    job_reply(t, &text, 1);
}

static inline double job_value(const test_job *t, const char *metric, size_t k)
{
    size_t i = rec_task_column_index(&t->entry, metric, k);
    ck_assert_msg(i < t->entry.n_columns, "no column %s", metric);
    return t->values[i];
}

static inline bool job_prompt_has(const rec_request *r, const char *role, const char *text,
                                  bool is_data)
{
    for (size_t i = 0; i < r->n_parts; i++)
        if (strcmp(r->parts[i].role, role) == 0 && r->parts[i].is_data == is_data &&
            strstr(r->parts[i].text, text) != NULL)
            return true;
    return false;
}

#endif
