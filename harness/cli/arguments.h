/**
 * Command line -> option tables: --flag value, --flag=value, -f value, -fvalue, -abc for bools,
 * --no-flag for a bool, "--" before arguments that start with a dash. A flag of a list type may be
 * repeated; INTS and REALS also take commas, STRINGS take each value as it stands (a --set value may
 * contain commas). Other types: the last one counts.
 */
#ifndef REC_HARNESS_CLI_ARGUMENTS_H
#define REC_HARNESS_CLI_ARGUMENTS_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/cli/command.h"

/** One struct and the table that describes it; its options have been set to their defaults. */
typedef struct rec_flag_set {
    void *values;
    const rec_option *options;
    const rec_flag_alias *aliases; /* ends with letter 0; or NULL */
} rec_flag_set;

typedef struct rec_arguments {
    char **positional; /* owned array of borrowed strings */
    size_t n_positional;
    size_t n_consumed; /* entries of argv that were read */
    bool *given;       /* owned; for every option of every set, in order: was it on the line? */
} rec_arguments;

void rec_arguments_deinit(rec_arguments *a);

/**
 * Read flags into the sets; where two sets know a flag, the earlier set has it.
 * @param argv            without the program's (and the command's) name
 * @param flags_only      stop before the first argument that is not a flag
 * @return REC_ERR_CONFIG "--flag: what is wrong (allowed values, or the nearest flag)"
 */
rec_status rec_arguments_parse(rec_arguments *out, const rec_flag_set *sets, size_t n_sets,
                               char *const *argv, size_t argc, bool flags_only, rec_error *err);

/** Required flags are there, and so is the right number of positional arguments. The command's set
 * must have been the first one parsed. */
rec_status rec_arguments_check(const rec_arguments *a, const rec_command *command, rec_error *err);

/** Replace every entry that contains commas by its parts ("a,b" -> "a", "b"). */
rec_status rec_string_list_split(rec_string_list *list, rec_error *err);

/** "history_max" -> "--history-max"; out is cut at `size`. */
void rec_flag_name(char *out, size_t size, const char *key);

/** The letter that stands for an option; 0 for none. `aliases` may be NULL. */
char rec_flag_letter(const rec_flag_alias *aliases, const char *key);

#endif
