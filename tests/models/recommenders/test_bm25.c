#include <math.h>
#include <stdio.h>

#include "core/rng.h"
#include "tests/models/fixture.h"

/* Documents: 0 "red apple red", 1 "green apple", 2 "blue car" + tags "fast", "red", 3 nothing. With
 * fields title only, lengths are 3 2 2 0, their mean 7/4, N = 4. */
static char *titles[] = {"Red apple, red!", "green APPLE", "blue car", NULL};
static char *tag_texts[] = {"fast", "red"};
static size_t tag_start[] = {0, 0, 0, 2, 2};
static double years[] = {1990, 1991, 1992, 1993};

typedef struct world {
    fixture f;
    rec_column columns[2];
} world;

static void world_init(world *w)
{
    const float none[4] = {0};
    w->f = fixture_dense(none, 1, 4);
    w->columns[0] = (rec_column){
        .name = "tags", .type = REC_COLUMN_TEXTS, .start = tag_start, .texts = tag_texts};
    w->columns[1] = (rec_column){.name = "year", .type = REC_COLUMN_NUMBER, .number = years};
    w->f.dataset.catalogue.titles = titles;
    w->f.dataset.catalogue.n_columns = 2;
    w->f.dataset.catalogue.columns = w->columns;
}

static void score_text(float *scores, const rec_model *m, const char *text)
{
    rec_query q = {.user = REC_NO_USER, .text = text};
    ck_assert_ok(m->type->score(scores, m->self, &q, 1, err));
}

static double weight(double df, double tf, double length)
{
    double idf = log(1 + (4 - df + 0.5) / (df + 0.5));
    return idf * tf * 2.2 / (tf + 1.2 * (0.25 + 0.75 * length / 1.75));
}

START_TEST(scores_by_hand)
{
    world w;
    float scores[4];
    world_init(&w);
    rec_model *m = fixture_fitted("bm25", "{fields: [title]}", &w.f);
    score_text(scores, m, "red apples, APPLE?"); /* "apples" is another word, and unknown */
    ck_assert_double_eq_tol(scores[0], weight(1, 2, 3) + weight(2, 1, 3), 1e-6);
    ck_assert_double_eq_tol(scores[1], weight(2, 1, 2), 1e-6);
    ck_assert_float_eq(scores[2], 0);
    ck_assert_float_eq(scores[3], 0);
    score_text(scores, m, "car car"); /* qtf 2: 2 * 9 / 10 */
    ck_assert_double_eq_tol(scores[2], weight(1, 1, 2) * 1.8, 1e-6);
    score_text(scores, m, "");
    ck_assert_float_eq(scores[0], 0);
    rec_model_free(m);
    fixture_deinit(&w.f);
}
END_TEST

/* ---- against counting ---- */

enum { N_DOCUMENTS = 200, N_QUERIES = 1000, N_WORDS = 80, MAX_WORDS = 30 };

/* A bag of words of a language whose word w is "w<w>". */
typedef struct bag {
    size_t n, counts[N_WORDS];
    char text[8 * MAX_WORDS];
} bag;

static void draw_bag(bag *b, rec_rng *rng, size_t at_most)
{
    char *end = b->text;
    *b = (bag){.n = rec_rng_below(rng, (uint32_t)at_most + 1)};
    for (size_t i = 0; i < b->n; i++) { /* the product of two draws: some words are common */
        size_t word = rec_rng_below(rng, N_WORDS) * rec_rng_below(rng, N_WORDS) / N_WORDS;
        b->counts[word]++;
        end += sprintf(end, "%sW%zu", i % 3 == 0 ? ", " : " ", word);
    }
}

/* The sum of spec and paper, term by term over the whole language, from the counts. */
static double counted_score(const bag *documents, size_t i, const bag *query, double k1, double b)
{
    double mean = 0.0, score = 0.0;
    for (size_t d = 0; d < N_DOCUMENTS; d++)
        mean += (double)documents[d].n / N_DOCUMENTS;
    for (size_t w = 0; w < N_WORDS; w++) {
        double df = 0.0, tf = (double)documents[i].counts[w], qtf = (double)query->counts[w];
        for (size_t d = 0; d < N_DOCUMENTS; d++)
            df += documents[d].counts[w] > 0;
        score += qtf * 9.0 / (qtf + 8.0) * log(1.0 + (N_DOCUMENTS - df + 0.5) / (df + 0.5)) * tf *
                 (k1 + 1.0) / (tf + k1 * (1.0 - b + b * (double)documents[i].n / mean));
    }
    return score;
}

