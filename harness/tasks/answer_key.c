#include "harness/tasks/answer_key.h"

#include <stdlib.h>

#include "core/memory.h"
#include "harness/systems/item_text.h"

enum { N_POPULAR = 10000 };

typedef struct counted_item {
    uint32_t count, item;
} counted_item;

static int compare_counts(const void *a, const void *b)
{
    const counted_item *x = a, *y = b;
    if (x->count != y->count)
        return x->count > y->count ? -1 : 1;
    return (x->item > y->item) - (x->item < y->item);
}

rec_status rec_popular_titles_init(rec_popular_titles *out, const rec_task_data *data,
                                   rec_error *err)
{
    const rec_catalogue *c = &data->dataset->catalogue;
    *out = (rec_popular_titles){.n = c->n_items < N_POPULAR ? c->n_items : N_POPULAR};
    counted_item *items = rec_alloc(c->n_items, sizeof *items, err);
    out->titles = rec_alloc(out->n, sizeof *out->titles, err);
    if (items == NULL || out->titles == NULL) {
        free(items);
        rec_popular_titles_deinit(out);
        return REC_ERR_RESOURCE;
    }
    for (uint32_t i = 0; i < c->n_items; i++)
        items[i] = (counted_item){data->popularity[i], i};
    qsort(items, c->n_items, sizeof *items, compare_counts);
    for (size_t i = 0; i < out->n; i++)
        out->titles[i] = rec_item_title(c, items[i].item);
    free(items);
    return REC_OK;
}

void rec_popular_titles_deinit(rec_popular_titles *p)
{
    free(p->titles);
    *p = (rec_popular_titles){0};
}

void rec_popular_titles_offer(rec_lm_answer_key *key, const rec_popular_titles *p)
{
    key->popular = p->titles;
    key->n_popular = p->n;
}

static rec_status pick(const char *const **out, char *const *titles, const uint32_t *items,
                       size_t n, rec_arena *arena, rec_error *err)
{
    const char **picked = rec_arena_alloc(arena, n, sizeof *picked, err);
    *out = picked;
    for (size_t i = 0; picked != NULL && i < n; i++)
        picked[i] = titles[items[i]];
    return picked != NULL ? REC_OK : REC_ERR_RESOURCE;
}

rec_status rec_answer_key_fill(rec_lm_answer_key *out, char *const *titles,
                               const uint32_t *candidates, size_t n_candidates,
                               const uint32_t *targets, size_t n_targets, rec_arena *arena,
                               rec_error *err)
{
    *out = (rec_lm_answer_key){.n_candidates = candidates != NULL ? n_candidates : 0,
                               .n_targets = n_targets};
    rec_status status = pick(&out->candidates, titles, candidates, out->n_candidates, arena, err);
    return status == REC_OK ? pick(&out->targets, titles, targets, n_targets, arena, err) : status;
}
