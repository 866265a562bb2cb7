/* harness/cli/list.c: recai list [KIND [NAME]] */
#include <stdio.h>
#include <string.h>

#include "datasets/reader.h"
#include "harness/cli/command.h"
#include "harness/cli/output.h"
#include "harness/cli/reference.h"
#include "harness/judges/judge.h"
#include "harness/metrics/metric.h"
#include "harness/replies/errors.h"
#include "harness/replies/letters.h"
#include "harness/replies/list_parser.h"
#include "harness/run/config.h"
#include "harness/run/tune.h"
#include "harness/simulators/simulator.h"

typedef struct list_flags {
    int format;
} list_flags;

static const char *const formats[] = {"table", "md", NULL};

static const rec_option options[] = {
    {"format", "form of the result; md without a KIND is the whole config reference",
     offsetof(list_flags, format), REC_OPT_ENUM, .choices = formats},
    {.key = NULL},
};

static const rec_flag_alias aliases[] = {{'f', "format"}, {0, NULL}};

/* One thing that can be listed, from whatever table it is in. */
typedef struct item {
    const char *name, *help, *citation,
        *detail; /* detail: formula of a metric, files of a reader */
    const rec_option *options;
    bool has_options;
} item;

typedef struct kind {
    const char *name, *help;
    size_t (*count)(void);
    item (*at)(size_t i);
} kind;

static size_t n_readers(void)
{
    return rec_n_readers;
}

static item reader_at(size_t i)
{
    const rec_reader *r = rec_readers[i];
    return (item){r->name, r->help, NULL, r->files, r->options, true};
}

static item system_at(size_t i)
{
    rec_system_type t = rec_system_type_at(i);
    return (item){t.name, t.help, t.citation, NULL, t.options, true};
}

static size_t n_lms(void)
{
    return rec_n_lm_backends;
}

static item lm_at(size_t i)
{
    const rec_lm_backend_type *b = rec_lm_backends[i];
    return (item){b->name, b->help, NULL, NULL, b->options, true};
}

static size_t n_tasks(void)
{
    return rec_n_tasks;
}

static item task_at(size_t i)
{
    return (item){rec_tasks[i]->name, rec_tasks[i]->help, NULL, NULL, rec_tasks[i]->options, true};
}

static size_t n_metrics(void)
{
    return rec_n_metrics;
}

static item metric_at(size_t i)
{
    const rec_metric *m = rec_metrics[i];
    return (item){m->name, m->help, m->citation, m->formula, NULL, false};
}

static size_t n_judges(void)
{
    return rec_n_judges;
}

static item judge_at(size_t i)
{
    return (item){rec_judges[i]->name,     rec_judges[i]->help,
                  rec_judges[i]->citation, NULL,
                  rec_judge_option_table,  true};
}

static size_t n_protocols(void)
{
    return rec_n_judge_protocols;
}

static item protocol_at(size_t i)
{
    const rec_judge_protocol *p = rec_judge_protocols[i];
    return (item){p->name, p->help, p->citation, p->system_prompt, NULL, false};
}

static size_t n_simulators(void)
{
    return rec_n_simulators;
}

static item simulator_at(size_t i)
{
    const rec_simulator *s = rec_simulators[i];
    return (item){s->name, s->help, s->citation, NULL, rec_simulator_option_table, true};
}

static size_t n_list_parsers(void)
{
    return rec_n_list_parsers;
}

static item list_parser_at(size_t i)
{
    return (item){rec_list_parsers[i]->name, rec_list_parsers[i]->help, NULL, NULL, NULL, false};
}

static size_t n_letter_parsers(void)
{
    return rec_n_letter_parsers;
}

static item letter_parser_at(size_t i)
{
    return (item){
        rec_letter_parsers[i]->name, rec_letter_parsers[i]->help, NULL, NULL, NULL, false};
}

static size_t n_errors(void)
{
    return rec_n_error_metrics;
}

static item error_at(size_t i)
{
    const rec_error_metric *m = &rec_error_metrics[i];
    return (item){m->name, m->help, NULL, m->formula, NULL, false};
}

/* Tables of the config that belong to no plug-in. */
static const item sections[] = {
    {"config", "top level of a config", NULL, NULL, rec_config_options, true},
    {"systems", "keys of every entry of systems:", NULL, NULL, rec_system_common_options, true},
    {"tune", "search over a system's options", NULL, NULL, rec_tuning_options, true},
    {"range", "a range in tune: space:", NULL, NULL, rec_tune_range_options, true},
    {"expected", "a row of expected:", NULL, NULL, rec_expected_options, true},
};

static size_t n_sections(void)
{
    return sizeof sections / sizeof *sections;
}

static item section_at(size_t i)
{
    return sections[i];
}

