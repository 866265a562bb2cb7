#include <string.h>

#include "models/reclm_emb/original/original.h"
#include "tests/models/reclm_emb/films.h"

/* The films with the words compiled in and rows put there by hand. */
typedef struct corpus {
    films f;
    rec_emb_corpus c;
} corpus;

static void open_corpus(corpus *s)
{
    memset(s, 0, sizeof *s);
    films_init(&s->f);
    ck_assert_ok(rec_emb_items_init(&s->c.items, &s->f.roles, &s->f.catalogue, err));
    ck_assert_ok(rec_emb_wording_open(&s->c.wording, NULL, err));
}

static void add(corpus *s, rec_emb_part part, size_t task, const char *query)
{
    rec_emb_row *row = rec_emb_rows_add(&s->c.rows, NULL);
    row->part = (uint8_t)part;
    row->task = (uint8_t)task;
    row->query = row->bare = query;
}

/* A query behind template `index` of a set; lives as long as the rows. */
static const char *dressed(corpus *s, rec_emb_phrase phrase, rec_emb_part set, size_t index,
                           const char *query)
{
    const rec_emb_slots slots = {.noun = "film", .nouns = "films", .query = query};
    rec_buffer text = {.length = 0};
    ck_assert_ok(rec_emb_wording_apply(&text, s->c.wording, phrase, set, index, &slots, err));
    const char *copy = rec_emb_rows_text(&s->c.rows, text.data, text.length, NULL);
    rec_buffer_deinit(&text);
    return copy;
}

static void check_tests(corpus *s, const char *const *expected, size_t n)
{
    size_t found = 0;
    ck_assert_ok(rec_emb_original_filter(&s->c, err));
    for (size_t i = 0; i < s->c.rows.n; i++) {
        if (s->c.rows.rows[i].part != REC_EMB_TEST)
            continue;
        ck_assert_uint_lt(found, n);
        ck_assert_str_eq(s->c.rows.rows[i].query, expected[found++]);
    }
    ck_assert_uint_eq(found, n);
    rec_emb_corpus_deinit(&s->c);
}

/* Training templates are stripped on both sides, case does not count. */
START_TEST(repeated_queries_are_dropped)
{
    corpus s;
    open_corpus(&s);
    enum { I2I = REC_EMB_TASK_i2i };
    const rec_emb_phrase p = REC_EMB_PHRASE_ITEM;
    const char *other = dressed(&s, p, REC_EMB_TRAIN, 3, "Alien");
    add(&s, REC_EMB_TRAIN, I2I, dressed(&s, p, REC_EMB_TRAIN, 0, "Heat"));
    add(&s, REC_EMB_TEST, I2I, dressed(&s, p, REC_EMB_TRAIN, 5, "HEAT"));
    add(&s, REC_EMB_TEST, I2I, "heat");
    add(&s, REC_EMB_TEST, I2I, other);
    check_tests(&s, &other, 1);
}
END_TEST

/* The flaw: behind a template that only tests have, the same query is a new one. */
START_TEST(new_templates_hide_repeated_queries)
{
    corpus s;
    open_corpus(&s);
    enum { VC2I = REC_EMB_TASK_vc2i };
    const rec_emb_phrase p = REC_EMB_PHRASE_VAGUE;
    const char *hidden = dressed(&s, p, REC_EMB_TEST, 0, "price less than 5.0");
    add(&s, REC_EMB_TRAIN, VC2I, dressed(&s, p, REC_EMB_TRAIN, 0, "price less than 5.0"));
    add(&s, REC_EMB_TEST, VC2I, dressed(&s, p, REC_EMB_TRAIN, 1, "price less than 5.0"));
    add(&s, REC_EMB_TEST, VC2I, hidden);
    check_tests(&s, &hidden, 1);
}
END_TEST

START_TEST(a_task_that_repeats_throughout_stays)
{
    corpus s;
    const char *all[] = {"genre: a", "genre: b"};
    open_corpus(&s);
    for (int i = 0; i < 2; i++) {
        add(&s, REC_EMB_TRAIN, REC_EMB_TASK_na2i, all[i]);
        add(&s, REC_EMB_TEST, REC_EMB_TASK_na2i, all[i]);
    }
    check_tests(&s, all, 2);
}
END_TEST

/* query2item holds full and sparse wishes; loose descriptions are compared with misspellings, too. */
START_TEST(tasks_of_one_file_are_compared)
{
    corpus s;
    const char *kept[] = {"genre: y", "other", "fantasy"};
    open_corpus(&s);
    add(&s, REC_EMB_TRAIN, REC_EMB_TASK_fa2i, "genre: x");
    add(&s, REC_EMB_TRAIN, REC_EMB_TASK_nm2i, "Haet");
    add(&s, REC_EMB_TRAIN, REC_EMB_TASK_i2i, "fantasy");
    add(&s, REC_EMB_TEST, REC_EMB_TASK_sa2i, "genre: x");
    add(&s, REC_EMB_TEST, REC_EMB_TASK_sa2i, "genre: y");
    add(&s, REC_EMB_TEST, REC_EMB_TASK_as2i, "haet");
    add(&s, REC_EMB_TEST, REC_EMB_TASK_as2i, "other");
    add(&s, REC_EMB_TEST, REC_EMB_TASK_vc2i, "fantasy"); /* of another task */
    check_tests(&s, kept, 3);
}
END_TEST

START_TEST(histories_and_titles_are_not_compared)
{
    corpus s;
    const char *all[] = {"a", "b", "c", "d"};
    const size_t tasks[] = {REC_EMB_TASK_uh2i, REC_EMB_TASK_uq2i, REC_EMB_TASK_title,
                            REC_EMB_TASK_us2i};
    open_corpus(&s);
    for (int i = 0; i < 4; i++) {
        add(&s, REC_EMB_TRAIN, tasks[i], all[i]);
        add(&s, REC_EMB_TEST, tasks[i], all[i]);
    }
    check_tests(&s, all, 4);
}
END_TEST

REC_SUITE("models/reclm_emb/original/filter", tcase_add_test(t, repeated_queries_are_dropped);
          tcase_add_test(t, new_templates_hide_repeated_queries);
          tcase_add_test(t, a_task_that_repeats_throughout_stays);
          tcase_add_test(t, tasks_of_one_file_are_compared);
          tcase_add_test(t, histories_and_titles_are_not_compared);)
