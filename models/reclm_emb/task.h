/**
 * The tasks that RecLM-emb is trained and tested on. One file in models/reclm_emb/tasks/ makes the
 * rows of one task, one line in tasks.def names it; the driver (generate.c) visits users or items in a
 * drawn order and adds templates, answers and negatives, the same way for all.
 */
#ifndef REC_MODELS_RECLM_EMB_TASK_H
#define REC_MODELS_RECLM_EMB_TASK_H

#include "core/rng.h"
#include "models/reclm_emb/data.h"
#include "models/reclm_emb/relatives.h"
#include "models/reclm_emb/rows.h"
#include "models/reclm_emb/writer.h"

/** Users or items that gave no row, and what became of the texts that the generator was asked for. */
typedef struct rec_emb_tally {
    size_t n_without;
    size_t texts[REC_EMB_N_OUTCOMES];
} rec_emb_tally;

/** What rows of one part are made from. Borrowed. */
typedef struct rec_emb_source {
    const rec_dataset *dataset;
    const rec_emb_data_options *options;
    const rec_emb_items *items;
    const rec_emb_wording *wording;
    rec_emb_writer *writer;
    const rec_emb_bands *bands;
    const rec_emb_relatives *relatives;
    const rec_emb_split *split;
    rec_emb_part part;
    const rec_interactions *history; /* what may be shown */
    const rec_interactions *targets; /* what is to be predicted; NULL: out of the history itself */
    const rec_emb_neighbours *neighbours; /* of this part's users */
} rec_emb_source;

/** A row in the making. `query` and the slots' texts live in the draft's buffers. */
typedef struct rec_emb_draft {
    const rec_emb_source *source;
    rec_emb_rows *rows;
    rec_emb_row *row; /* user or item is set; the task fills the rest */
    size_t pass;      /* how often the user or item was visited before */
    rec_rng rng;
    rec_buffer query, without, history; /* {query} or {wish}, {without}, {history} */
    bool is_sentence;                   /* the query is whole as it is: no template */
    bool is_missing;       /* a text from outside is not there: the row stays missing */
    rec_emb_phrase phrase; /* of the template: the task's, unless the draft changes it */
    bool is_other;         /* not for this task: counted nowhere */
    bool is_ahead;         /* the row will not be kept: texts are only announced */
    rec_emb_tally *tally;
    rec_arena scratch; /* taken back after every row */
} rec_emb_draft;

/** What a test row's truth is made of in files, and how the original judges its answers: items by hits,
 * conditions by the share of the list that satisfies them. */
typedef enum rec_emb_truth {
    REC_EMB_TRUTH_ITEMS,
    REC_EMB_TRUTH_PAIRS, /* conditions: keys and values */
    REC_EMB_TRUTH_BOUNDS /* conditions: bounds on price and date; items in files of our own */
} rec_emb_truth;

typedef struct rec_emb_task {
    const char *name;    /* "uh2i" */
    const char *help;    /* one line */
    const char *example; /* a query, for documentation */
    bool by_user;        /* visits users; else items */
    bool by_predicate;   /* whatever satisfies the conditions is an answer */
    bool is_broad;       /* many items answer: coverage says more than hits */
    bool is_extra;       /* not among the paper's ten: trained only where it is named */
    bool by_set;         /* one wording is one question, whatever item it was drawn for */
    rec_emb_truth truth;
    int passes; /* over the users or items */
    rec_emb_phrase phrase;
    double bare;            /* share of queries without a template */
    rec_emb_text_kind text; /* what the generator is asked for; none: nothing */
    /** Fill a row; *made false when this user or item gives none. */
    rec_status (*draft)(bool *made, rec_emb_draft *d, rec_error *err);
} rec_emb_task;

#define REC_EMB_TASK(name) REC_EMB_TASK_##name,
/** Numbers of the tasks: REC_EMB_TASK_uh2i, ... */
typedef enum rec_emb_task_number {
#include "models/reclm_emb/tasks/tasks.def"
    REC_EMB_N_TASKS
} rec_emb_task_number;
#undef REC_EMB_TASK

extern const rec_emb_task *const rec_emb_tasks[]; /* (REC_EMB_N_TASKS) */
/** Index of a name, or REC_EMB_N_TASKS. */
size_t rec_emb_task_find(const char *name);

/** Are training rows of the task made even where nothing trains on them or tests them, to compare other
 * rows with? Not of extras, and not where somebody outside would have to write them. */
bool rec_emb_task_is_always_made(size_t task, const rec_emb_data_options *options);

/** Append rows of one task for source->part: at most as many as the options allow. */
rec_status rec_emb_generate(rec_emb_rows *out, rec_emb_tally *tally, const rec_emb_source *source,
                            size_t task, rec_error *err);

