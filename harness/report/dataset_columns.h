/** The columns of a catalogue as `recai data` prints them: what a config can refer to. */
#ifndef REC_HARNESS_REPORT_DATASET_COLUMNS_H
#define REC_HARNESS_REPORT_DATASET_COLUMNS_H

#include "datasets/dataset.h"
#include "harness/report/sheet.h"

struct cJSON;

/** One row per column: name, type, items with a value, the first such value (cut to fit a line). The
 * sheet is empty where the catalogue has no columns. New sheet of the caller. */
rec_status rec_dataset_columns_sheet(rec_sheet **out, const rec_catalogue *c, rec_error *err);

/** "columns": [{"name", "type", "known", "example"}] of an object, the example whole; a list's as its first
 * text. */
rec_status rec_dataset_add_columns_json(struct cJSON *parent, const rec_catalogue *c,
                                        rec_error *err);

#endif
