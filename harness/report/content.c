#include "harness/report/content.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

/* --- order ------------------------------------------------------------------------------------- */

static rec_status check_result(const rec_report *r, size_t i, rec_error *err)
{
    const rec_result *x = &r->results[i];
    if (x->task == NULL || x->system == NULL)
        return rec_fail(err, REC_ERR_INTERNAL, "result %zu has no task or no system", i);
    for (size_t j = 0; j < i; j++)
        if (strcmp(r->results[j].task, x->task) == 0 &&
            strcmp(r->results[j].system, x->system) == 0)
            return rec_fail(err, REC_ERR_INTERNAL, "two results of task %s, system %s", x->task,
                            x->system);
    return REC_OK;
}

rec_status rec_report_order(size_t **out, const rec_report *r, rec_error *err)
{
    size_t *order = rec_alloc(r->n_results, sizeof *order, err), n = 0;
    if (order == NULL)
        return REC_ERR_RESOURCE;
    for (size_t i = 0; i < r->n_results; i++) {
        rec_status status = check_result(r, i, err);
        if (status != REC_OK) {
            free(order);
            return status;
        }
        bool first = true;
        for (size_t j = 0; j < i && first; j++)
            first = strcmp(r->results[j].task, r->results[i].task) != 0;
        for (size_t j = i; j < r->n_results && first; j++)
            if (r->results[j].task != NULL && strcmp(r->results[j].task, r->results[i].task) == 0)
                order[n++] = j;
    }
    *out = order;
    return REC_OK;
}

/* --- content hash ------------------------------------------------------------------------------ */

/* A missing text and an empty one are the same to whoever reads the file with other tools. */
static void hash_text(rec_sha256 *h, const char *text)
{
    rec_sha256_update_string(h, text != NULL ? text : "");
}

static void hash_count(rec_sha256 *h, uint64_t value)
{
    rec_sha256_update(h, &value, sizeof value);
}

/* Every NaN is the same: undefined. */
static void hash_real(rec_sha256 *h, double value)
{
    double canonical = isnan(value) ? (double)NAN : value;
    rec_sha256_update(h, &canonical, sizeof canonical);
}

static void hash_reals(rec_sha256 *h, const double *values, size_t n)
{
    hash_count(h, n);
    for (size_t i = 0; i < n; i++)
        hash_real(h, values[i]);
}

static void hash_texts(rec_sha256 *h, char *const *texts, size_t n)
{
    hash_count(h, texts != NULL ? n : 0);
    for (size_t i = 0; texts != NULL && i < n; i++)
        hash_text(h, texts[i]);
}

static void hash_bytes(rec_sha256 *h, const void *values, size_t n, size_t size)
{
    hash_count(h, values != NULL ? n : 0);
    if (values != NULL)
        rec_sha256_update(h, values, n * size);
}

static void hash_system(rec_sha256 *h, const rec_report_system *s)
{
    hash_text(h, s->name);
    hash_text(h, s->type);
    hash_text(h, s->options);
    hash_text(h, s->fit_on);
    hash_text(h, s->flags);
    hash_count(h, s->n_parameters);
    hash_text(h, s->weights_sha256);
    hash_text(h, s->trials);
    hash_count(h, s->n_curves);
    for (size_t i = 0; i < s->n_curves; i++) {
        hash_text(h, s->curves[i].metric);
        hash_reals(h, s->curves[i].values, s->curve_lengths[i]);
    }
}

static void hash_figures(rec_sha256 *h, const rec_result *x)
{
    hash_count(h, x->n_figures);
    for (size_t i = 0; i < x->n_figures; i++) {
        const rec_figure *f = &x->figures[i];
        hash_text(h, f->metric);
        hash_count(h, f->k);
        hash_real(h, f->mean);
        hash_real(h, f->stderr_);
        hash_real(h, f->ci_low);
        hash_real(h, f->ci_high);
        hash_count(h, f->n);
        hash_real(h, f->sd_seeds);
        hash_count(h, f->higher_is_better);
    }
}

