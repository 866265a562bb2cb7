/* models/reclm_emb/original/titles.c: rows about one item by its title; item2item (I2I), title2item and
 * misspell2item (NM2I). */
#include <string.h>

#include "core/utf8.h"
#include "models/reclm_emb/original/original.h"

static rec_status put_title(rec_emb_maker *m, bool with_key, rec_error *err)
{
    rec_emb_draft *d = &m->draft;
    return rec_buffer_printf(&d->query, err, "%s%s", with_key ? "title: " : "",
                             rec_emb_title(m->source.items, d->row->item));
}

/* Tests ask for the items of an equal title. */
static rec_status ask_for_title(rec_emb_maker *m, rec_error *err)
{
    const rec_emb_condition same = {.kind = REC_EMB_TITLED, .value = m->draft.row->item};
    return rec_emb_draft_conditions(&m->draft, &same, 1, err);
}

/* ---- item2item ---- */

static const uint32_t *similar_items(size_t *n, const rec_emb_maker *m, uint32_t item)
{
    const rec_emb_neighbours *x = &m->facts->neighbours;
    *n = x->start[item + 1] - x->start[item];
    return x->item + x->start[item];
}

static bool is_dissimilar(const rec_emb_maker *m, uint32_t item)
{
    uint32_t source = m->draft.row->item;
    size_t n;
    const uint32_t *similar = similar_items(&n, m, source);
    for (size_t i = 0; i < n; i++)
        if (similar[i] == item)
            return false;
    return item != source;
}

/* The title, half the time with 1 to all attributes behind it, any number of values of each. */
static rec_status describe_source(rec_emb_maker *m, rec_error *err)
{
    bool with_keys = rec_emb_chance(m, 0.5), has_more, made;
    const rec_emb_wish wish = {.exact = true,
                               .with_description = true,
                               .keys = with_keys ? REC_EMB_KEYS_SHOWN : REC_EMB_KEYS_LEFT_OUT};
    rec_status status = put_title(m, with_keys, err);
    has_more = rec_emb_chance(m, 0.5);
    if (status == REC_OK && has_more)
        status = rec_emb_draft_wish(&made, &m->draft, &wish, err);
    m->draft.row->n_conditions = 0; /* a description, not a demand */
    return status;
}

/* @param positive  REC_NO_ITEM: all of them (tests) */
static rec_status similar_row(rec_emb_maker *m, uint32_t item, uint32_t positive, rec_error *err)
{
    static const rec_emb_finish finish = {.phrase = REC_EMB_PHRASE_ITEM, .is_wrong = is_dissimilar};
    rec_emb_draft *d = &m->draft;
    size_t n;
    const uint32_t *similar = similar_items(&n, m, item);
    bool open;
    rec_status status = rec_emb_open_row(&open, m, REC_EMB_TASK_i2i, REC_NO_USER, item, err);
    if (status != REC_OK || !open)
        return status;
    d->row->history = d->row->excluded = rec_emb_rows_memdup(d->rows, &item, 1, sizeof item, err);
    d->row->n_history = d->row->n_excluded = 1;
    d->row->positives = rec_emb_rows_memdup(d->rows, &positive, 1, sizeof positive, err);
    d->row->n_positives = positive != REC_NO_ITEM;
    if (d->row->history == NULL || d->row->positives == NULL)
        return REC_ERR_RESOURCE;
    REC_TRY(describe_source(m, err));
    if (rec_emb_is_test(m))
        REC_TRY(rec_emb_draft_answers(d, similar, n, err));
    status = rec_emb_close_row(m, true, &finish, err);
cleanup:
    return status;
}

/* Each of the 20 most similar with probability 0.12 in training; all of them as answers in tests. */
static rec_status item2item(rec_emb_maker *m, uint32_t item, rec_error *err)
{
    size_t n;
    const uint32_t *similar = similar_items(&n, m, item);
    rec_status status = REC_OK;
    if (rec_emb_title(m->source.items, item) == NULL || n == 0)
        return REC_OK;
    if (rec_emb_is_test(m))
        return similar_row(m, item, REC_NO_ITEM, err);
    for (size_t i = 0; i < n && status == REC_OK; i++)
        if (rec_emb_visit_chance(m, 0.12))
            status = similar_row(m, item, similar[i], err);
    return status;
}

