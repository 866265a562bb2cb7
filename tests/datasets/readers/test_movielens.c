#include "tests/datasets/data.h"

static void check_three(const rec_dataset *d)
{
    ck_assert_uint_eq(d->interactions.n, 3);
    ck_assert_uint_eq(d->n_users, 1);
    ck_assert_double_eq(d->interactions.time[0], 100); /* ordered */
    ck_assert_float_eq(d->interactions.value[0], 3);
    ck_assert_uint_eq(d->part[2], REC_PART_TEST);
}

START_TEST(first_generation)
{
    data_put("u.data", "1\t10\t4\t200\n1\t9\t3\t100\n1\t11\t5\t300\n");
    /* E9 is é in ISO-8859-1; the flags of Action and War */
    data_put("u.item",
             "9|Caf\xE9 (1995)|01-Jan-1995||http://x|0|1|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|1|0\n"
             "10|No year|||http://y|1|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0\n");
    data_put("u.user", "1|24|M|technician|85711\n");
    rec_dataset *d = data_load("{type: movielens, path: '@'}");
    check_three(d);
    ck_assert_str_eq(d->catalogue.titles[0], "Caf\xC3\xA9 (1995)");
    ck_assert_double_eq(rec_catalogue_column(&d->catalogue, "year")->number[0], 1995);
    ck_assert_double_eq(rec_catalogue_column(&d->catalogue, "release_date")->number[0], 788918400);
    const rec_column *genres = rec_catalogue_column(&d->catalogue, "genres");
    ck_assert_uint_eq(genres->start[1], 2);
    ck_assert_str_eq(genres->texts[1], "War");
    ck_assert_double_eq(data_rule(d, "latin1_lines"), 1);
    ck_assert_double_eq(data_rule(d, "items_without_metadata"), 1);
    ck_assert_str_eq(rec_table_column(rec_dataset_table(d, "users"), "zip_code")->text[0], "85711");
    rec_dataset_free(d);
}
END_TEST

START_TEST(second_generation)
{
    data_put("ratings.dat", "1::10::4::200\n1::9::3::100\n1::11::5::300\n");
    data_put("movies.dat", "9::Up: Again (2001)::Drama|War\n");
    data_put("users.dat", "1::F::25::10::48067\n");
    rec_dataset *d = data_load("{type: movielens, path: '@'}");
    check_three(d);
    ck_assert_str_eq(d->catalogue.titles[0], "Up: Again (2001)");
    ck_assert_str_eq(rec_catalogue_column(&d->catalogue, "genres")->texts[1], "War");
    ck_assert_double_eq(rec_table_column(rec_dataset_table(d, "users"), "age")->number[0], 25);
    rec_dataset_free(d);
}
END_TEST

START_TEST(third_generation)
{
    data_put("ratings.csv",
             "userId,movieId,rating,timestamp\n1,10,4.0,200\n1,9,3.0,100\n1,11,5.0,300\n");
    data_put("movies.csv", "movieId,title,genres\n9,\"Up, Again (2001)\",Drama|War\n");
    rec_dataset *d = data_load("{type: movielens, path: '@'}");
    check_three(d);
    ck_assert_str_eq(d->catalogue.titles[0], "Up, Again (2001)");
    rec_dataset_free(d);
}
END_TEST

START_TEST(bad_folders)
{
    rec_dataset *d;
    static const char yaml[] = "{type: movielens, path: '@'}";
    ck_assert_fails(data_try(&d, yaml, err), REC_ERR_DATA,
                    "neither u.data nor ratings.dat nor ratings.csv");
    data_put("ratings.csv", "user,movie\n1,2\n");
    ck_assert_fails(data_try(&d, yaml, err), REC_ERR_DATA,
                    "ratings.csv:1: a header that begins with userId");
    data_put("ratings.csv", "userId,movieId,rating,timestamp\n");
    ck_assert_fails(data_try(&d, yaml, err), REC_ERR_DATA, "ratings.csv: no interactions");
    data_put("u.data", "1\t2\n");
    ck_assert_fails(data_try(&d, yaml, err), REC_ERR_DATA, "u.data:1: 2 fields, but 4");
}
END_TEST

REC_SUITE("datasets/readers/movielens", tcase_add_checked_fixture(t, data_setup, data_teardown);
          tcase_add_test(t, first_generation); tcase_add_test(t, second_generation);
          tcase_add_test(t, third_generation); tcase_add_test(t, bad_folders);)