static void hash_samples(rec_sha256 *h, const rec_result *x)
{
    size_t n = x->n_samples;
    hash_count(h, n);
    hash_texts(h, x->sample_ids, n);
    hash_texts(h, x->users, n);
    hash_bytes(h, x->clusters, n, sizeof *x->clusters);
    hash_bytes(h, x->seeds, n, sizeof *x->seeds);
    hash_bytes(h, x->turns, n, sizeof *x->turns);
    hash_count(h, n > 0 ? x->n_columns : 0);
    for (size_t i = 0; i < x->n_columns && n > 0; i++) {
        hash_text(h, x->columns[i].metric);
        hash_count(h, x->columns[i].k);
        hash_reals(h, x->columns[i].values, n);
    }
    size_t n_targets = x->target_start != NULL ? x->target_start[n] : 0;
    hash_bytes(h, x->target_start, n + 1, sizeof *x->target_start);
    hash_bytes(h, x->targets, n_targets, sizeof *x->targets);
    hash_bytes(h, x->target_gains, n_targets, sizeof *x->target_gains);
    hash_count(h, n > 0 ? x->list_length : 0);
    hash_bytes(h, x->list_items, n * x->list_length, sizeof *x->list_items);
    hash_bytes(h, x->list_scores, n * x->list_length, sizeof *x->list_scores);
    hash_count(h, n > 0 ? x->n_texts : 0);
    for (size_t i = 0; i < x->n_texts && n > 0; i++) {
        hash_text(h, x->texts[i].name);
        hash_texts(h, x->texts[i].texts, n);
    }
}

static void hash_result(rec_sha256 *h, const rec_result *x)
{
    hash_text(h, x->task);
    hash_text(h, x->system);
    hash_text(h, x->not_applicable);
    hash_count(h, x->n_candidates);
    hash_count(h, x->n_failed);
    hash_count(h, x->n_skipped);
    hash_count(h, x->tokens_in);
    hash_count(h, x->tokens_out);
    hash_count(h, (uint64_t)x->cost_microdollars);
    hash_real(h, x->level);
    hash_text(h, x->notes);
    hash_figures(h, x);
    hash_samples(h, x);
}

static void hash_expected(rec_sha256 *h, const rec_expected *e)
{
    hash_text(h, e->system);
    hash_text(h, e->task);
    hash_text(h, e->metric);
    hash_real(h, e->published);
    hash_count(h, (uint64_t)(int64_t)e->digits);
    hash_real(h, e->tol);
    hash_count(h, e->side);
    hash_text(h, e->source);
    hash_real(h, e->measured);
    hash_count(h, e->within);
}

static void hash_dataset(rec_sha256 *h, const rec_report *r)
{
    hash_text(h, r->dataset_name);
    hash_text(h, r->dataset_rules);
    hash_text(h, r->dataset_sha256);
    hash_count(h, r->n_users);
    hash_count(h, r->n_items);
    hash_count(h, r->n_interactions);
    hash_texts(h, r->item_ids, r->n_items);
}

rec_status rec_report_content_hash(char hex[REC_SHA256_HEX], const rec_report *r, rec_error *err)
{
    rec_sha256 *h = NULL;
    size_t *order = NULL;
    rec_status status;
    REC_TRY(rec_report_order(&order, r, err));
    REC_TRY(rec_sha256_new(&h, err));
    hash_count(h, REC_REPORT_SCHEMA);
    hash_text(h, r->name);
    hash_text(h, r->config_hash);
    hash_bytes(h, r->seeds, r->n_seeds, sizeof *r->seeds);
    hash_dataset(h, r);
    hash_count(h, r->n_systems);
    for (size_t i = 0; i < r->n_systems; i++)
        hash_system(h, &r->systems[i]);
    hash_count(h, r->n_results);
    for (size_t i = 0; i < r->n_results; i++)
        hash_result(h, &r->results[order[i]]);
    hash_count(h, r->n_expected);
    for (size_t i = 0; i < r->n_expected; i++)
        hash_expected(h, &r->expected[i]);
    rec_sha256_finish(hex, h);
cleanup:
    free(order);
    return status;
}
