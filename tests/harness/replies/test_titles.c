/* tests/golden/replies/titles.py, and the five ways to a title. */
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

static void resolves(rec_title_rule rule, const char *record, const char *title)
{
    char *out;
    cJSON *json = cJSON_Parse(record);
    ck_assert_ok(rec_title_of_record(&out, json, rule, err));
    if (title == NULL)
        ck_assert_ptr_null(out);
    else
        ck_assert_str_eq(out, title);
    free(out);
    cJSON_Delete(json);
}

/* Every set of the four members: bit 0 TitleName, 1 app_name, 2 GameName, 3 title. */
START_TEST(every_combination_of_members)
{
    static const char *const members[] = {"\"TitleName\":\"T\"", "\"app_name\":\"a\"",
                                          "\"GameName\":\"G\"", "\"title\":\"t\""};
    for (unsigned set = 0; set < 16; set++) {
        char record[128] = "{";
        for (unsigned m = 0; m < 4; m++)
            if (set & 1u << m) {
                if (record[1] != '\0')
                    strcat(record, ",");
                strcat(record, members[m]);
            }
        strcat(record, "}");
        const char *title = set & 8 ? "t" : NULL;
        const char *list = set & 1 ? "T" : set & 2 ? "a" : set & 4 ? "G" : title;
        const char *errors = set & 1 ? "T" : set & 2 ? "a" : title;
        resolves(REC_TITLE_LIST_METRICS, record, list);
        resolves(REC_TITLE_ERRORS, record, errors);
        resolves(REC_TITLE_CONVERSATION, record, errors);
        resolves(REC_TITLE_EMBEDDING, record, set & 2 ? "a" : set & 8 ? "t" : "No title");
        if (title != NULL)
            resolves(REC_TITLE_GENERATOR, record, title);
    }
}
END_TEST

START_TEST(texts_of_embedding_prompts)
{
    resolves(REC_TITLE_EMBEDDING,
             "{\"description\":\"ééééééééééééééééééééééééééééééééééééééééééééééééééXYZ\"}",
             "éééééééééééééééééééééééééééééééééééééééééééééééééé");
    resolves(REC_TITLE_EMBEDDING, "{\"categories\":[[\"Games\",\"Puzzle\"],[\"x\"]]}", "Puzzle");
    resolves(REC_TITLE_GENERATOR, "{\"title\":\"Half-Life (2) #1\"}", "HalfLife 2 1");
}
END_TEST

START_TEST(records_where_the_original_aborts)
{
    char *out;
    cJSON *none = cJSON_Parse("{\"app_name\":\"a\"}"), *number = cJSON_Parse("{\"title\":7}"),
          *path = cJSON_Parse("{\"categories\":[]}");
    ck_assert_fails(rec_title_of_record(&out, none, REC_TITLE_GENERATOR, err), REC_ERR_DATA,
                    "title");
    ck_assert_fails(rec_title_of_record(&out, number, REC_TITLE_ERRORS, err), REC_ERR_DATA,
                    "not a string");
    ck_assert_fails(rec_title_of_record(&out, path, REC_TITLE_EMBEDDING, err), REC_ERR_DATA,
                    "categories");
    cJSON_Delete(path);
    cJSON_Delete(number);
    cJSON_Delete(none);
}
END_TEST

REC_SUITE("harness/replies/titles", tcase_add_test(t, forms);
          tcase_add_test(t, bytes_that_are_no_text);
          tcase_add_test(t, every_combination_of_members);
          tcase_add_test(t, texts_of_embedding_prompts);
          tcase_add_test(t, records_where_the_original_aborts);)
