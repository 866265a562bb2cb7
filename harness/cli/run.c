/* harness/cli/run.c: recai run CONFIG... */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "harness/cli/command.h"
#include "harness/cli/output.h"
#include "harness/report/show.h"
#include "harness/run/execute.h"
#include "harness/run/expected.h"
#include "harness/run/plan_text.h"

typedef struct run_flags {
    rec_string_list set;
    char *out;
    int64_t limit, lm_limit;
    double max_cost;
    bool fresh, dry_run, gate;
} run_flags;

static const rec_option options[] = {
    {"set", "override: a.b.c=value, entries of lists by name (repeatable)",
     offsetof(run_flags, set), REC_OPT_STRINGS, .text = NULL},
    {"out", "file of the report; the run directory lies beside it", offsetof(run_flags, out),
     REC_OPT_STRING, .text = NULL},
    {"limit", "at most so many samples per task; 0 = as configured", offsetof(run_flags, limit),
     REC_OPT_INT, .value = 0, .min = 0, .max = 1e12},
    {"lm_limit", "the same for systems that answer in text", offsetof(run_flags, lm_limit),
     REC_OPT_INT, .value = 0, .min = 0, .max = 1e12},
    {"max_cost",
     "dollars that paid language models may cost together; stops before, exit 5; 0 = no limit",
     offsetof(run_flags, max_cost), REC_OPT_REAL, .value = 0, .min = 0, .max = 1e6},
    {"fresh", "drop what an earlier run left and do everything again", offsetof(run_flags, fresh),
     REC_OPT_BOOL, .value = 0},
    {"dry_run", "print the steps and stop", offsetof(run_flags, dry_run), REC_OPT_BOOL, .value = 0},
    {"gate", "exit 1 when an expected figure is missed", offsetof(run_flags, gate), REC_OPT_BOOL,
     .value = 0},
    {.key = NULL},
};

static const rec_flag_alias aliases[] = {{'o', "out"}, {0, NULL}};

static rec_status write_report(rec_report *report, const char *path, rec_error *err)
{
    const char *slash = strrchr(path, '/');
    if (slash != NULL && slash != path) {
        char *folder = strndup(path, (size_t)(slash - path));
        rec_status status = folder != NULL ? rec_make_folders(folder, err)
                                           : rec_fail(err, REC_ERR_RESOURCE, "out of memory");
        free(folder);
        if (status != REC_OK)
            return status;
    }
    return rec_report_write(report, path, err);
}

static rec_status write_page(const rec_report *report, const char *path, rec_error *err)
{
    rec_buffer page = {0};
    size_t length = strlen(path);
    if (length > 3 && strcmp(path + length - 3, ".h5") == 0)
        length -= 3;
    char *name = rec_format(err, "%.*s.html", (int)length, path);
    rec_status status = name != NULL ? rec_report_page(&page, report, NULL, err) : REC_ERR_RESOURCE;
    if (status == REC_OK)
        status = rec_atomic_write(name, page.data, page.length, err);
    rec_buffer_deinit(&page);
    free(name);
    return status;
}

static rec_status print_report(const rec_report *report, const char *path, rec_error *err)
{
    rec_buffer text = {0};
    rec_status status =
        rec_report_show(&text, report, NULL, REC_FORMAT_TABLE, rec_output_width(), err);
    if (status == REC_OK)
        status = rec_buffer_printf(&text, err, "\nReport: %s\n", path);
    if (status == REC_OK)
        status = rec_output_write(&text, err);
    rec_buffer_deinit(&text);
    return status;
}

static rec_status execute(rec_report **out, const rec_config *config, const char *path,
                          const char *folder, const run_flags *flags, rec_error *err)
{
    rec_run *run = NULL;
    rec_status status;
    const rec_run_flags how = {.fresh = flags->fresh && !flags->dry_run,
                               .replay_only = flags->dry_run};
    REC_TRY(rec_run_open(&run, config, folder, how, err));
    if (flags->dry_run) {
        status = rec_plan_print(stdout, run, err);
        goto cleanup;
    }
    status = rec_execute(out, run, err);
    rec_lm_pool_tell(config->lms); /* what was asked was asked, also before a failure */
    if (status != REC_OK)
        goto cleanup;
    REC_TRY(write_report(*out, path, err));
    if (config->report.html)
        REC_TRY(write_page(*out, path, err));
    status = print_report(*out, path, err);
cleanup:
    rec_run_close(run);
    return status;
}

static rec_status run_config(const char *config_path, const run_flags *flags, rec_error *err)
{
    const rec_config_overrides overrides = {.sets = flags->set.items,
                                            .n_sets = flags->set.n,
                                            .limit = (size_t)flags->limit,
                                            .lm_limit = (size_t)flags->lm_limit};
    rec_config *config = NULL;
    rec_report *report = NULL;
    char *path = NULL, *folder = NULL;
    rec_status status;
    REC_TRY(rec_config_read(&config, config_path, &overrides, err));
    if (flags->max_cost > 0.0)
        rec_lm_pool_limit_cost(config->lms, flags->max_cost);
    path = rec_report_path(config, flags->out, err);
    folder = path != NULL ? rec_run_folder(path, err) : NULL;
    if (folder == NULL) {
        status = REC_ERR_RESOURCE;
        goto cleanup;
    }
    if (rec_path_is_folder(path)) /* before the work, not after it */
        REC_TRY(rec_fail(err, REC_ERR_CONFIG, "%s: a folder; the report is a file", path));
    REC_TRY(execute(&report, config, path, folder, flags, err));
    if (report != NULL && flags->gate && rec_report_n_missed(report) > 0)
        status = rec_fail(err, REC_ERR_GATE, "%zu of %zu expected figures are missed",
                          rec_report_n_missed(report), report->n_expected);
cleanup:
    rec_report_free(report);
    free(path);
    free(folder);
    rec_config_free(config);
    return status;
}

static rec_status run(void *self, char *const *arguments, size_t n_arguments, rec_error *err)
{
    const run_flags *flags = self;
    if (flags->out != NULL && n_arguments > 1)
        return rec_fail(err, REC_ERR_CONFIG, "--out names one report, but there are %zu configs",
                        n_arguments);
    rec_status status = REC_OK;
    for (size_t i = 0; i < n_arguments && status == REC_OK; i++)
        status = run_config(arguments[i], flags, err);
    return status;
}

const rec_command rec_command_run = {
    .name = "run",
    .arguments = "CONFIG...",
    .help = "run the benchmark a config describes; the same command resumes it",
    .details = "Every finished step is kept in NAME.run/ beside the report. A run that was stopped "
               "or killed goes on\nwhere it was; a changed config redoes what the change touches.",
    .examples = "  recai run configs/quickstart.yaml\n"
                "  recai run configs/quickstart.yaml --set systems.ease.lambda=500 --limit 100\n"
                "  recai run configs/papers/tois2021-ml100k.yaml --gate",
    .size = sizeof(run_flags),
    .options = options,
    .aliases = aliases,
    .min_arguments = 1,
    .max_arguments = SIZE_MAX,
    .run = run,
};
