#include "harness/tasks/prompt.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/json.h"
#include "harness/replies/titles.h"
#include "harness/systems/item_text.h"

const rec_option rec_prompt_option_table[] = {
    {"version", "raised whenever the wording changes: figures of two versions are not comparable",
     offsetof(rec_prompt_options, version), REC_OPT_INT, .value = 1, .min = 1, .max = 1e9},
    {"system", "the system message; none: no such message", offsetof(rec_prompt_options, system),
     REC_OPT_STRING, .text = NULL},
    {"user", "the question, with {slots}", offsetof(rec_prompt_options, user), REC_OPT_STRING,
     .text = NULL},
    {"paraphrases",
     "probe: other wordings of the question; each is asked, figures are means, `consistency` tells "
     "whether answers agree",
     offsetof(rec_prompt_options, paraphrases), REC_OPT_STRINGS, .text = NULL},
    {"history_max", "{history} shows the latest so many items of it; 0 = all that fit",
     offsetof(rec_prompt_options, history_max), REC_OPT_INT, .value = 0, .min = 0, .max = 1e6},
    {"history_item", "one entry of {history}: {title}, {number} or {COLUMN} of the items",
     offsetof(rec_prompt_options, history_item), REC_OPT_STRING, .text = "{title}"},
    {"history_separator", "between two of them", offsetof(rec_prompt_options, history_separator),
     REC_OPT_STRING, .text = ", "},
    {"candidate_item", "one candidate or option: {title}, {number}, {letter} or {COLUMN}",
     offsetof(rec_prompt_options, candidate_item), REC_OPT_STRING, .text = "{title}"},
    {"candidate_separator", "between two of them",
     offsetof(rec_prompt_options, candidate_separator), REC_OPT_STRING, .text = "\n"},
    {"max_tokens", "of the answer", offsetof(rec_prompt_options, max_tokens), REC_OPT_INT,
     .value = 512, .min = 1, .max = 1e6},
    {"temperature", "0 = the likeliest token each time", offsetof(rec_prompt_options, temperature),
     REC_OPT_REAL, .value = 0, .min = 0, .max = 10},
    {"top_p", "draw from the likeliest tokens that make up so much",
     offsetof(rec_prompt_options, top_p), REC_OPT_REAL, .value = 1, .min = 0.01, .max = 1},
    {"stop", "the answer ends before these", offsetof(rec_prompt_options, stop), REC_OPT_STRINGS,
     .text = NULL},
    {"sanitise",
     "compat: the question loses all but ASCII letters, digits, _.,!?;:<>, blanks and line ends",
     offsetof(rec_prompt_options, sanitise), REC_OPT_BOOL, .value = 0},
    {.key = NULL},
};

/* ---- reading templates ---- */

static bool is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* Length of "{name}" at `text`, or 0: any other brace is itself. */
static size_t slot_length(const char *text)
{
    size_t n = 1;
    if (text[0] != '{')
        return 0;
    while (is_name(text[n]))
        n++;
    return n > 1 && text[n] == '}' ? n + 1 : 0;
}

static bool is_double_brace(const char *text)
{
    return (text[0] == '{' && text[1] == '{') || (text[0] == '}' && text[1] == '}');
}

static bool names_slot(const char *slot, size_t length, const char *name)
{
    return strlen(name) == length - 2 && strncmp(slot + 1, name, length - 2) == 0;
}

static rec_status check_text(const char *text, const char *key, const char *const *slots,
                             const rec_yaml *map, rec_error *err)
{
    for (const char *p = text; *p != '\0';) {
        size_t length = slot_length(p), i = 0;
        if (is_double_brace(p))
            p++;
        if (length == 0) {
            p++;
            continue;
        }
        while (slots[i] != NULL && !names_slot(p, length, slots[i]))
            i++;
        if (slots[i] == NULL) {
            const rec_yaml *prompt = rec_yaml_get(map, "prompt");
            const rec_yaml *node = prompt != NULL ? rec_yaml_get(prompt, key) : NULL;
            return rec_yaml_fail(err, node != NULL ? node : map,
                                 "prompt: %s: no slot is called %.*s (write {{ for a brace)", key,
                                 (int)length, p);
        }
        p += length;
    }
    return REC_OK;
}

