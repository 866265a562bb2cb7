/**
 * What tasks ask and systems answer. A request names whom it is for and carries either a ranking
 * query or a text prompt; a batch of replies can be written as bytes, which is what the journal of a
 * run keeps.
 */
#ifndef REC_HARNESS_SYSTEMS_REQUEST_H
#define REC_HARNESS_SYSTEMS_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/buffer.h"
#include "models/ranking.h"

/** Whom a request is for: the system under test, or a helper that the task's options name. */
typedef enum rec_party { REC_PARTY_SYSTEM, REC_PARTY_JUDGE, REC_PARTY_SIMULATOR } rec_party;

typedef enum rec_request_kind { REC_REQUEST_RANK, REC_REQUEST_TEXT } rec_request_kind;

/** A piece of a prompt. Data text (titles, reviews, replies) can never become a control token. */
typedef struct rec_text_part {
    const char *role; /* "system", "user", "assistant" */
    const char *text;
    bool is_data;
} rec_text_part;

/** Everything is borrowed from the job that asks, until its next step. */
typedef struct rec_request {
    rec_party to;
    rec_request_kind kind;
    rec_rank_request rank;      /* RANK */
    size_t k;                   /* RANK: list length */
    rec_ties ties;              /* RANK */
    const rec_text_part *parts; /* TEXT */
    size_t n_parts;
} rec_request;

typedef struct rec_reply {
    rec_request_kind kind;
    /* RANK: as in rec_ranked */
    uint32_t n_ranked, n_pool, n_targets;
    const uint32_t *items; /* (n_ranked) */
    const float *scores;   /* (n_ranked) */
    const rec_target_rank *targets;
    /* TEXT */
    const char *text; /* NULL: the call failed */
    uint64_t tokens_in, tokens_out;
    int64_t cost_microdollars; /* -1 = unknown */
} rec_reply;

/** Replies of one round; arrays and texts live in the arena. */
typedef struct rec_reply_batch {
    rec_reply *replies; /* in the arena */
    size_t n;
    rec_arena arena;
} rec_reply_batch;

void rec_reply_batch_deinit(rec_reply_batch *b);

/** Copy the n lists of a ranking into empty replies. */
rec_status rec_replies_from_ranked(rec_reply_batch *out, const rec_ranked *ranked, rec_error *err);

/** Append the batch as bytes (little-endian, the same on every machine). */
rec_status rec_replies_encode(rec_buffer *out, const rec_reply_batch *b, rec_error *err);
/** REC_ERR_DATA for bytes that are no batch. `out` is empty storage. */
rec_status rec_replies_decode(rec_reply_batch *out, const char *bytes, size_t n, rec_error *err);

#endif
