#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "core/memory.h"
#include "core/progress.h"
#include "core/utf8.h"
#include "harness/cli/command.h"
#include "harness/cli/output.h"
#include "harness/trec/evaluate.h"

typedef struct eval_flags {
    rec_string_list measure;
    bool per_query, no_summary, complete, intersection, judged_only, ranx_level;
    int64_t level, max_per_query, trec_compat;
    double collection_size;
    int format, ties, duplicates, no_relevant;
} eval_flags;

static const char *const formats[] = {"text", "json", NULL};
static const char *const ties[] = {"id", "expected", "optimistic", "pessimistic", NULL};
static const char *const duplicates[] = {"error", "first", NULL};
static const char *const no_relevant[] = {"zero", "skip", NULL};

#define OFFSET(field) offsetof(eval_flags, field)
static const rec_option eval_options[] = {
    {"measure", "what to compute: ndcg@10, recip_rank, P.5,10, official, set, all_trec",
     OFFSET(measure), REC_OPT_STRINGS, .value = 0},
    {"per_query", "also print the value of every query", OFFSET(per_query), REC_OPT_BOOL,
     .value = 0},
    {"no_summary", "do not print the summary over all queries", OFFSET(no_summary), REC_OPT_BOOL,
     .value = 0},
    {"format", "form of the result", OFFSET(format), REC_OPT_ENUM, .value = 0, .choices = formats},
    {"level", "judgments from this level on are relevant", OFFSET(level), REC_OPT_INT, .value = 1,
     .min = -1e6, .max = 1e6},
    {"complete", "queries absent from the run score 0 (always, except with --trec-compat 9)",
     OFFSET(complete), REC_OPT_BOOL, .value = 0},
    {"intersection", "leave out queries absent from the run", OFFSET(intersection), REC_OPT_BOOL,
     .value = 0},
    {"no_relevant", "queries without a relevant document", OFFSET(no_relevant), REC_OPT_ENUM,
     .value = 0, .choices = no_relevant},
    {"ties", "order of equal scores: document id descending, or what could happen", OFFSET(ties),
     REC_OPT_ENUM, .value = 0, .choices = ties},
    {"duplicates", "a document that comes twice in a query", OFFSET(duplicates), REC_OPT_ENUM,
     .value = 0, .choices = duplicates},
    {"trec_compat", "version of trec_eval to agree with; 9 compares scores in single precision",
     OFFSET(trec_compat), REC_OPT_INT, .value = 10, .min = 9, .max = 10},
    {"ranx_level", "judgments below the level count 0 for ndcg too, as in ranx", OFFSET(ranx_level),
     REC_OPT_BOOL, .value = 0},
    {"judged_only", "take unjudged documents out of the run", OFFSET(judged_only), REC_OPT_BOOL,
     .value = 0},
    {"max_per_query", "documents kept of each query, 0 = all", OFFSET(max_per_query), REC_OPT_INT,
     .value = 0, .min = 0, .max = 1e9},
    {"collection_size", "documents in the collection (utility)", OFFSET(collection_size),
     REC_OPT_REAL, .value = 0, .min = 0, .max = 1e15},
    {.key = NULL},
};
#undef OFFSET

static const rec_flag_alias eval_aliases[] = {{'m', "measure"},       {'q', "per_query"},
                                              {'n', "no_summary"},    {'l', "level"},
                                              {'c', "complete"},      {'J', "judged_only"},
                                              {'M', "max_per_query"}, {'N', "collection_size"},
                                              {'f', "format"},        {0, NULL}};

static rec_status read_options(rec_trec_options *out, const eval_flags *f, rec_error *err)
{
    bool version_9 = f->trec_compat == 9;
    if (f->complete && f->intersection)
        return rec_fail(err, REC_ERR_CONFIG,
                        "--complete and --intersection say opposite things: give one");
    *out = (rec_trec_options){
        .single_precision = version_9,
        .skip_absent = f->intersection || (version_9 && !f->complete),
        .skip_irrelevant = f->no_relevant == 1,
        .first_duplicate = f->duplicates == 1,
        .judged_only = f->judged_only,
        .binary_gains = f->ranx_level,
        .level = (int32_t)f->level,
        .max_per_query = (size_t)f->max_per_query,
        .ties = (rec_trec_ties)f->ties,
        .rules = {.rounds_recall_up = version_9, .collection_size = f->collection_size}};
    return REC_OK;
}

/* --- text ------------------------------------------------------------------------------------ */

