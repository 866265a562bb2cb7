/* tests/golden/replies/titles.py */
#include "harness/replies/titles.h"
#include "tests/harness/replies/corpus.h"

typedef rec_status (*form_fn)(char **out, rec_span text, rec_error *err);

static void check_form(form_fn form, const cJSON *c, const char *key)
{
    char *out;
    const char *title = corpus_text(c, "title");
    ck_assert_ok(form(&out, rec_span_of(title), err));
    ck_assert_msg(strcmp(out, corpus_text(c, key)) == 0, "%s of \"%s\": \"%s\", not \"%s\"", key,
                  title, out, corpus_text(c, key));
    free(out);
}

static void check_record(const cJSON *c, size_t i)
{
    (void)i;
    check_form(rec_title_clean, c, "clean");
    check_form(rec_title_ascii, c, "ascii");
    check_form(rec_title_sanitise, c, "sanitised");
    if (!cJSON_IsNull(corpus_member(c, "folded")))
        check_form(rec_title_folded, c, "folded");
}

START_TEST(forms)
{
    ck_assert_uint_ge(corpus_read("titles.jsonl", check_record), 30);
}
END_TEST

START_TEST(bytes_that_are_no_text)
{
    char *out;
    rec_span text = {"U\xFFp\xC3", 4};
    ck_assert_ok(rec_title_repair(&out, text, err));
    ck_assert_str_eq(out, "U\uFFFDp\uFFFD");
    free(out);
    ck_assert_ok(rec_title_canonical(&out, text, err));
    ck_assert_str_eq(out, "up");
    free(out);
    ck_assert_ok(rec_title_clean(&out, text, err));
    ck_assert_str_eq(out, "up");
    free(out);
    ck_assert_ok(rec_title_canonical(&out, (rec_span){"a\0b", 3}, err));
    ck_assert_str_eq(out, "ab");
    free(out);
    ck_assert_ok(rec_title_canonical(&out, rec_span_of("Half-Life: 2"), err));
    ck_assert_str_eq(out, "halflife2");
    free(out);
}
END_TEST

REC_SUITE("harness/replies/titles", tcase_add_test(t, forms);
          tcase_add_test(t, bytes_that_are_no_text);)
