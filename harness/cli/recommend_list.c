#include "harness/cli/recommend_list.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/json_build.h"
#include "core/memory.h"
#include "harness/cli/data_reclm_emb.h"
#include "harness/cli/output.h"
#include "harness/report/sheet.h"
#include "models/reclm_emb/data.h"
#include "models/reclm_emb/item_text.h"
#include "models/reclm_emb/read_query.h"

const char *const rec_list_formats[] = {"table", "md", "csv", "json", NULL};

enum { CONDITIONS_MAX = 16 };

struct rec_list_view {
    const rec_dataset *dataset;
    bool has_text;
    rec_emb_data_options options; /* with text */
    rec_emb_items items;          /* with text */
};

/* What a request states. */
typedef struct stated {
    rec_emb_condition conditions[CONDITIONS_MAX];
    size_t n;
} stated;

rec_status rec_list_view_new(rec_list_view **out, const rec_config *config, const rec_dataset *d,
                             bool has_text, rec_error *err)
{
    const rec_yaml *map = rec_data_reclm_emb_options(config->tree.root);
    rec_list_view *v = rec_alloc(1, sizeof *v, err);
    rec_status status = REC_OK;
    if (v == NULL)
        return REC_ERR_RESOURCE;
    v->dataset = d;
    if (has_text)
        status = rec_options_parse(&v->options, rec_emb_data_option_table, map, NULL, err);
    v->has_text = has_text && status == REC_OK;
    if (v->has_text)
        status = rec_emb_data_items(&v->items, &v->options, &d->catalogue, err);
    if (status != REC_OK) {
        rec_list_view_free(v);
        return status;
    }
    *out = v;
    return REC_OK;
}

void rec_list_view_free(rec_list_view *v)
{
    if (v != NULL && v->has_text) {
        rec_emb_items_deinit(&v->items);
        rec_options_deinit(&v->options, rec_emb_data_option_table);
    }
    free(v);
}

static stated read_stated(const rec_list_view *v, const char *query)
{
    stated s = {.n = 0};
    if (v->has_text && query != NULL)
        s.n = rec_emb_read_query(s.conditions, CONDITIONS_MAX, &v->items, query);
    return s;
}

static const char *title_of(const rec_list_view *v, uint32_t item)
{
    char *const *titles = v->dataset->catalogue.titles;
    return titles != NULL && titles[item] != NULL ? titles[item] : "";
}

/* ---- attributes and conditions as text ---- */

static rec_status put_separator(rec_buffer *out, size_t start, rec_error *err)
{
    return out->length > start ? rec_buffer_puts(out, ", ", err) : REC_OK;
}

static rec_status put_pair(rec_buffer *out, const char *key, const char *value, rec_error *err)
{
    rec_status status = put_separator(out, 0, err);
    return status == REC_OK ? rec_buffer_printf(out, err, "%s: %s", key, value) : status;
}

static rec_status put_numbers(rec_buffer *out, const rec_emb_items *x, uint32_t item,
                              rec_error *err)
{
    char text[REC_EMB_NUMBER_MAX];
    rec_status status = REC_OK;
    if (x->price != NULL && !isnan(x->price[item])) {
        rec_emb_price_text(text, x->price[item]);
        status = put_pair(out, "price", text, err);
    }
    if (status == REC_OK && x->date != NULL && !isnan(x->date[item])) {
        rec_emb_date_text(text, x->date[item], x->dates_are_years);
        status = put_pair(out, "release date", text, err);
    }
    return status;
}

/* "genre: crime,drama, price: 9.5", without title and description. */
static rec_status put_attributes(rec_buffer *out, const rec_emb_items *x, uint32_t item,
                                 rec_error *err)
{
    rec_status status = rec_buffer_puts(out, "", err);
    for (size_t a = 0; a < x->n_attributes && status == REC_OK; a++) {
        if (x->attributes[a].start[item + 1] == x->attributes[a].start[item])
            continue;
        status = put_separator(out, 0, err);
        if (status == REC_OK)
            status = rec_emb_attribute_text(out, x, item, a, err);
    }
    return status == REC_OK ? put_numbers(out, x, item, err) : status;
}

