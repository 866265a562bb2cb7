#include "models/reclm_emb/original/files.h"

#include <stdio.h>

#include "core/json.h"
#include "tests/models/reclm_emb/films.h"

/* The films, two users, an empty corpus of the original's texts. */
typedef struct shop {
    films f;
    rec_dataset d;
    rec_emb_corpus c;
    rec_emb_text_index texts;
} shop;

static void shop_open(shop *s)
{
    memset(s, 0, sizeof *s);
    films_init(&s->f);
    s->f.roles.layout = REC_EMB_LAYOUT_ORIGINAL;
    s->d = (rec_dataset){.n_users = 2, .catalogue = s->f.catalogue};
    s->c.dataset = &s->d;
    ck_assert_ok(rec_emb_items_init(&s->c.items, &s->f.roles, &s->d.catalogue, err));
}

static void shop_close(shop *s)
{
    rec_emb_text_index_deinit(&s->texts);
    rec_emb_corpus_deinit(&s->c);
}

static const rec_emb_file *file_of(const char *name)
{
    for (size_t i = 0; i < rec_emb_n_files; i++)
        if (strcmp(rec_emb_files[i].name, name) == 0)
            return &rec_emb_files[i];
    ck_abort_msg("%s", name);
}

static rec_status take(shop *s, const char *file, rec_emb_part part, const char *line,
                       rec_error *err)
{
    cJSON *json;
    rec_status status = rec_json_parse(&json, line, strlen(line), "line", 1, err);
    ck_assert_int_eq(status, REC_OK);
    status = rec_emb_original_line(&s->c, &s->texts, file_of(file), part, 2, json, err);
    cJSON_Delete(json);
    return status;
}

static const rec_emb_row *taken(shop *s, const char *file, rec_emb_part part, const char *line)
{
    ck_assert_ok(take(s, file, part, line, err));
    return &s->c.rows.rows[s->c.rows.n - 1];
}

static void check_items(const uint32_t *items, size_t n, const char *expected)
{
    char text[64] = "";
    for (size_t i = 0; i < n; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%u", i > 0 ? " " : "",
                 items[i]);
    ck_assert_str_eq(text, expected);
}

/* ---- training ---- */

START_TEST(training_lines_with_ids)
{
    shop s;
    shop_open(&s);
    const rec_emb_row *row =
        taken(&s, "user2item", REC_EMB_TRAIN,
              "{\"user_id\": \"2\", \"item_id\": 3, \"neg_ids\": [1, 1], \"query\": \"heat\", "
              "\"pos\": [\"any\"], \"neg\": [\"x\", \"x\"]}");
    ck_assert(row->task == REC_EMB_TASK_uh2i && row->user == 1 && row->item == 2);
    ck_assert_str_eq(row->query, "heat");
    check_items(row->positives, row->n_positives, "2");
    check_items(row->negatives, row->n_negatives, "0 0");
    row = taken(&s, "item2item", REC_EMB_TRAIN,
                "{\"item_id\": 1, \"pos_id\": 2, \"neg_ids\": [4], \"query\": \"q\", \"pos\": "
                "[\"\"], \"neg\": [\"\"]}");
    ck_assert_uint_eq(row->item, 0); /* the source */
    check_items(row->positives, row->n_positives, "1");
    row = taken(&s, "negquery2item", REC_EMB_TRAIN,
                "{\"item_id\": [5, 2], \"neg_ids\": [4], \"query\": \"q\", \"pos\": [\"\", \"\"], "
                "\"neg\": [\"\"]}");
    check_items(row->positives, row->n_positives, "4 1");
    ck_assert(row->task == REC_EMB_TASK_na2i && row->user == REC_NO_USER);
    shop_close(&s);
}
END_TEST

