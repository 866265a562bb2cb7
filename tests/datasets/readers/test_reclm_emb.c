#include "datasets/number.h"
#include "tests/datasets/data.h"

#include <math.h>

static rec_dataset *load(const char *metadata, const char *options)
{
    char yaml[256];
    data_put("metadata.json", metadata);
    data_put("sequential_data.txt", "1 1 2\n2 2 1\n");
    snprintf(yaml, sizeof yaml, "{type: reclm_emb, path: '@', split: {type: none}%s}", options);
    return data_load(yaml);
}

static void check_list(const rec_dataset *d, const char *column, size_t item, const char *expected)
{
    const rec_column *c = rec_catalogue_column(&d->catalogue, column);
    char text[256] = "";
    for (size_t i = c->start[item]; i < c->start[item + 1]; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", text[0] ? "|" : "",
                 c->texts[i]);
    ck_assert_str_eq(text, expected);
}

static const char *text_of(const rec_dataset *d, const char *column, size_t item)
{
    const rec_column *c = rec_catalogue_column(&d->catalogue, column);
    return c->text[item] != NULL ? c->text[item] : "-";
}

static double number_of(const rec_dataset *d, const char *column, size_t item)
{
    return rec_catalogue_column(&d->catalogue, column)->number[item];
}

/* Every fix beside what it fixes. */
static const char metadata[] =
    "{\"TitleName\": \"\", \"title\": \"One\", \"GPT_tags\": \"\", \"tags\": \"a, b ,a\", "
    "\"specs\": "
    "[\"\"], \"game_details\": [\"x\"], \"PublisherCurated\": [\"P\", \"Q\"], \"price\": 0, "
    "\"release_date\": \"May 2015\", \"ProductDescription\": \" \", \"description\": \" (D.) \"}\n"
    "{\"title\": \"Two\", \"genres\": [\"g\", \"g\", 7], \"developer\": null, \"price\": \"free\", "
    "\"ReleaseDateCurated\": \"\", \"release_date\": \"2015-05-05\", \"desc_snippet\": [\"a\", "
    "\"b\"]}\n";

START_TEST(members_as_they_are_meant)
{
    rec_dataset *d = load(metadata, "");
    ck_assert_str_eq(d->catalogue.titles[0], "One");
    check_list(d, "tags", 0, "a|b");
    check_list(d, "tags", 1, "g|7");
    check_list(d, "game_details", 0, "x");
    ck_assert_str_eq(text_of(d, "publisher", 0), "P, Q");
    ck_assert_ptr_null(rec_catalogue_column(&d->catalogue, "developer"));
    ck_assert_double_eq(number_of(d, "price", 0), 0.0);
    ck_assert(isnan(number_of(d, "price", 1)));
    ck_assert_double_eq(data_rule(d, "prices_not_numbers"), 1);
    ck_assert_double_eq(number_of(d, "release_date", 0), (double)rec_date_seconds(2015, 5, 1));
    ck_assert_double_eq(number_of(d, "release_date", 1), (double)rec_date_seconds(2015, 5, 5));
    ck_assert_str_eq(text_of(d, "release_date_precision", 0), "month");
    ck_assert_str_eq(text_of(d, "release_date_precision", 1), "-");
    ck_assert_str_eq(text_of(d, "description", 0), "(D.)");
    ck_assert_str_eq(text_of(d, "description", 1), "a b");
    rec_dataset_free(d);
}
END_TEST

