/* harness/cli/lm_score.c: {text} or {prompt, completion} -> {ids, logprobs, sum} */
#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "harness/cli/lm_verbs.h"

enum { GROUP = 256 };

typedef struct scoring {
    const rec_lm_flags *flags;
    rec_lm *lm;
} scoring;

static rec_status prepare(rec_lm_score_request *out, const scoring *s, const cJSON *line,
                          rec_lm_part *parts, rec_error *err)
{
    *out = (rec_lm_score_request){.prompt = {.n_parts = 0}};
    if (cJSON_GetObjectItemCaseSensitive(line, "completion") == NULL)
        return rec_lm_text_input(&out->completion, parts, line, "text", s->flags, err);
    rec_status status =
        rec_lm_text_input(&out->completion, parts, line, "completion", s->flags, err);
    return status == REC_OK
               ? rec_lm_text_input(&out->prompt, parts + 1, line, "prompt", s->flags, err)
               : status;
}

/* A log-probability that does not exist is null. */
static cJSON *number_or_null(float value)
{
    return isnan(value) ? cJSON_CreateNull() : cJSON_CreateNumber((double)value);
}

static rec_status print_score(const rec_lm_score *score, rec_error *err)
{
    cJSON *object = cJSON_CreateObject(), *ids = cJSON_AddArrayToObject(object, "ids");
    cJSON *logprobs = cJSON_AddArrayToObject(object, "logprobs");
    bool good = ids != NULL && logprobs != NULL;
    for (size_t i = 0; good && i < score->n; i++) {
        good = cJSON_AddItemToArray(ids, cJSON_CreateNumber((double)score->ids[i]));
        if (i > 0 || !isnan(score->logprobs[i])) /* a bare text's first token has none */
            good = good && cJSON_AddItemToArray(logprobs, number_or_null(score->logprobs[i]));
    }
    good = good && cJSON_AddNumberToObject(object, "sum", score->sum) != NULL;
    rec_status status =
        good ? rec_lm_print(object, err) : rec_fail(err, REC_ERR_RESOURCE, "out of memory");
    cJSON_Delete(object);
    return status;
}

static rec_status score_group(void *context, rec_lm_lines *lines, size_t first_line, rec_error *err)
{
    scoring *s = context;
    rec_lm_score_request *requests = NULL;
    rec_lm_score *scores = NULL;
    size_t n_scores = 0;
    rec_status status = REC_OK;
    (void)first_line;
    REC_TRY_NEW(requests, lines->n, err);
    REC_TRY_NEW(scores, lines->n, err);
    for (size_t i = 0; i < lines->n; i++)
        REC_TRY(
            prepare(&requests[i], s, lines->lines[i], lines->parts + i * REC_LM_LINE_PARTS, err));
    REC_TRY(rec_lm_score_all(scores, s->lm, requests, lines->n, err));
    n_scores = lines->n;
    for (size_t i = 0; i < n_scores; i++)
        REC_TRY(print_score(&scores[i], err));
cleanup:
    for (size_t i = 0; i < n_scores; i++)
        rec_lm_score_deinit(&scores[i]);
    free(scores);
    free(requests);
    return status;
}

static rec_status score_run(const rec_lm_flags *flags, rec_error *err)
{
    scoring s = {.flags = flags};
    rec_status status = rec_lm_open(&s.lm, flags, err);
    if (status == REC_OK)
        status = rec_lm_each_group(flags, GROUP, "texts", score_group, &s, err);
    rec_lm_free(s.lm);
    return status;
}

const rec_lm_verb rec_lm_verb_score = {.name = "score",
                                       .help = "{text} or {prompt, completion} -> {ids, logprobs, "
                                               "sum}",
                                       .run = score_run};
