#include "datasets/fingerprint.h"

#include <math.h>

#include "core/hash.h"

/* Arrays go in as they lie in memory: every machine the build supports is little-endian. */
#if !defined(__BYTE_ORDER__) || __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the content hash is defined over little-endian arrays"
#endif

static void add_count(rec_sha256 *h, size_t n)
{
    uint64_t count = n;
    rec_sha256_update(h, &count, sizeof count);
}

static void add_array(rec_sha256 *h, const void *values, size_t n, size_t size)
{
    add_count(h, values != NULL ? n : SIZE_MAX); /* an absent array differs from an empty one */
    if (values != NULL)
        rec_sha256_update(h, values, n * size);
}

static void add_text(rec_sha256 *h, const char *text)
{
    if (text != NULL)
        rec_sha256_update_string(h, text);
    else
        add_count(h, SIZE_MAX);
}

static void add_texts(rec_sha256 *h, char *const *texts, size_t n)
{
    add_count(h, n);
    for (size_t i = 0; i < n; i++)
        add_text(h, texts[i]);
}

/* NaN has many bit patterns and means one thing here: missing. */
static void add_numbers(rec_sha256 *h, const double *numbers, size_t n)
{
    static const uint64_t missing = UINT64_MAX;
    for (size_t i = 0; i < n; i++)
        rec_sha256_update(h, isnan(numbers[i]) ? (const void *)&missing : &numbers[i],
                          sizeof *numbers);
}

static void add_column(rec_sha256 *h, const rec_column *c, size_t n_rows)
{
    rec_sha256_update_string(h, c->name);
    add_count(h, (size_t)c->type);
    switch (c->type) {
    case REC_COLUMN_TEXT:
        add_texts(h, c->text, n_rows);
        break;
    case REC_COLUMN_TEXTS:
        for (size_t row = 0; row < n_rows; row++)
            add_texts(h, c->texts + c->start[row], c->start[row + 1] - c->start[row]);
        break;
    default:
        add_numbers(h, c->number, n_rows);
    }
}

static void add_catalogue(rec_sha256 *h, const rec_catalogue *c)
{
    add_texts(h, c->ids, c->n_items);
    add_texts(h, c->titles, c->n_items);
    add_count(h, c->n_columns);
    for (size_t i = 0; i < c->n_columns; i++)
        add_column(h, &c->columns[i], c->n_items);
}

static void add_interactions(rec_sha256 *h, const rec_dataset *d)
{
    const rec_interactions *x = &d->interactions;
    for (size_t u = 0; u <= x->n_users; u++)
        add_count(h, x->start[u]);
    add_array(h, x->item, x->n, sizeof *x->item);
    add_array(h, x->value, x->n, sizeof *x->value);
    add_array(h, x->time, x->n, sizeof *x->time);
    add_array(h, d->part, x->n, sizeof *d->part);
}

static void add_negatives(rec_sha256 *h, const rec_dataset *d)
{
    add_count(h, d->negatives != NULL);
    if (d->negatives == NULL)
        return;
    for (size_t u = 0; u <= d->n_users; u++)
        add_count(h, d->negatives->start[u]);
    add_array(h, d->negatives->item, d->negatives->start[d->n_users], sizeof(uint32_t));
}

rec_status rec_dataset_fingerprint(rec_dataset *d, rec_error *err)
{
    rec_sha256 *h;
    rec_status status = rec_sha256_new(&h, err);
    if (status != REC_OK)
        return status;
    add_texts(h, d->user_ids, d->n_users);
    add_catalogue(h, &d->catalogue);
    add_interactions(h, d);
    add_negatives(h, d);
    add_count(h, d->n_tables);
    for (size_t i = 0; i < d->n_tables; i++) {
        const rec_table *t = &d->tables[i];
        rec_sha256_update_string(h, t->name);
        add_count(h, t->n_rows);
        for (size_t c = 0; c < t->n_columns; c++)
            add_column(h, &t->columns[c], t->n_rows);
    }
    rec_sha256_finish(d->sha256, h);
    return REC_OK;
}
