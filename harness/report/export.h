/** A report as files that other programs read: JSON lines, CSV, TREC runs and judgments. */
#ifndef REC_HARNESS_REPORT_EXPORT_H
#define REC_HARNESS_REPORT_EXPORT_H

#include "core/buffer.h"
#include "core/file.h"
#include "harness/report/filter.h"
#include "harness/report/report.h"

typedef enum rec_export_format {
    REC_EXPORT_JSON,
    REC_EXPORT_CSV,
    REC_EXPORT_TREC
} rec_export_format;

/** "json", "csv", "trec", NULL: choices of --format. */
extern const char *const rec_export_names[];

/**
 * Write the files of a format into a folder, which is made; the same report gives the same bytes.
 * A result's files are FOLDER/TASK/SYSTEM.*, every character outside [A-Za-z0-9_.-] and a leading
 * "." percent-encoded.
 *   json  report.json (as `show --format json`), SYSTEM.jsonl (one line per sample)
 *   csv   figures.csv, expected.csv, SYSTEM.samples.csv, SYSTEM.lists.csv
 *   trec  SYSTEM.run, SYSTEM.qrels: `trec_eval -c` gives the report's figures for metrics that look
 *         no further than the stored lists. Equal scores are set apart so that it keeps our order.
 *         Results that cannot be said so (rec_export_has_run) have no such files.
 * @param r         read with REC_REPORT_ALL
 * @param filter    tasks and systems; NULL = all
 * @param n_files   how many files were written
 * @return REC_ERR_DATA for relevance levels that are no integers (trec), REC_ERR_RESOURCE
 */
rec_status rec_report_export(size_t *n_files, const rec_report *r, const char *folder,
                             rec_export_format format, const rec_show_filter *filter,
                             rec_error *err);

/** A name as a file name, see above; string of the caller. */
char *rec_export_file_name(const char *name, rec_error *err);

/** Append the id of an item, or its index where the report does not know ids, through `put`. */
rec_status rec_export_item(rec_buffer *out, const rec_report *r, uint32_t item,
                           rec_status (*put)(rec_buffer *, const char *, rec_error *),
                           rec_error *err);

/** One result in each format: the text of its file. Appended to `out`. */
rec_status rec_export_jsonl(rec_buffer *out, const rec_report *r, const rec_result *x,
                            rec_error *err);
rec_status rec_export_samples_csv(rec_buffer *out, const rec_result *x, rec_error *err);
rec_status rec_export_lists_csv(rec_buffer *out, const rec_report *r, const rec_result *x,
                                rec_error *err);
rec_status rec_export_expected_csv(rec_buffer *out, const rec_report *r, rec_error *err);
/** Can the result be said in TREC files? Not without lists and targets, nor when its figures are
 * expectations over the orders of equal scores ("expected_over_ties" in the notes): any one order
 * has other figures. REC_ERR_DATA for notes that are no JSON. */
rec_status rec_export_has_run(bool *out, const rec_result *x, rec_error *err);
rec_status rec_export_run(rec_buffer *out, const rec_report *r, const rec_result *x,
                          rec_error *err);
rec_status rec_export_qrels(rec_buffer *out, const rec_report *r, const rec_result *x,
                            rec_error *err);

#endif