/* Files of language models have no ids: passages are known by their text. */
START_TEST(training_lines_without_ids)
{
    shop s;
    shop_open(&s);
    const rec_emb_row *row =
        taken(&s, "gpt4_data", REC_EMB_TRAIN,
              "{\"query\": \"q\", \"pos\": [\"title: Big, genre: comedy, made by: Marshall, price: "
              "5.0, release date: June 30, 1988\"], \"neg\": [\"title: Big, genre: comedy,comedy, "
              "price: 0.0\"]}");
    check_items(row->positives, row->n_positives, "2");
    check_items(row->negatives, row->n_negatives, "4");
    ck_assert_fails(take(&s, "gpt4_data", REC_EMB_TRAIN,
                         "{\"query\": \"q\", \"pos\": [\"title: Big\"], \"neg\": []}", err),
                    REC_ERR_DATA, "pos: a passage is no item's text");
    ck_assert_uint_eq(s.c.rows.n, 1);
    shop_close(&s);
}
END_TEST

/* ---- tests ---- */

START_TEST(test_lines_of_users)
{
    shop s;
    shop_open(&s);
    const rec_emb_row *row = taken(&s, "user2item", REC_EMB_TEST,
                                   "{\"user_id\": 1, \"text\": \"t\", \"ground_truth\": 7, "
                                   "\"history\": [4, 1, 2]}");
    ck_assert(row->user == 0 && row->item == 6);
    check_items(row->answers, row->n_answers, "6");
    check_items(row->excluded, row->n_excluded, "3 0 1");
    check_items(row->history, row->n_history, "0 1"); /* the latest two */
    shop_close(&s);
}
END_TEST

START_TEST(test_lines_of_items)
{
    shop s;
    shop_open(&s);
    const rec_emb_row *row =
        taken(&s, "item2item", REC_EMB_TEST,
              "{\"item_id\": 3, \"text\": \"t\", \"ground_truth\": [5, 1, 5]}");
    check_items(row->answers, row->n_answers, "0 4");
    check_items(row->excluded, row->n_excluded, "2");
    row = taken(&s, "negquery2item", REC_EMB_TEST, "{\"text\": \"t\", \"ground_truth\": [6, 2]}");
    ck_assert_uint_eq(row->item, 1); /* one of those that answer */
    shop_close(&s);
}
END_TEST

/* Crime and drama are of 0 and 1, 12.5 is the price of 1, comedies are 2 and 4 (lists count once). */
START_TEST(pairs_are_conditions)
{
    shop s;
    shop_open(&s);
    const rec_emb_row *row =
        taken(&s, "query2item", REC_EMB_TEST,
              "{\"item_id\": 2, \"text\": \"t\", \"ground_truth\": [[\"genre: \", [\"drama\", "
              "\"crime\"]], [\"price: \", \"12.5\"]]}");
    check_items(row->answers, row->n_answers, "1");
    ck_assert_uint_eq(row->n_conditions, 3);
    row = taken(&s, "sparse_query2item", REC_EMB_TEST,
                "{\"item_id\": 3, \"text\": \"t\", \"ground_truth\": [[\"title: \", \"Big\"]]}");
    check_items(row->answers, row->n_answers, "2 4");
    row = taken(&s, "query2item", REC_EMB_TEST,
                "{\"item_id\": 1, \"text\": \"t\", \"ground_truth\": [[\"release date: \", "
                "\"December 15, 1995\"], [\"made by: \", \"Mann\"], [\"description: \", \"A thief "
                "and a cop.\"]]}");
    check_items(row->answers, row->n_answers, "0");
    ck_assert_ok(take(&s, "query2item", REC_EMB_TEST,
                      "{\"item_id\": 1, \"text\": \"t\", \"ground_truth\": [[\"price: \", "
                      "\"11.0\"]]}",
                      err)); /* nothing costs that: a row without answer */
    ck_assert_uint_eq(s.c.rows.n, 3);
    ck_assert_uint_eq(s.c.tally[REC_EMB_TEST][REC_EMB_TASK_fa2i].n_without, 1);
    shop_close(&s);
}
END_TEST

