/* Replies with what each parser should read (tests/golden/replies/lists.py). */
#include "harness/replies/list_parser.h"
#include "tests/harness/replies/corpus.h"

static rec_title_index *known;

static size_t n_bad;

static void index_titles(const cJSON *titles)
{
    char *texts[256];
    size_t n = 0;
    for (const cJSON *t = titles->child; t != NULL; t = t->next)
        texts[n++] = t->valuestring;
    ck_assert_ok(rec_title_index_new(&known, texts, n, err));
}

static bool equals(const rec_title_list *list, const cJSON *titles)
{
    size_t i = 0;
    for (const cJSON *t = titles->child; t != NULL; t = t->next, i++)
        if (i >= list->n || strcmp(list->titles[i], t->valuestring) != 0)
            return false;
    return i == list->n;
}

static void show(const char *parser, const char *reply, const rec_title_list *list,
                 const cJSON *titles)
{
    fprintf(stderr, "%s: %s\n", parser, reply);
    for (const cJSON *t = titles->child; t != NULL; t = t->next)
        fprintf(stderr, "  wanted \"%s\"\n", t->valuestring);
    for (size_t i = 0; i < list->n; i++)
        fprintf(stderr, "  read   \"%s\" (%s)\n", list->titles[i], rec_list_mode_names[list->mode]);
}

static size_t check(const cJSON *c, const char *parser)
{
    rec_title_list list = {0};
    const char *reply = corpus_text(c, "reply");
    const rec_title_index *titles = cJSON_IsTrue(corpus_member(c, "known")) ? known : NULL;
    ck_assert_ok(rec_list_parser_find(parser)->parse(&list, reply, titles, err));
    bool good = equals(&list, corpus_member(c, parser));
    if (strcmp(parser, "auto") == 0)
        good = good && strcmp(rec_list_mode_names[list.mode], corpus_text(c, "mode")) == 0;
    if (!good)
        show(parser, reply, &list, corpus_member(c, parser));
    rec_title_list_deinit(&list);
    return !good;
}

static void check_record(const cJSON *c, size_t i)
{
    if (i == 0) {
        index_titles(corpus_member(c, "known"));
        return;
    }
    for (size_t p = 0; p < rec_n_list_parsers; p++)
        n_bad += check(c, rec_list_parsers[p]->name);
}

START_TEST(every_reply_is_read_as_stated)
{
    ck_assert_uint_gt(corpus_read("lists.jsonl", check_record), 150);
    rec_title_index_free(known);
    ck_assert_uint_eq(n_bad, 0);
}
END_TEST

REC_SUITE("harness/replies/list_corpus", tcase_add_test(t, every_reply_is_read_as_stated);)
