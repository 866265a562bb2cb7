#include "datasets/dataset.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "datasets/columns.h"
#include "datasets/ids.h"
#include "datasets/strings.h"

void rec_interactions_deinit(rec_interactions *x)
{
    free(x->start);
    free(x->item);
    free(x->value);
    free(x->time);
    *x = (rec_interactions){.n = 0};
}

void rec_candidates_free(rec_candidates *c)
{
    if (c == NULL)
        return;
    free(c->start);
    free(c->item);
    free(c);
}

void rec_dataset_free(rec_dataset *d)
{
    if (d == NULL)
        return;
    free(d->name);
    free(d->user_ids);
    free(d->catalogue.ids);
    free(d->catalogue.titles);
    rec_columns_free(d->catalogue.columns, d->catalogue.n_columns);
    rec_interactions_deinit(&d->interactions);
    free(d->part);
    rec_candidates_free(d->negatives);
    for (size_t i = 0; i < d->n_tables; i++) {
        free(d->tables[i].name);
        rec_columns_free(d->tables[i].columns, d->tables[i].n_columns);
    }
    free(d->tables);
    free(d->rules);
    rec_strings_free(d->strings);
    free(d);
}

uint32_t rec_dataset_item(const rec_dataset *d, const char *id)
{
    return rec_ids_find(d->catalogue.ids, d->catalogue.n_items, id);
}

uint32_t rec_dataset_user(const rec_dataset *d, const char *id)
{
    return rec_ids_find(d->user_ids, d->n_users, id);
}

static const rec_column *find_column(const rec_column *columns, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(columns[i].name, name) == 0)
            return &columns[i];
    return NULL;
}

const rec_column *rec_catalogue_column(const rec_catalogue *c, const char *name)
{
    return find_column(c->columns, c->n_columns, name);
}

const rec_column *rec_table_column(const rec_table *t, const char *name)
{
    return find_column(t->columns, t->n_columns, name);
}

const rec_table *rec_dataset_table(const rec_dataset *d, const char *name)
{
    for (size_t i = 0; i < d->n_tables; i++)
        if (strcmp(d->tables[i].name, name) == 0)
            return &d->tables[i];
    return NULL;
}

static rec_status interactions_init(rec_interactions *out, size_t n_users, size_t n_items, size_t n,
                                    const rec_interactions *like, rec_error *err)
{
    rec_status status = REC_OK;
    *out = (rec_interactions){.n_users = n_users, .n_items = n_items, .n = n};
    REC_TRY_NEW(out->start, n_users + 1, err);
    REC_TRY_NEW(out->item, n, err);
    if (like->value != NULL)
        REC_TRY_NEW(out->value, n, err);
    if (like->time != NULL)
        REC_TRY_NEW(out->time, n, err);
cleanup:
    if (status != REC_OK)
        rec_interactions_deinit(out);
    return status;
}

rec_status rec_dataset_select(rec_interactions *out, const rec_dataset *d, unsigned parts,
                              rec_error *err)
{
    const rec_interactions *x = &d->interactions;
    size_t n = 0;
    for (size_t i = 0; i < x->n; i++)
        n += (d->part[i] & parts) != 0;
    rec_status status = interactions_init(out, x->n_users, x->n_items, n, x, err);
    if (status != REC_OK)
        return status;
    size_t kept = 0;
    for (size_t u = 0; u < x->n_users; u++) {
        for (size_t i = x->start[u]; i < x->start[u + 1]; i++) {
            if ((d->part[i] & parts) == 0)
                continue;
            out->item[kept] = x->item[i];
            if (x->value != NULL)
                out->value[kept] = x->value[i];
            if (x->time != NULL)
                out->time[kept] = x->time[i];
            kept++;
        }
        out->start[u + 1] = kept;
    }
    return REC_OK;
}

rec_status rec_interactions_transpose(rec_interactions *out, const rec_interactions *x,
                                      rec_error *err)
{
    rec_status status = interactions_init(out, x->n_items, x->n_users, x->n, x, err);
    if (status != REC_OK)
        return status;
    size_t *start = out->start;
    for (size_t i = 0; i < x->n; i++)
        start[x->item[i] + 1]++;
    for (size_t item = 0; item < x->n_items; item++)
        start[item + 1] += start[item];
    for (size_t u = 0; u < x->n_users; u++) {
        for (size_t i = x->start[u]; i < x->start[u + 1]; i++) {
            size_t row = start[x->item[i]]++;
            out->item[row] = (uint32_t)u;
            if (x->value != NULL)
                out->value[row] = x->value[i];
            if (x->time != NULL)
                out->time[row] = x->time[i];
        }
    }
    memmove(start + 1, start, x->n_items * sizeof *start); /* undo the advance */
    start[0] = 0;
    return REC_OK;
}
