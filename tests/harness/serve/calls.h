/** A tiny language model to serve, and calls to it that a test waits for. */
#ifndef REC_TESTS_HARNESS_SERVE_CALLS_H
#define REC_TESTS_HARNESS_SERVE_CALLS_H

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "harness/serve/call.h"
#include "harness/serve/worker.h"
#include "models/lm/local.h"
#include "tests/folder.h"
#include "tests/golden.h"
#include "tests/suite.h"

static inline void run_shell(const char *format, const char *path)
{
    char command[900];
    snprintf(command, sizeof command, format, path);
    ck_assert_int_eq(system(command), 0);
}

/* A Qwen 2 of random weights with a ChatML tokenizer, and a BERT, in the test's folder. */
static inline void make_models(void)
{
    test_folder();
    run_shell("cp -r " GOLDEN("lm/qwen2") " %s", test_path("qwen2"));
    run_shell("cp " GOLDEN("lm/tokenizer/*.json") " %s", test_path("qwen2"));
    run_shell("cp -r " GOLDEN("lm/bert") " %s", test_path("bert"));
    run_shell("cp " GOLDEN("tokenizers/wordpiece-cased/tokenizer.json") " %s", test_path("bert"));
}

static inline rec_lm *open_model(const char *name, int64_t slots)
{
    rec_lm *lm = NULL;
    rec_lm_local_options options;
    ck_assert_ok(rec_options_defaults(&options, rec_lm_local_option_table, err));
    options.path = (char *)(uintptr_t)test_path(name);
    options.slots = slots;
    ck_assert_ok(rec_lm_local_open(&lm, &options, err));
    return lm;
}

static inline rec_call *new_call(rec_call_kind kind, const char *body, bool chat)
{
    rec_call *c = NULL;
    rec_api_error api = {.http = 0};
    rec_status status;
    ck_assert_ok(rec_call_new(&c, kind, err));
    switch (kind) {
    case REC_CALL_COMPLETE:
        status = rec_completion_request_parse(&c->completion, body, strlen(body), chat, &api);
        break;
    case REC_CALL_EMBED:
        status = rec_embedding_request_parse(&c->embedding, body, strlen(body), &api);
        break;
    default:
        status = rec_recommend_request_parse(&c->recommend, body, strlen(body), &api);
    }
    ck_assert_msg(status == REC_OK, "%s: %s", body, api.message);
    if (kind == REC_CALL_COMPLETE)
        ck_assert_ok(rec_call_make_choices(c, err));
    return c;
}

static inline bool is_done(rec_call *c)
{
    pthread_mutex_lock(&c->mutex);
    bool done = c->done;
    pthread_mutex_unlock(&c->mutex);
    return done;
}

static inline void wait_for(rec_call *c)
{
    while (!is_done(c))
        usleep(500);
}

static inline rec_call *submitted(rec_worker *w, rec_call_kind kind, const char *body, bool chat)
{
    rec_call *c = new_call(kind, body, chat);
    rec_api_error api = {.http = 0};
    ck_assert_msg(rec_worker_submit(w, c, &api) == REC_OK, "%s: %s", body, api.message);
    return c;
}

static inline rec_call *answered(rec_worker *w, rec_call_kind kind, const char *body, bool chat)
{
    rec_call *c = submitted(w, kind, body, chat);
    wait_for(c);
    ck_assert_msg(c->error.http == 0, "%s: %s", body, c->error.message);
    return c;
}

static inline void refused(rec_worker *w, rec_call_kind kind, const char *body, bool chat, int http,
                           const char *message)
{
    rec_call *c = new_call(kind, body, chat);
    rec_api_error api = {.http = 0};
    ck_assert_int_ne(rec_worker_submit(w, c, &api), REC_OK);
    ck_assert_msg(api.http == http, "%d, not %d: %s", api.http, http, api.message);
    ck_assert_msg(strstr(api.message, message) != NULL, "no \"%s\" in \"%s\"", message,
                  api.message);
    rec_call_release(c);
}

#endif
