/* Amazon review data: reviews and item metadata as JSON lines, 2014 and 2018 (reviewerID, asin, overall,
 * unixReviewTime) or 2023 (user_id, parent_asin, rating, timestamp in milliseconds). The metadata of
 * 2014 is written as Python literals, not JSON; such a file is refused. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/json.h"
#include "core/memory.h"
#include "datasets/item_json.h"
#include "datasets/json_lines.h"
#include "datasets/reader.h"
#include "datasets/reader_paths.h"

typedef struct amazon {
    char *path, *metadata;
    bool texts;
    rec_string_list numbers;
} amazon;

static const rec_option amazon_options[] = {
    {"path", "file of reviews, one JSON object per line", offsetof(amazon, path), REC_OPT_STRING,
     .required = true},
    {"metadata", "file of item metadata, beside `path`; items without a review are left out",
     offsetof(amazon, metadata), REC_OPT_STRING, .text = NULL},
    {"texts", "keep the reviews as table \"reviews\"", offsetof(amazon, texts), REC_OPT_BOOL,
     .value = 0},
    {"numbers", "item columns that are numbers; what is none becomes missing",
     offsetof(amazon, numbers), REC_OPT_STRINGS, .text = "price,average_rating,rating_number"},
    {.key = NULL},
};

typedef struct review_columns {
    rec_table_builder *table; /* NULL: texts are not kept */
    rec_column_builder *user, *item, *value, *time, *title, *text;
} review_columns;

typedef struct reviews {
    rec_builder *b;
    review_columns columns;
} reviews;

/* The first of these members that is there. */
static const cJSON *member(const cJSON *object, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const cJSON *m = cJSON_GetObjectItemCaseSensitive(object, names[i]);
        if (m != NULL && !cJSON_IsNull(m))
            return m;
    }
    return NULL;
}

static rec_status need_text(const char **out, const cJSON *object, const char *const *names,
                            size_t n, rec_error *err)
{
    const cJSON *m = member(object, names, n);
    if (m == NULL)
        return rec_fail(err, REC_ERR_DATA, "no member \"%s\" (or \"%s\")", names[0], names[n - 1]);
    if (!cJSON_IsString(m))
        return rec_fail(err, REC_ERR_DATA, "%s: not a string", m->string);
    *out = m->valuestring;
    return REC_OK;
}

static rec_status need_number(double *out, const cJSON *object, const char *const *names, size_t n,
                              rec_error *err)
{
    const cJSON *m = member(object, names, n);
    if (m == NULL)
        return rec_fail(err, REC_ERR_DATA, "no member \"%s\" (or \"%s\")", names[0], names[n - 1]);
    if (!cJSON_IsNumber(m) || !isfinite(m->valuedouble))
        return rec_fail(err, REC_ERR_DATA, "%s: not a number", m->string);
    *out = m->valuedouble;
    return REC_OK;
}

static rec_status keep_text(review_columns *c, const cJSON *object, const char *user,
                            const char *item, double value, double time, rec_error *err)
{
    static const char *const titles[] = {"summary", "title"}, *const texts[] = {"reviewText",
                                                                                "text"};
    const cJSON *title = member(object, titles, 2), *text = member(object, texts, 2);
    rec_status status = REC_OK;
    if (c->table == NULL)
        return REC_OK;
    size_t row = rec_table_builder_row(c->table);
    REC_TRY(rec_column_set_text(c->user, row, user, strlen(user), err));
    REC_TRY(rec_column_set_text(c->item, row, item, strlen(item), err));
    REC_TRY(rec_column_set_number(c->value, row, value, err));
    REC_TRY(rec_column_set_number(c->time, row, time, err));
    if (cJSON_IsString(title))
        REC_TRY(rec_column_set_text(c->title, row, title->valuestring, strlen(title->valuestring),
                                    err));
    if (cJSON_IsString(text))
        REC_TRY(
            rec_column_set_text(c->text, row, text->valuestring, strlen(text->valuestring), err));
cleanup:
    return status;
}

