/** A completion as server-sent events while it grows. */
#ifndef REC_HARNESS_SERVE_STREAM_H
#define REC_HARNESS_SERVE_STREAM_H

#include "harness/serve/call.h"

/** What of a choice has been sent. */
typedef struct rec_stream_choice {
    size_t n_bytes, n_chars, n_tokens;
    bool has_started, has_ended;
} rec_stream_choice;

typedef struct rec_stream {
    rec_completion_head head;
    rec_call *call;             /* borrowed */
    rec_stream_choice *choices; /* owned (n_choices) */
    rec_buffer out;             /* events; the first n_sent bytes are gone */
    size_t n_sent;
    bool has_ended; /* the last event is in `out` */
} rec_stream;

rec_status rec_stream_init(rec_stream *s, rec_call *call, const rec_completion_head *head,
                           rec_error *err);
void rec_stream_deinit(rec_stream *s);

/** Append events for what is new in the call, whose mutex is held. */
rec_status rec_stream_collect(rec_stream *s, rec_error *err);

/** Append a comment, which clients skip: to find out whether one is still there. */
rec_status rec_stream_probe(rec_stream *s, rec_error *err);

/** Move up to `size` bytes to `bytes`; @return how many */
size_t rec_stream_take(rec_stream *s, char *bytes, size_t size);

#endif
