/* models/recommenders/run_file.c: scores that another program wrote, one line per user and item: a
 * TREC run ("user Q0 item rank score tag"; only user, item and score are read) or a delimited table
 * with a header. Items without a line are never ranked; a user without lines gets an empty list.
 * Lines of users or items that the dataset does not have are skipped and counted. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "core/progress.h"
#include "datasets/reader_paths.h"
#include "datasets/records.h"
#include "models/recommender.h"
#include "models/sparse.h"

typedef enum run_format { FORMAT_AUTO, FORMAT_TREC, FORMAT_CSV, FORMAT_TSV } run_format;
static const char *const format_names[] = {"auto", "trec", "csv", "tsv", NULL};

typedef struct run_file {
    char *path, *user, *item, *score;
    int format;
    rec_sparse scores; /* (n_users, n_items), owned */
} run_file;

static const rec_option run_file_options[] = {
    {.key = "path",
     .help = "file with the scores (data:NAME is looked up; .gz is read in place)",
     .offset = offsetof(run_file, path),
     .type = REC_OPT_STRING,
     .required = true,
     .is_file = true},
    {.key = "format",
     .help = "trec, csv or tsv (both with a header); auto: by the file's name, trec otherwise",
     .offset = offsetof(run_file, format),
     .type = REC_OPT_ENUM,
     .choices = format_names},
    {.key = "user",
     .help = "csv, tsv: column of user ids",
     .offset = offsetof(run_file, user),
     .type = REC_OPT_STRING,
     .text = "user"},
    {.key = "item",
     .help = "csv, tsv: column of item ids",
     .offset = offsetof(run_file, item),
     .type = REC_OPT_STRING,
     .text = "item"},
    {.key = "score",
     .help = "csv, tsv: column of scores, larger is better",
     .offset = offsetof(run_file, score),
     .type = REC_OPT_STRING,
     .text = "score"},
    {.key = NULL},
};

/* One line that names a known user and item. */
typedef struct line {
    uint32_t user, item;
    float score;
    size_t number; /* in the file */
} line;

typedef struct reading {
    const run_file *m;
    const rec_dataset *dataset;
    rec_records *records;
    size_t user, item, score, n_fields; /* places of fields */
    line *lines;                        /* owned */
    size_t n, capacity;
    size_t n_foreign; /* lines of unknown users or items */
} reading;

static run_format format_of(const run_file *m)
{
    if (m->format != FORMAT_AUTO)
        return (run_format)m->format;
    if (rec_ends_with(m->path, ".csv") || rec_ends_with(m->path, ".csv.gz"))
        return FORMAT_CSV;
    if (rec_ends_with(m->path, ".tsv") || rec_ends_with(m->path, ".tsv.gz"))
        return FORMAT_TSV;
    return FORMAT_TREC;
}

static rec_status find_column(size_t *out, const rec_field *fields, size_t n, const char *name,
                              const reading *r, rec_error *err)
{
    for (*out = 0; *out < n; (*out)++)
        if (rec_field_is(&fields[*out], name))
            return REC_OK;
    return rec_records_fail(err, r->records, NULL, "no column \"%s\" in the header", name);
}

static rec_status read_header(reading *r, rec_error *err)
{
    const rec_field *fields;
    rec_status status;
    REC_TRY(rec_records_next(&fields, &r->n_fields, r->records, err));
    if (r->n_fields == 0) {
        status = rec_fail(err, REC_ERR_DATA, "%s: the file is empty", rec_records_path(r->records));
        goto cleanup;
    }
    REC_TRY(find_column(&r->user, fields, r->n_fields, r->m->user, r, err));
    REC_TRY(find_column(&r->item, fields, r->n_fields, r->m->item, r, err));
    REC_TRY(find_column(&r->score, fields, r->n_fields, r->m->score, r, err));
cleanup:
    return status;
}

static rec_status open_records(reading *r, const char *path, rec_error *err)
{
    static const char *const delimiters[] = {
        [FORMAT_TREC] = " ", [FORMAT_CSV] = ",", [FORMAT_TSV] = "\t"};
    run_format format = format_of(r->m);
    rec_records_format how = {.delimiter = delimiters[format],
                              .quoting = format == FORMAT_CSV ? REC_QUOTES_FULL : REC_QUOTES_PLAIN};
    rec_status status = rec_records_open(&r->records, path, &how, err);
    if (status != REC_OK || format != FORMAT_TREC)
        return status == REC_OK ? read_header(r, err) : status;
    r->user = 0;
    r->item = 2;
    r->score = 4;
    r->n_fields = 6;
    return REC_OK;
}

/* Ids are looked up as terminated text. */
static rec_status id_text(char out[256], const reading *r, const rec_field *field, rec_error *err)
{
    if (field->length >= 256)
        return rec_records_fail(err, r->records, field, "an id of more than 255 bytes");
    memcpy(out, field->text, field->length);
    out[field->length] = '\0';
    return REC_OK;
}

static rec_status push_line(reading *r, line l, rec_error *err)
{
    if (r->n == r->capacity) {
        size_t capacity = r->capacity > 0 ? 2 * r->capacity : 1024;
        line *grown = rec_realloc(r->lines, capacity, sizeof *grown, err);
        if (grown == NULL)
            return REC_ERR_RESOURCE;
        r->lines = grown;
        r->capacity = capacity;
    }
    r->lines[r->n++] = l;
    return REC_OK;
}

