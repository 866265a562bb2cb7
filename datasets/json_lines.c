#include "datasets/json_lines.h"

#include <string.h>

#include "core/interrupt.h"
#include "core/json.h"
#include "datasets/records.h"
#include "datasets/tabular.h"

const char *rec_json_scalar(const cJSON *value, char out[32])
{
    if (cJSON_IsString(value))
        return value->valuestring;
    if (cJSON_IsBool(value))
        return cJSON_IsTrue(value) ? "true" : "false";
    if (!cJSON_IsNumber(value))
        return NULL;
    rec_format_double(out, value->valuedouble);
    return out;
}

rec_status rec_json_add_list(rec_column_builder *c, size_t row, const cJSON *list, rec_error *err)
{
    const cJSON *element;
    cJSON_ArrayForEach(element, list)
    {
        char number[32];
        rec_status status = REC_OK;
        const char *text = rec_json_scalar(element, number);
        if (cJSON_IsArray(element))
            status = rec_json_add_list(c, row, element, err);
        else if (text != NULL)
            status = rec_column_add_text(c, row, text, strlen(text), err);
        if (status != REC_OK)
            return status;
    }
    return REC_OK;
}

static rec_status read_line(const rec_field *line, size_t number, const char *path,
                            rec_json_line_fn fn, void *context, rec_error *err)
{
    cJSON *object;
    rec_status status = rec_json_parse(&object, line->text, line->length, path, number, err);
    if (status != REC_OK)
        return status;
    status = cJSON_IsObject(object) ? fn(context, object, number, err)
                                    : rec_fail(err, REC_ERR_DATA, "not an object");
    cJSON_Delete(object);
    return status == REC_ERR_DATA ? rec_error_prefix(err, "%s:%zu", path, number) : status;
}

rec_status rec_json_lines_read(const char *path, rec_builder *b, rec_json_line_fn fn, void *context,
                               rec_error *err)
{
    rec_status status = REC_OK;
    rec_records *r = NULL;
    const rec_field *line;
    size_t n;
    REC_TRY(rec_records_open(&r, path, &(rec_records_format){.delimiter = NULL}, err));
    for (;;) {
        REC_TRY(rec_records_next(&line, &n, r, err));
        if (n == 0)
            break;
        REC_TRY(read_line(line, rec_records_line(r), path, fn, context, err));
        if (rec_records_line(r) % 4096 == 0)
            REC_TRY(rec_interrupt_check(err));
    }
    if (b != NULL)
        REC_TRY(rec_builder_count_records(b, r, err));
cleanup:
    rec_records_close(r);
    return status;
}
