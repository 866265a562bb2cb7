/* RecBole's atomic files (https://recbole.io/docs/user_guide/data/atomic_files.html): tab-separated,
 * a header of "name:type" with types token, float, token_seq, float_seq. NAME.inter holds the
 * interactions, NAME.item and NAME.user what is known about items and users. Differences: a
 * token_seq named like a title is one text (RecBole sees a bag of words); ids stay text. */
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "datasets/item_json.h"
#include "datasets/reader.h"
#include "datasets/reader_paths.h"
#include "datasets/records.h"
#include "datasets/tabular.h"

typedef struct recbole {
    char *path, *user, *item, *value, *time, *title;
    char *item_info;
    rec_string_list lists, numbers;
    bool quotes;
} recbole;

static const rec_option recbole_options[] = {
    {"path", "folder with NAME.inter (and .item, .user), or that file", offsetof(recbole, path),
     REC_OPT_STRING, .required = true},
    {"user", "field of user ids", offsetof(recbole, user), REC_OPT_STRING, .text = "user_id"},
    {"item", "field of item ids", offsetof(recbole, item), REC_OPT_STRING, .text = "item_id"},
    {"value", "field of ratings, if the file has it", offsetof(recbole, value), REC_OPT_STRING,
     .text = "rating"},
    {"time", "field of times, if the file has it", offsetof(recbole, time), REC_OPT_STRING,
     .text = "timestamp"},
    {"title", "field of .item with the title; default: the first that is named like one",
     offsetof(recbole, title), REC_OPT_STRING, .text = NULL},
    {"item_info", "JSON file in the same folder whose objects join the items; skipped if absent",
     offsetof(recbole, item_info), REC_OPT_STRING, .text = "items_info.json"},
    {"lists", "members of item_info that are lists with commas between", offsetof(recbole, lists),
     REC_OPT_STRINGS, .text = "genres,directors,cast,writers"},
    {"numbers", "item columns that are numbers; what is none becomes missing",
     offsetof(recbole, numbers), REC_OPT_STRINGS, .text = "release_year,year,price"},
    {"quotes", "fields may stand in double quotes", offsetof(recbole, quotes), REC_OPT_BOOL,
     .value = 1},
    {.key = NULL},
};

enum { MAX_FIELDS = 256 };

/* A header field "name:type" taken apart; name is owned. */
typedef struct atomic_field {
    char *name;
    char type[16];
} atomic_field;

typedef struct atomic_header {
    atomic_field fields[MAX_FIELDS];
    size_t n;
} atomic_header;

static void header_deinit(atomic_header *h)
{
    for (size_t i = 0; i < h->n; i++)
        free(h->fields[i].name);
    h->n = 0;
}

static rec_status header_field(atomic_header *h, const rec_records *r, const rec_field *field,
                               rec_error *err)
{
    static const char *const types[] = {"token", "float", "token_seq", "float_seq"};
    const char *colon = memchr(field->text, ':', field->length);
    if (colon == NULL || colon == field->text)
        return rec_records_fail(err, r, field,
                                "header: \"%.*s\" is not name:type (token, float, token_seq, "
                                "float_seq)",
                                (int)field->length, field->text);
    size_t length = (size_t)(field->text + field->length - colon - 1);
    for (size_t i = 0; i < 4; i++) {
        if (strlen(types[i]) != length || memcmp(types[i], colon + 1, length) != 0)
            continue;
        atomic_field *f = &h->fields[h->n];
        strcpy(f->type, types[i]);
        f->name = rec_memdup(field->text, (size_t)(colon - field->text) + 1, err);
        if (f->name == NULL)
            return REC_ERR_RESOURCE;
        f->name[colon - field->text] = '\0';
        h->n++;
        return REC_OK;
    }
    return rec_records_fail(err, r, field,
                            "header: unknown type \"%.*s\" (token, float, token_seq, float_seq)",
                            (int)length, colon + 1);
}

static rec_status read_header(atomic_header *h, rec_records *r, rec_error *err)
{
    const rec_field *fields;
    size_t n;
    h->n = 0;
    rec_status status = rec_records_next(&fields, &n, r, err);
    if (status != REC_OK)
        return status;
    if (n == 0)
        return rec_fail(err, REC_ERR_DATA, "%s: empty file; a header such as user_id:token is due",
                        rec_records_path(r));
    if (n > MAX_FIELDS)
        return rec_records_fail(err, r, NULL, "more than %d fields", MAX_FIELDS);
    for (size_t i = 0; i < n && status == REC_OK; i++)
        status = header_field(h, r, &fields[i], err);
    return status;
}

static size_t find_field(const atomic_header *h, const char *name)
{
    for (size_t i = 0; name != NULL && i < h->n; i++)
        if (strcmp(h->fields[i].name, name) == 0)
            return i;
    return REC_NO_FIELD;
}