/* "+genre: crime -not genre: comedy": which of the stated conditions hold (+) and which do not (-). */
static rec_status put_held(rec_buffer *out, const rec_emb_items *x, const stated *s, uint32_t item,
                           rec_error *err)
{
    rec_status status = rec_buffer_puts(out, "", err);
    for (size_t i = 0; i < s->n && status == REC_OK; i++) {
        bool holds = rec_emb_holds(x, &s->conditions[i], item);
        status = rec_buffer_printf(out, err, "%s%s", i > 0 ? " " : "", holds ? "+" : "-");
        if (status == REC_OK)
            status = rec_emb_condition_text(out, x, &s->conditions[i], err);
    }
    return status;
}

/* ---- sheets ---- */

typedef rec_status (*text_writer)(rec_buffer *out, const rec_emb_items *x, const stated *s,
                                  uint32_t item, rec_error *err);

static rec_status attributes_of(rec_buffer *out, const rec_emb_items *x, const stated *s,
                                uint32_t item, rec_error *err)
{
    (void)s;
    return put_attributes(out, x, item, err);
}

static rec_status add_cell(rec_sheet *sheet, text_writer write, const rec_list_view *v,
                           const stated *s, uint32_t item, rec_error *err)
{
    rec_buffer text = {.length = 0};
    rec_status status = write(&text, &v->items, s, item, err);
    if (status == REC_OK)
        status = rec_sheet_cell(sheet, err, "%s", text.data);
    rec_buffer_deinit(&text);
    return status;
}

/* Where lists share a table it has the column, whether or not this query states something. */
static bool shows_conditions(const rec_list_view *v, const stated *s, bool with_query)
{
    return v->has_text && (s->n > 0 || with_query);
}

static rec_status add_columns(rec_sheet *sheet, const rec_list_view *v, const stated *s,
                              bool with_query, rec_error *err)
{
    rec_status status;
    if (with_query)
        REC_TRY(rec_sheet_column(sheet, "query", false, err));
    REC_TRY(rec_sheet_column(sheet, "rank", true, err));
    REC_TRY(rec_sheet_column(sheet, "item", false, err));
    REC_TRY(rec_sheet_column(sheet, "score", true, err));
    REC_TRY(rec_sheet_column(sheet, "title", false, err));
    if (v->has_text)
        REC_TRY(rec_sheet_column(sheet, "attributes", false, err));
    status = shows_conditions(v, s, with_query)
                 ? rec_sheet_column(sheet, "stated (+ holds, - does not)", false, err)
                 : REC_OK;
cleanup:
    return status;
}

static rec_status add_row(rec_sheet *sheet, const rec_list_view *v, const stated *s,
                          const rec_reply *reply, size_t i, const char *query, rec_error *err)
{
    uint32_t item = reply->items[i];
    rec_status status;
    if (query != NULL)
        REC_TRY(rec_sheet_cell(sheet, err, "%s", query));
    REC_TRY(rec_sheet_cell(sheet, err, "%zu", i + 1));
    REC_TRY(rec_sheet_cell(sheet, err, "%s", v->dataset->catalogue.ids[item]));
    REC_TRY(rec_sheet_cell(sheet, err, "%.6g", (double)reply->scores[i]));
    REC_TRY(rec_sheet_cell(sheet, err, "%s", title_of(v, item)));
    if (v->has_text)
        REC_TRY(add_cell(sheet, attributes_of, v, s, item, err));
    status =
        shows_conditions(v, s, query != NULL) ? add_cell(sheet, put_held, v, s, item, err) : REC_OK;
cleanup:
    return status;
}

/* @param query  a column of its own; NULL: none */
static rec_status put_sheet(rec_buffer *out, const rec_list_view *v, const stated *s,
                            const rec_reply *reply, const char *query, rec_format_kind kind,
                            rec_error *err)
{
    rec_sheet *sheet = NULL;
    rec_status status;
    REC_TRY(rec_sheet_new(&sheet, NULL, err));
    REC_TRY(add_columns(sheet, v, s, query != NULL, err));
    for (size_t i = 0; i < reply->n_ranked; i++)
        REC_TRY(add_row(sheet, v, s, reply, i, query, err));
    status = rec_sheet_print(out, sheet, kind, rec_output_width(), err);
cleanup:
    rec_sheet_free(sheet);
    return status;
}

