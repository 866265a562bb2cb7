#include "harness/run/figures.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "core/memory.h"
#include "harness/stats/stats.h"

/* The defined values of one column, all seeds one after the other. */
typedef struct column_values {
    double *x;         /* owned; see linearise() */
    uint32_t *cluster; /* owned: user */
    size_t n, capacity;
    double *seed_means; /* owned */
    size_t n_seed_means, n_per_seed;
} column_values;

static void column_values_deinit(column_values *v)
{
    free(v->x);
    free(v->cluster);
    free(v->seed_means);
}

/* A weighted mean M = sum w x / sum w is, to first order, the plain mean of
 * M + w (x - M) / mean(w): these stand for the values in errors and intervals. Weights of 1 change
 * nothing. "Sampling techniques", 3rd edition, 1977, section 6.4 (ratio estimator). */
static void linearise(double *x, const double *w, size_t n, double *mean)
{
    double sum = 0.0, weight = 0.0;
    for (size_t i = 0; i < n; i++) {
        sum += w[i] * x[i];
        weight += w[i];
    }
    *mean = sum / weight;
    double mean_weight = weight / (double)n;
    for (size_t i = 0; i < n; i++)
        if (w[i] != mean_weight)
            x[i] = *mean + w[i] * (x[i] - *mean) / mean_weight;
}

static rec_status add_evaluation(column_values *v, const rec_evaluation *e, size_t column,
                                 rec_error *err)
{
    double *w = rec_alloc(e->n, sizeof *w, err);
    if (w == NULL)
        return REC_ERR_RESOURCE;
    double *x = v->x + v->n;
    size_t n = 0;
    for (size_t s = 0; s < e->n; s++) {
        size_t at = s * e->n_columns + column;
        if (isnan(e->values[at]) || !(e->weights[at] > 0.0))
            continue;
        x[n] = e->values[at];
        w[n] = e->weights[at];
        v->cluster[v->n + n++] = e->samples->samples[s].user;
    }
    if (n > 0)
        linearise(x, w, n, &v->seed_means[v->n_seed_means++]);
    v->n += n;
    v->n_per_seed = n > v->n_per_seed ? n : v->n_per_seed;
    free(w);
    return REC_OK;
}

static rec_status collect(column_values *v, size_t column, const rec_evaluation *evaluations,
                          size_t n_evaluations, rec_error *err)
{
    rec_status status;
    for (size_t i = 0; i < n_evaluations; i++)
        v->capacity += evaluations[i].n;
    REC_TRY_NEW(v->x, v->capacity, err);
    REC_TRY_NEW(v->cluster, v->capacity, err);
    REC_TRY_NEW(v->seed_means, n_evaluations, err);
    for (size_t i = 0; i < n_evaluations; i++)
        REC_TRY(add_evaluation(v, &evaluations[i], column, err));
    status = REC_OK;
cleanup:
    return status;
}

/* Sum of a user's deviations from the mean, and how many users there are. */
static rec_status cluster_error(double *stderr_out, size_t *n_clusters, const column_values *v,
                                double mean, rec_error *err)
{
    uint32_t last = 0;
    for (size_t i = 0; i < v->n; i++)
        last = v->cluster[i] > last ? v->cluster[i] : last;
    double *sums = rec_alloc((size_t)last + 1, sizeof *sums, err);
    bool *is_there = rec_alloc((size_t)last + 1, sizeof *is_there, err);
    if (sums == NULL || is_there == NULL) {
        free(sums);
        free(is_there);
        return REC_ERR_RESOURCE;
    }
    for (size_t i = 0; i < v->n; i++) {
        sums[v->cluster[i]] += v->x[i] - mean;
        is_there[v->cluster[i]] = true;
    }
    double squares = 0.0;
    size_t n = 0;
    for (size_t c = 0; c <= last; c++) {
        squares += sums[c] * sums[c];
        n += is_there[c];
    }
    *n_clusters = n;
    *stderr_out = n < 2 ? NAN : sqrt((double)n / (double)(n - 1) * squares) / (double)v->n;
    free(sums);
    free(is_there);
    return REC_OK;
}

static rec_status set_interval(rec_figure *f, const column_values *v, size_t n_clusters,
                               const rec_figure_rules *rules, rec_error *err)
{
    rec_interval interval = {NAN, NAN};
    if (rules->interval == REC_INTERVAL_T && n_clusters >= 2) {
        double t = rec_student_t_quantile(0.5 + rules->level / 2.0, (double)(n_clusters - 1));
        interval = (rec_interval){f->mean - t * f->stderr_, f->mean + t * f->stderr_};
    } else if (rules->interval != REC_INTERVAL_T) {
        rec_status status = rec_bootstrap_interval(
            &interval, v->x, v->cluster, v->n, rules->level,
            rules->interval == REC_INTERVAL_BCA ? REC_BOOTSTRAP_BCA : REC_BOOTSTRAP_PERCENTILE,
            rules->resamples, rules->seed, err);
        if (status != REC_OK)
            return status;
    }
    f->ci_low = interval.low;
    f->ci_high = interval.high;
    return REC_OK;
}