/* Prices 10, 12.5, 5, -, 0, 7, -; months Dec 1995, Nov 1995, Jun 1988, May 1979, -, Jan 2000, -. */
START_TEST(bounds_are_conditions)
{
    static const struct {
        const char *truth, *answers;
    } all[] = {
        {"[0, [\"less than\", 7.0], 0, [\"in\", 0]]", "2 4"},
        {"[0, [\"more than\", 7.0], 0, [\"in\", 0]]", "0 1"},
        {"[1, [\"less than\", 0], 0, [\"before\", 1995]]", "2 3"},
        {"[1, [\"less than\", 0], 0, [\"after\", 1988]]", "0 1 5"},
        {"[1, [\"less than\", 0], 0, [\"in\", 1995]]", "0 1"},
        {"[1, [\"less than\", 0], 1, [\"in\", \"December 01, 1995\"]]", "0"},
        {"[1, [\"less than\", 0], 1, [\"before\", \"December 31, 1995\"]]", "1 2 3"},
        {"[1, [\"less than\", 0], 1, [\"after\", \"November 02, 1995\"]]", "0 5"},
        {"[2, [\"less than\", 11.0], 0, [\"in\", 1995]]", "0"},
        {"[3, [\"more than\", 11.0], 1, [\"before\", \"December 01, 1995\"]]", "1"},
    };
    shop s;
    char line[256];
    shop_open(&s);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        snprintf(line, sizeof line, "{\"item_id\": 1, \"text\": \"t\", \"ground_truth\": %s}",
                 all[i].truth);
        const rec_emb_row *row = taken(&s, "vaguequery2item", REC_EMB_TEST, line);
        check_items(row->answers, row->n_answers, all[i].answers);
    }
    shop_close(&s);
}
END_TEST

/* Where the catalogue knows years, a year is the date. */
START_TEST(years_are_dates_where_the_catalogue_has_years)
{
    shop s;
    double years[N_FILMS] = {1995, 1995, 1988, 1979, NAN, 2000, NAN};
    shop_open(&s);
    rec_emb_corpus_deinit(&s.c);
    s.f.columns[3].type = REC_COLUMN_NUMBER;
    s.f.columns[3].number = years;
    s.f.roles.date = (char *)"released";
    s.c.dataset = &s.d;
    ck_assert_ok(rec_emb_items_init(&s.c.items, &s.f.roles, &s.d.catalogue, err));
    const rec_emb_row *row =
        taken(&s, "query2item", REC_EMB_TEST,
              "{\"item_id\": 1, \"text\": \"t\", \"ground_truth\": [[\"release date: \", "
              "\"1995\"]]}");
    check_items(row->answers, row->n_answers, "0 1");
    shop_close(&s);
}
END_TEST

