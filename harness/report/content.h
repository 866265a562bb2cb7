/** What a report says, apart from how its file is laid out: order of results, identity of content. */
#ifndef REC_HARNESS_REPORT_CONTENT_H
#define REC_HARNESS_REPORT_CONTENT_H

#include "harness/report/report.h"

/**
 * Indices of r->results, those of one task together, tasks in the order of their first result: how
 * files and tables list them. *out (n_results) is the caller's. REC_ERR_INTERNAL for a
 * result without a name, or two of the same.
 */
rec_status rec_report_order(size_t **out, const rec_report *r, rec_error *err);

/**
 * SHA-256 over all that must not differ between two runs of one config. Left out: times (seconds,
 * created), host, versions of the program, the text of the config (its hash counts), titles.
 */
rec_status rec_report_content_hash(char hex[REC_SHA256_HEX], const rec_report *r, rec_error *err);

#endif
