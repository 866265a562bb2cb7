/* The models of a config: language models and fitted systems, each under its name. */
#include "harness/serve/serving.h"

#include "tests/harness/run/small.h"
#include "tests/harness/serve/calls.h"

static const rec_worker_limits limits = {.n_waiting = 100};

static void set_up(void)
{
    make_models();
    static const char text[] = "1 a b c d\n2 a b d e\n3 a c e b\n4 b d f a\n";
    test_write("small.txt", text, sizeof text - 1);
}

static rec_status read_config(rec_config **out, const char *form, rec_error *err)
{
    char text[2000];
    const rec_config_overrides overrides = {.serves = true};
    snprintf(text, sizeof text, form, test_path("qwen2"), test_path("small.txt"),
             test_path("out.h5"));
    return rec_config_parse(out, text, strlen(text), "serve.yaml", &overrides, err);
}

static const rec_served *find(const rec_serving *s, const char *name)
{
    size_t n;
    const rec_served *models = rec_serving_models(s, &n);
    for (size_t i = 0; i < n; i++)
        if (strcmp(models[i].name, name) == 0)
            return &models[i];
    return NULL;
}

START_TEST(language_models_alone)
{
    rec_config *config;
    rec_serving *s;
    size_t n;
    ck_assert_ok(
        read_config(&config, "lms: {tiny: {backend: local, path: \"%s\"}}\n# %s %s\n", err));
    ck_assert_ok(rec_serving_new(&s, config, &limits, err));
    rec_serving_models(s, &n);
    ck_assert_uint_eq(n, 1);
    ck_assert(!find(s, "tiny")->is_system);
    ck_assert_ptr_nonnull(strstr(find(s, "tiny")->capabilities, "generate"));
    rec_call *c =
        answered(find(s, "tiny")->worker, REC_CALL_COMPLETE, "{\"prompt\": \"a\"}", false);
    ck_assert_uint_gt(c->usage.n_generated, 0);
    rec_call_release(c);
    rec_serving_free(s);
    rec_serving_free(NULL);
    rec_config_free(config);
}
END_TEST

static const char whole[] = "lms: {tiny: {backend: local, path: \"%s\"}}\n"
                            "dataset: {type: sequence, path: \"%s\"}\n"
                            "systems: [{type: pop}, {name: talk, type: lm, lm: tiny}]\n"
                            "report: {path: \"%s\"}\n";

static rec_call *ask(const rec_serving *s, const char *name, rec_call_kind kind, const char *body,
                     bool chat)
{
    const rec_served *m = find(s, name);
    rec_call *c = new_call(kind, body, chat);
    rec_api_error api = {.http = 0};
    c->target = m->target;
    if (rec_worker_submit(m->worker, c, &api) != REC_OK)
        c->error = api;
    else
        wait_for(c);
    return c;
}

/* pop is fitted on train: a b c d by count, then by index; without the history. */
START_TEST(systems)
{
    rec_config *config;
    for (int again = 0; again < 2; again++) { /* the second time out of the run directory */
        rec_serving *s;
        ck_assert_ok(read_config(&config, whole, err));
        ck_assert_ok(rec_serving_new(&s, config, &limits, err));
        ck_assert(find(s, "pop")->is_system && find(s, "talk")->is_system);
        rec_call *c = ask(s, "pop", REC_CALL_RECOMMEND, "{\"history\": [\"a\"], \"k\": 2}", false);
        ck_assert_msg(c->error.http == 0, "%s", c->error.message);
        ck_assert_uint_eq(c->n_items, 2);
        ck_assert_str_eq(c->catalogue->ids[c->items[0]], "b");
        rec_call_release(c);
        c = ask(s, "talk", REC_CALL_COMPLETE,
                "{\"messages\": [{\"role\": \"user\", \"content\": \"hello\"}], \"n\": 2,"
                "\"temperature\": 0, \"max_tokens\": 5}",
                true);
        ck_assert_msg(c->error.http == 0, "%s", c->error.message);
        ck_assert_str_eq(c->choices[0].text.data, c->choices[1].text.data);
        ck_assert_uint_gt(c->usage.n_prompt, 0);
        rec_call_release(c);
        rec_serving_free(s);
        rec_config_free(config);
    }
}
END_TEST

static void check_refusal(const rec_serving *s, const char *name, rec_call_kind kind,
                          const char *body, const char *message)
{
    rec_call *c = ask(s, name, kind, body, false);
    ck_assert_int_eq(c->error.http, 400);
    ck_assert_msg(strstr(c->error.message, message) != NULL, "%s", c->error.message);
    rec_call_release(c);
}

START_TEST(refusals_of_systems)
{
    rec_config *config;
    rec_serving *s;
    ck_assert_ok(read_config(&config, whole, err));
    ck_assert_ok(rec_serving_new(&s, config, &limits, err));
    check_refusal(s, "pop", REC_CALL_COMPLETE, "{\"prompt\": \"a\"}", "it can: score");
    check_refusal(s, "pop", REC_CALL_EMBED, "{\"input\": \"a\"}", "embeddings");
    check_refusal(s, "talk", REC_CALL_RECOMMEND, "{\"history\": []}", "recommendations");
    check_refusal(s, "pop", REC_CALL_RECOMMEND, "{\"history\": [\"z\"]}", "\"z\"");
    check_refusal(s, "talk", REC_CALL_COMPLETE, "{\"prompt\": [1]}", "token ids");
    check_refusal(s, "talk", REC_CALL_COMPLETE, "{\"prompt\": \"a\", \"logprobs\": 1}",
                  "log-probabilities");
    check_refusal(s, "talk", REC_CALL_COMPLETE, "{\"prompt\": \"a\", \"echo\": true}", "prompt");
    rec_serving_free(s);
    rec_config_free(config);
}
END_TEST

START_TEST(bad_configs)
{
    rec_config *config;
    rec_serving *s;
    ck_assert_fails(read_config(&config, "name: x\n# %s %s %s\n", err), REC_ERR_CONFIG,
                    "nothing to serve");
    ck_assert_fails(read_config(&config, "systems: [{type: pop}]\n# %s %s %s\n", err),
                    REC_ERR_CONFIG, "dataset");
    ck_assert_ok(read_config(&config,
                             "lms: {pop: {backend: local, path: \"%s\"}}\n"
                             "dataset: {type: sequence, path: \"%s\"}\n"
                             "systems: [{type: pop}]\nreport: {path: \"%s\"}\n",
                             err));
    ck_assert_fails(rec_serving_new(&s, config, &limits, err), REC_ERR_CONFIG,
                    "\"pop\" names a language model and a system");
    rec_config_free(config);
    ck_assert_ok(read_config(
        &config, "lms: {tiny: {backend: local, path: \"/nowhere\"}}\n# %s %s %s\n", err));
    ck_assert_fails(rec_serving_new(&s, config, &limits, err), REC_ERR_MODEL, "lms: tiny: ");
    rec_config_free(config);
}
END_TEST

REC_SUITE("harness/serve/serving", tcase_add_checked_fixture(t, set_up, test_folder_remove);
          tcase_add_test(t, language_models_alone); tcase_add_test(t, systems);
          tcase_add_test(t, refusals_of_systems); tcase_add_test(t, bad_configs);)