/* The same quirks as spelt out for the released code; 3: everything as it should be. */
START_TEST(members_as_the_released_code_reads_them)
{
    rec_dataset *d = load(
        "{\"app_name\": \"One\", \"GPT_tags\": \"\", \"tags\": [\"a\"], \"specs\": [\"\"], "
        "\"game_details\": \"x, y\", \"PublisherCurated\": \"\", \"publisher\": \"P\", \"price\": "
        "0, "
        "\"release_date\": \"May 2015\", \"ProductDescription\": \"\", \"description\": \"D\"}\n"
        "{\"title\": \"Two\", \"tags\": \"ab\", \"price\": \"free\", \"release_date\": \"May 5, "
        "2015\", \"desc_snippet\": \" \", \"description\": \" (D.) \"}\n"
        "{\"title\": \"Three\", \"GPT_tags\": \"a,b,a\", \"specs\": [\"s\", \"t\"], \"developer\": "
        "\"D\", \"PrimaryGenre\": \"G\", \"SubGenre\": \"S\", \"price\": \"9.99\"}\n",
        ", conversion: original");
    check_list(d, "tags", 0, "");
    ck_assert_uint_eq(rec_catalogue_column(&d->catalogue, "tags")->start[1], 1); /* one empty tag */
    check_list(d, "tags", 1, "a|b");
    check_list(d, "tags", 2, "a|b|a");
    check_list(d, "game_details", 0, "x| y");
    check_list(d, "game_details", 2, "s|t");
    ck_assert_ptr_null(
        rec_catalogue_column(&d->catalogue, "publisher")); /* the curated one is there */
    ck_assert(isnan(number_of(d, "price", 0)) && number_of(d, "price", 1) == 0.0);
    ck_assert_double_eq(number_of(d, "price", 2), 9.99);
    ck_assert(isnan(number_of(d, "release_date", 0)));
    ck_assert_double_eq(number_of(d, "release_date", 1), (double)rec_date_seconds(2015, 5, 5));
    ck_assert_str_eq(text_of(d, "description", 0), "-");
    ck_assert_str_eq(text_of(d, "description", 1), "D");
    ck_assert_str_eq(text_of(d, "subgenre", 2), "S");
    rec_dataset_free(d);
}
END_TEST

START_TEST(other_catalogues_name_their_members)
{
    rec_dataset *d = load("{\"name\": \"One\", \"kinds\": \"a,b\"}\n\n{\"name\": \"Two\"}\n",
                          ", title: [name], tags: [kinds]");
    ck_assert_str_eq(d->catalogue.titles[1], "Two"); /* blank lines are no items */
    check_list(d, "tags", 0, "a|b");
    rec_dataset_free(d);
}
END_TEST

static void check_fails(const char *line, const char *options, const char *message)
{
    rec_dataset *d;
    char yaml[256], text[256];
    snprintf(text, sizeof text, "{\"title\": \"One\"}\n%s\n", line);
    data_put("metadata.json", text);
    data_put("sequential_data.txt", "1 1 2\n");
    snprintf(yaml, sizeof yaml, "{type: reclm_emb, path: '@', split: {type: none}%s}", options);
    ck_assert_fails(data_try(&d, yaml, err), REC_ERR_DATA, message);
}

START_TEST(mistakes_have_a_line)
{
    static const char original[] = ", conversion: original";
    check_fails("{\"price\": 1}", "", "metadata.json:2: no title");
    check_fails("{\"title\": \"\"}", original, "metadata.json:2: no title");
    check_fails("{\"title\": \"T\", \"tags\": {\"a\": 1}}", "", "metadata.json:2: member \"tags\"");
    check_fails("{\"title\": \"T\", \"tags\": [1]}", original,
                "2: member \"tags\": a list of texts");
    check_fails("{\"title\": \"T\", \"publisher\": [\"a\"]}", original, "2: member \"publisher\"");
    check_fails("{\"title\": \"T\", \"tags\": null}", original, "2: member \"tags\"");
    check_fails("{\"title\": \"T\"", "", "metadata.json:2:");
    check_fails("{\"title\": \"\xff\"}", "", "metadata.json:2:");
    data_put("metadata.json", "{\"title\": \"One\"}\n");
    data_put("sequential_data.txt", "1 1 2\n");
    rec_dataset *d;
    ck_assert_fails(data_try(&d, "{type: reclm_emb, path: '@'}", err), REC_ERR_DATA,
                    "item \"2\" is not in the catalogue");
}
END_TEST

REC_SUITE("datasets/readers/reclm_emb", tcase_add_checked_fixture(t, data_setup, data_teardown);
          tcase_add_test(t, members_as_they_are_meant);
          tcase_add_test(t, members_as_the_released_code_reads_them);
          tcase_add_test(t, other_catalogues_name_their_members);
          tcase_add_test(t, mistakes_have_a_line);)
