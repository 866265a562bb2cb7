/* Any delimited file: which columns are user, item, value and time is said in the config, by name where
 * the file has a header, else by number from 1. Items and users may have files of their own. */
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "datasets/number.h"
#include "datasets/reader.h"
#include "datasets/reader_paths.h"
#include "datasets/records.h"
#include "datasets/tabular.h"

typedef struct csv {
    char *path, *delimiter;
    bool header, quotes, latin1;
    char *user, *item, *value, *time;
    char *items, *item_id, *title, *list_separator;
    char *users;
    rec_string_list lists, numbers, dates;
} csv;

static const rec_option csv_options[] = {
    {"path", "file of interactions", offsetof(csv, path), REC_OPT_STRING, .required = true},
    {"delimiter",
     "between fields; \"tab\"; \" \" is any run of blanks. Default: tab for .tsv, else ,",
     offsetof(csv, delimiter), REC_OPT_STRING, .text = NULL},
    {"header", "the first line names the columns", offsetof(csv, header), REC_OPT_BOOL, .value = 1},
    {"quotes", "fields may stand in double quotes (RFC 4180)", offsetof(csv, quotes), REC_OPT_BOOL,
     .value = 1},
    {"latin1", "lines that are not UTF-8 are ISO-8859-1", offsetof(csv, latin1), REC_OPT_BOOL,
     .value = 0},
    {"user", "column of user ids: a name, or a number from 1", offsetof(csv, user), REC_OPT_STRING,
     .text = "user_id"},
    {"item", "column of item ids", offsetof(csv, item), REC_OPT_STRING, .text = "item_id"},
    {"value", "column of values; default: none", offsetof(csv, value), REC_OPT_STRING,
     .text = NULL},
    {"time", "column of times, seconds or dates; default: none", offsetof(csv, time),
     REC_OPT_STRING, .text = NULL},
    {"items", "file with one line per item, in the same form, beside `path`", offsetof(csv, items),
     REC_OPT_STRING, .text = NULL},
    {"item_id", "its column of ids", offsetof(csv, item_id), REC_OPT_STRING, .text = "item_id"},
    {"title", "its column of titles; default: the first that is named like one",
     offsetof(csv, title), REC_OPT_STRING, .text = NULL},
    {"users", "file with one line per user, in the same form; becomes table \"users\"",
     offsetof(csv, users), REC_OPT_STRING, .text = NULL},
    {"lists", "columns that are lists", offsetof(csv, lists), REC_OPT_STRINGS, .text = "genres"},
    {"list_separator", "between the parts of a list", offsetof(csv, list_separator), REC_OPT_STRING,
     .text = "|"},
    {"numbers", "item columns that are numbers; what is none becomes missing",
     offsetof(csv, numbers), REC_OPT_STRINGS, .text = NULL},
    {"dates", "columns that are dates", offsetof(csv, dates), REC_OPT_STRINGS, .text = NULL},
    {.key = NULL},
};

enum { MAX_COLUMNS = 512 };

/* Names of the columns; "1", "2", ... where the file has no header. Owned. */
typedef struct header {
    char *names[MAX_COLUMNS];
    size_t n;
} header;

static void header_deinit(header *h)
{
    for (size_t i = 0; i < h->n; i++)
        free(h->names[i]);
    h->n = 0;
}

static rec_records_format format_of(const csv *o, const char *path)
{
    const char *delimiter = o->delimiter;
    if (delimiter == NULL)
        delimiter = rec_ends_with(path, ".tsv") || rec_ends_with(path, ".tsv.gz") ? "\t" : ",";
    else if (strcmp(delimiter, "tab") == 0)
        delimiter = "\t";
    return (rec_records_format){.delimiter = delimiter,
                                .quoting = o->quotes ? REC_QUOTES_FULL : REC_QUOTES_PLAIN,
                                .latin1 = o->latin1};
}