static rec_status need_field(size_t *out, const atomic_header *h, const rec_records *r,
                             const char *name, const char *option, rec_error *err)
{
    *out = find_field(h, name);
    if (*out != REC_NO_FIELD)
        return REC_OK;
    return rec_records_fail(err, r, NULL, "no field \"%s\" in the header (option %s names another)",
                            name, option);
}

static rec_status open_atomic(rec_records **out, atomic_header *h, const recbole *o,
                              const char *path, rec_error *err)
{
    rec_records_format format = {.delimiter = "\t",
                                 .quoting = o->quotes ? REC_QUOTES_LINE : REC_QUOTES_PLAIN};
    rec_status status = rec_records_open(out, path, &format, err);
    return status == REC_OK ? read_header(h, *out, err) : status;
}

static rec_status read_inter(const recbole *o, rec_builder *b, const char *path, rec_part part,
                             bool parts, rec_error *err)
{
    rec_status status = REC_OK;
    rec_records *r = NULL;
    atomic_header h = {.n = 0};
    REC_TRY(open_atomic(&r, &h, o, path, err));
    rec_row_layout layout = {
        .n_fields = h.n, .value = find_field(&h, o->value), .time = find_field(&h, o->time)};
    REC_TRY(need_field(&layout.user, &h, r, o->user, "user", err));
    REC_TRY(need_field(&layout.item, &h, r, o->item, "item", err));
    if (!rec_builder_has_rows(b))
        rec_builder_set_rows(b, (layout.value != REC_NO_FIELD ? REC_ROWS_VALUE : 0u) |
                                    (layout.time != REC_NO_FIELD ? REC_ROWS_TIME : 0u) |
                                    (parts ? REC_ROWS_PART : 0u));
    size_t before = rec_records_get_counts(r).records;
    REC_TRY(rec_rows_read(b, r, &layout, part, err));
    if (rec_records_get_counts(r).records == before)
        status = rec_fail(err, REC_ERR_DATA, "%s: a header and no interactions", path);
cleanup:
    header_deinit(&h);
    rec_records_close(r);
    return status;
}

static rec_field_kind kind_of(const atomic_field *f)
{
    if (strcmp(f->type, "float") == 0)
        return REC_FIELD_NUMBER;
    return strcmp(f->type, "token") == 0 ? REC_FIELD_TEXT : REC_FIELD_TEXTS;
}

static size_t title_field(const atomic_header *h, const recbole *o)
{
    if (o->title != NULL)
        return find_field(h, o->title);
    for (size_t i = 0; i < h->n; i++)
        if (rec_is_title_name(h->fields[i].name))
            return i;
    return REC_NO_FIELD;
}

/* .item (table NULL) or .user. */
static rec_status read_attributes(const recbole *o, rec_builder *b, const char *path,
                                  const char *table, const char *id_name, rec_error *err)
{
    rec_status status = REC_OK;
    rec_records *r = NULL;
    atomic_header h = {.n = 0};
    rec_field_plan plan[MAX_FIELDS];
    size_t id, title;
    REC_TRY(open_atomic(&r, &h, o, path, err));
    REC_TRY(need_field(&id, &h, r, id_name, table != NULL ? "user" : "item", err));
    title = table == NULL ? title_field(&h, o) : REC_NO_FIELD;
    if (table == NULL && o->title != NULL && title == REC_NO_FIELD)
        REC_TRY(need_field(&title, &h, r, o->title, "title", err));
    for (size_t i = 0; i < h.n; i++)
        plan[i] = (rec_field_plan){
            .kind = i == id      ? REC_FIELD_ID
                    : i == title ? REC_FIELD_TITLE
                                 : kind_of(&h.fields[i]),
            .name = h.fields[i].name,
            .separator = ' ',
        };
    REC_TRY(table == NULL ? rec_items_read(b, r, plan, h.n, err)
                          : rec_table_read(b, table, r, plan, h.n, err));
cleanup:
    header_deinit(&h);
    rec_records_close(r);
    return status;
}

/* NAME out of the folder's only NAME.inter, or NAME.train.inter where the data comes divided. */
static rec_status find_base(char **out, const char *folder, rec_error *err)
{
    char *file = NULL;
    const char *ending = ".train.inter";
    rec_status status = rec_reader_only_file(&file, folder, ending, "path", err);
    if (status == REC_OK && file == NULL) {
        ending = ".inter";
        status = rec_reader_only_file(&file, folder, ending, "path", err);
    }
    if (status == REC_OK && file == NULL)
        return rec_fail(err, REC_ERR_DATA, "%s: no .inter file in this folder", folder);
    if (status != REC_OK)
        return status;
    if (rec_ends_with(file, ".gz"))
        file[strlen(file) - strlen(".gz")] = '\0';
    file[strlen(file) - strlen(ending)] = '\0';
    *out = file;
    return REC_OK;
}

