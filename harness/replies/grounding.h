/**
 * From the text of a title to the items it names. In this order: the exact title, the canonical one,
 * then the one title that is most similar, if it is similar enough, no other is as similar, and the
 * two do not differ in numerals (harness/replies/numerals.h). What is left is out of the catalogue;
 * nothing is guessed.
 */
#ifndef REC_HARNESS_REPLIES_GROUNDING_H
#define REC_HARNESS_REPLIES_GROUNDING_H

#include "harness/replies/title_index.h"
#include "harness/replies/title_list.h"

/** RecLM-eval's thresholds on the similarity (evaluates/evaluate.py). */
#define REC_SIMILAR_LIST_METRICS 0.6
#define REC_SIMILAR_ERRORS 0.8

typedef enum rec_grounding_step {
    REC_GROUNDED_NOT,
    REC_GROUNDED_EXACT,
    REC_GROUNDED_CANONICAL,
    REC_GROUNDED_SIMILAR
} rec_grounding_step;

typedef struct rec_grounding {
    rec_item_range items; /* all that share the title; borrowed from the grounder */
    rec_grounding_step step;
    double similarity;   /* of the best title: 1 for exact and canonical, else the cosine or 0 */
    bool near_threshold; /* another rounding could have decided otherwise */
    bool ambiguous;      /* several different titles were equally similar: none was taken */
} rec_grounding;

typedef struct rec_grounder rec_grounder;

/**
 * @param titles     (n) of the items 0 .. n - 1, copied; NULL entries have no title
 * @param threshold  least cosine of a similar title, 0 < threshold; above 1: none is similar enough
 */
rec_status rec_grounder_new(rec_grounder **out, char *const *titles, size_t n, double threshold,
                            rec_error *err);
void rec_grounder_free(rec_grounder *g);

/** What list parsers take as the known titles. */
const rec_title_index *rec_grounder_titles(const rec_grounder *g);

/**
 * @param candidates  items that were shown, in any order; or NULL. A title that is no exact and no
 *                    canonical one is compared with theirs first, then with the catalogue's.
 */
rec_status rec_ground(rec_grounding *out, const rec_grounder *g, rec_span title,
                      const uint32_t *candidates, size_t n_candidates, rec_error *err);

/**
 * One item per title of a list, REC_NO_ITEM for those out of the catalogue. Where several items share
 * the title, the first that is a target stands for all, else the first that is a candidate, else the
 * first that was in the history, else the first.
 */
typedef struct rec_grounding_context {
    const uint32_t *targets, *candidates, *history; /* or NULL */
    size_t n_targets, n_candidates, n_history;
} rec_grounding_context;

typedef struct rec_grounded_list {
    uint32_t *items;            /* (n) owned */
    rec_grounding *groundings;  /* (n) owned */
    size_t n, n_near_threshold; /* n_near_threshold: groundings that are */
} rec_grounded_list;

/** Empty on failure. */
rec_status rec_ground_list(rec_grounded_list *out, const rec_grounder *g,
                           const rec_title_list *list, const rec_grounding_context *context,
                           rec_error *err);
void rec_grounded_list_deinit(rec_grounded_list *list);

#endif
