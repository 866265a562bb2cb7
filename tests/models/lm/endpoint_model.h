/** Models of `backend: endpoint` against a mock server, and single questions to them. */
#ifndef REC_TESTS_MODELS_LM_ENDPOINT_MODEL_H
#define REC_TESTS_MODELS_LM_ENDPOINT_MODEL_H

#include <stdio.h>
#include <string.h>

#include "models/lm/backend.h"
#include "tests/suite.h"
#include "tests/support/mock_server.h"

/** Waits before repetitions last a thousandth, nothing is cached. @param more  further YAML lines */
static inline rec_status try_model(rec_lm **out, unsigned port, const char *more, rec_error *err)
{
    char text[2048];
    rec_yaml *yaml = NULL;
    rec_lm_entry entry;
    unsetenv("http_proxy");
    *out = NULL;
    snprintf(text, sizeof text,
             "backend: endpoint\nbase_url: \"http://127.0.0.1:%u/v1\"\nmodel: m\n"
             "backoff_scale: 0.001\n%s%s",
             port, strstr(more, "cache:") != NULL ? "" : "cache: {mode: \"off\"}\n", more);
    ck_assert_int_eq(rec_yaml_parse(&yaml, text, strlen(text), "test.yaml", err), REC_OK);
    rec_status status = rec_lm_entry_init(&entry, "api", yaml, err);
    if (status == REC_OK) {
        status = rec_lm_entry_open(out, &entry, err);
        rec_lm_entry_deinit(&entry);
    }
    rec_yaml_free(yaml);
    return status;
}

static inline rec_lm *open_model(const mock_server *s, const char *more)
{
    rec_lm *lm;
    ck_assert_ok(try_model(&lm, mock_server_port(s), more, err));
    return lm;
}

/** A question of one user message; `part` must outlive the request. */
static inline rec_lm_request question(rec_lm_part *part, const char *text)
{
    *part = (rec_lm_part){.role = REC_ROLE_USER, .kind = REC_LM_DATA, .text = text};
    return (rec_lm_request){.input = {.parts = part, .n_parts = 1, .chat = true},
                            .max_tokens = 5,
                            .sampling = rec_sampling_greedy()};
}

static inline rec_lm_reply ask(rec_lm *lm, const char *text)
{
    rec_lm_part part;
    rec_lm_reply reply;
    rec_lm_request r = question(&part, text);
    ck_assert_ok(rec_lm_generate(&reply, lm, &r, 1, err));
    ck_assert_msg((reply.failure == NULL) == (reply.n_best > 0), "neither answer nor failure");
    return reply;
}

/** The answer is a failure whose text begins with `name`. */
#define ck_assert_failure(reply, name)                                                             \
    do {                                                                                           \
        ck_assert_ptr_nonnull((reply).failure);                                                    \
        ck_assert_msg(strncmp((reply).failure, (name), strlen(name)) == 0, "not %s: %s", (name),   \
                      (reply).failure);                                                            \
        ck_assert_uint_eq((reply).n_best, 0);                                                      \
    } while (0)

#endif
