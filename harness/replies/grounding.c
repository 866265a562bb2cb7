#include "harness/replies/grounding.h"

#include <stdlib.h>

#include "core/memory.h"
#include "datasets/dataset.h"
#include "datasets/strings.h"
#include "harness/replies/numerals.h"
#include "harness/replies/similarity.h"
#include "harness/replies/titles.h"

struct rec_grounder {
    rec_title_index *titles;
    rec_tfidf *similar; /* documents: the canonical titles of the index, folded */
    rec_strings *pool;
    const char **folded;    /* (canonical titles) */
    uint32_t *canonical_of; /* (n_items), UINT32_MAX = no title, or one without words */
    size_t n_items;
    double threshold;
};

void rec_grounder_free(rec_grounder *g)
{
    if (g == NULL)
        return;
    free(g->canonical_of);
    free(g->folded);
    rec_tfidf_free(g->similar);
    rec_title_index_free(g->titles);
    rec_strings_free(g->pool);
    free(g);
}

const rec_title_index *rec_grounder_titles(const rec_grounder *g)
{
    return g->titles;
}

/* One spelling of every canonical title, with its words divided. */
static rec_status fold_titles(rec_grounder *g, char *const *titles, rec_error *err)
{
    rec_status status = REC_OK;
    size_t n = rec_title_index_count(g->titles);
    REC_TRY_NEW(g->folded, n, err);
    REC_TRY_NEW(g->canonical_of, g->n_items, err);
    for (size_t i = 0; i < g->n_items; i++)
        g->canonical_of[i] = UINT32_MAX;
    for (uint32_t c = 0; c < n && status == REC_OK; c++) {
        char *folded = NULL;
        rec_item_range range = rec_title_index_items(g->titles, c);
        for (size_t i = 0; i < range.n; i++)
            g->canonical_of[range.items[i]] = c;
        status = rec_title_folded(&folded, rec_span_of(titles[range.items[0]]), err);
        if (status == REC_OK) {
            g->folded[c] = rec_strings_add(g->pool, folded, strlen(folded), err);
            status = g->folded[c] != NULL ? REC_OK : REC_ERR_RESOURCE;
        }
        free(folded);
    }
cleanup:
    return status;
}

rec_status rec_grounder_new(rec_grounder **out, char *const *titles, size_t n, double threshold,
                            rec_error *err)
{
    rec_grounder *g = NULL;
    rec_status status = REC_OK;
    *out = NULL;
    if (!(threshold > 0.0))
        return rec_fail(err, REC_ERR_CONFIG, "similarity threshold %g is not above 0", threshold);
    REC_TRY_NEW(g, 1, err);
    g->threshold = threshold;
    g->n_items = n;
    REC_TRY(rec_strings_new(&g->pool, err));
    REC_TRY(rec_title_index_new(&g->titles, titles, n, err));
    REC_TRY(fold_titles(g, titles, err));
    REC_TRY(rec_tfidf_new(&g->similar, g->folded, rec_title_index_count(g->titles),
                          REC_PIECES_WORDS, err));
    *out = g;
    g = NULL;
cleanup:
    rec_grounder_free(g);
    return status;
}

/* The best of some documents: the guard first, then the threshold, then whether it is the only one. */
typedef struct contest {
    const rec_grounder *g;
    const char *folded; /* the title that is looked for */
    uint32_t best;
    double similarity;
    bool tied;
} contest;

static void compete(contest *c, uint32_t document, double similarity)
{
    if (document == c->best || similarity < c->similarity - REC_NEAR_THRESHOLD ||
        rec_numerals_differ(c->folded, c->g->folded[document]))
        return;
    c->tied = similarity - c->similarity <= REC_NEAR_THRESHOLD && c->best != UINT32_MAX;
    if (similarity > c->similarity || !c->tied) {
        c->similarity = similarity;
        c->best = document;
    }
}

static void decide(rec_grounding *out, const contest *c)
{
    double threshold = c->g->threshold;
    out->similarity = c->similarity;
    out->near_threshold = c->similarity > threshold - REC_NEAR_THRESHOLD &&
                          c->similarity < threshold + REC_NEAR_THRESHOLD;
    if (c->best == UINT32_MAX || c->similarity < threshold)
        return;
    out->ambiguous = c->tied;
    if (c->tied)
        return;
    out->step = REC_GROUNDED_SIMILAR;
    out->items = rec_title_index_items(c->g->titles, c->best);
}

