#include "models/reclm_emb/original/original.h"

#include "tests/models/reclm_emb/films.h"

/* 400 users, 150 items with everything; every row that the original would make, but 4,000 exclusions. */
typedef struct made {
    rec_dataset *d;
    rec_emb_data_options o;
    rec_emb_corpus c;
    rec_emb_original_facts facts;
    size_t n[REC_EMB_N_PARTS][REC_EMB_N_TASKS];
} made;

static made m;

static void setup(void)
{
    m.d = load_data("{type: synth, users: 400, items: 150, mean_length: 10}");
    read_options(&m.o, "{compat: original, " SYNTH_ROLES ", train_rows: 4000, test_rows: 1000000}");
    make_corpus(&m.c, &m.o, m.d);
    ck_assert_ok(rec_emb_original_facts_init(&m.facts, &m.c.items, &m.d->interactions, err));
    memset(m.n, 0, sizeof m.n);
    for (size_t i = 0; i < m.c.rows.n; i++)
        m.n[m.c.rows.rows[i].part][m.c.rows.rows[i].task]++;
}

static void teardown(void)
{
    rec_emb_original_facts_deinit(&m.facts);
    rec_emb_corpus_deinit(&m.c);
    rec_options_deinit(&m.o, rec_emb_data_option_table);
    rec_dataset_free(m.d);
}

/* Tests after the filter and what it dropped. */
static size_t n_asked(size_t task)
{
    return m.n[REC_EMB_TEST][task] + m.c.n_repeated[REC_EMB_TEST][task];
}

static size_t length_of(uint32_t user)
{
    return m.d->interactions.start[user + 1] - m.d->interactions.start[user];
}

/* The table of counts in the original's own terms: N items, U users. */
START_TEST(as_many_rows_as_the_original_has)
{
    const rec_emb_items *x = &m.c.items;
    size_t n_users = 0, n_long = 0, n_with_neighbours = 0, n_priced = 0, n = x->n;
    for (uint32_t u = 0; u < m.d->n_users; u++) {
        n_users += length_of(u) > 1;
        n_long += length_of(u) > 2;
    }
    for (size_t i = 0; i < n; i++) {
        n_with_neighbours += m.facts.neighbours.start[i + 1] > m.facts.neighbours.start[i];
        n_priced += x->price[i] > 0.0 && !isnan(x->date[i]);
    }
    ck_assert_uint_eq(m.n[REC_EMB_DEV][REC_EMB_TASK_uh2i], 0);
    ck_assert_uint_eq(n_asked(REC_EMB_TASK_uh2i), n_users);
    ck_assert_uint_eq(m.n[REC_EMB_TRAIN][REC_EMB_TASK_fa2i] + m.n[REC_EMB_TRAIN][REC_EMB_TASK_sa2i],
                      3 * n);
    ck_assert_uint_eq(n_asked(REC_EMB_TASK_fa2i), 3 * n);
    ck_assert_uint_eq(n_asked(REC_EMB_TASK_sa2i), 3 * n);
    ck_assert_uint_eq(n_asked(REC_EMB_TASK_title), n);
    ck_assert_uint_eq(n_asked(REC_EMB_TASK_i2i), 2 * n_with_neighbours);
    ck_assert_uint_ge(m.n[REC_EMB_TRAIN][REC_EMB_TASK_nm2i], 2 * n);
    ck_assert_uint_ge(n_asked(REC_EMB_TASK_nm2i), n);
    ck_assert_uint_ge(m.n[REC_EMB_TRAIN][REC_EMB_TASK_uq2i], n_long);
    ck_assert_uint_ge(n_asked(REC_EMB_TASK_uq2i), n_users);
    ck_assert_uint_le(m.n[REC_EMB_TRAIN][REC_EMB_TASK_vc2i], n_priced);
    ck_assert_uint_le(n_asked(REC_EMB_TASK_vc2i), 3 * n_priced);
    ck_assert_uint_gt(n_asked(REC_EMB_TASK_vc2i), 2 * n_priced);
    ck_assert_uint_eq(m.n[REC_EMB_TRAIN][REC_EMB_TASK_rel2i], 4 * (n / 20));
    ck_assert_uint_eq(n_asked(REC_EMB_TASK_rel2i), 8 * (n / 20));
    ck_assert_uint_eq(m.n[REC_EMB_TRAIN][REC_EMB_TASK_na2i], 4000); /* of 30,000: the option */
    ck_assert_uint_le(n_asked(REC_EMB_TASK_na2i), 7000);
    ck_assert_uint_gt(n_asked(REC_EMB_TASK_na2i), 6000);
}
END_TEST