static rec_status take_line(reading *r, const rec_field *fields, size_t n, rec_error *err)
{
    char user[256], item[256];
    double score;
    rec_status status;
    if (n != r->n_fields)
        return rec_records_fail(err, r->records, NULL, "%zu fields, wanted %zu", n, r->n_fields);
    REC_TRY(id_text(user, r, &fields[r->user], err));
    REC_TRY(id_text(item, r, &fields[r->item], err));
    REC_TRY(rec_records_number(&score, r->records, &fields[r->score], "score", err));
    line l = {rec_dataset_user(r->dataset, user), rec_dataset_item(r->dataset, item), (float)score,
              rec_records_line(r->records)};
    if (l.user == REC_NO_USER || l.item == REC_NO_ITEM)
        r->n_foreign++;
    else
        status = push_line(r, l, err);
cleanup:
    return status;
}

static int by_pair(const void *a, const void *b)
{
    const line *x = a, *y = b;
    if (x->user != y->user)
        return x->user < y->user ? -1 : 1;
    if (x->item != y->item)
        return x->item < y->item ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

static rec_status to_sparse(rec_sparse *out, const reading *r, rec_error *err)
{
    const rec_dataset *d = r->dataset;
    rec_status status = rec_sparse_init(out, d->n_users, d->catalogue.n_items, r->n, err);
    if (status != REC_OK)
        return status;
    if (r->n > 0)
        qsort(r->lines, r->n, sizeof *r->lines, by_pair);
    for (size_t i = 0; i < r->n; i++) {
        const line *l = &r->lines[i];
        if (i > 0 && l->user == l[-1].user && l->item == l[-1].item)
            return rec_fail(err, REC_ERR_DATA,
                            "%s:%zu: user %s and item %s already had a score in line %zu",
                            rec_records_path(r->records), l->number, d->user_ids[l->user],
                            d->catalogue.ids[l->item], l[-1].number);
        out->start[l->user + 1] = i + 1;
        out->column[i] = l->item;
        out->value[i] = l->score;
    }
    for (size_t u = 0; u < d->n_users; u++)
        if (out->start[u + 1] < out->start[u])
            out->start[u + 1] = out->start[u];
    return REC_OK;
}

static rec_status report_foreign(const reading *r, rec_error *err)
{
    const char *path = rec_records_path(r->records);
    if (r->n == 0)
        return rec_fail(err, REC_ERR_DATA,
                        "%s: none of its %zu lines names a user and an item of the dataset", path,
                        r->n_foreign);
    if (r->n_foreign > 0)
        rec_warn("%s: %zu of %zu lines name a user or an item that the dataset does not have", path,
                 r->n_foreign, r->n_foreign + r->n);
    return REC_OK;
}

static rec_status run_file_fit(void *self, const rec_fit_data *data, rec_error *err)
{
    run_file *m = self;
    reading r = {.m = m, .dataset = data->dataset};
    char *path = NULL;
    const rec_field *fields;
    size_t n;
    rec_status status;
    REC_TRY(rec_data_path(&path, m->path, err));
    REC_TRY(open_records(&r, path, err));
    for (;;) {
        REC_TRY(rec_records_next(&fields, &n, r.records, err));
        if (n == 0)
            break;
        REC_TRY(take_line(&r, fields, n, err));
    }
    REC_TRY(report_foreign(&r, err));
    REC_TRY(to_sparse(&m->scores, &r, err));
cleanup:
    rec_records_close(r.records);
    free(r.lines);
    free(path);
    return status;
}

static rec_status run_file_score(float *scores, const void *self, const rec_query *queries,
                                 size_t n, rec_error *err)
{
    const run_file *m = self;
    size_t n_items = m->scores.n_columns;
    for (size_t q = 0; q < n; q++) {
        float *row = scores + q * n_items;
        uint32_t user = queries[q].user;
        if (user == REC_NO_USER || user >= m->scores.n_rows)
            return rec_fail(err, REC_ERR_MODEL,
                            "run_file: it has scores of known users only (user_rows: true, or "
                            "--user)");
        for (size_t i = 0; i < n_items; i++)
            row[i] = -INFINITY;
        for (size_t i = m->scores.start[user]; i < m->scores.start[user + 1]; i++)
            row[m->scores.column[i]] = m->scores.value[i];
    }
    return REC_OK;
}

static rec_status run_file_save(const void *self, rec_tensor_writer *out, rec_error *err)
{
    return rec_sparse_save(&((const run_file *)self)->scores, "scores", out, err);
}

static rec_status run_file_load(void *self, const rec_tensor_file *in, const rec_dataset *dataset,
                                rec_error *err)
{
    return rec_sparse_load(&((run_file *)self)->scores, in, "scores", dataset->n_users,
                           dataset->catalogue.n_items, err);
}

static void run_file_deinit(void *self)
{
    rec_sparse_deinit(&((run_file *)self)->scores);
}

const rec_recommender rec_recommender_run_file = {
    .name = "run_file",
    .help = "scores that another program wrote to a TREC run, CSV or TSV file",
    .size = sizeof(run_file),
    .options = run_file_options,
    .has_user_rows = true,
    .fit = run_file_fit,
    .score = run_file_score,
    .save = run_file_save,
    .load = run_file_load,
    .deinit = run_file_deinit,
};
