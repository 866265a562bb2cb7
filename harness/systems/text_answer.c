#include "harness/systems/text_answer.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

/* Tokens of an answer whose request sets no limit, when room for it is made in the context. */
enum { DEFAULT_ANSWER = 256 };

typedef struct prompt {
    rec_lm_part *parts; /* in the arena of the replies */
    size_t n_parts;
    uint32_t n_dropped;
    const char *failure; /* it does not fit at all */
} prompt;

typedef struct answerer {
    rec_reply_batch *out;
    rec_lm *lm;
    bool chat;
    const rec_request *requests;
    size_t n;
    prompt *prompts;  /* owned, (n) */
    uint64_t *tokens; /* owned, (n) */
} answerer;

static rec_role role_of(const char *name)
{
    if (strcmp(name, "system") == 0)
        return REC_ROLE_SYSTEM;
    return strcmp(name, "assistant") == 0 ? REC_ROLE_ASSISTANT : REC_ROLE_USER;
}

/* The parts of a request but for those with a number of at most `dropped`. */
static void fill_parts(prompt *p, const rec_request *r, uint32_t dropped)
{
    p->n_parts = 0;
    for (size_t i = 0; i < r->n_parts; i++) {
        const rec_text_part *part = &r->parts[i];
        bool is_dropped = part->drop_order != 0 && part->drop_order <= dropped;
        if (!is_dropped && part->text[0] != '\0')
            p->parts[p->n_parts++] = (rec_lm_part){
                .role = role_of(part->role),
                .kind = part->is_data ? REC_LM_DATA : REC_LM_TRUSTED,
                .text = part->text,
            };
    }
}

static rec_lm_input input_of(const answerer *a, const prompt *p)
{
    return (rec_lm_input){.parts = p->parts, .n_parts = p->n_parts, .chat = a->chat};
}

/* ---- making it fit ---- */

/* A server that does not tell its tokens: text of the languages we know has more than three bytes
 * per token, and a message a few tokens around it. */
static uint64_t guess_tokens(const prompt *p)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < p->n_parts; i++)
        bytes += strlen(p->parts[i].text);
    return bytes / 3 + 8;
}

static rec_status count(uint64_t *out, const answerer *a, const prompt *p, rec_error *err)
{
    if ((a->lm->can & REC_LM_TOKENS) == 0) {
        *out = guess_tokens(p);
        return REC_OK;
    }
    const rec_lm_input input = input_of(a, p);
    return rec_lm_count_tokens(out, a->lm, &input, 1, err);
}

/* The longest of several choices decides; a token has at least one byte. */
static size_t answer_tokens(const rec_request *r)
{
    size_t longest = 0;
    if (r->kind == REC_REQUEST_TEXT)
        return r->text.max_tokens > 0 ? r->text.max_tokens : DEFAULT_ANSWER;
    for (size_t i = 0; i < r->n_choices; i++)
        longest = strlen(r->choices[i]) > longest ? strlen(r->choices[i]) : longest;
    return longest;
}

static size_t room_of(const answerer *a, const rec_request *r)
{
    size_t answer = answer_tokens(r);
    return a->lm->context > answer ? a->lm->context - answer : 0;
}

static uint32_t last_number(const rec_request *r)
{
    uint32_t last = 0;
    for (size_t i = 0; i < r->n_parts; i++)
        last = r->parts[i].drop_order > last ? r->parts[i].drop_order : last;
    return last;
}

/* The fewest numbers whose loss makes the prompt fit, by bisection: fewer parts, fewer tokens. */
static rec_status shorten(const answerer *a, prompt *p, const rec_request *r, rec_error *err)
{
    size_t room = room_of(a, r);
    uint32_t low = 1, high = last_number(r);
    uint64_t n_tokens = UINT64_MAX;
    rec_status status = REC_OK;
    while (low < high && status == REC_OK) {
        uint32_t middle = low + (high - low) / 2;
        fill_parts(p, r, middle);
        status = count(&n_tokens, a, p, err);
        if (n_tokens <= room)
            high = middle;
        else
            low = middle + 1;
    }
    if (status != REC_OK)
        return status;
    fill_parts(p, r, high);
    p->n_dropped = high;
    status = count(&n_tokens, a, p, err);
    if (status == REC_OK && n_tokens > room)
        p->failure = "the prompt is longer than the model can read, even without a history";
    return status;
}

