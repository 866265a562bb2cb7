/** Which tasks, systems and metrics of a report a reader asked for. */
#ifndef REC_HARNESS_REPORT_FILTER_H
#define REC_HARNESS_REPORT_FILTER_H

#include <stdbool.h>
#include <stddef.h>

#include "core/option.h"
#include "harness/report/report.h"

/** What to print; an empty list means everything. A metric is named with its cut-off ("ndcg@10") or
 * without (all cut-offs). */
typedef struct rec_show_filter {
    rec_string_list tasks, systems, metrics; /* borrowed */
    bool slices;   /* tables of figures over parts of the samples, too (ndcg.tail@10) */
    bool training; /* a table of what fits say of their course, too */
} rec_show_filter;

/** REC_ERR_CONFIG, with the nearest name, for a task, system or metric the report does not have. */
rec_status rec_show_check(const rec_show_filter *filter, const rec_report *r, rec_error *err);

/** Does the filter let this through? */
bool rec_show_wants(const rec_string_list *list, const char *name);
bool rec_show_wants_metric(const rec_string_list *list, const char *metric, size_t k);
/** The part of the samples that a metric is about: "tail" of "ndcg.tail"; NULL: it is about all. */
const char *rec_show_slice(const char *metric);
/** As rec_show_wants_metric, but one over a part must be named: a table of all would be wide, a family of
 * comparisons long. */
bool rec_show_wants_whole(const rec_string_list *list, const char *metric, size_t k);
bool rec_show_wants_expected(const rec_show_filter *filter, const rec_expected *e);

#endif