/* 1,000 queries for both pairs of parameters that are usual: every score within 1e-6 of itself. */
START_TEST(a_thousand_queries_by_counting)
{
    static const struct {
        const char *options;
        double k1, b;
    } pairs[] = {{"{fields: [title]}", 1.2, 0.75},
                 {"{fields: [title], k1: 0.9, b: 0.4}", 0.9, 0.4}};
    static bag documents[N_DOCUMENTS];
    char *texts[N_DOCUMENTS];
    float none[N_DOCUMENTS] = {0}, scores[N_DOCUMENTS];
    rec_rng rng = rec_rng_keyed(27, "test/bm25", 0);
    for (size_t d = 0; d < N_DOCUMENTS; d++) {
        draw_bag(&documents[d], &rng, MAX_WORDS);
        texts[d] = documents[d].text;
    }
    for (size_t p = 0; p < 2; p++) {
        fixture f = fixture_dense(none, 1, N_DOCUMENTS);
        f.dataset.catalogue.titles = texts;
        rec_model *m = fixture_fitted("bm25", pairs[p].options, &f);
        for (size_t q = 0; q < N_QUERIES; q++) {
            bag query;
            draw_bag(&query, &rng, 12);
            score_text(scores, m, query.text);
            for (size_t i = q % 7; i < N_DOCUMENTS; i += 7) {
                double expected = counted_score(documents, i, &query, pairs[p].k1, pairs[p].b);
                ck_assert_double_eq_tol(scores[i], expected, 1e-6 * fmax(1.0, expected));
            }
        }
        rec_model_free(m);
        fixture_deinit(&f);
    }
}
END_TEST

/* By default all text columns count: "red" is in 0 and 2 now, 3 is the only one without. */
START_TEST(all_text_columns_by_default)
{
    world w;
    float scores[4];
    world_init(&w);
    rec_model *m = fixture_fitted("bm25", NULL, &w.f);
    score_text(scores, m, "red");
    ck_assert_float_gt(scores[0], scores[2]);
    ck_assert_float_gt(scores[2], 0);
    score_text(scores, m, "1992"); /* numbers are no text */
    ck_assert_float_eq(scores[2], 0);
    rec_model_free(m);
    fixture_deinit(&w.f);
}
END_TEST

/* The history's texts are the query; a text in the request takes their place; the latest items. */
START_TEST(history_is_the_query)
{
    world w;
    float by_history[4], by_text[4];
    uint32_t history[] = {0, 2};
    world_init(&w);
    rec_model *m = fixture_fitted("bm25", "{fields: [title]}", &w.f);
    fixture_score(by_history, m, history, 2);
    score_text(by_text, m, "red red apple blue car");
    ck_assert_mem_eq(by_history, by_text, sizeof by_text);
    rec_query both = {.user = REC_NO_USER, .history = history, .n_history = 2, .text = "green"};
    ck_assert_ok(m->type->score(by_history, m->self, &both, 1, err));
    score_text(by_text, m, "green");
    ck_assert_mem_eq(by_history, by_text, sizeof by_text);
    rec_model_free(m);
    m = fixture_fitted("bm25", "{fields: [title], history_items: 1}", &w.f);
    fixture_score(by_history, m, history, 2);
    score_text(by_text, m, "blue car");
    ck_assert_mem_eq(by_history, by_text, sizeof by_text);
    fixture_score(by_history, m, NULL, 0);
    ck_assert_float_eq(by_history[0], 0);
    rec_model_free(m);
    fixture_deinit(&w.f);
}
END_TEST

START_TEST(similar_items_share_words)
{
    world w;
    uint32_t items[4];
    float similarities[4];
    size_t n;
    world_init(&w);
    rec_model *m = fixture_fitted("bm25", "{fields: [title, tags]}", &w.f);
    ck_assert_ok(m->type->similar(items, similarities, &n, m->self, 0, 4, err));
    ck_assert_uint_eq(n, 2);
    ck_assert_uint_eq(items[0] + items[1], 3);
    rec_model_free(m);
    fixture_deinit(&w.f);
}
END_TEST

START_TEST(save_and_load)
{
    world w;
    float one[4], other[4];
    char path[] = "/tmp/recai_bm25_XXXXXX";
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    world_init(&w);
    rec_model *m = fixture_fitted("bm25", "{b: 0.3}", &w.f),
              *loaded = fixture_model("bm25", "{b: 0.3}");
    ck_assert_ok(rec_model_save(m, path, err));
    ck_assert_ok(rec_model_load(loaded, path, &w.f.dataset, err));
    score_text(one, m, "red apple");
    score_text(other, loaded, "red apple");
    ck_assert_mem_eq(one, other, sizeof one);
    remove(path);
    rec_model_free(m);
    rec_model_free(loaded);
    fixture_deinit(&w.f);
}
END_TEST

static void check_fit_fails(const char *options, rec_status status, const char *message)
{
    world w;
    world_init(&w);
    rec_model *m = fixture_model("bm25", options);
    ck_assert_fails(fixture_try_fit(m, &w.f, 1, err), status, message);
    rec_model_free(m);
    fixture_deinit(&w.f);
}

START_TEST(wrong_fields)
{
    check_fit_fails("{fields: [plot]}", REC_ERR_CONFIG, "the items have no column \"plot\"");
    check_fit_fails("{fields: [year]}", REC_ERR_CONFIG, "no text in column \"year\"");
    titles[0] = titles[1] = titles[2] = NULL;
    check_fit_fails("{fields: [title]}", REC_ERR_DATA, "no item has text");
}
END_TEST

REC_SUITE("models/recommenders/bm25", tcase_add_test(t, scores_by_hand);
          tcase_add_test(t, a_thousand_queries_by_counting);
          tcase_add_test(t, all_text_columns_by_default); tcase_add_test(t, history_is_the_query);
          tcase_add_test(t, similar_items_share_words); tcase_add_test(t, save_and_load);
          tcase_add_test(t, wrong_fields);)