const rec_emb_generator rec_emb_item2item = {
    .name = "item2item",
    .unit = REC_EMB_PER_ITEM,
    .passes = {1, 2},
    .makes = 1u << REC_EMB_TASK_i2i,
    .visit = item2item,
};

/* ---- title2item ---- */

static rec_status title2item(rec_emb_maker *m, uint32_t item, rec_error *err)
{
    static const rec_emb_finish finish = {
        .phrase = REC_EMB_PHRASE_TITLE, .has_bare = true, .is_wrong = rec_emb_is_other_title};
    bool open;
    if (rec_emb_title(m->source.items, item) == NULL ||
        (!rec_emb_is_test(m) && !rec_emb_visit_chance(m, 0.4)))
        return REC_OK;
    rec_status status = rec_emb_open_row(&open, m, REC_EMB_TASK_title, REC_NO_USER, item, err);
    if (status != REC_OK || !open)
        return status;
    status = put_title(m, false, err);
    if (status == REC_OK)
        status = ask_for_title(m, err);
    return status == REC_OK ? rec_emb_close_row(m, true, &finish, err) : status;
}

const rec_emb_generator rec_emb_title2item = {
    .name = "title2item",
    .unit = REC_EMB_PER_ITEM,
    .passes = {1, 1},
    .is_sampled = true,
    .makes = 1u << REC_EMB_TASK_title,
    .visit = title2item,
};

/* ---- misspell2item ---- */

/* A character that is no blank is hit with probability 0.1, and then replaced by a random ASCII letter,
 * digit or mark, or left out. */
static rec_status hit_characters(rec_emb_maker *m, const char *title, rec_error *err)
{
    rec_rng *rng = &m->draft.rng;
    rec_buffer *out = &m->draft.query;
    size_t n = strlen(title);
    rec_status status = REC_OK;
    rec_buffer_clear(out);
    for (size_t at = 0, length; at < n && status == REC_OK; at += length) {
        length = rec_utf8_decode(NULL, title + at, n - at);
        length = length > 0 ? length : 1;
        bool is_hit = rec_rng_uniform(rng) < 0.1 && strchr(" \t\n\r\v\f", title[at]) == NULL;
        if (!is_hit) {
            status = rec_buffer_append(out, title + at, length, err);
        } else if (rec_rng_below(rng, 2) == 0) {
            char other = (char)('!' + rec_rng_below(rng, '~' - '!' + 1));
            status = rec_buffer_append(out, &other, 1, err);
        }
    }
    return status;
}

/* Until it differs; a title of blanks never does, and one that vanishes asks for nothing. */
static rec_status misspell(bool *made, rec_emb_maker *m, rec_error *err)
{
    enum { TRIES = 10000 };
    const char *title = rec_emb_title(m->source.items, m->draft.row->item);
    const rec_buffer *query = &m->draft.query;
    rec_status status = REC_OK;
    *made = false;
    for (int t = 0; t < TRIES && !*made && status == REC_OK; t++) {
        status = hit_characters(m, title, err);
        *made = status == REC_OK && query->length > 0 && strcmp(query->data, title) != 0;
    }
    return status;
}

static rec_status misspell2item(rec_emb_maker *m, uint32_t item, rec_error *err)
{
    static const rec_emb_finish finish = {.phrase = REC_EMB_PHRASE_TITLE,
                                          .bare = 0.5,
                                          .has_bare = true,
                                          .is_wrong = rec_emb_is_other_title};
    bool open, made;
    if (rec_emb_title(m->source.items, item) == NULL)
        return REC_OK;
    rec_status status = rec_emb_open_row(&open, m, REC_EMB_TASK_nm2i, REC_NO_USER, item, err);
    if (status != REC_OK || !open)
        return status;
    status = misspell(&made, m, err);
    if (status == REC_OK)
        status = ask_for_title(m, err);
    return status == REC_OK ? rec_emb_close_row(m, made, &finish, err) : status;
}

const rec_emb_generator rec_emb_misspell2item = {
    .name = "misspell2item",
    .unit = REC_EMB_PER_ITEM,
    .passes = {2, 1},
    .makes = 1u << REC_EMB_TASK_nm2i,
    .visit = misspell2item,
};
