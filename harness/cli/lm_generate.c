/* harness/cli/lm_generate.c: {prompt} or {messages} -> {text, ids, finish_reason} */
#include <stdlib.h>
#include <time.h>

#include "core/memory.h"
#include "core/progress.h"
#include "harness/cli/lm_verbs.h"
#include "models/lm/json_constraint.h"
#include "models/lm/local.h"

enum { GROUP = 256 };

typedef struct generating {
    const rec_lm_flags *flags;
    rec_lm *lm;
    rec_json_tokens *json_tokens; /* with --json */
    rec_constraint *json;
    uint64_t n_dropped;
} generating;

/* A document, then one of the tokens that end a turn or a text. */
static rec_status open_json(generating *g, rec_error *err)
{
    const rec_tokenizer *tokenizer = rec_lm_local_tokenizer(g->lm);
    uint32_t end[REC_LM_MAX_ENDS];
    rec_json_rules rules = {.end = end, .n_end = rec_lm_local_ends(end, g->lm)};
    rec_status status = rec_json_tokens_new(&g->json_tokens, tokenizer, err);
    return status == REC_OK ? rec_json_start(&g->json, g->json_tokens, &rules, err) : status;
}

static rec_status prepare(rec_lm_request *out, const generating *g, const cJSON *line,
                          rec_lm_part *parts, size_t number, rec_error *err)
{
    const rec_lm_flags *f = g->flags;
    *out = (rec_lm_request){.max_tokens = (size_t)f->max_tokens,
                            .sampling = {.temperature = f->temperature,
                                         .top_k = (size_t)f->top_k,
                                         .top_p = f->top_p,
                                         .min_p = f->min_p,
                                         .repetition_penalty = f->repetition_penalty,
                                         .seed = (uint64_t)f->seed},
                            .id = number,
                            .stop = (const char *const *)f->stop.items,
                            .n_stop = f->stop.n,
                            .constraint = g->json,
                            .n_beams = (size_t)f->beams};
    return rec_lm_prompt_input(&out->input, parts, line, f, err);
}

static rec_status print_reply(const rec_lm_reply *reply, rec_error *err)
{
    const rec_generated *best = &reply->best[0];
    cJSON *object = cJSON_CreateObject(), *ids = cJSON_AddArrayToObject(object, "ids");
    bool good = ids != NULL;
    for (size_t i = 0; good && i < best->n; i++)
        good = cJSON_AddItemToArray(ids, cJSON_CreateNumber((double)best->ids[i]));
    good = good && cJSON_AddStringToObject(object, "text", best->text) != NULL &&
           cJSON_AddStringToObject(object, "finish_reason", rec_finish_name(best->finish)) != NULL;
    rec_status status =
        good ? rec_lm_print(object, err) : rec_fail(err, REC_ERR_RESOURCE, "out of memory");
    cJSON_Delete(object);
    return status;
}

static rec_status generate_group(void *context, rec_lm_lines *lines, size_t first_line,
                                 rec_error *err)
{
    generating *g = context;
    rec_lm_request *requests = NULL;
    rec_lm_reply *replies = NULL;
    size_t n_replies = 0;
    rec_status status = REC_OK;
    REC_TRY_NEW(requests, lines->n, err);
    REC_TRY_NEW(replies, lines->n, err);
    for (size_t i = 0; i < lines->n; i++)
        REC_TRY(prepare(&requests[i], g, lines->lines[i], lines->parts + i * REC_LM_LINE_PARTS,
                        first_line + i, err));
    REC_TRY(rec_lm_generate(replies, g->lm, requests, lines->n, err));
    n_replies = lines->n;
    for (size_t i = 0; i < n_replies; i++) {
        g->n_dropped += replies[i].tokens_dropped;
        REC_TRY(print_reply(&replies[i], err));
    }
cleanup:
    for (size_t i = 0; i < n_replies; i++)
        rec_lm_reply_deinit(&replies[i]);
    free(replies);
    free(requests);
    return status;
}

static double seconds_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static rec_status generate_run(const rec_lm_flags *flags, rec_error *err)
{
    generating g = {.flags = flags};
    uint64_t n_fed, n_chosen;
    rec_status status = rec_lm_open(&g.lm, flags, err);
    double start = seconds_now();
    if (status == REC_OK && flags->json)
        status = open_json(&g, err);
    if (status == REC_OK)
        status = rec_lm_each_group(flags, GROUP, "prompts", generate_group, &g, err);
    if (status == REC_OK) {
        double seconds = seconds_now() - start;
        rec_lm_local_counts(g.lm, &n_fed, &n_chosen);
        rec_info("%llu tokens read, %llu generated, %.1f/s", (unsigned long long)n_fed,
                 (unsigned long long)n_chosen, seconds > 0 ? (double)n_chosen / seconds : 0.0);
    }
    if (g.n_dropped > 0)
        rec_warn("%llu prompt tokens did not fit into the context and were dropped",
                 (unsigned long long)g.n_dropped);
    rec_constraint_free(g.json);
    rec_json_tokens_free(g.json_tokens);
    rec_lm_free(g.lm);
    return status;
}

const rec_lm_verb rec_lm_verb_generate = {
    .name = "generate",
    .help = "{prompt} or {messages} -> {text, ids, finish_reason}",
    .run = generate_run};
