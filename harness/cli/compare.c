#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "harness/cli/arguments.h"
#include "harness/cli/output.h"
#include "harness/report/compare.h"

typedef struct compare_flags {
    rec_string_list systems, task, metric;
    bool intersection;
    int test, format;
    double level;
    int64_t draws, seed;
} compare_flags;

static const rec_option compare_options[] = {
    {"systems", "compare these systems (comma separated), every pair of them",
     offsetof(compare_flags, systems), REC_OPT_STRINGS, .value = 0},
    {"task", "only these tasks", offsetof(compare_flags, task), REC_OPT_STRINGS, .value = 0},
    {"metric", "only these metrics, with a cut-off (ndcg@10) or all of one (ndcg)",
     offsetof(compare_flags, metric), REC_OPT_STRINGS, .value = 0},
    {"intersection", "where test sets differ, compare the samples they share",
     offsetof(compare_flags, intersection), REC_OPT_BOOL, .value = 0},
    {"test", "test whose p-values are corrected and shown", offsetof(compare_flags, test),
     REC_OPT_ENUM, .value = REC_TEST_T, .choices = rec_paired_test_names},
    {"level", "level of the intervals", offsetof(compare_flags, level), REC_OPT_REAL, .value = 0.95,
     .min = 0.5, .max = 0.9999},
    {"draws", "draws of the permutation test, resamples of the bootstrap",
     offsetof(compare_flags, draws), REC_OPT_INT, .value = 10000, .min = 100, .max = 1e8},
    {"seed", "seed of the two", offsetof(compare_flags, seed), REC_OPT_INT, .value = 1, .min = 0,
     .max = 1e15},
    {"format", "form of the result", offsetof(compare_flags, format), REC_OPT_ENUM, .value = 0,
     .choices = rec_format_names},
    {.key = NULL},
};

static const rec_flag_alias compare_aliases[] = {
    {'s', "systems"}, {'t', "task"}, {'m', "metric"}, {'f', "format"}, {0, NULL}};

/* The systems to be compared, each with its report. */
typedef struct side_list {
    rec_compare_side *sides; /* owned */
    size_t n;
} side_list;

static bool add_side(side_list *list, const rec_report *r, const char *source, const char *system)
{
    for (size_t i = 0; i < r->n_results; i++) {
        if (strcmp(r->results[i].system, system) != 0)
            continue;
        list->sides[list->n++] = (rec_compare_side){r, source, r->results[i].system};
        return true;
    }
    return false;
}

/* The systems of a report that compete, each once. */
static void add_all(side_list *list, const rec_report *r, const char *source)
{
    for (size_t i = 0; i < r->n_results; i++) {
        bool first = true;
        for (size_t j = 0; j < i && first; j++)
            first = strcmp(r->results[j].system, r->results[i].system) != 0;
        if (first && !rec_report_has_flag(r, r->results[i].system, REC_REPORT_CEILING))
            add_side(list, r, source, r->results[i].system);
    }
}

static rec_status collect(side_list *list, rec_report *const *reports, char *const *sources,
                          size_t n, const rec_string_list *systems, rec_error *err)
{
    size_t capacity = systems->n * n;
    for (size_t i = 0; i < n; i++)
        capacity += reports[i]->n_results;
    list->sides = rec_alloc(capacity, sizeof *list->sides, err);
    if (list->sides == NULL)
        return REC_ERR_RESOURCE;
    for (size_t i = 0; i < n && systems->n == 0; i++)
        add_all(list, reports[i], sources[i]);
    for (size_t s = 0; s < systems->n; s++) {
        bool found = false;
        for (size_t i = 0; i < n; i++)
            if (rec_report_has_flag(reports[i], systems->items[s], REC_REPORT_CEILING))
                return rec_fail(err, REC_ERR_CONFIG,
                                "%s: \"%s\" ranks by the answers: a ceiling, no competitor",
                                sources[i], systems->items[s]);
        for (size_t i = 0; i < n; i++)
            found |= add_side(list, reports[i], sources[i], systems->items[s]);
        if (!found)
            return rec_fail(err, REC_ERR_CONFIG, "no report has a system \"%s\"",
                            systems->items[s]);
    }
    return REC_OK;
}

/* Named systems: every pair. One report: every pair. Else each system of the first report against
 * the one of the same name in the others. */
