/* Which part a row belongs to. */
#include "harness/tasks/emb_strata.h"

#include "tests/suite.h"

/* Counts 0 0 1 2 2 3 9: the lower third of seven ends at the third (1), the middle one at the fifth
 * (2); items of equal count stand together. */
START_TEST(thirds_of_the_catalogue)
{
    const uint32_t counts[] = {2, 9, 0, 1, 3, 0, 2}, one[] = {4};
    rec_emb_thirds thirds;
    ck_assert_ok(rec_emb_thirds_init(&thirds, counts, 7, err));
    ck_assert_uint_eq(thirds.tail_max, 1);
    ck_assert_uint_eq(thirds.middle_max, 2);
    ck_assert_ok(rec_emb_thirds_init(&thirds, one, 1, err));
    ck_assert_uint_eq(thirds.tail_max, 4);
}
END_TEST

static bool is_in(const rec_emb_row *row, const uint32_t *counts, const char *part)
{
    const rec_emb_thirds thirds = {1, 2};
    const rec_emb_facts facts = rec_emb_facts_of(row, &thirds, counts);
    const rec_sample sample = {.own = &facts};
    const rec_job job = {.sample = &sample};
    for (size_t i = 0; rec_emb_strata[i].name != NULL; i++)
        if (strcmp(rec_emb_strata[i].name, part) == 0)
            return rec_emb_strata[i].holds(&job);
    ck_abort_msg("no part %s", part);
}

START_TEST(a_row_and_its_parts)
{
    const uint32_t counts[] = {2, 9, 0};
    const rec_emb_row row = {.item = 0, .seen_item = true, .query = " like\tHeat,  but newer "};
    ck_assert(is_in(&row, counts, "seen_item"));
    ck_assert(!is_in(&row, counts, "new_item"));
    ck_assert(is_in(&row, counts, "new_wording"));
    ck_assert(is_in(&row, counts, "seen_item_new_wording"));
    ck_assert(!is_in(&row, counts, "seen_item_seen_wording"));
    ck_assert(!is_in(&row, counts, "new_item_new_wording"));
    ck_assert(is_in(&row, counts, "middle"));
    ck_assert(!is_in(&row, counts, "tail"));
    ck_assert(is_in(&row, counts, "short_query"));
}
END_TEST

/* 8 and 20 words are the last of their parts. */
START_TEST(lengths_of_queries)
{
    const uint32_t counts[] = {0};
    const char *const twenty = "a b c d e f g h i j k l m n o p q r s t";
    rec_emb_row row = {.item = 0, .query = "a b c d e f g h"};
    ck_assert(is_in(&row, counts, "short_query"));
    ck_assert(is_in(&row, counts, "tail"));
    row.query = "a b c d e f g h i";
    ck_assert(is_in(&row, counts, "middle_query"));
    row.query = twenty;
    ck_assert(is_in(&row, counts, "middle_query"));
    row.query = "a b c d e f g h i j k l m n o p q r s t u";
    ck_assert(is_in(&row, counts, "long_query"));
    row.query = "";
    ck_assert(is_in(&row, counts, "short_query"));
}
END_TEST

/* A row about no item has no popularity. */
START_TEST(rows_without_an_item)
{
    const uint32_t counts[] = {0};
    const rec_emb_row row = {.item = REC_NO_ITEM, .query = "x"};
    ck_assert(!is_in(&row, counts, "tail"));
    ck_assert(!is_in(&row, counts, "middle"));
    ck_assert(!is_in(&row, counts, "head"));
}
END_TEST

REC_SUITE("harness/tasks/emb_strata", tcase_add_test(t, thirds_of_the_catalogue);
          tcase_add_test(t, a_row_and_its_parts); tcase_add_test(t, lengths_of_queries);
          tcase_add_test(t, rows_without_an_item);)