/* A figure of the whole run has no values behind it: its spread is that over seeds. */
static void whole_run_figure(rec_figure *f, size_t column, const rec_evaluation *evaluations,
                             size_t n_evaluations, double *means)
{
    size_t n = 0;
    for (size_t i = 0; i < n_evaluations; i++) {
        double value = evaluations[i].whole_run[column];
        f->n = evaluations[i].n > f->n ? evaluations[i].n : f->n;
        if (!isnan(value))
            means[n++] = value;
    }
    f->mean = n > 0 ? rec_mean(means, n) : NAN;
    f->sd_seeds = n > 1 ? rec_sd(means, n) : NAN;
    if (n == 0)
        f->n = 0;
}

static rec_status sample_figure(rec_figure *f, const column_values *v,
                                const rec_figure_rules *rules, rec_error *err)
{
    if (v->n == 0)
        return REC_OK;
    f->mean = rec_mean(v->seed_means, v->n_seed_means);
    f->sd_seeds = v->n_seed_means > 1 ? rec_sd(v->seed_means, v->n_seed_means) : NAN;
    f->n = v->n_per_seed;
    size_t n_clusters;
    rec_status status = cluster_error(&f->stderr_, &n_clusters, v, rec_mean(v->x, v->n), err);
    return status == REC_OK ? set_interval(f, v, n_clusters, rules, err) : status;
}

rec_status rec_figure_init(rec_figure *out, const rec_task_column *column, size_t column_index,
                           const rec_evaluation *evaluations, size_t n_evaluations,
                           const rec_figure_rules *rules, rec_error *err)
{
    column_values v = {0};
    rec_status status;
    *out = (rec_figure){
        .k = column->k,
        .mean = NAN,
        .stderr_ = NAN,
        .ci_low = NAN,
        .ci_high = NAN,
        .sd_seeds = NAN,
        .higher_is_better = column->higher_is_better,
    };
    REC_TRY(collect(&v, column_index, evaluations, n_evaluations, err));
    out->metric = rec_strdup(column->metric, err);
    if (out->metric == NULL)
        status = REC_ERR_RESOURCE;
    else if (column->is_whole_run)
        whole_run_figure(out, column_index, evaluations, n_evaluations, v.seed_means);
    else
        status = sample_figure(out, &v, rules, err);
cleanup:
    column_values_deinit(&v);
    return status;
}

/* ---- a result ---- */

static rec_status make_rows(rec_result *out, const rec_run *r, const rec_evaluation *evaluations,
                            size_t n_evaluations, rec_error *err)
{
    rec_status status;
    for (size_t i = 0; i < n_evaluations; i++)
        out->n_samples += evaluations[i].n;
    REC_TRY_NEW(out->sample_ids, out->n_samples, err);
    REC_TRY_NEW(out->users, out->n_samples, err);
    REC_TRY_NEW(out->clusters, out->n_samples, err);
    REC_TRY_NEW(out->seeds, out->n_samples, err);
    REC_TRY_NEW(out->turns, out->n_samples, err);
    size_t row = 0;
    for (size_t i = 0; i < n_evaluations; i++) {
        for (size_t s = 0; s < evaluations[i].n; s++, row++) {
            const rec_sample *sample = &evaluations[i].samples->samples[s];
            const char *user =
                sample->name != NULL ? sample->name : r->dataset->user_ids[sample->user];
            out->users[row] = rec_strdup(user, err);
            out->sample_ids[row] =
                rec_format(err, "%llu/%s/%u", (unsigned long long)evaluations[i].seed, user,
                           (unsigned)sample->turn);
            if (out->users[row] == NULL || out->sample_ids[row] == NULL) {
                status = REC_ERR_RESOURCE;
                goto cleanup;
            }
            out->clusters[row] = sample->user;
            out->seeds[row] = evaluations[i].seed;
            out->turns[row] = (int32_t)sample->turn;
        }
    }
    status = REC_OK;
cleanup:
    return status;
}

