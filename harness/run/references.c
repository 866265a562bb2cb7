#include "harness/run/references.h"

#include <stdlib.h>
#include <string.h>

#include "core/buffer.h"
#include "core/memory.h"

/* What walks the option tables of one entry. */
typedef struct walk {
    rec_config *config;
    rec_system_entry *system; /* whose uses are collected; NULL for tasks */
} walk;

static rec_status add_use(rec_system_entry *s, size_t index, rec_error *err)
{
    size_t *grown = rec_realloc(s->uses, s->n_uses + 1, sizeof *grown, err);
    if (grown == NULL)
        return REC_ERR_RESOURCE;
    s->uses = grown;
    grown[s->n_uses++] = index;
    return REC_OK;
}

static rec_status unresolved(const walk *w, const rec_option *o, const char *name,
                             const rec_yaml *node, rec_error *err)
{
    bool is_system = strcmp(o->refers_to, "system") == 0;
    size_t n_names = is_system ? w->config->n_systems : rec_lm_pool_count(w->config->lms), n = 0;
    const char **names = rec_alloc(n_names, sizeof *names, err);
    if (names == NULL)
        return REC_ERR_RESOURCE;
    for (; n < n_names; n++)
        names[n] =
            is_system ? w->config->systems[n].name : rec_lm_pool_entry(w->config->lms, n)->name;
    char hint[REC_HINT_MAX];
    rec_hint(hint, name, names, n);
    rec_yaml_fail(err, node, "%s: no %s is named \"%.80s\"%s", o->key, o->refers_to, name, hint);
    free(names);
    return REC_ERR_CONFIG;
}

static rec_status resolve_lm(walk *w, const rec_option *o, const char *name, const rec_yaml *node,
                             rec_error *err)
{
    const rec_lm_entry *entry = rec_lm_pool_find(w->config->lms, name);
    rec_error deep = {.status = REC_OK};
    if (entry == NULL)
        return unresolved(w, o, name, node, err);
    return rec_lm_entry_require(entry, o->needs, &deep) == REC_OK
               ? REC_OK
               : rec_yaml_fail(err, node, "%s: %s", o->key, deep.message);
}

static rec_status resolve_system(walk *w, const rec_option *o, const char *name,
                                 const rec_yaml *node, rec_error *err)
{
    char lacks[96];
    for (size_t i = 0; i < w->config->n_systems; i++) {
        const rec_system_entry *e = &w->config->systems[i];
        if (strcmp(e->name, name) != 0)
            continue;
        unsigned missing = o->needs & ~e->prototype->type.can;
        if (missing == 0)
            return w->system != NULL ? add_use(w->system, i, err) : REC_OK;
        rec_capabilities_text(lacks, sizeof lacks, missing);
        return rec_yaml_fail(err, node, "%s: \"%.80s\" (type: %s) cannot: %s", o->key, name,
                             e->prototype->type.name, lacks);
    }
    return unresolved(w, o, name, node, err);
}

/* Columns are of the data, which is not read yet; whoever uses one checks it. */
static rec_status resolve(walk *w, const rec_option *o, const char *name, const rec_yaml *node,
                          rec_error *err)
{
    if (strcmp(o->refers_to, "lm") == 0)
        return resolve_lm(w, o, name, node, err);
    return strcmp(o->refers_to, "system") == 0 ? resolve_system(w, o, name, node, err) : REC_OK;
}

static rec_status walk_table(walk *w, const void *values, const rec_option *table,
                             const rec_yaml *map, rec_error *err)
{
    rec_status status = REC_OK;
    for (const rec_option *o = table; o != NULL && o->key != NULL && status == REC_OK; o++) {
        const void *field = (const char *)values + o->offset;
        const rec_yaml *node = rec_yaml_get(map, o->key);
        if (o->type == REC_OPT_TABLE)
            status = walk_table(w, field, o->table, node, err);
        if (o->type != REC_OPT_REFERENCE)
            continue;
        const char *name = *(char *const *)field;
        if (name != NULL)
            status = resolve(w, o, name, node != NULL ? node : map, err);
    }
    return status;
}

/* ---- order ---- */

typedef enum mark { NEW, OPEN, DONE } mark;

typedef struct sorter {
    rec_config *config;
    mark *marks;
    size_t n_done;
} sorter;

static rec_status cycle(const rec_config *c, const size_t *path, size_t n_path, size_t again,
                        rec_error *err)
{
    rec_buffer names = {0};
    rec_status status = REC_OK;
    size_t first = 0;
    while (path[first] != again)
        first++;
    for (size_t i = first; i < n_path && status == REC_OK; i++)
        status = rec_buffer_printf(&names, err, "%s -> ", c->systems[path[i]].name);
    if (status == REC_OK)
        status = rec_yaml_fail(err, c->systems[again].map,
                               "systems refer to each other in a "
                               "circle: %s%s",
                               names.data, c->systems[again].name);
    rec_buffer_deinit(&names);
    return status;
}

/* Depth first; `path` holds the systems that are open. */
static rec_status visit(sorter *s, size_t system, size_t *path, size_t n_path, rec_error *err)
{
    rec_config *c = s->config;
    if (s->marks[system] == DONE)
        return REC_OK;
    if (s->marks[system] == OPEN)
        return cycle(c, path, n_path, system, err);
    s->marks[system] = OPEN;
    path[n_path] = system;
    for (size_t i = 0; i < c->systems[system].n_uses; i++) {
        rec_status status = visit(s, c->systems[system].uses[i], path, n_path + 1, err);
        if (status != REC_OK)
            return status;
    }
    s->marks[system] = DONE;
    c->order[s->n_done++] = system;
    return REC_OK;
}

static rec_status sort_systems(rec_config *c, rec_error *err)
{
    rec_status status;
    sorter s = {.config = c};
    size_t *path = NULL;
    REC_TRY_NEW(c->order, c->n_systems, err);
    REC_TRY_NEW(s.marks, c->n_systems, err);
    REC_TRY_NEW(path, c->n_systems + 1, err);
    for (size_t i = 0; i < c->n_systems; i++)
        REC_TRY(visit(&s, i, path, 0, err));
    status = REC_OK;
cleanup:
    free(path);
    free(s.marks);
    return status;
}

rec_status rec_resolve_references(rec_config *c, rec_error *err)
{
    for (size_t i = 0; i < c->n_systems; i++) {
        rec_system_entry *s = &c->systems[i];
        walk w = {.config = c, .system = s};
        rec_status status = walk_table(&w, rec_system_option_values(s->prototype),
                                       s->prototype->type.options, s->map, err);
        if (status != REC_OK)
            return status;
    }
    const rec_yaml *tasks = rec_yaml_get(c->tree.root, "tasks");
    for (size_t i = 0; i < c->n_tasks; i++) {
        walk w = {.config = c};
        rec_status status =
            walk_table(&w, c->tasks[i].options, c->tasks[i].type->options, tasks->items[i], err);
        if (status != REC_OK)
            return status;
    }
    return sort_systems(c, err);
}
