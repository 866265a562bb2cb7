#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/interrupt.h"
#include "core/memory.h"
#include "core/parallel.h"
#include "core/progress.h"
#include "harness/cli/arguments.h"
#include "harness/cli/usage.h"

/* A standard descriptor that the caller closed would be handed to the next file we open, and results
 * would be printed into it. Occupied by a descriptor that refuses the operation, it fails instead. */
static void occupy_standard_descriptors(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) == -1 && errno == EBADF)
            open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY); /* the lowest free: fd */
}

static void apply_globals(const rec_global_flags *globals)
{
    rec_parallel_set_threads((size_t)globals->threads);
    rec_progress_set_verbosity(globals->quiet     ? REC_QUIET
                               : globals->verbose ? REC_VERBOSE
                                                  : REC_NORMAL);
}

static void print_version(void)
{
    puts("recai " REC_VERSION);
}

/* argv: what follows the command's name. */
static rec_status run_command(const rec_command *command, rec_global_flags *globals,
                              char *const *argv, size_t argc, rec_error *err)
{
    rec_arguments arguments = {0};
    void *flags = rec_alloc(1, command->size, err);
    rec_status status = flags != NULL ? REC_OK : REC_ERR_RESOURCE;
    if (status != REC_OK)
        return status;
    REC_TRY(rec_options_defaults(flags, command->options, err));
    const rec_flag_set sets[] = {{flags, command->options, command->aliases},
                                 {globals, rec_global_options, rec_global_aliases}};
    REC_TRY(rec_arguments_parse(&arguments, sets, 2, argv, argc, false, err));
    if (globals->help || globals->version) {
        if (globals->help)
            rec_usage_command(stdout, command);
        else
            print_version();
        goto cleanup;
    }
    REC_TRY(rec_arguments_check(&arguments, command, err));
    apply_globals(globals);
    status = command->run(flags, arguments.positional, arguments.n_positional, err);
cleanup:
    rec_arguments_deinit(&arguments);
    rec_options_deinit(flags, command->options);
    free(flags);
    return status;
}

/* argv: the whole line without the program's name. */
static rec_status run_line(char *const *argv, size_t argc, rec_error *err)
{
    rec_global_flags globals = {0};
    rec_arguments leading = {0};
    const rec_command *command;
    rec_status status;
    REC_TRY(rec_options_defaults(&globals, rec_global_options, err));
    const rec_flag_set set = {&globals, rec_global_options, rec_global_aliases};
    REC_TRY(rec_arguments_parse(&leading, &set, 1, argv, argc, true, err));
    if (globals.version) {
        print_version();
        goto cleanup;
    }
    if (leading.n_consumed == argc) {
        rec_usage_program(globals.help ? stdout : stderr);
        if (!globals.help)
            status = rec_fail(err, REC_ERR_CONFIG, "a command is missing");
        goto cleanup;
    }
    REC_TRY(rec_command_find(&command, argv[leading.n_consumed], err));
    status = run_command(command, &globals, argv + leading.n_consumed + 1,
                         argc - leading.n_consumed - 1, err);
cleanup:
    rec_arguments_deinit(&leading);
    return status;
}

/* Results that did not reach stdout (closed, full disk) are a failure even if all else went well. */
static rec_status close_stdout(rec_error *err)
{
    bool failed = ferror(stdout) != 0;
    errno = 0;
    if (fflush(stdout) != 0 || (close(STDOUT_FILENO) != 0 && errno != EBADF))
        return rec_fail_errno(err, REC_ERR_RESOURCE, "cannot write to standard output");
    if (failed)
        return rec_fail(err, REC_ERR_RESOURCE, "cannot write to standard output");
    return REC_OK;
}

int main(int argc, char **argv)
{
    rec_error err = {.status = REC_OK};
    occupy_standard_descriptors();
    rec_interrupt_install();
    rec_status status = argc > 0 ? run_line(argv + 1, (size_t)argc - 1, &err) : REC_ERR_CONFIG;
    if (status != REC_OK)
        fprintf(stderr, "recai: %s\n", err.message);
    rec_status closed = close_stdout(&err);
    if (status == REC_OK && closed != REC_OK) {
        fprintf(stderr, "recai: %s\n", err.message);
        status = closed;
    }
    /* Also a failed read that a signal broke off: what failed then is not worth a code of its own. */
    if (status != REC_OK && rec_interrupt_signal() != 0)
        return 128 + rec_interrupt_signal();
    return (int)status;
}