static rec_status add_review(void *context, const cJSON *object, size_t line, rec_error *err)
{
    static const char *const users[] = {"reviewerID", "user_id"};
    static const char *const items[] = {"parent_asin", "asin"};
    static const char *const values[] = {"overall", "rating"};
    static const char *const times[] = {"unixReviewTime", "timestamp"};
    reviews *c = context;
    rec_status status = REC_OK;
    const char *user_id, *item_id;
    double value, time;
    uint32_t user, item;
    (void)line;
    REC_TRY(need_text(&user_id, object, users, 2, err));
    REC_TRY(need_text(&item_id, object, items, 2, err));
    REC_TRY(need_number(&value, object, values, 2, err));
    REC_TRY(need_number(&time, object, times, 2, err));
    if (cJSON_GetObjectItemCaseSensitive(object, "unixReviewTime") == NULL)
        time /= 1000.0; /* 2023 counts milliseconds */
    if (!isfinite((float)value)) {
        status = rec_fail(err, REC_ERR_DATA, "rating is out of range");
        goto cleanup;
    }
    REC_TRY(rec_builder_user(&user, c->b, user_id, strlen(user_id), err));
    REC_TRY(rec_builder_item(&item, c->b, item_id, strlen(item_id), err));
    REC_TRY(rec_builder_add(c->b, user, item, (float)value, time, REC_PART_NONE, err));
    REC_TRY(keep_text(&c->columns, object, user_id, item_id, value, time, err));
cleanup:
    return status;
}

static rec_status make_columns(review_columns *c, rec_builder *b, rec_error *err)
{
    rec_status status = REC_OK;
    REC_TRY(rec_builder_table(&c->table, b, "reviews", err));
    REC_TRY(rec_table_builder_column(&c->user, c->table, "user_id", REC_COLUMN_TEXT, err));
    REC_TRY(rec_table_builder_column(&c->item, c->table, "item_id", REC_COLUMN_TEXT, err));
    REC_TRY(rec_table_builder_column(&c->value, c->table, "value", REC_COLUMN_NUMBER, err));
    REC_TRY(rec_table_builder_column(&c->time, c->table, "time", REC_COLUMN_DATE, err));
    REC_TRY(rec_table_builder_column(&c->title, c->table, "title", REC_COLUMN_TEXT, err));
    REC_TRY(rec_table_builder_column(&c->text, c->table, "text", REC_COLUMN_TEXT, err));
cleanup:
    return status;
}

/* Python literals put their strings in single quotes: {'asin': ...}. */
static rec_status refuse_python(const char *path, rec_error *err)
{
    rec_text text;
    rec_status status = rec_text_read(&text, path, err);
    if (status != REC_OK)
        return status;
    if (text.length > 1 && text.data[0] == '{' && text.data[1] == '\'')
        status = rec_fail(err, REC_ERR_DATA,
                          "%s:1: Python literals, not JSON; convert the file, each line with "
                          "json.dumps(ast.literal_eval(line))",
                          path);
    rec_text_close(&text);
    return status;
}

static rec_status read_metadata(rec_builder *b, const char *folder, const char *name,
                                rec_error *err)
{
    char *path = NULL;
    rec_item_json_rules rules = {.known_only = true, .lines = true};
    rec_status status = rec_reader_need_file(&path, folder, name, err);
    if (status == REC_OK)
        status = refuse_python(path, err);
    if (status == REC_OK)
        status = rec_item_json_read(b, path, &rules, err);
    free(path);
    return status;
}

static rec_status amazon_read(const void *self, rec_builder *b, uint64_t seed, rec_error *err)
{
    const amazon *o = self;
    rec_status status = REC_OK;
    char *path = NULL, *folder = NULL;
    reviews context = {.b = b};
    (void)seed;
    rec_builder_set_rows(b, REC_ROWS_VALUE | REC_ROWS_TIME);
    REC_TRY(rec_data_path(&path, o->path, err));
    folder = rec_reader_folder_of(path, err);
    if (folder == NULL) {
        status = REC_ERR_RESOURCE;
        goto cleanup;
    }
    if (o->texts)
        REC_TRY(make_columns(&context.columns, b, err));
    REC_TRY(rec_json_lines_read(path, b, add_review, &context, err));
    if (!rec_builder_has_rows(b)) {
        status = rec_fail(err, REC_ERR_DATA, "%s: empty file; one review per line is due", path);
        goto cleanup;
    }
    if (o->metadata != NULL)
        REC_TRY(read_metadata(b, folder, o->metadata, err));
    REC_TRY(rec_builder_infer_types(b, &o->numbers, err));
cleanup:
    free(folder);
    free(path);
    return status;
}

static bool amazon_recognises(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash != NULL ? slash + 1 : path;
    return !rec_path_is_folder(path) && strstr(name, "reviews_") == name;
}

const rec_reader rec_reader_amazon = {
    .name = "amazon",
    .help = "Amazon reviews and item metadata",
    .files = "reviews (JSON lines, .gz), metadata (JSON lines, .gz)",
    .size = sizeof(amazon),
    .options = amazon_options,
    .recognises = amazon_recognises,
    .read = amazon_read,
};
