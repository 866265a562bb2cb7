/** A data set as `recai data` prints it: sizes, columns, lengths, split, leak check, oddities. */
#ifndef REC_HARNESS_REPORT_DATASET_SHOW_H
#define REC_HARNESS_REPORT_DATASET_SHOW_H

#include "core/buffer.h"
#include "core/status.h"
#include "datasets/dataset.h"
#include "harness/report/sheet.h"

/**
 * Append to `out`. JSON: {"name", "sha256", "statistics": {...}, "rules": rec_dataset.rules,
 * "columns": [...]}; every other format is a row of sheets.
 * @param width  as in rec_sheet_print
 */
rec_status rec_dataset_show(rec_buffer *out, const rec_dataset *d, rec_format_kind format,
                            size_t width, rec_error *err);

#endif
