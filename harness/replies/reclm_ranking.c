#include "harness/replies/reclm_ranking.h"

#include <stdlib.h>

#include "core/memory.h"
#include "harness/replies/list_parser.h"
#include "harness/replies/titles.h"

static bool is_among(const char *title, const char *const *titles, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(title, titles[i]) == 0)
            return true;
    return false;
}

static bool is_listed(const rec_title_list *list, const char *title)
{
    return is_among(title, (const char *const *)list->titles, list->n);
}

static rec_span without_wrapper(rec_span title)
{
    bool opens = rec_span_starts(title, "<SOI>"), closes = rec_span_ends(title, "<EOI>");
    if (opens && closes && title.n >= strlen("<SOI><EOI>"))
        return rec_span_trim((rec_span){title.text + 5, title.n - 10});
    if (opens)
        return rec_span_trim(rec_span_from(title, 5));
    return closes ? rec_span_trim(rec_span_to(title, title.n - 5)) : title;
}

/* Index of the candidate that a title stands for, n_candidates for none. */
static rec_status find_candidate(size_t *out, rec_span title, const rec_reclm_ranking *r,
                                 char *const *forms, rec_error *err)
{
    char *form = NULL;
    for (*out = 0; *out < r->n_candidates; (*out)++)
        if (rec_span_equals(title, r->candidates[*out]))
            return REC_OK;
    rec_status status = rec_title_ascii(&form, title, err);
    for (size_t i = r->n_candidates; status == REC_OK && i > 0 && *out == r->n_candidates; i--)
        if (strcmp(form, forms[i - 1]) == 0)
            *out = i - 1;
    free(form);
    return status;
}

static rec_status map_titles(rec_title_list *out, const rec_title_list *replied,
                             const rec_reclm_ranking *r, char *const *forms, rec_error *err)
{
    rec_status status = REC_OK;
    for (size_t i = 0; status == REC_OK && i < replied->n; i++) {
        size_t c;
        status =
            find_candidate(&c, without_wrapper(rec_span_of(replied->titles[i])), r, forms, err);
        if (status == REC_OK && c < r->n_candidates && r->candidates[c][0] != '\0' &&
            !is_listed(out, r->candidates[c]))
            status = rec_title_list_add(out, rec_span_of(r->candidates[c]), err);
    }
    return status;
}

static void drop_history(rec_title_list *list, const rec_reclm_ranking *r)
{
    size_t kept = 0;
    for (size_t i = 0; i < list->n; i++) {
        if (is_among(list->titles[i], r->history, r->n_history))
            free(list->titles[i]);
        else
            list->titles[kept++] = list->titles[i];
    }
    list->n = kept;
}

static rec_status pad(rec_title_list *list, const rec_reclm_ranking *r, rec_rng *rng,
                      rec_error *err)
{
    const char **pool = NULL;
    size_t n = 0;
    rec_status status = REC_OK;
    REC_TRY_NEW(pool, r->n_candidates, err);
    for (size_t i = 0; i < r->n_candidates; i++)
        if (!is_listed(list, r->candidates[i]) &&
            !is_among(r->candidates[i], r->history, r->n_history))
            pool[n++] = r->candidates[i];
    rec_rng_shuffle(rng, pool, n, sizeof *pool);
    for (size_t i = 0; i < n && list->n < r->top_k; i++)
        REC_TRY(rec_title_list_add(list, rec_span_of(pool[i]), err));
cleanup:
    free(pool);
    return status;
}

static void cut(rec_title_list *list, size_t n)
{
    while (list->n > n)
        free(list->titles[--list->n]);
}

static rec_status ascii_forms(char ***out, const rec_reclm_ranking *r, rec_error *err)
{
    rec_status status = REC_OK;
    REC_TRY_NEW(*out, r->n_candidates, err);
    for (size_t i = 0; i < r->n_candidates; i++)
        REC_TRY(rec_title_ascii(&(*out)[i], rec_span_of(r->candidates[i]), err));
cleanup:
    return status;
}

rec_status rec_reclm_repair(rec_title_list *out, const char *reply,
                            const rec_reclm_ranking *ranking, rec_rng *rng, rec_error *err)
{
    rec_title_list replied = {0};
    char **forms = NULL;
    rec_status status;
    rec_title_list_clear(out);
    REC_TRY(rec_list_parser_find("reclm")->parse(&replied, reply, NULL, err));
    if (ranking->n_candidates > 0) {
        REC_TRY(ascii_forms(&forms, ranking, err));
        REC_TRY(map_titles(out, &replied, ranking, forms, err));
    } else {
        rec_title_list swap = *out;
        *out = replied;
        replied = swap;
    }
    out->mode = REC_LIST_RECLM;
    drop_history(out, ranking);
    REC_TRY(pad(out, ranking, rng, err));
    cut(out, ranking->top_k);
cleanup:
    for (size_t i = 0; forms != NULL && i < ranking->n_candidates; i++)
        free(forms[i]);
    free(forms);
    rec_title_list_deinit(&replied);
    return status;
}
