/* No type refers to other systems yet: entries of a made-up type stand in for those that will. */
#include "harness/run/references.h"

#include <string.h>

#include "tests/suite.h"

typedef struct follower {
    char *teacher, *lm;
} follower;

static const rec_option options[] = {
    {"teacher", "another system", offsetof(follower, teacher), REC_OPT_REFERENCE,
     .refers_to = "system", .needs = REC_CAN_SCORE},
    {"lm", "a language model", offsetof(follower, lm), REC_OPT_REFERENCE, .refers_to = "lm",
     .needs = REC_LM_TRAINS},
    {.key = NULL},
};

static const void *values_of(const void *self)
{
    return self;
}

static const rec_system_kind kind = {.name = "test", .option_values = values_of};

/* A config of n followers, as reading one would have left it. */
typedef struct made {
    rec_config config;
    rec_yaml *tree, *lms;
    rec_system systems[4];
    follower values[4];
    rec_system_entry entries[4];
} made;

static void make_able(made *m, const char *text, const char *lms, unsigned can)
{
    memset(m, 0, sizeof *m);
    ck_assert_ok(rec_yaml_parse(&m->tree, text, strlen(text), "t.yaml", err));
    if (lms != NULL)
        ck_assert_ok(rec_yaml_parse(&m->lms, lms, strlen(lms), "t.yaml", err));
    ck_assert_ok(rec_lm_pool_new(&m->config.lms, m->lms, err));
    m->config.systems = m->entries;
    m->config.n_systems = m->tree->n;
    m->config.tree.root = m->tree;
    for (size_t i = 0; i < m->tree->n; i++) {
        static const char *const ignore[] = {"name", NULL};
        const rec_yaml *map = m->tree->items[i];
        ck_assert_ok(rec_options_parse(&m->values[i], options, map, ignore, err));
        m->systems[i] = (rec_system){
            .type = {.kind = &kind, .name = "follower", .can = can, .options = options},
            .self = &m->values[i]};
        m->entries[i] = (rec_system_entry){
            .name = rec_yaml_get(map, "name")->text, .map = map, .prototype = &m->systems[i]};
    }
}

static void make(made *m, const char *text, const char *lms)
{
    make_able(m, text, lms, REC_CAN_SCORE);
}

static void drop(made *m)
{
    for (size_t i = 0; i < m->tree->n; i++) {
        rec_options_deinit(&m->values[i], options);
        free(m->entries[i].uses);
    }
    free(m->config.order);
    rec_lm_pool_free(m->config.lms);
    rec_yaml_free(m->tree);
    rec_yaml_free(m->lms);
}

START_TEST(each_after_what_it_uses)
{
    made m;
    make(&m, "[{name: c, teacher: b}, {name: b, teacher: a}, {name: a}]", NULL);
    ck_assert_ok(rec_resolve_references(&m.config, err));
    ck_assert_uint_eq(m.config.order[0], 2);
    ck_assert_uint_eq(m.config.order[1], 1);
    ck_assert_uint_eq(m.config.order[2], 0);
    ck_assert_uint_eq(m.entries[0].uses[0], 1);
    drop(&m);
}
END_TEST

START_TEST(references_to_nothing)
{
    made m;
    make(&m, "[{name: sasrec}, {name: b, teacher: sasrc}]", NULL);
    ck_assert_fails(rec_resolve_references(&m.config, err), REC_ERR_CONFIG,
                    "t.yaml:1:37: teacher: no system is named \"sasrc\", did you mean \"sasrec\"?");
    drop(&m);
    make(&m, "[{name: b, lm: smoll}]", "{smol: {backend: local, path: here}}");
    ck_assert_fails(rec_resolve_references(&m.config, err), REC_ERR_CONFIG,
                    "lm: no lm is named \"smoll\", did you mean \"smol\"?");
    drop(&m);
}
END_TEST

START_TEST(references_to_what_cannot_do_it)
{
    made m;
    make(&m, "[{name: b, lm: smol}]", "{smol: {backend: local, path: here}}");
    ck_assert_ok(rec_resolve_references(&m.config, err));
    drop(&m);
    make(&m, "[{name: b, lm: rule}]", "{rule: {backend: scripted}}");
    ck_assert_fails(
        rec_resolve_references(&m.config, err), REC_ERR_CONFIG,
        "t.yaml:1:16: lm: \"rule\" (backend: scripted) lacks: train (it has: generate); "
        "needed is `backend: local`");
    drop(&m);
    make_able(&m, "[{name: chat}, {name: b, teacher: chat}]", NULL, REC_CAN_RESPOND);
    ck_assert_fails(rec_resolve_references(&m.config, err), REC_ERR_CONFIG,
                    "t.yaml:1:35: teacher: \"chat\" (type: follower) cannot: score");
    drop(&m);
}
END_TEST

START_TEST(circles)
{
    made m;
    make(&m, "[{name: a, teacher: b}, {name: b, teacher: c}, {name: c, teacher: b}]", NULL);
    ck_assert_fails(rec_resolve_references(&m.config, err), REC_ERR_CONFIG,
                    "in a circle: b -> c -> b");
    drop(&m);
    make(&m, "[{name: a, teacher: a}]", NULL);
    ck_assert_fails(rec_resolve_references(&m.config, err), REC_ERR_CONFIG, "in a circle: a -> a");
    drop(&m);
}
END_TEST

REC_SUITE("harness/run/references", tcase_add_test(t, each_after_what_it_uses);
          tcase_add_test(t, references_to_nothing);
          tcase_add_test(t, references_to_what_cannot_do_it); tcase_add_test(t, circles);)