static const kind kinds[] = {
    {"readers", "formats of data sets", n_readers, reader_at},
    {"systems", "recommenders and other systems", rec_system_type_count, system_at},
    {"lms", "back ends of language models", n_lms, lm_at},
    {"tasks", "what systems are asked", n_tasks, task_at},
    {"metrics", "how answers are scored", n_metrics, metric_at},
    {"list_parsers", "how lists are read out of answers", n_list_parsers, list_parser_at},
    {"letter_parsers", "how options are read out of answers", n_letter_parsers, letter_parser_at},
    {"errors", "what can be wrong with lists in answers", n_errors, error_at},
    {"judges", "who compares answers", n_judges, judge_at},
    {"protocols", "what judges are asked", n_protocols, protocol_at},
    {"simulators", "who plays the user of a dialogue", n_simulators, simulator_at},
    {"sections", "other parts of a config", n_sections, section_at},
};

static rec_status find_kind(const kind **out, const char *name, rec_error *err)
{
    const char *names[sizeof kinds / sizeof *kinds];
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        names[i] = kinds[i].name;
        if (strcmp(name, names[i]) == 0) {
            *out = &kinds[i];
            return REC_OK;
        }
    }
    char hint[REC_HINT_MAX];
    rec_hint(hint, name, names, sizeof kinds / sizeof *kinds);
    return rec_fail(err, REC_ERR_CONFIG,
                    "unknown kind \"%s\"%s (known: readers, systems, lms, tasks, metrics, "
                    "list_parsers, letter_parsers, errors, judges, protocols, simulators, "
                    "sections)",
                    name, hint);
}

static rec_status list_table(rec_buffer *out, size_t n, const char *(*name)(size_t, const kind *),
                             const char *(*help)(size_t, const kind *), const kind *k,
                             rec_format_kind format, rec_error *err)
{
    rec_sheet *sheet = NULL;
    rec_status status;
    REC_TRY(rec_sheet_new(&sheet, NULL, err));
    REC_TRY(rec_sheet_column(sheet, "name", false, err));
    REC_TRY(rec_sheet_column(sheet, "what it is", false, err));
    for (size_t i = 0; i < n; i++) {
        REC_TRY(rec_sheet_cell(sheet, err, "%s", name(i, k)));
        REC_TRY(rec_sheet_cell(sheet, err, "%s", help(i, k)));
    }
    status = rec_sheet_print(out, sheet, format, 0, err);
cleanup:
    rec_sheet_free(sheet);
    return status;
}

static const char *kind_name(size_t i, const kind *k)
{
    (void)k;
    return kinds[i].name;
}

static const char *kind_help(size_t i, const kind *k)
{
    (void)k;
    return kinds[i].help;
}

static const char *item_name(size_t i, const kind *k)
{
    return k->at(i).name;
}

static const char *item_help(size_t i, const kind *k)
{
    return k->at(i).help;
}

static rec_status list_item(rec_buffer *out, const kind *k, const char *name,
                            rec_format_kind format, rec_error *err)
{
    for (size_t i = 0; i < k->count(); i++) {
        item it = k->at(i);
        if (strcmp(it.name, name) != 0)
            continue;
        rec_status status = rec_buffer_printf(out, err, "%s: %s\n", it.name, it.help);
        if (status == REC_OK && it.detail != NULL)
            status = rec_buffer_printf(out, err, "%s\n", it.detail);
        if (status == REC_OK && it.citation != NULL)
            status = rec_buffer_printf(out, err, "Source: %s\n", it.citation);
        if (status == REC_OK && it.has_options)
            status = rec_buffer_puts(out, "\n", err);
        return status == REC_OK && it.has_options
                   ? rec_reference_options(out, it.options, NULL, format, err)
                   : status;
    }
    return rec_fail(err, REC_ERR_CONFIG, "%s has no \"%s\" (recai list %s)", k->name, name,
                    k->name);
}

static rec_status list_to(rec_buffer *out, char *const *arguments, size_t n_arguments,
                          bool is_markdown, rec_error *err)
{
    rec_format_kind format = is_markdown ? REC_FORMAT_MARKDOWN : REC_FORMAT_TABLE;
    if (n_arguments == 0 && is_markdown)
        return rec_reference_config(out, err);
    if (n_arguments == 0)
        return list_table(out, sizeof kinds / sizeof *kinds, kind_name, kind_help, NULL, format,
                          err);
    const kind *k = NULL;
    rec_status status = find_kind(&k, arguments[0], err);
    if (status != REC_OK)
        return status;
    if (n_arguments == 1)
        return list_table(out, k->count(), item_name, item_help, k, format, err);
    return list_item(out, k, arguments[1], format, err);
}

static rec_status list(void *self, char *const *arguments, size_t n_arguments, rec_error *err)
{
    const list_flags *flags = self;
    rec_buffer out = {0};
    rec_status status = list_to(&out, arguments, n_arguments, flags->format == 1, err);
    if (status == REC_OK)
        status = rec_output_write(&out, err);
    rec_buffer_deinit(&out);
    return status;
}

const rec_command rec_command_list = {
    .name = "list",
    .arguments = "[KIND [NAME]]",
    .help = "what there is: readers, systems, lms, tasks, metrics, with all options",
    .examples = "  recai list\n"
                "  recai list systems\n"
                "  recai list systems ease\n"
                "  recai list --format md > docs/config.md",
    .size = sizeof(list_flags),
    .options = options,
    .aliases = aliases,
    .max_arguments = 2,
    .run = list,
};
