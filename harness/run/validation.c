#include "harness/run/validation.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "harness/tasks/rank_task.h"

enum { GROUP = 2048 };

struct rec_validation {
    const rec_task_data *data;
    rec_sample_set samples;
    rec_validator validator;
    char *metric; /* owned: what `task` computes; NULL before the first call */
    rec_task_entry task;
};

static rec_status call(double *out, void *context, const rec_recommender *type, const void *self,
                       const char *metric, rec_error *err)
{
    return rec_validation_value(out, context, type, self, metric, err);
}

static bool has_part(const rec_dataset *d, rec_part part)
{
    for (size_t i = 0; i < d->interactions.n; i++)
        if (d->part[i] == part)
            return true;
    return false;
}

rec_status rec_validation_new(rec_validation **out, const rec_task_data *data, rec_error *err)
{
    *out = NULL;
    if (!has_part(data->dataset, REC_PART_VALID))
        return REC_OK;
    rec_validation *v = rec_alloc(1, sizeof *v, err);
    if (v == NULL)
        return REC_ERR_RESOURCE;
    v->data = data;
    v->validator = (rec_validator){.value = call, .context = v};
    const rec_rank_options options = {
        .history = REC_HISTORY_TRAIN, .mask_history = true, .user_rows = true};
    rec_status status = rec_rank_samples(&v->samples, &options, data, REC_TARGETS_VALID, err);
    if (status != REC_OK) {
        free(v);
        return status;
    }
    *out = v;
    return REC_OK;
}

void rec_validation_free(rec_validation *v)
{
    if (v == NULL)
        return;
    rec_task_entry_deinit(&v->task);
    rec_sample_set_deinit(&v->samples);
    free(v->metric);
    free(v);
}

const rec_validator *rec_validation_validator(const rec_validation *v)
{
    return v != NULL ? &v->validator : NULL;
}

/* A retrieval entry with this one metric: the same code path as the task. */
static rec_status set_metric(rec_validation *v, const char *metric, rec_error *err)
{
    if (v->metric != NULL && strcmp(v->metric, metric) == 0)
        return REC_OK;
    const rec_metric *parsed;
    size_t k;
    rec_yaml *entry = NULL;
    char *text = NULL;
    rec_status status = rec_metric_parse(&parsed, &k, metric, err);
    if (status != REC_OK)
        return status;
    if (parsed->value_at == NULL || (parsed->has_cutoff && k == REC_WHOLE_LIST))
        return rec_fail(err, REC_ERR_CONFIG,
                        "metric \"%s\": a validation metric has a value per user and a cut-off, as "
                        "in ndcg@10",
                        metric);
    rec_task_entry_deinit(&v->task);
    free(v->metric);
    v->metric = rec_strdup(metric, err);
    text = rec_format(err, "{type: retrieval, k: %zu, metrics: ['%s']}", parsed->has_cutoff ? k : 1,
                      metric);
    if (v->metric == NULL || text == NULL) {
        status = REC_ERR_RESOURCE;
        goto cleanup;
    }
    REC_TRY(rec_yaml_parse(&entry, text, strlen(text), "validation", err));
    status = rec_task_entry_init(&v->task, entry, err);
cleanup:
    rec_yaml_free(entry);
    free(text);
    if (status != REC_OK) {
        free(v->metric);
        v->metric = NULL;
    }
    return status;
}

/* One job from question to value. The list it would keep goes to scratch. */
static rec_status score_sample(double *value, const rec_validation *v, const rec_sample *sample,
                               const rec_reply *reply, uint32_t *list, float *list_scores,
                               rec_error *err)
{
    double weight = 1.0;
    rec_job job = {
        .task = &v->task,
        .data = v->data,
        .set = &v->samples,
        .sample = sample,
        .stage = 1,
        .can = REC_CAN_SCORE,
        .n_columns = 1,
        .values = value,
        .weights = &weight,
        .list_items = list,
        .list_scores = list_scores,
    };
    *value = NAN;
    rec_status status = v->task.type->step(&job, reply, err);
    rec_arena_deinit(&job.arena);
    return status;
}

static rec_status rank_group(rec_reply_batch *replies, const rec_validation *v, size_t first,
                             size_t n, const rec_recommender *type, const void *self,
                             rec_error *err)
{
    rec_ranked ranked = {0};
    rec_rank_request *requests = rec_alloc(n, sizeof *requests, err);
    if (requests == NULL)
        return REC_ERR_RESOURCE;
    for (size_t i = 0; i < n; i++) {
        const rec_sample *s = &v->samples.samples[first + i];
        requests[i] = (rec_rank_request){
            .query = s->query,
            .excluded = s->seen,
            .n_excluded = s->n_seen,
            .targets = s->targets,
            .n_targets = s->n_targets,
        };
        if (!type->has_user_rows)
            requests[i].query.user = REC_NO_USER;
    }
    size_t k = v->task.type->list_length(v->task.options);
    rec_status status = rec_rank(&ranked, type, self, requests, n, k, REC_TIES_INDEX,
                                 v->data->dataset->catalogue.n_items, err);
    if (status == REC_OK)
        status = rec_replies_from_ranked(replies, &ranked, err);
    rec_ranked_deinit(&ranked);
    free(requests);
    return status;
}

static rec_status add_group(double *sum, size_t *n_values, const rec_validation *v, size_t first,
                            size_t n, const rec_recommender *type, const void *self, rec_error *err)
{
    size_t k = v->task.type->list_length(v->task.options);
    rec_reply_batch replies = {0};
    uint32_t *list = rec_alloc(k, sizeof *list, err);
    float *list_scores = rec_alloc(k, sizeof *list_scores, err);
    rec_status status = list != NULL && list_scores != NULL ? REC_OK : REC_ERR_RESOURCE;
    if (status == REC_OK)
        status = rank_group(&replies, v, first, n, type, self, err);
    for (size_t i = 0; i < n && status == REC_OK; i++) {
        double value;
        status = score_sample(&value, v, &v->samples.samples[first + i], &replies.replies[i], list,
                              list_scores, err);
        if (status == REC_OK && !isnan(value)) {
            *sum += value;
            ++*n_values;
        }
    }
    rec_reply_batch_deinit(&replies);
    free(list);
    free(list_scores);
    return status;
}

rec_status rec_validation_value(double *out, rec_validation *v, const rec_recommender *type,
                                const void *self, const char *metric, rec_error *err)
{
    rec_status status = set_metric(v, metric, err);
    double sum = 0.0;
    size_t n_values = 0;
    for (size_t first = 0; first < v->samples.n && status == REC_OK; first += GROUP) {
        size_t n = v->samples.n - first < GROUP ? v->samples.n - first : GROUP;
        status = add_group(&sum, &n_values, v, first, n, type, self, err);
    }
    if (status == REC_OK)
        *out = n_values > 0 ? sum / (double)n_values : NAN;
    return status;
}
