/* harness/tasks/judged_figures.c: the columns of judged tasks, a sample's values out of its verdicts, and
 * the figures of a whole run. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "harness/judges/agreement.h"
#include "harness/judges/length_control.h"
#include "harness/stats/stats.h"
#include "harness/tasks/columns.h"
#include "harness/tasks/judged_private.h"

/* ---- columns ---- */

static const char *const class_columns[REC_MAX_JUDGES][REC_N_OUTCOMES] = {
    {"win_rate", "loss_rate", "tie_rate", "inconsistent_rate", "invalid_rate"},
    {"second_win_rate", "second_loss_rate", "second_tie_rate", "second_inconsistent_rate",
     "second_invalid_rate"},
};

static const rec_task_column common_columns[] = {
    {.metric = "net_win", .higher_is_better = true},
    {.metric = "win_rate_half", .higher_is_better = true},
    {.metric = "preference", .higher_is_better = true},
    {.metric = "position_bias"},
    {.metric = "reclm_win_rate", .higher_is_better = true},
    {.metric = "reclm_loss_rate"},
    {.metric = "length"},
    {.metric = "length_baseline"},
    {.metric = "sign_test_p", .is_whole_run = true},
    {.metric = "lc_win_rate", .higher_is_better = true, .is_whole_run = true},
};

static const rec_task_column agreement_columns[] = {
    {.metric = "judge_kappa", .higher_is_better = true, .is_whole_run = true},
    {.metric = "judge_alpha", .higher_is_better = true, .is_whole_run = true},
};

static bool has_scores(const rec_judged_options *o)
{
    return rec_judged_judge(o, 0)->prefer == NULL && rec_judged_protocol(o, 0)->n_scores > 0;
}

static rec_status add_columns(rec_task_entry *entry, const rec_task_column *columns, size_t n,
                              rec_error *err)
{
    rec_status status = REC_OK;
    for (size_t i = 0; i < n && status == REC_OK; i++)
        status = rec_task_add_column(entry, &columns[i], err);
    return status;
}

static rec_status add_class_columns(rec_task_entry *entry, size_t judge, rec_error *err)
{
    rec_status status = REC_OK;
    for (size_t i = 0; i < REC_N_OUTCOMES && status == REC_OK; i++) {
        const rec_task_column column = {.metric = class_columns[judge][i],
                                        .higher_is_better = i == REC_OUTCOME_WIN};
        status = rec_task_add_column(entry, &column, err);
    }
    return status;
}

static rec_status add_score_columns(rec_task_entry *entry, const rec_judge_protocol *protocol,
                                    rec_error *err)
{
    const rec_task_column failures = {.metric = "judge_parse_fail"};
    rec_status status = rec_task_add_column(entry, &failures, err);
    for (size_t i = 0; i < protocol->n_scores && status == REC_OK; i++) {
        const rec_judge_score *s = &protocol->scores[i];
        const rec_task_column columns[] = {
            {.metric = s->name, .higher_is_better = true},
            {.metric = s->baseline, .higher_is_better = true},
            {.metric = s->difference, .higher_is_better = true},
        };
        status = add_columns(entry, columns, sizeof columns / sizeof *columns, err);
    }
    return status;
}

rec_status rec_judged_columns(rec_task_entry *entry, const rec_judged_options *options,
                              const rec_yaml *map, rec_error *err)
{
    const size_t n_common = sizeof common_columns / sizeof *common_columns;
    const size_t n_agreement = sizeof agreement_columns / sizeof *agreement_columns;
    bool has_second = rec_judged_judge(options, 1) != NULL;
    rec_status status;
    REC_TRY(rec_judge_check(&options->judge, map, "judge", err));
    REC_TRY(rec_judge_check(&options->second_judge, map, "second_judge", err));
    REC_TRY(add_class_columns(entry, 0, err));
    REC_TRY(add_columns(entry, common_columns, n_common, err));
    if (has_scores(options))
        REC_TRY(add_score_columns(entry, rec_judged_protocol(options, 0), err));
    if (has_second) {
        REC_TRY(add_class_columns(entry, 1, err));
        REC_TRY(add_columns(entry, agreement_columns, n_agreement, err));
    }
cleanup:
    return status;
}

