/* Probabilities of the original's generators: every count within three standard errors of what its rule
 * says, over a fixed catalogue. Expectations are in closed form, from the catalogue and the rules alone. */
#include <math.h>
#include <stdlib.h>

#include "models/reclm_emb/original/original.h"
#include "tests/models/reclm_emb/films.h"

typedef struct made {
    rec_dataset *d;
    rec_emb_data_options o;
    rec_emb_corpus c;
    rec_emb_original_facts facts;
} made;

/* Training rows without tests; tests without training, so that no filter drops any. */
static made train, test;

static void make(made *m, int64_t train_rows, bool with_tests)
{
    rec_emb_corpus_plan plan = {.parts = {true, false, with_tests}};
    for (size_t t = 0; t < REC_EMB_N_TASKS; t++)
        plan.tasks[t] = true;
    m->d = load_data("{type: synth, users: 2500, items: 600, mean_length: 10}");
    read_options(&m->o, "{compat: original, " SYNTH_ROLES ", test_rows: 1000000}");
    m->o.train_rows = train_rows;
    ck_assert_ok(rec_emb_corpus_init(&m->c, &m->o, m->d, &plan, err));
    ck_assert_ok(rec_emb_original_facts_init(&m->facts, &m->c.items, &m->d->interactions, err));
}

static void unmake(made *m)
{
    rec_emb_original_facts_deinit(&m->facts);
    rec_emb_corpus_deinit(&m->c);
    rec_options_deinit(&m->o, rec_emb_data_option_table);
    rec_dataset_free(m->d);
}

static void setup(void)
{
    make(&train, 1000000, false);
    make(&test, 0, true);
}

static void teardown(void)
{
    unmake(&train);
    unmake(&test);
}

/* A sum of independent draws against its expectation and variance. */
typedef struct tally {
    double found, expected, variance;
} tally;

static void count(tally *t, bool found, double p)
{
    t->found += found;
    t->expected += p;
    t->variance += p * (1.0 - p);
}

static void check(const tally *t, const char *what)
{
    ck_assert_msg(t->variance > 0.0 && fabs(t->found - t->expected) <= 3.0 * sqrt(t->variance),
                  "%s: %g, expected %g +- %g", what, t->found, t->expected, sqrt(t->variance));
}

/* The next row of a task from *at on, or NULL. */
static const rec_emb_row *next_row(size_t *at, const made *m, size_t task)
{
    while (*at < m->c.rows.n) {
        const rec_emb_row *row = &m->c.rows.rows[(*at)++];
        if (row->task == task)
            return row;
    }
    return NULL;
}

static size_t length_of(const made *m, uint32_t user)
{
    return m->d->interactions.start[user + 1] - m->d->interactions.start[user];
}

static bool has_condition(const rec_emb_row *row, rec_emb_condition_kind kind)
{
    for (size_t i = 0; i < row->n_conditions; i++)
        if (row->conditions[i].kind == kind)
            return true;
    return false;
}

/* ---- users ---- */

START_TEST(places_in_histories)
{
    tally kept = {0}, bare = {0};
    const rec_emb_row *row;
    for (uint32_t u = 0; u < train.d->n_users; u++)
        for (size_t t = 1; t + 1 < length_of(&train, u); t++)
            count(&kept, false, fmin(1.0, 2.0 / ((double)length_of(&train, u) - 1.0)));
    for (size_t at = 0; (row = next_row(&at, &train, REC_EMB_TASK_uh2i)) != NULL;) {
        kept.found++;
        count(&bare, row->template_index == REC_EMB_BARE, 0.5);
    }
    check(&kept, "uh2i rows");
    check(&bare, "uh2i without template");
}
END_TEST

/* Things that a full wish may be made of, without the title. */
static double n_parts(const made *m, uint32_t item)
{
    const rec_emb_items *x = &m->c.items;
    double n = 0.0;
    for (size_t a = 0; a < x->n_attributes; a++)
        n += x->attributes[a].start[item + 1] > x->attributes[a].start[item];
    n += !isnan(x->price[item]) + !isnan(x->date[item]);
    return n + (x->description->text[item] != NULL);
}

