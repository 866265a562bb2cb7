/**
 * Lines of JSON between us and a program that scores (docs/process.md is its side): messages are
 * appended to a buffer, answers are checked word by word, since they come from outside.
 */
#ifndef REC_MODELS_PROCESS_PROTOCOL_H
#define REC_MODELS_PROCESS_PROTOCOL_H

#include "core/buffer.h"
#include "datasets/strings.h"
#include "models/recommender.h"

/** What both sides talk about, copied: a program may have to be told again at any time. */
typedef struct rec_process_world {
    rec_strings *pool;
    char *dataset;               /* its name, in the pool */
    char **item_ids, **user_ids; /* owned arrays in dense order; texts in the pool */
    size_t n_items, n_users;
    rec_interactions train; /* owned; start is NULL when no rows are sent */
    uint64_t seed;
} rec_process_world;

/** @param train  rows to be sent, or NULL */
rec_status rec_process_world_init(rec_process_world *out, const rec_dataset *dataset,
                                  const rec_interactions *train, uint64_t seed, rec_error *err);
void rec_process_world_deinit(rec_process_world *w);

/** The lines before the first query: start, one train per user, fit. */
rec_status rec_process_introduction(rec_buffer *out, const rec_process_world *w, rec_error *err);

/** One line that asks for the scores of n queries. */
rec_status rec_process_request(rec_buffer *out, const rec_process_world *w, uint64_t id,
                               const rec_query *queries, size_t n, rec_error *err);

/** REC_ERR_MODEL for anything but {"type": "ready"}; {"error": TEXT} becomes the message. */
rec_status rec_process_parse_ready(const char *line, size_t length, rec_error *err);

/** scores (n, n_items) out of the answer to request `id`; -INFINITY for items it leaves out. */
rec_status rec_process_parse_scores(float *scores, const rec_process_world *w, const char *line,
                                    size_t length, uint64_t id, size_t n, rec_error *err);

#endif
