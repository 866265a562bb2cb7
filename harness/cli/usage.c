#include "harness/cli/usage.h"

#include <string.h>

#include "harness/cli/arguments.h"

const rec_option rec_global_options[] = {
    {"threads", "worker threads; 0 = all processors. Results do not depend on it",
     offsetof(rec_global_flags, threads), REC_OPT_INT, .value = 0, .min = 0, .max = 4096},
    {"quiet", "no progress, no notes", offsetof(rec_global_flags, quiet), REC_OPT_BOOL, .value = 0},
    {"verbose", "more notes", offsetof(rec_global_flags, verbose), REC_OPT_BOOL, .value = 0},
    {"version", "print the version", offsetof(rec_global_flags, version), REC_OPT_BOOL, .value = 0},
    {"help", "print this", offsetof(rec_global_flags, help), REC_OPT_BOOL, .value = 0},
    {.key = NULL},
};

const rec_flag_alias rec_global_aliases[] = {{'q', "quiet"}, {'h', "help"}, {0, NULL}};

static const char *placeholder(const rec_option *o)
{
    switch (o->type) {
    case REC_OPT_BOOL:
        return "";
    case REC_OPT_INT:
        return " N";
    case REC_OPT_REAL:
        return " X";
    case REC_OPT_INTS:
        return " N,...";
    case REC_OPT_REALS:
        return " X,...";
    default:
        return " TEXT";
    }
}

static void print_flag(FILE *out, const rec_option *o, char letter)
{
    char name[64], flag[128];
    rec_flag_name(name, sizeof name, o->key);
    if (letter != 0)
        snprintf(flag, sizeof flag, "-%c, %s", letter, name);
    else
        snprintf(flag, sizeof flag, "    %s", name);
    size_t used = strlen(flag);
    if (o->type == REC_OPT_ENUM) {
        for (size_t i = 0; o->choices[i] != NULL && used < sizeof flag; i++, used = strlen(flag))
            snprintf(flag + used, sizeof flag - used, "%s%s", i > 0 ? "|" : " ", o->choices[i]);
    } else {
        snprintf(flag + used, sizeof flag - used, "%s", placeholder(o));
    }
    if (strlen(flag) <= 26)
        fprintf(out, "  %-26s %s", flag, o->help);
    else
        fprintf(out, "  %s\n  %-26s %s", flag, "", o->help);
}

static void print_default(FILE *out, const rec_option *o)
{
    bool is_number = o->type == REC_OPT_INT || o->type == REC_OPT_REAL;
    bool has_range =
        (is_number || o->type == REC_OPT_INTS || o->type == REC_OPT_REALS) && o->min != o->max;
    const char *text = o->type == REC_OPT_ENUM ? o->choices[(int)o->value] : o->text;
    if (o->required)
        fputs(" (required)", out);
    else if (is_number)
        fprintf(out, " (default %.10g)", o->value);
    else if (o->type == REC_OPT_BOOL && o->value != 0.0)
        fputs(" (default; --no-... to switch off)", out);
    else if (o->type != REC_OPT_BOOL && text != NULL)
        fprintf(out, " (default %s)", text);
    if (has_range)
        fprintf(out, " [%.10g to %.10g]", o->min, o->max);
    fputc('\n', out);
}

static bool has_key(const rec_option *table, const char *key)
{
    for (; table != NULL && table->key != NULL; table++)
        if (strcmp(table->key, key) == 0)
            return true;
    return false;
}

static bool has_letter(const rec_flag_alias *aliases, char letter)
{
    for (; aliases != NULL && aliases->letter != 0; aliases++)
        if (aliases->letter == letter)
            return true;
    return false;
}

/* `command` NULL: nothing of the program's own flags is taken. */
static void print_global_options(FILE *out, const rec_command *command)
{
    for (const rec_option *o = rec_global_options; o->key != NULL; o++) {
        char letter = rec_flag_letter(rec_global_aliases, o->key);
        if (command != NULL && has_key(command->options, o->key))
            continue;
        if (command != NULL && has_letter(command->aliases, letter))
            letter = 0;
        print_flag(out, o, letter);
        fputc('\n', out);
    }
}

void rec_usage_program(FILE *out)
{
    fputs("Usage: recai COMMAND [arguments] [options]\n\n"
          "Benchmarks recommenders and the components of RecAI; every number with the per-user\n"
          "values behind it goes into an HDF5 report.\n\n"
          "Commands (recai COMMAND --help tells more):\n",
          out);
    for (size_t i = 0; i < rec_n_commands; i++)
        fprintf(out, "  %-12s %s\n", rec_commands[i]->name, rec_commands[i]->help);
    fputs("\nOptions of every command:\n", out);
    print_global_options(out, NULL);
    fputs("\nExit codes: 0 ok, 1 a gate failed, 2 usage or config, 3 data, 4 model, 5 endpoint,\n"
          "6 memory, disk or lock, 7 internal error, 130 and 143 after SIGINT and SIGTERM.\n",
          out);
}

void rec_usage_command(FILE *out, const rec_command *command)
{
    fprintf(out, "Usage: recai %s%s%s [options]\n\n%s\n", command->name,
            command->arguments[0] != '\0' ? " " : "", command->arguments, command->help);
    if (command->details != NULL)
        fprintf(out, "\n%s\n", command->details);
    if (command->options != NULL && command->options->key != NULL) {
        fputs("\nOptions:\n", out);
        for (const rec_option *o = command->options; o->key != NULL; o++) {
            print_flag(out, o, rec_flag_letter(command->aliases, o->key));
            print_default(out, o);
        }
    }
    fputs("\nOptions of every command:\n", out);
    print_global_options(out, command);
    if (command->examples != NULL)
        fprintf(out, "\nExamples:\n%s\n", command->examples);
}
