
#include "harness/report/show.h"
#include "harness/cli/arguments.h"
#include "harness/cli/output.h"

typedef struct show_flags {
    rec_string_list task, system, metric;
    bool slices, training;
    int format;
} show_flags;

static const rec_option show_options[] = {
    {"task", "only these tasks (comma separated or repeated)", offsetof(show_flags, task),
     REC_OPT_STRINGS, .value = 0},
    {"system", "only these systems", offsetof(show_flags, system), REC_OPT_STRINGS, .value = 0},
    {"metric", "only these metrics, with a cut-off (ndcg@10) or all of one (ndcg)",
     offsetof(show_flags, metric), REC_OPT_STRINGS, .value = 0},
    {"slices", "tables of figures over parts of the samples, too", offsetof(show_flags, slices),
     REC_OPT_BOOL, .value = 0},
    {"training", "a table of training curves (first and last values), too",
     offsetof(show_flags, training), REC_OPT_BOOL, .value = 0},
    {"format", "form of the result", offsetof(show_flags, format), REC_OPT_ENUM, .value = 0,
     .choices = rec_format_names},
    {.key = NULL},
};

static const rec_flag_alias show_aliases[] = {
    {'t', "task"}, {'s', "system"}, {'m', "metric"}, {'f', "format"}, {0, NULL}};

static rec_status show(void *flags, char *const *arguments, size_t n_arguments, rec_error *err)
{
    show_flags *f = flags;
    rec_report *r = NULL;
    rec_buffer out = {0};
    rec_status status;
    (void)n_arguments;
    REC_TRY(rec_string_list_split(&f->task, err));
    REC_TRY(rec_string_list_split(&f->system, err));
    REC_TRY(rec_string_list_split(&f->metric, err));
    const rec_show_filter filter = {f->task, f->system, f->metric, f->slices, f->training};
    REC_TRY(rec_report_read_parts(&r, arguments[0], REC_REPORT_FIGURES, err));
    REC_TRY(rec_report_show(&out, r, &filter, (rec_format_kind)f->format, rec_output_width(), err));
    status = rec_output_write(&out, err);
cleanup:
    rec_buffer_deinit(&out);
    rec_report_free(r);
    return status;
}

const rec_command rec_command_show = {
    .name = "show",
    .arguments = "REPORT",
    .help = "print the tables of a report",
    .details =
        "One table per task: systems by metrics, each figure with half of its 95 % interval,\n"
        "then what was measured beside what was published. csv and json have the full\n"
        "precision; html is a page of its own.",
    .examples = "  recai show results/ml100k.h5\n"
                "  recai show results/ml100k.h5 --task retrieval --metric ndcg --format md\n"
                "  recai show results/emb.h5 --task emb_uq2i --metric hit@10 --slices\n"
                "  recai show results/emb.h5 --system tuned --training\n"
                "  recai show results/ml100k.h5 --format html > ml100k.html\n"
                "  recai show results/ml100k.h5 --format json | jq '.tasks.retrieval.ease'",
    .size = sizeof(show_flags),
    .options = show_options,
    .aliases = show_aliases,
    .min_arguments = 1,
    .max_arguments = 1,
    .run = show,
};
