/* harness/cli/score.c: recai score REPORT|RUNDIR */
#include <stdio.h>
#include <stdlib.h>

#include "core/memory.h"
#include "harness/cli/command.h"
#include "harness/cli/output.h"
#include "harness/report/show.h"
#include "harness/run/execute.h"
#include "harness/run/rundir.h"

typedef struct score_flags {
    char *out;
} score_flags;

static const rec_option options[] = {
    {"out", "file of the new report; default: where the old one is", offsetof(score_flags, out),
     REC_OPT_STRING, .text = NULL},
    {.key = NULL},
};

static const rec_flag_alias aliases[] = {{'o', "out"}, {0, NULL}};

static rec_status print(const rec_report *report, rec_error *err)
{
    rec_buffer text = {0};
    rec_status status =
        rec_report_show(&text, report, NULL, REC_FORMAT_TABLE, rec_output_width(), err);
    if (status == REC_OK)
        status = rec_output_write(&text, err);
    rec_buffer_deinit(&text);
    return status;
}

static rec_status score(void *self, char *const *arguments, size_t n_arguments, rec_error *err)
{
    const score_flags *flags = self;
    rec_opened_run opened = {0};
    rec_report *report = NULL;
    char *path = NULL;
    rec_status status;
    (void)n_arguments;
    REC_TRY(rec_opened_run_init(&opened, arguments[0], err));
    if (flags->out != NULL)
        path = rec_strdup(flags->out, err);
    else if (rec_path_is_folder(arguments[0]))
        path = rec_report_path(opened.config, NULL, err);
    else
        path = rec_strdup(arguments[0], err);
    if (path == NULL) {
        status = REC_ERR_RESOURCE;
        goto cleanup;
    }
    REC_TRY(rec_execute(&report, opened.run, err));
    REC_TRY(rec_report_write(report, path, err));
    status = print(report, err);
cleanup:
    rec_report_free(report);
    rec_opened_run_deinit(&opened);
    free(path);
    return status;
}

const rec_command rec_command_score = {
    .name = "score",
    .arguments = "REPORT|RUNDIR",
    .help = "score the recorded answers again; no model is asked",
    .details = "Replies lie in the journals of the run directory. Metrics, intervals and expected "
               "figures are\ncomputed from them and the report is written again.",
    .examples = "  recai score results/quickstart.h5",
    .size = sizeof(score_flags),
    .options = options,
    .aliases = aliases,
    .min_arguments = 1,
    .max_arguments = 1,
    .run = score,
};
