/**
 * The words queries are made of: frames around cores, and other names for attribute values, in three
 * sets that share nothing. The default is wording.yaml of this folder, compiled in; a user's file of
 * the same form replaces it.
 */
#ifndef REC_MODELS_RECLM_EMB_WORDING_H
#define REC_MODELS_RECLM_EMB_WORDING_H

#include "core/buffer.h"
#include "core/rng.h"
#include "models/reclm_emb/part.h"

/** What a core puts into words. */
typedef enum rec_emb_phrase {
    REC_EMB_PHRASE_HISTORY,    /* {history} */
    REC_EMB_PHRASE_ITEM,       /* {query} */
    REC_EMB_PHRASE_ATTRIBUTES, /* {query} */
    REC_EMB_PHRASE_TITLE,      /* {query} */
    REC_EMB_PHRASE_VAGUE,      /* {query} */
    REC_EMB_PHRASE_NEGATIVE,   /* {query} {without} */
    REC_EMB_PHRASE_WISH,       /* {wish} {history} */
    REC_EMB_PHRASE_SUMMARY,    /* {query} */
    REC_EMB_PHRASE_EXCLUSION,  /* {query}: what is not wanted (original/) */
    REC_EMB_PHRASE_RECENT,     /* and the next three: nothing, the core says it all */
    REC_EMB_PHRASE_CHEAP,
    REC_EMB_PHRASE_EXPENSIVE,
    REC_EMB_PHRASE_POPULAR,
    REC_EMB_N_PHRASES
} rec_emb_phrase;

/** What a text without a template is made of; {it} is what is stated. */
typedef enum rec_emb_sentence {
    REC_EMB_LIKES_FIRST, /* of a user, by voice: first person, third person, none */
    REC_EMB_LIKES_THIRD,
    REC_EMB_LIKES_NONE,
    REC_EMB_HEDGED_FIRST,
    REC_EMB_HEDGED_THIRD,
    REC_EMB_HEDGED_NONE,
    REC_EMB_ALSO_FIRST,
    REC_EMB_ALSO_THIRD,
    REC_EMB_ALSO_NONE,
    REC_EMB_ERA,
    REC_EMB_BAND,
    REC_EMB_SERIES,
    REC_EMB_WISH_FIRST, /* of an item */
    REC_EMB_WISH_THIRD,
    REC_EMB_MAYBE_FIRST,
    REC_EMB_MAYBE_THIRD,
    REC_EMB_MAYBE_NONE,
    REC_EMB_GREET, /* of a dialogue */
    REC_EMB_WELCOME,
    REC_EMB_HISTORY,
    REC_EMB_ASK,
    REC_EMB_REVEAL,
    REC_EMB_GUESS,
    REC_EMB_DECLINE,
    REC_EMB_N_SENTENCES
} rec_emb_sentence;

typedef struct rec_emb_wording rec_emb_wording;

/**
 * @param path  YAML file, or NULL for the words compiled in
 * @return REC_ERR_CONFIG with file, line and column for a missing set, a missing slot, or a text that
 *         two sets share
 */
rec_status rec_emb_wording_open(rec_emb_wording **out, const char *path, rec_error *err);
void rec_emb_wording_free(rec_emb_wording *w);

/** Templates of a phrase: every frame around every core of the set. */
size_t rec_emb_wording_count(const rec_emb_wording *w, rec_emb_phrase phrase, rec_emb_part set);

/** What goes into the slots; NULL where a phrase has no such slot. */
typedef struct rec_emb_slots {
    const char *noun, *nouns, *query, *without, *history, *wish, *it;
} rec_emb_slots;

/** Append template number `index` (below the count) with its slots filled. */
rec_status rec_emb_wording_apply(rec_buffer *out, const rec_emb_wording *w, rec_emb_phrase phrase,
                                 rec_emb_part set, size_t index, const rec_emb_slots *slots,
                                 rec_error *err);

/** Append a sentence drawn from the set, its slots filled, as it stands in the file: neither capital nor
 * full stop. */
rec_status rec_emb_wording_say(rec_buffer *out, const rec_emb_wording *w, rec_emb_sentence sentence,
                               rec_emb_part set, const rec_emb_slots *slots, rec_rng *rng,
                               rec_error *err);

/** Another name for an attribute value (any case), drawn from the set; NULL when it has none. */
const char *rec_emb_wording_synonym(const rec_emb_wording *w, rec_emb_part set, const char *value,
                                    rec_rng *rng);

/** The YAML text in use: what `recai data reclm-emb` writes beside the data. Borrowed. */
const char *rec_emb_wording_text(const rec_emb_wording *w, size_t *length);

#endif