START_TEST(damaged_lines_say_what_is_wrong)
{
    static const struct {
        const char *file, *line, *message;
    } all[] = {
        {"user2item", "{\"user_id\": 1, \"ground_truth\": 7, \"history\": []}", "text: missing"},
        {"user2item", "{\"text\": \"t\", \"user_id\": 1, \"history\": []}",
         "ground_truth: missing"},
        {"user2item", "{\"text\": \"t\", \"user_id\": 3, \"ground_truth\": 7, \"history\": []}",
         "user_id: a user's number is due, 1 to 2"},
        {"user2item",
         "{\"text\": \"t\", \"user_id\": \"0x1\", \"ground_truth\": 7, \"history\": []}",
         "user_id: a user's number is due, 1 to 2"},
        {"user2item", "{\"text\": \"t\", \"user_id\": \"x\", \"ground_truth\": 7}", "user_id"},
        {"user2item", "{\"text\": \"t\", \"ground_truth\": 7, \"history\": []}", "user_id"},
        {"user2item", "{\"text\": \"t\", \"user_id\": 1, \"ground_truth\": 7}", "history: a list"},
        {"user2item", "{\"text\": \"t\", \"user_id\": 1, \"ground_truth\": 7, \"history\": [1, 0]}",
         "history: an item's number is due, 1 to 7"},
        {"user2item", "{\"text\": \"t\", \"user_id\": 1, \"ground_truth\": 8, \"history\": []}",
         "ground_truth: an item's number is due, 1 to 7"},
        {"item2item", "{\"text\": \"t\", \"item_id\": 1.5, \"ground_truth\": [7]}", "item_id"},
        {"item2item", "{\"text\": \"t\", \"item_id\": 1, \"ground_truth\": [\"7\"]}",
         "ground_truth"},
        {"query2item", "{\"text\": \"t\", \"item_id\": 1, \"ground_truth\": [[\"tags: \", \"x\"]]}",
         "no attribute \"tags\""},
        {"query2item",
         "{\"text\": \"t\", \"item_id\": 1, \"ground_truth\": [[\"genre: \", [\"opera\"]]]}",
         "no item has the genre \"opera\""},
        {"query2item", "{\"text\": \"t\", \"item_id\": 1, \"ground_truth\": [[\"genre: \", [1]]]}",
         "a text is due"},
        {"query2item", "{\"text\": \"t\", \"item_id\": 1, \"ground_truth\": [[\"genre: \"]]}",
         "pairs"},
        {"query2item",
         "{\"text\": \"t\", \"item_id\": 1, \"ground_truth\": [[\"title: \", \"Jaws\"]]}",
         "no item has the title \"Jaws\""},
        {"query2item",
         "{\"text\": \"t\", \"item_id\": 1, \"ground_truth\": [[\"price: \", \"free\"]]}",
         "price \"free\": no number"},
        {"query2item",
         "{\"text\": \"t\", \"item_id\": 1, \"ground_truth\": [[\"release date: \", \"1995\"]]}",
         "release date \"1995\""},
        {"vaguequery2item", "{\"text\": \"t\", \"item_id\": 1, \"ground_truth\": [4, [], 0, []]}",
         "[0 to 3"},
        {"vaguequery2item",
         "{\"text\": \"t\", \"item_id\": 1, \"ground_truth\": [0, [\"under\", 3], 0, []]}",
         "less than"},
        {"vaguequery2item",
         "{\"text\": \"t\", \"item_id\": 1, \"ground_truth\": [1, [], 1, [\"in\", 1995]]}",
         "May 05, 2015"},
        {"vaguequery2item",
         "{\"text\": \"t\", \"item_id\": 1, \"ground_truth\": [1, [], 0, [\"in\", \"1995\"]]}",
         "year"},
    };
    static const struct {
        const char *line, *message;
    } training[] = {
        {"{\"pos\": [], \"neg\": []}", "query: missing"},
        {"{\"query\": \"q\", \"neg\": []}", "pos: a list of texts is due"},
        {"{\"query\": \"q\", \"pos\": []}", "neg: a list of texts is due"},
        {"{\"query\": \"q\", \"pos\": [], \"neg\": []}", "pos: nothing answers"},
        {"{\"query\": \"q\", \"pos\": [7], \"neg\": []}", "pos: a passage"},
        {"{\"query\": \"q\", \"pos\": [], \"neg\": [], \"item_id\": 0}", "item's number"},
        {"{\"query\": \"q\", \"pos\": [], \"neg\": [], \"pos_id\": 1}", "item's number"},
        {"{\"query\": \"q\", \"pos\": [], \"neg\": [], \"item_id\": 1, \"neg_ids\": [8]}",
         "item's number"},
    };
    shop s;
    shop_open(&s);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        ck_assert_fails(take(&s, all[i].file, REC_EMB_TEST, all[i].line, err), REC_ERR_DATA,
                        all[i].message);
    for (size_t i = 0; i < sizeof training / sizeof *training; i++)
        ck_assert_fails(take(&s, "query2item", REC_EMB_TRAIN, training[i].line, err), REC_ERR_DATA,
                        training[i].message);
    ck_assert_uint_eq(s.c.rows.n, 0);
    shop_close(&s);
}
END_TEST

REC_SUITE("models/reclm_emb/original/line", tcase_add_test(t, training_lines_with_ids);
          tcase_add_test(t, training_lines_without_ids); tcase_add_test(t, test_lines_of_users);
          tcase_add_test(t, test_lines_of_items); tcase_add_test(t, pairs_are_conditions);
          tcase_add_test(t, bounds_are_conditions);
          tcase_add_test(t, years_are_dates_where_the_catalogue_has_years);
          tcase_add_test(t, damaged_lines_say_what_is_wrong);)
