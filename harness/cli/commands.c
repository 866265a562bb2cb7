#include <string.h>

#include "harness/cli/command.h"

#define REC_COMMAND(name) extern const rec_command rec_command_##name;
#include "harness/cli/commands.def"
#undef REC_COMMAND

#define REC_COMMAND(name) &rec_command_##name,
const rec_command *const rec_commands[] = {
#include "harness/cli/commands.def"
    NULL,
};
#undef REC_COMMAND

const size_t rec_n_commands = sizeof rec_commands / sizeof *rec_commands - 1;

rec_status rec_command_find(const rec_command **out, const char *name, rec_error *err)
{
    const char *names[sizeof rec_commands / sizeof *rec_commands] = {NULL};
    for (size_t i = 0; i < rec_n_commands; i++) {
        names[i] = rec_commands[i]->name;
        if (strcmp(name, names[i]) == 0) {
            *out = rec_commands[i];
            return REC_OK;
        }
    }
    const char *nearest = rec_nearest(name, names, rec_n_commands);
    if (nearest != NULL)
        return rec_fail(err, REC_ERR_CONFIG, "unknown command \"%s\" (did you mean \"%s\"?)", name,
                        nearest);
    return rec_fail(err, REC_ERR_CONFIG, "unknown command \"%s\" (recai --help lists them)", name);
}
