#include "models/lm/endpoint/body.h"

#include <string.h>

#include "tests/suite.h"

static const rec_lm_part parts[] = {
    {.role = REC_ROLE_SYSTEM, .kind = REC_LM_TRUSTED, .text = "s"},
    {.role = REC_ROLE_USER, .kind = REC_LM_TRUSTED, .text = "u"},
    {.role = REC_ROLE_USER, .kind = REC_LM_DATA, .text = "v"},
    {.role = REC_ROLE_ASSISTANT, .kind = REC_LM_TRUSTED, .text = "a"},
};
static const rec_body_options plain = {
    .model = "m", .temperature = -1.0, .top_p = -1.0, .length_key = "max_tokens"};

static rec_lm_request chat(void)
{
    return (rec_lm_request){.input = {.parts = parts, .n_parts = 4, .chat = true},
                            .sampling = rec_sampling_greedy()};
}

#define MESSAGES                                                                                   \
    "\"messages\":[{\"role\":\"system\",\"content\":\"s\"},{\"role\":\"user\",\"content\":\"uv\"}" \
    ","                                                                                            \
    "{\"role\":\"assistant\",\"content\":\"a\"}]"

static void check(const rec_body_options *o, const rec_lm_request *r, const char *expected)
{
    char *body;
    ck_assert_ok(rec_body_generate(&body, o, r, err));
    ck_assert_str_eq(body, expected);
    free(body);
}

START_TEST(greedy_chat)
{
    rec_lm_request r = chat();
    check(&plain, &r, "{\"model\":\"m\"," MESSAGES ",\"temperature\":0}");
    rec_body_options o = plain;
    o.max_tokens = 77;
    o.length_key = "max_completion_tokens";
    check(&o, &r, "{\"model\":\"m\"," MESSAGES ",\"max_completion_tokens\":77,\"temperature\":0}");
}
END_TEST

static double seed_in(const rec_lm_request *r)
{
    char *body;
    ck_assert_ok(rec_body_generate(&body, &plain, r, err));
    const char *at = strstr(body, "\"seed\":");
    ck_assert_ptr_nonnull(at);
    double seed = atof(at + 7);
    free(body);
    return seed;
}

/* The seed depends on seed, id and repeat, and is one that every server takes: below 2^31. */
START_TEST(random_chat)
{
    rec_lm_request r = chat();
    r.sampling =
        (rec_sampling){.temperature = 0.7, .top_p = 0.9, .repetition_penalty = 1.0, .seed = 1};
    double seed = seed_in(&r);
    ck_assert_double_ge(seed, 0);
    ck_assert_double_lt(seed, 2147483648.0);
    ck_assert_double_eq(seed_in(&r), seed);
    r.id = 1;
    ck_assert_double_ne(seed_in(&r), seed);
    r.id = 0, r.repeat = 1;
    ck_assert_double_ne(seed_in(&r), seed);
    r.repeat = 0, r.sampling.seed = 2;
    ck_assert_double_ne(seed_in(&r), seed);
}
END_TEST

START_TEST(overrides)
{
    static char *omitted[] = {"temperature", "seed"};
    cJSON *extra = cJSON_Parse("{\"effort\":\"low\",\"model\":\"other\"}");
    rec_lm_request r = chat();
    rec_body_options o = plain;
    o.temperature = 0.5;
    o.omit = (rec_string_list){omitted, 2};
    o.extra = extra;
    check(&o, &r, "{" MESSAGES ",\"effort\":\"low\",\"model\":\"other\"}");
    cJSON_Delete(extra);
}
END_TEST

START_TEST(flat_text)
{
    rec_lm_request r = chat();
    rec_body_options o = plain;
    static const char *const stop[] = {"\n\n"};
    r.stop = stop, r.n_stop = 1, r.logprobs = true, r.n_best = 2;
    o.flat = true;
    ck_assert(!rec_body_is_chat(&o, &r.input));
    check(&o, &r,
          "{\"model\":\"m\",\"prompt\":\"System: s\\n\\nUser: uv\\n\\nAssistant: "
          "a\\n\\nAssistant:\",\"stop\":[\"\\n\\n\"],\"n\":2,\"temperature\":0,\"logprobs\":1}");
}
END_TEST

START_TEST(plain_text)
{
    rec_lm_request r = chat();
    r.input.chat = false;
    check(&plain, &r, "{\"model\":\"m\",\"prompt\":\"suva\",\"temperature\":0}");
}
END_TEST

START_TEST(scores)
{
    const rec_lm_part a = {.kind = REC_LM_DATA, .text = "né"},
                      b = {.kind = REC_LM_DATA, .text = "ü!"};
    const rec_lm_score_request r = {.prompt = {.parts = &a, .n_parts = 1},
                                    .completion = {.parts = &b, .n_parts = 1}};
    const rec_lm_score_request empty = {.prompt = {.parts = &a, .n_parts = 1}};
    char *body;
    size_t from, to;
    ck_assert_ok(rec_body_score(&body, &from, &to, &plain, &r, err));
    ck_assert_uint_eq(from, 2); /* characters, not bytes */
    ck_assert_uint_eq(to, 4);
    ck_assert_str_eq(body,
                     "{\"model\":\"m\",\"prompt\":\"néü!\",\"max_tokens\":1,\"temperature\":0,"
                     "\"logprobs\":1,\"echo\":true}");
    free(body);
    ck_assert_fails(rec_body_score(&body, &from, &to, &plain, &empty, err), REC_ERR_DATA,
                    "nothing to score");
}
END_TEST

START_TEST(embeddings)
{
    const rec_lm_input inputs[] = {{.parts = &parts[0], .n_parts = 1},
                                   {.parts = parts, .n_parts = 3}};
    char *body;
    ck_assert_ok(rec_body_embed(&body, &plain, inputs, 2, err));
    ck_assert_str_eq(body, "{\"model\":\"m\",\"input\":[\"s\",\"suv\"]}");
    free(body);
}
END_TEST

START_TEST(refused)
{
    rec_lm_request r = chat();
    char *body;
    rec_lm_part bad = {.role = REC_ROLE_USER, .kind = REC_LM_DATA, .text = "\xff"};
    r.n_beams = 2;
    ck_assert_fails(rec_body_generate(&body, &plain, &r, err), REC_ERR_CONFIG, "beam");
    r.n_beams = 1, r.input.parts = &bad, r.input.n_parts = 1;
    ck_assert_fails(rec_body_generate(&body, &plain, &r, err), REC_ERR_DATA, "not UTF-8");
    bad.text = "a\0b", bad.n = 3;
    ck_assert_fails(rec_body_generate(&body, &plain, &r, err), REC_ERR_DATA, "NUL");
}
END_TEST

REC_SUITE("models/lm/endpoint/body", tcase_add_test(t, greedy_chat); tcase_add_test(t, random_chat);
          tcase_add_test(t, overrides); tcase_add_test(t, flat_text); tcase_add_test(t, plain_text);
          tcase_add_test(t, scores); tcase_add_test(t, embeddings); tcase_add_test(t, refused);)
