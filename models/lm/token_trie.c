#include "models/lm/token_trie.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/sorted.h"

/* Nodes in breadth-first order: the children of a node are neighbours, by ascending token. */
typedef struct node {
    uint32_t token, parent;
    uint32_t first_child, n_children;
    uint32_t n_items; /* distinct sequences that end here or below */
    uint32_t item;    /* whose sequence ends here, or REC_TRIE_NONE */
} node;

struct rec_token_trie {
    node *nodes; /* owned; 0 is the root */
    size_t n_nodes, capacity;
    uint32_t *leaf_of; /* owned (n_items): node where an item ends */
    size_t n_items;
};

/* ---- building ---- */

typedef struct sorted_item {
    const uint32_t *ids;
    size_t n;
    uint32_t item;
} sorted_item;

static int by_tokens(const void *a, const void *b)
{
    const sorted_item *x = a, *y = b;
    size_t n = x->n < y->n ? x->n : y->n;
    for (size_t i = 0; i < n; i++) {
        if (x->ids[i] != y->ids[i])
            return x->ids[i] < y->ids[i] ? -1 : 1;
    }
    if (x->n != y->n)
        return x->n < y->n ? -1 : 1;
    return x->item < y->item ? -1 : 1;
}

static rec_status add_node(rec_token_trie *t, uint32_t token, uint32_t parent, rec_error *err)
{
    if (t->n_nodes == t->capacity) {
        size_t capacity = t->capacity > 0 ? 2 * t->capacity : 1024;
        node *nodes = rec_realloc(t->nodes, capacity, sizeof *nodes, err);
        if (nodes == NULL)
            return REC_ERR_RESOURCE;
        t->nodes = nodes;
        t->capacity = capacity;
    }
    if (t->n_nodes == REC_TRIE_NONE)
        return rec_fail(err, REC_ERR_RESOURCE, "a token trie of more than 2^32 nodes");
    t->nodes[t->n_nodes++] = (node){.token = token, .parent = parent, .item = REC_TRIE_NONE};
    return REC_OK;
}

/* Sorted items [first, end) share a prefix of this depth. */
typedef struct range {
    size_t first, end;
} range;

/* Items that end here, then one child per next token; ranges[i] belongs to node i. */
static rec_status split(rec_token_trie *t, range **ranges, size_t *n_ranges, size_t index,
                        const sorted_item *items, size_t depth, rec_error *err)
{
    range r = (*ranges)[index];
    for (; r.first < r.end && items[r.first].n == depth; r.first++) {
        t->leaf_of[items[r.first].item] = (uint32_t)index;
        if (t->nodes[index].item == REC_TRIE_NONE)
            t->nodes[index].item = items[r.first].item;
    }
    t->nodes[index].first_child = (uint32_t)t->n_nodes;
    while (r.first < r.end) {
        uint32_t token = items[r.first].ids[depth];
        size_t end = r.first + 1;
        while (end < r.end && items[end].ids[depth] == token)
            end++;
        rec_status status = add_node(t, token, (uint32_t)index, err);
        if (status != REC_OK)
            return status;
        if (*n_ranges < t->capacity) {
            range *grown = rec_realloc(*ranges, t->capacity, sizeof *grown, err);
            if (grown == NULL)
                return REC_ERR_RESOURCE;
            *ranges = grown;
            *n_ranges = t->capacity;
        }
        (*ranges)[t->n_nodes - 1] = (range){r.first, end};
        t->nodes[index].n_children++;
        r.first = end;
    }
    return REC_OK;
}

static rec_status build(rec_token_trie *t, const sorted_item *items, rec_error *err)
{
    range *ranges = NULL;
    size_t n_ranges = 0, depth = 0, level_end = 1;
    rec_status status = add_node(t, 0, 0, err);
    if (status == REC_OK) {
        n_ranges = t->capacity;
        ranges = rec_alloc(n_ranges, sizeof *ranges, err);
        status = ranges != NULL ? REC_OK : REC_ERR_RESOURCE;
    }
    if (status == REC_OK)
        ranges[0] = (range){0, t->n_items};
    for (size_t i = 0; status == REC_OK && i < t->n_nodes; i++) {
        if (i == level_end) {
            depth++;
            level_end = t->n_nodes;
        }
        status = split(t, &ranges, &n_ranges, i, items, depth, err);
    }
    free(ranges);
    for (size_t i = t->n_nodes; status == REC_OK && i-- > 0;) { /* parents come before children */
        t->nodes[i].n_items += t->nodes[i].item != REC_TRIE_NONE;
        if (i > 0)
            t->nodes[t->nodes[i].parent].n_items += t->nodes[i].n_items;
    }
    return status;
}

