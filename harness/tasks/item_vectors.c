#include "harness/tasks/item_vectors.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

enum { MAX_VALUES = 65536 };

/* An item has a value. */
typedef struct mention {
    const char *value;
    uint32_t item;
} mention;

static bool is_list(const rec_column *c)
{
    return c->type == REC_COLUMN_TEXTS;
}

static rec_status find_column(const rec_column **out, const rec_dataset *d, const char *name,
                              rec_error *err)
{
    const rec_catalogue *c = &d->catalogue;
    *out = name != NULL ? rec_catalogue_column(c, name) : NULL;
    for (size_t i = 0; name == NULL && *out == NULL && i < c->n_columns; i++)
        if (is_list(&c->columns[i]))
            *out = &c->columns[i];
    if (*out == NULL && name == NULL)
        return rec_fail(err, REC_ERR_DATA,
                        "items have no column of lists to tell them apart by (diversity_by)");
    if (*out == NULL)
        return rec_fail(err, REC_ERR_DATA, "diversity_by: items have no column \"%s\"", name);
    if (!is_list(*out) && (*out)->type != REC_COLUMN_TEXT)
        return rec_fail(err, REC_ERR_DATA, "diversity_by: column \"%s\" is not text", name);
    return REC_OK;
}

static size_t n_values_of(const rec_column *c, size_t item)
{
    if (is_list(c))
        return c->start[item + 1] - c->start[item];
    return c->text[item] != NULL;
}

static const char *value_of(const rec_column *c, size_t item, size_t i)
{
    return is_list(c) ? c->texts[c->start[item] + i] : c->text[item];
}

static int compare_mentions(const void *a, const void *b)
{
    const mention *x = a, *y = b;
    int order = strcmp(x->value, y->value);
    return order != 0 ? order : (x->item > y->item) - (x->item < y->item);
}

static mention *collect(size_t *n_out, const rec_column *c, size_t n_items, rec_error *err)
{
    size_t n = 0, at = 0;
    for (size_t i = 0; i < n_items; i++)
        n += n_values_of(c, i);
    mention *mentions = rec_alloc(n, sizeof *mentions, err);
    for (uint32_t i = 0; mentions != NULL && i < n_items; i++)
        for (size_t v = 0; v < n_values_of(c, i); v++)
            mentions[at++] = (mention){value_of(c, i, v), i};
    if (mentions != NULL)
        qsort(mentions, n, sizeof *mentions, compare_mentions);
    *n_out = n;
    return mentions;
}

static bool is_new_value(const mention *mentions, size_t i)
{
    return i == 0 || strcmp(mentions[i - 1].value, mentions[i].value) != 0;
}

static void normalise(float *row, size_t dim)
{
    size_t n = 0;
    for (size_t d = 0; d < dim; d++)
        n += row[d] > 0.0f;
    for (size_t d = 0; n > 0 && d < dim; d++)
        row[d] /= sqrtf((float)n);
}

static rec_status fill(rec_item_vectors *out, const mention *mentions, size_t n, size_t n_items,
                       rec_error *err)
{
    for (size_t i = 0; i < n; i++)
        out->dim += is_new_value(mentions, i);
    if (out->dim == 0 || out->dim > MAX_VALUES)
        return rec_fail(err, REC_ERR_DATA,
                        "diversity_by: the column has %zu different values (1 to %d can be used)",
                        out->dim, MAX_VALUES);
    out->rows = rec_alloc(n_items * out->dim, sizeof *out->rows, err);
    if (out->rows == NULL)
        return REC_ERR_RESOURCE;
    size_t dimension = 0;
    for (size_t i = 0; i < n; i++) {
        dimension += i > 0 && is_new_value(mentions, i);
        out->rows[mentions[i].item * out->dim + dimension] = 1.0f;
    }
    for (size_t i = 0; i < n_items; i++)
        normalise(out->rows + i * out->dim, out->dim);
    return REC_OK;
}

rec_status rec_item_vectors_init(rec_item_vectors *out, const rec_dataset *d, const char *column,
                                 rec_error *err)
{
    const rec_column *c;
    *out = (rec_item_vectors){0};
    rec_status status = find_column(&c, d, column, err);
    if (status != REC_OK)
        return status;
    size_t n;
    mention *mentions = collect(&n, c, d->catalogue.n_items, err);
    status =
        mentions != NULL ? fill(out, mentions, n, d->catalogue.n_items, err) : REC_ERR_RESOURCE;
    free(mentions);
    if (status != REC_OK)
        rec_item_vectors_deinit(out);
    return status;
}

void rec_item_vectors_deinit(rec_item_vectors *v)
{
    free(v->rows);
    *v = (rec_item_vectors){0};
}
