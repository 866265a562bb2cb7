/**
 * Rows as the released RecLM-emb makes them (RecAI, RecLM-emb/preprocess: data_process, gen_test_data,
 * utils, test_filter), flaws included: `data: {compat: original}`. Nobody and nothing is held out but each
 * user's last item, which tests ask for; every training template is a test template, too. Probabilities,
 * counts and rejection rules are the original's, words are ours (wording.yaml) and texts of a language
 * model come from the writer by rules (writers/) at the original's rates. What we do not take over:
 * queries are not rewritten by a tokenizer, and where the original crashes or never ends (titles only, a
 * condition that every item satisfies, one kind of attribute) there is no row.
 */
#ifndef REC_MODELS_RECLM_EMB_ORIGINAL_ORIGINAL_H
#define REC_MODELS_RECLM_EMB_ORIGINAL_ORIGINAL_H

#include "models/reclm_emb/corpus.h"
#include "models/reclm_emb/relatives.h"

/** What the generators look up. */
typedef struct rec_emb_original_facts {
    const rec_interactions *sequences; /* borrowed: all of every user, oldest first */
    rec_interactions known;            /* owned: the same without each user's last */
    rec_emb_neighbours neighbours;     /* owned: of `known` */
    double price_min, price_max;       /* of all known prices; NaN: none is known */
    int month_first, month_last;       /* of all known dates: 12 year + month - 1; 0 = none */
    /* Distinct values of attribute a: values[value_start[a]] on. Owned. */
    size_t *value_start;
    uint32_t *values;
    /* The newest, cheapest, dearest, most frequent: a twentieth of the catalogue, equals in the order of
     * their numbers whoever is cut off; fewer where less is known. Owned. */
    rec_emb_relatives relatives;
} rec_emb_original_facts;

rec_status rec_emb_original_facts_init(rec_emb_original_facts *out, const rec_emb_items *items,
                                       const rec_interactions *sequences, rec_error *err);
void rec_emb_original_facts_deinit(rec_emb_original_facts *f);

/** A generator at work on one part. The draft's row is the one that is being made. */
typedef struct rec_emb_maker {
    rec_emb_draft draft;
    rec_emb_source source; /* behind draft.source */
    const rec_emb_original_facts *facts;
    rec_rng visit;        /* which rows a unit gets; every row has a stream of its own out of it */
    rec_emb_tally *tally; /* (REC_EMB_N_TASKS) of this part, borrowed */
    size_t n_made[REC_EMB_N_TASKS]; /* in this part */
    size_t n_wanted;                /* of each task */
    bool wanted[REC_EMB_N_TASKS];
} rec_emb_maker;

typedef enum rec_emb_unit { REC_EMB_PER_USER, REC_EMB_PER_ITEM, REC_EMB_PER_DRAW } rec_emb_unit;

/** One of the original's files. */
typedef struct rec_emb_generator {
    const char *name;             /* the original's: "user2item"; part of every draw's purpose */
    rec_emb_unit unit;            /* what it visits */
    size_t passes[2], n_units[2]; /* in training and in tests: visits of each, how many at most */
    unsigned makes;               /* tasks whose rows it makes: bits 1 << number */
    bool is_sampled;              /* units are drawn by chance, those left out are no loss */
    rec_status (*visit)(rec_emb_maker *m, uint32_t unit, rec_error *err);
} rec_emb_generator;

/** In the order in which they run. */
extern const rec_emb_generator rec_emb_user2item, rec_emb_queryuser2item, rec_emb_item2item,
    rec_emb_title2item, rec_emb_misspell2item, rec_emb_query2item, rec_emb_sparse_query2item,
    rec_emb_negquery2item, rec_emb_vaguequery2item, rec_emb_relativequery2item, rec_emb_gpt_user,
    rec_emb_gpt_item, rec_emb_gpt_misspell, rec_emb_gpt_v2_user, rec_emb_gpt_v2_item,
    rec_emb_gpt_v2_dialogue;

/** Rows of all parts in the plan (there is no development part) into c->rows, repeated test rows dropped.
 * Items, split and wording of the corpus are there. */
rec_status rec_emb_original_rows(rec_emb_corpus *c, const rec_emb_data_options *options,
                                 const rec_emb_corpus_plan *plan, rec_emb_writer *writer,
                                 rec_error *err);

/**
 * Drop test rows whose text stands in training rows of the same task, as the original compares: without
 * a training template, in lower case. A task all of whose test rows repeat keeps them all.
 */
rec_status rec_emb_original_filter(rec_emb_corpus *c, rec_error *err);

/* What generators share (make.c). */

static inline bool rec_emb_is_test(const rec_emb_maker *m)
{
    return m->source.part == REC_EMB_TEST;
}

/** A coin while a unit is visited, and one of the row that is open: what a row is does not depend on
 * which other rows are wanted. */
bool rec_emb_visit_chance(rec_emb_maker *m, double probability);
bool rec_emb_chance(rec_emb_maker *m, double probability);

/** A row at the end of the set, its buffers empty. *open false: the task has all its rows. */
rec_status rec_emb_open_row(bool *open, rec_emb_maker *m, size_t task, uint32_t user, uint32_t item,
                            rec_error *err);

/** May this item stand beside the answer as wrong? */
typedef bool (*rec_emb_is_wrong_fn)(const rec_emb_maker *m, uint32_t item);

/** How a row is put into words and what its negatives are. */
typedef struct rec_emb_finish {
    rec_emb_phrase phrase;
    double bare;                  /* share without template, before one is drawn */
    bool has_bare;                /* "no template" is one of the templates */
    rec_emb_is_wrong_fn is_wrong; /* NULL: negatives are there */
    size_t tries;                 /* of all negatives together; 0 = until there are enough */
} rec_emb_finish;

/** Keep the row, put into words, with its answers and negatives; or drop it when `made` is false or it has
 * no answer or no negatives. */
rec_status rec_emb_close_row(rec_emb_maker *m, bool made, const rec_emb_finish *finish,
                             rec_error *err);

/** The user's sequence. */
size_t rec_emb_sequence(const uint32_t **items, const rec_emb_maker *m, uint32_t user);

/** Rejection rules that several generators have: any other item; one of another title; one that violates
 * the row's conditions. */
bool rec_emb_is_other(const rec_emb_maker *m, uint32_t item);
bool rec_emb_is_other_title(const rec_emb_maker *m, uint32_t item);
bool rec_emb_violates(const rec_emb_maker *m, uint32_t item);

/** Share of wishes that are full. */
#define REC_EMB_FULL_SHARE 0.6

/** A wish for row->item: full (at most `full_max` conditions, 0 = any number, the title among them half the
 * time), or sparse (1 to 3 conditions of one or two values, no description). */
rec_status rec_emb_original_wish(bool *made, rec_emb_maker *m, bool is_full, size_t full_max,
                                 rec_error *err);

/** The first `end` items of the user's sequence as row->history (the latest of them) and ->excluded, the
 * item there as what is asked for. */
rec_status rec_emb_show_history(rec_emb_maker *m, size_t end, rec_error *err);

#endif
