/* harness/cli/validate.c: recai validate CONFIG... */
#include <stdio.h>
#include <stdlib.h>

#include "harness/cli/command.h"
#include "harness/run/config.h"

typedef struct validate_flags {
    rec_string_list set;
} validate_flags;

static const rec_option options[] = {
    {"set", "override: a.b.c=value, entries of lists by name (repeatable)",
     offsetof(validate_flags, set), REC_OPT_STRINGS, .text = NULL},
    {.key = NULL},
};

static rec_status validate(void *self, char *const *arguments, size_t n_arguments, rec_error *err)
{
    const validate_flags *flags = self;
    const rec_config_overrides overrides = {.sets = flags->set.items, .n_sets = flags->set.n};
    for (size_t i = 0; i < n_arguments; i++) {
        rec_config *config;
        rec_status status = rec_config_read(&config, arguments[i], &overrides, err);
        if (status != REC_OK)
            return status;
        printf("%s: good (%s: %zu systems, %zu tasks, %zu seeds, %zu expected figures)\n",
               arguments[i], config->name, config->n_systems, config->n_tasks, config->n_seeds,
               config->n_expected);
        rec_config_free(config);
    }
    return REC_OK;
}

const rec_command rec_command_validate = {
    .name = "validate",
    .arguments = "CONFIG...",
    .help = "check a config without opening its data",
    .details =
        "Every key, type, range, name and reference is checked; the first mistake is printed "
        "as\nfile:line:column with what is allowed and the nearest valid key.",
    .examples = "  recai validate configs/*.yaml",
    .size = sizeof(validate_flags),
    .options = options,
    .min_arguments = 1,
    .max_arguments = SIZE_MAX,
    .run = validate,
};