rec_status rec_prompt_check(const rec_prompt_options *o, const char *const *slots,
                            const rec_yaml *map, rec_error *err)
{
    if (o->user == NULL || o->user[0] == '\0')
        return rec_yaml_fail(err, map, "prompt: user: missing");
    rec_status status = check_text(o->user, "user", slots, map, err);
    for (size_t i = 0; i < o->paraphrases.n && status == REC_OK; i++)
        status = check_text(o->paraphrases.items[i], "paraphrases", slots, map, err);
    return status == REC_OK && o->system != NULL ? check_text(o->system, "system", slots, map, err)
                                                 : status;
}

/* ---- writing prompts ---- */

typedef struct writer {
    const rec_catalogue *catalogue;
    const rec_prompt_slot *slots;
    size_t n_slots;
    rec_arena *arena;
    const char *role;
    bool sanitises;      /* as RecLM-eval does to its questions */
    uint32_t drop_order; /* of what is written now */
    rec_text_part *parts;
    size_t n, capacity;
} writer;

static rec_status grow(writer *w, rec_error *err)
{
    size_t capacity = w->capacity > 0 ? 2 * w->capacity : 32;
    rec_text_part *grown = rec_arena_alloc(w->arena, capacity, sizeof *grown, err);
    if (grown == NULL)
        return REC_ERR_RESOURCE;
    if (w->n > 0)
        memcpy(grown, w->parts, w->n * sizeof *grown);
    w->parts = grown;
    w->capacity = capacity;
    return REC_OK;
}

static rec_status put(writer *w, const char *text, size_t length, bool is_data, rec_error *err)
{
    if (length == 0)
        return REC_OK;
    rec_status status = w->n == w->capacity ? grow(w, err) : REC_OK;
    char *copy = status == REC_OK ? rec_arena_alloc(w->arena, length + 1, 1, err) : NULL;
    if (copy == NULL)
        return REC_ERR_RESOURCE;
    memcpy(copy, text, length);
    if (w->sanitises)
        length = rec_sanitise(copy, length);
    copy[length] = '\0';
    w->parts[w->n++] = (rec_text_part){
        .role = w->role, .text = copy, .is_data = is_data, .drop_order = w->drop_order};
    return REC_OK;
}

static rec_status put_string(writer *w, const char *text, bool is_data, rec_error *err)
{
    return put(w, text, strlen(text), is_data, err);
}

static rec_status put_number(writer *w, size_t number, rec_error *err)
{
    char text[24];
    snprintf(text, sizeof text, "%zu", number);
    return put_string(w, text, false, err);
}

/* What stands in place of a slot: of a template, or of the format of an item. */
typedef rec_status (*put_slot_fn)(writer *w, const void *context, const char *slot, size_t length,
                                  rec_error *err);

static rec_status put_template(writer *w, const char *text, put_slot_fn put_slot,
                               const void *context, rec_error *err)
{
    const char *start = text;
    rec_status status = REC_OK;
    for (const char *p = text; status == REC_OK; p++) {
        size_t length = slot_length(p);
        bool is_brace = is_double_brace(p);
        if (*p != '\0' && length == 0 && !is_brace)
            continue;
        status = put(w, start, (size_t)(p - start) + (is_brace ? 1 : 0), false, err);
        if (*p == '\0')
            break;
        if (status == REC_OK && !is_brace)
            status = put_slot(w, context, p, length, err);
        p += is_brace ? 1 : length - 1;
        start = p + 1;
    }
    return status;
}

/* ---- items ---- */

typedef struct entry {
    uint32_t item;
    size_t place; /* from 0 */
} entry;

static rec_status put_column(writer *w, const rec_column *c, uint32_t item, rec_error *err)
{
    rec_status status = REC_OK;
    char number[32];
    if (c->type == REC_COLUMN_TEXT)
        return c->text[item] != NULL ? put_string(w, c->text[item], true, err) : REC_OK;
    if (c->type != REC_COLUMN_TEXTS) {
        if (isnan(c->number[item]))
            return REC_OK;
        rec_format_double(number, c->number[item]);
        return put_string(w, number, true, err);
    }
    for (size_t i = c->start[item]; i < c->start[item + 1] && status == REC_OK; i++) {
        if (i > c->start[item])
            status = put_string(w, ", ", false, err);
        if (status == REC_OK)
            status = put_string(w, c->texts[i], true, err);
    }
    return status;
}

