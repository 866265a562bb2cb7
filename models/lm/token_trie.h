/**
 * A prefix tree over the token sequences of a catalogue (titles or item ids), and the states of
 * generation inside it: nothing that is not in the catalogue can be written. RecLM-cgen (arXiv
 * 2505.03336, section 3.2): between an opening and a closing token only catalogue titles, outside of
 * them free text. Here also without marks: a bare item, or a list of items.
 */
#ifndef REC_MODELS_LM_TOKEN_TRIE_H
#define REC_MODELS_LM_TOKEN_TRIE_H

#include <stddef.h>
#include <stdint.h>

#include "core/status.h"
#include "models/lm/constraint.h"

#define REC_TRIE_NONE UINT32_MAX

typedef struct rec_token_trie rec_token_trie;

/**
 * @param sequences  n token sequences, none empty; equal ones share a leaf. Copied.
 */
rec_status rec_token_trie_new(rec_token_trie **out, const uint32_t *const *sequences,
                              const size_t *lengths, size_t n, rec_error *err);
void rec_token_trie_free(rec_token_trie *t);
size_t rec_token_trie_n_nodes(const rec_token_trie *t);
size_t rec_token_trie_n_items(const rec_token_trie *t);

/** Item whose sequence this is exactly (the lowest of equal ones), or REC_TRIE_NONE. */
uint32_t rec_token_trie_find(const rec_token_trie *t, const uint32_t *ids, size_t n);

/** How generation uses the tree; arrays are copied into the state. */
typedef struct rec_trie_rules {
    /* Marks. open = REC_TRIE_NONE: the sequence starts inside an item. Otherwise any token may come
     * until `open`, then an item, then `close`, then any token again. */
    uint32_t open, close;
    /* Without marks: after an item come `separator` and another item, or one of `end`. */
    const uint32_t *separator, *end;
    size_t n_separator, n_end;
    size_t min_items, max_items; /* without marks; max 0 = no limit */
    size_t quota;                /* how often an item may be written; 0 = no limit */
    const uint32_t *banned;      /* item indices that may not be written (a user's history) */
    size_t n_banned;
} rec_trie_rules;

/** A state at the start. The trie is borrowed as long as the state or a clone of it lives.
 * REC_ERR_CONFIG when the rules leave no item, or cannot go on after one. */
rec_status rec_token_trie_start(rec_constraint **out, const rec_token_trie *t,
                                const rec_trie_rules *rules, rec_error *err);

/** Items written so far in a state of a trie; the list is borrowed until the state moves on. */
const uint32_t *rec_token_trie_written(const rec_constraint *state, size_t *n);

#endif
