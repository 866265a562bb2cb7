#include "models/lm/pool.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/progress.h"
#include "models/lm/cost.h"

typedef struct member {
    rec_lm_entry entry;
    rec_lm *lm; /* owned; NULL before the first use */
} member;

struct rec_lm_pool {
    member *members;
    size_t n;
    rec_lm_budget budget; /* shared by the paid models; limit -1 = none */
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
    p->budget.limit = -1;
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

void rec_lm_pool_limit_cost(rec_lm_pool *p, double dollars)
{
    p->budget = rec_lm_budget_of(dollars);
}

void rec_lm_pool_tell(const rec_lm_pool *p)
{
    for (size_t i = 0; i < rec_lm_pool_count(p); i++) {
        rec_lm_ledger ledger;
        char text[256];
        if (p->members[i].lm == NULL)
            continue;
        rec_lm_ledger_get(&ledger, p->members[i].lm);
        rec_lm_ledger_text(text, sizeof text, &ledger);
        if (text[0] != '\0')
            rec_info("lms: %s: %s", p->members[i].entry.name, text);
    }
}

static rec_status open_member(member *m, rec_lm_budget *budget, rec_error *err)
{
    rec_lm_price price;
    rec_lm *lm = NULL;
    rec_status status = rec_lm_entry_open(&lm, &m->entry, err);
    if (status == REC_OK && budget->limit >= 0 && lm->paid && !rec_lm_price_get(&price, lm)) {
        rec_lm_free(lm);
        return rec_fail(err, REC_ERR_CONFIG,
                        "lms: %.80s: a limit of costs needs the model's price (prices)",
                        m->entry.name);
    }
    if (status == REC_OK && budget->limit >= 0)
        rec_lm_share_budget(lm, budget);
    m->lm = lm;
    return status;
}

rec_status rec_lm_pool_get(rec_lm **out, rec_lm_pool *p, const char *name, rec_error *err)
{
    *out = NULL;
    member *m = find(p, name);
    if (m == NULL)
        return rec_fail(err, REC_ERR_CONFIG, "lms: no language model is named \"%.80s\"", name);
    rec_status status = m->lm == NULL ? open_member(m, &p->budget, err) : REC_OK;
    *out = m->lm;
    return status;
}
