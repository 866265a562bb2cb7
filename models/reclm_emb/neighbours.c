/* models/reclm_emb/neighbours.c: items that stand in many histories together (data.h has the formula). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "models/reclm_emb/data.h"

typedef struct counting {
    const rec_interactions *by_user,
        *by_item; /* rows of allowed users count, entries of allowed items */
    const bool *users, *items;
    double *degree;    /* (n_items) */
    uint32_t *count;   /* (n_items) of one item with each other; zero between items */
    uint32_t *touched; /* (n_items) */
} counting;

static bool allowed(const bool *mask, uint32_t i)
{
    return mask == NULL || mask[i];
}

/* Entries of a row that count. */
static size_t length_of(const counting *c, uint32_t user)
{
    size_t n = 0;
    for (size_t i = c->by_user->start[user]; i < c->by_user->start[user + 1]; i++)
        n += allowed(c->items, c->by_user->item[i]);
    return n;
}

static rec_status fill_degrees(counting *c, rec_error *err)
{
    c->degree = rec_alloc(c->by_user->n_items, sizeof *c->degree, err);
    if (c->degree == NULL)
        return REC_ERR_RESOURCE;
    for (uint32_t u = 0; u < c->by_user->n_users; u++) {
        if (!allowed(c->users, u))
            continue;
        size_t n = length_of(c, u);
        for (size_t i = c->by_user->start[u]; i < c->by_user->start[u + 1]; i++)
            if (allowed(c->items, c->by_user->item[i]))
                c->degree[c->by_user->item[i]] += (double)n - 1.0;
    }
    return REC_OK;
}

/* Counts of item a with all others; returns how many others. */
static size_t count_with(counting *c, uint32_t a)
{
    size_t n = 0;
    for (size_t i = c->by_item->start[a]; i < c->by_item->start[a + 1]; i++) {
        uint32_t u = c->by_item->item[i];
        if (!allowed(c->users, u))
            continue;
        for (size_t j = c->by_user->start[u]; j < c->by_user->start[u + 1]; j++) {
            uint32_t b = c->by_user->item[j];
            if (b == a || !allowed(c->items, b))
                continue;
            if (c->count[b]++ == 0)
                c->touched[n++] = b;
        }
    }
    return n;
}

/* Insert into a short list, most similar first. */
static void offer(uint32_t *items, double *sims, size_t *n, uint32_t item, double sim)
{
    size_t at = *n;
    while (at > 0 && (sims[at - 1] < sim || (sims[at - 1] == sim && items[at - 1] > item)))
        at--;
    if (at == REC_EMB_NEIGHBOURS)
        return;
    size_t last = *n < REC_EMB_NEIGHBOURS ? (*n)++ : REC_EMB_NEIGHBOURS - 1;
    for (size_t i = last; i > at; i--) {
        items[i] = items[i - 1];
        sims[i] = sims[i - 1];
    }
    items[at] = item;
    sims[at] = sim;
}

static size_t best_of(uint32_t *out, counting *c, uint32_t a)
{
    double sims[REC_EMB_NEIGHBOURS];
    size_t n = 0, n_touched = count_with(c, a);
    const double damping = 10.0;
    for (size_t i = 0; i < n_touched; i++) {
        uint32_t b = c->touched[i];
        double sim = c->count[b] / (sqrt(c->degree[a] * c->degree[b]) + damping);
        c->count[b] = 0;
        offer(out, sims, &n, b, sim);
    }
    return n;
}

rec_status rec_emb_neighbours_init(rec_emb_neighbours *out, const rec_interactions *histories,
                                   const bool *users, const bool *items, rec_error *err)
{
    size_t n_items = histories->n_items;
    rec_interactions by_item = {.n = 0};
    counting c = {.by_user = histories, .by_item = &by_item, .users = users, .items = items};
    rec_status status = REC_OK;
    *out = (rec_emb_neighbours){.start = NULL};
    REC_TRY_NEW(out->start, n_items + 1, err);
    REC_TRY_NEW(out->item, n_items * REC_EMB_NEIGHBOURS, err);
    REC_TRY_NEW(c.count, n_items, err);
    REC_TRY_NEW(c.touched, n_items, err);
    REC_TRY(rec_interactions_transpose(&by_item, histories, err));
    REC_TRY(fill_degrees(&c, err));
    for (uint32_t a = 0; a < n_items; a++) {
        size_t n = allowed(items, a) ? best_of(out->item + out->start[a], &c, a) : 0;
        out->start[a + 1] = out->start[a] + n;
    }
cleanup:
    rec_interactions_deinit(&by_item);
    free(c.degree);
    free(c.count);
    free(c.touched);
    if (status != REC_OK)
        rec_emb_neighbours_deinit(out);
    return status;
}

void rec_emb_neighbours_deinit(rec_emb_neighbours *x)
{
    free(x->start);
    free(x->item);
    *x = (rec_emb_neighbours){.start = NULL};
}