static rec_status name_columns(header *h, const rec_field *fields, size_t n, bool from_file,
                               rec_error *err)
{
    for (h->n = 0; h->n < n; h->n++) {
        const rec_field *f = &fields[h->n];
        h->names[h->n] = from_file ? rec_format(err, "%.*s", (int)f->length, f->text)
                                   : rec_format(err, "%zu", h->n + 1);
        if (h->names[h->n] == NULL)
            return REC_ERR_RESOURCE;
    }
    return REC_OK;
}

/* The first line is looked at in any case, since it says how many columns there are; without a header
 * the file is opened again. */
static rec_status open_csv(rec_records **out, header *h, const csv *o, const char *path,
                           rec_error *err)
{
    rec_records_format format = format_of(o, path);
    const rec_field *fields;
    size_t n;
    rec_status status = rec_records_open(out, path, &format, err);
    if (status == REC_OK)
        status = rec_records_next(&fields, &n, *out, err);
    if (status != REC_OK)
        return status;
    if (n == 0)
        return rec_fail(err, REC_ERR_DATA, "%s: empty file", path);
    if (n > MAX_COLUMNS)
        return rec_records_fail(err, *out, NULL, "more than %d columns", MAX_COLUMNS);
    status = name_columns(h, fields, n, o->header, err);
    if (status != REC_OK || o->header)
        return status;
    rec_records_close(*out);
    *out = NULL;
    return rec_records_open(out, path, &format, err);
}

/* By name, else by number. */
static size_t find_column(const header *h, const char *name)
{
    double number;
    for (size_t i = 0; i < h->n; i++)
        if (strcmp(h->names[i], name) == 0)
            return i;
    if (rec_number_is_decimal(name, strlen(name)) &&
        rec_number_parse(&number, name, strlen(name)) == REC_NUMBER_OK && number >= 1 &&
        number <= (double)h->n)
        return (size_t)number - 1;
    return REC_NO_FIELD;
}

static rec_status need_column(size_t *out, const header *h, const char *name, const char *option,
                              const char *path, rec_error *err)
{
    *out = REC_NO_FIELD;
    if (name == NULL)
        return REC_OK;
    *out = find_column(h, name);
    if (*out != REC_NO_FIELD)
        return REC_OK;
    char hint[REC_HINT_MAX];
    rec_hint(hint, name, (const char *const *)h->names, h->n);
    return rec_fail(err, REC_ERR_DATA, "%s:1: no column \"%s\" (option %s)%s", path, name, option,
                    hint);
}

static rec_status read_interactions(rec_builder *b, const csv *o, const char *path, rec_error *err)
{
    rec_status status = REC_OK;
    rec_records *r = NULL;
    header h = {.n = 0};
    rec_row_layout layout = {.dates = true};
    REC_TRY(open_csv(&r, &h, o, path, err));
    layout.n_fields = h.n;
    REC_TRY(need_column(&layout.user, &h, o->user, "user", path, err));
    REC_TRY(need_column(&layout.item, &h, o->item, "item", path, err));
    REC_TRY(need_column(&layout.value, &h, o->value, "value", path, err));
    REC_TRY(need_column(&layout.time, &h, o->time, "time", path, err));
    rec_builder_set_rows(b, (layout.value != REC_NO_FIELD ? REC_ROWS_VALUE : 0u) |
                                (layout.time != REC_NO_FIELD ? REC_ROWS_TIME : 0u));
    REC_TRY(rec_rows_read(b, r, &layout, REC_PART_NONE, err));
    if (!rec_builder_has_rows(b))
        status = rec_fail(err, REC_ERR_DATA, "%s: a header and no interactions", path);
cleanup:
    header_deinit(&h);
    rec_records_close(r);
    return status;
}

static bool contains(const rec_string_list *list, const char *name)
{
    for (size_t i = 0; i < list->n; i++)
        if (strcmp(list->items[i], name) == 0)
            return true;
    return false;
}

