/* Shell completion out of the same tables that parsing and --help read. */
#include <stdio.h>
#include <string.h>

#include "harness/cli/arguments.h"
#include "harness/cli/usage.h"

enum { FLAG_MAX = 64 };

static void put_choices(const char *const *choices)
{
    for (size_t i = 0; choices[i] != NULL; i++)
        printf("%s%s", i > 0 ? " " : "", choices[i]);
}

/* Text inside single quotes; characters of `escaped` get a backslash. */
static void put_quoted(const char *text, const char *escaped)
{
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '\'')
            fputs("'\\''", stdout);
        else
            printf("%s%c", strchr(escaped, *c) != NULL ? "\\" : "", *c);
    }
}

/* --- bash -------------------------------------------------------------------------------------- */

static void put_bash_choices(const rec_command *c)
{
    for (const rec_option *o = c->options; o != NULL && o->key != NULL; o++) {
        char flag[FLAG_MAX], letter = rec_flag_letter(c->aliases, o->key);
        if (o->type != REC_OPT_ENUM)
            continue;
        rec_flag_name(flag, sizeof flag, o->key);
        printf("    %s,%s", c->name, flag);
        if (letter != 0)
            printf(" | %s,-%c", c->name, letter);
        fputs(") words='", stdout);
        put_choices(o->choices);
        fputs("' ;;\n", stdout);
    }
}

static void put_bash_flags(const rec_option *table)
{
    for (const rec_option *o = table; o != NULL && o->key != NULL; o++) {
        char flag[FLAG_MAX];
        rec_flag_name(flag, sizeof flag, o->key);
        printf("%s ", flag);
    }
}

static void complete_bash(void)
{
    fputs("# recai completion bash > /etc/bash_completion.d/recai\n"
          "_recai()\n{\n"
          "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}\n"
          "    local command= words= i\n"
          "    COMPREPLY=()\n"
          "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
          "        case ${COMP_WORDS[i]} in\n"
          "        -*) ;;\n"
          "        *) command=${COMP_WORDS[i]}; break ;;\n"
          "        esac\n"
          "    done\n"
          "    case $command,$prev in\n",
          stdout);
    for (size_t i = 0; i < rec_n_commands; i++)
        put_bash_choices(rec_commands[i]);
    fputs("    esac\n"
          "    if [[ -z $words ]]; then\n"
          "        case $command in\n"
          "        '') words='",
          stdout);
    for (size_t i = 0; i < rec_n_commands; i++)
        printf("%s ", rec_commands[i]->name);
    put_bash_flags(rec_global_options);
    fputs("' ;;\n", stdout);
    for (size_t i = 0; i < rec_n_commands; i++) {
        printf("        %s) words='", rec_commands[i]->name);
        put_bash_flags(rec_commands[i]->options);
        put_bash_flags(rec_global_options);
        fputs("' ;;\n", stdout);
    }
    fputs("        esac\n"
          "        [[ -n $command && $cur != -* ]] && return\n"
          "    fi\n"
          "    COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
          "}\n"
          "complete -o default -F _recai recai\n",
          stdout);
}

/* --- zsh --------------------------------------------------------------------------------------- */

static void put_zsh_flag(const rec_option *o, char letter)
{
    char flag[FLAG_MAX];
    rec_flag_name(flag, sizeof flag, o->key);
    if (letter != 0)
        printf(" \\\n        '*'{-%c,%s}'[", letter, flag);
    else
        printf(" \\\n        '*%s[", flag);
    put_quoted(o->help, "[]:");
    fputs("]", stdout);
    if (o->type == REC_OPT_ENUM) {
        printf(":%s:(", o->key);
        put_choices(o->choices);
        fputs(")", stdout);
    } else if (o->type != REC_OPT_BOOL) {
        printf(":%s:_files", o->key);
    }
    fputs("'", stdout);
}

static void put_zsh_flags(const rec_option *table, const rec_flag_alias *aliases)
{
    for (const rec_option *o = table; o != NULL && o->key != NULL; o++)
        put_zsh_flag(o, rec_flag_letter(aliases, o->key));
}

