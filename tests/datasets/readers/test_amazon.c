#include "tests/datasets/data.h"

#include <zlib.h>

static const char reviews[] =
    "{\"reviewerID\": \"A1\", \"asin\": \"B2\", \"overall\": 5.0, \"unixReviewTime\": 300, "
    "\"summary\": \"Good\", \"reviewText\": \"Yes.\"}\n"
    "{\"reviewerID\": \"A1\", \"asin\": \"B1\", \"overall\": 1.0, \"unixReviewTime\": 100}\n"
    "{\"user_id\": \"A1\", \"parent_asin\": \"B3\", \"asin\": \"X\", \"rating\": 4, \"timestamp\": "
    "200000}\n";

START_TEST(packed_reviews_and_metadata)
{
    char path[512];
    snprintf(path, sizeof path, "%s/reviews_X.json.gz", data_folder);
    gzFile g = gzopen(path, "wb");
    gzputs(g, reviews);
    gzclose(g);
    data_put("meta.jsonl", "{\"asin\": \"B1\", \"title\": \"One\", \"price\": \"$5\", "
                           "\"categories\": [[\"a\", \"b\"]]}\n"
                           "{\"asin\": \"B9\", \"title\": \"Nine\"}\n");
    rec_dataset *d =
        data_load("{type: amazon, path: '@/reviews_X.json.gz', metadata: meta.jsonl, texts: true}");
    static const uint32_t items[] = {0, 2, 1};
    ck_assert_mem_eq(d->interactions.item, items, sizeof items);
    ck_assert_double_eq(d->interactions.time[1], 200);
    ck_assert_str_eq(d->catalogue.titles[0], "One");
    ck_assert_str_eq(rec_catalogue_column(&d->catalogue, "categories")->texts[1], "b");
    ck_assert_double_eq(data_rule(d, "metadata_of_unknown_items"), 1);
    const rec_table *t = rec_dataset_table(d, "reviews");
    ck_assert_uint_eq(t->n_rows, 3);
    ck_assert_str_eq(rec_table_column(t, "text")->text[0], "Yes.");
    ck_assert_ptr_null(rec_table_column(t, "text")->text[1]);
    rec_dataset_free(d);
}
END_TEST

static void check_fails(const char *text, const char *options, const char *message)
{
    rec_dataset *d;
    char yaml[256];
    data_put("r.json", text);
    snprintf(yaml, sizeof yaml, "{type: amazon, path: '@/r.json'%s}", options);
    ck_assert_fails(data_try(&d, yaml, err), REC_ERR_DATA, message);
}

START_TEST(bad_reviews)
{
    check_fails("", "", "r.json: empty file");
    check_fails("{\"asin\": \"B\"}\n", "", "r.json:1: no member \"reviewerID\" (or \"user_id\")");
    check_fails("{\"reviewerID\": 5, \"asin\": \"B\"}\n", "", "r.json:1: reviewerID: not a string");
    check_fails("{\"reviewerID\": \"A\", \"asin\": \"B\", \"overall\": \"5\"}\n", "",
                "r.json:1: overall: not a number");
    check_fails(
        "{\"reviewerID\": \"A\", \"asin\": \"B\", \"overall\": 1e200, \"unixReviewTime\": 1}\n", "",
        "rating is out of range");
    check_fails("[1]\n", "", "r.json:1: not an object");
    check_fails("{\"reviewerID\": \"A\"\n", "", "r.json:1:");
    data_put("meta.json", "{'asin': 'B1'}\n");
    check_fails(reviews, ", metadata: meta.json", "meta.json:1: Python literals, not JSON");
}
END_TEST

REC_SUITE("datasets/readers/amazon", tcase_add_checked_fixture(t, data_setup, data_teardown);
          tcase_add_test(t, packed_reviews_and_metadata); tcase_add_test(t, bad_reviews);)
