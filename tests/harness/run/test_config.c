#include "harness/run/config.h"

#include <stdlib.h>
#include <string.h>

#include "tests/suite.h"

#define DATA "dataset: {type: synth}\n"
#define SYSTEMS "systems: [{type: pop}, {type: ease}]\n"
#define TASKS "tasks: [{type: retrieval, k: 10, metrics: [ndcg]}]\n"

static rec_status parse(rec_config **out, const char *text, const rec_config_overrides *overrides,
                        rec_error *err)
{
    return rec_config_parse(out, text, strlen(text), "folder/c.yaml", overrides, err);
}

START_TEST(what_a_config_says)
{
    rec_config *c;
    ck_assert_ok(parse(&c,
                       "seeds: [3, 1]\n"
                       "defaults: {samples: 9, fit_on: train_valid}\n" DATA
                       "systems: [{type: pop, fit_on: all}, {name: e, type: ease, lambda: 7}]\n"
                       "tasks: [{type: retrieval}, {name: r20, type: ranking, samples: 2}]\n"
                       "expected: [{system: e, task: r20, metric: ndcg@10, value: .5, tol: .1}]\n",
                       NULL, err));
    ck_assert_str_eq(c->name, "c");
    ck_assert_uint_eq(c->n_seeds, 2);
    ck_assert_uint_eq(c->seeds[0], 3);
    ck_assert_uint_eq(c->n_systems, 2);
    ck_assert_int_eq(c->systems[0].common.fit_on, REC_FIT_ALL);
    ck_assert_int_eq(c->systems[1].common.fit_on, REC_FIT_TRAIN_VALID);
    ck_assert_str_eq(c->systems[1].name, "e");
    ck_assert(c->systems[0].is_default);
    ck_assert(!c->systems[1].is_default);
    ck_assert_str_eq(c->tasks[1].name, "r20");
    ck_assert_uint_eq(c->n_expected, 1);
    char *text = rec_config_text(c, NULL);
    ck_assert_ptr_nonnull(strstr(text, "samples: 9"));
    rec_config *again; /* what is stored is the same config */
    ck_assert_ok(parse(&again, text, NULL, err));
    ck_assert_str_eq(again->hash, c->hash);
    free(text);
    rec_config_free(again);
    rec_config_free(c);
}
END_TEST

static size_t count_of(const char *text, const char *what)
{
    size_t n = 0;
    for (const char *at = strstr(text, what); at != NULL; at = strstr(at + 1, what))
        n++;
    return n;
}

START_TEST(defaults_complete_mappings)
{
    rec_config *c;
    ck_assert_ok(
        parse(&c,
              "defaults: {train: {pairs: 7, tuning: {chunk: 5}}}\n" DATA
              "systems: [{name: a, type: reclm_emb, train: {group: 3}},\n"
              "          {name: b, type: reclm_emb, train: {pairs: 9, tuning: {chunk: 6}}}]\n"
              "tasks: [{type: emb_uh2i}]\n",
              NULL, err));
    char *text = rec_config_text(c, NULL);
    ck_assert_uint_eq(count_of(text, "pairs: 7"), 2); /* of the defaults, of a */
    ck_assert_uint_eq(count_of(text, "pairs: 9"), 1);
    ck_assert_uint_eq(count_of(text, "chunk: 5"), 2);
    ck_assert_uint_eq(count_of(text, "chunk: 6"), 1);
    ck_assert_uint_eq(count_of(text, "group: 3"), 1);
    free(text);
    rec_config_free(c);
}
END_TEST

START_TEST(only_what_changes_figures_is_hashed)
{
    static const char base[] = DATA SYSTEMS TASKS;
    rec_config *a, *b;
    ck_assert_ok(parse(&a, base, NULL, err));
    char *const path[] = {"report.path=/elsewhere.h5"}, *const lambda[] = {"systems.ease.lambda=1"};
    ck_assert_ok(parse(&b, base, &(rec_config_overrides){.sets = path, .n_sets = 1}, err));
    ck_assert_str_eq(a->hash, b->hash);
    rec_config_free(b);
    ck_assert_ok(parse(&b, base, &(rec_config_overrides){.sets = lambda, .n_sets = 1}, err));
    ck_assert_str_ne(a->hash, b->hash);
    rec_config_free(b);
    ck_assert_ok(parse(&b, base, &(rec_config_overrides){.limit = 5}, err));
    ck_assert_str_ne(a->hash, b->hash);
    rec_config_free(b);
    rec_config_free(a);
}
END_TEST