static rec_status add_column(rec_result *out, const rec_task_column *column, size_t index,
                             const rec_evaluation *evaluations, size_t n_evaluations,
                             rec_error *err)
{
    rec_sample_column *c = &out->columns[out->n_columns];
    c->values = rec_alloc(out->n_samples, sizeof *c->values, err);
    c->metric = rec_strdup(column->metric, err);
    c->k = column->k;
    out->n_columns++;
    if (c->values == NULL || c->metric == NULL)
        return REC_ERR_RESOURCE;
    size_t row = 0;
    for (size_t i = 0; i < n_evaluations; i++)
        for (size_t s = 0; s < evaluations[i].n; s++)
            c->values[row++] = evaluations[i].values[s * evaluations[i].n_columns + index];
    return REC_OK;
}

static rec_status make_columns(rec_result *out, const rec_run *r, const rec_task_entry *task,
                               const rec_evaluation *evaluations, size_t n_evaluations,
                               rec_error *err)
{
    const rec_figure_rules rules = {
        .interval = (rec_interval_kind)r->config->report.interval,
        .level = r->config->report.level,
        .resamples = (size_t)r->config->report.resamples,
        .seed = r->config->seeds[0],
    };
    rec_status status;
    size_t n_columns = evaluations[0].n_columns;
    REC_TRY_NEW(out->columns, n_columns, err);
    REC_TRY_NEW(out->figures, n_columns, err);
    for (size_t i = 0; i < n_columns; i++) {
        out->n_figures++;
        REC_TRY(rec_figure_init(&out->figures[i], &task->columns[i], i, evaluations, n_evaluations,
                                &rules, err));
        if (!task->columns[i].is_whole_run)
            REC_TRY(add_column(out, &task->columns[i], i, evaluations, n_evaluations, err));
    }
    status = REC_OK;
cleanup:
    return status;
}

static rec_status make_lists(rec_result *out, const rec_evaluation *evaluations,
                             size_t n_evaluations, rec_error *err)
{
    rec_status status;
    out->list_length = evaluations[0].list_length;
    REC_TRY_NEW(out->list_items, out->n_samples * out->list_length, err);
    REC_TRY_NEW(out->list_scores, out->n_samples * out->list_length, err);
    size_t at = 0;
    for (size_t i = 0; i < n_evaluations; i++) {
        size_t n = evaluations[i].n * out->list_length;
        memcpy(out->list_items + at, evaluations[i].list_items, n * sizeof *out->list_items);
        memcpy(out->list_scores + at, evaluations[i].list_scores, n * sizeof *out->list_scores);
        at += n;
    }
    status = REC_OK;
cleanup:
    return status;
}

/* The relevant items of each sample, levels where any sample has them. */
static rec_status make_targets(rec_result *out, const rec_evaluation *evaluations,
                               size_t n_evaluations, rec_error *err)
{
    size_t n_targets = 0, row = 0;
    bool has_gains = false;
    rec_status status;
    REC_TRY_NEW(out->target_start, out->n_samples + 1, err);
    for (size_t i = 0; i < n_evaluations; i++) {
        for (size_t s = 0; s < evaluations[i].n; s++) {
            const rec_sample *sample = &evaluations[i].samples->samples[s];
            n_targets += sample->n_targets;
            has_gains |= sample->gains != NULL;
            out->target_start[++row] = n_targets;
        }
    }
    REC_TRY_NEW(out->targets, n_targets, err);
    if (has_gains)
        REC_TRY_NEW(out->target_gains, n_targets, err);
    row = 0;
    for (size_t i = 0; i < n_evaluations; i++) {
        for (size_t s = 0; s < evaluations[i].n; s++, row++) {
            const rec_sample *sample = &evaluations[i].samples->samples[s];
            for (size_t t = 0, at = out->target_start[row]; t < sample->n_targets; t++, at++) {
                out->targets[at] = sample->targets[t];
                if (has_gains)
                    out->target_gains[at] = sample->gains != NULL ? sample->gains[t] : 1.0f;
            }
        }
    }
    status = REC_OK;
cleanup:
    return status;
}

/* Prompts, replies and what else the task keeps of each sample. */
static rec_status make_texts(rec_result *out, const rec_task_entry *task,
                             const rec_evaluation *evaluations, size_t n_evaluations,
                             rec_error *err)
{
    size_t n_texts = evaluations[0].n_texts;
    rec_status status;
    REC_TRY_NEW(out->texts, n_texts, err);
    for (size_t t = 0; t < n_texts; t++) {
        rec_text_column *column = &out->texts[out->n_texts++];
        size_t row = 0;
        column->name = rec_strdup(task->type->texts[t], err);
        if (column->name == NULL)
            return REC_ERR_RESOURCE;
        REC_TRY_NEW(column->texts, out->n_samples, err);
        for (size_t i = 0; i < n_evaluations; i++)
            for (size_t s = 0; s < evaluations[i].n; s++, row++) {
                const char *text = evaluations[i].texts[s * n_texts + t];
                column->texts[row] = text != NULL ? rec_strdup(text, err) : NULL;
                if (text != NULL && column->texts[row] == NULL)
                    return REC_ERR_RESOURCE;
            }
    }
    status = REC_OK;
cleanup:
    return status;
}

