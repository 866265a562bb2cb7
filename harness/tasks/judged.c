#include "harness/tasks/judged.h"

#include <string.h>

#include "harness/tasks/judged_private.h"
#include "harness/tasks/prompt.h"
#include "harness/tasks/target_samples.h"

enum { TEXT_PROMPT, TEXT_REPLY, TEXT_BASELINE, TEXT_VERDICTS };

const char *const rec_judged_texts[] = {
    "prompt",
    "reply",
    "baseline_reply",
    "judge_order_1",
    "judge_order_2",
    "second_judge_order_1",
    "second_judge_order_2",
    NULL,
};

/* ---- who judges ---- */

static const rec_judge_options *judge_options(const rec_judged_options *o, size_t judge)
{
    return judge == 0 ? &o->judge : &o->second_judge;
}

const rec_judge *rec_judged_judge(const rec_judged_options *o, size_t judge)
{
    return rec_judge_type(judge_options(o, judge));
}

const rec_judge_protocol *rec_judged_protocol(const rec_judged_options *o, size_t judge)
{
    return rec_judge_protocol_of(judge_options(o, judge), o->protocol);
}

bool rec_judged_is_random(const rec_judged_options *options)
{
    for (size_t j = 0; j < REC_MAX_JUDGES; j++) {
        const rec_judge *judge = rec_judged_judge(options, j);
        bool is_rule = judge != NULL && judge->prefer != NULL;
        if (judge != NULL &&
            (is_rule ? judge->draws : rec_judged_protocol(options, j)->temperature > 0.0))
            return true;
    }
    return false;
}

const char *rec_judged_remark(const rec_judged_options *options)
{
    return rec_judged_judge(options, 0)->prefer != NULL ? "judged by a rule" : NULL;
}

/* ---- answers ---- */

enum { ANSWERED = 1, JUDGED }; /* stages; the task asks in its first */

typedef struct pair {
    const char *question, *answer, *baseline; /* in the job's arena */
} pair;

const char *rec_judged_answer(const rec_job *job)
{
    return job->state != NULL ? ((const pair *)job->state)->answer : NULL;
}

/* What a judge reads as the question: the words to the system, without its instructions. */
static const char *question_text(const rec_request *question, rec_arena *arena, rec_error *err)
{
    size_t length = 0;
    for (size_t i = 0; i < question->n_parts; i++)
        if (strcmp(question->parts[i].role, "system") != 0)
            length += strlen(question->parts[i].text);
    char *text = rec_arena_alloc(arena, length + 1, 1, err), *at = text;
    for (size_t i = 0; text != NULL && i < question->n_parts; i++)
        if (strcmp(question->parts[i].role, "system") != 0)
            at = stpcpy(at, question->parts[i].text);
    if (text != NULL)
        *at = '\0';
    return text;
}

rec_status rec_judged_ask(rec_job *job, const rec_judged_options *options,
                          const rec_request *question, const char *rule_answer, rec_error *err)
{
    pair *p = rec_arena_alloc(&job->arena, 1, sizeof *p, err);
    const char *text = question_text(question, &job->arena, err);
    const char *prompt = rec_request_text(question, &job->arena, err);
    if (p == NULL || text == NULL || prompt == NULL)
        return REC_ERR_RESOURCE;
    *p = (pair){.question = text, .baseline = rule_answer};
    job->state = p;
    rec_request requests[2] = {*question, *question};
    for (size_t i = 0; i < 2; i++) {
        requests[i].to = i == 0 ? REC_PARTY_SYSTEM : REC_PARTY_BASELINE;
        requests[i].text.seed = job->data->seed;
        requests[i].text.id = rec_sample_id(job->sample);
    }
    requests[1].lm = options->baseline;
    job->stage = ANSWERED;
    rec_status status = rec_job_set_text(job, TEXT_PROMPT, prompt, err);
    return status == REC_OK ? rec_job_ask(job, requests, options->baseline != NULL ? 2 : 1, err)
                            : status;
}

static rec_status end_failed(rec_job *job)
{
    job->has_failed = true;
    job->n_requests = 0;
    return REC_OK;
}

static rec_status take_answers(rec_job *job, const rec_judged_options *options,
                               const rec_reply *replies, rec_error *err)
{
    pair *p = job->state;
    p->answer = rec_arena_strdup(&job->arena, replies[0].text, err);
    if (options->baseline != NULL)
        p->baseline = rec_arena_strdup(&job->arena, replies[1].text, err);
    if (p->answer == NULL || p->baseline == NULL)
        return REC_ERR_RESOURCE;
    rec_status status = rec_job_set_text(job, TEXT_REPLY, p->answer, err);
    return status == REC_OK ? rec_job_set_text(job, TEXT_BASELINE, p->baseline, err) : status;
}

