#include "datasets/statistics.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "datasets/strings.h"

static int compare_sizes(const void *x, const void *y)
{
    size_t a = *(const size_t *)x, b = *(const size_t *)y;
    return (a > b) - (a < b);
}

double rec_gini(size_t *counts, size_t n)
{
    qsort(counts, n, sizeof *counts, compare_sizes);
    double total = 0.0, weighted = 0.0;
    for (size_t i = 0; i < n; i++) {
        total += (double)counts[i];
        weighted += (2.0 * (double)(i + 1) - (double)n - 1.0) * (double)counts[i];
    }
    return total > 0 ? weighted / ((double)n * total) : NAN;
}

static rec_quantiles quantiles_of(const size_t *sorted, size_t n)
{
    if (n == 0)
        return (rec_quantiles){.mean = NAN};
    double total = 0.0;
    for (size_t i = 0; i < n; i++)
        total += (double)sorted[i];
    return (rec_quantiles){
        .min = sorted[0],
        .p10 = sorted[(n - 1) / 10],
        .p25 = sorted[(n - 1) / 4],
        .median = sorted[(n - 1) / 2],
        .p75 = sorted[(n - 1) * 3 / 4],
        .p90 = sorted[(n - 1) * 9 / 10],
        .max = sorted[n - 1],
        .mean = total / (double)n,
    };
}

static rec_status count_lengths(rec_statistics *out, const rec_interactions *x, rec_error *err)
{
    rec_status status = REC_OK;
    size_t *per_user = NULL, *per_item = NULL;
    REC_TRY_NEW(per_user, x->n_users, err);
    REC_TRY_NEW(per_item, x->n_items, err);
    for (size_t u = 0; u < x->n_users; u++)
        per_user[u] = x->start[u + 1] - x->start[u];
    for (size_t i = 0; i < x->n; i++)
        per_item[x->item[i]]++;
    for (size_t i = 0; i < x->n_items; i++)
        out->items_without_interactions += per_item[i] == 0;
    qsort(per_user, x->n_users, sizeof *per_user, compare_sizes);
    out->popularity_gini = rec_gini(per_item, x->n_items); /* sorts */
    out->per_user = quantiles_of(per_user, x->n_users);
    out->per_item = quantiles_of(per_item, x->n_items);
cleanup:
    free(per_item);
    free(per_user);
    return status;
}

static rec_status count_repeats(rec_statistics *out, const rec_interactions *x, rec_error *err)
{
    size_t *last_user = rec_alloc(x->n_items, sizeof *last_user, err); /* user + 1 */
    if (last_user == NULL)
        return REC_ERR_RESOURCE;
    for (size_t u = 0; u < x->n_users; u++) {
        for (size_t i = x->start[u]; i < x->start[u + 1]; i++) {
            out->repeated_pairs += last_user[x->item[i]] == u + 1;
            last_user[x->item[i]] = u + 1;
        }
    }
    free(last_user);
    return REC_OK;
}

static void count_times(rec_statistics *out, const rec_interactions *x)
{
    out->first_time = out->last_time = NAN;
    for (size_t u = 0; x->time != NULL && u < x->n_users; u++) {
        bool tied = false;
        for (size_t i = x->start[u]; i < x->start[u + 1]; i++) {
            out->first_time = fmin(out->first_time, x->time[i]); /* a NaN yields to the other */
            out->last_time = fmax(out->last_time, x->time[i]);
            tied = i > x->start[u] && x->time[i] == x->time[i - 1];
            out->equal_times += tied;
        }
        out->users_with_tied_last += tied;
    }
}

bool rec_column_knows(const rec_column *c, size_t row)
{
    switch (c->type) {
    case REC_COLUMN_TEXT:
        return c->text[row] != NULL;
    case REC_COLUMN_TEXTS:
        return c->start[row + 1] > c->start[row];
    default:
        return !isnan(c->number[row]);
    }
}

static rec_status count_metadata(rec_statistics *out, const rec_catalogue *c, rec_error *err)
{
    rec_status status = REC_OK;
    rec_interner titles = {.n = 0};
    REC_TRY(rec_strings_new(&titles.pool, err));
    for (size_t i = 0; i < c->n_items; i++) {
        bool described = c->titles[i] != NULL;
        for (size_t k = 0; k < c->n_columns && !described; k++)
            described = rec_column_knows(&c->columns[k], i);
        out->items_without_metadata += !described;
        out->items_without_title += c->titles[i] == NULL;
        if (c->titles[i] == NULL)
            continue;
        uint32_t number;
        size_t known = titles.n;
        REC_TRY(rec_interner_add(&number, &titles, c->titles[i], strlen(c->titles[i]), err));
        out->repeated_titles += titles.n == known;
    }
cleanup:
    rec_interner_deinit(&titles);
    rec_strings_free(titles.pool);
    return status;
}

rec_status rec_dataset_statistics(rec_statistics *out, const rec_dataset *d, rec_error *err)
{
    const rec_interactions *x = &d->interactions;
    rec_status status = REC_OK;
    *out = (rec_statistics){
        .n_users = d->n_users, .n_items = d->catalogue.n_items, .n_interactions = x->n};
    REC_TRY(count_lengths(out, x, err));
    REC_TRY(count_repeats(out, x, err));
    REC_TRY(count_metadata(out, &d->catalogue, err));
    count_times(out, x);
    double cells = (double)d->n_users * (double)d->catalogue.n_items;
    out->density = cells > 0 ? (double)(x->n - out->repeated_pairs) / cells : NAN;
cleanup:
    return status;
}
