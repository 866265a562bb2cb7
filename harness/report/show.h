/** A report for readers: tables per task, measured beside published, JSON, one HTML page. */
#ifndef REC_HARNESS_REPORT_SHOW_H
#define REC_HARNESS_REPORT_SHOW_H

#include <stddef.h>

#include "core/buffer.h"
#include "harness/report/filter.h"
#include "harness/report/report.h"
#include "harness/report/sheet.h"

/**
 * Append the report in any format. Tables: systems by metrics with half-widths of the 95 %
 * intervals, chance first, candidate counts in the labels ("ndcg@10[20]"), what is to be said about
 * a system beside it. CSV: one line per figure, full precision. JSON: the contract of docs/report.md.
 * @param filter  NULL = everything
 * @param width   of the terminal for REC_FORMAT_TABLE; 0 = any
 */
rec_status rec_report_show(rec_buffer *out, const rec_report *r, const rec_show_filter *filter,
                           rec_format_kind format, size_t width, rec_error *err);

/** The HTML page: one file, no script, nothing loaded from elsewhere. */
rec_status rec_report_page(rec_buffer *out, const rec_report *r, const rec_show_filter *filter,
                           rec_error *err);

/** The JSON document, without newline at the end. */
rec_status rec_report_json(rec_buffer *out, const rec_report *r, const rec_show_filter *filter,
                           rec_error *err);

/** Append the tables alone, in a form of a sheet. */
rec_status rec_show_tables(rec_buffer *out, const rec_report *r, const rec_show_filter *filter,
                           rec_format_kind format, size_t width, rec_error *err);

/**
 * Append a table for each figure of one task that is reported over parts of its samples: parts by
 * systems. What the filter names (ndcg, ndcg@10) is the figure over all.
 * @param results  (n) of the task, in the order of the columns
 */
rec_status rec_show_slices(rec_buffer *out, const rec_result *const *results, size_t n,
                           const rec_show_filter *filter, rec_format_kind format, size_t width,
                           rec_error *err);

/** Append a table of the first and last value of every training curve: losses, values on held-out data, what
 * a fit adds of its own. Nothing when no system has one. */
rec_status rec_show_training(rec_buffer *out, const rec_report *r, const rec_show_filter *filter,
                             rec_format_kind format, size_t width, rec_error *err);

/** A cell with a figure's mean and half its interval; "-" for NULL and NaN. */
rec_status rec_show_figure(rec_sheet *s, const rec_figure *f, rec_error *err);

/** Append the table "measured beside published"; nothing when no row is wanted. */
rec_status rec_show_expected(rec_buffer *out, const rec_report *r, const rec_show_filter *filter,
                             bool only_missed, rec_format_kind format, size_t width,
                             rec_error *err);

/** Add its rows to a JSON array. */
rec_status rec_show_json_expected(struct cJSON *array, const rec_report *r,
                                  const rec_show_filter *filter, rec_error *err);

/** Append the line that explains the tables. */
rec_status rec_show_legend(rec_buffer *out, const rec_report *r, rec_error *err);

/** A figure with four digits after the point, fewer for large values; "-" for NaN. */
void rec_show_number(char out[32], double value);

#endif
