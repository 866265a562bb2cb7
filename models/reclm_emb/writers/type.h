/** What a writer is made of (writer.h). One file each in this folder. */
#ifndef REC_MODELS_RECLM_EMB_WRITERS_TYPE_H
#define REC_MODELS_RECLM_EMB_WRITERS_TYPE_H

#include "models/reclm_emb/writer.h"

typedef struct rec_emb_writer_type {
    const char *name; /* with its version: a change of what it writes is a new one */
    bool is_outside;
    /** *self is NULL for a writer that needs nothing but the source. Optional. */
    rec_status (*open)(void **self, const rec_emb_writer_source *source, rec_error *err);
    /** *outcome: WRITTEN, NO_FACTS, NO_ANSWER, OTHER_FACTS or PENDING; gates come after. */
    rec_status (*write)(rec_emb_outcome *outcome, rec_buffer *out, void *self,
                        const rec_emb_writer_source *source, const rec_emb_ask *ask,
                        rec_error *err);
    rec_status (*answer)(void *self, rec_error *err); /* optional: all that is pending */
    void (*free)(void *self);                         /* optional */
} rec_emb_writer_type;

extern const rec_emb_writer_type rec_emb_writer_rules, rec_emb_writer_local_lm,
    rec_emb_writer_replay;

/** A dialogue by rules (rules_dialogue.c). */
rec_status rec_emb_rules_dialogue(rec_emb_outcome *outcome, rec_buffer *out,
                                  const rec_emb_writer_source *source, const rec_emb_ask *ask,
                                  rec_error *err);

/** The words of ask->conditions that rules put other words for, in their order: values, and those of
 * bands. *out (*n) is of ask->scratch. */
rec_status rec_emb_rules_words(const char ***out, size_t *n, const rec_emb_writer_source *source,
                               const rec_emb_ask *ask, rec_error *err);

/** Append a sentence about `it`, its first letter a capital. */
rec_status rec_emb_rules_say(rec_buffer *out, const rec_emb_writer_source *source,
                             const rec_emb_ask *ask, rec_emb_sentence sentence, const char *it,
                             rec_error *err);

/** Append "a, b and c": another word of the set for each, or the word itself in lower case. */
rec_status rec_emb_rules_list(rec_buffer *out, const rec_emb_writer_source *source,
                              const rec_emb_ask *ask, const char *const *words, size_t n,
                              rec_error *err);

#endif
