#include "harness/report/compare.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "harness/report/pairing.h"

const char *const rec_paired_test_names[] = {"t",           "wilcoxon",  "sign",
                                             "permutation", "bootstrap", NULL};

void rec_comparisons_deinit(rec_comparisons *c)
{
    free(c->rows);
    *c = (rec_comparisons){0};
}

static rec_status append(rec_comparisons *c, const rec_comparison *row, rec_error *err)
{
    if (c->n == c->capacity) {
        size_t capacity = c->capacity < 16 ? 16 : 2 * c->capacity;
        rec_comparison *rows = rec_realloc(c->rows, capacity, sizeof *rows, err);
        if (rows == NULL)
            return REC_ERR_RESOURCE;
        c->rows = rows;
        c->capacity = capacity;
    }
    c->rows[c->n++] = *row;
    return REC_OK;
}

static void count_wins(rec_comparison *row, const rec_pairs *x)
{
    for (size_t i = 0; i < x->n; i++) {
        if (x->a[i] == x->b[i])
            row->ties++;
        else if ((x->b[i] > x->a[i]) == row->higher_is_better)
            row->wins++;
        else
            row->losses++;
    }
}

static rec_status run_tests(rec_comparison *row, const rec_pairs *x,
                            const rec_compare_options *options, rec_error *err)
{
    rec_test_result wilcoxon, permutation, bootstrap;
    rec_status status = rec_wilcoxon(&wilcoxon, x->b, x->a, x->n, err);
    if (status == REC_OK)
        status = rec_permutation_test(&permutation, x->b, x->a, x->n, options->n_draws,
                                      options->seed, err);
    if (status != REC_OK)
        return status;
    row->p[REC_TEST_T] = rec_paired_t(x->b, x->a, x->n).p;
    row->p[REC_TEST_WILCOXON] = wilcoxon.p;
    row->p[REC_TEST_SIGN] = rec_sign_test(x->b, x->a, x->n).p;
    row->p[REC_TEST_PERMUTATION] = permutation.p;
    row->p[REC_TEST_BOOTSTRAP] = NAN;
    if (options->test != REC_TEST_BOOTSTRAP)
        return REC_OK;
    status = rec_bootstrap_test(&bootstrap, &row->interval, x->b, x->a, x->n, options->level,
                                REC_BOOTSTRAP_BCA, options->n_draws, options->seed, err);
    row->p[REC_TEST_BOOTSTRAP] = bootstrap.p;
    return status;
}

/* Fills what follows from the pairs. */
static rec_status summarise(rec_comparison *row, const rec_pairs *x,
                            const rec_compare_options *options, rec_error *err)
{
    double *differences = rec_alloc(x->n, sizeof *differences, err);
    if (differences == NULL)
        return REC_ERR_RESOURCE;
    for (size_t i = 0; i < x->n; i++)
        differences[i] = x->b[i] - x->a[i];
    row->n = x->n;
    row->n_a = x->n_a;
    row->n_b = x->n_b;
    row->mean_a = rec_mean(x->a, x->n);
    row->mean_b = rec_mean(x->b, x->n);
    row->difference = rec_mean(differences, x->n);
    row->interval = rec_t_interval(differences, x->n, options->level);
    row->effect_size = rec_effect_size(x->b, x->a, x->n);
    count_wins(row, x);
    free(differences);
    return run_tests(row, x, options, err);
}

static rec_status compare_metric(rec_comparisons *out, const rec_pairing *pairing,
                                 rec_comparison row, const double *a, const double *b,
                                 const rec_compare_options *options, rec_error *err)
{
    rec_pairs pairs;
    rec_status status = rec_pairing_values(&pairs, pairing, a, b, err);
    if (status != REC_OK)
        return status;
    REC_TRY(summarise(&row, &pairs, options, err));
    status = append(out, &row, err);
cleanup:
    rec_pairs_deinit(&pairs);
    return status;
}

static bool wants_metric(const rec_compare_options *options, const rec_sample_column *c)
{
    return options->filter == NULL ||
           rec_show_wants_whole(&options->filter->metrics, c->metric, c->k);
}

static rec_status compare_results(rec_comparisons *out, rec_compare_side a, rec_compare_side b,
                                  const rec_result *x, const rec_result *y,
                                  const rec_compare_options *options, rec_error *err)
{
    const bool same_report = a.report == b.report;
    const char *const names[2] = {same_report ? a.system : a.source,
                                  same_report ? b.system : b.source};
    rec_pairing *pairing = NULL;
    rec_status status;
    REC_TRY(rec_pairing_new(&pairing, x, y, names, options->intersection, err));
    for (size_t i = 0; i < x->n_columns; i++) {
        const rec_sample_column *c = &x->columns[i];
        const rec_sample_column *d = rec_result_column(y, c->metric, c->k);
        if (d == NULL || !wants_metric(options, c))
            continue;
        const rec_figure *f = rec_result_figure(x, c->metric, c->k);
        rec_comparison row = {
            .a = a,
            .b = b,
            .task = x->task,
            .metric = c->metric,
            .k = c->k,
            .n_candidates = x->n_candidates,
            .higher_is_better = f == NULL || f->higher_is_better,
        };
        REC_TRY(compare_metric(out, pairing, row, c->values, d->values, options, err));
    }
cleanup:
    rec_pairing_free(pairing);
    return status;
}

rec_status rec_check_same_data(rec_compare_side a, rec_compare_side b,
                               const rec_compare_options *options, rec_error *err)
{
    if (options->intersection || strcmp(a.report->dataset_sha256, b.report->dataset_sha256) == 0)
        return REC_OK;
    return rec_fail(err, REC_ERR_DATA,
                    "%s and %s were measured on different data (%.12s, %.12s); --intersection "
                    "compares the samples whose ids they share",
                    a.source, b.source, a.report->dataset_sha256, b.report->dataset_sha256);
}

rec_status rec_compare(rec_comparisons *out, rec_compare_side a, rec_compare_side b,
                       const rec_compare_options *options, rec_error *err)
{
    rec_status status = rec_check_same_data(a, b, options, err);
    for (size_t i = 0; i < a.report->n_results && status == REC_OK; i++) {
        const rec_result *x = &a.report->results[i];
        const rec_result *y = rec_report_result(b.report, x->task, b.system);
        bool wanted = options->filter == NULL || rec_show_wants(&options->filter->tasks, x->task);
        if (strcmp(x->system, a.system) != 0 || !wanted || y == NULL || x->n_samples == 0 ||
            y->n_samples == 0)
            continue;
        status = compare_results(out, a, b, x, y, options, err);
    }
    return status;
}

rec_status rec_comparisons_adjust(rec_comparisons *c, rec_paired_test test, rec_error *err)
{
    double *p = NULL;
    rec_status status = REC_OK;
    REC_TRY_NEW(p, c->n, err);
    for (size_t i = 0; i < c->n; i++)
        p[i] = c->rows[i].p[test];
    REC_TRY(rec_adjust_holm(p, c->n, err));
    for (size_t i = 0; i < c->n; i++) {
        c->rows[i].p_holm = p[i];
        p[i] = c->rows[i].p[test];
    }
    REC_TRY(rec_adjust_benjamini_hochberg(p, c->n, err));
    for (size_t i = 0; i < c->n; i++)
        c->rows[i].p_bh = p[i];
cleanup:
    free(p);
    return status;
}