static rec_status count_all(answerer *a, rec_error *err)
{
    rec_status status = REC_OK;
    if ((a->lm->can & REC_LM_TOKENS) == 0) {
        for (size_t i = 0; i < a->n; i++)
            a->tokens[i] = guess_tokens(&a->prompts[i]);
        return REC_OK;
    }
    rec_lm_input *inputs = rec_alloc(a->n, sizeof *inputs, err);
    if (inputs == NULL)
        return REC_ERR_RESOURCE;
    for (size_t i = 0; i < a->n; i++)
        inputs[i] = input_of(a, &a->prompts[i]);
    status = rec_lm_count_tokens(a->tokens, a->lm, inputs, a->n, err);
    free(inputs);
    return status;
}

static rec_status make_prompts(answerer *a, rec_error *err)
{
    for (size_t i = 0; i < a->n; i++) {
        prompt *p = &a->prompts[i];
        p->parts = rec_arena_alloc(&a->out->arena, a->requests[i].n_parts, sizeof *p->parts, err);
        if (p->parts == NULL)
            return REC_ERR_RESOURCE;
        fill_parts(p, &a->requests[i], 0);
    }
    if (a->lm->context == 0) /* nobody knows what fits; a refusal is a failed reply */
        return REC_OK;
    rec_status status = count_all(a, err);
    for (size_t i = 0; i < a->n && status == REC_OK; i++)
        if (a->tokens[i] > room_of(a, &a->requests[i]))
            status = shorten(a, &a->prompts[i], &a->requests[i], err);
    return status;
}

/* ---- asking ---- */

static rec_status fail_reply(answerer *a, size_t i, const char *reason, rec_error *err)
{
    rec_reply *r = &a->out->replies[i];
    r->failure = rec_reply_batch_text(a->out, reason, err);
    return r->failure != NULL ? REC_OK : REC_ERR_RESOURCE;
}

static rec_status take_text(answerer *a, size_t i, const rec_lm_reply *from, rec_error *err)
{
    rec_reply *r = &a->out->replies[i];
    r->tokens_in = from->tokens_in;
    r->tokens_out = from->tokens_out;
    r->cost_microdollars = from->cost_microdollars;
    if (from->failure != NULL || from->n_best == 0)
        return fail_reply(a, i, from->failure != NULL ? from->failure : "no answer", err);
    r->was_cut = from->best[0].finish == REC_FINISH_LENGTH;
    r->text = rec_reply_batch_text(a->out, from->best[0].text, err);
    return r->text != NULL ? REC_OK : REC_ERR_RESOURCE;
}

static rec_lm_request lm_request(const answerer *a, size_t i)
{
    const rec_text_settings *s = &a->requests[i].text;
    rec_lm_request out = {
        .input = input_of(a, &a->prompts[i]),
        .max_tokens = s->max_tokens,
        .sampling = rec_sampling_greedy(),
        .id = s->id,
        .stop = s->stop,
        .n_stop = s->n_stop,
        .repeat = a->requests[i].repeat,
        .key = a->requests[i].key,
    };
    out.sampling.temperature = s->temperature;
    out.sampling.top_p = s->top_p > 0.0 ? s->top_p : 1.0;
    out.sampling.seed = s->seed;
    return out;
}

/* Places of the requests of one kind that fit; the others fail here. */
static rec_status collect(size_t *places, size_t *n, answerer *a, rec_request_kind kind,
                          rec_error *err)
{
    rec_status status = REC_OK;
    *n = 0;
    for (size_t i = 0; i < a->n && status == REC_OK; i++) {
        if (a->requests[i].kind != kind)
            continue;
        if (a->prompts[i].failure != NULL)
            status = fail_reply(a, i, a->prompts[i].failure, err);
        else
            places[(*n)++] = i;
    }
    return status;
}

static rec_status generate(answerer *a, const size_t *places, size_t n, rec_error *err)
{
    rec_lm_request *requests = NULL;
    rec_lm_reply *replies = NULL;
    bool is_answered = false;
    rec_status status;
    REC_TRY_NEW(requests, n, err);
    REC_TRY_NEW(replies, n, err);
    for (size_t i = 0; i < n; i++)
        requests[i] = lm_request(a, places[i]);
    REC_TRY(rec_lm_generate(replies, a->lm, requests, n, err));
    is_answered = true;
    for (size_t i = 0; i < n; i++)
        REC_TRY(take_text(a, places[i], &replies[i], err));
cleanup:
    for (size_t i = 0; is_answered && i < n; i++)
        rec_lm_reply_deinit(&replies[i]);
    free(replies);
    free(requests);
    return status;
}

