#include "harness/tasks/task.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

#define REC_TASK(name) extern const rec_task rec_task_##name;
#include "harness/tasks/tasks.def"
#undef REC_TASK

#define REC_TASK(name) &rec_task_##name,
const rec_task *const rec_tasks[] = {
#include "harness/tasks/tasks.def"
};
#undef REC_TASK

const size_t rec_n_tasks = sizeof rec_tasks / sizeof *rec_tasks;

const rec_task *rec_task_find(const char *name)
{
    for (size_t i = 0; i < rec_n_tasks; i++)
        if (strcmp(rec_tasks[i]->name, name) == 0)
            return rec_tasks[i];
    return NULL;
}

void rec_sample_set_deinit(rec_sample_set *s)
{
    rec_interactions_deinit(&s->history);
    rec_interactions_deinit(&s->test);
    rec_arena_deinit(&s->arena);
    rec_item_vectors_deinit(&s->vectors);
    cJSON_Delete(s->counts);
    if (s->text != NULL)
        s->text_free(s->text);
    *s = (rec_sample_set){0};
}

static rec_status unknown_type(const rec_yaml *node, const char *type, rec_error *err)
{
    const char *names[sizeof rec_tasks / sizeof *rec_tasks];
    for (size_t i = 0; i < rec_n_tasks; i++)
        names[i] = rec_tasks[i]->name;
    char hint[REC_HINT_MAX];
    rec_hint(hint, type, names, rec_n_tasks);
    return rec_yaml_fail(err, node, "type: unknown task \"%.80s\"%s (recai list tasks)", type,
                         hint);
}

static rec_status read_type(rec_task_entry *out, const rec_yaml *entry, rec_error *err)
{
    const rec_yaml *type = rec_yaml_get(entry, "type"), *name = rec_yaml_get(entry, "name");
    if (type == NULL)
        return rec_yaml_fail(err, entry, "type: missing (recai list tasks)");
    const char *type_text, *name_text;
    rec_status status = rec_yaml_string(&type_text, type, err);
    if (status == REC_OK)
        status = rec_yaml_string(&name_text, name != NULL ? name : type, err);
    if (status != REC_OK)
        return status;
    out->type = rec_task_find(type_text);
    if (out->type == NULL)
        return unknown_type(type, type_text, err);
    out->name = rec_strdup(name_text, err);
    return out->name != NULL ? REC_OK : REC_ERR_RESOURCE;
}

rec_status rec_task_entry_init(rec_task_entry *out, const rec_yaml *entry, rec_error *err)
{
    static const char *const ignore[] = {"type", "name", NULL};
    *out = (rec_task_entry){0};
    rec_status status = read_type(out, entry, err);
    if (status != REC_OK)
        return status;
    void *options = rec_alloc(1, out->type->size, err);
    status = options != NULL ? rec_options_parse(options, out->type->options, entry, ignore, err)
                             : REC_ERR_RESOURCE;
    if (status != REC_OK) {
        free(options);
        rec_task_entry_deinit(out);
        return status;
    }
    out->options = options;
    status = out->type->columns(out, entry, err);
    if (status != REC_OK)
        rec_task_entry_deinit(out);
    return status;
}

void rec_task_entry_deinit(rec_task_entry *t)
{
    if (t->options != NULL)
        rec_options_deinit(t->options, t->type->options);
    free(t->options);
    for (size_t i = 0; i < t->n_columns; i++)
        free(t->columns[i].owned_name);
    free(t->columns);
    free(t->name);
    *t = (rec_task_entry){0};
}

bool rec_task_accepts(const rec_task *task, unsigned can)
{
    return (task->needs & ~can) == 0 && (task->any_of == 0 || (task->any_of & can) != 0);
}

bool rec_task_is_text(const rec_task *task, unsigned can)
{
    unsigned without_text = REC_CAN_SCORE | REC_CAN_EMBED;
    return ((task->needs | task->any_of) & can & without_text) == 0;
}

size_t rec_task_n_columns(const rec_task_entry *t, unsigned can)
{
    return rec_task_is_text(t->type, can) ? t->n_columns : t->n_columns - t->n_text_columns;
}

size_t rec_task_group(const rec_task *task, unsigned can)
{
    const size_t usual = 64; /* what a kill loses at most, where no cache of replies is kept */
    if (!rec_task_is_text(task, can))
        return task->group;
    return task->text_group > 0 ? task->text_group : usual;
}

rec_status rec_job_set_text(rec_job *job, size_t i, const char *text, rec_error *err)
{
    if (job->texts == NULL)
        return REC_OK;
    char *kept = rec_strdup(text, err);
    if (kept == NULL)
        return REC_ERR_RESOURCE;
    free(job->texts[i]);
    job->texts[i] = kept;
    return REC_OK;
}

rec_status rec_job_ask(rec_job *job, const rec_request *requests, size_t n, rec_error *err)
{
    rec_request *kept = rec_arena_alloc(&job->arena, n, sizeof *kept, err);
    if (kept == NULL)
        return REC_ERR_RESOURCE;
    memcpy(kept, requests, n * sizeof *kept);
    job->requests = kept;
    job->n_requests = n;
    return REC_OK;
}
