#include "harness/replies/title_index.h"

#include "tests/suite.h"

static char *const titles[] = {"Portal", "Up", NULL, "portal!", "Portal", "", "!!!", "A, b, c"};
static rec_title_index *titles_index;

static void setup(void)
{
    ck_assert_ok(rec_title_index_new(&titles_index, titles, 8, err));
}

static void teardown(void)
{
    rec_title_index_free(titles_index);
}

static void finds(rec_item_range found, size_t n, const uint32_t *items)
{
    ck_assert_uint_eq(found.n, n);
    for (size_t i = 0; i < n; i++)
        ck_assert_uint_eq(found.items[i], items[i]);
}

START_TEST(exact_texts)
{
    finds(rec_title_index_exact(titles_index, rec_span_of("Portal")), 2, (uint32_t[]){0, 4});
    finds(rec_title_index_exact(titles_index, rec_span_of("portal!")), 1, (uint32_t[]){3});
    finds(rec_title_index_exact(titles_index, rec_span_of("portal")), 0, NULL);
    finds(rec_title_index_exact(titles_index, rec_span_of("!!!")), 1, (uint32_t[]){6});
}
END_TEST

START_TEST(canonical_texts)
{
    rec_item_range found;
    ck_assert_ok(rec_title_index_canonical(&found, titles_index, rec_span_of("POR-TAL"), err));
    finds(found, 3, (uint32_t[]){0, 3, 4});
    ck_assert_ok(rec_title_index_canonical(&found, titles_index, rec_span_of("???"), err));
    finds(found, 0, NULL); /* nothing to compare: "!!!" is not meant */
    ck_assert_uint_eq(rec_title_index_count(titles_index), 3);
    ck_assert_str_eq(rec_title_index_texts(titles_index)[0], "portal");
    finds(rec_title_index_items(titles_index, 0), 3, (uint32_t[]){0, 3, 4});
    ck_assert_uint_eq(rec_title_index_commas(titles_index), 2);
}
END_TEST

START_TEST(no_titles)
{
    rec_title_index *empty;
    rec_item_range found;
    ck_assert_ok(rec_title_index_new(&empty, NULL, 0, err));
    ck_assert_uint_eq(rec_title_index_exact(empty, rec_span_of("Up")).n, 0);
    ck_assert_ok(rec_title_index_canonical(&found, empty, rec_span_of("Up"), err));
    ck_assert_uint_eq(found.n, 0);
    rec_title_index_free(empty);
    rec_title_index_free(NULL);
    ck_assert_fails(rec_title_index_new(&empty, NULL, UINT32_MAX, err), REC_ERR_RESOURCE,
                    "too many");
}
END_TEST

REC_SUITE("harness/replies/title_index", tcase_add_checked_fixture(t, setup, teardown);
          tcase_add_test(t, exact_texts); tcase_add_test(t, canonical_texts);
          tcase_add_test(t, no_titles);)