static bool is_among(const uint32_t *items, size_t n, uint32_t item)
{
    for (size_t i = 0; i < n; i++)
        if (items[i] == item)
            return true;
    return false;
}

/* Tests ask for the last item, after all before it; training never does. */
START_TEST(last_items_are_for_tests)
{
    for (size_t i = 0; i < m.c.rows.n; i++) {
        const rec_emb_row *row = &m.c.rows.rows[i];
        if (row->user == REC_NO_USER)
            continue;
        const uint32_t *items = m.d->interactions.item + m.d->interactions.start[row->user];
        size_t n = length_of(row->user), at = row->n_excluded;
        ck_assert_uint_lt(at, n);
        ck_assert_uint_eq(items[at], row->item);
        ck_assert_mem_eq(items, row->excluded, at * sizeof *items);
        ck_assert_uint_eq(row->n_history, at < 20 ? at : 20);
        ck_assert(row->part == REC_EMB_TEST ? at == n - 1 : at < n - 1);
        ck_assert(row->part == REC_EMB_TRAIN || row->task != REC_EMB_TASK_uq2i ||
                  row->answers[0] == items[n - 1]);
        if (row->part == REC_EMB_TRAIN && row->task == REC_EMB_TASK_uq2i)
            ck_assert_uint_eq(at, n - 2);
        for (size_t k = 0; k < row->n_negatives && row->task == REC_EMB_TASK_uh2i; k++)
            ck_assert(!is_among(items, n, row->negatives[k]));
    }
}
END_TEST

/* What is wrong by the rule of each task; seven of them, four to seven where the original has so. */
START_TEST(negatives_are_wrong_and_enough)
{
    const rec_emb_items *x = &m.c.items;
    for (size_t i = 0; i < m.c.rows.n; i++) {
        const rec_emb_row *row = &m.c.rows.rows[i];
        bool by_conditions = row->task == REC_EMB_TASK_fa2i || row->task == REC_EMB_TASK_sa2i ||
                             row->task == REC_EMB_TASK_vc2i || row->task == REC_EMB_TASK_na2i ||
                             row->task == REC_EMB_TASK_nm2i || row->task == REC_EMB_TASK_title;
        bool may_be_few = row->task == REC_EMB_TASK_vc2i || row->task == REC_EMB_TASK_na2i;
        if (row->part != REC_EMB_TRAIN)
            continue;
        ck_assert_uint_ge(row->n_negatives, may_be_few ? 4 : 7);
        ck_assert_uint_le(row->n_negatives, 7);
        for (size_t k = 0; k < row->n_negatives; k++) {
            if (by_conditions)
                ck_assert(
                    !rec_emb_all_hold(x, row->conditions, row->n_conditions, row->negatives[k]));
            ck_assert(!is_among(row->positives, row->n_positives, row->negatives[k]));
            ck_assert(!rec_emb_row_accepts(row, x, row->negatives[k]));
        }
        ck_assert_uint_eq(row->n_positives, row->task == REC_EMB_TASK_na2i ? 2 : 1);
    }
}
END_TEST

