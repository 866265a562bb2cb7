/**
 * A catalogue as RecLM-emb sees it: which column of the data plays which role (the config says), list
 * and word attributes as numbered values, price and date as numbers, and the one text by which an item
 * is embedded. Built once; everything that generates, judges or embeds reads it.
 */
#ifndef REC_MODELS_RECLM_EMB_ITEMS_H
#define REC_MODELS_RECLM_EMB_ITEMS_H

#include "core/option.h"
#include "datasets/dataset.h"
#include "datasets/strings.h"

/** How an item's text is put together; part of a model's identity (manifest.h). */
typedef enum rec_emb_layout {
    REC_EMB_LAYOUT_OWN,      /* item_text.h */
    REC_EMB_LAYOUT_ORIGINAL, /* original/item_text.c */
    REC_EMB_N_LAYOUTS
} rec_emb_layout;

/** Names of the layouts in manifests; one changes when the same item gives another text. */
extern const char *const rec_emb_layout_names[];

/** Which columns play which role, and what an item is called. */
typedef struct rec_emb_roles {
    rec_string_list lists; /* columns of several values: tags, genres; none: every list column */
    rec_string_list words; /* columns of one short value: maker, brand */
    char *price, *date, *description; /* columns, or NULL: one of the usual name, if there */
    char *noun, *nouns;               /* "film", "films"; NULL (`noun:` and nothing): "item" */
    char *value_noun;                 /* "kind" makes the value "17" "kind 17"; NULL: it stays */
    int64_t values_max;               /* of a list: the first so many count; 0 = all */
    int layout;                       /* rec_emb_layout; no key: follows from what rows are made */
} rec_emb_roles;

/** Keys lists, words, price, date, description, noun, nouns, value_noun,
 * values_max. */
extern const rec_option rec_emb_role_options[];

/** Values of one list or word attribute; item i has value[start[i] .. start[i + 1] - 1]. */
typedef struct rec_emb_attribute {
    char *key; /* owned: as texts and queries name it */
    bool is_list;
    const rec_column *column; /* borrowed: the values as they stand in the data */
    size_t *start;            /* owned (n_items + 1) */
    uint32_t
        *value; /* owned: numbers of rec_emb_items.values, in the order of the data, no doubles */
} rec_emb_attribute;

typedef struct rec_emb_items {
    const rec_catalogue *catalogue; /* borrowed */
    size_t n;
    rec_emb_attribute *attributes; /* owned: lists first, then words, in the order of the config */
    size_t n_attributes;
    rec_interner values;           /* texts of all attribute values */
    rec_strings *pool;             /* owned: values and item texts */
    double *price;                 /* owned (n), NaN = unknown; NULL: nothing plays this role */
    double *date;                  /* owned (n), seconds since 1970, NaN = unknown; NULL likewise */
    bool dates_are_years;          /* all of them */
    bool *only_year;               /* owned (n): of this item the year is known, or NULL: of none */
    const rec_column *description; /* or NULL */
    rec_emb_layout layout;         /* of the texts */
    const char *noun, *nouns;      /* borrowed from the roles or static */
    char **names; /* owned list, texts in the pool or catalogue (n): rec_emb_name */
    char **texts; /* owned list, texts in the pool (n); never NULL, may be empty */
    size_t n_without_title, n_without_text;
} rec_emb_items;

/**
 * Roles and catalogue are borrowed.
 * @return REC_ERR_CONFIG for a role whose column does not exist, has the wrong type or plays another one;
 *         REC_ERR_DATA when no item has a text
 */
rec_status rec_emb_items_init(rec_emb_items *out, const rec_emb_roles *roles,
                              const rec_catalogue *catalogue, rec_error *err);
void rec_emb_items_deinit(rec_emb_items *x);

/** The item's title, or NULL when it has none: blanks are none. */
const char *rec_emb_title(const rec_emb_items *x, uint32_t item);

/** What stands for the item in a history: its title; in a catalogue without any title, the values of its
 * attributes. NULL: nothing does. */
const char *rec_emb_name(const rec_emb_items *x, uint32_t item);

/** Is the item's date known to the month? */
bool rec_emb_knows_month(const rec_emb_items *x, uint32_t item);

/** Does the attribute of the item contain the value? */
bool rec_emb_has_value(const rec_emb_items *x, uint32_t item, size_t attribute, uint32_t value);

enum { REC_EMB_NUMBER_MAX = 48 };
/** "14.5"; "March 1997", or "1997" where dates are years. NaN gives "". */
void rec_emb_price_text(char out[REC_EMB_NUMBER_MAX], double price);
void rec_emb_date_text(char out[REC_EMB_NUMBER_MAX], double seconds, bool year_only);

/** Calendar year and month (1..12) of a moment, UTC. */
void rec_emb_calendar(int *year, int *month, double seconds);

/** The calendar year, or month, that a moment falls into: low <= moment < high. `shift` moves it by so
 * many years or months. */
void rec_emb_span(double *low, double *high, double seconds, bool by_month, int shift);

#endif