static rec_status take_scores(answerer *a, size_t i, const rec_lm_score *scores, rec_error *err)
{
    rec_reply *r = &a->out->replies[i];
    size_t n = a->requests[i].n_choices;
    for (size_t c = 0; c < n; c++)
        if (scores[c].failure != NULL)
            return fail_reply(a, i, scores[c].failure, err);
    uint32_t *items = rec_arena_alloc(&a->out->arena, n, sizeof *items, err);
    float *values = rec_arena_alloc(&a->out->arena, n, sizeof *values, err);
    if (items == NULL || values == NULL)
        return REC_ERR_RESOURCE;
    for (size_t c = 0; c < n; c++) {
        items[c] = (uint32_t)c;
        values[c] = (float)scores[c].sum;
        r->tokens_in += scores[c].tokens_in;
    }
    r->items = items;
    r->scores = values;
    r->n_ranked = (uint32_t)n;
    return REC_OK;
}

/* Every choice of every request is one text to score; `choices` holds them as parts. */
static rec_status score(answerer *a, const size_t *places, size_t n, rec_error *err)
{
    rec_lm_score_request *requests = NULL;
    rec_lm_score *scores = NULL;
    rec_lm_part *choices = NULL;
    bool is_answered = false;
    size_t n_all = 0, at = 0;
    rec_status status;
    for (size_t i = 0; i < n; i++)
        n_all += a->requests[places[i]].n_choices;
    REC_TRY_NEW(requests, n_all, err);
    REC_TRY_NEW(scores, n_all, err);
    REC_TRY_NEW(choices, n_all, err);
    for (size_t i = 0; i < n; i++) {
        const rec_request *r = &a->requests[places[i]];
        for (size_t c = 0; c < r->n_choices; c++, at++) {
            choices[at] = (rec_lm_part){.kind = REC_LM_DATA, .text = r->choices[c]};
            requests[at] = (rec_lm_score_request){
                .prompt = input_of(a, &a->prompts[places[i]]),
                .completion = {.parts = &choices[at], .n_parts = 1, .bare = true},
            };
        }
    }
    REC_TRY(rec_lm_score_all(scores, a->lm, requests, n_all, err));
    is_answered = true;
    at = 0;
    for (size_t i = 0; i < n; at += a->requests[places[i++]].n_choices)
        REC_TRY(take_scores(a, places[i], scores + at, err));
cleanup:
    for (size_t i = 0; is_answered && i < n_all; i++)
        rec_lm_score_deinit(&scores[i]);
    free(choices);
    free(scores);
    free(requests);
    return status;
}

static rec_status check_requests(const rec_request *requests, size_t n, rec_error *err)
{
    for (size_t i = 0; i < n; i++)
        if (requests[i].kind == REC_REQUEST_RANK)
            return rec_fail(err, REC_ERR_INTERNAL, "a language model was asked for a ranking");
    return REC_OK;
}

rec_status rec_text_answer(rec_reply_batch *replies, rec_lm *lm, bool chat,
                           const rec_request *requests, size_t n, rec_error *err)
{
    answerer a = {.out = replies, .lm = lm, .chat = chat, .requests = requests, .n = n};
    size_t *places = NULL, n_places;
    rec_status status;
    REC_TRY(check_requests(requests, n, err));
    REC_TRY(rec_reply_batch_init(replies, n, err));
    REC_TRY_NEW(a.prompts, n, err);
    REC_TRY_NEW(a.tokens, n, err);
    REC_TRY_NEW(places, n, err);
    REC_TRY(make_prompts(&a, err));
    for (size_t i = 0; i < n; i++) {
        replies->replies[i].kind = requests[i].kind;
        replies->replies[i].n_dropped = a.prompts[i].n_dropped;
    }
    REC_TRY(collect(places, &n_places, &a, REC_REQUEST_TEXT, err));
    if (n_places > 0)
        REC_TRY(generate(&a, places, n_places, err));
    REC_TRY(collect(places, &n_places, &a, REC_REQUEST_CHOOSE, err));
    if (n_places > 0)
        REC_TRY(score(&a, places, n_places, err));
cleanup:
    free(places);
    free(a.tokens);
    free(a.prompts);
    return status;
}