rec_status rec_token_trie_new(rec_token_trie **out, const uint32_t *const *sequences,
                              const size_t *lengths, size_t n, rec_error *err)
{
    rec_token_trie *t = NULL;
    sorted_item *items = NULL;
    rec_status status = REC_OK;
    *out = NULL;
    if (n == 0 || n >= REC_TRIE_NONE)
        return rec_fail(err, REC_ERR_CONFIG, "a token trie of %zu items", n);
    REC_TRY_NEW(t, 1, err);
    REC_TRY_NEW(t->leaf_of, n, err);
    REC_TRY_NEW(items, n, err);
    t->n_items = n;
    for (size_t i = 0; i < n; i++) {
        items[i] = (sorted_item){sequences[i], lengths[i], (uint32_t)i};
        if (lengths[i] == 0) {
            status = rec_fail(err, REC_ERR_DATA, "item %zu has no tokens (an empty title?)", i);
            goto cleanup;
        }
    }
    qsort(items, n, sizeof *items, by_tokens);
    REC_TRY(build(t, items, err));
    *out = t;
    t = NULL;
cleanup:
    free(items);
    rec_token_trie_free(t);
    return status;
}

void rec_token_trie_free(rec_token_trie *t)
{
    if (t == NULL)
        return;
    free(t->nodes);
    free(t->leaf_of);
    free(t);
}

size_t rec_token_trie_n_nodes(const rec_token_trie *t)
{
    return t->n_nodes;
}

size_t rec_token_trie_n_items(const rec_token_trie *t)
{
    return t->n_items;
}

/* Child by token, or REC_TRIE_NONE. */
static uint32_t child(const rec_token_trie *t, uint32_t index, uint32_t token)
{
    const node *at = &t->nodes[index];
    uint32_t low = at->first_child, high = low + at->n_children, end = high;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (t->nodes[middle].token < token)
            low = middle + 1;
        else
            high = middle;
    }
    return low < end && t->nodes[low].token == token ? low : REC_TRIE_NONE;
}

uint32_t rec_token_trie_find(const rec_token_trie *t, const uint32_t *ids, size_t n)
{
    uint32_t at = 0;
    for (size_t i = 0; i < n && at != REC_TRIE_NONE; i++)
        at = child(t, at, ids[i]);
    return at != REC_TRIE_NONE ? t->nodes[at].item : REC_TRIE_NONE;
}

/* ---- states ---- */

/* How many of a node's sequences are used up: a small hash table, since few items ever are. */
typedef struct counter {
    uint32_t *nodes, *counts; /* owned; nodes hold index + 1, 0 = free */
    size_t capacity, n;       /* power of two */
} counter;

typedef enum place { FREE, ITEM, SEPARATOR, DONE } place;

typedef struct state {
    rec_constraint base;
    const rec_token_trie *trie;
    rec_trie_rules rules; /* separator and end are owned, banned is used up at the start */
    place place;
    uint32_t at;         /* ITEM: node */
    size_t in_separator; /* SEPARATOR: tokens of it written */
    counter used_up;     /* by node */
    counter written_of;  /* by leaf: how often it was written */
    uint32_t *written;   /* owned: items in the order they were written */
    size_t n_written, written_capacity;
    uint32_t *allowed; /* owned: what the last call returned */
    size_t allowed_capacity;
} state;

static uint32_t *counter_find(const counter *c, uint32_t key)
{
    if (c->capacity == 0)
        return NULL;
    size_t i = (key * 2654435761u) & (c->capacity - 1);
    for (; c->nodes[i] != 0; i = (i + 1) & (c->capacity - 1)) {
        if (c->nodes[i] == key + 1)
            return &c->counts[i];
    }
    return NULL;
}