/* A path that is a file is the file of interactions, whatever it is called (*inter, else NULL). */
static rec_status base_path(char **base, char **inter, const recbole *o, rec_error *err)
{
    rec_status status = rec_data_path(base, o->path, err);
    if (status != REC_OK)
        return status;
    char *path = *base;
    if (rec_path_is_folder(path)) {
        *base = NULL;
        status = find_base(base, path, err);
        free(path);
        return status;
    }
    *inter = rec_strdup(path, err);
    if (*inter == NULL)
        return REC_ERR_RESOURCE;
    static const char *const endings[] = {".gz", ".inter"};
    for (size_t i = 0; i < 2; i++)
        if (rec_ends_with(path, endings[i]))
            path[strlen(path) - strlen(endings[i])] = '\0';
    return REC_OK;
}

/* "BASE.ending" or that with ".gz"; *out NULL when there is neither. */
static rec_status existing(char **out, const char *base, const char *ending, rec_error *err)
{
    char *name = rec_format(err, "%s%s", base, ending);
    *out = NULL;
    if (name == NULL)
        return REC_ERR_RESOURCE;
    rec_status status = rec_reader_file(out, ".", name, err);
    free(name);
    return status;
}

static rec_status read_optional(const recbole *o, rec_builder *b, const char *base,
                                const char *ending, const char *table, const char *id, bool *found,
                                rec_error *err)
{
    char *path;
    rec_status status = existing(&path, base, ending, err);
    *found = path != NULL;
    if (status == REC_OK && path != NULL)
        status = read_attributes(o, b, path, table, id, err);
    free(path);
    return status;
}

static rec_status read_info(const recbole *o, rec_builder *b, const char *base, rec_error *err)
{
    if (o->item_info == NULL || o->item_info[0] == '\0')
        return REC_OK;
    const char *slash = strrchr(base, '/');
    char *path =
        rec_format(err, "%.*s%s", slash != NULL ? (int)(slash - base) + 1 : 0, base, o->item_info);
    if (path == NULL)
        return REC_ERR_RESOURCE;
    rec_status status = REC_OK;
    if (rec_path_exists(path)) {
        rec_item_json_rules rules = {.lists = &o->lists, .known_only = true};
        status = rec_item_json_read(b, path, &rules, err);
    }
    free(path);
    return status;
}

static rec_status read_interactions(const recbole *o, rec_builder *b, const char *base,
                                    const char *inter, rec_error *err)
{
    static const struct {
        const char *ending;
        rec_part part;
    } files[] = {{".train.inter", REC_PART_TRAIN},
                 {".valid.inter", REC_PART_VALID},
                 {".test.inter", REC_PART_TEST}};
    char *path;
    if (inter != NULL)
        return read_inter(o, b, inter, REC_PART_NONE, false, err);
    rec_status status = existing(&path, base, ".inter", err);
    if (status == REC_OK && path != NULL) {
        status = read_inter(o, b, path, REC_PART_NONE, false, err);
        free(path);
        return status;
    }
    size_t n_found = 0;
    for (size_t i = 0; i < 3 && status == REC_OK; i++) {
        status = existing(&path, base, files[i].ending, err);
        if (status == REC_OK && path != NULL) {
            n_found++;
            status = read_inter(o, b, path, files[i].part, true, err);
        }
        free(path);
    }
    if (status == REC_OK && n_found == 0)
        return rec_fail(err, REC_ERR_DATA, "%s.inter: no such file", base);
    return status;
}

static rec_status recbole_read(const void *self, rec_builder *b, uint64_t seed, rec_error *err)
{
    const recbole *o = self;
    rec_status status = REC_OK;
    char *base = NULL, *inter = NULL;
    bool items, users;
    (void)seed;
    REC_TRY(base_path(&base, &inter, o, err));
    REC_TRY(read_optional(o, b, base, ".item", NULL, o->item, &items, err));
    size_t n_described = rec_builder_n_items(b);
    REC_TRY(read_interactions(o, b, base, inter, err));
    REC_TRY(read_info(o, b, base, err));
    if (items)
        REC_TRY(rec_builder_count(b, "items_without_metadata", rec_builder_n_items(b) - n_described,
                                  err));
    REC_TRY(read_optional(o, b, base, ".user", "users", o->user, &users, err));
    REC_TRY(rec_builder_infer_types(b, &o->numbers, err));
cleanup:
    free(inter);
    free(base);
    return status;
}

static bool recbole_recognises(const char *path)
{
    char *base = NULL;
    if (!rec_path_is_folder(path))
        return rec_ends_with(path, ".inter") || rec_ends_with(path, ".inter.gz");
    bool found = find_base(&base, path, NULL) == REC_OK;
    free(base);
    return found;
}

const rec_reader rec_reader_recbole = {
    .name = "recbole",
    .help = "RecBole atomic files",
    .files = "NAME.inter or NAME.{train,valid,test}.inter; NAME.item, NAME.user, items_info.json",
    .size = sizeof(recbole),
    .options = recbole_options,
    .recognises = recbole_recognises,
    .read = recbole_read,
};
