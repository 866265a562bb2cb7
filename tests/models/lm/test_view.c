/* What a model thinks of the tokens it reads and chooses, on a tiny model of random weights. */
#include "models/lm/view.h"

#include <math.h>
#include <string.h>

#include "models/lm/score.h"
#include "tests/models/lm/tiny.h"

enum { PROMPT = 45, NEW = 6, TOP = 3 };

static tiny model;
static uint32_t prompt[PROMPT];

static void set_up(void)
{
    tiny_open(&model, GOLDEN("lm/llama3-rope"), REC_WEIGHTS_FILE);
    for (size_t t = 0; t < PROMPT; t++)
        prompt[t] = (uint32_t)(3 + t * 7 % 300);
}

static void tear_down(void)
{
    tiny_close(&model);
}

/* Of equal values the first; fewer than asked for when there are no more. */
START_TEST(top_chances)
{
    const float logits[6] = {1.0f, 3.0f, 2.0f, 3.0f, -1.0f, 2.0f};
    const uint32_t ids[2] = {70, 80};
    rec_token_chance top[6];
    ck_assert_uint_eq(rec_top_chances(top, 4, logits, 6, NULL, 1.0), 4);
    ck_assert_uint_eq(top[0].id, 1);
    ck_assert_uint_eq(top[1].id, 3);
    ck_assert_uint_eq(top[2].id, 2);
    ck_assert_uint_eq(top[3].id, 5);
    ck_assert_float_eq(top[0].logprob, 2.0f);
    ck_assert_uint_eq(rec_top_chances(top, 6, logits, 2, ids, 0.0), 2);
    ck_assert_uint_eq(top[0].id, 80);
    ck_assert_uint_eq(rec_top_chances(top, 0, logits, 6, NULL, 0.0), 0);
}
END_TEST

typedef struct seen {
    rec_token_view views[PROMPT + NEW];
    rec_token_chance top[PROMPT + NEW][TOP];
    size_t n, fail_at;
} seen;

static rec_status see(void *context, const rec_token_view *view, rec_error *err)
{
    seen *s = context;
    if (s->n == s->fail_at)
        return rec_fail(err, REC_ERR_RESOURCE, "seen enough");
    ck_assert_uint_lt(s->n, PROMPT + NEW);
    s->views[s->n] = *view;
    if (view->n_top > 0)
        memcpy(s->top[s->n], view->top, view->n_top * sizeof *view->top);
    s->n++;
    return REC_OK;
}

static rec_generator *generator(size_t step_tokens)
{
    rec_generator *g = NULL;
    rec_generator_limits limits = {.n_slots = 4, .cache_tokens = 512, .step_tokens = step_tokens};
    ck_assert_ok(rec_generator_new(&g, model.engine, NULL, &limits, err));
    return g;
}

static rec_generation request(seen *s)
{
    *s = (seen){.fail_at = SIZE_MAX};
    return (rec_generation){.prompt = prompt,
                            .n_prompt = PROMPT,
                            .max_tokens = NEW,
                            .sampling = rec_sampling_greedy(),
                            .ignore_eos = true,
                            .logprobs = true,
                            .on_view = see,
                            .on_view_context = s,
                            .n_top = TOP,
                            .view_prompt = true};
}

static void scores(float out[PROMPT - 1])
{
    rec_score_request r = {.ids = prompt, .n = PROMPT, .first = 0};
    rec_kv_pool *pool = NULL;
    float *logprobs[1] = {out};
    ck_assert_ok(rec_kv_pool_new(&pool, &model.weights.config, rec_score_cache_tokens(&r, 1), err));
    ck_assert_ok(rec_score(logprobs, model.engine, pool, &r, 1, err));
    rec_kv_pool_free(pool);
}

static void check_order(const seen *s, size_t i)
{
    ck_assert_uint_eq(s->views[i].n_top, TOP);
    for (size_t k = 1; k < TOP; k++)
        ck_assert_float_ge(s->top[i][k - 1].logprob, s->top[i][k].logprob);
    ck_assert_float_ge(s->top[i][0].logprob, s->views[i].logprob);
}

/* The same numbers as scoring gives, to the last bit, also when the prompt is fed in pieces and when
 * a prompt that begins alike ran before. */