/* The flaw of the released code: what is trained is asked for again. */
START_TEST(similar_items_are_the_same_in_training_and_tests)
{
    size_t n = 0;
    for (size_t i = 0; i < m.c.rows.n; i++) {
        const rec_emb_row *row = &m.c.rows.rows[i];
        if (row->task != REC_EMB_TASK_i2i)
            continue;
        const rec_emb_neighbours *x = &m.facts.neighbours;
        const uint32_t *similar = x->item + x->start[row->item];
        size_t n_similar = x->start[row->item + 1] - x->start[row->item];
        if (row->part == REC_EMB_TRAIN) {
            ck_assert(is_among(similar, n_similar, row->positives[0]));
        } else {
            ck_assert_uint_eq(row->n_answers, n_similar);
            for (size_t k = 0; k < n_similar; k++)
                ck_assert(is_among(row->answers, n_similar, similar[k]));
        }
        ck_assert_uint_eq(row->excluded[0], row->item);
        n++;
    }
    ck_assert_uint_gt(n, 0);
}
END_TEST

/* Tests of NA2I: everything that has none of the values. */
START_TEST(exclusions_are_answered_by_the_rest)
{
    const rec_emb_items *x = &m.c.items;
    for (size_t i = 0; i < m.c.rows.n; i++) {
        const rec_emb_row *row = &m.c.rows.rows[i];
        if (row->part != REC_EMB_TEST || row->task != REC_EMB_TASK_na2i)
            continue;
        ck_assert_uint_eq(row->n_answers,
                          rec_emb_satisfying(NULL, x, row->conditions, row->n_conditions));
        for (size_t k = 0; k < row->n_conditions; k++)
            ck_assert_int_eq(row->conditions[k].kind, REC_EMB_LACKS);
    }
}
END_TEST

/* Templates of training are templates of tests, too, in proportion to their number. */
START_TEST(tests_draw_among_all_templates)
{
    double n_train = (double)rec_emb_wording_count(m.c.wording, REC_EMB_PHRASE_WISH, REC_EMB_TRAIN);
    double n_test = (double)rec_emb_wording_count(m.c.wording, REC_EMB_PHRASE_WISH, REC_EMB_TEST);
    double share = n_train / (n_train + n_test), n = 0.0, n_seen = 0.0;
    for (size_t i = 0; i < m.c.rows.n; i++) {
        const rec_emb_row *row = &m.c.rows.rows[i];
        bool has_history = strstr(row->bare, " | after: ") != NULL; /* not gpt_summary_query */
        if (row->part != REC_EMB_TEST || row->task != REC_EMB_TASK_uq2i || !has_history)
            continue;
        n++;
        n_seen += row->seen_wording;
    }
    ck_assert_double_le(fabs(n_seen / n - share), 3.0 * sqrt(share * (1.0 - share) / n));
}
END_TEST

/* The twentieth of the catalogue that nothing beats. */
START_TEST(relative_sets_are_at_the_ends)
{
    const rec_emb_items *x = &m.c.items;
    const rec_emb_original_facts *f = &m.facts;
    for (size_t k = 0; k < f->relatives.n[REC_EMB_CHEAP]; k++)
        for (uint32_t i = 0; i < x->n; i++) {
            uint32_t cheap = f->relatives.items[REC_EMB_CHEAP][k],
                     dear = f->relatives.items[REC_EMB_EXPENSIVE][k],
                     recent = f->relatives.items[REC_EMB_RECENT][k];
            if (!is_among(f->relatives.items[REC_EMB_CHEAP], x->n / 20, i))
                ck_assert(isnan(x->price[i]) || x->price[i] >= x->price[cheap]);
            if (!is_among(f->relatives.items[REC_EMB_EXPENSIVE], x->n / 20, i))
                ck_assert(isnan(x->price[i]) || x->price[i] <= x->price[dear]);
            if (!is_among(f->relatives.items[REC_EMB_RECENT], x->n / 20, i))
                ck_assert(isnan(x->date[i]) || x->date[i] <= x->date[recent]);
        }
    for (size_t i = 0; i < m.c.rows.n; i++) {
        const rec_emb_row *row = &m.c.rows.rows[i];
        if (row->task == REC_EMB_TASK_rel2i && row->part == REC_EMB_TEST) {
            ck_assert_uint_eq(row->n_answers, x->n / 20);
            ck_assert(is_among(row->answers, row->n_answers, row->item));
        }
    }
}
END_TEST

