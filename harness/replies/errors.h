/**
 * What is wrong with lists that were read out of replies, by items: what does not exist, was not
 * offered, is repeated, is known to the user already, is missing, was copied. Every figure is one of
 * a sample; a report shows means over samples. RecLM-eval's own figures: reclm_errors.h.
 */
#ifndef REC_HARNESS_REPLIES_ERRORS_H
#define REC_HARNESS_REPLIES_ERRORS_H

#include "harness/replies/grounding.h"

/** What was shown and asked for. Borrowed. */
typedef struct rec_shown_items {
    const uint32_t *history; /* (n_history) oldest first */
    size_t n_history;
    const uint32_t *candidates; /* (n_candidates) distinct, in the order shown; NULL: none shown */
    size_t n_candidates;
    const uint32_t *targets; /* (n_targets) what should have been listed first; or NULL */
    size_t n_targets;
    size_t n_wanted; /* titles that were asked for; 0 = not said */
} rec_shown_items;

typedef struct rec_list_errors {
    rec_list_mode mode;
    size_t n;           /* titles */
    size_t n_unknown;   /* out of the catalogue */
    size_t n_duplicate; /* items, or texts of unknown titles, that came before in the list */
    size_t n_history;   /* items of the history */
    size_t n_similar, n_ambiguous, n_near_threshold; /* as grounded: rec_grounding */
    size_t n_foreign; /* not among the candidates, unknown ones included; 0 without candidates */
    size_t n_wanted;
    bool has_candidates;
    size_t n_offered; /* distinct candidates in the list */
    size_t n_copied;  /* longest common subsequence of the list and history, then candidates */
    double order; /* Kendall's tau between the order of candidates shown and listed; NaN below 2 */
    double
        place_bias; /* see target_place_bias; NaN without a target among two candidates or more */
} rec_list_errors;

/** @param grounded  of `list`, as parsed */
rec_status rec_list_errors_find(rec_list_errors *out, const rec_title_list *list,
                                const rec_grounded_list *grounded, const rec_shown_items *shown,
                                rec_error *err);

/** A figure of a sample with everything a report says about it. */
typedef struct rec_error_metric {
    const char *name; /* "duplicate_error_rate" */
    const char *help, *formula;
    bool higher_is_better;
    bool needs_candidates; /* NaN in tasks without */
    /** NaN where undefined. */
    double (*value)(const rec_list_errors *errors);
    /** Weight in the mean over samples: titles for the `_item` figures. NULL: 1. */
    double (*weight)(const rec_list_errors *errors);
} rec_error_metric;

extern const rec_error_metric rec_error_metrics[];
extern const size_t rec_n_error_metrics;
const rec_error_metric *rec_error_metric_find(const char *name); /* or NULL */

#endif
