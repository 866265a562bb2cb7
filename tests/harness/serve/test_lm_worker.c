/* A model that is asked in batches: one that echoes its prompt, and fails where that says so. */
#include "harness/serve/lm_worker.h"

#include <math.h>

#include "core/memory.h"
#include "tests/harness/serve/calls.h"

typedef struct echo {
    rec_lm base;
    atomic_size_t n_batches;
    atomic_bool is_open; /* answers are given */
} echo;

static rec_status echo_generate(rec_lm_reply *replies, rec_lm *lm, const rec_lm_request *requests,
                                size_t n, rec_error *err)
{
    echo *e = (echo *)(void *)lm;
    atomic_fetch_add(&e->n_batches, 1);
    while (!atomic_load(&e->is_open))
        usleep(1000);
    for (size_t i = 0; i < n; i++) {
        const char *text = requests[i].input.parts[0].text;
        if (strcmp(text, "break") == 0)
            return rec_fail(err, REC_ERR_ENDPOINT, "the server is down");
        if (strcmp(text, "fail") == 0) {
            replies[i].failure = rec_strdup("http: 500", err);
            continue;
        }
        replies[i].best = rec_alloc(1, sizeof *replies[i].best, err);
        replies[i].best[0].text = rec_strdup(text, err);
        replies[i].best[0].finish = REC_FINISH_LENGTH;
        replies[i].n_best = 1;
        replies[i].tokens_in = 5;
        replies[i].tokens_out = requests[i].max_tokens;
    }
    return REC_OK;
}

static rec_status echo_embed(float *out, rec_lm *lm, const rec_lm_input *inputs, size_t n,
                             rec_error *err)
{
    (void)lm;
    (void)err;
    for (size_t i = 0; i < n; i++) {
        out[2 * i] = (float)strlen(inputs[i].parts[0].text);
        out[2 * i + 1] = strcmp(inputs[i].parts[0].text, "fail") == 0 ? NAN : 1.0f;
    }
    return REC_OK;
}

static void echo_free(rec_lm *lm)
{
    free(lm);
}

static const rec_lm_backend backend = {
    .name = "echo", .generate = echo_generate, .embed = echo_embed, .free = echo_free};

static echo *model;
static rec_worker *worker;

static void open_worker(unsigned can, size_t max_tokens)
{
    rec_worker_limits limits = {.n_waiting = 10, .max_tokens = max_tokens};
    model = calloc(1, sizeof *model);
    model->base = (rec_lm){.backend = &backend, .can = can, .embed_dim = 2};
    atomic_store(&model->is_open, true);
    ck_assert_ok(rec_lm_worker_new(&worker, &model->base, &limits, err));
}

static void set_up(void)
{
    open_worker(REC_LM_GENERATES | REC_LM_EMBEDS, 50);
}

static void tear_down(void)
{
    rec_worker_free(worker);
}

START_TEST(answers)
{
    rec_call *c = answered(worker, REC_CALL_COMPLETE,
                           "{\"prompt\": [\"one\", \"two\"], \"n\": 2, \"max_tokens\": 3}", false);
    ck_assert_uint_eq(c->n_choices, 4);
    ck_assert_str_eq(c->choices[1].text.data, "one");
    ck_assert_str_eq(c->choices[2].text.data, "two");
    ck_assert_str_eq(c->choices[3].finish, "length");
    ck_assert_uint_eq(c->usage.n_prompt, 10);
    ck_assert_uint_eq(c->usage.n_generated, 12);
    rec_call_release(c);
    c = answered(worker, REC_CALL_COMPLETE, "{\"prompt\": \"x\", \"echo\": true}", false);
    ck_assert_str_eq(c->choices[0].text.data, "xx");
    rec_call_release(c);
    c = answered(worker, REC_CALL_EMBED, "{\"input\": [\"abc\", \"\"]}", false);
    ck_assert_float_eq(c->vectors[0], 3.0f);
    ck_assert_float_eq(c->vectors[2], 0.0f);
    rec_call_release(c);
}
END_TEST

/* What waits while a batch is asked forms the next one. */
START_TEST(batches)
{
    rec_call *calls[9];
    atomic_store(&model->is_open, false);
    for (size_t i = 0; i < 9; i++) {
        calls[i] = submitted(worker, REC_CALL_COMPLETE, "{\"prompt\": \"x\"}", false);
        while (atomic_load(&model->n_batches) == 0)
            usleep(1000);
    }
    rec_call_abandon(calls[8]); /* is not asked */
    atomic_store(&model->is_open, true);
    for (size_t i = 0; i < 9; i++) {
        wait_for(calls[i]);
        ck_assert_int_eq(calls[i]->error.http, 0);
        rec_call_release(calls[i]);
    }
    ck_assert_uint_eq(atomic_load(&model->n_batches), 2);
}
END_TEST

static void fails(rec_call_kind kind, const char *body, const char *message)
{
    rec_call *c = submitted(worker, kind, body, false);
    wait_for(c);
    ck_assert_int_eq(c->error.http, 502);
    ck_assert_msg(strstr(c->error.message, message) != NULL, "%s", c->error.message);
    rec_call_release(c);
}

START_TEST(failures)
{
    fails(REC_CALL_COMPLETE, "{\"prompt\": [\"a\", \"fail\", \"b\"]}", "http: 500");
    fails(REC_CALL_COMPLETE, "{\"prompt\": \"break\"}", "the server is down");
    fails(REC_CALL_EMBED, "{\"input\": [\"a\", \"fail\"]}", "no vector");
    rec_call *c = answered(worker, REC_CALL_COMPLETE, "{\"prompt\": \"x\"}", false);
    rec_call_release(c);
}
END_TEST

START_TEST(refusals)
{
    refused(worker, REC_CALL_COMPLETE, "{\"prompt\": \"x\", \"logprobs\": 1}", false, 400,
            "it has: generate, embed");
    refused(worker, REC_CALL_COMPLETE, "{\"prompt\": [1, 2]}", false, 400, "token ids");
    refused(worker, REC_CALL_COMPLETE, "{\"prompt\": \"x\", \"max_tokens\": 51}", false, 400,
            "up to 50");
    refused(worker, REC_CALL_COMPLETE, "{\"prompt\": \"x\", \"echo\": true, \"max_tokens\": 0}",
            false, 400, "no answer");
    refused(worker, REC_CALL_COMPLETE,
            "{\"prompt\": \"x\", \"response_format\": {\"type\": \"json_object\"}}", false, 400,
            "JSON mode");
    refused(worker, REC_CALL_EMBED, "{\"input\": \"x\", \"dimensions\": 3}", false, 400,
            "2 dimensions");
    refused(worker, REC_CALL_EMBED, "{\"input\": [1]}", false, 400, "token ids");
    refused(worker, REC_CALL_RECOMMEND, "{\"query\": \"x\"}", false, 400, "ask a system");
    tear_down();
    open_worker(REC_LM_GENERATES, 0);
    refused(worker, REC_CALL_EMBED, "{\"input\": \"x\"}", false, 400, "embeddings");
    tear_down();
    open_worker(REC_LM_EMBEDS, 0);
    refused(worker, REC_CALL_COMPLETE, "{\"prompt\": \"x\"}", false, 400, "generation");
}
END_TEST

REC_SUITE("harness/serve/lm_worker", tcase_add_checked_fixture(t, set_up, tear_down);
          tcase_add_test(t, answers); tcase_add_test(t, batches); tcase_add_test(t, failures);
          tcase_add_test(t, refusals);)
