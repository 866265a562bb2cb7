/** A hand-made catalogue with everything that can be missing, and a generated one. */
#ifndef REC_TESTS_MODELS_RECLM_EMB_FILMS_H
#define REC_TESTS_MODELS_RECLM_EMB_FILMS_H

#include <math.h>
#include <string.h>

#include "core/yaml.h"
#include "datasets/number.h"
#include "models/reclm_emb/corpus.h"
#include "tests/suite.h"

/*      title    genre           maker     price  date      description
 *  0   Heat     crime, drama    Mann      10     Dec 1995  A thief and a cop.
 *  1   Casino   crime, drama    Scorsese  12.5   Nov 1995
 *  2   Big      comedy          Marshall  5      Jun 1988
 *  3   Alien    horror, sci-fi  Scott     -      May 1979
 *  4   Big      comedy, comedy  -         0      -
 *  5   -        drama           -         7      Jan 2000
 *  6   -        -               -         -      -                             */
enum { N_FILMS = 7 };

typedef struct films {
    rec_column columns[5];
    char *titles[N_FILMS], *ids[N_FILMS], *maker[N_FILMS], *description[N_FILMS];
    char *genre[10];
    size_t genre_start[N_FILMS + 1];
    double price[N_FILMS], date[N_FILMS];
    rec_catalogue catalogue;
    rec_emb_roles roles;
    char *lists[1], *words[1];
} films;

static inline void films_init(films *f)
{
    static char *const titles[] = {"Heat", "Casino", "Big", "Alien", "Big", NULL, NULL};
    static char *const ids[] = {"1", "2", "3", "4", "5", "6", "7"};
    static char *const maker[] = {"Mann", "Scorsese", "Marshall", "Scott", NULL, NULL, NULL};
    static char *const genre[] = {"crime",  "drama",  "crime",  "drama",  "comedy",
                                  "horror", "sci-fi", "comedy", "comedy", "drama"};
    static const size_t start[] = {0, 2, 4, 5, 7, 9, 10, 10};
    const double price[] = {10, 12.5, 5, NAN, 0, 7, NAN};
    const double date[] = {(double)rec_date_seconds(1995, 12, 15),
                           (double)rec_date_seconds(1995, 11, 1),
                           (double)rec_date_seconds(1988, 6, 30),
                           (double)rec_date_seconds(1979, 5, 25),
                           NAN,
                           (double)rec_date_seconds(2000, 1, 1),
                           NAN};
    memset(f, 0, sizeof *f);
    memcpy(f->titles, titles, sizeof titles);
    memcpy(f->ids, ids, sizeof ids);
    memcpy(f->maker, maker, sizeof maker);
    memcpy(f->genre, genre, sizeof genre);
    memcpy(f->genre_start, start, sizeof start);
    memcpy(f->price, price, sizeof price);
    memcpy(f->date, date, sizeof date);
    f->description[0] = "A thief and a cop.";
    f->columns[0] = (rec_column){
        .name = "genre", .type = REC_COLUMN_TEXTS, .start = f->genre_start, .texts = f->genre};
    f->columns[1] = (rec_column){.name = "made_by", .type = REC_COLUMN_TEXT, .text = f->maker};
    f->columns[2] = (rec_column){.name = "price", .type = REC_COLUMN_NUMBER, .number = f->price};
    f->columns[3] = (rec_column){.name = "released", .type = REC_COLUMN_DATE, .number = f->date};
    f->columns[4] =
        (rec_column){.name = "description", .type = REC_COLUMN_TEXT, .text = f->description};
    f->catalogue = (rec_catalogue){.n_items = N_FILMS,
                                   .ids = f->ids,
                                   .titles = f->titles,
                                   .n_columns = 5,
                                   .columns = f->columns};
    f->words[0] = "made_by";
    f->roles = (rec_emb_roles){
        .words = {.items = f->words, .n = 1}, .noun = "film", .nouns = "films", .values_max = 8};
}

/** The films with three users, the last item of each for tests. Borrows the films. */
static inline void films_dataset(rec_dataset *d, const films *f)
{
    static char *user_ids[] = {"a", "b", "c"};
    static size_t start[] = {0, 4, 8, 11};
    static uint32_t item[] = {0, 1, 2, 3, 0, 1, 3, 4, 1, 0, 2};
    static uint8_t part[] = {1, 1, 1, 4, 1, 1, 1, 4, 1, 1, 4};
    *d = (rec_dataset){
        .name = "films",
        .n_users = 3,
        .user_ids = user_ids,
        .catalogue = f->catalogue,
        .interactions = {.n_users = 3, .n_items = N_FILMS, .n = 11, .start = start, .item = item},
        .part = part};
}

/** A data set of a reader's options, e.g. "{type: synth, users: 100, items: 60}". */
static inline rec_dataset *load_data(const char *text)
{
    rec_yaml *map;
    rec_dataset *d;
    ck_assert_ok(rec_yaml_parse(&map, text, strlen(text), "test.yaml", err));
    ck_assert_ok(rec_dataset_load(&d, map, 1, err));
    rec_yaml_free(map);
    return d;
}

/** Options of `data:`; freed with rec_options_deinit(o, rec_emb_data_option_table). */
static inline void read_options(rec_emb_data_options *o, const char *text)
{
    rec_yaml *map;
    ck_assert_ok(rec_yaml_parse(&map, text, strlen(text), "test.yaml", err));
    ck_assert_ok(rec_options_parse(o, rec_emb_data_option_table, map, NULL, err));
    rec_yaml_free(map);
}

/** A corpus of all tasks and parts. */
static inline void make_corpus(rec_emb_corpus *c, const rec_emb_data_options *o,
                               const rec_dataset *d)
{
    rec_emb_corpus_plan plan = {.parts = {true, true, true}};
    for (size_t t = 0; t < REC_EMB_N_TASKS; t++)
        plan.tasks[t] = true;
    ck_assert_ok(rec_emb_corpus_init(c, o, d, &plan, err));
}

#define SYNTH_DATA "{type: synth, users: 200, items: 150, mean_length: 10}"
#define SYNTH_ROLES                                                                                \
    "roles: {lists: [tags], words: [genre, maker], price: price, date: released, noun: film, "     \
    "nouns: films}"

#endif