static uint32_t counter_get(const counter *c, uint32_t key)
{
    const uint32_t *count = counter_find(c, key);
    return count != NULL ? *count : 0;
}

static void counter_put(counter *c, uint32_t key, uint32_t count)
{
    size_t i = (key * 2654435761u) & (c->capacity - 1);
    while (c->nodes[i] != 0)
        i = (i + 1) & (c->capacity - 1);
    c->nodes[i] = key + 1;
    c->counts[i] = count;
    c->n++;
}

static rec_status counter_add(counter *c, uint32_t key, rec_error *err)
{
    uint32_t *count = counter_find(c, key);
    if (count != NULL) {
        ++*count;
        return REC_OK;
    }
    if (2 * (c->n + 1) > c->capacity) {
        counter grown = {.capacity = c->capacity > 0 ? 2 * c->capacity : 64};
        grown.nodes = rec_alloc(2 * grown.capacity, sizeof *grown.nodes, err);
        if (grown.nodes == NULL)
            return REC_ERR_RESOURCE;
        grown.counts = grown.nodes + grown.capacity;
        for (size_t i = 0; i < c->capacity; i++) {
            if (c->nodes[i] != 0)
                counter_put(&grown, c->nodes[i] - 1, c->counts[i]);
        }
        free(c->nodes);
        *c = grown;
    }
    counter_put(c, key, 1);
    return REC_OK;
}

static rec_status counter_dup(counter *out, const counter *c, rec_error *err)
{
    *out = *c;
    if (c->capacity == 0)
        return REC_OK;
    out->nodes = rec_memdup(c->nodes, 2 * c->capacity * sizeof *c->nodes, err);
    if (out->nodes == NULL)
        return REC_ERR_RESOURCE;
    out->counts = out->nodes + c->capacity;
    return REC_OK;
}

/* Take the sequence that ends at `leaf` out of the tree of this state. */
static rec_status use_up(state *s, uint32_t leaf, rec_error *err)
{
    for (uint32_t at = leaf;; at = s->trie->nodes[at].parent) {
        rec_status status = counter_add(&s->used_up, at, err);
        if (status != REC_OK || at == 0)
            return status;
    }
}

static bool has_left(const state *s, uint32_t index)
{
    return s->trie->nodes[index].n_items > counter_get(&s->used_up, index);
}

/* May an item end at this node? */
static bool may_end_item(const state *s, uint32_t index)
{
    const node *at = &s->trie->nodes[index];
    size_t used = counter_get(&s->used_up, index), below = 0;
    if (at->item == REC_TRIE_NONE)
        return false;
    for (uint32_t i = 0; i < at->n_children; i++)
        below += counter_get(&s->used_up, at->first_child + i);
    return used == below; /* its own sequence is not among those used up */
}

static rec_status allow(state *s, size_t *n, uint32_t id, rec_error *err)
{
    if (*n == s->allowed_capacity) {
        size_t capacity = s->allowed_capacity > 0 ? 2 * s->allowed_capacity : 32;
        uint32_t *allowed = rec_realloc(s->allowed, capacity, sizeof *allowed, err);
        if (allowed == NULL)
            return REC_ERR_RESOURCE;
        s->allowed = allowed;
        s->allowed_capacity = capacity;
    }
    s->allowed[(*n)++] = id;
    return REC_OK;
}

static bool is_marked(const state *s)
{
    return s->rules.open != REC_TRIE_NONE;
}

static bool may_stop(const state *s)
{
    return s->n_written + 1 >= s->rules.min_items; /* with the item that ends here */
}

/* May another item follow the one that ends at `leaf`? The root must have a sequence left besides. */
static bool may_go_on(const state *s, uint32_t leaf)
{
    size_t left = s->trie->nodes[0].n_items - counter_get(&s->used_up, 0);
    bool last_use = s->rules.quota > 0 && counter_get(&s->written_of, leaf) + 1 >= s->rules.quota;
    return s->rules.n_separator > 0 &&
           (s->rules.max_items == 0 || s->n_written + 1 < s->rules.max_items) &&
           left > (last_use ? 1u : 0u);
}