START_TEST(prompt_and_answer)
{
    static const size_t steps[] = {0, 7, 32};
    float expected[PROMPT - 1];
    scores(expected);
    for (size_t k = 0; k < sizeof steps / sizeof *steps; k++) {
        rec_generator *g = generator(steps[k]);
        for (int again = 0; again < 2; again++) {
            seen s;
            rec_generation r = request(&s);
            rec_generation_result result;
            ck_assert_ok(rec_generate(&result, g, &r, 1, err));
            ck_assert_uint_eq(result.n_shared, 0);
            ck_assert_uint_eq(s.n, PROMPT + NEW);
            ck_assert(isnan(s.views[0].logprob) && s.views[0].n_top == 0);
            for (size_t i = 0; i < PROMPT + NEW; i++)
                ck_assert_int_eq(s.views[i].is_prompt, i < PROMPT);
            for (size_t i = 1; i < PROMPT; i++) {
                ck_assert_uint_eq(s.views[i].id, prompt[i]);
                ck_assert_float_eq(s.views[i].logprob, expected[i - 1]);
                check_order(&s, i);
            }
            for (size_t i = 0; i < NEW; i++) {
                ck_assert_uint_eq(s.views[PROMPT + i].id, result.best[0].ids[i]);
                ck_assert_float_eq(s.views[PROMPT + i].logprob, result.best[0].logprobs[i]);
                ck_assert_uint_eq(s.top[PROMPT + i][0].id, result.best[0].ids[i]); /* greedy */
            }
            rec_generation_result_deinit(&result);
        }
        rec_generator_free(g);
    }
}
END_TEST

START_TEST(a_prompt_of_one_token)
{
    seen s;
    rec_generator *g = generator(0);
    rec_generation r = request(&s);
    rec_generation_result result;
    r.n_prompt = r.max_tokens = 1;
    ck_assert_ok(rec_generate(&result, g, &r, 1, err));
    ck_assert_uint_eq(s.n, 2);
    rec_generation_result_deinit(&result);
    rec_generator_free(g);
}
END_TEST

/* A hook that fails ends its own request, wherever it is; the one beside it goes on. */
START_TEST(failing_hook)
{
    for (size_t fail_at = 0; fail_at < PROMPT + NEW; fail_at += 10) {
        seen a, b;
        rec_generator *g = generator(16);
        rec_generation first = request(&a), second = request(&b);
        uint64_t tickets[2];
        rec_generation_result result;
        rec_error error;
        bool busy = true;
        size_t n_failures = 0;
        a.fail_at = fail_at;
        ck_assert_ok(rec_generator_add(&tickets[0], g, &first, err));
        ck_assert_ok(rec_generator_add(&tickets[1], g, &second, err));
        while (busy)
            n_failures += rec_generator_step(&busy, g, &error) != REC_OK;
        ck_assert_uint_eq(n_failures, 1);
        ck_assert_str_eq(error.message, "seen enough");
        ck_assert(!rec_generator_has(g, tickets[0]) && rec_generator_has(g, tickets[1]));
        ck_assert_uint_eq(rec_generator_n_running(g), 0);
        ck_assert(rec_generator_take(&result, g, tickets[1]));
        ck_assert_uint_eq(b.n, PROMPT + NEW);
        ck_assert(!rec_generator_has(g, tickets[1]));
        rec_generation_result_deinit(&result);
        rec_generator_free(g);
    }
}
END_TEST

START_TEST(refusals)
{
    seen s;
    uint64_t ticket;
    rec_generator *g = generator(0);
    rec_generation r = request(&s);
    r.n_top = REC_MAX_TOP + 1;
    ck_assert_fails(rec_generator_add(&ticket, g, &r, err), REC_ERR_CONFIG, "at most 64");
    r = request(&s);
    r.n_beams = 2;
    ck_assert_fails(rec_generator_add(&ticket, g, &r, err), REC_ERR_CONFIG, "no hook");
    rec_generator_free(g);
}
END_TEST

REC_SUITE("models/lm/view", tcase_add_checked_fixture(t, set_up, tear_down);
          tcase_add_test(t, top_chances); tcase_add_test(t, prompt_and_answer);
          tcase_add_test(t, a_prompt_of_one_token); tcase_add_test(t, failing_hook);
          tcase_add_test(t, refusals);)
