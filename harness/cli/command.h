/**
 * The interface of every sub-command: one file in harness/cli/ that defines one `rec_command`, one
 * line in commands.def. Flags are an option table (core/option.h), so that parsing, --help and shell
 * completion come from one place: key "history_max" is the flag --history-max.
 */
#ifndef REC_HARNESS_CLI_COMMAND_H
#define REC_HARNESS_CLI_COMMAND_H

#include <stddef.h>

#include "core/option.h"
#include "core/status.h"

typedef struct rec_flag_alias {
    char letter;     /* 'k' for -k */
    const char *key; /* the option it stands for */
} rec_flag_alias;

typedef struct rec_command {
    const char *name;      /* "eval" */
    const char *arguments; /* "QRELS RUN" as printed in the usage line */
    const char *help;      /* one line */
    const char *details;   /* paragraph for `recai NAME --help`, or NULL */
    const char *examples;  /* lines of shell, shown by --help */
    size_t size;           /* of the struct the flags are parsed into */
    const rec_option *options;
    const rec_flag_alias *aliases;       /* ends with letter 0; or NULL */
    size_t min_arguments, max_arguments; /* positional; SIZE_MAX = any number */

    /** Results to stdout, progress and warnings to stderr; the status is the exit code. */
    rec_status (*run)(void *flags, char *const *arguments, size_t n_arguments, rec_error *err);
} rec_command;

/** All sub-commands, in the order of commands.def. */
extern const rec_command *const rec_commands[];
extern const size_t rec_n_commands;

/** REC_ERR_CONFIG with the nearest name when there is no such command. */
rec_status rec_command_find(const rec_command **out, const char *name, rec_error *err);

#endif
