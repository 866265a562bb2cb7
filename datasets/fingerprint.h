/** The identity of a dataset's content. */
#ifndef REC_DATASETS_FINGERPRINT_H
#define REC_DATASETS_FINGERPRINT_H

#include "core/status.h"
#include "datasets/dataset.h"

/** Fill d->sha256: SHA-256 of ids, titles, columns, interactions, parts, negatives and tables in dense
 * order, numbers little-endian, strings length-prefixed. Name, rules and file paths do not count. */
rec_status rec_dataset_fingerprint(rec_dataset *d, rec_error *err);

#endif