/* Of all seeds; not known of one is not known of all. */
static int64_t total_cost(const rec_evaluation *evaluations, size_t n)
{
    int64_t total = 0;
    for (size_t i = 0; i < n; i++) {
        if (evaluations[i].cost_microdollars < 0)
            return -1;
        total += evaluations[i].cost_microdollars;
    }
    return total;
}

/* What asking in text took beside the system's own tokens, and what did not fit. */
static bool add_text_counts(cJSON *notes, const rec_evaluation *evaluations, size_t n)
{
    double helper_tokens = 0.0, n_dropped = 0.0;
    bool is_text = false;
    for (size_t i = 0; i < n; i++) {
        helper_tokens += (double)evaluations[i].helper_tokens;
        n_dropped += (double)evaluations[i].n_dropped;
        is_text = is_text || evaluations[i].has_cost;
    }
    return !is_text || (cJSON_AddNumberToObject(notes, "history_entries_cut", n_dropped) != NULL &&
                        cJSON_AddNumberToObject(notes, "helper_tokens", helper_tokens) != NULL);
}

/* The task's options, the rule of its intervals, and what building the samples counted. */
static char *make_notes(const rec_run *r, const rec_task_entry *task,
                        const rec_system_entry *system, const rec_evaluation *evaluations,
                        size_t n_evaluations, rec_error *err)
{
    const rec_report_options *report = &r->config->report;
    const rec_sample_set *samples = evaluations[0].samples;
    bool expects_ties = system->prototype->type.expects_ties;
    const char *remark = task->type->remark != NULL ? task->type->remark(task->options) : NULL;
    cJSON *notes = rec_options_json(task->options, task->type->options, err);
    if (notes == NULL)
        return NULL;
    bool complete =
        cJSON_AddStringToObject(notes, "type", task->type->name) != NULL &&
        cJSON_AddStringToObject(notes, "interval", rec_interval_names[report->interval]) != NULL &&
        cJSON_AddNumberToObject(notes, "level", report->level) != NULL &&
        (!expects_ties || cJSON_AddTrueToObject(notes, "expected_over_ties") != NULL) &&
        (remark == NULL || cJSON_AddStringToObject(notes, "remark", remark) != NULL) &&
        add_text_counts(notes, evaluations, n_evaluations);
    if (complete && samples->counts != NULL) {
        cJSON *counts = cJSON_Duplicate(samples->counts, true);
        complete = counts != NULL && cJSON_AddItemToObject(notes, "counts", counts);
        if (!complete)
            cJSON_Delete(counts);
    }
    char *text = complete ? rec_json_print(notes, err) : NULL;
    if (!complete)
        rec_fail(err, REC_ERR_RESOURCE, "out of memory");
    cJSON_Delete(notes);
    return text;
}

rec_status rec_result_init(rec_result *out, const rec_run *r, size_t task_index, size_t system,
                           const rec_evaluation *evaluations, size_t n_evaluations, rec_error *err)
{
    const rec_task_entry *task = &r->config->tasks[task_index];
    const rec_system_entry *e = &r->config->systems[system];
    const rec_sample_set *samples = evaluations[0].samples;
    rec_status status;
    *out = (rec_result){
        .task = rec_strdup(task->name, err),
        .system = rec_strdup(e->name, err),
        .n_candidates = samples->n_candidates,
        .n_skipped = samples->n_skipped,
        .level = r->config->report.level,
        .notes = make_notes(r, task, e, evaluations, n_evaluations, err),
    };
    if (out->task == NULL || out->system == NULL || out->notes == NULL)
        return REC_ERR_RESOURCE;
    for (size_t i = 0; i < n_evaluations; i++) {
        out->seconds += evaluations[i].seconds;
        out->n_failed += evaluations[i].n_failed;
        out->tokens_in += evaluations[i].tokens_in;
        out->tokens_out += evaluations[i].tokens_out;
    }
    out->cost_microdollars = total_cost(evaluations, n_evaluations);
    REC_TRY(make_rows(out, r, evaluations, n_evaluations, err));
    REC_TRY(make_columns(out, r, task, evaluations, n_evaluations, err));
    REC_TRY(make_lists(out, evaluations, n_evaluations, err));
    REC_TRY(make_targets(out, evaluations, n_evaluations, err));
    REC_TRY(make_texts(out, task, evaluations, n_evaluations, err));
cleanup:
    return status;
}
