#include "models/lm/pool.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

typedef struct member {
    rec_lm_entry entry;
    rec_lm *lm; /* owned; NULL before the first use */
} member;

struct rec_lm_pool {
    member *members;
    size_t n;
};

static rec_status fill(rec_lm_pool *p, const rec_yaml *lms, rec_error *err)
{
    if (lms->kind != REC_YAML_MAP)
        return rec_yaml_fail(err, lms, "lms: expected a mapping of names to language models");
    p->members = rec_alloc(lms->n, sizeof *p->members, err);
    if (p->members == NULL)
        return REC_ERR_RESOURCE;
    for (; p->n < lms->n; p->n++) {
        rec_status status =
            rec_lm_entry_init(&p->members[p->n].entry, lms->keys[p->n], lms->items[p->n], err);
        if (status != REC_OK)
            return status;
    }
    return REC_OK;
}

rec_status rec_lm_pool_new(rec_lm_pool **out, const rec_yaml *lms, rec_error *err)
{
    *out = NULL;
    rec_lm_pool *p = rec_alloc(1, sizeof *p, err);
    if (p == NULL)
        return REC_ERR_RESOURCE;
    rec_status status = rec_yaml_is_null(lms) ? REC_OK : fill(p, lms, err);
    if (status != REC_OK) {
        rec_lm_pool_free(p);
        return status;
    }
    *out = p;
    return REC_OK;
}

void rec_lm_pool_free(rec_lm_pool *p)
{
    if (p == NULL)
        return;
    for (size_t i = 0; i < p->n; i++) {
        rec_lm_free(p->members[i].lm);
        rec_lm_entry_deinit(&p->members[i].entry);
    }
    free(p->members);
    free(p);
}

size_t rec_lm_pool_count(const rec_lm_pool *p)
{
    return p != NULL ? p->n : 0;
}

const rec_lm_entry *rec_lm_pool_entry(const rec_lm_pool *p, size_t i)
{
    return &p->members[i].entry;
}

static member *find(const rec_lm_pool *p, const char *name)
{
    for (size_t i = 0; i < rec_lm_pool_count(p); i++)
        if (strcmp(p->members[i].entry.name, name) == 0)
            return &p->members[i];
    return NULL;
}

const rec_lm_entry *rec_lm_pool_find(const rec_lm_pool *p, const char *name)
{
    const member *m = find(p, name);
    return m != NULL ? &m->entry : NULL;
}

rec_status rec_lm_pool_get(rec_lm **out, rec_lm_pool *p, const char *name, rec_error *err)
{
    *out = NULL;
    member *m = find(p, name);
    if (m == NULL)
        return rec_fail(err, REC_ERR_CONFIG, "lms: no language model is named \"%.80s\"", name);
    rec_status status = m->lm == NULL ? rec_lm_entry_open(&m->lm, &m->entry, err) : REC_OK;
    *out = m->lm;
    return status;
}