static const struct {
    const char *text, *message;
} bad[] = {
    {SYSTEMS TASKS, "dataset: missing"},
    {DATA TASKS, "systems: missing"},
    {DATA SYSTEMS, "tasks: missing"},
    {"systms: []\n" DATA SYSTEMS TASKS,
     "c.yaml:1:1: systms: unknown key, did you mean \"systems\"?"},
    {"name: a/b\n" DATA SYSTEMS TASKS, "c.yaml:1:7: name \"a/b\""},
    {"seed: 1\nseeds: [1]\n" DATA SYSTEMS TASKS, "c.yaml:2:8: seeds: give either"},
    {"seeds: [1, 1]\n" DATA SYSTEMS TASKS, "seeds: 1 twice"},
    {"seeds: []\n" DATA SYSTEMS TASKS, "seeds: 1 to 1000"},
    {"seed: -1\n" DATA SYSTEMS TASKS, "seed: -1 is out of range"},
    {"dataset: synth\n" SYSTEMS TASKS, "dataset: expected a mapping"},
    {"dataset: {type: snyth}\n" SYSTEMS TASKS, "did you mean \"synth\"?"},
    {"dataset: {type: synth, usres: 3}\n" SYSTEMS TASKS, "c.yaml:1:24: usres: unknown key"},
    {DATA "systems: {type: pop}\n" TASKS, "systems: expected a list"},
    {DATA "systems: []\n" TASKS, "systems: at least one entry"},
    {DATA "systems: [pop]\n" TASKS, "systems: an entry is a mapping"},
    {DATA "systems: [{k: 1}]\n" TASKS, "systems: an entry needs a `type`"},
    {DATA "systems: [{type: pop}, {type: pop}]\n" TASKS, "the name \"pop\" is taken"},
    {DATA "systems: [{type: eese}]\n" TASKS,
     "c.yaml:2:18: type: unknown system \"eese\", did you mean \"ease\"?"},
    {DATA "systems: [{type: ease, lamda: 1}]\n" TASKS, "did you mean \"lambda\"?"},
    {DATA "systems: [{type: ease, lambda: 0}]\n" TASKS, "lambda: 0 is out of range"},
    {DATA "systems: [{type: ease, lambda: high}]\n" TASKS, "lambda: expected a number"},
    {DATA "systems: [{type: ease, fit_on: test}]\n" TASKS, "fit_on: unknown value \"test\""},
    {DATA SYSTEMS "tasks: [{type: retreival}]\n", "did you mean \"retrieval\"?"},
    {DATA SYSTEMS "tasks: [{name: x}]\n", "type: missing"},
    {DATA SYSTEMS "tasks: [{type: retrieval, kk: 1}]\n", "kk: unknown key, did you mean \"k\"?"},
    {DATA SYSTEMS "tasks: [{type: retrieval, k: 0}]\n", "k: 0 is out of range"},
    {DATA SYSTEMS "tasks: [{type: retrieval, metrics: [ndcg, ndgc]}]\n",
     "c.yaml:3:43: metrics: unknown metric \"ndgc\", did you mean \"ndcg\"?"},
    {DATA SYSTEMS "tasks: [{type: ranking, candidates: 1}]\n", "candidates: at least 2"},
    {"defaults: {sampels: 1}\n" DATA SYSTEMS TASKS, "c.yaml:1:12: defaults: no task"},
    {"defaults: 3\n" DATA SYSTEMS TASKS, "defaults: expected a mapping"},
    {"lms: {a: {}}\n" DATA SYSTEMS TASKS, "backend: missing"},
    {"lms: {a: {backend: cloud}}\n" DATA SYSTEMS TASKS, "unknown back end \"cloud\""},
    {"report: {html: maybe}\n" DATA SYSTEMS TASKS, "html: expected true or false"},
    {DATA SYSTEMS TASKS "expected: [{system: x, task: retrieval, metric: ndcg@10, value: 1, "
                        "digits: 4}]\n",
     "no system is named \"x\""},
    {DATA SYSTEMS TASKS "expected: [{system: pop, task: x, metric: ndcg@10, value: 1, digits: "
                        "4}]\n",
     "no task is named \"x\""},
    {DATA SYSTEMS TASKS "expected: [{system: pop, task: retrieval, metric: ndcg@5, value: 1, "
                        "digits: 4}]\n",
     "does not report \"ndcg@5\""},
    {DATA SYSTEMS TASKS "expected: [{system: pop, task: retrieval, metric: ndcg@10, value: 1}]\n",
     "either digits or tol"},
    {DATA SYSTEMS TASKS "expected: [{system: pop, task: retrieval, metric: ndcg@10}]\n",
     "value: missing"},
    {DATA "systems: [{type: pop, tune: {metric: ndcg@10, space: {x: [1]}}}]\n" TASKS,
     "pop has no option \"x\""},
    {DATA "systems: [{type: ease, tune: {metric: ndcg, space: {lambda: [1]}}}]\n" TASKS,
     "a cut-off (ndcg@10)"},
    {DATA "systems: [{type: ease, tune: {metric: ndcg@10}}]\n" TASKS, "space: missing"},
    {DATA "systems: [{type: ease, tune: {metric: ndcg@10, space: {lamda: [1]}}}]\n" TASKS,
     "ease has no option \"lamda\""},
    {DATA "systems: [{type: ease, tune: {metric: ndcg@10, space: {lambda: [1, -1]}}}]\n" TASKS,
     "c.yaml:2:68: lambda: -1 is out of range"},
    {DATA
     "systems: [{type: ease, tune: {metric: ndcg@10, space: {lambda: {min: 2, max: 1}}}}]\n" TASKS,
     "min must be below max"},
    {DATA "systems: [{type: ease, tune: {metric: ndcg@10, strategy: grid, space: {lambda: {min: 1,"
          " max: 2}}}}]\n" TASKS,
     "needs steps"},
    {DATA "systems: [{type: ease, tune: {metric: ndcg@10, strategy: halving, space: {lambda: [1]}}"
          "}]\n" TASKS,
     "resource: halving needs an integer option"},
};

