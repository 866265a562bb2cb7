/* models/reclm_emb/original/attributes.c: rows about attributes; query2item (FA2I, SA2I in training),
 * sparse_query2item (SA2I in tests) and negquery2item (NA2I). */
#include <string.h>

#include "models/reclm_emb/original/original.h"

static rec_status wish_row(rec_emb_maker *m, uint32_t item, bool is_full, rec_error *err)
{
    static const rec_emb_finish finish = {
        .phrase = REC_EMB_PHRASE_ATTRIBUTES, .has_bare = true, .is_wrong = rec_emb_violates};
    size_t task = is_full ? REC_EMB_TASK_fa2i : REC_EMB_TASK_sa2i;
    bool open, made;
    rec_status status = rec_emb_open_row(&open, m, task, REC_NO_USER, item, err);
    if (status != REC_OK || !open)
        return status;
    status = rec_emb_original_wish(&made, m, is_full, 0, err);
    return status == REC_OK ? rec_emb_close_row(m, made, &finish, err) : status;
}

static rec_status query2item(rec_emb_maker *m, uint32_t item, rec_error *err)
{
    return wish_row(m, item, rec_emb_is_test(m) || rec_emb_visit_chance(m, REC_EMB_FULL_SHARE),
                    err);
}

const rec_emb_generator rec_emb_query2item = {
    .name = "query2item",
    .unit = REC_EMB_PER_ITEM,
    .passes = {3, 3},
    .makes = 1u << REC_EMB_TASK_fa2i | 1u << REC_EMB_TASK_sa2i,
    .visit = query2item,
};

static rec_status sparse_query2item(rec_emb_maker *m, uint32_t item, rec_error *err)
{
    return wish_row(m, item, false, err);
}

const rec_emb_generator rec_emb_sparse_query2item = {
    .name = "sparse_query2item",
    .unit = REC_EMB_PER_ITEM,
    .passes = {0, 3},
    .makes = 1u << REC_EMB_TASK_sa2i,
    .visit = sparse_query2item,
};

/* ---- negquery2item ---- */

enum { NAMES_MAX = 2, VALUES_MAX = 3 };

/* What is not wanted: values of one or two attributes. */
typedef struct unwanted {
    uint32_t attributes[NAMES_MAX];
    size_t n_attributes;
    rec_emb_condition conditions[NAMES_MAX * VALUES_MAX];
    size_t n_conditions;
} unwanted;

/* Attributes that have a value somewhere; lists first, as in the roles. */
static uint32_t names_of(uint32_t *names, const rec_emb_maker *m, bool only_lists)
{
    const rec_emb_items *x = m->source.items;
    uint32_t n = 0;
    for (size_t a = 0; a < x->n_attributes; a++)
        if (m->facts->value_start[a + 1] > m->facts->value_start[a] &&
            (!only_lists || x->attributes[a].is_list))
            names[n++] = (uint32_t)a;
    return n;
}

/* With probability 0.2 one list attribute, else one or two of all. */
static rec_status draw_names(unwanted *u, rec_emb_maker *m, rec_error *err)
{
    rec_emb_draft *d = &m->draft;
    uint32_t chosen[NAMES_MAX];
    uint32_t *names =
        rec_arena_alloc(&d->scratch, m->source.items->n_attributes + 1, sizeof *names, err);
    if (names == NULL)
        return REC_ERR_RESOURCE;
    bool only_lists = rec_emb_chance(m, 0.2) && names_of(names, m, true) > 0;
    uint32_t n = names_of(names, m, only_lists);
    uint32_t wanted = only_lists ? 1 : 1 + rec_rng_below(&d->rng, NAMES_MAX);
    u->n_attributes = wanted < n ? wanted : n;
    rec_rng_sample(chosen, &d->rng, n, (uint32_t)u->n_attributes);
    for (size_t i = 0; i < u->n_attributes; i++)
        u->attributes[i] = names[chosen[i]];
    return REC_OK;
}

