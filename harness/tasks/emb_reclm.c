#include "harness/tasks/emb_reclm.h"

#include <math.h>

#include "core/sorted.h"
#include "harness/tasks/columns.h"

/* evaluate_once_id; the list is cut at k before, so k is its length here. */
rec_reclm_figures rec_reclm_judge(const uint32_t *list, size_t n, const uint32_t *truth,
                                  size_t n_truth)
{
    double hits = 0.0, dcg = 0.0, ideal = 0.0;
    for (size_t i = 0; i < n; i++) {
        double discount = log2((double)i + 2.0);
        bool hit = rec_sorted_has(truth, n_truth, list[i]);
        hits += hit;
        dcg += hit / discount;
        ideal += (i < n_truth) / discount;
    }
    return (rec_reclm_figures){.precision = hits / (double)n,
                               .recall = hits / (double)n_truth,
                               .coverage = hits / (double)n,
                               .ndcg = dcg / ideal,
                               .hit = hits > 0.0};
}

static const char *const id_columns[] = {"reclm_precision", "reclm_recall", "reclm_coverage",
                                         "reclm_ndcg", "reclm_hit"};
static const char *const condition_columns[] = {"reclm_coverage", "reclm_hit_count",
                                                "reclm_total_count"};

rec_status rec_reclm_columns(rec_task_entry *entry, const rec_int_list *k, bool by_conditions,
                             rec_error *err)
{
    const char *const *names = by_conditions ? condition_columns : id_columns;
    size_t n = by_conditions ? 3 : 5;
    rec_status status = REC_OK;
    for (size_t c = 0; c < n; c++)
        for (size_t i = 0; i < k->n && status == REC_OK; i++)
            status = rec_task_add_column(entry,
                                         &(rec_task_column){.metric = names[c],
                                                            .k = (size_t)k->items[i],
                                                            .higher_is_better = true},
                                         err);
    return status;
}

/* Weighted by the items shown, the mean over queries is the pooled share. */
static void set_by_conditions(rec_job *job, size_t n, size_t k)
{
    const rec_sample *s = job->sample;
    double hits = 0.0, total = (double)n;
    for (size_t i = 0; i < n; i++)
        hits += rec_sorted_has(s->targets, s->n_targets, job->list_items[i]);
    rec_job_set_weighted(job, "reclm_coverage", k, hits / total, total);
    rec_job_set(job, "reclm_hit_count", k, hits);
    rec_job_set(job, "reclm_total_count", k, total);
}

static void set_by_items(rec_job *job, size_t n, size_t k)
{
    const rec_sample *s = job->sample;
    rec_reclm_figures f = rec_reclm_judge(job->list_items, n, s->targets, s->n_targets);
    const double values[] = {f.precision, f.recall, f.coverage, f.ndcg, f.hit};
    for (size_t c = 0; c < sizeof values / sizeof *values; c++)
        rec_job_set(job, id_columns[c], k, values[c]);
}

void rec_reclm_values(rec_job *job, const rec_int_list *k, size_t n_ranked, bool by_conditions)
{
    for (size_t i = 0; i < k->n && !job->expects_ties; i++) {
        size_t cut = (size_t)k->items[i], n = n_ranked < cut ? n_ranked : cut;
        if (n == 0)
            continue;
        if (by_conditions)
            set_by_conditions(job, n, cut);
        else
            set_by_items(job, n, cut);
    }
}
