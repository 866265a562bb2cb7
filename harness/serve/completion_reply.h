/** Answers of /v1/chat/completions and /v1/completions: one object, or server-sent events. */
#ifndef REC_HARNESS_SERVE_COMPLETION_REPLY_H
#define REC_HARNESS_SERVE_COMPLETION_REPLY_H

#include "harness/serve/api_error.h"
#include "harness/serve/token_trace.h"

/** What every object of an answer says. */
typedef struct rec_completion_head {
    bool chat;
    char id[40];       /* "chatcmpl-...", "cmpl-..." */
    const char *model; /* borrowed */
    int64_t created;   /* seconds since 1970 */
} rec_completion_head;

typedef struct rec_completion_usage {
    uint64_t n_prompt, n_generated;
    uint64_t n_shared; /* prompt tokens that were not computed again */
} rec_completion_usage;

/** A choice, or the next piece of one. */
typedef struct rec_completion_piece {
    size_t index;
    const char *text;
    size_t n_bytes;
    const rec_token_trace *trace;      /* NULL: no logprobs were asked for */
    size_t first, end;                 /* tokens of the trace that the piece describes */
    size_t bytes_before, chars_before; /* text of earlier pieces */
    bool is_first;                     /* of a stream: says who speaks */
    const char *finish;                /* NULL: goes on */
} rec_completion_piece;

/** Strings of the caller. */
char *rec_completion_reply(const rec_completion_head *head, const rec_completion_piece *choices,
                           size_t n, const rec_completion_usage *usage, rec_error *err);

/* Events are appended as "data: JSON" and an empty line. */

rec_status rec_completion_event(rec_buffer *out, const rec_completion_head *head,
                                const rec_completion_piece *piece, rec_error *err);

/** The end of a stream. @param usage  NULL: not wanted */
rec_status rec_completion_end(rec_buffer *out, const rec_completion_head *head,
                              const rec_completion_usage *usage, rec_error *err);

/** A failure after the stream began; it ends with it. */
rec_status rec_completion_error_event(rec_buffer *out, const rec_api_error *api, rec_error *err);

/** Characters in n bytes of UTF-8. */
size_t rec_utf8_count(const char *text, size_t n);

#endif