/* ---- judges ---- */

static rec_judge_case shown(const pair *p, size_t order)
{
    return order == 0 ? (rec_judge_case){p->question, p->answer, p->baseline}
                      : (rec_judge_case){p->question, p->baseline, p->answer};
}

static rec_status judge_request(rec_request *out, rec_job *job, const rec_judged_options *o,
                                size_t judge, size_t order, rec_error *err)
{
    const rec_judge_protocol *protocol = rec_judged_protocol(o, judge);
    const rec_judge_case c = shown(job->state, order);
    *out = (rec_request){
        .to = REC_PARTY_JUDGE,
        .lm = judge_options(o, judge)->lm,
        .kind = REC_REQUEST_TEXT,
        .text = {.max_tokens = protocol->max_tokens,
                 .temperature = protocol->temperature,
                 .seed = job->data->seed,
                 .id = rec_sample_id(job->sample) << 2 | judge << 1 | order},
    };
    return rec_judge_prompt(&out->parts, &out->n_parts, protocol, &c, &job->arena, err);
}

static bool is_model(const rec_judged_options *o, size_t judge)
{
    const rec_judge *type = rec_judged_judge(o, judge);
    return type != NULL && type->prefer == NULL;
}

static rec_preference rule_verdict(const rec_job *job, const rec_judged_options *o, size_t judge,
                                   size_t order)
{
    const rec_judge_case c = shown(job->state, order);
    rec_rng rng = rec_rng_keyed(job->data->seed, judge == 0 ? "judge/first" : "judge/second",
                                rec_sample_id(job->sample) << 1 | order);
    return rec_judged_judge(o, judge)->prefer(&c, &rng);
}

/* ---- steps ---- */

/* What one judge said: out of the replies from *next on, or by its rule. */
static rec_status read_verdicts(rec_judge_verdicts *out, bool *has_failed, rec_job *job,
                                const rec_judged_options *o, size_t judge, const rec_reply *replies,
                                size_t *next, rec_error *err)
{
    rec_status status = REC_OK;
    *out = (rec_judge_verdicts){.replies = {NULL}};
    for (size_t order = 0; order < REC_JUDGE_ORDERS && status == REC_OK; order++) {
        if (!is_model(o, judge)) {
            out->orders[order].prefers = rule_verdict(job, o, judge, order);
            continue;
        }
        const char *reply = replies[(*next)++].text;
        *has_failed = *has_failed || reply == NULL;
        if (reply == NULL)
            continue;
        out->replies[order] = reply;
        status = rec_judged_protocol(o, judge)->parse(&out->orders[order], reply, err);
        if (status == REC_OK)
            status =
                rec_job_set_text(job, TEXT_VERDICTS + REC_JUDGE_ORDERS * judge + order, reply, err);
    }
    return status;
}

static rec_status finish(rec_job *job, const rec_judged_options *o, const rec_reply *replies,
                         rec_error *err)
{
    size_t next = 0, n_judges = rec_judged_judge(o, 1) != NULL ? 2 : 1;
    bool has_failed = false;
    rec_judge_verdicts all[REC_MAX_JUDGES];
    rec_status status = REC_OK;
    for (size_t j = 0; j < n_judges && status == REC_OK; j++)
        status = read_verdicts(&all[j], &has_failed, job, o, j, replies, &next, err);
    if (status != REC_OK)
        return status;
    job->n_requests = 0;
    if (has_failed)
        return end_failed(job);
    const pair *p = job->state;
    rec_judged_set_values(job, o, all, n_judges, p->answer, p->baseline);
    return REC_OK;
}

static rec_status ask_judges(rec_job *job, const rec_judged_options *o, rec_error *err)
{
    rec_request requests[REC_MAX_JUDGES * REC_JUDGE_ORDERS];
    size_t n = 0;
    rec_status status = REC_OK;
    for (size_t j = 0; j < REC_MAX_JUDGES; j++)
        for (size_t order = 0; order < REC_JUDGE_ORDERS && is_model(o, j) && status == REC_OK;
             order++)
            status = judge_request(&requests[n++], job, o, j, order, err);
    if (status != REC_OK)
        return status;
    job->stage = JUDGED;
    return n > 0 ? rec_job_ask(job, requests, n, err) : finish(job, o, NULL, err);
}

rec_status rec_judged_step(rec_job *job, const rec_judged_options *options,
                           const rec_reply *replies, rec_error *err)
{
    if (job->stage == JUDGED)
        return finish(job, options, replies, err);
    bool has_failed =
        replies[0].text == NULL || (options->baseline != NULL && replies[1].text == NULL);
    if (has_failed)
        return end_failed(job);
    rec_status status = take_answers(job, options, replies, err);
    return status == REC_OK ? ask_judges(job, options, err) : status;
}