static void complete_zsh(void)
{
    fputs("#compdef recai\n"
          "# recai completion zsh > \"${fpath[1]}/_recai\"\n"
          "_recai()\n{\n"
          "    local -a commands=(\n",
          stdout);
    for (size_t i = 0; i < rec_n_commands; i++) {
        printf("        '%s:", rec_commands[i]->name);
        put_quoted(rec_commands[i]->help, ":");
        fputs("'\n", stdout);
    }
    fputs("    )\n"
          "    if ((CURRENT == 2)); then\n"
          "        _describe command commands\n"
          "        return\n"
          "    fi\n"
          "    local command=$words[2]\n"
          "    shift words\n"
          "    ((CURRENT--))\n"
          "    case $command in\n",
          stdout);
    for (size_t i = 0; i < rec_n_commands; i++) {
        printf("    %s)\n        _arguments -s", rec_commands[i]->name);
        put_zsh_flags(rec_commands[i]->options, rec_commands[i]->aliases);
        put_zsh_flags(rec_global_options, NULL);
        fputs(" \\\n        '*:file:_files'\n        ;;\n", stdout);
    }
    fputs("    esac\n}\n_recai \"$@\"\n", stdout);
}

/* --- fish -------------------------------------------------------------------------------------- */

/* `condition`: a fish test. */
static void put_fish_flags(const char *condition, const rec_option *table,
                           const rec_flag_alias *aliases)
{
    for (const rec_option *o = table; o != NULL && o->key != NULL; o++) {
        char flag[FLAG_MAX], letter = rec_flag_letter(aliases, o->key);
        rec_flag_name(flag, sizeof flag, o->key);
        printf("complete -c recai %s -l %s", condition, flag + 2);
        if (letter != 0)
            printf(" -s %c", letter);
        if (o->type == REC_OPT_ENUM) {
            fputs(" -x -a '", stdout);
            put_choices(o->choices);
            fputs("'", stdout);
        } else if (o->type != REC_OPT_BOOL) {
            fputs(" -r", stdout);
        }
        fputs(" -d '", stdout);
        put_quoted(o->help, "\\");
        fputs("'\n", stdout);
    }
}

static void complete_fish(void)
{
    fputs("# recai completion fish > ~/.config/fish/completions/recai.fish\n", stdout);
    for (size_t i = 0; i < rec_n_commands; i++) {
        const rec_command *c = rec_commands[i];
        char condition[FLAG_MAX];
        printf("complete -c recai -n __fish_use_subcommand -f -a %s -d '", c->name);
        put_quoted(c->help, "\\");
        fputs("'\n", stdout);
        snprintf(condition, sizeof condition, "-n '__fish_seen_subcommand_from %s'", c->name);
        put_fish_flags(condition, c->options, c->aliases);
    }
    put_fish_flags("", rec_global_options, NULL);
}

/* --- the command ------------------------------------------------------------------------------- */

static const struct {
    const char *shell;
    void (*print)(void);
} shells[] = {{"bash", complete_bash}, {"zsh", complete_zsh}, {"fish", complete_fish}};

static rec_status completion(void *flags, char *const *arguments, size_t n_arguments,
                             rec_error *err)
{
    (void)flags;
    (void)n_arguments;
    for (size_t i = 0; i < sizeof shells / sizeof *shells; i++) {
        if (strcmp(arguments[0], shells[i].shell) == 0) {
            shells[i].print();
            return REC_OK;
        }
    }
    return rec_fail(err, REC_ERR_CONFIG, "no completion for the shell \"%s\" (bash, zsh, fish)",
                    arguments[0]);
}

const rec_command rec_command_completion = {
    .name = "completion",
    .arguments = "bash|zsh|fish",
    .help = "print a completion script for a shell",
    .examples = "  source <(recai completion bash)\n"
                "  recai completion fish > ~/.config/fish/completions/recai.fish",
    .min_arguments = 1,
    .max_arguments = 1,
    .run = completion,
};
