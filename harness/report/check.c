#include "harness/report/check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "harness/report/pairing.h"

const char *const rec_movement_names[] = {"fell", "rose", "missing", "fewer"};

void rec_check_deinit(rec_check *c)
{
    for (size_t i = 0; i < c->n_movements; i++)
        free(c->movements[i].users);
    free(c->movements);
    *c = (rec_check){0};
}

bool rec_check_passed(const rec_check *c)
{
    return c->n_missed == 0 && c->n_failed == 0;
}

/* Takes the movement, users included. */
static rec_status take_movement(rec_check *c, rec_movement *m, rec_error *err)
{
    if (c->n_movements == c->capacity) {
        size_t capacity = c->capacity < 8 ? 8 : 2 * c->capacity;
        rec_movement *grown = rec_realloc(c->movements, capacity, sizeof *grown, err);
        if (grown == NULL) {
            free(m->users);
            return REC_ERR_RESOURCE;
        }
        c->movements = grown;
        c->capacity = capacity;
    }
    c->movements[c->n_movements++] = *m;
    c->n_failed += m->kind != REC_ROSE;
    return REC_OK;
}

/* --- users ------------------------------------------------------------------------------------- */

static double change_of(const rec_moved_user *u)
{
    return u->after - u->before;
}

static int by_fall(const void *a, const void *b)
{
    const rec_moved_user *x = a, *y = b;
    double d = change_of(x) - change_of(y);
    return d != 0.0 ? (d > 0.0) - (d < 0.0) : strcmp(x->user, y->user);
}

static int by_rise(const void *a, const void *b)
{
    const rec_moved_user *x = a, *y = b;
    double d = change_of(y) - change_of(x);
    return d != 0.0 ? (d > 0.0) - (d < 0.0) : strcmp(x->user, y->user);
}

/* The users that moved most in the figure's direction. */
static rec_status name_users(rec_movement *m, const rec_pairs *x, size_t n_wanted, rec_error *err)
{
    rec_moved_user *users = rec_alloc(x->n, sizeof *users, err);
    if (users == NULL)
        return REC_ERR_RESOURCE;
    bool down = m->difference < 0.0;
    size_t n = 0;
    for (size_t i = 0; i < x->n; i++)
        if (down ? x->b[i] < x->a[i] : x->b[i] > x->a[i])
            users[n++] = (rec_moved_user){x->users[i], x->a[i], x->b[i]};
    qsort(users, n, sizeof *users, down ? by_fall : by_rise);
    m->users = users;
    m->n_users = n < n_wanted ? n : n_wanted;
    return REC_OK;
}

/* --- figures ----------------------------------------------------------------------------------- */

static rec_status difference_interval(rec_movement *m, const rec_pairs *x, double level,
                                      rec_error *err)
{
    double *d = rec_alloc(x->n, sizeof *d, err);
    if (d == NULL)
        return REC_ERR_RESOURCE;
    for (size_t i = 0; i < x->n; i++)
        d[i] = x->b[i] - x->a[i];
    m->n = x->n;
    m->before = rec_mean(x->a, x->n);
    m->after = rec_mean(x->b, x->n);
    m->difference = rec_mean(d, x->n);
    m->interval = rec_t_interval(d, x->n, level);
    free(d);
    return REC_OK;
}

/* Without an interval (one user) any difference counts; where no value is defined there is none. */
static bool beyond_chance(const rec_movement *m)
{
    if (m->n == 0)
        return false;
    if (isnan(m->interval.low) || isnan(m->interval.high))
        return m->difference != 0.0;
    return m->interval.low > 0.0 || m->interval.high < 0.0;
}

static rec_movement_kind direction(const rec_movement *m, bool higher_is_better)
{
    return (m->difference > 0.0) == higher_is_better ? REC_ROSE : REC_FELL;
}

/* A system that answers less often must not look as good as before on what it still answers. */
static rec_status check_count(rec_check *c, rec_movement m, const rec_pairs *x, double tolerance,
                              rec_error *err)
{
    if ((double)x->n >= (double)x->n_a * (1.0 - tolerance))
        return REC_OK;
    m.kind = REC_FEWER;
    m.n = x->n;
    m.before = (double)x->n_a;
    m.after = (double)x->n;
    m.difference = m.after - m.before;
    return take_movement(c, &m, err);
}

