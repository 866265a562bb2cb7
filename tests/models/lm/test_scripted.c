/* Rules answer from the key, in every format; what they say is derived by hand. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/lm/pool.h"
#include "tests/suite.h"

static const char *const candidates[] = {"Alien", "Brazil", "Casino, the", "Dune"};
static const char *const targets[] = {"Casino, the"};
static const char *const popular[] = {"Dune", "Elf", "Alien"};

static rec_lm_pool *pool;
static rec_yaml *lms;

static rec_lm *open_role(const char *options)
{
    char text[300];
    rec_lm *lm = NULL;
    snprintf(text, sizeof text, "{rule: {backend: scripted, %s}}", options);
    ck_assert_ok(rec_yaml_parse(&lms, text, strlen(text), "t.yaml", err));
    ck_assert_ok(rec_lm_pool_new(&pool, lms, err));
    ck_assert_ok(rec_lm_pool_get(&lm, pool, "rule", err));
    return lm;
}

static void close_role(void)
{
    rec_lm_pool_free(pool);
    rec_yaml_free(lms);
}

/* The answer to one question with this key; of the caller. */
static char *ask(const char *options, const rec_lm_answer_key *key, uint64_t id)
{
    const rec_lm_part parts[] = {
        {.role = REC_ROLE_SYSTEM, .kind = REC_LM_TRUSTED, .text = "Rank."},
        {.role = REC_ROLE_USER, .kind = REC_LM_TRUSTED, .text = "Items: "},
        {.role = REC_ROLE_USER, .kind = REC_LM_DATA, .text = "Alien, Brazil"}};
    const rec_lm_request request = {.input = {.parts = parts, .n_parts = 3, .chat = true},
                                    .id = id,
                                    .sampling = {.seed = 7},
                                    .key = key};
    rec_lm_reply reply;
    rec_lm *lm = open_role(options);
    ck_assert_ok(rec_lm_generate(&reply, lm, &request, 1, err));
    ck_assert_ptr_null(reply.failure);
    ck_assert_uint_eq(reply.n_best, 1);
    char *text = strdup(reply.best[0].text);
    rec_lm_reply_deinit(&reply);
    close_role();
    return text;
}

static void expect(const char *options, const rec_lm_answer_key *key, const char *wanted)
{
    char *text = ask(options, key, 1);
    ck_assert_str_eq(text, wanted);
    free(text);
}

static rec_lm_answer_key whole_key(void)
{
    return (rec_lm_answer_key){.candidates = candidates,
                               .n_candidates = 4,
                               .targets = targets,
                               .n_targets = 1,
                               .popular = popular,
                               .n_popular = 3};
}

START_TEST(roles)
{
    rec_lm_answer_key key = whole_key();
    expect("role: perfect", &key, "Casino, the<end>Alien<end>Brazil<end>Dune<end>");
    expect("role: popularity", &key, "Dune<end>Alien<end>Brazil<end>Casino, the<end>");
    expect("role: copy", &key, "Alien<end>Brazil<end>Casino, the<end>Dune<end>");
    expect("role: refuse", &key, "I'm sorry, but I can't help with that.");
    expect("role: empty", &key, "");
    expect("role: echo", &key, "Items: Alien, Brazil");
    expect("role: say, text: A", &key, "A");
    expect("role: say", NULL, "Yes.");
}
END_TEST

START_TEST(without_candidates)
{
    rec_lm_answer_key key = {
        .targets = targets, .n_targets = 1, .popular = popular, .n_popular = 3, .n_wanted = 2};
    expect("role: perfect", &key, "Casino, the");
    expect("role: popularity", &key, "Dune<end>Elf<end>");
    expect("role: copy", &key, "");
    expect("role: copy", NULL, "");
}
END_TEST

START_TEST(formats)
{
    rec_lm_answer_key key = whole_key();
    key.n_wanted = 2;
    expect("role: copy, format: json", &key, "[\"Alien\",\"Brazil\"]");
    expect("role: copy, format: numbered", &key, "1. Alien\n2. Brazil");
    expect("role: copy, format: bullets", &key, "- Alien\n- Brazil");
    expect("role: copy, format: commas", &key, "Alien, Brazil");
    expect("role: copy, format: lines", &key, "Alien\nBrazil");
    expect("role: copy, format: prose", &key,
           "Here is what I would recommend, based on the history:\n\n1. Alien\n2. Brazil\n\nI hope "
           "this helps!");
    expect("role: copy, format: fenced", &key, "```json\n[\"Alien\",\"Brazil\"]\n```");
    expect("role: copy, format: cut", &key, "1. Alien\n"); /* 9 of 18 bytes */
    key.n_wanted = 1;
    expect("role: perfect", &key, "Casino, the");
}
END_TEST

/* A shuffle of four, drawn by the request: the same again, not always the same for others. */
START_TEST(random_order)
{
    rec_lm_answer_key key = whole_key();
    unsigned first[4] = {0};
    for (uint64_t id = 0; id < 400; id++) {
        char *text = ask("role: random", &key, id), *again = ask("role: random", &key, id);
        ck_assert_str_eq(text, again);
        for (size_t i = 0; i < 4; i++) {
            ck_assert_ptr_nonnull(strstr(text, candidates[i]));
            first[i] += strncmp(text, candidates[i], strlen(candidates[i])) == 0;
        }
        free(text);
        free(again);
    }
    for (size_t i = 0; i < 4; i++) /* 100 each, standard deviation 8.7 */
        ck_assert(first[i] > 65 && first[i] < 135);
}
END_TEST

START_TEST(labelled)
{
    const char *identity;
    rec_lm *lm = open_role("role: perfect, format: json");
    ck_assert_ok(rec_lm_identity(&identity, lm, err));
    ck_assert_str_eq(identity, "scripted:perfect:json");
    ck_assert_uint_eq(lm->can, REC_LM_GENERATES);
    close_role();
    lm = open_role("role: say, text: Hello");
    ck_assert_ok(rec_lm_identity(&identity, lm, err));
    ck_assert_str_eq(identity, "scripted:say:end:Hello");
    close_role();
}
END_TEST

REC_SUITE("models/lm/scripted", {
    tcase_add_test(t, roles);
    tcase_add_test(t, without_candidates);
    tcase_add_test(t, formats);
    tcase_add_test(t, random_order);
    tcase_add_test(t, labelled);
})