static void similar_candidate(rec_grounding *out, const rec_grounder *g, const char *folded,
                              const rec_tfidf_vector *v, const uint32_t *candidates, size_t n)
{
    contest c = {g, folded, UINT32_MAX, 0.0, false};
    for (size_t i = 0; i < n; i++) {
        uint32_t document = g->canonical_of[candidates[i]];
        if (document != UINT32_MAX)
            compete(&c, document, rec_tfidf_cosine_with(g->similar, v, document));
    }
    decide(out, &c);
}

static rec_status similar_title(rec_grounding *out, const rec_grounder *g, const char *folded,
                                const rec_tfidf_vector *v, rec_error *err)
{
    rec_tfidf_hit *hits = NULL;
    size_t n = 0;
    contest c = {g, folded, UINT32_MAX, 0.0, false};
    rec_status status = rec_tfidf_search(&hits, &n, g->similar, v, g->threshold, err);
    for (size_t i = 0; i < n; i++)
        compete(&c, hits[i].document, hits[i].similarity);
    decide(out, &c);
    free(hits);
    return status;
}

static rec_status ground_similar(rec_grounding *out, const rec_grounder *g, rec_span title,
                                 const uint32_t *candidates, size_t n_candidates, rec_error *err)
{
    char *folded = NULL;
    rec_tfidf_vector v = {0};
    rec_status status;
    REC_TRY(rec_title_folded(&folded, title, err));
    REC_TRY(rec_tfidf_vector_init(&v, g->similar, title, err));
    similar_candidate(out, g, folded, &v, candidates, n_candidates);
    if (out->step == REC_GROUNDED_NOT && !out->ambiguous)
        REC_TRY(similar_title(out, g, folded, &v, err));
cleanup:
    rec_tfidf_vector_deinit(&v);
    free(folded);
    return status;
}

rec_status rec_ground(rec_grounding *out, const rec_grounder *g, rec_span title,
                      const uint32_t *candidates, size_t n_candidates, rec_error *err)
{
    *out = (rec_grounding){.items = rec_title_index_exact(g->titles, title),
                           .step = REC_GROUNDED_EXACT,
                           .similarity = 1.0};
    if (out->items.n > 0)
        return REC_OK;
    rec_status status = rec_title_index_canonical(&out->items, g->titles, title, err);
    out->step = REC_GROUNDED_CANONICAL;
    if (status != REC_OK || out->items.n > 0)
        return status;
    *out = (rec_grounding){.step = REC_GROUNDED_NOT};
    return ground_similar(out, g, title, candidates, n_candidates, err);
}

void rec_grounded_list_deinit(rec_grounded_list *list)
{
    free(list->items);
    free(list->groundings);
    *list = (rec_grounded_list){0};
}

/* The first of the items that is in the set, or REC_NO_ITEM. */
static uint32_t first_in(rec_item_range items, const uint32_t *set, size_t n)
{
    for (size_t i = 0; i < items.n; i++)
        for (size_t j = 0; j < n; j++)
            if (items.items[i] == set[j])
                return set[j];
    return REC_NO_ITEM;
}

static uint32_t choose(rec_item_range items, const rec_grounding_context *c)
{
    if (items.n <= 1)
        return items.n == 1 ? items.items[0] : REC_NO_ITEM;
    uint32_t item = first_in(items, c->targets, c->n_targets);
    if (item == REC_NO_ITEM)
        item = first_in(items, c->candidates, c->n_candidates);
    if (item == REC_NO_ITEM)
        item = first_in(items, c->history, c->n_history);
    return item != REC_NO_ITEM ? item : items.items[0];
}

rec_status rec_ground_list(rec_grounded_list *out, const rec_grounder *g,
                           const rec_title_list *list, const rec_grounding_context *context,
                           rec_error *err)
{
    rec_status status = REC_OK;
    *out = (rec_grounded_list){.n = list->n};
    REC_TRY_NEW(out->items, list->n, err);
    REC_TRY_NEW(out->groundings, list->n, err);
    for (size_t i = 0; i < list->n; i++) {
        rec_grounding *at = &out->groundings[i];
        REC_TRY(rec_ground(at, g, rec_span_of(list->titles[i]), context->candidates,
                           context->n_candidates, err));
        out->items[i] = choose(at->items, context);
        out->n_near_threshold += at->near_threshold;
    }
cleanup:
    if (status != REC_OK)
        rec_grounded_list_deinit(out);
    return status;
}
