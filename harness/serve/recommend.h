/** POST /v1/recommend: the body as a checked struct, and the answer. */
#ifndef REC_HARNESS_SERVE_RECOMMEND_H
#define REC_HARNESS_SERVE_RECOMMEND_H

#include "datasets/dataset.h"
#include "harness/serve/fields.h"
#include "models/recommender.h"

enum { REC_SERVE_MAX_ITEMS = 100000 }; /* k, and entries of a list of ids */

typedef struct rec_recommend_request {
    cJSON *body;       /* owned: what the texts are borrowed from */
    const char *model; /* NULL: not given */
    const char *user, *query;
    const cJSON *history, *exclude, *candidates; /* lists of ids; NULL: not given */
    size_t k;
    bool repeat; /* items of the history may come again */
} rec_recommend_request;

/** On failure nothing is left to release. */
rec_status rec_recommend_request_parse(rec_recommend_request *out, const char *body, size_t length,
                                       rec_api_error *err);
void rec_recommend_request_deinit(rec_recommend_request *r);

/** A request in items of a data set. */
typedef struct rec_recommend_query {
    rec_query query;
    uint32_t *history;    /* owned, where the client gave one; query.history may point to it */
    uint32_t *excluded;   /* owned (n_excluded), ascending */
    uint32_t *candidates; /* owned (n_candidates), ascending; NULL: all items */
    size_t n_excluded, n_candidates;
} rec_recommend_query;

/** Ids that nobody knows are named in the refusal. @param dataset  borrowed as long as the query */
rec_status rec_recommend_query_init(rec_recommend_query *out, const rec_recommend_request *r,
                                    const rec_dataset *dataset, rec_api_error *err);
void rec_recommend_query_deinit(rec_recommend_query *q);

/** {"object", "model", "items": [{"rank", "id", "title", "score"}]}; string of the caller. */
char *rec_recommend_reply(const char *model, const rec_catalogue *catalogue, const uint32_t *items,
                          const float *scores, size_t n, rec_error *err);

#endif