/* What drafts share (draft.c, draft_conditions.c). */

/** d->row is a new row at the end of the set, of a task and the source's part; nothing is in the buffers. */
rec_status rec_emb_draft_open(rec_emb_draft *d, size_t task, rec_error *err);
void rec_emb_draft_deinit(rec_emb_draft *d);

/** May this part show the item, or ask for it? Training sees training items only. */
bool rec_emb_visible(const rec_emb_source *s, uint32_t item);

/**
 * History and target of a user: row->history and row->excluded, the item to predict in row->item.
 * Training draws a place in the history, development takes its last item, tests take the targets.
 * *made false when the user is of another part or has nothing to predict.
 */
rec_status rec_emb_draft_user(bool *made, rec_emb_draft *d, rec_error *err);

/** Names of row->history, newest first, into d->history; *made false when none has a name. */
rec_status rec_emb_draft_history(bool *made, rec_emb_draft *d, rec_error *err);

/** How many conditions of what kind. */
typedef struct rec_emb_wish {
    bool with_title;       /* the title may be among them */
    size_t conditions_max; /* attributes at most; 0 = all */
    size_t values_max;     /* values per list at most; 0 = all */
    bool exact;            /* price and day among them, as the original quotes them */
    bool with_description; /* exact: the whole description may be among them */
    int keys;              /* rec_emb_wish_keys */
} rec_emb_wish;

/** "genre: crime" or "crime": drawn once per wish unless it is known. */
typedef enum rec_emb_wish_keys {
    REC_EMB_KEYS_DRAWN,
    REC_EMB_KEYS_SHOWN,
    REC_EMB_KEYS_LEFT_OUT
} rec_emb_wish_keys;

/** Draw conditions that row->item satisfies and put them into words at the end of d->query. *made
 * false when nothing is known about the item. */
rec_status rec_emb_draft_wish(bool *made, rec_emb_draft *d, const rec_emb_wish *wish,
                              rec_error *err);

/**
 * Put the draft into words: its query, bare text and template.
 * @param set, index  of the template; index REC_EMB_BARE = none
 */
rec_status rec_emb_draft_words(rec_emb_draft *d, rec_emb_phrase phrase, rec_emb_part set,
                               uint32_t index, rec_error *err);

enum { REC_EMB_FACTS_MAX = 5 };

/** Draw one to `most` (at most REC_EMB_FACTS_MAX) conditions that row->item satisfies: attributes, bands
 * of price and date. *n is 0 when nothing is known. */
rec_status rec_emb_draft_facts(size_t *n, rec_emb_condition facts[REC_EMB_FACTS_MAX],
                               rec_emb_draft *d, size_t most, rec_error *err);

/** May this part ask for this set of conditions? Parts divide them as users and items, so that no test
 * asks what was trained. */
bool rec_emb_is_set_of_part(const rec_emb_source *s, const rec_emb_condition *conditions, size_t n);

/** Have the generator write about the row's item and history, at the end of d->query. *made false when
 * there is no text; d->tally says why. */
rec_status rec_emb_draft_text(bool *made, rec_emb_draft *d, rec_emb_text_kind kind,
                              const rec_emb_style *style, const rec_emb_condition *facts,
                              size_t n_facts, rec_error *err);

/** The user's description, in a drawn style. */
rec_status rec_emb_draft_summary(bool *made, rec_emb_draft *d, rec_error *err);

/** A description of row->item by drawn facts that are of this part, which become row->conditions. */
rec_status rec_emb_draft_description(bool *made, rec_emb_draft *d, rec_error *err);

/** The title of row->item, misspelt; row->conditions asks for the title. */
rec_status rec_emb_draft_misspelling(bool *made, rec_emb_draft *d, rec_error *err);

/** Set row->conditions to a copy. */
rec_status rec_emb_draft_conditions(rec_emb_draft *d, const rec_emb_condition *conditions, size_t n,
                                    rec_error *err);

/** Set answers to the items, sorted and distinct; or to these and the row's item. */
rec_status rec_emb_draft_answers(rec_emb_draft *d, const uint32_t *items, size_t n, rec_error *err);
rec_status rec_emb_draft_answers_and_item(rec_emb_draft *d, const uint32_t *items, size_t n,
                                          rec_error *err);

/** Set answers to whatever satisfies row->conditions. */
rec_status rec_emb_draft_answers_by_predicate(rec_emb_draft *d, rec_error *err);

/** Where nothing else is to be found, row->item is. */
rec_status rec_emb_draft_positives(rec_emb_draft *d, rec_error *err);

#endif
