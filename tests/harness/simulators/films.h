/** A catalogue of five films, three attributes, for tests of simulated users and dialogues. */
#ifndef REC_TESTS_HARNESS_SIMULATORS_FILMS_H
#define REC_TESTS_HARNESS_SIMULATORS_FILMS_H

#include "datasets/dataset.h"

enum { ALIEN, ALIENS, HEAT, HER, UP, N_FILMS };

static char *film_titles[] = {"Alien", "Aliens", "Heat (1995)", "Her", "Up"};
static char *film_ids[] = {"1", "2", "3", "4", "5"};
static char *film_genres[] = {"horror", "space", "action", "space", "crime", "drama", "romance"};
static size_t film_genre_start[] = {0, 2, 4, 5, 7, 7};
static char *film_directors[] = {"Ridley Scott", "James Cameron", "Michael Mann", "Spike Jonze"};
static size_t film_director_start[] = {0, 1, 2, 3, 4, 4};
static double film_years[] = {1979, 1986, 1995, 2013, 2009};
static char *film_plots[] = {"The crew meets an Alien.", NULL, NULL, NULL, NULL};
static rec_column film_columns[] = {
    {.name = "genres", .type = REC_COLUMN_TEXTS, .start = film_genre_start, .texts = film_genres},
    {.name = "director",
     .type = REC_COLUMN_TEXTS,
     .start = film_director_start,
     .texts = film_directors},
    {.name = "release_year", .type = REC_COLUMN_NUMBER, .number = film_years},
    {.name = "plot", .type = REC_COLUMN_TEXT, .text = film_plots},
};
static char *film_users[] = {"u"};
static const rec_dataset films = {
    .n_users = 1,
    .user_ids = film_users,
    .catalogue = {.n_items = N_FILMS,
                  .ids = film_ids,
                  .titles = film_titles,
                  .n_columns = 4,
                  .columns = film_columns},
};

#endif
