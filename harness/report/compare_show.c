/* Comparisons for readers. */
#include <math.h>
#include <stdlib.h>

#include "core/json_build.h"
#include "core/memory.h"
#include "harness/report/compare.h"
#include "harness/report/show.h"

/* What tells the two sides apart: the system within one report, else the report too. */
static char *side_label(const rec_comparison *row, const rec_compare_side *side, rec_error *err)
{
    if (row->a.report == row->b.report)
        return rec_strdup(side->system, err);
    return rec_format(err, "%s (%s)", side->system, side->source);
}

static rec_status add_side(rec_sheet *s, const rec_comparison *row, const rec_compare_side *side,
                           rec_error *err)
{
    char *label = side_label(row, side, err);
    rec_status status = label != NULL ? rec_sheet_cell(s, err, "%s", label) : REC_ERR_RESOURCE;
    free(label);
    return status;
}

static rec_status add_metric(rec_sheet *s, const rec_comparison *row, rec_error *err)
{
    char *label = rec_report_label(row->metric, row->k, row->n_candidates, err);
    rec_status status = label != NULL ? rec_sheet_cell(s, err, "%s", label) : REC_ERR_RESOURCE;
    free(label);
    return status;
}

/* Small p-values keep two digits. */
static rec_status add_p(rec_sheet *s, double p, rec_error *err)
{
    if (isnan(p))
        return rec_sheet_cell(s, err, "-");
    return rec_sheet_cell(s, err, p != 0.0 && p < 1e-4 ? "%.1e" : "%.4f", p);
}

static rec_status add_signed(rec_sheet *s, double value, rec_error *err)
{
    return isnan(value) ? rec_sheet_cell(s, err, "-") : rec_sheet_cell(s, err, "%+.4f", value);
}

/* Equal differences make it as large as rounding allows. */
static rec_status add_effect(rec_sheet *s, double d, rec_error *err)
{
    return isnan(d)          ? rec_sheet_cell(s, err, "-")
           : fabs(d) < 100.0 ? rec_sheet_cell(s, err, "%+.3f", d)
                             : rec_sheet_cell(s, err, "%+.0e", d);
}

static rec_status add_number(rec_sheet *s, double value, rec_error *err)
{
    char text[32];
    rec_show_number(text, value);
    return rec_sheet_cell(s, err, "%s", text);
}

static rec_status add_row(rec_sheet *s, const rec_comparison *row, rec_paired_test test,
                          rec_error *err)
{
    rec_status status;
    REC_TRY(rec_sheet_cell(s, err, "%s", row->task));
    REC_TRY(add_metric(s, row, err));
    REC_TRY(add_side(s, row, &row->a, err));
    REC_TRY(add_side(s, row, &row->b, err));
    REC_TRY(row->n == row->n_a && row->n == row->n_b
                ? rec_sheet_cell(s, err, "%zu", row->n)
                : rec_sheet_cell(s, err, "%zu of %zu, %zu", row->n, row->n_a, row->n_b));
    REC_TRY(add_number(s, row->mean_a, err));
    REC_TRY(add_number(s, row->mean_b, err));
    REC_TRY(add_signed(s, row->difference, err));
    REC_TRY(isnan(row->interval.low)
                ? rec_sheet_cell(s, err, "-")
                : rec_sheet_cell(s, err, "[%+.4f, %+.4f]", row->interval.low, row->interval.high));
    REC_TRY(add_effect(s, row->effect_size, err));
    REC_TRY(rec_sheet_cell(s, err, "%zu/%zu/%zu", row->wins, row->ties, row->losses));
    REC_TRY(add_p(s, row->p[test], err));
    REC_TRY(add_p(s, row->p_holm, err));
    status = add_p(s, row->p_bh, err);
cleanup:
    return status;
}

static const char *interval_kind(const rec_compare_options *options)
{
    return options->test == REC_TEST_BOOTSTRAP ? "BCa bootstrap" : "t";
}

