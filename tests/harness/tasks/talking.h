/** Whole small runs with rule-based models that answer in text, over generated data with titles. */
#ifndef REC_TESTS_HARNESS_TASKS_TALKING_H
#define REC_TESTS_HARNESS_TASKS_TALKING_H

#include <math.h>
#include <string.h>

#include "harness/run/execute.h"
#include "tests/folder.h"
#include "tests/suite.h"

#define TALKING_LMS                                                                                \
    "lms: {perfect: {backend: scripted}, random: {backend: scripted, role: random}, "              \
    "copy: {backend: scripted, role: copy}, refuse: {backend: scripted, role: refuse}, "           \
    "empty: {backend: scripted, role: empty}, popular: {backend: scripted, role: popularity}, "    \
    "json: {backend: scripted, format: json}, prose: {backend: scripted, format: prose}}\n"        \
    "systems: [{type: chance}, {type: pop}, {name: perfect, type: lm, lm: perfect}, "              \
    "{name: random, type: lm, lm: random}, {name: copy, type: lm, lm: copy}, "                     \
    "{name: refuse, type: lm, lm: refuse}, {name: empty, type: lm, lm: empty}, "                   \
    "{name: popular, type: lm, lm: popular}, {name: json, type: lm, lm: json}, "                   \
    "{name: prose, type: lm, lm: prose}]\n"

typedef struct talking {
    rec_config *config;
    rec_run *run;
    rec_report *report;
} talking;

/* `data` is the mapping of a data set, `tasks` a list. */
static inline void talk_with_data(talking *t, const char *data, const char *tasks)
{
    char text[8192];
    snprintf(text, sizeof text, "name: talk\nseed: 5\ndataset: %s\n" TALKING_LMS "tasks: %s\n",
             data, tasks);
    ck_assert_ok(rec_config_parse(&t->config, text, strlen(text), "t.yaml", NULL, err));
    ck_assert_ok(rec_run_open(&t->run, t->config, test_path("run"), (rec_run_flags){0}, err));
    ck_assert_ok(rec_execute(&t->report, t->run, err));
}

static inline void talk(talking *t, const char *tasks)
{
    talk_with_data(t, "{type: synth, users: 200, items: 150}", tasks);
}

static inline void talk_end(talking *t)
{
    rec_report_free(t->report);
    rec_run_close(t->run);
    rec_config_free(t->config);
}

static inline const rec_result *talk_result(const talking *t, const char *task, const char *system)
{
    const rec_result *r = rec_report_result(t->report, task, system);
    ck_assert_msg(r != NULL, "%s x %s", task, system);
    return r;
}

static inline const rec_figure *talk_figure(const talking *t, const char *task, const char *system,
                                            const char *metric, size_t k)
{
    const rec_figure *f = rec_result_figure(talk_result(t, task, system), metric, k);
    ck_assert_msg(f != NULL, "%s x %s: %s@%zu", task, system, metric, k);
    return f;
}

static inline double talk_mean(const talking *t, const char *task, const char *system,
                               const char *metric, size_t k)
{
    return talk_figure(t, task, system, metric, k)->mean;
}

static inline const char *talk_text(const talking *t, const char *task, const char *system,
                                    const char *column, size_t i)
{
    const rec_result *r = talk_result(t, task, system);
    for (size_t c = 0; c < r->n_texts; c++)
        if (strcmp(r->texts[c].name, column) == 0)
            return r->texts[c].texts[i];
    ck_abort_msg("no column %s", column);
    return NULL;
}

#endif
