/* Items whose titles are under several names, as RecLM-eval's parts resolve them. */
#include "harness/replies/title_rules.h"

#include <stdlib.h>
#include <string.h>

#include "harness/replies/reclm_errors.h"
#include "tests/suite.h"

/* Item i has the members of the bits of i: 0 TitleName, 1 app_name, 2 GameName, 3 title. */
enum { N_ITEMS = 16 };
static char *ids[N_ITEMS], *member_texts[3][N_ITEMS], *titles[N_ITEMS];
static rec_column columns[] = {
    {.name = "TitleName", .type = REC_COLUMN_TEXT, .text = member_texts[0]},
    {.name = "app_name", .type = REC_COLUMN_TEXT, .text = member_texts[1]},
    {.name = "GameName", .type = REC_COLUMN_TEXT, .text = member_texts[2]}};
static rec_catalogue catalogue = {
    .n_items = N_ITEMS, .ids = ids, .titles = titles, .n_columns = 3, .columns = columns};

static void setup(void)
{
    static char *const values[] = {"Tname", "aname", "Gname"};
    for (unsigned i = 0; i < N_ITEMS; i++) {
        ids[i] = "id";
        for (unsigned m = 0; m < 3; m++)
            member_texts[m][i] = i & 1u << m ? values[m] : NULL;
        titles[i] = i & 8 ? "title (1)" : NULL;
    }
}

static void resolves(const rec_catalogue *c, uint32_t item, rec_title_rule rule, const char *title)
{
    char *out;
    ck_assert_ok(rec_title_of_item(&out, c, item, rule, err));
    if (title == NULL)
        ck_assert_ptr_null(out);
    else
        ck_assert_str_eq(out, title);
    free(out);
}

START_TEST(every_combination_of_members)
{
    for (uint32_t i = 0; i < N_ITEMS; i++) {
        const char *title = i & 8 ? "title (1)" : NULL;
        const char *errors = i & 1 ? "Tname" : i & 2 ? "aname" : title;
        resolves(&catalogue, i, REC_TITLE_LIST_METRICS,
                 i & 1   ? "Tname"
                 : i & 2 ? "aname"
                 : i & 4 ? "Gname"
                         : title);
        resolves(&catalogue, i, REC_TITLE_ERRORS, errors);
        resolves(&catalogue, i, REC_TITLE_CONVERSATION, errors);
        resolves(&catalogue, i, REC_TITLE_EMBEDDING,
                 i & 2           ? "aname"
                 : title != NULL ? title
                                 : "No title");
        if (title != NULL)
            resolves(&catalogue, i, REC_TITLE_GENERATOR, "title 1");
    }
}
END_TEST

START_TEST(embedding_prompts_of_items_without_a_title)
{
    char *descriptions[] = {"ééééééééééééééééééééééééééééééééééééééééééééééééééXYZ", NULL, NULL};
    size_t start[] = {0, 0, 2, 2};
    char *paths[] = {"Games", "Puzzle"}, *none[] = {NULL, NULL, NULL};
    rec_column c[] = {
        {.name = "description", .type = REC_COLUMN_TEXT, .text = descriptions},
        {.name = "categories", .type = REC_COLUMN_TEXTS, .start = start, .texts = paths}};
    rec_catalogue small = {.n_items = 3, .ids = ids, .titles = none, .n_columns = 2, .columns = c};
    resolves(&small, 0, REC_TITLE_EMBEDDING, "éééééééééééééééééééééééééééééééééééééééééééééééééé");
    resolves(&small, 1, REC_TITLE_EMBEDDING, "Puzzle");
    resolves(&small, 2, REC_TITLE_EMBEDDING, "No title");
}
END_TEST

START_TEST(where_the_original_aborts)
{
    char *out;
    double prices[N_ITEMS] = {0};
    rec_column price = {.name = "app_name", .type = REC_COLUMN_NUMBER, .number = prices};
    rec_catalogue odd = {
        .n_items = N_ITEMS, .ids = ids, .titles = titles, .n_columns = 1, .columns = &price};
    ck_assert_fails(rec_title_of_item(&out, &catalogue, 0, REC_TITLE_GENERATOR, err), REC_ERR_DATA,
                    "no title");
    ck_assert_fails(rec_title_of_item(&out, &odd, 0, REC_TITLE_ERRORS, err), REC_ERR_DATA,
                    "not a text");
}
END_TEST

/* GameName counts for the lists only, "padding" for the errors only. */
START_TEST(collections_differ_by_rule)
{
    rec_tfidf *lists, *errors, *dialogues;
    rec_tfidf_vector v;
    static const char *const texts[] = {"Gname", "padding", "Tname"};
    static const size_t n_pieces[][3] = {{3, 0, 3}, {2, 5, 3}, {2, 0, 3}};
    ck_assert_ok(rec_reclm_corpus(&lists, &catalogue, REC_TITLE_LIST_METRICS, err));
    ck_assert_ok(rec_reclm_corpus(&errors, &catalogue, REC_TITLE_ERRORS, err));
    ck_assert_ok(rec_reclm_corpus(&dialogues, &catalogue, REC_TITLE_CONVERSATION, err));
    const rec_tfidf *const all[] = {lists, errors, dialogues};
    for (size_t i = 0; i < 3; i++)
        for (size_t j = 0; j < 3; j++) {
            ck_assert_ok(rec_tfidf_vector_init(&v, all[i], rec_span_of(texts[j]), err));
            ck_assert_uint_eq(v.n, n_pieces[i][j]); /* "nam", "ame" are of every name */
            rec_tfidf_vector_deinit(&v);
        }
    rec_tfidf_free(dialogues);
    rec_tfidf_free(errors);
    rec_tfidf_free(lists);
}
END_TEST

REC_SUITE("harness/replies/title_rules", tcase_add_checked_fixture(t, setup, NULL);
          tcase_add_test(t, every_combination_of_members);
          tcase_add_test(t, embedding_prompts_of_items_without_a_title);
          tcase_add_test(t, where_the_original_aborts);
          tcase_add_test(t, collections_differ_by_rule);)
