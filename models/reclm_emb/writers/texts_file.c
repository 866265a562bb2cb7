#include "models/reclm_emb/writers/texts_file.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "core/json_build.h"
#include "core/memory.h"
#include "datasets/strings.h"
#include "models/reclm_emb/files.h"
#include "models/reclm_emb/writers/prompts.h"

struct rec_emb_texts_file {
    char *path; /* owned */
    const rec_dataset *dataset;
    rec_strings *pool; /* owned: all texts */
    rec_interner ids;
    rec_emb_text_record *records; /* owned (ids.n) */
    size_t capacity;
    size_t n_lines;
    size_t n_whole; /* bytes up to the end of the last whole line that was read */
    bool has_tail;  /* half a line stood behind them */
};

/* ---- ids ---- */

static bool is_name(const char *text, size_t n, const char *name)
{
    return strlen(name) == n && memcmp(text, name, n) == 0;
}

/* "us2i/train/UNIT/PASS", UNIT a user or item of the data, which may have slashes itself. */
static const char *fault_of_id(const rec_dataset *d, const char *id, rec_error *err,
                               rec_status *status)
{
    size_t n_task = strcspn(id, "/"), task = 0, part = 0;
    const char *part_name = id + n_task + (id[n_task] == '/');
    size_t n_part = strcspn(part_name, "/");
    const char *unit = part_name + n_part + (part_name[n_part] == '/');
    const char *end = strrchr(unit, '/');
    *status = REC_OK;
    while (task < REC_EMB_N_TASKS && !is_name(id, n_task, rec_emb_tasks[task]->name))
        task++;
    while (part < REC_EMB_N_PARTS && !is_name(part_name, n_part, rec_emb_part_names[part]))
        part++;
    if (task == REC_EMB_N_TASKS || part == REC_EMB_N_PARTS || end == NULL || end[1] == '\0' ||
        end[1 + strspn(end + 1, "0123456789")] != '\0')
        return "is not of the form TASK/PART/USER OR ITEM/PASS";
    char *name = rec_format(err, "%.*s", (int)(end - unit), unit);
    if (name == NULL) {
        *status = REC_ERR_RESOURCE;
        return NULL;
    }
    bool by_user = rec_emb_tasks[task]->by_user;
    bool is_known = by_user ? rec_dataset_user(d, name) != REC_NO_USER
                            : rec_dataset_item(d, name) != REC_NO_ITEM;
    free(name);
    return is_known ? NULL : by_user ? "names no user of the data" : "names no item of the data";
}

/* ---- records ---- */

static rec_status keep(const char **out, rec_emb_texts_file *f, const char *text, rec_error *err)
{
    *out = text != NULL ? rec_strings_add(f->pool, text, strlen(text), err) : NULL;
    return text == NULL || *out != NULL ? REC_OK : REC_ERR_RESOURCE;
}

static rec_status put_record(rec_emb_texts_file *f, const char *id,
                             const rec_emb_text_record *record, rec_error *err)
{
    uint32_t number;
    rec_emb_text_record own;
    rec_status status;
    REC_TRY(rec_interner_add(&number, &f->ids, id, strlen(id), err));
    if (f->ids.n > f->capacity) {
        rec_emb_text_record *grown = rec_realloc(f->records, 2 * f->ids.n, sizeof *grown, err);
        if (grown == NULL)
            return REC_ERR_RESOURCE;
        f->records = grown;
        f->capacity = 2 * f->ids.n;
    }
    REC_TRY(keep(&own.text, f, record->text, err));
    REC_TRY(keep(&own.inputs, f, record->inputs, err));
    REC_TRY(keep(&own.key, f, record->key, err));
    f->records[number] = own;
cleanup:
    return status;
}

static const char *text_member(const cJSON *json, const char *key)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, key));
}

/* What is wrong with the record as it stands; NULL: nothing. */
static const char *fault_of(const cJSON *json)
{
    const char *status = text_member(json, "status"), *text = text_member(json, "text");
    if (!cJSON_IsObject(json) || text_member(json, "id") == NULL)
        return "an object with a string `id` is needed";
    if (status == NULL || (strcmp(status, "ok") != 0 && strcmp(status, "failed") != 0))
        return "`status`: \"ok\" or \"failed\" is needed";
    if (strcmp(status, "ok") == 0 && (text == NULL || text[strspn(text, " \t\r\n")] == '\0'))
        return "status \"ok\" needs a `text` that is not empty";
    return NULL;
}

