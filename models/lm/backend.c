#include "models/lm/backend.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

#define REC_LM_BACKEND(name) extern const rec_lm_backend_type rec_lm_backend_##name;
#include "models/lm/backends.def"
#undef REC_LM_BACKEND

#define REC_LM_BACKEND(name) &rec_lm_backend_##name,
const rec_lm_backend_type *const rec_lm_backends[] = {
#include "models/lm/backends.def"
};
#undef REC_LM_BACKEND

const size_t rec_n_lm_backends = sizeof rec_lm_backends / sizeof *rec_lm_backends;

const rec_lm_backend_type *rec_lm_backend_find(const char *name)
{
    for (size_t i = 0; i < rec_n_lm_backends; i++)
        if (strcmp(rec_lm_backends[i]->name, name) == 0)
            return rec_lm_backends[i];
    return NULL;
}

static rec_status unknown(const rec_yaml *node, const char *name, rec_error *err)
{
    const char *names[sizeof rec_lm_backends / sizeof *rec_lm_backends];
    for (size_t i = 0; i < rec_n_lm_backends; i++)
        names[i] = rec_lm_backends[i]->name;
    char hint[REC_HINT_MAX];
    return rec_yaml_fail(err, node, "backend: unknown back end \"%.80s\"%s (see `recai list lms`)",
                         name, rec_hint(hint, name, names, rec_n_lm_backends));
}

static rec_status find_type(const rec_lm_backend_type **out, const char *name, const rec_yaml *map,
                            rec_error *err)
{
    if (map->kind != REC_YAML_MAP)
        return rec_yaml_fail(err, map, "lms: %.80s: expected a mapping with `backend`", name);
    const rec_yaml *node = rec_yaml_get(map, "backend");
    if (node == NULL)
        return rec_yaml_fail(err, map, "lms: %.80s: backend: missing (see `recai list lms`)", name);
    const char *text;
    rec_status status = rec_yaml_string(&text, node, err);
    if (status != REC_OK)
        return status;
    *out = rec_lm_backend_find(text);
    return *out != NULL ? REC_OK : unknown(node, text, err);
}

rec_status rec_lm_entry_init(rec_lm_entry *out, const char *name, const rec_yaml *map,
                             rec_error *err)
{
    static const char *const ignore[] = {"backend", NULL};
    rec_lm_entry e = {0};
    rec_status status = find_type(&e.type, name, map, err);
    if (status != REC_OK)
        return status;
    e.name = rec_strdup(name, err);
    e.options = rec_alloc(1, e.type->size, err);
    status = e.name != NULL && e.options != NULL
                 ? rec_options_parse(e.options, e.type->options, map, ignore, err)
                 : REC_ERR_RESOURCE;
    if (status != REC_OK) {
        free(e.name);
        free(e.options);
        return status;
    }
    *out = e;
    return REC_OK;
}

/* Who has what is most often missing. */
static const struct {
    rec_lm_capability bit;
    const char *who;
} remedies[] = {{REC_LM_GENERATES, "a model that writes text"},
                {REC_LM_EMBEDS, "`backend: local`, or an endpoint with `embed_dim`"},
                {REC_LM_TRAINS, "`backend: local`"}};

rec_status rec_lm_entry_require(const rec_lm_entry *e, unsigned needed, rec_error *err)
{
    char lacks[96], has[96];
    unsigned can = e->type->can(e->options), missing = needed & ~can;
    const char *who = NULL;
    if (missing == 0)
        return REC_OK;
    for (size_t i = 0; i < sizeof remedies / sizeof *remedies; i++)
        if (missing & remedies[i].bit)
            who = remedies[i].who;
    rec_lm_capabilities_text(lacks, sizeof lacks, missing);
    rec_lm_capabilities_text(has, sizeof has, can);
    return rec_fail(err, REC_ERR_CONFIG, "\"%.80s\" (backend: %s) lacks: %s (it has: %s)%s%s",
                    e->name, e->type->name, lacks, has, who != NULL ? "; needed is " : "",
                    who != NULL ? who : "");
}

void rec_lm_entry_deinit(rec_lm_entry *e)
{
    if (e->options != NULL)
        rec_options_deinit(e->options, e->type->options);
    free(e->options);
    free(e->name);
    *e = (rec_lm_entry){0};
}

rec_status rec_lm_entry_open(rec_lm **out, const rec_lm_entry *e, rec_error *err)
{
    rec_status status = e->type->open(out, e->options, err);
    if (status != REC_OK && status != REC_ERR_INTERRUPTED)
        rec_error_prefix(err, "lms: %s", e->name);
    return status;
}
