#include "harness/judges/judge.h"

#include <string.h>

#include "tests/suite.h"

static rec_preference verdict(const char *name, const char *a, const char *b, uint64_t id)
{
    const rec_judge_case c = {"question", a, b};
    rec_rng rng = rec_rng_keyed(1, "test", id);
    for (size_t i = 0; i < rec_n_judges; i++)
        if (strcmp(rec_judges[i]->name, name) == 0)
            return rec_judges[i]->prefer(&c, &rng);
    ck_abort_msg("no judge %s", name);
}

START_TEST(rules)
{
    ck_assert_int_eq(verdict("first", "", "long", 0), REC_PREFERS_A);
    ck_assert_int_eq(verdict("tie", "", "long", 0), REC_PREFERS_TIE);
    ck_assert_int_eq(verdict("longer", "ab", "a", 0), REC_PREFERS_A);
    ck_assert_int_eq(verdict("longer", "a", "ab", 0), REC_PREFERS_B);
    ck_assert_int_eq(verdict("longer", "a", "b", 0), REC_PREFERS_TIE);
}
END_TEST

/* 3,000 draws over three verdicts: chi-square below 13.8 (p = .001, 2 degrees of freedom). */
START_TEST(random_is_uniform)
{
    size_t counts[4] = {0};
    double chi2 = 0.0;
    for (uint64_t id = 0; id < 3000; id++)
        counts[verdict("random", "a", "b", id)]++;
    ck_assert_uint_eq(counts[REC_PREFERS_NONE], 0);
    for (size_t i = 1; i < 4; i++)
        chi2 += ((double)counts[i] - 1000.0) * ((double)counts[i] - 1000.0) / 1000.0;
    ck_assert_double_lt(chi2, 13.8);
    ck_assert_int_eq(verdict("random", "a", "b", 5), verdict("random", "x", "y", 5));
}
END_TEST

static rec_judge_options parse(const char *text, const rec_option *table, rec_yaml **tree)
{
    rec_judge_options o;
    ck_assert_ok(rec_yaml_parse(tree, text, strlen(text), "t.yaml", err));
    ck_assert_ok(rec_options_parse(&o, table, *tree, NULL, err));
    return o;
}

START_TEST(options)
{
    rec_yaml *tree;
    rec_judge_options o = parse("{}", rec_judge_option_table, &tree);
    ck_assert_str_eq(rec_judge_type(&o)->name, "longer");
    ck_assert_str_eq(rec_judge_protocol_of(&o, "aspects")->name, "aspects");
    rec_yaml_free(tree);
    o = parse("{}", rec_second_judge_option_table, &tree);
    ck_assert_ptr_null(rec_judge_type(&o));
    rec_yaml_free(tree);
    o = parse("{type: lm, lm: x, protocol: score10}", rec_second_judge_option_table, &tree);
    ck_assert_str_eq(rec_judge_type(&o)->name, "lm");
    ck_assert_str_eq(rec_judge_protocol_of(&o, "aspects")->name, "score10");
    ck_assert_ok(rec_judge_check(&o, tree, "judge", err));
    rec_options_deinit(&o, rec_second_judge_option_table);
    rec_yaml_free(tree);
    o = parse("{type: lm}", rec_judge_option_table, &tree);
    ck_assert_fails(rec_judge_check(&o, tree, "judge", err), REC_ERR_CONFIG,
                    "t.yaml:1:1: judge: type: lm needs `lm: NAME`");
    rec_yaml_free(tree);
}
END_TEST

START_TEST(every_protocol_can_be_asked)
{
    const rec_judge_case c = {"why?", "answer one", "answer two"};
    for (size_t i = 0; i < rec_n_judge_protocols; i++) {
        const rec_judge_protocol *p = rec_judge_protocols[i];
        const rec_text_part *parts;
        rec_arena arena = {0};
        size_t n;
        ck_assert_ptr_eq(rec_judge_protocol_find(p->name), p);
        ck_assert_uint_le(p->n_scores, REC_MAX_JUDGE_SCORES);
        ck_assert_uint_gt(p->max_tokens, 0);
        ck_assert_ptr_nonnull(strstr(p->system_prompt, "impartial"));
        ck_assert_ok(rec_judge_prompt(&parts, &n, p, &c, &arena, err));
        ck_assert_str_eq(parts[0].role, "system");
        ck_assert_str_eq(parts[0].text, p->system_prompt);
        size_t n_data = 0;
        for (size_t j = 0; j < n; j++)
            n_data += parts[j].is_data;
        ck_assert_uint_eq(n_data, 3); /* what others wrote, and nothing else */
        rec_arena_deinit(&arena);
    }
    ck_assert_ptr_null(rec_judge_protocol_find("jury"));
}
END_TEST

REC_SUITE("harness/judges/judge", tcase_add_test(t, rules); tcase_add_test(t, random_is_uniform);
          tcase_add_test(t, options); tcase_add_test(t, every_protocol_can_be_asked);)
