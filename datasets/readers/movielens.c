/* The files GroupLens publishes, three generations of them: u.data (MovieLens 100K, tabs; u.item with
 * bars and genre flags), ratings.dat (1M and 10M, "::"), ratings.csv (20M and later). Text files of the
 * first two are ISO-8859-1; lines that are not UTF-8 are converted. A year in parentheses at the end
 * of a title becomes column "year" and stays in the title. */
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "datasets/number.h"
#include "datasets/reader.h"
#include "datasets/reader_paths.h"
#include "datasets/records.h"
#include "datasets/tabular.h"

typedef struct movielens {
    char *path;
} movielens;

static const rec_option movielens_options[] = {
    {"path", "folder with u.data, ratings.dat or ratings.csv", offsetof(movielens, path),
     REC_OPT_STRING, .required = true},
    {.key = NULL},
};

enum { N_FLAGS = 19, MAX_PLAN = 5 + N_FLAGS };

static const char *const genre_names[N_FLAGS] = {
    "unknown",     "Action", "Adventure", "Animation", "Children's", "Comedy",  "Crime",
    "Documentary", "Drama",  "Fantasy",   "Film-Noir", "Horror",     "Musical", "Mystery",
    "Romance",     "Sci-Fi", "Thriller",  "War",       "Western"};

/* One generation of files: what they are called and what their fields are. */
typedef struct generation {
    const char *ratings, *items, *users;
    rec_records_format ratings_format, items_format;
    bool header;
    rec_field_plan item_plan[5]; /* what comes before flags */
    size_t n_item_fields;
    bool flags; /* N_FLAGS genre flags follow */
    rec_field_plan user_plan[5];
} generation;

static const generation generations[] = {
    {.ratings = "u.data",
     .items = "u.item",
     .users = "u.user",
     .ratings_format = {.delimiter = "\t"},
     .items_format = {.delimiter = "|", .latin1 = true},
     .item_plan = {{.kind = REC_FIELD_ID},
                   {.kind = REC_FIELD_TITLE},
                   {.kind = REC_FIELD_DATE, .name = "release_date"},
                   {.kind = REC_FIELD_SKIP},
                   {.kind = REC_FIELD_TEXT, .name = "url"}},
     .n_item_fields = 5,
     .flags = true,
     .user_plan = {{.kind = REC_FIELD_ID, .name = "user_id"},
                   {.kind = REC_FIELD_NUMBER, .name = "age"},
                   {.kind = REC_FIELD_TEXT, .name = "gender"},
                   {.kind = REC_FIELD_TEXT, .name = "occupation"},
                   {.kind = REC_FIELD_TEXT, .name = "zip_code"}}},
    {.ratings = "ratings.dat",
     .items = "movies.dat",
     .users = "users.dat",
     .ratings_format = {.delimiter = "::"},
     .items_format = {.delimiter = "::", .latin1 = true},
     .item_plan = {{.kind = REC_FIELD_ID},
                   {.kind = REC_FIELD_TITLE},
                   {.kind = REC_FIELD_TEXTS, .name = "genres", .separator = '|'}},
     .n_item_fields = 3,
     .user_plan = {{.kind = REC_FIELD_ID, .name = "user_id"},
                   {.kind = REC_FIELD_TEXT, .name = "gender"},
                   {.kind = REC_FIELD_NUMBER, .name = "age"},
                   {.kind = REC_FIELD_TEXT, .name = "occupation"},
                   {.kind = REC_FIELD_TEXT, .name = "zip_code"}}},
    {.ratings = "ratings.csv",
     .items = "movies.csv",
     .ratings_format = {.delimiter = ",", .quoting = REC_QUOTES_FULL},
     .items_format = {.delimiter = ",", .quoting = REC_QUOTES_FULL},
     .header = true,
     .item_plan = {{.kind = REC_FIELD_ID},
                   {.kind = REC_FIELD_TITLE},
                   {.kind = REC_FIELD_TEXTS, .name = "genres", .separator = '|'}},
     .n_item_fields = 3},
};

/* *out NULL when the folder holds none. */
static rec_status find_generation(const generation **out, const char *folder, rec_error *err)
{
    *out = NULL;
    for (size_t i = 0; i < sizeof generations / sizeof *generations && *out == NULL; i++) {
        char *path;
        rec_status status = rec_reader_file(&path, folder, generations[i].ratings, err);
        if (status != REC_OK)
            return status;
        if (path != NULL)
            *out = &generations[i];
        free(path);
    }
    return REC_OK;
}

/* The year of "Toy Story (1995)". */
static bool year_of(double *year, const char *title)
{
    size_t n = strlen(title);
    while (n > 0 && title[n - 1] == ' ')
        n--;
    return n >= 6 && title[n - 1] == ')' && title[n - 6] == '(' &&
           rec_number_is_decimal(title + n - 5, 4) &&
           rec_number_parse(year, title + n - 5, 4) == REC_NUMBER_OK;
}