static rec_status print_sheet(rec_buffer *out, const rec_comparisons *c, rec_paired_test test,
                              const rec_compare_options *options, rec_format_kind format,
                              size_t width, rec_error *err)
{
    static const struct {
        const char *header;
        bool numeric;
    } columns[] = {{"task", false},    {"metric", false}, {"a", false},           {"b", false},
                   {"users", true},    {"mean a", true},  {"mean b", true},       {"b - a", true},
                   {"interval", true}, {"effect", true},  {"win/tie/loss", true}, {"p", true},
                   {"p Holm", true},   {"p BH", true}};
    rec_sheet *s = NULL;
    rec_status status;
    REC_TRY(rec_sheet_new(&s, "b against a, paired by user (tasks about items: by item)", err));
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        REC_TRY(rec_sheet_column(s, columns[i].header, columns[i].numeric, err));
    for (size_t i = 0; i < c->n; i++)
        REC_TRY(add_row(s, &c->rows[i], test, err));
    REC_TRY(rec_sheet_note(s, err,
                           "p: two-sided, %s test; Holm and Benjamini-Hochberg (BH) over the "
                           "family of %zu comparisons shown.",
                           rec_paired_test_names[test], c->n));
    REC_TRY(rec_sheet_note(
        s, err,
        "interval: %g %% %s interval of b - a; effect: Cohen's d of the "
        "differences; users: users or items in pairs (of those with a value in a, in b).",
        100.0 * options->level, interval_kind(options)));
    status = rec_sheet_print(out, s, format, width, err);
cleanup:
    rec_sheet_free(s);
    return status;
}

/* --- CSV --------------------------------------------------------------------------------------- */

static rec_status add_real(rec_sheet *s, double value, rec_error *err)
{
    char text[32] = "";
    if (isfinite(value))
        rec_format_double(text, value);
    return rec_sheet_cell(s, err, "%s", text);
}

static rec_status add_csv_row(rec_sheet *s, const rec_comparison *row, rec_error *err)
{
    const char *texts[] = {row->a.source, row->a.system, row->b.source, row->b.system};
    const size_t counts[] = {row->n, row->n_a, row->n_b, row->wins, row->ties, row->losses};
    const double reals[] = {row->mean_a,
                            row->mean_b,
                            row->difference,
                            row->interval.low,
                            row->interval.high,
                            row->effect_size,
                            row->p[REC_TEST_T],
                            row->p[REC_TEST_WILCOXON],
                            row->p[REC_TEST_SIGN],
                            row->p[REC_TEST_PERMUTATION],
                            row->p[REC_TEST_BOOTSTRAP],
                            row->p_holm,
                            row->p_bh};
    rec_status status;
    REC_TRY(rec_sheet_cell(s, err, "%s", row->task));
    REC_TRY(add_metric(s, row, err));
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        REC_TRY(rec_sheet_cell(s, err, "%s", texts[i]));
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        REC_TRY(rec_sheet_cell(s, err, "%zu", counts[i]));
    for (size_t i = 0; i < sizeof reals / sizeof *reals; i++)
        REC_TRY(add_real(s, reals[i], err));
cleanup:
    return status;
}

static rec_status print_csv(rec_buffer *out, const rec_comparisons *c, rec_error *err)
{
    static const char *const headers[] = {
        "task",   "metric",     "report_a",   "system_a",      "report_b",    "system_b",
        "n",      "n_a",        "n_b",        "wins",          "ties",        "losses",
        "mean_a", "mean_b",     "difference", "ci_low",        "ci_high",     "effect_size",
        "p_t",    "p_wilcoxon", "p_sign",     "p_permutation", "p_bootstrap", "p_holm",
        "p_bh"};
    rec_sheet *s = NULL;
    rec_status status;
    REC_TRY(rec_sheet_new(&s, NULL, err));
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
        REC_TRY(rec_sheet_column(s, headers[i], i > 5, err));
    for (size_t i = 0; i < c->n; i++)
        REC_TRY(add_csv_row(s, &c->rows[i], err));
    status = rec_sheet_print(out, s, REC_FORMAT_CSV, 0, err);
cleanup:
    rec_sheet_free(s);
    return status;
}

/* --- JSON -------------------------------------------------------------------------------------- */