/* ---- values ---- */

static double half_value(rec_outcome outcome)
{
    if (outcome == REC_OUTCOME_INVALID)
        return NAN;
    return outcome == REC_OUTCOME_WIN ? 1.0 : outcome == REC_OUTCOME_TIE ? 0.5 : 0.0;
}

/* P(first shown preferred) - 1/2 over the orders that prefer one: as a mean weighted by their number. */
static void set_position_bias(rec_job *job, const rec_judge_verdicts *v)
{
    double n_first = 0.0, n_decided = 0.0;
    for (size_t i = 0; i < REC_JUDGE_ORDERS; i++) {
        n_first += v->orders[i].prefers == REC_PREFERS_A ? 1.0 : 0.0;
        n_decided += v->orders[i].prefers == REC_PREFERS_A || v->orders[i].prefers == REC_PREFERS_B
                         ? 1.0
                         : 0.0;
    }
    if (n_decided > 0.0)
        rec_job_set_weighted(job, "position_bias", 0, n_first / n_decided - 0.5, n_decided);
}

static void set_scores(rec_job *job, const rec_judge_protocol *protocol,
                       const rec_judge_verdicts *v)
{
    bool is_complete = v->orders[0].has_scores && v->orders[1].has_scores;
    rec_job_set(job, "judge_parse_fail", 0, is_complete ? 0.0 : 1.0);
    for (size_t i = 0; i < protocol->n_scores && is_complete; i++) {
        double own = (v->orders[0].a[i] + v->orders[1].b[i]) / 2.0;
        double other = (v->orders[0].b[i] + v->orders[1].a[i]) / 2.0;
        rec_job_set(job, protocol->scores[i].name, 0, own);
        rec_job_set(job, protocol->scores[i].baseline, 0, other);
        rec_job_set(job, protocol->scores[i].difference, 0, own - other);
    }
}

static void set_classes(rec_job *job, size_t judge, rec_outcome outcome)
{
    for (size_t i = 0; i < REC_N_OUTCOMES; i++)
        rec_job_set(job, class_columns[judge][i], 0, i == (size_t)outcome ? 1.0 : 0.0);
}

/* A rule's verdict is the token it would write. */
static rec_outcome reclm_outcome(const rec_judge_verdicts *v, rec_outcome outcome)
{
    if (v->replies[0] != NULL && v->replies[1] != NULL)
        return rec_outcome_reclm(v->replies[0], v->replies[1]);
    return outcome;
}

static void set_first_judge(rec_job *job, const rec_judged_options *o, const rec_judge_verdicts *v)
{
    rec_outcome outcome = rec_outcome_of(v->orders[0].prefers, v->orders[1].prefers);
    rec_outcome original = reclm_outcome(v, outcome);
    set_classes(job, 0, outcome);
    rec_job_set(job, "net_win", 0,
                outcome == REC_OUTCOME_WIN    ? 1.0
                : outcome == REC_OUTCOME_LOSS ? -1.0
                                              : 0.0);
    rec_job_set(job, "win_rate_half", 0, half_value(outcome));
    rec_job_set(job, "preference", 0,
                rec_preference_share(v->orders[0].prefers, v->orders[1].prefers));
    rec_job_set(job, "reclm_win_rate", 0, original == REC_OUTCOME_WIN ? 1.0 : 0.0);
    rec_job_set(job, "reclm_loss_rate", 0, original == REC_OUTCOME_LOSS ? 1.0 : 0.0);
    set_position_bias(job, v);
    if (has_scores(o))
        set_scores(job, rec_judged_protocol(o, 0), v);
}