static rec_field_kind kind_of(const csv *o, const char *name)
{
    return contains(&o->lists, name)   ? REC_FIELD_TEXTS
           : contains(&o->dates, name) ? REC_FIELD_DATE
                                       : REC_FIELD_TEXT;
}

static size_t title_column(const header *h)
{
    for (size_t i = 0; i < h->n; i++)
        if (rec_is_title_name(h->names[i]))
            return i;
    return REC_NO_FIELD;
}

/* One line per item (table NULL) or per user. */
static rec_status read_attributes(rec_builder *b, const csv *o, const char *folder,
                                  const char *name, const char *table, rec_error *err)
{
    rec_status status = REC_OK;
    char *path = NULL;
    rec_records *r = NULL;
    header h = {.n = 0};
    rec_field_plan plan[MAX_COLUMNS];
    size_t id, title = REC_NO_FIELD;
    if (name == NULL)
        return REC_OK;
    REC_TRY(rec_reader_need_file(&path, folder, name, err));
    REC_TRY(open_csv(&r, &h, o, path, err));
    if (table == NULL) {
        REC_TRY(need_column(&id, &h, o->item_id, "item_id", path, err));
        REC_TRY(need_column(&title, &h, o->title, "title", path, err));
        title = o->title != NULL ? title : title_column(&h);
    } else {
        REC_TRY(need_column(&id, &h, o->user, "user", path, err));
    }
    for (size_t i = 0; i < h.n; i++)
        plan[i] = (rec_field_plan){.kind = i == id      ? REC_FIELD_ID
                                           : i == title ? REC_FIELD_TITLE
                                                        : kind_of(o, h.names[i]),
                                   .name = h.names[i],
                                   .separator = o->list_separator[0]};
    REC_TRY(table == NULL ? rec_items_read(b, r, plan, h.n, err)
                          : rec_table_read(b, table, r, plan, h.n, err));
cleanup:
    header_deinit(&h);
    rec_records_close(r);
    free(path);
    return status;
}

static rec_status check_options(const csv *o, rec_error *err)
{
    if (o->list_separator == NULL || strlen(o->list_separator) != 1)
        return rec_fail(err, REC_ERR_CONFIG, "csv: list_separator is one character");
    if (o->delimiter != NULL && o->delimiter[0] == '\0')
        return rec_fail(err, REC_ERR_CONFIG, "csv: delimiter is empty");
    return REC_OK;
}

static rec_status csv_read(const void *self, rec_builder *b, uint64_t seed, rec_error *err)
{
    const csv *o = self;
    rec_status status = REC_OK;
    char *path = NULL, *folder = NULL;
    (void)seed;
    REC_TRY(check_options(o, err));
    REC_TRY(rec_data_path(&path, o->path, err));
    folder = rec_reader_folder_of(path, err);
    if (folder == NULL) {
        status = REC_ERR_RESOURCE;
        goto cleanup;
    }
    REC_TRY(read_attributes(b, o, folder, o->items, NULL, err));
    size_t n_described = rec_builder_n_items(b);
    REC_TRY(read_interactions(b, o, path, err));
    if (o->items != NULL)
        REC_TRY(rec_builder_count(b, "items_without_metadata", rec_builder_n_items(b) - n_described,
                                  err));
    REC_TRY(read_attributes(b, o, folder, o->users, "users", err));
    REC_TRY(rec_builder_infer_types(b, &o->numbers, err));
cleanup:
    free(folder);
    free(path);
    return status;
}

static bool csv_recognises(const char *path)
{
    return !rec_path_is_folder(path) &&
           (strstr(path, ".csv") != NULL || strstr(path, ".tsv") != NULL);
}

const rec_reader rec_reader_csv = {
    .name = "csv",
    .help = "any delimited file, with a column map",
    .files = "one file of interactions; one of items, one of users",
    .size = sizeof(csv),
    .options = csv_options,
    .recognises = csv_recognises,
    .read = csv_read,
};