static rec_status take_record(rec_emb_texts_file *f, const cJSON *json, size_t line, rec_error *err)
{
    const char *fault = fault_of(json), *id = text_member(json, "id");
    const cJSON *inputs = cJSON_GetObjectItemCaseSensitive(json, "inputs");
    rec_status status = REC_OK;
    char *printed = NULL;
    if (fault == NULL)
        fault = fault_of_id(f->dataset, id, err, &status);
    if (status != REC_OK)
        return status;
    if (fault != NULL)
        return rec_fail(err, REC_ERR_DATA, "%s:%zu: %s%.80s%s%s", f->path, line,
                        id != NULL ? "\"" : "", id != NULL ? id : "", id != NULL ? "\": " : "",
                        fault);
    if (inputs != NULL && (printed = rec_json_print(inputs, err)) == NULL)
        return REC_ERR_RESOURCE;
    bool is_ok = strcmp(text_member(json, "status"), "ok") == 0;
    const rec_emb_text_record record = {.text = is_ok ? text_member(json, "text") : NULL,
                                        .inputs = printed,
                                        .key = text_member(json, "key")};
    status = put_record(f, id, &record, err);
    free(printed);
    return status;
}

/* ---- files ---- */

static bool is_blank(const char *line, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!isspace((unsigned char)line[i]))
            return false;
    return true;
}

static rec_status read_lines(rec_emb_texts_file *f, const char *at, size_t length, rec_error *err)
{
    rec_status status = REC_OK;
    while (length > 0 && status == REC_OK) {
        const char *end = memchr(at, '\n', length);
        size_t n = end != NULL ? (size_t)(end - at) : length;
        cJSON *json = NULL;
        f->n_lines++;
        if (!is_blank(at, n))
            status = rec_json_parse(&json, at, n, f->path, f->n_lines, err);
        if (json != NULL)
            status = take_record(f, json, f->n_lines, err);
        cJSON_Delete(json);
        n += end != NULL;
        at += n;
        length -= n;
    }
    return status;
}

/* Bytes up to the end of the last whole line. */
static size_t whole_lines(const char *data, size_t length)
{
    while (length > 0 && data[length - 1] != '\n')
        length--;
    return length;
}

rec_status rec_emb_texts_open(rec_emb_texts_file **out, const char *path, bool grows,
                              const rec_dataset *dataset, rec_error *err)
{
    rec_text text = {.data = NULL};
    rec_status status;
    *out = NULL;
    rec_emb_texts_file *f = rec_alloc(1, sizeof *f, err);
    if (f == NULL)
        return REC_ERR_RESOURCE;
    f->dataset = dataset;
    f->path = rec_strdup(path, err);
    status = f->path != NULL ? REC_OK : REC_ERR_RESOURCE;
    REC_TRY(status);
    REC_TRY(rec_strings_new(&f->pool, err));
    f->ids.pool = f->pool;
    if (!grows || rec_path_exists(path)) {
        REC_TRY(rec_text_read(&text, path, err));
        size_t length = grows ? whole_lines(text.data, text.length) : text.length;
        f->n_whole = length;
        f->has_tail = length < text.length;
        status = read_lines(f, text.data, length, err);
    }
cleanup:
    rec_text_close(&text);
    if (status != REC_OK)
        rec_emb_texts_free(f);
    else
        *out = f;
    return status;
}

void rec_emb_texts_free(rec_emb_texts_file *f)
{
    if (f == NULL)
        return;
    rec_interner_deinit(&f->ids);
    rec_strings_free(f->pool);
    free(f->records);
    free(f->path);
    free(f);
}

const rec_emb_text_record *rec_emb_texts_find(const rec_emb_texts_file *f, const char *id)
{
    uint32_t number = rec_interner_find(&f->ids, id, strlen(id));
    return number != UINT32_MAX ? &f->records[number] : NULL;
}

/* What a stopped process left of a line goes before the first line of ours, not earlier: whoever only reads may
 * see the line that another process is writing. */
static rec_status cut_tail(rec_emb_texts_file *f, rec_error *err)
{
    if (f->has_tail && truncate(f->path, (off_t)f->n_whole) != 0)
        return rec_fail_errno(err, REC_ERR_RESOURCE, "%s", f->path);
    f->has_tail = false;
    return REC_OK;
}

/* One write() per line: another process sees whole lines, a killed one leaves at most a cut line. */
static rec_status write_line(const char *path, const char *line, size_t n, rec_error *err)
{
    int file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
    if (file < 0)
        return rec_fail_errno(err, REC_ERR_RESOURCE, "%s", path);
    while (n > 0) {
        ssize_t written = write(file, line, n);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            break;
        line += written;
        n -= (size_t)written;
    }
    rec_status status = REC_OK;
    if (n > 0 || fdatasync(file) != 0)
        status = rec_fail_errno(err, REC_ERR_RESOURCE, "%s", path);
    close(file);
    return status;
}