void rec_judged_set_values(rec_job *job, const rec_judged_options *o, const rec_judge_verdicts *v,
                           size_t n_judges, const char *answer, const char *baseline)
{
    set_first_judge(job, o, &v[0]);
    if (n_judges > 1)
        set_classes(job, 1, rec_outcome_of(v[1].orders[0].prefers, v[1].orders[1].prefers));
    rec_job_set(job, "length", 0, (double)strlen(answer));
    rec_job_set(job, "length_baseline", 0, (double)strlen(baseline));
}

/* ---- figures of the whole run ---- */

/* Column `metric` of all samples, in a new array of the caller; NULL on failure. */
static double *column_values(const rec_task_outcome *o, const char *metric, rec_error *err)
{
    size_t column = rec_task_column_index(o->task, metric, 0);
    double *values = rec_alloc(o->n_samples, sizeof *values, err);
    for (size_t i = 0; values != NULL && i < o->n_samples; i++)
        values[i] = o->values[i * o->n_columns + column];
    return values;
}

static void set_whole(double *values, const rec_task_outcome *o, const char *metric, double value)
{
    values[rec_task_column_index(o->task, metric, 0)] = value;
}

static size_t drop_missing(double *a, double *b, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (!isnan(a[i]) && !isnan(b[i])) {
            a[kept] = a[i];
            b[kept++] = b[i];
        }
    return kept;
}

static rec_status win_figures(double *values, const rec_task_outcome *o, rec_error *err)
{
    rec_status status = REC_ERR_RESOURCE;
    double *win = column_values(o, "win_rate", err), *loss = column_values(o, "loss_rate", err);
    double *share = column_values(o, "preference", err), *own = column_values(o, "length", err);
    double *other = column_values(o, "length_baseline", err);
    if (win == NULL || loss == NULL || share == NULL || own == NULL || other == NULL)
        goto cleanup;
    set_whole(values, o, "lc_win_rate",
              rec_length_controlled_win_rate(share, own, other, o->n_samples));
    size_t n = drop_missing(win, loss, o->n_samples);
    set_whole(values, o, "sign_test_p", n > 0 ? rec_sign_test(win, loss, n).p : NAN);
    status = REC_OK;
cleanup:
    free(win);
    free(loss);
    free(share);
    free(own);
    free(other);
    return status;
}

/* The class of each sample by one judge; -1: none. */
static int class_of(const rec_task_outcome *o, size_t judge, size_t sample)
{
    for (int i = 0; i < REC_N_OUTCOMES; i++) {
        size_t column = rec_task_column_index(o->task, class_columns[judge][i], 0);
        if (o->values[sample * o->n_columns + column] == 1.0)
            return i;
    }
    return -1;
}

static rec_status agreement_figures(double *values, const rec_task_outcome *o, rec_error *err)
{
    size_t n = o->n_samples;
    int *classes = NULL;
    double *ratings = NULL, alpha;
    rec_status status;
    REC_TRY_NEW(classes, REC_MAX_JUDGES * n, err);
    REC_TRY_NEW(ratings, REC_MAX_JUDGES * n, err);
    for (size_t j = 0; j < REC_MAX_JUDGES; j++)
        for (size_t i = 0; i < n; i++) {
            int class = class_of(o, j, i);
            classes[j * n + i] = class;
            ratings[j * n + i] = class >= 0 ? (double)class : NAN;
        }
    set_whole(values, o, "judge_kappa", rec_cohen_kappa(classes, classes + n, n, REC_N_OUTCOMES));
    REC_TRY(rec_krippendorff_alpha(&alpha, ratings, REC_MAX_JUDGES, n, REC_ALPHA_NOMINAL, err));
    set_whole(values, o, "judge_alpha", alpha);
cleanup:
    free(classes);
    free(ratings);
    return status;
}

rec_status rec_judged_whole_run(double *values, const rec_task_outcome *outcome,
                                const rec_judged_options *options, rec_error *err)
{
    rec_status status = win_figures(values, outcome, err);
    if (status == REC_OK && rec_judged_judge(options, 1) != NULL)
        status = agreement_figures(values, outcome, err);
    return status;
}
