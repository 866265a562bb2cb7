/** What the two sources of queries of the task `search` share. */
#ifndef REC_HARNESS_TASKS_SEARCH_PRIVATE_H
#define REC_HARNESS_TASKS_SEARCH_PRIVATE_H

#include "harness/tasks/rank_task.h"
#include "harness/tasks/text_list.h"

typedef struct rec_search {
    rec_rank_options rank;
    rec_text_list_options text;
    char *column;
    bool stored_candidates;
} rec_search;

typedef struct rec_search_builder {
    const rec_search *options;
    const rec_dataset *dataset;
    rec_sample_set *set;
    size_t n_unknown; /* targets and candidates that no item has */
} rec_search_builder;

/** A column that must be there; NULL with REC_ERR_DATA in err. */
const rec_column *rec_search_column(const rec_table *t, const char *name, rec_column_type type,
                                    rec_error *err);

/**
 * Samples out of the tables `queries` {id, query, excluded} and `qrels` {query, item, level}: levels above
 * 0 are targets, and what a query excludes is masked. set->samples has room for every query.
 * @param is_drawn  (rows of `queries`) which are asked
 */
rec_status rec_search_judged(rec_search_builder *b, const bool *is_drawn, rec_error *err);

#endif
