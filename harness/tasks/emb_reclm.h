/**
 * The figures of the released RecLM-emb (infer_metrics.py) under names of their own, reported where a task's
 * rows are the original's (data: compat, files): reclm_precision, _recall, _coverage, _ndcg, _hit where answers
 * are items; reclm_coverage, _hit_count, _total_count where they are conditions, coverage being pooled: of
 * all items shown, over all queries, the share that satisfies its query.
 */
#ifndef REC_HARNESS_TASKS_EMB_RECLM_H
#define REC_HARNESS_TASKS_EMB_RECLM_H

#include "core/option.h"
#include "harness/tasks/task.h"

/** Of one list: precision and coverage over its own length, ndcg's ideal cut at it. */
typedef struct rec_reclm_figures {
    double precision, recall, coverage, ndcg, hit;
} rec_reclm_figures;

/** @param truth  (n_truth > 0) ascending; n > 0 */
rec_reclm_figures rec_reclm_judge(const uint32_t *list, size_t n, const uint32_t *truth,
                                  size_t n_truth);

/** @param by_conditions  the task is judged by conditions */
rec_status rec_reclm_columns(rec_task_entry *entry, const rec_int_list *k, bool by_conditions,
                             rec_error *err);

/** Set them for the job's list and its sample's targets; nothing where a list is of equal scores. */
void rec_reclm_values(rec_job *job, const rec_int_list *k, size_t n_ranked, bool by_conditions);

#endif
