#include "models/reclm_emb/condition.h"
#include "tests/models/reclm_emb/films.h"

typedef struct opened {
    films f;
    rec_emb_items x;
} opened;

static void open_films(opened *o)
{
    films_init(&o->f);
    ck_assert_ok(rec_emb_items_init(&o->x, &o->f.roles, &o->f.catalogue, err));
}

static rec_emb_condition genre(const opened *o, rec_emb_condition_kind kind, const char *value)
{
    return (rec_emb_condition){.kind = kind,
                               .value = rec_interner_find(&o->x.values, value, strlen(value))};
}

static void check_text(const opened *o, const rec_emb_condition *c, const char *expected)
{
    rec_buffer text = {.length = 0};
    ck_assert_ok(rec_emb_condition_text(&text, &o->x, c, err));
    ck_assert_str_eq(text.data, expected);
    rec_buffer_deinit(&text);
}

/* Worked by hand on the table of films.h. Bounds on prices are strict, an unknown value satisfies nothing. */
START_TEST(items_satisfy_by_hand)
{
    opened o;
    open_films(&o);
    rec_emb_condition drama = genre(&o, REC_EMB_HAS, "drama"),
                      no_crime = genre(&o, REC_EMB_LACKS, "crime");
    rec_emb_condition cheap = {.kind = REC_EMB_PRICE, .low = -INFINITY, .high = 7};
    rec_emb_condition early = {
        .kind = REC_EMB_DATE, .low = -INFINITY, .high = (double)rec_date_seconds(1995, 1, 1)};
    rec_emb_condition big = {.kind = REC_EMB_TITLED, .value = 2};
    uint32_t found[N_FILMS];
    ck_assert_uint_eq(rec_emb_satisfying(found, &o.x, &drama, 1), 3);
    ck_assert(found[0] == 0 && found[1] == 1 && found[2] == 5);
    ck_assert_uint_eq(rec_emb_satisfying(found, &o.x, &cheap, 1), 2); /* 5 and 0, not 7 */
    ck_assert(found[0] == 2 && found[1] == 4);
    ck_assert_uint_eq(rec_emb_satisfying(found, &o.x, &early, 1), 2);
    ck_assert_uint_eq(rec_emb_satisfying(found, &o.x, &big, 1), 2); /* both of that title */
    rec_emb_condition both[] = {drama, no_crime};
    ck_assert_uint_eq(rec_emb_satisfying(found, &o.x, both, 2), 1);
    ck_assert_uint_eq(found[0], 5);
    ck_assert_uint_eq(rec_emb_satisfying(NULL, &o.x, NULL, 0), N_FILMS); /* no condition: all */
    rec_emb_items_deinit(&o.x);
}
END_TEST

START_TEST(conditions_read_well)
{
    opened o;
    open_films(&o);
    rec_emb_condition c = genre(&o, REC_EMB_LACKS, "drama");
    check_text(&o, &c, "not genre: drama");
    c = (rec_emb_condition){.kind = REC_EMB_PRICE, .low = 5, .high = INFINITY};
    check_text(&o, &c, "price more than 5");
    c.high = 9.5;
    check_text(&o, &c, "price between 5 and 9.5");
    c = (rec_emb_condition){.kind = REC_EMB_DATE, .low = -INFINITY};
    c.high = (double)rec_date_seconds(1996, 1, 1);
    check_text(&o, &c, "release date before 1996");
    c = (rec_emb_condition){.kind = REC_EMB_DATE, .high = INFINITY, .by_month = true};
    c.low = (double)rec_date_seconds(1995, 4, 1);
    check_text(&o, &c, "release date after March 1995");
    rec_emb_span(&c.low, &c.high, o.x.date[0], false, 0);
    c.by_month = false;
    check_text(&o, &c, "release date in 1995");
    c = (rec_emb_condition){.kind = REC_EMB_TITLED, .value = 0};
    check_text(&o, &c, "title: Heat");
    rec_emb_items_deinit(&o.x);
}
END_TEST

START_TEST(sets_are_equal_in_any_order)
{
    rec_emb_condition a = {.kind = REC_EMB_HAS, .value = 3},
                      b = {.kind = REC_EMB_LACKS, .value = 4};
    rec_emb_condition ab[] = {a, b}, ba[] = {b, a}, aa[] = {a, a};
    ck_assert(rec_emb_conditions_hash(ab, 2) == rec_emb_conditions_hash(ba, 2));
    ck_assert(rec_emb_conditions_hash(ab, 2) != rec_emb_conditions_hash(aa, 2));
    ck_assert(rec_emb_conditions_hash(ab, 2) != rec_emb_conditions_hash(ab, 1));
}
END_TEST

/* Casino, November 1995, of which only the year is known: in the year, not in the month. */
START_TEST(years_answer_no_question_about_months)
{
    films f;
    rec_emb_items x;
    rec_column columns[6];
    char *precision[N_FILMS] = {"day", "year"};
    rec_emb_condition c = {.kind = REC_EMB_DATE};
    films_init(&f);
    memcpy(columns, f.columns, sizeof f.columns);
    columns[5] =
        (rec_column){.name = "released_precision", .type = REC_COLUMN_TEXT, .text = precision};
    f.catalogue.columns = columns;
    f.catalogue.n_columns = 6;
    ck_assert_ok(rec_emb_items_init(&x, &f.roles, &f.catalogue, err));
    rec_emb_span(&c.low, &c.high, f.date[1], false, 0);
    ck_assert(rec_emb_holds(&x, &c, 0) && rec_emb_holds(&x, &c, 1));
    c.by_month = true;
    rec_emb_span(&c.low, &c.high, f.date[1], true, -1);
    c.high = INFINITY; /* after September 1995 */
    ck_assert(rec_emb_holds(&x, &c, 0) && !rec_emb_holds(&x, &c, 1));
    ck_assert(rec_emb_knows_month(&x, 0) && !rec_emb_knows_month(&x, 1));
    ck_assert_ptr_nonnull(strstr(x.texts[0], "release date: December 1995"));
    ck_assert_ptr_nonnull(strstr(x.texts[1], "release date: 1995"));
    rec_emb_items_deinit(&x);
}
END_TEST

REC_SUITE("models/reclm_emb/condition", tcase_add_test(t, items_satisfy_by_hand);
          tcase_add_test(t, years_answer_no_question_about_months);
          tcase_add_test(t, conditions_read_well); tcase_add_test(t, sets_are_equal_in_any_order);)
