/* Answers recorded in front of an endpoint, exported, and played back without it. */
#include <math.h>

#include "models/lm/replies/bundle.h"
#include "tests/folder.h"
#include "tests/models/lm/endpoint_model.h"

static bool answer(void *context, const mock_request *r, int fd)
{
    char text[16];
    (void)context;
    if (strstr(r->path, "embeddings") != NULL)
        return mock_answer(fd, 200, "", "{\"data\":[{\"embedding\":[0.25,-1]}]}");
    if (strstr(r->body, "\"echo\":true") != NULL)
        return mock_answer(fd, 200, "",
                           "{\"choices\":[{\"text\":\"\",\"logprobs\":{\"text_offset\":[0],"
                           "\"token_logprobs\":[-0.5]}}]}");
    snprintf(text, sizeof text, "n\\u00ba %u", r->number);
    return mock_answer_text(fd, text);
}

static rec_status open_replay(rec_lm **out, const char *file, const char *more, rec_error *err)
{
    char text[512];
    rec_yaml *yaml = NULL;
    rec_lm_entry entry;
    *out = NULL;
    snprintf(text, sizeof text, "backend: replay\npath: \"%s\"\n%s", test_path(file), more);
    ck_assert_int_eq(rec_yaml_parse(&yaml, text, strlen(text), "test.yaml", err), REC_OK);
    rec_status status = rec_lm_entry_init(&entry, "old", yaml, err);
    if (status == REC_OK) {
        status = rec_lm_entry_open(out, &entry, err);
        rec_lm_entry_deinit(&entry);
    }
    rec_yaml_free(yaml);
    return status;
}

static const rec_lm_part letter = {.kind = REC_LM_DATA, .text = "x"};
static const rec_lm_input letter_input = {.parts = &letter, .n_parts = 1};

/* Two chats, a score and a vector of model "m", one chat of its revision r2, in cache.sqlite. */
static void record(void)
{
    char line[400];
    mock_server *s = mock_server_start(answer, NULL);
    snprintf(line, sizeof line, "cache: {path: \"%s\"}\nscores: true\nembed_dim: 2\n",
             test_path("cache.sqlite"));
    rec_lm *lm = open_model(s, line);
    rec_lm_reply reply = ask(lm, "one");
    rec_lm_reply_deinit(&reply);
    reply = ask(lm, "two");
    rec_lm_reply_deinit(&reply);
    float vector[2];
    const rec_lm_score_request request = {.completion = letter_input};
    rec_lm_score score;
    ck_assert_ok(rec_lm_score_all(&score, lm, &request, 1, err));
    rec_lm_score_deinit(&score);
    ck_assert_ok(rec_lm_embed(vector, lm, &letter_input, 1, err));
    rec_lm_free(lm);
    strcat(line, "revision: r2\n");
    lm = open_model(s, line);
    reply = ask(lm, "one");
    rec_lm_reply_deinit(&reply);
    rec_lm_free(lm);
    mock_server_stop(s);
}

static char *identity_at(size_t i)
{
    rec_reply_store *store;
    rec_reply_count *counts;
    size_t n;
    ck_assert_ok(rec_reply_store_open(&store, test_path("cache.sqlite"), REC_STORE_READ, err));
    ck_assert_ok(rec_reply_store_counts(&counts, &n, store, err));
    ck_assert_uint_eq(n, 2);
    char *identity = strdup(counts[i].identity);
    rec_reply_counts_free(counts, n);
    rec_reply_store_close(store);
    return identity;
}

static void export_model(const char *file, const char *identity, size_t expected)
{
    rec_reply_store *store;
    size_t n;
    ck_assert_ok(rec_reply_store_open(&store, test_path("cache.sqlite"), REC_STORE_READ, err));
    ck_assert_ok(rec_bundle_export(&n, test_path(file), store, identity, err));
    ck_assert_uint_eq(n, expected);
    rec_reply_store_close(store);
}

static void check_answers(rec_lm *lm, const char *identity)
{
    const rec_lm_score_request request = {.completion = letter_input};
    const char *stated;
    rec_lm_score score;
    float vector[2];
    ck_assert_uint_eq(lm->can, REC_LM_GENERATES | REC_LM_LOGITS | REC_LM_EMBEDS);
    ck_assert_ok(rec_lm_identity(&stated, lm, err));
    ck_assert_str_eq(stated, identity);
    rec_lm_reply reply = ask(lm, "two");
    ck_assert_str_eq(reply.best[0].text, "nº 1");
    ck_assert(reply.cached);
    ck_assert_uint_eq(reply.tokens_out, 3);
    rec_lm_reply_deinit(&reply);
    reply = ask(lm, "three");
    ck_assert_failure(reply, "not_recorded");
    rec_lm_reply_deinit(&reply);
    ck_assert_ok(rec_lm_score_all(&score, lm, &request, 1, err));
    ck_assert_double_eq(score.sum, -0.5);
    rec_lm_score_deinit(&score);
    ck_assert_uint_eq(lm->embed_dim, 2);
    ck_assert_ok(rec_lm_embed(vector, lm, &letter_input, 1, err));
    ck_assert(vector[0] == 0.25F && vector[1] == -1.0F);
    const rec_lm_part other = {.kind = REC_LM_DATA, .text = "y"};
    const rec_lm_input other_input = {.parts = &other, .n_parts = 1};
    const rec_lm_score_request other_request = {.completion = other_input};
    ck_assert_ok(rec_lm_embed(vector, lm, &other_input, 1, err));
    ck_assert(isnan(vector[0]) && isnan(vector[1]));
    ck_assert_ok(rec_lm_score_all(&score, lm, &other_request, 1, err));
    ck_assert_ptr_nonnull(score.failure);
    rec_lm_score_deinit(&score);
}

