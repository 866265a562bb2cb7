/** Write a dataset as RecBole files, so that every format that can be read can be converted. */
#ifndef REC_DATASETS_EXPORT_H
#define REC_DATASETS_EXPORT_H

#include "core/status.h"
#include "datasets/dataset.h"

/**
 * folder/NAME.inter (rows in the dataset's order; rating and timestamp where there are any),
 * NAME.item (ids and titles) and items_info.json (attributes). The reader `recbole` gives the same
 * content back under `split: {order: [file]}`, without split, candidates and auxiliary tables. A title
 * with tabs or line ends, which the format cannot hold, goes to items_info.json.
 * @param name  of the files, without folder
 */
rec_status rec_dataset_export(const rec_dataset *d, const char *folder, const char *name,
                              rec_error *err);

#endif
