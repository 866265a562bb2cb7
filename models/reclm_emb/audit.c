/* models/reclm_emb/audit.c: what training, development and tests must not share. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "models/reclm_emb/corpus.h"

/* Something that a row names; equal keys in rows of different parts are a leak. */
typedef struct mention {
    uint64_t key;
    uint32_t row;
    uint8_t part;
} mention;

typedef struct auditor {
    rec_emb_audit *out;
    const rec_emb_row *rows;
    size_t n;
    mention *mentions;                /* owned (n) */
    size_t n_items;                   /* one more than the largest item that a row names */
    uint32_t *shown[REC_EMB_N_PARTS]; /* owned (n_items): a row of the part that shows it; NO_ROW */
} auditor;

#define NO_ROW UINT32_MAX

/* What of a row is compared; false: this row names no such thing, or says that it is seen. */
typedef bool (*key_fn)(uint64_t *key, const rec_emb_row *row);

static bool user_key(uint64_t *key, const rec_emb_row *row)
{
    *key = row->user;
    return row->user != REC_NO_USER;
}

static bool template_key(uint64_t *key, const rec_emb_row *row)
{
    bool is_seen = row->part != REC_EMB_TRAIN && row->seen_wording;
    *key = (uint64_t)rec_emb_tasks[row->task]->phrase << 40 | (uint64_t)row->wording << 32 |
           row->template_index;
    return row->template_index != REC_EMB_BARE && !is_seen;
}

static bool text_key(uint64_t *key, const rec_emb_row *row)
{
    *key = rec_fnv1a(row->bare, strlen(row->bare));
    return true;
}

static bool conditions_key(uint64_t *key, const rec_emb_row *row)
{
    *key = rec_emb_conditions_hash(row->conditions, row->n_conditions);
    return row->user == REC_NO_USER && row->n_conditions > 0 &&
           row->conditions[0].kind != REC_EMB_TITLED;
}

static int compare_mentions(const void *a, const void *b)
{
    const mention *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    if (x->part != y->part)
        return x->part < y->part ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

static void describe(auditor *a, const char *what, uint32_t first, uint32_t other)
{
    const rec_emb_row *x = &a->rows[first], *y = &a->rows[other];
    if (a->out->first[0] == '\0')
        snprintf(a->out->first, sizeof a->out->first,
                 "%s of a %s row also in a %s row (%s): \"%.60s\" and \"%.60s\"", what,
                 rec_emb_part_names[x->part], rec_emb_part_names[y->part],
                 rec_emb_tasks[y->task]->name, x->query, y->query);
}

/* Rows whose key an earlier part has, too. */
static size_t count_shared(auditor *a, const char *what, key_fn key)
{
    size_t n = 0, n_shared = 0;
    for (size_t i = 0; i < a->n; i++) {
        mention *m = &a->mentions[n];
        *m = (mention){.row = (uint32_t)i, .part = a->rows[i].part};
        n += key(&m->key, &a->rows[i]);
    }
    if (n > 1)
        qsort(a->mentions, n, sizeof *a->mentions, compare_mentions);
    for (size_t i = 0, first = 0; i < n; i++) {
        if (a->mentions[i].key != a->mentions[first].key)
            first = i;
        if (a->mentions[i].part == a->mentions[first].part)
            continue;
        n_shared++;
        describe(a, what, a->mentions[first].row, a->mentions[i].row);
    }
    return n_shared;
}

/* ---- items ---- */

/* Items of a row by kind: what it shows, asks for, learns from. */
enum { N_LISTS = 4 };
static size_t list_of(const uint32_t **items, const rec_emb_row *row, size_t list)
{
    const uint32_t *const all[N_LISTS] = {&row->item, row->history, row->positives, row->negatives};
    const size_t lengths[N_LISTS] = {row->item != REC_NO_ITEM, row->n_history, row->n_positives,
                                     row->n_negatives};
    *items = all[list];
    return lengths[list];
}

static rec_status find_shown(auditor *a, rec_error *err)
{
    const uint32_t *items;
    for (size_t r = 0; r < a->n; r++)
        for (size_t list = 0; list < N_LISTS; list++)
            for (size_t i = 0, n = list_of(&items, &a->rows[r], list); i < n; i++)
                a->n_items = items[i] >= a->n_items ? (size_t)items[i] + 1 : a->n_items;
    for (size_t p = 0; p < REC_EMB_N_PARTS; p++) {
        a->shown[p] = rec_alloc(a->n_items, sizeof *a->shown[p], err);
        if (a->shown[p] == NULL)
            return REC_ERR_RESOURCE;
        memset(a->shown[p], 0xff, a->n_items * sizeof *a->shown[p]);
    }
    for (size_t r = a->n; r-- > 0;) /* the first row stays */
        for (size_t list = 0; list < N_LISTS; list++)
            for (size_t i = 0, n = list_of(&items, &a->rows[r], list); i < n; i++)
                a->shown[a->rows[r].part][items[i]] = (uint32_t)r;
    return REC_OK;
}

/* Is the row about an item, not a user, and says that no earlier part saw it? Targets of users are whatever
 * they took. */
static bool claims_new_item(const rec_emb_row *row)
{
    bool is_seen = row->part == REC_EMB_TEST && row->seen_item;
    return row->user == REC_NO_USER && row->item != REC_NO_ITEM && !is_seen;
}

/* Rows about items that an earlier part shows anywhere: asked for, in a history, as a positive or negative. */
static size_t count_shown_items(auditor *a)
{
    size_t n_shared = 0;
    for (size_t r = 0; r < a->n; r++) {
        const rec_emb_row *row = &a->rows[r];
        bool is_shared = false;
        for (size_t p = 0; p < row->part && !is_shared && claims_new_item(row); p++) {
            is_shared = a->shown[p][row->item] != NO_ROW;
            if (is_shared)
                describe(a, "the item", a->shown[p][row->item], (uint32_t)r);
        }
        n_shared += is_shared;
    }
    return n_shared;
}

rec_status rec_emb_audit_rows(rec_emb_audit *out, const rec_emb_row *rows, size_t n, rec_error *err)
{
    auditor a = {.out = out, .rows = rows, .n = n};
    rec_status status;
    *out = (rec_emb_audit){.users = 0};
    REC_TRY_NEW(a.mentions, n, err);
    REC_TRY(find_shown(&a, err));
    out->users = count_shared(&a, "the user", user_key);
    out->items = count_shown_items(&a);
    out->templates = count_shared(&a, "the template", template_key);
    out->texts = count_shared(&a, "the text", text_key);
    out->conditions = count_shared(&a, "the set of conditions", conditions_key);
cleanup:
    for (size_t p = 0; p < REC_EMB_N_PARTS; p++)
        free(a.shown[p]);
    free(a.mentions);
    return status;
}

size_t rec_emb_audit_leaks(const rec_emb_audit *a)
{
    return a->users + a->items + a->templates + a->texts + a->conditions;
}