static bool wanted_pair(const rec_compare_side *a, const rec_compare_side *b,
                        const rec_report *first, bool every_pair)
{
    return every_pair ||
           (a->report == first && b->report != first && strcmp(a->system, b->system) == 0);
}

static rec_status compare_all(rec_comparisons *c, const side_list *list, const rec_report *first,
                              bool every_pair, const rec_compare_options *options, rec_error *err)
{
    rec_status status = REC_OK;
    for (size_t i = 0; i < list->n && status == REC_OK; i++)
        for (size_t j = i + 1; j < list->n && status == REC_OK; j++)
            if (wanted_pair(&list->sides[i], &list->sides[j], first, every_pair))
                status = rec_compare(c, list->sides[i], list->sides[j], options, err);
    if (status == REC_OK && c->n == 0)
        return rec_fail(err, REC_ERR_CONFIG,
                        "nothing to compare: no task and metric with per-user values is in both "
                        "sides");
    return status;
}

static rec_status read_reports(rec_report ***out, char *const *paths, size_t n, rec_error *err)
{
    rec_report **reports = rec_alloc(n, sizeof *reports, err);
    rec_status status = reports != NULL ? REC_OK : REC_ERR_RESOURCE;
    for (size_t i = 0; i < n && status == REC_OK; i++)
        status = rec_report_read_parts(&reports[i], paths[i], REC_REPORT_SAMPLES, err);
    *out = reports;
    return status;
}

static rec_status compare(void *flags, char *const *arguments, size_t n_arguments, rec_error *err)
{
    compare_flags *f = flags;
    rec_report **reports = NULL;
    side_list list = {0};
    rec_comparisons c = {0};
    rec_buffer out = {0};
    rec_status status;
    REC_TRY(rec_string_list_split(&f->systems, err));
    REC_TRY(rec_string_list_split(&f->task, err));
    REC_TRY(rec_string_list_split(&f->metric, err));
    const rec_show_filter filter = {.tasks = f->task, .metrics = f->metric};
    const rec_compare_options options = {f->intersection,          f->level,
                                         (size_t)f->draws,         (uint64_t)f->seed,
                                         (rec_paired_test)f->test, &filter};
    REC_TRY(read_reports(&reports, arguments, n_arguments, err));
    REC_TRY(rec_show_check(&filter, reports[0], err));
    REC_TRY(collect(&list, reports, arguments, n_arguments, &f->systems, err));
    REC_TRY(
        compare_all(&c, &list, reports[0], n_arguments == 1 || f->systems.n > 1, &options, err));
    REC_TRY(rec_comparisons_adjust(&c, (rec_paired_test)f->test, err));
    REC_TRY(rec_comparisons_show(&out, &c, (rec_paired_test)f->test, &options,
                                 (rec_format_kind)f->format, rec_output_width(), err));
    status = rec_output_write(&out, err);
cleanup:
    rec_buffer_deinit(&out);
    rec_comparisons_deinit(&c);
    free(list.sides);
    for (size_t i = 0; reports != NULL && i < n_arguments; i++)
        rec_report_free(reports[i]);
    free(reports);
    return status;
}

const rec_command rec_command_compare = {
    .name = "compare",
    .arguments = "REPORT...",
    .help = "paired tests between systems or reports",
    .details =
        "Several reports: each system of the first against the same system in the others.\n"
        "One report, or --systems: every pair. Values are averaged per user first (seeds,\n"
        "turns), users are the pairs. A ceiling takes no part; figures over parts of the samples\n"
        "(hit.tail@10) do when they are named. The family that p-values are corrected for is all\n"
        "rows shown: choose tasks and metrics before you look.",
    .examples = "  recai compare before.h5 after.h5 --metric ndcg@10\n"
                "  recai compare ml100k.h5 --systems pop,ease,ials --task retrieval -m ndcg@10\n"
                "  recai compare a.h5 b.h5 --systems gen_v1,gen_v2 --test permutation -f json\n"
                "  recai compare emb.h5 --systems zero_shot,tuned -m ndcg@10 --test bootstrap",
    .size = sizeof(compare_flags),
    .options = compare_options,
    .aliases = compare_aliases,
    .min_arguments = 1,
    .max_arguments = SIZE_MAX,
    .run = compare,
};