/* That one of n parts is among 1 to min(most, n), drawn without replacement. */
static double chance_of_part(double n, double most)
{
    return n > 0.0 ? (1.0 + fmin(most, n)) / 2.0 / n : 0.0;
}

/* 0.6 full wishes of at most four conditions, the title in the pool of half of them. */
START_TEST(wishes_of_users)
{
    tally titled = {0}, described = {0};
    const rec_emb_row *row;
    for (size_t at = 0; (row = next_row(&at, &test, REC_EMB_TASK_uq2i)) != NULL;) {
        double n = n_parts(&test, row->item);
        bool is_written = strstr(row->bare, " | after: ") == NULL; /* by the writer: other rates */
        if (is_written)
            continue;
        count(&titled, has_condition(row, REC_EMB_TITLED),
              0.6 * 0.5 * chance_of_part(n + 1.0, 4.0));
        if (test.c.items.description->text[row->item] != NULL)
            count(&described, has_condition(row, REC_EMB_DESCRIBED),
                  0.6 * (0.5 * chance_of_part(n + 1.0, 4.0) + 0.5 * chance_of_part(n, 4.0)));
    }
    check(&titled, "uq2i with the title");
    check(&described, "uq2i with the description");
}
END_TEST

/* ---- items by what they are ---- */

START_TEST(full_and_sparse_wishes)
{
    tally full = {0}, titled = {0}, described = {0}, keys = {0};
    const rec_emb_row *row;
    for (size_t i = 0; i < train.c.rows.n; i++) {
        row = &train.c.rows.rows[i];
        if (row->task == REC_EMB_TASK_fa2i || row->task == REC_EMB_TASK_sa2i)
            count(&full, row->task == REC_EMB_TASK_fa2i, 0.6);
    }
    for (size_t at = 0; (row = next_row(&at, &test, REC_EMB_TASK_fa2i)) != NULL;) {
        double n = n_parts(&test, row->item);
        count(&titled, has_condition(row, REC_EMB_TITLED), 0.5 * chance_of_part(n + 1.0, INFINITY));
        if (test.c.items.description->text[row->item] != NULL)
            count(&described, has_condition(row, REC_EMB_DESCRIBED),
                  0.5 * chance_of_part(n + 1.0, INFINITY) + 0.5 * chance_of_part(n, INFINITY));
        count(&keys, strstr(row->bare, ": ") != NULL, 0.5);
    }
    check(&full, "full wishes");
    check(&titled, "fa2i with the title");
    check(&described, "fa2i with the description");
    check(&keys, "fa2i with keys");
}
END_TEST

/* One to three of the parts without description, one or two values of a list. */
START_TEST(sparse_wishes)
{
    tally priced = {0}, two_tags = {0};
    const rec_emb_row *row;
    const rec_emb_items *x = &test.c.items;
    for (size_t at = 0; (row = next_row(&at, &test, REC_EMB_TASK_sa2i)) != NULL;) {
        double n = n_parts(&test, row->item) - (x->description->text[row->item] != NULL);
        size_t n_tags = 0;
        const size_t *start = x->attributes[0].start + row->item; /* tags */
        ck_assert(!has_condition(row, REC_EMB_TITLED) && !has_condition(row, REC_EMB_DESCRIBED));
        if (!isnan(x->price[row->item]))
            count(&priced, has_condition(row, REC_EMB_PRICE), chance_of_part(n, 3.0));
        for (size_t i = 0; i < row->n_conditions; i++)
            n_tags += row->conditions[i].kind == REC_EMB_HAS && row->conditions[i].attribute == 0;
        ck_assert_uint_le(n_tags, 2);
        if (n_tags > 0 && start[1] - start[0] > 1)
            count(&two_tags, n_tags == 2, 0.5);
    }
    check(&priced, "sa2i with the price");
    check(&two_tags, "sa2i with two tags");
}
END_TEST

/* ---- items by their titles ---- */

