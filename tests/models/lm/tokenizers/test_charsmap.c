/* The character map of golden/tokenizers/unigram-precompiled (its rules stand in make_sentencepiece.py). */
#include <string.h>

#include "core/json.h"
#include "models/lm/tokenizers/charsmap.h"
#include "tests/golden.h"
#include "tests/suite.h"

static cJSON *json;
static rec_charsmap *map;

static const char *base64(void)
{
    const cJSON *steps =
        cJSON_GetObjectItem(cJSON_GetObjectItem(json, "normalizer"), "normalizers");
    return cJSON_GetObjectItem(steps->child, "precompiled_charsmap")->valuestring;
}

static void set_up(void)
{
    ck_assert_ok(
        rec_json_read(&json, GOLDEN("tokenizers/unigram-precompiled/tokenizer.json"), err));
    ck_assert_ok(rec_charsmap_new(&map, base64(), err));
}

static void tear_down(void)
{
    rec_charsmap_free(map);
    cJSON_Delete(json);
}

static void assert_found(const char *key, const char *wanted)
{
    const char *found = rec_charsmap_find(map, key, strlen(key));
    if (wanted == NULL)
        ck_assert_ptr_null(found);
    else
        ck_assert_str_eq(found, wanted);
}

START_TEST(mapped_keys)
{
    assert_found("\uFB01", "fi");
    assert_found("\u00BD", "1/2");
    assert_found("\u200B", "");        /* dropped */
    assert_found("e\u0301", "\u00E9"); /* a key of two characters */
    assert_found("\uFB01x", "fi");     /* what follows a mapped beginning does not matter */
    assert_found("e", NULL);
    assert_found("x", NULL);
    assert_found("", NULL);
    ck_assert_ptr_null(rec_charsmap_find(map, "\uFB01", 2)); /* cut inside */
}
END_TEST

static void assert_applied(const char *text, const char *wanted)
{
    rec_buffer out = {.data = NULL};
    ck_assert_ok(rec_charsmap_apply(&out, map, text, strlen(text), err));
    ck_assert_uint_eq(out.length, strlen(wanted));
    ck_assert(out.length == 0 || memcmp(out.data, wanted, out.length) == 0);
    rec_buffer_deinit(&out);
}

START_TEST(applied_to_texts)
{
    assert_applied("", "");
    assert_applied("plain", "plain");
    assert_applied("x\uFB02ow\u2026", "xflow...");
    assert_applied("cafe\u0301", "caf\u00E9");
    assert_applied("\uFF41\u0301", "a");       /* one cluster of five bytes: the rest is lost */
    assert_applied("e\u0301\u0308", "\u00E9"); /* five bytes as well */
    assert_applied("e\u0301\u0308\u0308", "e\u0301\u0308\u0308"); /* seven: by characters */
    assert_applied("a\u200B\u200Bb", "ab");
}
END_TEST

START_TEST(maps_that_are_cut_off)
{
    rec_charsmap *m = NULL;
    ck_assert_fails(rec_charsmap_new(&m, "", err), REC_ERR_MODEL, "0 bytes");
    ck_assert_fails(rec_charsmap_new(&m, "AAAA", err), REC_ERR_MODEL, "3 bytes");
    ck_assert_fails(rec_charsmap_new(&m, "%%%%", err), REC_ERR_MODEL, "no base64");
    ck_assert_fails(rec_charsmap_new(&m, "A", err), REC_ERR_MODEL, "no base64");
    ck_assert_fails(rec_charsmap_new(&m, "AAAA====", err), REC_ERR_MODEL, "no base64");
    ck_assert_fails(rec_charsmap_new(&m, "AAAAAAAA", err), REC_ERR_MODEL, "an array of 0");
    ck_assert_fails(rec_charsmap_new(&m, "BQAAAAAAAAAA", err), REC_ERR_MODEL, "an array of 5");
    ck_assert_fails(rec_charsmap_new(&m, "/////wAAAAAA", err), REC_ERR_MODEL, "an array of");
    ck_assert_ptr_null(m);
    rec_charsmap_free(NULL);
}
END_TEST

/* Any array is safe to walk: base64 digits in place of the first ones of the golden map. */
START_TEST(arrays_that_point_anywhere)
{
    static const char texts[] = "e\u0301 \uFB01\uFF21\u00BD\u3000 plain \u1E9B\u0323";
    char *damaged = strdup(base64());
    size_t n = strlen(damaged);
    for (size_t i = 8; i + 4 < n; i++) {
        rec_charsmap *m = NULL;
        rec_buffer out = {.data = NULL};
        char kept = damaged[i];
        damaged[i] = kept == '/' ? 'A' : '/';
        ck_assert_ok(rec_charsmap_new(&m, damaged, err));
        ck_assert_ok(rec_charsmap_apply(&out, m, texts, strlen(texts), err));
        rec_buffer_deinit(&out);
        rec_charsmap_free(m);
        damaged[i] = kept;
    }
    free(damaged);
}
END_TEST

REC_SUITE("models/lm/tokenizers/charsmap", tcase_add_checked_fixture(t, set_up, tear_down);
          tcase_add_test(t, mapped_keys); tcase_add_test(t, applied_to_texts);
          tcase_add_test(t, maps_that_are_cut_off); tcase_add_test(t, arrays_that_point_anywhere);)
