/** Three-step random walks user -> item -> user -> item as item-to-item weights: the common core of
 * p3alpha and rp3beta. */
#ifndef REC_MODELS_RANDOM_WALK_H
#define REC_MODELS_RANDOM_WALK_H

#include "models/item_graph.h"

typedef struct rec_random_walk {
    int64_t k;      /* items kept per row, then per column */
    double alpha;   /* exponent of both transition probabilities */
    double beta;    /* exponent of the popularity that divides a target's weight */
    bool normalize; /* rows sum to 1 before the top k per column */
} rec_random_walk;

/** The option rows of a model struct whose member `m` is a rec_random_walk (beta apart). */
#define REC_RANDOM_WALK_OPTIONS(owner, m)                                                          \
    {.key = "k",                                                                                   \
     .help = "items kept per row and then per column",                                             \
     .offset = offsetof(owner, m.k),                                                               \
     .type = REC_OPT_INT,                                                                          \
     .value = 100,                                                                                 \
     .min = 1,                                                                                     \
     .max = 1e6},                                                                                  \
        {.key = "alpha",                                                                           \
         .help = "exponent of the transition probabilities",                                       \
         .offset = offsetof(owner, m.alpha),                                                       \
         .type = REC_OPT_REAL,                                                                     \
         .value = 1,                                                                               \
         .min = 0,                                                                                 \
         .max = 10},                                                                               \
    {                                                                                              \
        .key = "normalize", .help = "make rows sum to 1 before the top k per column",              \
        .offset = offsetof(owner, m.normalize), .type = REC_OPT_BOOL, .value = 1                   \
    }

/**
 * weights[i, j] = popularity(j)^-beta * sum over users u of p(i -> u)^alpha p(u -> j)^alpha, no
 * diagonal, the k greatest of each row, optionally normalised, then the k greatest of each column;
 * p(i -> u) = 1 / number of users of i, p(u -> j) = x_uj / sum of u's row.
 */
rec_status rec_random_walk_fit(rec_item_graph *out, const rec_random_walk *walk,
                               const rec_interactions *train, rec_error *err);

#endif