START_TEST(similar_items)
{
    tally kept = {0}, more = {0}, keys = {0};
    const rec_emb_row *row;
    double n_pairs = (double)train.facts.neighbours.start[train.c.items.n];
    kept.expected = 0.12 * n_pairs;
    kept.variance = 0.12 * 0.88 * n_pairs;
    for (size_t at = 0; (row = next_row(&at, &train, REC_EMB_TASK_i2i)) != NULL;) {
        const char *title = rec_emb_title(&train.c.items, row->item);
        bool with_key = strncmp(row->bare, "title: ", 7) == 0;
        kept.found++;
        count(&keys, with_key, 0.5);
        count(&more, strcmp(row->bare + (with_key ? 7 : 0), title) != 0, 0.5);
    }
    check(&kept, "i2i rows");
    check(&keys, "i2i with keys");
    check(&more, "i2i with attributes");
}
END_TEST

START_TEST(titles)
{
    tally kept = {0};
    size_t at = 0;
    for (size_t i = 0; i < train.c.items.n; i++)
        count(&kept, false, 0.4);
    while (next_row(&at, &train, REC_EMB_TASK_title) != NULL)
        kept.found++;
    check(&kept, "title rows");
}
END_TEST

/* A character that is no blank is dropped with probability 0.05 and replaced with 0.05, given that the
 * result differs: with n such characters and D dropped, E D = 0.05 n / q, E D^2 = (0.0475 n + (0.05 n)^2) / q,
 * q = 1 - (0.9 + 0.05 / 94)^n (a character may be replaced by itself). */
START_TEST(misspelt_titles)
{
    tally dropped = {0}, bare = {0};
    const rec_emb_row *row;
    const rec_emb_wording *w = train.c.wording;
    double n_templates = (double)rec_emb_wording_count(w, REC_EMB_PHRASE_TITLE, REC_EMB_TRAIN);
    size_t n_rows = 0;
    for (size_t at = 0;
         n_rows < 2 * train.c.items.n && (row = next_row(&at, &train, REC_EMB_TASK_nm2i)) != NULL;
         n_rows++) { /* the writer's come after them */
        const char *title = rec_emb_title(&train.c.items, row->item);
        double n = 0.0;
        for (const char *c = title; *c != '\0'; c++)
            n += *c != ' ';
        double q = 1.0 - pow(0.9 + 0.05 / 94.0, n), mean = 0.05 * n / q;
        dropped.found += (double)strlen(title) - (double)strlen(row->bare);
        dropped.expected += mean;
        dropped.variance += (0.0475 * n + 0.0025 * n * n) / q - mean * mean;
        count(&bare, row->template_index == REC_EMB_BARE, 0.5 + 0.5 / (n_templates + 1.0));
    }
    ck_assert_uint_eq(n_rows, 2 * train.c.items.n);
    check(&dropped, "nm2i characters dropped");
    check(&bare, "nm2i without template");
}
END_TEST

/* ---- vague and negative conditions ---- */

static const rec_emb_condition *find(const rec_emb_row *row, rec_emb_condition_kind kind)
{
    for (size_t i = 0; i < row->n_conditions; i++)
        if (row->conditions[i].kind == kind)
            return &row->conditions[i];
    return NULL;
}

static void count_price(tally *below, tally *usual, const rec_emb_row *row)
{
    const rec_emb_condition *c = find(row, REC_EMB_PRICE);
    double price = test.c.items.price[row->item], last = floor(test.facts.price_max);
    if (c == NULL)
        return;
    bool is_below = isinf(c->low);
    bool always = price < ceil(test.facts.price_min) + 0.5, never = price >= last - 10.0;
    ck_assert(!always || is_below);
    ck_assert(always || !never || !is_below);
    if (!always && !never)
        count(below, is_below, 0.5);
    if (!is_below || price >= 35.0)
        return;
    double first = ceil(price), near = 35.0 - first + 1.0, all = last - first + 1.0;
    count(usual, c->high <= 35.0, 0.8 + 0.2 * near / all);
}

static void count_date(tally *yearly, tally *within, const rec_emb_row *row)
{
    const rec_emb_condition *c = find(row, REC_EMB_DATE);
    int year, month;
    if (c == NULL)
        return;
    rec_emb_calendar(&year, &month, test.c.items.date[row->item]);
    int n = 1 + (year < test.facts.month_last / 12) + (year > test.facts.month_first / 12);
    count(yearly, !c->by_month, 0.4);
    count(within, !isinf(c->low) && !isinf(c->high), 1.0 / n);
}