static rec_status check_paired(rec_check *c, rec_movement m, const rec_figure *f,
                               const rec_pairing *pairing, const double *before,
                               const double *after, const rec_check_options *options,
                               rec_error *err)
{
    rec_pairs x;
    rec_status status = rec_pairing_values(&x, pairing, before, after, err);
    if (status != REC_OK)
        return status;
    if (!options->compare.intersection)
        REC_TRY(check_count(c, m, &x, options->tolerance, err));
    REC_TRY(difference_interval(&m, &x, options->compare.level, err));
    if (!beyond_chance(&m))
        goto cleanup;
    m.kind = direction(&m, f->higher_is_better);
    REC_TRY(name_users(&m, &x, options->n_users, err));
    status = take_movement(c, &m, err);
cleanup:
    rec_pairs_deinit(&x);
    return status;
}

/* A figure of the whole run has no users to pair: a relative tolerance stands in. */
static rec_status check_whole(rec_check *c, rec_movement m, const rec_figure *before,
                              const rec_figure *after, const rec_check_options *options,
                              rec_error *err)
{
    m.before = before->mean;
    m.after = after->mean;
    m.difference = after->mean - before->mean;
    m.interval = (rec_interval){(double)NAN, (double)NAN};
    if (isnan(m.before) || fabs(m.difference) <= options->tolerance * fabs(m.before))
        return REC_OK;
    m.kind = isnan(m.after) ? REC_MISSING : direction(&m, before->higher_is_better);
    return take_movement(c, &m, err);
}

/* One figure of the baseline; `y` is NULL where the run has no such result. */
static rec_status check_figure(rec_check *c, const rec_result *x, const rec_result *y,
                               const rec_figure *f, const rec_pairing *pairing,
                               const rec_check_options *options, rec_error *err)
{
    rec_movement m = {.kind = REC_MISSING,
                      .task = x->task,
                      .system = x->system,
                      .metric = f->metric,
                      .k = f->k,
                      .n_candidates = x->n_candidates,
                      .before = f->mean,
                      .after = NAN,
                      .difference = NAN,
                      .interval = {NAN, NAN}};
    const rec_figure *g = y != NULL ? rec_result_figure(y, f->metric, f->k) : NULL;
    if (g == NULL)
        return take_movement(c, &m, err);
    c->n_compared++;
    const rec_sample_column *before = rec_result_column(x, f->metric, f->k);
    const rec_sample_column *after = rec_result_column(y, f->metric, f->k);
    if (pairing == NULL || before == NULL || after == NULL)
        return check_whole(c, m, f, g, options, err);
    return check_paired(c, m, f, pairing, before->values, after->values, options, err);
}

static rec_status check_result(rec_check *c, const rec_result *x, const rec_result *y,
                               const char *const names[2], const rec_check_options *options,
                               rec_error *err)
{
    const char *const sides[2] = {names[1], names[0]}; /* the baseline is side a */
    const rec_show_filter *filter = options->compare.filter;
    rec_pairing *pairing = NULL;
    rec_status status = REC_OK;
    if (y != NULL && x->n_samples > 0 && y->n_samples > 0)
        REC_TRY(rec_pairing_new(&pairing, x, y, sides, options->compare.intersection, err));
    for (size_t i = 0; i < x->n_figures; i++) {
        const rec_figure *f = &x->figures[i];
        if (filter == NULL || rec_show_wants_metric(&filter->metrics, f->metric, f->k))
            REC_TRY(check_figure(c, x, y, f, pairing, options, err));
    }
cleanup:
    rec_pairing_free(pairing);
    return status;
}

static rec_status check_baseline(rec_check *c, const rec_report *run, const rec_report *baseline,
                                 const char *const names[2], const rec_check_options *options,
                                 rec_error *err)
{
    const rec_show_filter *filter = options->compare.filter;
    rec_status status = rec_check_same_data(
        (rec_compare_side){.report = run, .source = names[0]},
        (rec_compare_side){.report = baseline, .source = names[1]}, &options->compare, err);
    for (size_t i = 0; i < baseline->n_results && status == REC_OK; i++) {
        const rec_result *x = &baseline->results[i];
        if (filter == NULL || (rec_show_wants(&filter->tasks, x->task) &&
                               rec_show_wants(&filter->systems, x->system)))
            status =
                check_result(c, x, rec_report_result(run, x->task, x->system), names, options, err);
    }
    return status;
}

rec_status rec_check_run(rec_check *out, const rec_report *run, const rec_report *baseline,
                         const char *const names[2], const rec_check_options *options,
                         rec_error *err)
{
    *out = (rec_check){0};
    for (size_t i = 0; i < run->n_expected; i++) {
        const rec_expected *e = &run->expected[i];
        if (options->compare.filter != NULL && !rec_show_wants_expected(options->compare.filter, e))
            continue;
        out->n_expected++;
        out->n_missed += !rec_expected_holds(e);
    }
    rec_status status = REC_OK;
    if (baseline != NULL)
        status = check_baseline(out, run, baseline, names, options, err);
    if (status != REC_OK)
        rec_check_deinit(out);
    return status;
}