static rec_status add_years(rec_builder *b, rec_error *err)
{
    rec_column_builder *column;
    rec_status status = rec_builder_column(&column, b, "year", REC_COLUMN_NUMBER, err);
    for (uint32_t i = 0; i < rec_builder_n_items(b) && status == REC_OK; i++) {
        double year;
        const char *title = rec_builder_title_of(b, i);
        if (title != NULL && year_of(&year, title))
            status = rec_column_set_number(column, i, year, err);
    }
    return status;
}

static rec_status skip_header(rec_records *r, const char *first, rec_error *err)
{
    const rec_field *fields;
    size_t n;
    rec_status status = rec_records_next(&fields, &n, r, err);
    if (status == REC_OK && (n == 0 || !rec_field_is(&fields[0], first)))
        return rec_fail(err, REC_ERR_DATA, "%s:1: a header that begins with %s is due",
                        rec_records_path(r), first);
    return status;
}

static rec_status read_items(rec_builder *b, const char *folder, const generation *g,
                             rec_error *err)
{
    rec_status status = REC_OK;
    char *path = NULL;
    rec_records *r = NULL;
    rec_field_plan plan[MAX_PLAN];
    size_t n = g->n_item_fields;
    memcpy(plan, g->item_plan, n * sizeof *plan);
    for (size_t i = 0; g->flags && i < N_FLAGS; i++)
        plan[n++] =
            (rec_field_plan){.kind = REC_FIELD_FLAG, .name = genre_names[i], .list = "genres"};
    REC_TRY(rec_reader_file(&path, folder, g->items, err));
    if (path == NULL)
        return REC_OK;
    REC_TRY(rec_records_open(&r, path, &g->items_format, err));
    if (g->header)
        REC_TRY(skip_header(r, "movieId", err));
    REC_TRY(rec_items_read(b, r, plan, n, err));
    REC_TRY(add_years(b, err));
cleanup:
    rec_records_close(r);
    free(path);
    return status;
}

static rec_status read_ratings(rec_builder *b, const char *folder, const generation *g,
                               rec_error *err)
{
    rec_status status = REC_OK;
    char *path = NULL;
    rec_records *r = NULL;
    rec_row_layout layout = {.user = 0, .item = 1, .value = 2, .time = 3, .n_fields = 4};
    rec_builder_set_rows(b, REC_ROWS_VALUE | REC_ROWS_TIME);
    REC_TRY(rec_reader_need_file(&path, folder, g->ratings, err));
    REC_TRY(rec_records_open(&r, path, &g->ratings_format, err));
    if (g->header)
        REC_TRY(skip_header(r, "userId", err));
    size_t before = rec_records_get_counts(r).records;
    REC_TRY(rec_rows_read(b, r, &layout, REC_PART_NONE, err));
    if (rec_records_get_counts(r).records == before)
        status = rec_fail(err, REC_ERR_DATA, "%s: no interactions", path);
cleanup:
    rec_records_close(r);
    free(path);
    return status;
}

static rec_status read_users(rec_builder *b, const char *folder, const generation *g,
                             rec_error *err)
{
    rec_status status = REC_OK;
    char *path = NULL;
    rec_records *r = NULL;
    rec_field_plan plan[5];
    memcpy(plan, g->user_plan, sizeof plan);
    if (g->users == NULL)
        return REC_OK;
    REC_TRY(rec_reader_file(&path, folder, g->users, err));
    if (path == NULL)
        return REC_OK;
    REC_TRY(rec_records_open(&r, path, &g->items_format, err));
    REC_TRY(rec_table_read(b, "users", r, plan, 5, err));
cleanup:
    rec_records_close(r);
    free(path);
    return status;
}

static rec_status movielens_read(const void *self, rec_builder *b, uint64_t seed, rec_error *err)
{
    const movielens *o = self;
    rec_status status = REC_OK;
    char *folder = NULL;
    (void)seed;
    REC_TRY(rec_data_path(&folder, o->path, err));
    const generation *g;
    REC_TRY(find_generation(&g, folder, err));
    if (g == NULL) {
        status = rec_fail(err, REC_ERR_DATA, "%s: neither u.data nor ratings.dat nor ratings.csv",
                          folder);
        goto cleanup;
    }
    REC_TRY(read_items(b, folder, g, err));
    size_t n_described = rec_builder_n_items(b);
    REC_TRY(read_ratings(b, folder, g, err));
    if (n_described > 0)
        REC_TRY(rec_builder_count(b, "items_without_metadata", rec_builder_n_items(b) - n_described,
                                  err));
    REC_TRY(read_users(b, folder, g, err));
cleanup:
    free(folder);
    return status;
}

static bool movielens_recognises(const char *path)
{
    const generation *g;
    return rec_path_is_folder(path) && find_generation(&g, path, NULL) == REC_OK && g != NULL;
}

const rec_reader rec_reader_movielens = {
    .name = "movielens",
    .help = "MovieLens as GroupLens publishes it",
    .files = "u.data, u.item, u.user; ratings.dat, movies.dat, users.dat; ratings.csv, movies.csv",
    .size = sizeof(movielens),
    .options = movielens_options,
    .recognises = movielens_recognises,
    .read = movielens_read,
};
