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
    mention *mentions; /* owned (n) */
} auditor;

/* What of a row is compared; false: this row names no such thing, or says that it is seen. */
typedef bool (*key_fn)(uint64_t *key, const rec_emb_row *row);

static bool user_key(uint64_t *key, const rec_emb_row *row)
{
    *key = row->user;
    return row->user != REC_NO_USER;
}

/* Of rows about items, not of those about users, whose targets are whatever they took. */
static bool item_key(uint64_t *key, const rec_emb_row *row)
{
    bool is_seen = row->part == REC_EMB_TEST && row->seen_item;
    *key = row->item;
    return row->user == REC_NO_USER && row->item != REC_NO_ITEM && !is_seen;
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

static void describe(auditor *a, const char *what, const mention *first, const mention *other)
{
    if (a->out->first[0] == '\0')
        snprintf(a->out->first, sizeof a->out->first,
                 "%s of a %s row also in a %s row (%s): \"%.60s\" and \"%.60s\"", what,
                 rec_emb_part_names[first->part], rec_emb_part_names[other->part],
                 rec_emb_tasks[a->rows[other->row].task]->name, a->rows[first->row].query,
                 a->rows[other->row].query);
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
        describe(a, what, &a->mentions[first], &a->mentions[i]);
    }
    return n_shared;
}

rec_status rec_emb_audit_rows(rec_emb_audit *out, const rec_emb_row *rows, size_t n, rec_error *err)
{
    auditor a = {.out = out, .rows = rows, .n = n};
    *out = (rec_emb_audit){.users = 0};
    a.mentions = rec_alloc(n, sizeof *a.mentions, err);
    if (a.mentions == NULL)
        return REC_ERR_RESOURCE;
    out->users = count_shared(&a, "the user", user_key);
    out->items = count_shared(&a, "the item", item_key);
    out->templates = count_shared(&a, "the template", template_key);
    out->texts = count_shared(&a, "the text", text_key);
    out->conditions = count_shared(&a, "the set of conditions", conditions_key);
    free(a.mentions);
    return REC_OK;
}

size_t rec_emb_audit_leaks(const rec_emb_audit *a)
{
    return a->users + a->items + a->templates + a->texts + a->conditions;
}