START_TEST(the_same_seed_makes_the_same_rows)
{
    rec_emb_corpus again;
    make_corpus(&again, &m.o, m.d);
    ck_assert_uint_eq(again.rows.n, m.c.rows.n);
    for (size_t i = 0; i < m.c.rows.n; i++)
        ck_assert_str_eq(again.rows.rows[i].query, m.c.rows.rows[i].query);
    rec_emb_corpus_deinit(&again);
}
END_TEST

/* A task's test rows do not depend on which other tasks are asked for. */
START_TEST(one_task_alone_has_the_same_tests)
{
    rec_emb_corpus one;
    rec_emb_corpus_plan plan = {.parts = {true, false, true}};
    size_t at = 0;
    plan.tasks[REC_EMB_TASK_uq2i] = true;
    ck_assert_ok(rec_emb_corpus_init(&one, &m.o, m.d, &plan, err));
    for (size_t i = 0; i < m.c.rows.n; i++) {
        const rec_emb_row *row = &m.c.rows.rows[i];
        if (row->part != REC_EMB_TEST || row->task != REC_EMB_TASK_uq2i)
            continue;
        while (one.rows.rows[at].part != REC_EMB_TEST)
            at++;
        ck_assert_str_eq(one.rows.rows[at++].query, row->query);
    }
    ck_assert_uint_eq(at, one.rows.n);
    rec_emb_corpus_deinit(&one);
}
END_TEST

/* What crashes the original or never ends: titles alone, users of one item, equal prices, one film. */
START_TEST(small_catalogues_end)
{
    films f;
    rec_emb_corpus c;
    rec_emb_data_options o;
    char *user_ids[] = {"1", "2"};
    size_t start[] = {0, 1, 6};
    uint32_t items[] = {3, 0, 1, 2, 4, 5};
    films_init(&f);
    rec_dataset d = {
        .n_users = 2,
        .user_ids = user_ids,
        .catalogue = f.catalogue,
        .interactions = {.n_users = 2, .n_items = N_FILMS, .n = 6, .start = start, .item = items}};
    uint8_t part[6] = {0};
    d.part = part;
    read_options(&o, "{compat: original, roles: {words: [made_by]}}");
    for (int i = 0; i < 3; i++) {
        make_corpus(&c, &o, &d);
        ck_assert_uint_gt(c.rows.n, 0);
        rec_emb_corpus_deinit(&c);
        if (i == 0)
            for (size_t k = 0; k < N_FILMS; k++)
                f.price[k] = 5.5; /* all alike */
        else
            d.catalogue.n_columns = 1; /* genres alone */
        o.roles.words.n = i == 0 ? o.roles.words.n : 0;
    }
    o.roles.words.n = 1;
    rec_options_deinit(&o, rec_emb_data_option_table);
}
END_TEST

REC_SUITE("models/reclm_emb/original/generate", tcase_add_unchecked_fixture(t, setup, teardown);
          tcase_add_test(t, as_many_rows_as_the_original_has);
          tcase_add_test(t, last_items_are_for_tests);
          tcase_add_test(t, negatives_are_wrong_and_enough);
          tcase_add_test(t, similar_items_are_the_same_in_training_and_tests);
          tcase_add_test(t, exclusions_are_answered_by_the_rest);
          tcase_add_test(t, tests_draw_among_all_templates);
          tcase_add_test(t, relative_sets_are_at_the_ends);
          tcase_add_test(t, the_same_seed_makes_the_same_rows);
          tcase_add_test(t, one_task_alone_has_the_same_tests);
          tcase_add_test(t, small_catalogues_end);)
