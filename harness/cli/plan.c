/* harness/cli/plan.c: recai plan CONFIG */
#include <stdio.h>
#include <stdlib.h>

#include "harness/cli/command.h"
#include "harness/run/plan_text.h"

typedef struct plan_flags {
    rec_string_list set;
    char *out;
    int64_t limit, lm_limit;
} plan_flags;

static const rec_option options[] = {
    {"set", "override: a.b.c=value, entries of lists by name (repeatable)",
     offsetof(plan_flags, set), REC_OPT_STRINGS, .text = NULL},
    {"out", "file of the report, as for run: what is done already lies beside it",
     offsetof(plan_flags, out), REC_OPT_STRING, .text = NULL},
    {"limit", "at most so many samples per task; 0 = as configured", offsetof(plan_flags, limit),
     REC_OPT_INT, .value = 0, .min = 0, .max = 1e12},
    {"lm_limit", "the same for systems that answer in text", offsetof(plan_flags, lm_limit),
     REC_OPT_INT, .value = 0, .min = 0, .max = 1e12},
    {.key = NULL},
};

static rec_status plan(void *self, char *const *arguments, size_t n_arguments, rec_error *err)
{
    const plan_flags *flags = self;
    const rec_config_overrides overrides = {.sets = flags->set.items,
                                            .n_sets = flags->set.n,
                                            .limit = (size_t)flags->limit,
                                            .lm_limit = (size_t)flags->lm_limit};
    rec_config *config = NULL;
    rec_run *run = NULL;
    char *path = NULL, *folder = NULL;
    rec_status status;
    (void)n_arguments;
    REC_TRY(rec_config_read(&config, arguments[0], &overrides, err));
    path = rec_report_path(config, flags->out, err);
    folder = path != NULL ? rec_run_folder(path, err) : NULL;
    if (folder == NULL) {
        status = REC_ERR_RESOURCE;
        goto cleanup;
    }
    REC_TRY(rec_run_open(&run, config, folder, (rec_run_flags){.replay_only = true}, err));
    status = rec_plan_print(stdout, run, err);
cleanup:
    rec_run_close(run);
    rec_config_free(config);
    free(path);
    free(folder);
    return status;
}

const rec_command rec_command_plan = {
    .name = "plan",
    .arguments = "CONFIG",
    .help = "the steps of a run: what is there already, what the rest will take",
    .details = "Reads the data, since keys of steps depend on it, and does nothing else.",
    .examples = "  recai plan configs/quickstart.yaml",
    .size = sizeof(plan_flags),
    .options = options,
    .min_arguments = 1,
    .max_arguments = 1,
    .run = plan,
};