/* trec_eval's measures look as trec_eval prints them; the others have all their digits. */
static rec_status print_value(rec_buffer *out, const rec_trec_measure *m, rec_span query,
                              double value, rec_error *err)
{
    char number[32];
    if (m->summary == REC_TREC_SUM || m->summary == REC_TREC_QUERIES)
        snprintf(number, sizeof number, "%.0f", value);
    else if (m->is_trec)
        snprintf(number, sizeof number, "%6.4f", value);
    else
        rec_format_double(number, value);
    return rec_buffer_printf(out, err, "%-22s\t%.*s\t%s\n", m->label, (int)query.length,
                             query.bytes, number);
}

static bool has_query_value(const rec_trec_measure *m)
{
    return m->summary == REC_TREC_MEAN || m->summary == REC_TREC_SUM;
}

static rec_status print_summary(rec_buffer *out, const rec_trec_result *result,
                                const rec_trec_measures *measures, rec_span tag, rec_error *err)
{
    rec_status status = REC_OK;
    for (size_t m = 0; m < measures->n && status == REC_OK; m++) {
        const rec_trec_measure *measure = &measures->items[m];
        if (measure->summary == REC_TREC_TAG)
            status = rec_buffer_printf(out, err, "%-22s\tall\t%.*s\n", measure->label,
                                       (int)tag.length, tag.bytes);
        else
            status = print_value(out, measure, (rec_span){"all", 3},
                                 rec_trec_summary(result, measures->items, m), err);
    }
    return status;
}

static rec_status print_text(rec_buffer *out, const rec_trec_result *result,
                             const rec_trec_measures *measures, rec_span tag,
                             const eval_flags *flags, rec_error *err)
{
    rec_status status = REC_OK;
    for (size_t q = 0; flags->per_query && q < result->n_queries; q++)
        for (size_t m = 0; m < measures->n; m++)
            if (has_query_value(&measures->items[m]))
                REC_TRY(print_value(out, &measures->items[m], result->queries[q]->id,
                                    result->values[q * result->n_measures + m], err));
    if (!flags->no_summary)
        REC_TRY(print_summary(out, result, measures, tag, err));
cleanup:
    return status;
}

/* --- JSON ------------------------------------------------------------------------------------ */

static rec_status print_string(rec_buffer *out, rec_span text, rec_error *err)
{
    if (!rec_utf8_valid(text.bytes, text.length))
        return rec_fail(err, REC_ERR_DATA,
                        "id \"%.*s\" is not UTF-8, which JSON cannot hold; use --format text",
                        (int)(text.length < 80 ? text.length : 80), text.bytes);
    rec_status status = rec_buffer_puts(out, "\"", err);
    for (size_t i = 0; i < text.length && status == REC_OK; i++) {
        unsigned char c = (unsigned char)text.bytes[i];
        if (c < 0x20)
            status = rec_buffer_printf(out, err, "\\u%04x", c);
        else
            status = rec_buffer_printf(out, err, c == '"' || c == '\\' ? "\\%c" : "%c", c);
    }
    return status == REC_OK ? rec_buffer_puts(out, "\"", err) : status;
}

static rec_status print_json_summary(rec_buffer *out, const rec_trec_result *result,
                                     const rec_trec_measures *measures, rec_error *err)
{
    rec_status status;
    bool first = true;
    REC_TRY(rec_buffer_puts(out, "{\"metrics\":{", err));
    for (size_t m = 0; m < measures->n; m++) {
        char number[32];
        if (measures->items[m].summary == REC_TREC_TAG)
            continue;
        rec_format_double(number, rec_trec_summary(result, measures->items, m));
        REC_TRY(rec_buffer_printf(out, err, "%s\"%s\":{\"mean\":%s,\"n\":%zu}", first ? "" : ",",
                                  measures->items[m].label, number, result->n_queries));
        first = false;
    }
    status = rec_buffer_puts(out, "}", err);
cleanup:
    return status;
}

static rec_status print_json_query(rec_buffer *out, const rec_trec_result *result, size_t q,
                                   const rec_trec_measures *measures, rec_error *err)
{
    rec_status status;
    bool first = true;
    REC_TRY(print_string(out, result->queries[q]->id, err));
    REC_TRY(rec_buffer_puts(out, ":{", err));
    for (size_t m = 0; m < measures->n; m++) {
        char number[32];
        if (!has_query_value(&measures->items[m]))
            continue;
        rec_format_double(number, result->values[q * result->n_measures + m]);
        REC_TRY(rec_buffer_printf(out, err, "%s\"%s\":%s", first ? "" : ",",
                                  measures->items[m].label, number));
        first = false;
    }
    status = rec_buffer_puts(out, "}", err);
cleanup:
    return status;
}

