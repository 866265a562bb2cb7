#include "datasets/export.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/file.h"
#include "core/interrupt.h"
#include "core/json.h"
#include "core/memory.h"

static rec_status open_in(rec_atomic_file *file, const char *folder, const char *name,
                          const char *ending, rec_error *err)
{
    char *path = rec_format(err, "%s/%s%s", folder, name, ending);
    if (path == NULL)
        return REC_ERR_RESOURCE;
    rec_status status = rec_atomic_open(file, path, err);
    free(path);
    return status;
}

/* Integers, which most ratings and times are, the short way. */
static void put_number(FILE *f, double value)
{
    char text[32];
    if (value == floor(value) && fabs(value) < 1e15)
        fprintf(f, "\t%lld", (long long)value);
    else {
        rec_format_double(text, value);
        fprintf(f, "\t%s", text);
    }
}

static rec_status write_inter(const rec_dataset *d, const char *folder, const char *name,
                              rec_error *err)
{
    const rec_interactions *x = &d->interactions;
    rec_atomic_file file = {.stream = NULL};
    rec_status status = open_in(&file, folder, name, ".inter", err);
    if (status != REC_OK)
        return status;
    FILE *f = file.stream;
    fprintf(f, "user_id:token\titem_id:token%s%s\n", x->value != NULL ? "\trating:float" : "",
            x->time != NULL ? "\ttimestamp:float" : "");
    for (size_t u = 0; u < x->n_users && status == REC_OK; u++) {
        for (size_t i = x->start[u]; i < x->start[u + 1]; i++) {
            fputs(d->user_ids[u], f);
            fputc('\t', f);
            fputs(d->catalogue.ids[x->item[i]], f);
            if (x->value != NULL)
                put_number(f, (double)x->value[i]);
            if (x->time != NULL)
                put_number(f, x->time[i]);
            fputc('\n', f);
        }
        status = rec_interrupt_check(err);
    }
    if (status == REC_OK)
        return rec_atomic_commit(&file, err);
    rec_atomic_abort(&file);
    return status;
}

static bool fits_a_field(const char *text)
{
    return strpbrk(text, "\t\r\n") == NULL && text[0] != '"';
}

static rec_status write_items(const rec_dataset *d, const char *folder, const char *name,
                              rec_error *err)
{
    const rec_catalogue *c = &d->catalogue;
    rec_atomic_file file = {.stream = NULL};
    rec_status status = open_in(&file, folder, name, ".item", err);
    if (status != REC_OK)
        return status;
    fputs("item_id:token\ttitle:token_seq\n", file.stream);
    for (size_t i = 0; i < c->n_items; i++) {
        bool fits = c->titles[i] != NULL && fits_a_field(c->titles[i]);
        fprintf(file.stream, "%s\t%s\n", c->ids[i], fits ? c->titles[i] : "");
    }
    return rec_atomic_commit(&file, err);
}

/* ---- attributes ---- */

static cJSON *texts_json(const rec_column *c, size_t item)
{
    cJSON *list = cJSON_CreateArray();
    for (size_t i = c->start[item]; i < c->start[item + 1] && list != NULL; i++)
        if (!cJSON_AddItemToArray(list, cJSON_CreateString(c->texts[i]))) {
            cJSON_Delete(list);
            return NULL;
        }
    return list;
}

static cJSON *date_json(double seconds)
{
    char text[32];
    struct tm day;
    time_t moment = (time_t)seconds;
    if (fmod(seconds, 86400) != 0 || gmtime_r(&moment, &day) == NULL ||
        strftime(text, sizeof text, "%Y-%m-%d", &day) != strlen("2000-01-01"))
        return cJSON_CreateNumber(seconds);
    return cJSON_CreateString(text);
}

/* *missing: nothing to write. */
static cJSON *value_json(const rec_column *c, size_t item, bool *missing)
{
    switch (c->type) {
    case REC_COLUMN_TEXT:
        *missing = c->text[item] == NULL;
        return *missing ? NULL : cJSON_CreateString(c->text[item]);
    case REC_COLUMN_TEXTS:
        *missing = c->start[item] == c->start[item + 1];
        return *missing ? NULL : texts_json(c, item);
    default:
        *missing = isnan(c->number[item]);
        if (*missing)
            return NULL;
        return c->type == REC_COLUMN_DATE ? date_json(c->number[item])
                                          : cJSON_CreateNumber(c->number[item]);
    }
}

static cJSON *item_json(const rec_catalogue *c, size_t item)
{
    cJSON *object = cJSON_CreateObject();
    bool complete =
        object != NULL && cJSON_AddStringToObject(object, "item_id", c->ids[item]) != NULL;
    if (complete && c->titles[item] != NULL && !fits_a_field(c->titles[item]))
        complete = cJSON_AddStringToObject(object, "title", c->titles[item]) != NULL;
    for (size_t k = 0; k < c->n_columns && complete; k++) {
        bool missing;
        cJSON *value = value_json(&c->columns[k], item, &missing);
        complete =
            missing || (value != NULL && cJSON_AddItemToObject(object, c->columns[k].name, value));
    }
    if (complete)
        return object;
    cJSON_Delete(object);
    return NULL;
}

static rec_status write_attributes(const rec_dataset *d, const char *folder, rec_error *err)
{
    rec_atomic_file file = {.stream = NULL};
    rec_status status = open_in(&file, folder, "items_info", ".json", err);
    if (status != REC_OK)
        return status;
    for (size_t i = 0; i < d->catalogue.n_items && status == REC_OK; i++) {
        cJSON *object = item_json(&d->catalogue, i);
        char *text = object != NULL ? rec_json_print(object, err) : NULL;
        if (text != NULL)
            fprintf(file.stream, "%s%s", i == 0 ? "[" : ",\n", text);
        else
            status = object != NULL ? REC_ERR_RESOURCE
                                    : rec_fail(err, REC_ERR_RESOURCE, "out of memory");
        free(text);
        cJSON_Delete(object);
    }
    if (status != REC_OK) {
        rec_atomic_abort(&file);
        return status;
    }
    fputs(d->catalogue.n_items > 0 ? "]\n" : "[]\n", file.stream);
    return rec_atomic_commit(&file, err);
}

rec_status rec_dataset_export(const rec_dataset *d, const char *folder, const char *name,
                              rec_error *err)
{
    rec_status status = rec_make_folders(folder, err);
    if (status == REC_OK)
        status = write_inter(d, folder, name, err);
    if (status == REC_OK)
        status = write_items(d, folder, name, err);
    if (status == REC_OK)
        status = write_attributes(d, folder, err);
    return status;
}
