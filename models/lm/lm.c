#include "models/lm/lm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    rec_lm_capability bit;
    const char *name;
} capabilities[] = {{REC_LM_GENERATES, "generate"}, {REC_LM_EMBEDS, "embed"},
                    {REC_LM_TOKENS, "tokens"},      {REC_LM_LOGITS, "logits"},
                    {REC_LM_INJECTS, "inject"},     {REC_LM_CONSTRAINS, "constrain"},
                    {REC_LM_TRAINS, "train"}};

enum { N_CAPABILITIES = sizeof capabilities / sizeof *capabilities };

void rec_lm_capabilities_text(char *out, size_t size, unsigned set)
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < N_CAPABILITIES && used < size; i++) {
        if (set & capabilities[i].bit)
            used += (size_t)snprintf(out + used, size - used, "%s%s", used > 0 ? ", " : "",
                                     capabilities[i].name);
    }
}

static rec_status require(const rec_lm *lm, unsigned needed, rec_error *err)
{
    char missing[96], has[96];
    if ((needed & ~lm->can) == 0)
        return REC_OK;
    rec_lm_capabilities_text(missing, sizeof missing, needed & ~lm->can);
    rec_lm_capabilities_text(has, sizeof has, lm->can);
    return rec_fail(err, REC_ERR_CONFIG, "language model of back end %s lacks: %s (it has: %s)",
                    lm->backend->name, missing, has);
}

static unsigned needs_of_input(const rec_lm_input *input)
{
    unsigned needs = 0;
    for (size_t i = 0; i < input->n_parts; i++) {
        if (input->parts[i].kind == REC_LM_IDS)
            needs |= REC_LM_TOKENS;
        if (input->parts[i].kind == REC_LM_VECTORS)
            needs |= REC_LM_INJECTS;
    }
    return needs;
}

void rec_lm_reply_deinit(rec_lm_reply *r)
{
    rec_generation_result result = {.best = r->best, .n_best = r->n_best};
    rec_generation_result_deinit(&result);
    free(r->failure);
    *r = (rec_lm_reply){.best = NULL};
}

void rec_lm_score_deinit(rec_lm_score *s)
{
    free(s->ids);
    free(s->logprobs);
    free(s->failure);
    *s = (rec_lm_score){.ids = NULL};
}

void rec_lm_free(rec_lm *lm)
{
    if (lm != NULL)
        lm->backend->free(lm);
}

rec_status rec_lm_identity(const char **out, rec_lm *lm, rec_error *err)
{
    return lm->backend->identity(out, lm, err);
}

static rec_status report(const rec_lm_reply *replies, const rec_lm_request *requests, size_t n,
                         rec_error *err)
{
    rec_status status = REC_OK;
    for (size_t i = 0; i < n && status == REC_OK; i++)
        if (requests[i].on_reply != NULL)
            status = requests[i].on_reply(requests[i].on_reply_context, &replies[i], err);
    return status;
}

rec_status rec_lm_generate(rec_lm_reply *replies, rec_lm *lm, const rec_lm_request *requests,
                           size_t n, rec_error *err)
{
    unsigned needs = REC_LM_GENERATES;
    for (size_t i = 0; i < n; i++) {
        needs |= needs_of_input(&requests[i].input);
        needs |= requests[i].constraint != NULL ? REC_LM_CONSTRAINS : 0;
        needs |= requests[i].hook != NULL ? REC_LM_INJECTS : 0;
    }
    memset(replies, 0, n * sizeof *replies);
    rec_status status = require(lm, needs, err);
    if (status == REC_OK && n > 0)
        status = lm->backend->generate(replies, lm, requests, n, err);
    if (status == REC_OK && !lm->backend->reports_early)
        status = report(replies, requests, n, err);
    for (size_t i = 0; status != REC_OK && i < n; i++)
        rec_lm_reply_deinit(&replies[i]);
    return status;
}

static rec_status report_scores(const rec_lm_score *scores, const rec_lm_score_request *requests,
                                size_t n, rec_error *err)
{
    rec_status status = REC_OK;
    for (size_t i = 0; i < n && status == REC_OK; i++)
        if (requests[i].on_score != NULL)
            status = requests[i].on_score(requests[i].on_score_context, &scores[i], err);
    return status;
}

rec_status rec_lm_score_all(rec_lm_score *scores, rec_lm *lm, const rec_lm_score_request *requests,
                            size_t n, rec_error *err)
{
    unsigned needs = REC_LM_LOGITS;
    for (size_t i = 0; i < n; i++)
        needs |= needs_of_input(&requests[i].prompt) | needs_of_input(&requests[i].completion);
    memset(scores, 0, n * sizeof *scores);
    rec_status status = require(lm, needs, err);
    if (status == REC_OK && n > 0)
        status = lm->backend->score(scores, lm, requests, n, err);
    if (status == REC_OK && !lm->backend->reports_early)
        status = report_scores(scores, requests, n, err);
    for (size_t i = 0; status != REC_OK && i < n; i++)
        rec_lm_score_deinit(&scores[i]);
    return status;
}

rec_status rec_lm_embed(float *out, rec_lm *lm, const rec_lm_input *inputs, size_t n,
                        rec_error *err)
{
    rec_status status = require(lm, REC_LM_EMBEDS, err);
    return status == REC_OK && n > 0 ? lm->backend->embed(out, lm, inputs, n, err) : status;
}

rec_status rec_lm_count_tokens(uint64_t *out, rec_lm *lm, const rec_lm_input *inputs, size_t n,
                               rec_error *err)
{
    rec_status status = require(lm, REC_LM_TOKENS, err);
    return status == REC_OK && n > 0 ? lm->backend->count_tokens(out, lm, inputs, n, err) : status;
}