static rec_status print_json(rec_buffer *out, const rec_trec_result *result,
                             const rec_trec_measures *measures, bool per_query, rec_error *err)
{
    rec_status status;
    REC_TRY(print_json_summary(out, result, measures, err));
    if (per_query) {
        REC_TRY(rec_buffer_puts(out, ",\"queries\":{", err));
        for (size_t q = 0; q < result->n_queries; q++) {
            REC_TRY(rec_buffer_puts(out, q > 0 ? "," : "", err));
            REC_TRY(print_json_query(out, result, q, measures, err));
        }
        REC_TRY(rec_buffer_puts(out, "}", err));
    }
    status = rec_buffer_puts(out, "}\n", err);
cleanup:
    return status;
}

/* --------------------------------------------------------------------------------------------- */

static void warn_of_mismatch(const rec_trec_result *result, const eval_flags *flags,
                             char *const *paths)
{
    if (result->n_absent > 0)
        rec_warn("%s lacks %zu judged queries: they %s", paths[1], result->n_absent,
                 flags->intersection || (flags->trec_compat == 9 && !flags->complete)
                     ? "are left out"
                     : "score 0");
    if (result->n_unjudged > 0)
        rec_warn("%s has %zu queries that %s does not judge: ignored", paths[1], result->n_unjudged,
                 paths[0]);
    if (result->n_duplicates > 0)
        rec_warn("%zu lines repeat a document of their query: the first one counts",
                 result->n_duplicates);
}

/* "-" is standard input, as for trec_eval. */
static const char *path_of(const char *argument)
{
    return strcmp(argument, "-") == 0 ? "/dev/stdin" : argument;
}

static rec_status eval(void *self, char *const *arguments, size_t n_arguments, rec_error *err)
{
    eval_flags *flags = self;
    rec_trec_measures measures = {0};
    rec_trec_options options;
    rec_trec_file qrels = {0}, run = {0};
    rec_trec_result result = {0};
    rec_buffer out = {0};
    rec_status status;
    (void)n_arguments;
    REC_TRY(read_options(&options, flags, err));
    REC_TRY(rec_trec_measures_parse(&measures, flags->measure.items, flags->measure.n,
                                    (int)flags->trec_compat, err));
    REC_TRY(rec_trec_read(&qrels, path_of(arguments[0]), REC_TREC_QRELS, err));
    REC_TRY(rec_trec_read(&run, path_of(arguments[1]), REC_TREC_RUN, err));
    REC_TRY(rec_trec_evaluate(&result, &qrels, &run, measures.items, measures.n, &options, err));
    warn_of_mismatch(&result, flags, arguments);
    if (flags->format == 1)
        REC_TRY(print_json(&out, &result, &measures, flags->per_query, err));
    else
        REC_TRY(print_text(&out, &result, &measures, run.tag, flags, err));
    status = rec_output_write(&out, err);
cleanup:
    rec_buffer_deinit(&out);
    rec_trec_result_deinit(&result);
    rec_trec_file_deinit(&run);
    rec_trec_file_deinit(&qrels);
    rec_trec_measures_deinit(&measures);
    return status;
}

const rec_command rec_command_eval = {
    .name = "eval",
    .arguments = "QRELS RUN",
    .help = "evaluate a TREC run file against judgments, as trec_eval does",
    .details =
        "QRELS lines are \"query iteration document level\", RUN lines \"query Q0 document rank\n"
        "score tag\"; either may be gzipped, RUN may be - for standard input. Without -m the\n"
        "official measures are printed. trec_eval's names (map, P.5,10, ndcg_cut_10, all_trec)\n"
        "come in trec_eval's order and with its four decimals, the names of docs/metrics.md\n"
        "(ndcg@10, map_min@20, rbp.80) with all digits. Figures equal trec_eval -c.",
    .examples = "  recai eval qrels.txt run.txt\n"
                "  recai eval -q -m ndcg@10,recip_rank qrels.txt run.txt\n"
                "  recai eval -m all_trec --trec-compat 9 qrels.txt run.txt.gz\n"
                "  recai eval --ties expected --format json -m mrr@10 qrels.txt run.txt",
    .size = sizeof(eval_flags),
    .options = eval_options,
    .aliases = eval_aliases,
    .min_arguments = 2,
    .max_arguments = 2,
    .run = eval,
};
