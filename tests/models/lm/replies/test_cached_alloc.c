/* Keys, records, the store and the cache with the n-th allocation failing: nothing is half recorded. */
#include "models/lm/replies/cached.h"

#include <string.h>

#include "models/lm/backend.h"
#include "models/lm/replies/record.h"
#include "models/lm/replies/store.h"
#include "tests/failing_malloc.h"
#include "tests/folder.h"
#include "tests/suite.h"

static const rec_lm_part part = {.role = REC_ROLE_USER, .kind = REC_LM_DATA, .text = "hello"};
static const rec_lm_input input = {.parts = &part, .n_parts = 1, .chat = true};

static rec_status record_and_read(rec_error *err)
{
    rec_generated best = {.text = "a"};
    float logprobs[] = {-1.0F};
    const rec_lm_reply reply = {.best = &best, .n_best = 1};
    const rec_lm_score score = {.logprobs = logprobs, .n = 1};
    rec_lm_reply reply_again = {.best = NULL};
    rec_lm_score score_again = {.ids = NULL};
    char *one = rec_record_of_reply(&reply, err);
    char *two = one != NULL ? rec_record_of_score(&score, err) : NULL;
    char *three = two != NULL ? rec_record_of_embedding(logprobs, 1, err) : NULL;
    rec_status status = three != NULL ? REC_OK : REC_ERR_RESOURCE;
    if (status == REC_OK)
        status = rec_reply_of_record(&reply_again, one, err);
    if (status == REC_OK)
        status = rec_score_of_record(&score_again, two, err);
    if (status == REC_OK)
        status = rec_embedding_of_record(logprobs, 1, three, err);
    rec_lm_score_deinit(&score_again);
    rec_lm_reply_deinit(&reply_again);
    free(three);
    free(two);
    free(one);
    return status;
}

static rec_status make_keys(rec_error *err)
{
    const rec_lm_request r = {.input = input};
    const rec_lm_score_request s = {.prompt = input, .completion = input};
    rec_reply_key keys[3] = {{.request = NULL}};
    rec_status status = rec_reply_key_generate(&keys[0], "m", &r, err);
    if (status == REC_OK)
        status = rec_reply_key_score(&keys[1], "m", &s, err);
    if (status == REC_OK)
        status = rec_reply_key_embed(&keys[2], "m", &input, err);
    for (int i = 0; i < 3; i++)
        rec_reply_key_deinit(&keys[i]);
    return status;
}

/* A rule behind the cache, asked twice: two questions alike, one other. */
static rec_status ask_through_cache(rec_error *err)
{
    static const rec_lm_part other = {.role = REC_ROLE_USER, .kind = REC_LM_DATA, .text = "bye"};
    const rec_lm_request r = {.input = input},
                         o = {.input = {.parts = &other, .n_parts = 1, .chat = true}};
    const rec_lm_request requests[] = {r, o, r};
    rec_lm_reply replies[3] = {{.best = NULL}};
    rec_lm *inner = NULL, *lm = NULL;
    rec_lm_entry entry = {.name = NULL};
    rec_yaml *yaml = NULL;
    static const char text[] = "{backend: scripted, role: echo}";
    rec_status status;
    REC_TRY(rec_yaml_parse(&yaml, text, sizeof text - 1, "t", err));
    REC_TRY(rec_lm_entry_init(&entry, "rule", yaml, err));
    REC_TRY(rec_lm_entry_open(&inner, &entry, err));
    REC_TRY(rec_lm_cached_new(&lm, inner, test_path("c.sqlite"), REC_CACHE_READ_WRITE, err));
    for (int i = 0; i < 2; i++) {
        REC_TRY(rec_lm_generate(replies, lm, requests, 3, err));
        failing_malloc_check(strcmp(replies[2].best[0].text, "hello") == 0);
        for (int k = 0; k < 3; k++)
            rec_lm_reply_deinit(&replies[k]);
    }
cleanup:
    rec_lm_free(lm);
    rec_lm_entry_deinit(&entry);
    rec_yaml_free(yaml);
    return status;
}

START_TEST(records)
{
    ck_assert_uint_gt(failing_malloc_exhaust(record_and_read), 5);
}
END_TEST

START_TEST(keys)
{
    ck_assert_uint_gt(failing_malloc_exhaust(make_keys), 3);
}
END_TEST

START_TEST(cache)
{
    ck_assert_uint_gt(failing_malloc_exhaust(ask_through_cache), 10);
}
END_TEST

REC_SUITE("models/lm/replies/cached_alloc",
          tcase_add_checked_fixture(t, test_folder, test_folder_remove);
          tcase_add_test(t, records); tcase_add_test(t, keys); tcase_add_test(t, cache);)