/* Tokens that may follow a complete item. */
static rec_status allow_after_item(state *s, size_t *n, rec_error *err)
{
    rec_status status = REC_OK;
    if (is_marked(s))
        return allow(s, n, s->rules.close, err);
    bool go_on = may_go_on(s, s->at);
    if (go_on)
        status = allow(s, n, s->rules.separator[0], err);
    for (size_t i = 0; (may_stop(s) || !go_on) && status == REC_OK && i < s->rules.n_end; i++)
        status = allow(s, n, s->rules.end[i], err);
    return status;
}

static rec_status allow_in_item(state *s, size_t *n, rec_error *err)
{
    const node *at = &s->trie->nodes[s->at];
    rec_status status = REC_OK;
    for (uint32_t i = 0; status == REC_OK && i < at->n_children; i++) {
        if (has_left(s, at->first_child + i))
            status = allow(s, n, s->trie->nodes[at->first_child + i].token, err);
    }
    if (status == REC_OK && may_end_item(s, s->at))
        status = allow_after_item(s, n, err);
    return status;
}

static rec_status trie_allowed(rec_next_ids *out, rec_constraint *c, rec_error *err)
{
    state *s = (state *)(void *)c;
    size_t n = 0;
    rec_status status = REC_OK;
    *out = (rec_next_ids){.free = s->place == FREE};
    if (s->place == SEPARATOR)
        status = allow(s, &n, s->rules.separator[s->in_separator], err);
    else if (s->place == ITEM)
        status = allow_in_item(s, &n, err);
    if (n > 1 &&
        s->allowed[n - 1] < s->allowed[n - 2]) /* children come sorted, an end may follow */
        rec_sort_u32(s->allowed, n);
    out->ids = s->allowed;
    out->n = rec_sorted_distinct(s->allowed, n); /* a separator may be a title's next token, too */
    return status;
}

/* The item that ends at s->at has been written. */
static rec_status finish_item(state *s, rec_error *err)
{
    if (s->n_written == s->written_capacity) {
        size_t capacity = s->written_capacity > 0 ? 2 * s->written_capacity : 16;
        uint32_t *written = rec_realloc(s->written, capacity, sizeof *written, err);
        if (written == NULL)
            return REC_ERR_RESOURCE;
        s->written = written;
        s->written_capacity = capacity;
    }
    rec_status status = counter_add(&s->written_of, s->at, err);
    if (status == REC_OK && s->rules.quota > 0 &&
        counter_get(&s->written_of, s->at) == s->rules.quota)
        status = use_up(s, s->at, err);
    if (status == REC_OK)
        s->written[s->n_written++] = s->trie->nodes[s->at].item;
    return status;
}

static bool is_end(const state *s, uint32_t id)
{
    for (size_t i = 0; i < s->rules.n_end; i++) {
        if (s->rules.end[i] == id)
            return true;
    }
    return false;
}

static void enter_separator(state *s)
{
    s->in_separator = 1;
    s->place = s->rules.n_separator > 1 ? SEPARATOR : ITEM;
    s->at = 0;
}

/* A title's own next token wins over what would end the item there. */
static rec_status advance_in_item(state *s, uint32_t id, rec_error *err)
{
    uint32_t next = child(s->trie, s->at, id);
    if (next != REC_TRIE_NONE && has_left(s, next)) {
        s->at = next;
        return REC_OK;
    }
    rec_status status = finish_item(s, err);
    if (status != REC_OK)
        return status;
    if (is_marked(s))
        s->place = FREE;
    else if (is_end(s, id))
        s->place = DONE;
    else
        enter_separator(s);
    return REC_OK;
}

static rec_status trie_advance(rec_constraint *c, uint32_t id, rec_error *err)
{
    state *s = (state *)(void *)c;
    rec_next_ids allowed;
    rec_status status = trie_allowed(&allowed, c, err);
    if (status != REC_OK)
        return status;
    if (!rec_next_ids_has(&allowed, id))
        return rec_fail(err, REC_ERR_MODEL,
                        "token %u is not allowed here: no item goes on like that", id);
    switch (s->place) {
    case FREE:
        if (id == s->rules.open && has_left(s, 0)) {
            s->place = ITEM;
            s->at = 0;
        }
        return REC_OK;
    case SEPARATOR:
        if (++s->in_separator == s->rules.n_separator)
            s->place = ITEM;
        return REC_OK;
    default:
        return advance_in_item(s, id, err);
    }
}

