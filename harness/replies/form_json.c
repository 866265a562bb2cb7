#include "core/json.h"
#include "harness/replies/forms.h"
#include "harness/replies/markup.h"

static rec_span skip_space(rec_span s)
{
    while (s.n > 0 && strchr(" \t\r\n", s.text[0]) != NULL)
        s = rec_span_from(s, 1);
    return s;
}

/* Bytes of the string or object that starts here, quotes and brackets in strings respected; 0 when it
 * is cut off or something else. */
static size_t value_length(rec_span s)
{
    size_t depth = 0;
    bool quoted = false;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.text[i];
        if (quoted && c == '\\')
            i++;
        else if (c == '"')
            quoted = !quoted;
        else if (!quoted && (c == '{' || c == '['))
            depth++;
        else if (!quoted && (c == '}' || c == ']') && depth > 0)
            depth--;
        else if (!quoted && depth == 0)
            return 0;
        if (!quoted && depth == 0)
            return i + 1;
    }
    return 0;
}

static const char *title_of(const cJSON *value)
{
    static const char *const members[] = {"title", "name", "item", "item_title"};
    if (cJSON_IsString(value))
        return value->valuestring;
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        const cJSON *member = cJSON_GetObjectItem(value, members[i]); /* "Title" as well */
        if (cJSON_IsString(member))
            return member->valuestring;
    }
    return NULL;
}

/* What is not JSON here is not an error: the reply may have another form. */
static rec_status add_value(rec_title_list *out, rec_span text, rec_error *err)
{
    cJSON *value = NULL;
    rec_error why;
    rec_status status = rec_json_parse(&value, text.text, text.n, "reply", 1, &why);
    if (status == REC_ERR_RESOURCE)
        return rec_fail(err, REC_ERR_RESOURCE, "%s", why.message);
    const char *title = value != NULL ? title_of(value) : NULL;
    status = REC_OK;
    if (title != NULL)
        status = rec_title_list_add(out, rec_markup_bare(rec_span_of(title)), err);
    cJSON_Delete(value);
    return status;
}

/* Values of an array behind its "[", until it ends, is cut off or turns out to be something else;
 * *rest is what follows. */
static rec_status add_values(rec_title_list *out, rec_span *rest, rec_error *err)
{
    rec_status status = REC_OK;
    rec_span s = skip_space(*rest);
    while (status == REC_OK && s.n > 0 && (s.text[0] == '"' || s.text[0] == '{')) {
        size_t n = value_length(s);
        if (n == 0) { /* cut off: nothing behind it can be whole */
            s = rec_span_from(s, s.n);
            break;
        }
        status = add_value(out, rec_span_to(s, n), err);
        s = skip_space(rec_span_from(s, n));
        if (!rec_span_starts(s, ","))
            break;
        s = skip_space(rec_span_from(s, 1));
    }
    *rest = s;
    return status;
}

rec_status rec_form_json(rec_title_list *out, rec_span answer, const rec_title_index *known,
                         rec_error *err)
{
    rec_status status = REC_OK;
    (void)known;
    while (status == REC_OK && out->n == 0 && answer.n > 0) {
        answer = rec_span_from(answer, rec_span_find(answer, "["));
        if (answer.n == 0)
            break;
        answer = skip_space(rec_span_from(answer, 1));
        if (rec_span_starts(answer, "]"))
            out->mode = REC_LIST_JSON; /* "[]": a list of nothing, if no other follows */
        else
            status = add_values(out, &answer, err);
    }
    if (out->n > 0)
        out->mode = REC_LIST_JSON;
    return status;
}