START_TEST(bounds)
{
    tally below = {0}, usual = {0}, yearly = {0}, within = {0}, combine[4] = {{0}};
    static const char *const names[] = {"price", "date", "price and date", "date and price"};
    const rec_emb_row *row;
    for (size_t at = 0; (row = next_row(&at, &test, REC_EMB_TASK_vc2i)) != NULL;) {
        bool price_first = row->conditions[0].kind == REC_EMB_PRICE;
        size_t which = (row->n_conditions > 1 ? 2 : 0) + (size_t)!price_first;
        for (size_t i = 0; i < 4; i++)
            count(&combine[i], which == i, 0.25);
        count_price(&below, &usual, row);
        count_date(&yearly, &within, row);
    }
    for (size_t i = 0; i < 4; i++)
        check(&combine[i], names[i]);
    check(&below, "less than");
    check(&usual, "less than at most 35");
    check(&yearly, "years");
    check(&within, "in");
}
END_TEST

/* 0.2: one list; else one or two of three attributes, of which one is a list. */
START_TEST(exclusions)
{
    tally one = {0}, tags = {0}, values[3] = {{0}};
    const rec_emb_row *row;
    size_t n_rows = 0;
    for (size_t at = 0; (row = next_row(&at, &test, REC_EMB_TASK_na2i)) != NULL; n_rows++) {
        size_t n_tags = 0, n_words = 0;
        for (size_t i = 0; i < row->n_conditions; i++) {
            n_tags += row->conditions[i].attribute == 0;
            n_words += row->conditions[i].attribute != 0;
        }
        count(&one, (n_tags > 0) + n_words == 1, 0.2 + 0.8 * 0.5);
        count(&tags, n_tags > 0, 0.2 + 0.8 * (0.5 / 3.0 + 0.5 * 2.0 / 3.0));
        for (size_t i = 0; i < 3 && n_tags > 0; i++)
            count(&values[i], n_tags == i + 1, 1.0 / 3.0);
    }
    ck_assert_uint_eq(n_rows, 7000); /* none is too rare here to be dropped */
    check(&one, "na2i with one attribute");
    check(&tags, "na2i with a list");
    for (size_t i = 0; i < 3; i++)
        check(&values[i], "na2i values of a list");
}
END_TEST

/* ---- what the writer writes ---- */

START_TEST(written_texts)
{
    tally users[2] = {{0}}, misspelt = {0};
    const rec_emb_row *row;
    bool *is_user = calloc(test.d->n_users, 1), *is_item = calloc(test.c.items.n, 1);
    size_t n = 0;
    for (uint32_t u = 0; u < test.d->n_users; u++)
        for (int p = 0; p < 2 && length_of(&test, u) >= 4; p++)
            count(&users[p], false, p == 0 ? 0.008 : 0.007);
    for (size_t at = 0; (row = next_row(&at, &test, REC_EMB_TASK_us2i)) != NULL;)
        users[1].found++;
    for (size_t at = 0; (row = next_row(&at, &train, REC_EMB_TASK_uq2i)) != NULL;) {
        bool is_written = strstr(row->bare, " | after: ") == NULL;
        users[0].found += is_written && !is_user[row->user];
        is_user[row->user] = is_user[row->user] || is_written;
    }
    for (size_t i = 0; i < test.c.items.n; i++)
        count(&misspelt, false, 0.05);
    for (size_t at = 0; (row = next_row(&at, &test, REC_EMB_TASK_nm2i)) != NULL; n++) {
        if (n < test.c.items.n || is_item[row->item])
            continue; /* rules come first, one each */
        is_item[row->item] = true;
        misspelt.found++;
    }
    free(is_user);
    free(is_item);
    check(&users[0], "described users of training");
    check(&users[1], "described users of tests");
    check(&misspelt, "misspelt by the writer");
}
END_TEST

REC_SUITE("models/reclm_emb/original/statistics", tcase_add_unchecked_fixture(t, setup, teardown);
          tcase_add_test(t, places_in_histories); tcase_add_test(t, wishes_of_users);
          tcase_add_test(t, full_and_sparse_wishes); tcase_add_test(t, sparse_wishes);
          tcase_add_test(t, similar_items); tcase_add_test(t, titles);
          tcase_add_test(t, misspelt_titles); tcase_add_test(t, bounds);
          tcase_add_test(t, exclusions); tcase_add_test(t, written_texts);)