static void trie_free(rec_constraint *c)
{
    state *s = (state *)(void *)c;
    free((uint32_t *)(uintptr_t)s->rules.separator);
    free((uint32_t *)(uintptr_t)s->rules.end);
    free(s->used_up.nodes);
    free(s->written_of.nodes);
    free(s->written);
    free(s->allowed);
    free(s);
}

/* Own copies of the arrays of s, which came by assignment from `from`. */
static rec_status own_arrays(state *s, const state *from, rec_error *err)
{
    rec_status status = REC_OK;
    size_t id = sizeof(uint32_t);
    s->rules.separator = s->rules.end = NULL;
    s->used_up = s->written_of = (counter){.nodes = NULL};
    s->written = s->allowed = NULL;
    s->allowed_capacity = 0;
    s->written_capacity = s->n_written;
    s->rules.separator = rec_memdup(from->rules.separator, from->rules.n_separator * id, err);
    s->rules.end = rec_memdup(from->rules.end, from->rules.n_end * id, err);
    s->written = rec_memdup(from->written, from->n_written * id, err);
    if (s->rules.separator == NULL || s->rules.end == NULL || s->written == NULL)
        return REC_ERR_RESOURCE;
    REC_TRY(counter_dup(&s->used_up, &from->used_up, err));
    REC_TRY(counter_dup(&s->written_of, &from->written_of, err));
cleanup:
    return status;
}

static rec_status trie_clone(rec_constraint **out, const rec_constraint *c, rec_error *err)
{
    const state *from = (const state *)(const void *)c;
    state *s = rec_memdup(from, sizeof *s, err);
    if (s == NULL)
        return REC_ERR_RESOURCE;
    rec_status status = own_arrays(s, from, err);
    if (status == REC_OK)
        *out = &s->base;
    else
        trie_free(&s->base);
    return status;
}

static const rec_constraint_class trie_class = {.name = "trie",
                                                .allowed = trie_allowed,
                                                .advance = trie_advance,
                                                .clone = trie_clone,
                                                .free = trie_free};

static rec_status ban(state *s, const rec_trie_rules *rules, rec_error *err)
{
    for (size_t i = 0; i < rules->n_banned; i++) {
        if (rules->banned[i] >= s->trie->n_items)
            return rec_fail(err, REC_ERR_CONFIG, "banned item %u of %zu", rules->banned[i],
                            s->trie->n_items);
        uint32_t leaf = s->trie->leaf_of[rules->banned[i]];
        if (!may_end_item(s, leaf))
            continue; /* banned already, or through an item of the same tokens */
        rec_status status = use_up(s, leaf, err);
        if (status != REC_OK)
            return status;
    }
    if (!has_left(s, 0))
        return rec_fail(err, REC_ERR_CONFIG, "all items are banned");
    return REC_OK;
}

rec_status rec_token_trie_start(rec_constraint **out, const rec_token_trie *t,
                                const rec_trie_rules *rules, rec_error *err)
{
    *out = NULL;
    if (rules->open == REC_TRIE_NONE && rules->n_end == 0 &&
        (rules->n_separator == 0 || rules->max_items > 0))
        return rec_fail(err, REC_ERR_CONFIG, "nothing is allowed after an item: no end token");
    state given = {.base = {&trie_class}, .trie = t, .rules = *rules};
    given.place = rules->open == REC_TRIE_NONE ? ITEM : FREE;
    rec_constraint *c = NULL;
    rec_status status = trie_clone(&c, &given.base, err);
    if (status != REC_OK)
        return status;
    status = ban((state *)(void *)c, rules, err);
    if (status == REC_OK)
        *out = c;
    else
        trie_free(c);
    return status;
}

const uint32_t *rec_token_trie_written(const rec_constraint *c, size_t *n)
{
    const state *s = (const state *)(const void *)c;
    assert(c->class == &trie_class);
    *n = s->n_written;
    return s->written;
}