static rec_status put_item_slot(writer *w, const void *context, const char *slot, size_t length,
                                rec_error *err)
{
    const entry *e = context;
    char name[64];
    if (names_slot(slot, length, "title"))
        return put_string(w, rec_item_title(w->catalogue, e->item), true, err);
    if (names_slot(slot, length, "number"))
        return put_number(w, e->place + 1, err);
    if (names_slot(slot, length, "letter"))
        return put(w, &(char){(char)('A' + e->place % 26)}, 1, false, err);
    snprintf(name, sizeof name, "%.*s", (int)(length - 2), slot + 1);
    const rec_column *column;
    rec_status status = rec_catalogue_need_column(&column, w->catalogue, "prompt", name, err);
    return status == REC_OK ? put_column(w, column, e->item, err) : status;
}

static rec_status put_items(writer *w, const rec_prompt_slot *s, rec_error *err)
{
    rec_status status = s->n == 0 ? put_string(w, "none", false, err) : REC_OK;
    for (size_t i = 0; i < s->n && status == REC_OK; i++) {
        const entry e = {s->items[i], i};
        w->drop_order = s->may_drop ? (uint32_t)i + 1 : 0;
        status = put_template(w, s->item_format, put_item_slot, &e, err);
        if (status == REC_OK && i + 1 < s->n)
            status = put_string(w, s->separator, false, err);
    }
    w->drop_order = 0;
    return status;
}

static rec_status put_prompt_slot(writer *w, const void *context, const char *slot, size_t length,
                                  rec_error *err)
{
    (void)context;
    for (size_t i = 0; i < w->n_slots; i++) {
        const rec_prompt_slot *s = &w->slots[i];
        if (!names_slot(slot, length, s->name))
            continue;
        if (s->is_list)
            return put_items(w, s, err);
        return s->text != NULL ? put_string(w, s->text, true, err) : put_number(w, s->number, err);
    }
    return rec_fail(err, REC_ERR_INTERNAL, "prompt: a slot was not filled: %.*s", (int)length,
                    slot);
}

size_t rec_prompt_n_wordings(const rec_prompt_options *o)
{
    return 1 + o->paraphrases.n;
}

rec_prompt_options rec_prompt_wording(const rec_prompt_options *o, size_t i)
{
    rec_prompt_options out = *o;
    if (i > 0)
        out.user = o->paraphrases.items[i - 1];
    return out;
}

rec_prompt_slot rec_prompt_history(const rec_prompt_options *o, const rec_query *query)
{
    size_t n = query->n_history, first = 0;
    if (o->history_max > 0 && (size_t)o->history_max < n)
        first = n - (size_t)o->history_max;
    return (rec_prompt_slot){.name = "history",
                             .items = query->history + first,
                             .n = n - first,
                             .is_list = true,
                             .item_format = o->history_item,
                             .separator = o->history_separator,
                             .may_drop = true};
}

rec_status rec_prompt_build(rec_request *out, const rec_prompt_options *o,
                            const rec_prompt_slot *slots, size_t n_slots, const rec_catalogue *c,
                            rec_arena *arena, rec_error *err)
{
    writer w = {
        .catalogue = c, .slots = slots, .n_slots = n_slots, .arena = arena, .role = "system"};
    rec_status status = REC_OK;
    if (o->system != NULL)
        status = put_template(&w, o->system, put_prompt_slot, NULL, err);
    w.role = "user";
    w.sanitises = o->sanitise;
    if (status == REC_OK)
        status = put_template(&w, o->user, put_prompt_slot, NULL, err);
    out->kind = REC_REQUEST_TEXT;
    out->parts = w.parts;
    out->n_parts = w.n;
    out->text = (rec_text_settings){
        .max_tokens = (size_t)o->max_tokens,
        .temperature = o->temperature,
        .top_p = o->top_p,
        .stop = (const char *const *)o->stop.items,
        .n_stop = o->stop.n,
    };
    return status;
}

const char *rec_request_text(const rec_request *request, rec_arena *arena, rec_error *err)
{
    const char *role = "";
    rec_buffer text = {0};
    rec_status status = rec_buffer_puts(&text, "", err);
    for (size_t i = 0; i < request->n_parts && status == REC_OK; i++) {
        const rec_text_part *p = &request->parts[i];
        if (strcmp(role, p->role) != 0)
            status =
                rec_buffer_printf(&text, err, "%s[%s]\n", text.length > 0 ? "\n" : "", p->role);
        role = p->role;
        if (status == REC_OK)
            status = rec_buffer_puts(&text, p->text, err);
    }
    char *out = status == REC_OK ? rec_arena_alloc(arena, text.length + 1, 1, err) : NULL;
    if (out != NULL)
        memcpy(out, text.data, text.length + 1);
    rec_buffer_deinit(&text);
    return out;
}
