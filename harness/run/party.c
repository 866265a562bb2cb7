#include "harness/run/party.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "harness/systems/text_answer.h"

static bool is_for_system(const rec_request *r)
{
    return r->to == REC_PARTY_SYSTEM;
}

static bool same_party(const rec_request *a, const rec_request *b)
{
    if (is_for_system(a) || is_for_system(b))
        return is_for_system(a) && is_for_system(b);
    return strcmp(a->lm, b->lm) == 0;
}

/* All requests are for the party of the first. Helpers are chat models. */
static rec_status answer_as_one(rec_reply_batch *out, const rec_parties *p,
                                const rec_request *requests, size_t n, rec_error *err)
{
    if (is_for_system(&requests[0]))
        return rec_system_answer(out, p->system, requests, n, p->n_items, err);
    rec_lm *lm;
    rec_status status = rec_lm_pool_get(&lm, p->lms, requests[0].lm, err);
    if (status == REC_OK)
        status = rec_text_answer(out, lm, true, requests, n, err);
    return status == REC_OK ? REC_OK : rec_error_prefix(err, "lms: %s", requests[0].lm);
}

/* What is for the party of request `first`, gathered, answered and put back into place. */
static rec_status answer_party(rec_reply_batch *out, const rec_parties *p,
                               const rec_request *requests, size_t n, size_t first,
                               rec_request *gathered, rec_error *err)
{
    rec_reply_batch part = {0};
    size_t n_gathered = 0, at = 0;
    for (size_t i = first; i < n; i++)
        if (same_party(&requests[first], &requests[i]))
            gathered[n_gathered++] = requests[i];
    rec_status status = answer_as_one(&part, p, gathered, n_gathered, err);
    for (size_t i = first; i < n && status == REC_OK; i++)
        if (same_party(&requests[first], &requests[i]))
            status = rec_reply_batch_put(out, i, &part.replies[at++], err);
    rec_reply_batch_deinit(&part);
    return status;
}

static bool is_first_of_party(const rec_request *requests, size_t i)
{
    for (size_t j = 0; j < i; j++)
        if (same_party(&requests[j], &requests[i]))
            return false;
    return true;
}

static bool is_one_party(const rec_request *requests, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (!same_party(&requests[0], &requests[i]))
            return false;
    return true;
}

rec_status rec_parties_answer(rec_reply_batch *replies, const rec_parties *parties,
                              const rec_request *requests, size_t n, rec_error *err)
{
    for (size_t i = 0; i < n; i++)
        if (!is_for_system(&requests[i]) && requests[i].lm == NULL)
            return rec_fail(err, REC_ERR_INTERNAL, "a task asks a party that it does not name");
    if (is_one_party(requests, n))
        return answer_as_one(replies, parties, requests, n, err);
    rec_request *gathered = rec_alloc(n, sizeof *gathered, err);
    rec_status status = gathered != NULL ? rec_reply_batch_init(replies, n, err) : REC_ERR_RESOURCE;
    for (size_t i = 0; i < n && status == REC_OK; i++)
        if (is_first_of_party(requests, i))
            status = answer_party(replies, parties, requests, n, i, gathered, err);
    free(gathered);
    return status;
}
