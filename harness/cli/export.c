#include "harness/report/export.h"
#include "core/progress.h"
#include "harness/cli/arguments.h"

typedef struct export_flags {
    char *out;
    rec_string_list task, system;
    int format;
} export_flags;

static const rec_option export_options[] = {
    {"out", "folder to write to; made if need be", offsetof(export_flags, out), REC_OPT_STRING,
     .required = true},
    {"format", "what the files are", offsetof(export_flags, format), REC_OPT_ENUM,
     .value = REC_EXPORT_CSV, .choices = rec_export_names},
    {"task", "only these tasks (comma separated or repeated)", offsetof(export_flags, task),
     REC_OPT_STRINGS, .value = 0},
    {"system", "only these systems", offsetof(export_flags, system), REC_OPT_STRINGS, .value = 0},
    {.key = NULL},
};

static const rec_flag_alias export_aliases[] = {
    {'o', "out"}, {'f', "format"}, {'t', "task"}, {'s', "system"}, {0, NULL}};

static rec_status export_report(void *flags, char *const *arguments, size_t n_arguments,
                                rec_error *err)
{
    export_flags *f = flags;
    rec_report *r = NULL;
    size_t n_files = 0;
    rec_status status;
    (void)n_arguments;
    REC_TRY(rec_string_list_split(&f->task, err));
    REC_TRY(rec_string_list_split(&f->system, err));
    const rec_show_filter filter = {.tasks = f->task, .systems = f->system};
    REC_TRY(rec_report_read(&r, arguments[0], err));
    REC_TRY(rec_show_check(&filter, r, err));
    REC_TRY(rec_report_export(&n_files, r, f->out, (rec_export_format)f->format, &filter, err));
    rec_info("%zu files written to %s", n_files, f->out);
cleanup:
    rec_report_free(r);
    return status;
}

const rec_command rec_command_export = {
    .name = "export",
    .arguments = "REPORT",
    .help = "write a report as CSV, JSON lines or TREC files",
    .details = "Files are FOLDER/TASK/SYSTEM.*; the same report gives the same bytes.\n"
               "  json  report.json, SYSTEM.jsonl: one line per sample with values, lists, texts\n"
               "  csv   figures.csv, expected.csv, SYSTEM.samples.csv, SYSTEM.lists.csv\n"
               "  trec  SYSTEM.run and SYSTEM.qrels, for which trec_eval -c gives our figures",
    .examples = "  recai export ml100k.h5 --format csv --out ml100k-csv\n"
                "  recai export ml100k.h5 --format trec --out trec --system ease &&\n"
                "    trec_eval -c -m ndcg_cut.10 trec/retrieval/ease.qrels trec/retrieval/ease.run",
    .size = sizeof(export_flags),
    .options = export_options,
    .aliases = export_aliases,
    .min_arguments = 1,
    .max_arguments = 1,
    .run = export_report,
};
