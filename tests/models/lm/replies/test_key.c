/* What a key covers is tested through the cache (test_cached.c); here its text and its refusals. */
#include "models/lm/replies/key.h"

#include <string.h>

#include "tests/suite.h"

static const rec_lm_part parts[] = {
    {.role = REC_ROLE_SYSTEM, .kind = REC_LM_TRUSTED, .text = "s"},
    {.role = REC_ROLE_USER, .kind = REC_LM_DATA, .text = "u\"", .n = 2},
    {.role = REC_ROLE_USER, .kind = REC_LM_DATA, .text = "v"},
};

START_TEST(generate)
{
    static const char *const stop[] = {"\n"};
    const rec_lm_request r = {.input = {.parts = parts, .n_parts = 3, .chat = true},
                              .max_tokens = 5,
                              .sampling = {.temperature = 0.5, .top_p = 1.0, .seed = UINT64_MAX},
                              .id = 3,
                              .repeat = 2,
                              .stop = stop,
                              .n_stop = 1};
    rec_reply_key k;
    char hex[REC_SHA256_HEX];
    ck_assert_ok(rec_reply_key_generate(&k, "model", &r, err));
    ck_assert_str_eq(
        k.request,
        "{\"op\":\"generate\",\"identity\":\"model\",\"input\":{\"chat\":true,\"bare\":false,"
        "\"parts\":[{\"role\":\"system\",\"trusted\":\"s\"},{\"role\":\"user\",\"data\":\"u\\\"v\"}"
        "]},"
        "\"max_tokens\":5,\"stop\":[\"\\n\"],\"n_beams\":0,\"n_best\":0,\"length_penalty\":0,"
        "\"logprobs\":false,\"temperature\":0.5,\"top_k\":0,\"top_p\":1,\"min_p\":0,"
        "\"repetition_penalty\":0,\"seed\":\"18446744073709551615\",\"id\":\"3\",\"repeat\":2}");
    ck_assert_ok(rec_sha256_bytes(hex, k.request, strlen(k.request), err));
    ck_assert_str_eq(k.hex, hex);
    rec_reply_key_deinit(&k);
}
END_TEST

START_TEST(score_and_embed)
{
    static const uint32_t ids[] = {7, 8};
    const rec_lm_part tokens = {.kind = REC_LM_IDS, .ids = ids, .n = 2};
    const rec_lm_score_request r = {.prompt = {.parts = &tokens, .n_parts = 1},
                                    .completion = {.parts = &parts[2], .n_parts = 1}};
    rec_reply_key k;
    ck_assert_ok(rec_reply_key_score(&k, "m", &r, err));
    ck_assert_str_eq(
        k.request, "{\"op\":\"score\",\"identity\":\"m\",\"prompt\":{\"chat\":false,\"bare\":false,"
                   "\"parts\":[{\"ids\":[7,8]}]},\"completion\":{\"chat\":false,\"bare\":false,"
                   "\"parts\":[{\"data\":\"v\"}]}}");
    rec_reply_key_deinit(&k);
    ck_assert_ok(rec_reply_key_embed(&k, "m", &r.completion, err));
    ck_assert_str_eq(k.request, "{\"op\":\"embed\",\"identity\":\"m\",\"input\":{\"chat\":false,"
                                "\"bare\":false,\"parts\":[{\"data\":\"v\"}]}}");
    rec_reply_key_deinit(&k);
}
END_TEST

START_TEST(none)
{
    const float vector[] = {1.0F};
    const rec_lm_part injected = {.kind = REC_LM_VECTORS, .vectors = vector, .n = 1};
    const rec_lm_part bad = {.kind = REC_LM_DATA, .text = "\xff"};
    rec_lm_request r = {.input = {.parts = parts, .n_parts = 3}};
    ck_assert(rec_reply_key_exists(&r));
    r.constraint = (const rec_constraint *)(const void *)&r; /* only looked at for being there */
    ck_assert(!rec_reply_key_exists(&r));
    r.constraint = NULL;
    r.input = (rec_lm_input){.parts = &injected, .n_parts = 1};
    ck_assert(!rec_reply_key_exists(&r));
    ck_assert(!rec_reply_key_exists_for(&r.input));
    rec_reply_key k = {.request = NULL};
    r.input.parts = &bad;
    ck_assert_fails(rec_reply_key_generate(&k, "m", &r, err), REC_ERR_DATA, "not UTF-8");
    ck_assert_ptr_null(k.request);
}
END_TEST

START_TEST(op_names)
{
    rec_reply_op op;
    for (int i = REC_REPLY_GENERATE; i <= REC_REPLY_EMBED; i++) {
        ck_assert(rec_reply_op_of(&op, rec_reply_op_name((rec_reply_op)i)));
        ck_assert_int_eq(op, i);
    }
    ck_assert(!rec_reply_op_of(&op, "think"));
}
END_TEST

REC_SUITE("models/lm/replies/key", tcase_add_test(t, generate); tcase_add_test(t, score_and_embed);
          tcase_add_test(t, none); tcase_add_test(t, op_names);)
