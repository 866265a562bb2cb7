/**
 * What tasks ask and systems answer. A request names whom it is for and carries a ranking query, a
 * text prompt to continue, or a text prompt with the answers to choose from; a batch of replies can
 * be written as bytes, which is what the journal of a run keeps.
 */
#ifndef REC_HARNESS_SYSTEMS_REQUEST_H
#define REC_HARNESS_SYSTEMS_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/buffer.h"
#include "models/lm/lm.h"
#include "models/ranking.h"

/** Whom a request is for: the system under test, or a helper: a model of `lms:` that the task's
 * options name. */
typedef enum rec_party {
    REC_PARTY_SYSTEM,
    REC_PARTY_JUDGE,
    REC_PARTY_SIMULATOR,
    REC_PARTY_BASELINE, /* whose answers a judge compares with */
} rec_party;

typedef enum rec_request_kind {
    REC_REQUEST_RANK,
    REC_REQUEST_TEXT,   /* continue a prompt */
    REC_REQUEST_CHOOSE, /* log-likelihood of each of several continuations of a prompt */
} rec_request_kind;

/** A piece of a prompt. Neighbours of one role form one message. */
typedef struct rec_text_part {
    const char *role; /* "system", "user", "assistant" */
    const char *text;
    bool is_data;        /* titles, reviews, replies: can never become a control token */
    uint32_t drop_order; /* 0 = must stay. Where a prompt is longer than the model can read, parts
                            with the lowest number go first, all of a number together: the history,
                            oldest first */
} rec_text_part;

/** How a text is to be continued. */
typedef struct rec_text_settings {
    size_t max_tokens;  /* 0 = what the context leaves */
    double temperature; /* 0 = greedy */
    double top_p;       /* 0 or 1 = all */
    uint64_t seed, id;  /* name the random draws; `id` is stable: of the sample, the turn */
    const char *const *stop;
    size_t n_stop;
} rec_text_settings;

/** Everything is borrowed from the job that asks, until its next step. */
typedef struct rec_request {
    rec_party to;
    const char *lm; /* helpers: the entry of `lms:` that answers */
    rec_request_kind kind;
    rec_rank_request rank;      /* RANK */
    size_t k;                   /* RANK: list length */
    rec_ties ties;              /* RANK */
    const rec_text_part *parts; /* TEXT, CHOOSE */
    size_t n_parts;
    rec_text_settings text;     /* TEXT */
    const char *const *choices; /* CHOOSE: continuations, data */
    size_t n_choices;
    const rec_lm_answer_key *key; /* TEXT: for rule-based models; or NULL */
    uint32_t repeat;              /* TEXT: which of several answers to one question */
} rec_request;

typedef struct rec_reply {
    rec_request_kind kind;
    /* RANK: as in rec_ranked. CHOOSE: scores (n_ranked) are the log-likelihoods of the choices in
     * the order of the request, items their numbers; none after a failure */
    uint32_t n_ranked, n_pool, n_targets;
    const uint32_t *items; /* (n_ranked) */
    const float *scores;   /* (n_ranked) */
    const rec_target_rank *targets;
    /* TEXT */
    const char *text; /* NULL: the call failed */
    bool was_cut;     /* ended by max_tokens, not by the model */
    /* TEXT, CHOOSE */
    const char *failure; /* why there is no answer; NULL when there is one */
    uint64_t tokens_in, tokens_out;
    uint32_t n_dropped;        /* entries (numbers of drop_order) the prompt had no room for */
    int64_t cost_microdollars; /* -1 = unknown */
} rec_reply;

/** Replies of one round; arrays and texts live in the arena. */
typedef struct rec_reply_batch {
    rec_reply *replies; /* in the arena */
    size_t n;
    rec_arena arena;
} rec_reply_batch;

void rec_reply_batch_deinit(rec_reply_batch *b);

/** Room for n replies, zeroed, in an empty batch. */
rec_status rec_reply_batch_init(rec_reply_batch *b, size_t n, rec_error *err);
/** A text that lives as long as the batch; NULL on failure. */
const char *rec_reply_batch_text(rec_reply_batch *b, const char *text, rec_error *err);
/** Deep copy of a reply into place i. */
rec_status rec_reply_batch_put(rec_reply_batch *b, size_t i, const rec_reply *reply,
                               rec_error *err);

/** Copy the n lists of a ranking into empty replies. */
rec_status rec_replies_from_ranked(rec_reply_batch *out, const rec_ranked *ranked, rec_error *err);

/** Append the batch as bytes (little-endian, the same on every machine). */
rec_status rec_replies_encode(rec_buffer *out, const rec_reply_batch *b, rec_error *err);
/** REC_ERR_DATA for bytes that are no batch. `out` is empty storage. */
rec_status rec_replies_decode(rec_reply_batch *out, const char *bytes, size_t n, rec_error *err);

#endif