/* One table of all lists: the header once, the query in front. */
static rec_status put_csv(rec_buffer *out, const rec_list_view *v, const stated *s,
                          const rec_reply *reply, const char *query, size_t place, rec_error *err)
{
    rec_buffer text = {.length = 0};
    rec_status status =
        put_sheet(&text, v, s, reply, place > 0 ? query : NULL, REC_FORMAT_CSV, err);
    if (status == REC_OK)
        status = rec_buffer_puts(out, place > 1 ? strchr(text.data, '\n') + 1 : text.data, err);
    rec_buffer_deinit(&text);
    return status;
}

/* ---- JSON ---- */

static rec_status add_held(cJSON *json, const rec_emb_items *x, const stated *s, uint32_t item,
                           rec_error *err)
{
    cJSON *held;
    rec_status status = rec_json_add_array(&held, json, "holds", err);
    for (size_t i = 0; i < s->n && status == REC_OK; i++)
        status = rec_json_add_bool(held, NULL, rec_emb_holds(x, &s->conditions[i], item), err);
    return status;
}

static rec_status add_item(cJSON *list, const rec_list_view *v, const stated *s,
                           const rec_reply *reply, size_t i, rec_error *err)
{
    uint32_t item = reply->items[i];
    rec_buffer attributes = {.length = 0};
    cJSON *json;
    rec_status status;
    REC_TRY(rec_json_add_object(&json, list, NULL, err));
    REC_TRY(rec_json_add_count(json, "rank", i + 1, err));
    REC_TRY(rec_json_add_text(json, "id", v->dataset->catalogue.ids[item], err));
    REC_TRY(rec_json_add_text(json, "title", title_of(v, item), err));
    REC_TRY(rec_json_add_real(json, "score", (double)reply->scores[i], err));
    if (v->has_text) {
        REC_TRY(put_attributes(&attributes, &v->items, item, err));
        REC_TRY(rec_json_add_text(json, "attributes", attributes.data, err));
        status = add_held(json, &v->items, s, item, err);
    }
cleanup:
    rec_buffer_deinit(&attributes);
    return status;
}

static rec_status add_conditions(cJSON *json, const rec_list_view *v, const stated *s,
                                 rec_error *err)
{
    cJSON *list;
    rec_buffer text = {.length = 0};
    rec_status status = rec_json_add_array(&list, json, "conditions", err);
    for (size_t i = 0; i < s->n && status == REC_OK; i++) {
        rec_buffer_clear(&text);
        status = rec_emb_condition_text(&text, &v->items, &s->conditions[i], err);
        if (status == REC_OK)
            status = rec_json_add_text(list, NULL, text.data, err);
    }
    rec_buffer_deinit(&text);
    return status;
}

static rec_status put_json(rec_buffer *out, const rec_list_view *v, const stated *s,
                           const rec_reply *reply, const char *query, rec_error *err)
{
    cJSON *json = NULL, *list;
    rec_status status;
    REC_TRY(rec_json_new_object(&json, err));
    if (query != NULL) {
        REC_TRY(rec_json_add_text(json, "query", query, err));
        REC_TRY(add_conditions(json, v, s, err));
    }
    REC_TRY(rec_json_add_array(&list, json, "items", err));
    for (size_t i = 0; i < reply->n_ranked; i++)
        REC_TRY(add_item(list, v, s, reply, i, err));
    status = rec_json_put_line(out, json, err);
cleanup:
    cJSON_Delete(json);
    return status;
}

rec_status rec_list_view_put(rec_buffer *out, const rec_list_view *v, const rec_reply *reply,
                             const char *query, size_t place, rec_list_format format,
                             rec_error *err)
{
    const stated s = read_stated(v, query);
    rec_status status = REC_OK;
    if (format == REC_LIST_JSON)
        return put_json(out, v, &s, reply, query, err);
    if (format == REC_LIST_CSV)
        return put_csv(out, v, &s, reply, query, place, err);
    if (place > 0)
        status = rec_buffer_printf(out, err, "%s%s\n\n", place > 1 ? "\n" : "", query);
    if (status == REC_OK)
        status =
            put_sheet(out, v, &s, reply, NULL,
                      format == REC_LIST_MARKDOWN ? REC_FORMAT_MARKDOWN : REC_FORMAT_TABLE, err);
    return status;
}
