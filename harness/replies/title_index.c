#include "harness/replies/title_index.h"

#include <stdlib.h>

#include "core/memory.h"
#include "datasets/strings.h"
#include "harness/replies/titles.h"

/* Texts and, as CSR, the items of each. */
typedef struct title_groups {
    rec_interner texts;
    uint32_t *text_of; /* (n_items) number of an item's text, UINT32_MAX = none; until grouped */
    size_t *start;     /* (texts.n + 1) */
    uint32_t *items;
} title_groups;

struct rec_title_index {
    rec_strings *pool;
    title_groups exact, canonical;
    size_t n_commas;
};

static void groups_deinit(title_groups *g)
{
    rec_interner_deinit(&g->texts);
    free(g->text_of);
    free(g->start);
    free(g->items);
}

void rec_title_index_free(rec_title_index *index)
{
    if (index == NULL)
        return;
    groups_deinit(&index->exact);
    groups_deinit(&index->canonical);
    rec_strings_free(index->pool);
    free(index);
}

static rec_status groups_init(title_groups *g, rec_strings *pool, size_t n, rec_error *err)
{
    rec_status status = REC_OK;
    g->texts.pool = pool;
    REC_TRY_NEW(g->text_of, n, err);
    for (size_t i = 0; i < n; i++)
        g->text_of[i] = UINT32_MAX;
cleanup:
    return status;
}

/* Counting sort by text: inside a group the items stay ascending. */
static rec_status group_items(title_groups *g, size_t n, rec_error *err)
{
    rec_status status = REC_OK;
    REC_TRY_NEW(g->start, g->texts.n + 2, err);
    REC_TRY_NEW(g->items, n, err);
    size_t *start = g->start;
    for (size_t i = 0; i < n; i++)
        if (g->text_of[i] != UINT32_MAX)
            start[g->text_of[i] + 2]++;
    for (size_t t = 2; t < g->texts.n + 2; t++)
        start[t] += start[t - 1];
    for (size_t i = 0; i < n; i++)
        if (g->text_of[i] != UINT32_MAX)
            g->items[start[g->text_of[i] + 1]++] = (uint32_t)i;
    free(g->text_of);
    g->text_of = NULL;
cleanup:
    return status;
}

static size_t count_commas(const char *title)
{
    size_t n = 0;
    for (; *title != '\0'; title++)
        n += *title == ',';
    return n;
}

static rec_status add_title(rec_title_index *index, size_t item, const char *title, rec_error *err)
{
    char *canonical = NULL;
    rec_status status;
    size_t commas = count_commas(title);
    if (commas > index->n_commas)
        index->n_commas = commas;
    REC_TRY(rec_interner_add(&index->exact.text_of[item], &index->exact.texts, title, strlen(title),
                             err));
    REC_TRY(rec_title_canonical(&canonical, rec_span_of(title), err));
    if (canonical[0] != '\0')
        REC_TRY(rec_interner_add(&index->canonical.text_of[item], &index->canonical.texts,
                                 canonical, strlen(canonical), err));
cleanup:
    free(canonical);
    return status;
}

rec_status rec_title_index_new(rec_title_index **out, char *const *titles, size_t n, rec_error *err)
{
    rec_title_index *index = NULL;
    rec_status status = REC_OK;
    *out = NULL;
    if (n >= UINT32_MAX)
        return rec_fail(err, REC_ERR_RESOURCE, "%zu titles are too many (at most 2^32 - 2)", n);
    REC_TRY_NEW(index, 1, err);
    REC_TRY(rec_strings_new(&index->pool, err));
    REC_TRY(groups_init(&index->exact, index->pool, n, err));
    REC_TRY(groups_init(&index->canonical, index->pool, n, err));
    for (size_t i = 0; i < n; i++)
        if (titles[i] != NULL)
            REC_TRY(add_title(index, i, titles[i], err));
    REC_TRY(group_items(&index->exact, n, err));
    REC_TRY(group_items(&index->canonical, n, err));
    *out = index;
    index = NULL;
cleanup:
    rec_title_index_free(index);
    return status;
}

static rec_item_range items_of(const title_groups *g, uint32_t text)
{
    if (text == UINT32_MAX)
        return (rec_item_range){NULL, 0};
    return (rec_item_range){g->items + g->start[text], g->start[text + 1] - g->start[text]};
}

rec_item_range rec_title_index_exact(const rec_title_index *index, rec_span title)
{
    return items_of(&index->exact, rec_interner_find(&index->exact.texts, title.text, title.n));
}

rec_status rec_title_index_canonical(rec_item_range *out, const rec_title_index *index,
                                     rec_span title, rec_error *err)
{
    char *canonical = NULL;
    rec_status status = rec_title_canonical(&canonical, title, err);
    *out = (rec_item_range){NULL, 0};
    if (status == REC_OK && canonical[0] != '\0')
        *out = items_of(&index->canonical,
                        rec_interner_find(&index->canonical.texts, canonical, strlen(canonical)));
    free(canonical);
    return status;
}

size_t rec_title_index_commas(const rec_title_index *index)
{
    return index->n_commas;
}

size_t rec_title_index_count(const rec_title_index *index)
{
    return index->canonical.texts.n;
}

char *const *rec_title_index_texts(const rec_title_index *index)
{
    return index->canonical.texts.texts;
}

rec_item_range rec_title_index_items(const rec_title_index *index, uint32_t canonical)
{
    return items_of(&index->canonical, canonical);
}