/* One to three values of a list, one of anything else: "tags: a,b, developer: c". */
static rec_status draw_values(unwanted *u, rec_emb_maker *m, uint32_t attribute, rec_error *err)
{
    const rec_emb_items *x = m->source.items;
    const rec_emb_attribute *a = &x->attributes[attribute];
    const uint32_t *values = m->facts->values + m->facts->value_start[attribute];
    rec_emb_draft *d = &m->draft;
    uint32_t chosen[VALUES_MAX], wanted = a->is_list ? 1 + rec_rng_below(&d->rng, VALUES_MAX) : 1;
    uint32_t n =
        (uint32_t)(m->facts->value_start[attribute + 1] - m->facts->value_start[attribute]);
    rec_status status = REC_OK;
    wanted = wanted < n ? wanted : n;
    rec_rng_sample(chosen, &d->rng, n, wanted);
    for (uint32_t i = 0; i < wanted && status == REC_OK; i++) {
        const char *between = i > 0 ? "," : d->query.length > 0 ? ", " : "";
        u->conditions[u->n_conditions++] = (rec_emb_condition){
            .kind = REC_EMB_LACKS, .attribute = attribute, .value = values[chosen[i]]};
        status = rec_buffer_printf(&d->query, err, "%s%s%s%s", between, i == 0 ? a->key : "",
                                   i == 0 ? ": " : "", x->values.texts[values[chosen[i]]]);
    }
    return status;
}

/* Some of the items, drawn without replacement. */
static const uint32_t *draw_some(size_t *n_drawn, rec_emb_maker *m, const uint32_t *items, size_t n,
                                 size_t most, rec_error *err)
{
    rec_emb_draft *d = &m->draft;
    uint32_t *drawn;
    *n_drawn = n < most ? n : most;
    drawn = rec_arena_alloc(&d->rows->arena, *n_drawn + 1, sizeof *drawn, err);
    if (drawn == NULL)
        return NULL;
    rec_rng_sample(drawn, &d->rng, (uint32_t)n, (uint32_t)*n_drawn);
    for (size_t i = 0; i < *n_drawn; i++)
        drawn[i] = items[drawn[i]];
    return drawn;
}

/* Two items with none of the values, seven with one; tests want all that have none. */
static rec_status split_catalogue(bool *made, rec_emb_maker *m, rec_error *err)
{
    rec_emb_draft *d = &m->draft;
    rec_emb_row *row = d->row;
    size_t n_items = m->source.items->n, n_good = 0, n_bad = 0;
    uint32_t *good = rec_arena_alloc(&d->scratch, n_items, sizeof *good, err);
    uint32_t *bad = rec_arena_alloc(&d->scratch, n_items, sizeof *bad, err);
    if (good == NULL || bad == NULL)
        return REC_ERR_RESOURCE;
    for (uint32_t i = 0; i < n_items; i++) {
        if (rec_emb_violates(m, i))
            bad[n_bad++] = i;
        else
            good[n_good++] = i;
    }
    size_t wanted = (size_t)m->source.options->negatives;
    *made = n_good > 0 && n_bad > wanted / 2;
    if (!*made)
        return REC_OK;
    row->positives = draw_some(&row->n_positives, m, good, n_good, 2, err);
    row->negatives = draw_some(&row->n_negatives, m, bad, n_bad, wanted, err);
    if (row->positives == NULL || row->negatives == NULL)
        return REC_ERR_RESOURCE;
    row->item = row->positives[0]; /* whom the row is about: one of many */
    return rec_emb_is_test(m) ? rec_emb_draft_answers(d, good, n_good, err) : REC_OK;
}

static rec_status negquery2item(rec_emb_maker *m, uint32_t draw, rec_error *err)
{
    static const rec_emb_finish finish = {.phrase = REC_EMB_PHRASE_EXCLUSION};
    unwanted u = {.n_conditions = 0};
    bool open, made = false;
    (void)draw;
    rec_status status =
        rec_emb_open_row(&open, m, REC_EMB_TASK_na2i, REC_NO_USER, REC_NO_ITEM, err);
    if (status != REC_OK || !open)
        return status;
    REC_TRY(draw_names(&u, m, err));
    for (size_t i = 0; i < u.n_attributes; i++)
        REC_TRY(draw_values(&u, m, u.attributes[i], err));
    REC_TRY(rec_emb_draft_conditions(&m->draft, u.conditions, u.n_conditions, err));
    if (u.n_conditions > 0)
        REC_TRY(split_catalogue(&made, m, err));
    status = rec_emb_close_row(m, made, &finish, err);
cleanup:
    return status;
}

const rec_emb_generator rec_emb_negquery2item = {
    .name = "negquery2item",
    .unit = REC_EMB_PER_DRAW,
    .passes = {1, 1},
    .n_units = {30000, 7000},
    .makes = 1u << REC_EMB_TASK_na2i,
    .visit = negquery2item,
};
