#include <stdio.h>

#include "harness/cli/arguments.h"
#include "harness/cli/output.h"
#include "harness/report/check.h"

typedef struct check_flags {
    char *baseline;
    rec_string_list task, system, metric;
    bool intersection;
    double level, tolerance;
    int64_t users;
    int format;
} check_flags;

static const char *const format_names[] = {"table", "md", "json", NULL};
static const rec_format_kind formats[] = {REC_FORMAT_TABLE, REC_FORMAT_MARKDOWN, REC_FORMAT_JSON};

static const rec_option check_options[] = {
    {"baseline", "report whose figures must not be undercut", offsetof(check_flags, baseline),
     REC_OPT_STRING, .value = 0},
    {"task", "only these tasks (comma separated or repeated)", offsetof(check_flags, task),
     REC_OPT_STRINGS, .value = 0},
    {"system", "only these systems", offsetof(check_flags, system), REC_OPT_STRINGS, .value = 0},
    {"metric", "only these metrics, with a cut-off (ndcg@10) or all of one (ndcg)",
     offsetof(check_flags, metric), REC_OPT_STRINGS, .value = 0},
    {"intersection", "where test sets differ, compare the samples they share",
     offsetof(check_flags, intersection), REC_OPT_BOOL, .value = 0},
    {"level", "level of the paired interval that a fall must leave", offsetof(check_flags, level),
     REC_OPT_REAL, .value = 0.95, .min = 0.5, .max = 0.9999},
    {"tolerance",
     "relative fall allowed to figures without per-user values (coverage, gini), and to the "
     "number of users with a value",
     offsetof(check_flags, tolerance), REC_OPT_REAL, .value = 0.01, .min = 0, .max = 1},
    {"users", "how many users to name beside a figure that moved", offsetof(check_flags, users),
     REC_OPT_INT, .value = 3, .min = 0, .max = 1000},
    {"format", "form of the result", offsetof(check_flags, format), REC_OPT_ENUM, .value = 0,
     .choices = format_names},
    {.key = NULL},
};

static const rec_flag_alias check_aliases[] = {{'b', "baseline"}, {'t', "task"},   {'s', "system"},
                                               {'m', "metric"},   {'f', "format"}, {0, NULL}};

static rec_status verdict(const rec_check *c, rec_error *err)
{
    if (rec_check_passed(c))
        return REC_OK;
    return rec_fail(err, REC_ERR_GATE,
                    "gate failed: %zu of %zu expectations missed, %zu figures "
                    "worse than the baseline or missing",
                    c->n_missed, c->n_expected, c->n_failed);
}

static rec_status read_both(rec_report **run, rec_report **baseline, const char *const names[2],
                            rec_error *err)
{
    rec_status status = rec_report_read_parts(run, names[0], REC_REPORT_SAMPLES, err);
    if (status == REC_OK && names[1] != NULL)
        status = rec_report_read_parts(baseline, names[1], REC_REPORT_SAMPLES, err);
    return status;
}

static rec_status check(void *flags, char *const *arguments, size_t n_arguments, rec_error *err)
{
    check_flags *f = flags;
    rec_report *run = NULL, *baseline = NULL;
    rec_check c = {0};
    rec_buffer out = {0};
    rec_status status;
    (void)n_arguments;
    REC_TRY(rec_string_list_split(&f->task, err));
    REC_TRY(rec_string_list_split(&f->system, err));
    REC_TRY(rec_string_list_split(&f->metric, err));
    const char *const names[2] = {arguments[0], f->baseline};
    const rec_show_filter filter = {.tasks = f->task, .systems = f->system, .metrics = f->metric};
    const rec_check_options options = {
        .compare = {.intersection = f->intersection, .level = f->level, .filter = &filter},
        .tolerance = f->tolerance,
        .n_users = (size_t)f->users,
    };
    REC_TRY(read_both(&run, &baseline, names, err));
    REC_TRY(rec_show_check(&filter, baseline != NULL ? baseline : run, err));
    if (run->n_expected == 0 && baseline == NULL)
        REC_TRY(rec_fail(err, REC_ERR_CONFIG,
                         "%s has no expected figures; --baseline REPORT gives others to hold",
                         names[0]));
    REC_TRY(rec_check_run(&c, run, baseline, names, &options, err));
    REC_TRY(rec_check_show(&out, &c, run, &filter, formats[f->format], rec_output_width(), err));
    REC_TRY(rec_output_write(&out, err));
    status = verdict(&c, err);
cleanup:
    rec_buffer_deinit(&out);
    rec_check_deinit(&c);
    rec_report_free(run);
    rec_report_free(baseline);
    return status;
}

const rec_command rec_command_check = {
    .name = "check",
    .arguments = "REPORT",
    .help = "gate: expected figures hold, nothing fell below a baseline",
    .details =
        "A figure fell when the paired interval of its difference, over the users of both\n"
        "reports, lies on the worse side of zero. Exit code 1 when one fell or is missing, or\n"
        "when an expected figure is missed; the message says what moved and which users most.",
    .examples = "  recai check run.h5 --baseline results/baselines/ml100k.h5\n"
                "  recai check run.h5 -b base.h5 --metric ndcg@10 --users 10 --format json",
    .size = sizeof(check_flags),
    .options = check_options,
    .aliases = check_aliases,
    .min_arguments = 1,
    .max_arguments = 1,
    .run = check,
};
