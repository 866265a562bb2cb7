/**
 * The probabilities behind a synthetic data set (datasets/readers/synth.c), so that an oracle can score
 * them and tests can compute what any system may at best reach.
 *
 * A user belongs to one of C taste classes. His next item is drawn among those he has not had:
 *
 *     p(i | class c, last item l) = s [i = follows(l)] + (1 - s) P_c(i)      renormalised
 *     P_c(i) = theta_c(topic_i) v_ci / sum over items j of that topic of v_cj
 *     v_ci   = weight_i exp(price_effect thrifty_c cheap_i)
 *
 * with s = 0 for the first item. The truth travels as auxiliary tables truth, truth_items, truth_users
 * and truth_classes, keyed by ids, so that filters may drop users and items.
 */
#ifndef REC_DATASETS_SYNTH_TRUTH_H
#define REC_DATASETS_SYNTH_TRUTH_H

#include <stddef.h>
#include <stdint.h>

#include "core/status.h"
#include "datasets/builder.h"
#include "datasets/dataset.h"

typedef struct rec_synth_truth {
    size_t n_users, n_items, n_topics, n_classes;
    double sequence; /* s */
    double price_effect;
    double *theta;        /* (n_classes, n_topics), rows sum to 1 over topics that have items */
    uint8_t *thrifty;     /* (n_classes) */
    uint32_t *topic;      /* (n_items) */
    double *weight;       /* (n_items) popularity */
    uint8_t *cheap;       /* (n_items) */
    uint32_t *follows;    /* (n_items), REC_NO_ITEM where a filter dropped the follower */
    uint32_t *user_class; /* (n_users) */
} rec_synth_truth;

rec_status rec_synth_truth_init(rec_synth_truth *t, size_t n_users, size_t n_items, size_t n_topics,
                                size_t n_classes, rec_error *err);
void rec_synth_truth_deinit(rec_synth_truth *t);

/** P_c over the items: out (n_items), sums to 1. */
rec_status rec_synth_class_distribution(double *out, const rec_synth_truth *t, size_t c,
                                        rec_error *err);

/** As auxiliary tables; ids are those the builder knows users and items by. */
rec_status rec_synth_truth_write(rec_builder *b, const rec_synth_truth *t, rec_error *err);

/** Out of a dataset's tables, in its dense order. REC_ERR_DATA when it is not synthetic. */
rec_status rec_synth_truth_read(rec_synth_truth *t, const rec_dataset *d, rec_error *err);

#endif
