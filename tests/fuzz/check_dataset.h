/** Any bytes as a data file: a message, or a dataset whose arrays agree with each other. */
#ifndef REC_TESTS_FUZZ_CHECK_DATASET_H
#define REC_TESTS_FUZZ_CHECK_DATASET_H

#include <string.h>

#include "core/utf8.h"
#include "core/yaml.h"
#include "datasets/dataset.h"
#include "tests/fuzz/input_file.h"

static inline void fuzz_require(int condition)
{
    if (!condition)
        abort();
}

static inline void fuzz_check_column(const rec_column *c, size_t n_rows)
{
    if (c->type == REC_COLUMN_TEXTS)
        for (size_t i = 0; i < n_rows; i++)
            fuzz_require(c->start[i] <= c->start[i + 1]);
    if (c->type == REC_COLUMN_TEXT)
        for (size_t i = 0; i < n_rows; i++)
            fuzz_require(c->text[i] == NULL || rec_utf8_valid(c->text[i], strlen(c->text[i])));
}

static inline void fuzz_check_dataset(const rec_dataset *d)
{
    const rec_interactions *x = &d->interactions;
    fuzz_require(x->start[0] == 0 && x->start[x->n_users] == x->n && x->n_users == d->n_users &&
                 x->n_items == d->catalogue.n_items);
    for (uint32_t u = 0; u < d->n_users; u++) {
        fuzz_require(x->start[u] < x->start[u + 1]); /* users without rows are dropped */
        fuzz_require(rec_dataset_user(d, d->user_ids[u]) == u);
    }
    for (size_t i = 0; i < x->n; i++)
        fuzz_require(x->item[i] < x->n_items && (d->part[i] & ~(unsigned)REC_PART_ALL) == 0);
    for (uint32_t i = 0; i < d->catalogue.n_items; i++)
        fuzz_require(rec_dataset_item(d, d->catalogue.ids[i]) == i);
    for (size_t k = 0; k < d->catalogue.n_columns; k++)
        fuzz_check_column(&d->catalogue.columns[k], d->catalogue.n_items);
    fuzz_require(strlen(d->sha256) == 64 && d->rules[0] == '{');
}

/** Load with a `dataset:` mapping in which %s is the path of a file with these bytes. */
static inline void fuzz_load(const char *mapping, const uint8_t *data, size_t n)
{
    char text[512];
    rec_error err = {.status = REC_OK};
    rec_yaml *map;
    rec_dataset *d;
    const char *path = fuzz_input_file(data, n);
    int length = snprintf(text, sizeof text, mapping, path);
    fuzz_require(rec_yaml_parse(&map, text, (size_t)length, "fuzz", &err) == REC_OK);
    if (rec_dataset_load(&d, map, 1, &err) == REC_OK) {
        fuzz_check_dataset(d);
        rec_dataset_free(d);
    } else {
        fuzz_require(err.status != REC_OK && err.status != REC_ERR_INTERNAL &&
                     err.message[0] != '\0');
    }
    rec_yaml_free(map);
    unlink(path);
}

#endif
