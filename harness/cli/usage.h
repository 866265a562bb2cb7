/** Help texts, written from the command table and the option tables. */
#ifndef REC_HARNESS_CLI_USAGE_H
#define REC_HARNESS_CLI_USAGE_H

#include <stdbool.h>
#include <stdio.h>

#include "harness/cli/command.h"

/** Flags that every sub-command takes (a sub-command's own flag or letter of that name wins). */
typedef struct rec_global_flags {
    int64_t threads; /* 0 = all processors */
    bool quiet, verbose, version, help;
} rec_global_flags;

extern const rec_option rec_global_options[];
extern const rec_flag_alias rec_global_aliases[];

/** `recai --help`: every sub-command with its line of help. */
void rec_usage_program(FILE *out);

/** `recai NAME --help`: usage line, details, options with defaults and ranges, examples. */
void rec_usage_command(FILE *out, const rec_command *command);

#endif
