/* Tokens and money of the questions of a step, before they are asked. */
#include "harness/run/text_estimate.h"

#include "tests/folder.h"
#include "tests/suite.h"

START_TEST(by_the_prompts)
{
    static const char text[] =
        "name: e\ndataset: {type: synth, users: 50, items: 60}\nlms: {m: {backend: scripted}}\n"
        "systems: [{type: pop}, {name: m, type: lm, lm: m}]\ntasks: [{type: ranking, k: [1], "
        "candidates: 5, lm_samples: 40, permutations: 2, prompt: {system: null, user: "
        "\"12345678\", max_tokens: 7}}]\n";
    rec_config *c;
    rec_run *r;
    ck_assert_ok(rec_config_parse(&c, text, sizeof text - 1, "t.yaml", NULL, err));
    ck_assert_ok(rec_run_open(&r, c, test_path("run"), (rec_run_flags){0}, err));
    for (size_t i = 0; i < r->plan.n; i++) {
        rec_text_estimate e;
        if (r->plan.steps[i].kind != REC_STEP_REPLIES)
            continue;
        ck_assert_ok(rec_text_estimate_step(&e, r, &r->plan.steps[i], err));
        bool is_text = r->plan.steps[i].system == 1;
        /* 40 samples, two questions each of 8 bytes and at most 7 tokens */
        ck_assert_double_eq_tol(e.n_requests, is_text ? 80.0 : 0.0, 1e-9);
        ck_assert_double_eq_tol(e.tokens_in, is_text ? 160.0 : 0.0, 1e-9);
        ck_assert_double_eq_tol(e.tokens_out, is_text ? 560.0 : 0.0, 1e-9);
        ck_assert_int_eq(e.cost_microdollars, 0);
    }
    rec_run_close(r);
    rec_config_free(c);
}
END_TEST

REC_SUITE("harness/run/text_estimate",
          tcase_add_checked_fixture(t, test_folder, test_folder_remove);
          tcase_add_test(t, by_the_prompts);)
