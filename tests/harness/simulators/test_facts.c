#include "harness/simulators/facts.h"

#include <string.h>

#include "tests/harness/simulators/films.h"
#include "tests/suite.h"

static const rec_string_list nothing = {.n = 0};

START_TEST(lists_are_attributes_unless_columns_are_named)
{
    rec_arena arena = {0};
    const rec_attribute *a;
    size_t n;
    ck_assert_ok(rec_attributes(&a, &n, &films.catalogue, &nothing, &arena, err));
    ck_assert_uint_eq(n, 2);
    ck_assert_str_eq(a[0].word, "genre");
    ck_assert_str_eq(a[1].word, "director");
    char *names[] = {"release_year=year", "release_year", "plot"};
    const rec_string_list wanted = {.items = names, .n = 3};
    ck_assert_ok(rec_attributes(&a, &n, &films.catalogue, &wanted, &arena, err));
    ck_assert_uint_eq(n, 3);
    ck_assert_str_eq(a[0].word, "year");
    ck_assert_str_eq(a[1].word, "release year");
    char number[32];
    ck_assert_str_eq(rec_attribute_value(&a[0], HEAT, 0, number), "1995");
    ck_assert_uint_eq(rec_attribute_count(&a[2], ALIEN), 1);
    ck_assert_uint_eq(rec_attribute_count(&a[2], UP), 0);
    char *unknown[] = {"genres", "colour=hue"};
    const rec_string_list wrong = {.items = unknown, .n = 2};
    ck_assert_fails(rec_attributes(&a, &n, &films.catalogue, &wrong, &arena, err), REC_ERR_DATA,
                    "no column \"colour\"");
    rec_arena_deinit(&arena);
}
END_TEST

START_TEST(values_and_questions)
{
    rec_arena arena = {0};
    const rec_attribute *a;
    size_t n;
    ck_assert_ok(rec_attributes(&a, &n, &films.catalogue, &nothing, &arena, err));
    ck_assert_uint_eq(rec_attribute_count(&a[0], HER), 2);
    ck_assert_uint_eq(rec_attribute_count(&a[0], UP), 0);
    ck_assert_str_eq(rec_attribute_value(&a[0], ALIENS, 1, NULL), "space");
    ck_assert(rec_attribute_has(&a[0], ALIENS, "space"));
    ck_assert(!rec_attribute_has(&a[0], HEAT, "space"));
    ck_assert(rec_attribute_is_asked(&a[0], "which genres do you like", true));
    ck_assert(rec_attribute_is_asked(&a[0], "any genre", true));
    ck_assert(!rec_attribute_is_asked(&a[0], "any genre", false));
    ck_assert(!rec_attribute_is_asked(&a[0], "generic", true));
    rec_arena_deinit(&arena);
}
END_TEST

static const char *favourite(const rec_attribute *a, const uint32_t *items, size_t n)
{
    const char *value;
    ck_assert_ok(rec_attribute_favourite(&value, a, items, n, err));
    return value;
}

/* "space" is of both; without a second vote the first in byte order wins. */
START_TEST(favourites)
{
    rec_arena arena = {0};
    const rec_attribute *a;
    size_t n;
    char *names[] = {"genres", "plot"};
    const rec_string_list wanted = {.items = names, .n = 2};
    const uint32_t both[] = {ALIEN, ALIENS}, her[] = {HER}, up[] = {UP};
    ck_assert_ok(rec_attributes(&a, &n, &films.catalogue, &wanted, &arena, err));
    ck_assert_str_eq(favourite(&a[0], both, 2), "space");
    ck_assert_str_eq(favourite(&a[0], her, 1), "drama");
    ck_assert_ptr_null(favourite(&a[0], up, 1));
    ck_assert_ptr_null(favourite(&a[0], NULL, 0));
    ck_assert_ptr_null(favourite(&a[1], both, 2)); /* no list */
    rec_arena_deinit(&arena);
}
END_TEST

REC_SUITE("harness/simulators/facts",
          tcase_add_test(t, lists_are_attributes_unless_columns_are_named);
          tcase_add_test(t, values_and_questions); tcase_add_test(t, favourites);)
