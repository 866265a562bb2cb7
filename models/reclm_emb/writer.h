/**
 * Texts that no template gives: descriptions of users and of items, misspelt names, dialogues. Three
 * writers behind one interface, chosen by `data: {generator: ...}`: rules, a language model, a file of
 * recorded texts. A writer is asked with facts that are drawn before and are the same for all; what it
 * writes passes the same gates (gates.h) or is no text: there are no replacements. Everything is
 * counted by its outcome.
 */
#ifndef REC_MODELS_RECLM_EMB_WRITER_H
#define REC_MODELS_RECLM_EMB_WRITER_H

#include <stdio.h>

#include "core/arena.h"
#include "core/option.h"
#include "core/rng.h"
#include "datasets/dataset.h"
#include "models/lm/pool.h"
#include "models/reclm_emb/bands.h"
#include "models/reclm_emb/wording.h"

typedef enum rec_emb_text_kind {
    REC_EMB_NO_TEXT,     /* a task whose queries are templates around facts */
    REC_EMB_SUMMARY,     /* of a user, out of the history */
    REC_EMB_DESCRIPTION, /* of an item, in other words than the catalogue's */
    REC_EMB_DISLIKE,     /* a wish for one thing and without another; rules leave it to templates */
    REC_EMB_MISSPELLING, /* of an item's title */
    REC_EMB_DIALOGUE,    /* a user with a history looks for an item, the assistant asks */
    REC_EMB_N_TEXT_KINDS
} rec_emb_text_kind;

extern const char *const rec_emb_text_kind_names[]; /* "", "summary", ... */

typedef enum rec_emb_voice {
    REC_EMB_FIRST_PERSON,
    REC_EMB_THIRD_PERSON,
    REC_EMB_NO_PERSON,
    REC_EMB_N_VOICES
} rec_emb_voice;

typedef enum rec_emb_clarity {
    REC_EMB_CLEAR, /* says all it knows */
    REC_EMB_LOOSE, /* says less */
    REC_EMB_VAGUE, /* hedges, says little */
    REC_EMB_N_CLARITIES
} rec_emb_clarity;

enum { REC_EMB_N_LEVELS = 4, REC_EMB_N_LENGTHS = 4 };

/** A cell of the grid voice x clarity x level x length. */
typedef struct rec_emb_style {
    rec_emb_voice voice;
    rec_emb_clarity clarity;
    unsigned level; /* of education: 0 .. 3. Rules do not tell them apart */
    size_t words;   /* at most */
    size_t turns;   /* of a dialogue: how often the user says what is wanted */
    bool guesses;   /* of a dialogue: the assistant names a wrong item first */
} rec_emb_style;

/** A cell, all equally likely; two to five turns, a guess with probability 0.3. */
rec_emb_style rec_emb_style_draw(rec_emb_text_kind kind, rec_rng *rng);

/** One text that is wanted. Borrowed. */
typedef struct rec_emb_ask {
    rec_emb_text_kind kind;
    const char *id;   /* "us2i/train/42/0": task, part, user or item as in the data, pass */
    rec_emb_part set; /* whose grammar and words are used */
    rec_emb_style style;
    uint32_t item;           /* what is looked for */
    const uint32_t *history; /* oldest first */
    size_t n_history;
    const rec_emb_condition *conditions; /* what may be said of the item */
    size_t n_conditions;
    bool is_ahead; /* to let the writer know what will be wanted: goes into no record */
    rec_rng *rng;
    rec_arena *scratch;
} rec_emb_ask;

typedef enum rec_emb_outcome {
    REC_EMB_WRITTEN,
    REC_EMB_NO_FACTS,     /* nothing is known to write about */
    REC_EMB_NO_ANSWER,    /* not recorded, or recorded as failed */
    REC_EMB_OTHER_FACTS,  /* recorded for other facts than these */
    REC_EMB_SAYS_TITLE,   /* and so names the answer */
    REC_EMB_SAYS_FALSE,   /* something that is not true of the item, or of the history */
    REC_EMB_WRONG_LENGTH, /* outside the cell of the grid */
    REC_EMB_MALFORMED, /* says the same again and again; no misspelling of the title; no dialogue */
    REC_EMB_REPEATS,   /* the same text again, where 2 % already are */
    REC_EMB_PENDING,   /* will be asked; counted nowhere */
    REC_EMB_N_OUTCOMES
} rec_emb_outcome;

extern const char *const rec_emb_outcome_names[]; /* "written", "no_facts", ... */

typedef enum rec_emb_text_generator {
    REC_EMB_RULES,
    REC_EMB_LOCAL_LM,
    REC_EMB_REPLAY,
    REC_EMB_N_GENERATORS
} rec_emb_text_generator;

extern const char *const rec_emb_generator_choices[]; /* "rules", ...; ends with NULL */

/** Does it write texts of the kind? Rules do not write all. */
bool rec_emb_generator_writes(rec_emb_text_generator g, rec_emb_text_kind kind);

/** Name and version, as rows and tables have it: "rules-2". */
const char *rec_emb_generator_name(rec_emb_text_generator g);

/** How a language model is asked: keys lm, file, temperature, top_p, max_tokens. */
typedef struct rec_emb_lm_options {
    char *lm;   /* entry of lms: */
    char *file; /* where texts are kept: made, and gone on with */
    double temperature, top_p;
    int64_t max_tokens;
} rec_emb_lm_options;
extern const rec_option rec_emb_lm_option_table[];

/** What writers read. Borrowed; lives as long as the writer. */
typedef struct rec_emb_writer_source {
    const rec_emb_items *items;
    const rec_emb_wording *wording;
    const rec_emb_bands *bands;
    const rec_dataset *dataset;
    rec_lm_pool *lms; /* local-lm; or NULL */
    const rec_emb_lm_options *lm;
    const char *answers; /* replay: path of the recorded texts */
    FILE *record; /* gets a line for every text asked for, in the form that replay reads, with
                            the prompt that a model would get; or NULL */
    uint64_t seed;
} rec_emb_writer_source;

typedef struct rec_emb_writer rec_emb_writer;

/**
 * @param source  copied
 * @return REC_ERR_CONFIG for options that the generator needs and lacks; REC_ERR_DATA "file:line: ..."
 *         for a file of texts that is broken or names what the data do not have
 */
rec_status rec_emb_writer_new(rec_emb_writer **out, rec_emb_text_generator generator,
                              const rec_emb_writer_source *source, rec_error *err);
void rec_emb_writer_free(rec_emb_writer *w);

/** Before the texts of a part and task: repeats are counted within them. */
rec_status rec_emb_writer_begin(rec_emb_writer *w, rec_error *err);

/** Texts come from outside: a row whose text is missing stays missing and is not drawn anew. */
bool rec_emb_writer_is_outside(const rec_emb_writer *w);

/** Does it have to see all wishes before it writes (rec_emb_writer_answer)? Else nothing is pending. */
bool rec_emb_writer_collects(const rec_emb_writer *w);

/** Append the text wanted; nothing is appended unless *outcome is WRITTEN. */
rec_status rec_emb_write(rec_emb_outcome *outcome, rec_buffer *out, rec_emb_writer *w,
                         const rec_emb_ask *ask, rec_error *err);

/** Get answers to what is pending. Safe to interrupt: what arrived is kept in the file. */
rec_status rec_emb_writer_answer(rec_emb_writer *w, rec_error *err);

#endif