START_TEST(mistakes_have_a_place)
{
    rec_config *c;
    ck_assert_fails(parse(&c, bad[_i].text, NULL, err), REC_ERR_CONFIG, bad[_i].message);
    ck_assert_ptr_null(c);
}
END_TEST

/* A command that uses a part of the config needs no more than that, and knows the other keys. */
START_TEST(parts_of_a_config_have_known_keys)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"dataset: {type: synth}\ndefaults: {data: {seed: 1}, k: [3]}\n", NULL},
        {"dataset: {type: synth}\ndefualts: {data: {seed: 1}}\n",
         "c.yaml:2:1: defualts: unknown key, did you mean \"defaults\"?"},
        {"dataset: {type: synth}\ndefaults: {dta: {seed: 1}}\n",
         "c.yaml:2:12: defaults: no task and no system has an option \"dta\""},
        {"defaults: 3\n", "defaults: expected a mapping"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        rec_yaml *root;
        ck_assert_ok(rec_yaml_parse(&root, cases[i].text, strlen(cases[i].text), "c.yaml", err));
        if (cases[i].message == NULL)
            ck_assert_ok(rec_config_check_keys(root, err));
        else
            ck_assert_fails(rec_config_check_keys(root, err), REC_ERR_CONFIG, cases[i].message);
        rec_yaml_free(root);
    }
}
END_TEST

REC_SUITE("harness/run/config", tcase_add_test(t, what_a_config_says);
          tcase_add_test(t, defaults_complete_mappings);
          tcase_add_test(t, parts_of_a_config_have_known_keys);
          tcase_add_test(t, only_what_changes_figures_is_hashed);
          tcase_add_loop_test(t, mistakes_have_a_place, 0, (int)(sizeof bad / sizeof *bad));)