rec_status rec_emb_texts_append(rec_emb_texts_file *f, const cJSON *record, rec_error *err)
{
    rec_buffer line = {.length = 0};
    char *printed = rec_json_print(record, err);
    rec_status status =
        printed != NULL ? rec_buffer_printf(&line, err, "%s\n", printed) : REC_ERR_RESOURCE;
    if (status == REC_OK)
        status = cut_tail(f, err);
    if (status == REC_OK)
        status = write_line(f->path, line.data, line.length, err);
    if (status == REC_OK)
        status = take_record(f, record, ++f->n_lines, err);
    rec_buffer_deinit(&line);
    free(printed);
    return status;
}

/* ---- inputs ---- */

static rec_status add_facts(cJSON *json, const rec_emb_writer_source *source,
                            const rec_emb_ask *ask, rec_error *err)
{
    cJSON *list;
    rec_buffer text = {.length = 0};
    rec_status status = rec_json_add_array(&list, json, "facts", err);
    for (size_t i = 0; i < ask->n_conditions && status == REC_OK; i++) {
        rec_buffer_clear(&text);
        status = rec_emb_condition_text(&text, source->items, &ask->conditions[i], err);
        if (status == REC_OK)
            status = rec_json_add_text(list, NULL, text.data, err);
    }
    rec_buffer_deinit(&text);
    return status;
}

static rec_status add_style(cJSON *json, const rec_emb_style *style, rec_error *err)
{
    static const char *const voices[] = {"first person", "third person", "none"};
    static const char *const clarities[] = {"clear", "loose", "vague"};
    rec_status status;
    REC_TRY(rec_json_add_text(json, "voice", voices[style->voice], err));
    REC_TRY(rec_json_add_text(json, "clarity", clarities[style->clarity], err));
    REC_TRY(rec_json_add_count(json, "level", style->level, err));
    status = rec_json_add_count(json, "words", style->words, err);
cleanup:
    return status;
}

rec_status rec_emb_inputs_json(cJSON **out, const rec_emb_writer_source *source,
                               const rec_emb_ask *ask, rec_error *err)
{
    char *const *ids = source->items->catalogue->ids;
    bool is_about_user = ask->kind == REC_EMB_SUMMARY || ask->kind == REC_EMB_DIALOGUE;
    cJSON *list;
    rec_status status;
    REC_TRY(rec_json_new_object(out, err));
    REC_TRY(rec_json_add_text(*out, "kind", rec_emb_text_kind_names[ask->kind], err));
    if (ask->kind != REC_EMB_MISSPELLING)
        REC_TRY(add_style(*out, &ask->style, err));
    if (ask->kind == REC_EMB_DIALOGUE) {
        REC_TRY(rec_json_add_count(*out, "turns", ask->style.turns, err));
        REC_TRY(rec_json_add_bool(*out, "guesses", ask->style.guesses, err));
    }
    REC_TRY(rec_json_add_text(*out, "item", ids[ask->item], err));
    REC_TRY(rec_json_add_array(&list, *out, "history", err));
    for (size_t i = 0; is_about_user && i < ask->n_history; i++)
        REC_TRY(rec_json_add_text(list, NULL, ids[ask->history[i]], err));
    status = add_facts(*out, source, ask, err);
cleanup:
    if (status != REC_OK) {
        cJSON_Delete(*out);
        *out = NULL;
    }
    return status;
}

/* ---- what was asked ---- */

static rec_status add_prompt(cJSON *json, const rec_emb_writer_source *source,
                             const rec_emb_ask *ask, rec_error *err)
{
    rec_emb_prompt prompt;
    bool has_facts;
    rec_status status = rec_emb_prompt_make(&has_facts, &prompt, source, ask, err);
    if (status != REC_OK)
        return status;
    if (has_facts)
        status = rec_emb_prompt_json(json, &prompt, err);
    rec_emb_prompt_deinit(&prompt);
    return status;
}

rec_status rec_emb_record_ask(const char *generator, const rec_emb_writer_source *source,
                              const rec_emb_ask *ask, const char *text, rec_emb_outcome outcome,
                              rec_error *err)
{
    cJSON *json = NULL, *inputs;
    rec_status status;
    REC_TRY(rec_json_new_object(&json, err));
    REC_TRY(rec_json_add_text(json, "id", ask->id, err));
    REC_TRY(rec_json_add_text(json, "status", text != NULL ? "ok" : "failed", err));
    if (text != NULL)
        REC_TRY(rec_json_add_text(json, "text", text, err));
    REC_TRY(rec_json_add_text(json, "outcome", rec_emb_outcome_names[outcome], err));
    REC_TRY(rec_json_add_text(json, "generator", generator, err));
    REC_TRY(rec_emb_inputs_json(&inputs, source, ask, err));
    REC_TRY(rec_json_take(json, "inputs", inputs, err));
    REC_TRY(add_prompt(json, source, ask, err));
    status = rec_emb_write_line(source->record, json, err);
cleanup:
    cJSON_Delete(json);
    return status;
}
