#include "harness/run/plan.h"

#include "tests/harness/run/small.h"

/* The steps of a config over the small data. */
typedef struct planned {
    rec_config *config;
    rec_dataset *dataset;
    rec_plan plan;
} planned;

static void plan(planned *p, const char *rest)
{
    p->config = small_config(rest);
    ck_assert_ok(rec_dataset_load(&p->dataset, p->config->dataset, 1, err));
    ck_assert_ok(rec_plan_init(&p->plan, p->config, p->dataset, NULL, err));
}

static void drop(planned *p)
{
    rec_plan_deinit(&p->plan);
    rec_dataset_free(p->dataset);
    rec_config_free(p->config);
}

static const rec_step *step(const planned *p, const char *name)
{
    for (size_t i = 0; i < p->plan.n; i++)
        if (strcmp(p->plan.steps[i].name, name) == 0)
            return &p->plan.steps[i];
    ck_abort_msg("no step is named %s", name);
    return NULL;
}

#define TWO                                                                                        \
    "seeds: [1, 2]\nsystems: [{type: random}, {type: ease, lambda: %s}]\n"                         \
    "tasks: [{type: retrieval, k: %s}, {type: ranking, candidates: 2}]\n"

START_TEST(what_draws_runs_per_seed)
{
    planned p;
    char text[512];
    snprintf(text, sizeof text, TWO, "5", "1");
    plan(&p, text);
    /* random: 2 fits with 2 tasks each; ease: 1 fit, retrieval once, ranking per seed */
    ck_assert_uint_eq(p.plan.n, 2 * 3 + 1 + 1 + 2);
    ck_assert_uint_eq(step(&p, "ask ease: ranking (seed 2)")->seed, 2);
    ck_assert_str_ne(step(&p, "fit random (seed 1)")->key, step(&p, "fit random (seed 2)")->key);
    const rec_step *ask = step(&p, "ask random: retrieval (seed 2)");
    ck_assert_str_eq(p.plan.steps[ask->fit].name, "fit random (seed 2)");
    drop(&p);
}
END_TEST

START_TEST(keys_follow_what_they_depend_on)
{
    planned a, lambda, k;
    char text[512];
    snprintf(text, sizeof text, TWO, "5", "1");
    plan(&a, text);
    snprintf(text, sizeof text, TWO, "6", "1");
    plan(&lambda, text);
    snprintf(text, sizeof text, TWO, "5", "[1, 2]");
    plan(&k, text);
    ck_assert_str_ne(step(&a, "fit ease")->key, step(&lambda, "fit ease")->key);
    ck_assert_str_ne(step(&a, "ask ease: retrieval")->key,
                     step(&lambda, "ask ease: retrieval")->key);
    ck_assert_str_eq(step(&a, "fit random (seed 1)")->key,
                     step(&lambda, "fit random (seed 1)")->key);
    ck_assert_str_eq(step(&a, "fit ease")->key, step(&k, "fit ease")->key);
    ck_assert_str_ne(step(&a, "ask ease: retrieval")->key, step(&k, "ask ease: retrieval")->key);
    ck_assert_str_eq(step(&a, "ask ease: ranking (seed 1)")->key,
                     step(&k, "ask ease: ranking (seed 1)")->key);
    drop(&a);
    drop(&lambda);
    drop(&k);
}
END_TEST

START_TEST(keys_follow_the_data)
{
    planned before, after;
    plan(&before, "systems: [{type: pop}]\ntasks: [{type: retrieval}]\n");
    static const char text[] = "1 a b c d\n2 a b d e\n3 a c e b\n4 b d a f\n"; /* a and f swapped */
    test_write("small.txt", text, sizeof text - 1);
    test_write("negatives.txt", "1 e\n", 4);
    plan(&after, "systems: [{type: pop}]\ntasks: [{type: retrieval}]\n");
    ck_assert_str_ne(step(&before, "fit pop")->key, step(&after, "fit pop")->key);
    drop(&before);
    drop(&after);
}
END_TEST

START_TEST(parts_of_a_key_do_not_run_together)
{
    char a[REC_SHA256_HEX], b[REC_SHA256_HEX];
    ck_assert_ok(rec_step_key(a, (const char *const[]){"ab", "c"}, 2, err));
    ck_assert_ok(rec_step_key(b, (const char *const[]){"a", "bc"}, 2, err));
    ck_assert_str_ne(a, b);
}
END_TEST

START_TEST(pairs_that_do_not_match)
{
    rec_task talking = {.name = "talking", .needs = REC_CAN_RESPOND | REC_CAN_SCORE};
    rec_task_entry entry = {.name = (char *)"t", .type = &talking};
    rec_system_type type;
    char reason[64];
    ck_assert(rec_system_type_find(&type, "pop"));
    ck_assert_str_eq(rec_not_applicable(reason, sizeof reason, &entry, &type),
                     "pop cannot respond");
    talking.needs = REC_CAN_SCORE;
    ck_assert_ptr_null(rec_not_applicable(reason, sizeof reason, &entry, &type));
    ck_assert(rec_system_type_find(&type, "ideal"));
    ck_assert_ptr_nonnull(
        strstr(rec_not_applicable(reason, sizeof reason, &entry, &type), "known answers"));
    talking.has_ideal = true;
    ck_assert_ptr_null(rec_not_applicable(reason, sizeof reason, &entry, &type));
}
END_TEST

REC_SUITE("harness/run/plan", tcase_add_checked_fixture(t, small_data, test_folder_remove);
          tcase_add_test(t, what_draws_runs_per_seed);
          tcase_add_test(t, keys_follow_what_they_depend_on);
          tcase_add_test(t, keys_follow_the_data);
          tcase_add_test(t, parts_of_a_key_do_not_run_together);
          tcase_add_test(t, pairs_that_do_not_match);)