START_TEST(played_back)
{
    rec_lm *lm;
    char more[400];
    record();
    char *first = identity_at(0), *second = identity_at(1);
    char *m = strstr(first, "revision=r2") == NULL ? first : second;
    export_model("all.jsonl", NULL, 5);
    export_model("one.jsonl", m, 4);
    ck_assert_ok(open_replay(&lm, "one.jsonl", "", err));
    check_answers(lm, m);
    rec_lm_free(lm);
    ck_assert_fails(open_replay(&lm, "all.jsonl", "", err), REC_ERR_CONFIG, "answers of 2 models");
    ck_assert_fails(open_replay(&lm, "all.jsonl", "identity: x\n", err), REC_ERR_CONFIG,
                    "no answers of \"x\"");
    snprintf(more, sizeof more, "identity: \"%s\"\n", m);
    ck_assert_ok(open_replay(&lm, "all.jsonl", more, err));
    check_answers(lm, m);
    rec_lm_free(lm);
    ck_assert_ok(open_replay(&lm, "cache.sqlite", more, err)); /* a cache itself */
    check_answers(lm, m);
    rec_lm_free(lm);
    free(first);
    free(second);
}
END_TEST

/* Import into another cache gives the same bundle again, to the byte. */
START_TEST(round_trip)
{
    rec_reply_store *store;
    size_t n;
    char command[600];
    record();
    export_model("all.jsonl", NULL, 5);
    ck_assert_ok(rec_reply_store_open(&store, test_path("b.sqlite"), REC_STORE_WRITE, err));
    ck_assert_ok(rec_bundle_import(&n, store, test_path("all.jsonl"), err));
    ck_assert_uint_eq(n, 5);
    ck_assert_ok(rec_bundle_export(&n, test_path("again.jsonl"), store, NULL, err));
    rec_reply_store_close(store);
    snprintf(command, sizeof command, "cmp %s %s", test_path("all.jsonl"),
             test_path("again.jsonl"));
    ck_assert_int_eq(system(command), 0);
}
END_TEST

static void check_refused(const char *text, const char *message)
{
    rec_reply_store *store;
    size_t n;
    test_write("bad.jsonl", text, strlen(text));
    ck_assert_ok(rec_reply_store_open(&store, NULL, REC_STORE_MEMORY, err));
    ck_assert_fails(rec_bundle_import(&n, store, test_path("bad.jsonl"), err), REC_ERR_DATA,
                    message);
    rec_reply_count *counts;
    ck_assert_ok(rec_reply_store_counts(&counts, &n, store, err));
    ck_assert_uint_eq(n, 0); /* all or nothing */
    rec_reply_counts_free(counts, n);
    rec_reply_store_close(store);
}

START_TEST(bad_bundles)
{
#define HEAD "{\"recai_replies\":1}\n"
    check_refused("", "empty");
    check_refused("{}\n", "bad.jsonl:1: not a bundle");
    check_refused(HEAD "{\n", "bad.jsonl:2");
    check_refused(HEAD "{\"key\":\"x\"}\n", "request: missing");
    check_refused(HEAD "{\"key\":\"x\",\"request\":{\"op\":\"think\",\"identity\":\"i\"}}", "op:");
    check_refused(HEAD "{\"key\":\"x\",\"request\":{\"op\":\"embed\",\"identity\":\"i\"}}",
                  "bad.jsonl:2: key: not the SHA-256 of the request");
#undef HEAD
}
END_TEST

/* A changed request does not have its key any more; a changed record is no answer. */
START_TEST(changed_bundles)
{
    rec_reply_store *store;
    size_t n;
    char command[900];
    static const char *const changes[] = {"s/\"data\":\"two\"/\"data\":\"2\"/",
                                          "s/\"best\":/\"worst\":/", "s/\"finish\":/\"finis\":/",
                                          "s/\"embedding\":\".*\"/\"embedding\":\"!\"/"};
    record();
    export_model("all.jsonl", NULL, 5);
    for (size_t i = 0; i < 4; i++) {
        snprintf(command, sizeof command, "sed '%s' %s > %s", changes[i], test_path("all.jsonl"),
                 test_path("changed.jsonl"));
        ck_assert_int_eq(system(command), 0);
        ck_assert_ok(rec_reply_store_open(&store, NULL, REC_STORE_MEMORY, err));
        ck_assert_fails(rec_bundle_import(&n, store, test_path("changed.jsonl"), err), REC_ERR_DATA,
                        "changed.jsonl:");
        rec_reply_store_close(store);
    }
    rec_lm *lm;
    ck_assert_fails(open_replay(&lm, "missing.jsonl", "", err), REC_ERR_DATA, "missing.jsonl");
}
END_TEST

REC_SUITE("models/lm/replay", tcase_add_checked_fixture(t, test_folder, test_folder_remove);
          tcase_add_test(t, played_back); tcase_add_test(t, round_trip);
          tcase_add_test(t, bad_bundles); tcase_add_test(t, changed_bundles);)
