/**
 * What may be generated next: a state that knows the allowed token ids and moves on with each token.
 * One object serves sampling, beam search (clone) and the mask inside a training loss. Implementations:
 * a trie over token sequences (token_trie.h), JSON (json_constraint.h).
 */
#ifndef REC_MODELS_LM_CONSTRAINT_H
#define REC_MODELS_LM_CONSTRAINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/status.h"

/** Token ids that may come next. Not free and n = 0: nothing may, the sequence is complete. */
typedef struct rec_next_ids {
    bool free;           /* any token */
    const uint32_t *ids; /* (n) ascending; borrowed until the state moves on or is freed */
    size_t n;
} rec_next_ids;

typedef struct rec_constraint rec_constraint;

/** What an implementation provides. A state starts with a rec_constraint. */
typedef struct rec_constraint_class {
    const char *name;
    rec_status (*allowed)(rec_next_ids *out, rec_constraint *c, rec_error *err);
    rec_status (*advance)(rec_constraint *c, uint32_t id, rec_error *err);
    rec_status (*clone)(rec_constraint **out, const rec_constraint *c, rec_error *err);
    void (*free)(rec_constraint *c);
} rec_constraint_class;

struct rec_constraint {
    const rec_constraint_class *class;
};

rec_status rec_constraint_allowed(rec_next_ids *out, rec_constraint *c, rec_error *err);

/** REC_ERR_MODEL for an id that is not allowed; the state is unchanged then. */
rec_status rec_constraint_advance(rec_constraint *c, uint32_t id, rec_error *err);

/** An independent copy of the state; what it was made from (the trie) is shared. */
rec_status rec_constraint_clone(rec_constraint **out, const rec_constraint *c, rec_error *err);
void rec_constraint_free(rec_constraint *c);

/** Is the id in the set? Binary search. */
bool rec_next_ids_has(const rec_next_ids *allowed, uint32_t id);

#endif