static rec_status add_json_side(cJSON *row, const char *key, const rec_compare_side *side, size_t n,
                                double mean, rec_error *err)
{
    cJSON *object;
    rec_status status;
    REC_TRY(rec_json_add_object(&object, row, key, err));
    REC_TRY(rec_json_add_text(object, "report", side->source, err));
    REC_TRY(rec_json_add_text(object, "system", side->system, err));
    REC_TRY(rec_json_add_count(object, "n", n, err));
    status = rec_json_add_real(object, "mean", mean, err);
cleanup:
    return status;
}

static rec_status add_json_p(cJSON *row, const rec_comparison *c, rec_error *err)
{
    cJSON *p;
    rec_status status = rec_json_add_object(&p, row, "p", err);
    for (size_t t = 0; t < REC_N_PAIRED_TESTS && status == REC_OK; t++)
        status = rec_json_add_real(p, rec_paired_test_names[t], c->p[t], err);
    if (status == REC_OK)
        status = rec_json_add_real(row, "p_holm", c->p_holm, err);
    return status == REC_OK ? rec_json_add_real(row, "p_bh", c->p_bh, err) : status;
}

static rec_status add_json_row(cJSON *rows, const rec_comparison *c, rec_error *err)
{
    cJSON *row, *interval;
    char *label = rec_report_label(c->metric, c->k, 0, err);
    rec_status status = label != NULL ? REC_OK : REC_ERR_RESOURCE;
    if (status != REC_OK)
        return status;
    REC_TRY(rec_json_add_object(&row, rows, NULL, err));
    REC_TRY(rec_json_add_text(row, "task", c->task, err));
    REC_TRY(rec_json_add_text(row, "metric", label, err));
    REC_TRY(rec_json_add_count(row, "candidates", c->n_candidates, err));
    REC_TRY(add_json_side(row, "a", &c->a, c->n_a, c->mean_a, err));
    REC_TRY(add_json_side(row, "b", &c->b, c->n_b, c->mean_b, err));
    REC_TRY(rec_json_add_count(row, "n", c->n, err));
    REC_TRY(rec_json_add_real(row, "difference", c->difference, err));
    REC_TRY(rec_json_add_array(&interval, row, "ci", err));
    REC_TRY(rec_json_add_real(interval, NULL, c->interval.low, err));
    REC_TRY(rec_json_add_real(interval, NULL, c->interval.high, err));
    REC_TRY(rec_json_add_real(row, "effect_size", c->effect_size, err));
    REC_TRY(rec_json_add_count(row, "wins", c->wins, err));
    REC_TRY(rec_json_add_count(row, "ties", c->ties, err));
    REC_TRY(rec_json_add_count(row, "losses", c->losses, err));
    status = add_json_p(row, c, err);
cleanup:
    free(label);
    return status;
}

static rec_status print_json(rec_buffer *out, const rec_comparisons *c, rec_paired_test test,
                             const rec_compare_options *options, rec_error *err)
{
    cJSON *root = NULL, *rows;
    rec_status status;
    REC_TRY(rec_json_new_object(&root, err));
    REC_TRY(rec_json_add_text(root, "corrected_test", rec_paired_test_names[test], err));
    REC_TRY(rec_json_add_real(root, "level", options->level, err));
    REC_TRY(rec_json_add_text(root, "interval", interval_kind(options), err));
    REC_TRY(rec_json_add_count(root, "family", c->n, err));
    REC_TRY(rec_json_add_array(&rows, root, "comparisons", err));
    for (size_t i = 0; i < c->n; i++)
        REC_TRY(add_json_row(rows, &c->rows[i], err));
    status = rec_json_put_line(out, root, err);
cleanup:
    cJSON_Delete(root);
    return status;
}

rec_status rec_comparisons_show(rec_buffer *out, const rec_comparisons *c, rec_paired_test test,
                                const rec_compare_options *options, rec_format_kind format,
                                size_t width, rec_error *err)
{
    if (format == REC_FORMAT_JSON)
        return print_json(out, c, test, options, err);
    if (format == REC_FORMAT_CSV)
        return print_csv(out, c, err);
    return print_sheet(out, c, test, options, format, width, err);
}
