/* The model user, stepped by hand with given replies. */
#include <string.h>

#include "harness/simulators/simulator.h"
#include "tests/harness/simulators/films.h"
#include "tests/suite.h"

extern const rec_simulator rec_simulator_lm;

static const uint32_t history[] = {ALIENS, HER}, targets[] = {ALIEN};
static char lm_name[] = "user";

typedef struct talk {
    rec_simulator_options options;
    rec_simulated_user user;
    rec_arena arena;
    rec_message messages[8];
    rec_dialogue dialogue;
    rec_user_turn turn;
} talk;

static void start(talk *t)
{
    *t = (talk){.options = {.lm = lm_name, .temperature = 0.7, .max_tokens = 50, .max_verify = 2}};
    t->user = (rec_simulated_user){.options = &t->options,
                                   .dataset = &films,
                                   .history = history,
                                   .n_history = 2,
                                   .targets = targets,
                                   .n_targets = 1,
                                   .seed = 7,
                                   .id = 3,
                                   .arena = &t->arena};
    t->dialogue.messages = t->messages;
}

static const rec_request *step(talk *t, const char *reply)
{
    const rec_reply given = {.kind = REC_REQUEST_TEXT, .text = reply};
    ck_assert_ok(rec_simulator_lm.speak(&t->turn, &t->user, &t->dialogue,
                                        reply != NULL ? &given : NULL, err));
    return t->turn.n_requests > 0 ? t->turn.requests : NULL;
}

static bool prompt_has(const rec_request *r, const char *role, const char *text, bool is_data)
{
    for (size_t i = 0; i < r->n_parts; i++)
        if (strcmp(r->parts[i].role, role) == 0 && r->parts[i].is_data == is_data &&
            strstr(r->parts[i].text, text) != NULL)
            return true;
    return false;
}

START_TEST(speaks_and_is_verified)
{
    talk t;
    start(&t);
    const rec_request *r = step(&t, NULL);
    ck_assert_int_eq(r->to, REC_PARTY_SIMULATOR);
    ck_assert_str_eq(r->lm, "user");
    ck_assert_double_eq(r->text.temperature, 0.7);
    ck_assert_uint_eq(r->text.max_tokens, 50);
    ck_assert(prompt_has(r, "system", "Aliens, Her", true));
    ck_assert(prompt_has(r, "system", "Alien", true));
    ck_assert(prompt_has(r, "system", "Never say the title", false));
    uint64_t first_id = r->text.id;
    r = step(&t, "I want something scary in space.");
    ck_assert_double_eq(r->text.temperature, 0.0);
    ck_assert(prompt_has(r, "user", "empty", true));
    ck_assert(prompt_has(r, "user", "I want something scary", true));
    ck_assert(prompt_has(r, "system", "Case 4", false));
    ck_assert_ptr_null(step(&t, "Case 4. Fine. [[YES]]"));
    ck_assert_str_eq(t.turn.text, "I want something scary in space.");
    ck_assert(!t.turn.accepts && !t.turn.is_violation);
    /* next turn: roles are those of the other side */
    t.messages[0] = (rec_message){.speaker = REC_SPEAKER_USER, .text = t.turn.text};
    t.messages[1] = (rec_message){.speaker = REC_SPEAKER_RECOMMENDER, .text = "1. Alien"};
    t.dialogue.n = 2;
    r = step(&t, NULL);
    ck_assert(prompt_has(r, "assistant", "scary in space", true));
    ck_assert(prompt_has(r, "user", "1. Alien", true));
    ck_assert_uint_ne(r->text.id, first_id);
    r = step(&t, "Yes, that one!");
    ck_assert(prompt_has(r, "user", "1. Alien", true));
    ck_assert_ptr_null(step(&t, "Case 1: accepted, as it must. [[yes]]"));
    ck_assert(t.turn.accepts);
    rec_arena_deinit(&t.arena);
}
END_TEST

/* Spec acceptance 22: a verifier that is never satisfied ends after max_verify attempts. */
START_TEST(max_verify_bounds_the_attempts)
{
    talk t;
    start(&t);
    uint64_t first_id = step(&t, NULL)->text.id;
    step(&t, "Alien please");
    const rec_request *again = step(&t, "Case 4. It says the title. [[NO]]");
    ck_assert_ptr_nonnull(again);
    ck_assert_uint_ne(again->text.id, first_id); /* another draw, and another record */
    ck_assert_uint_eq(again->repeat, 1);
    step(&t, "The film Alien");
    ck_assert_ptr_null(step(&t, "[[YES]]? No: [[NO]]"));
    ck_assert(t.turn.is_violation && !t.turn.accepts);
    ck_assert_str_eq(t.turn.text, "The film Alien");
    rec_arena_deinit(&t.arena);
}
END_TEST

START_TEST(the_original_takes_any_yes)
{
    talk t;
    start(&t);
    t.user.is_reclm = true;
    step(&t, NULL);
    step(&t, "words");
    ck_assert_ptr_null(step(&t, "I cannot say YES. [[NO]]"));
    ck_assert(!t.turn.is_violation);
    rec_arena_deinit(&t.arena);
}
END_TEST

START_TEST(failed_calls_are_no_words)
{
    talk t;
    const rec_reply failed = {.kind = REC_REQUEST_TEXT, .text = NULL};
    start(&t);
    step(&t, NULL);
    ck_assert_ok(rec_simulator_lm.speak(&t.turn, &t.user, &t.dialogue, &failed, err));
    ck_assert_uint_eq(t.turn.n_requests, 0);
    ck_assert_ptr_null(t.turn.text);
    rec_arena_deinit(&t.arena);
}
END_TEST

START_TEST(an_empty_history)
{
    talk t;
    start(&t);
    t.user.n_history = 0;
    ck_assert(prompt_has(step(&t, NULL), "system", "nothing yet", true));
    rec_arena_deinit(&t.arena);
}
END_TEST

REC_SUITE("harness/simulators/lm", tcase_add_test(t, speaks_and_is_verified);
          tcase_add_test(t, max_verify_bounds_the_attempts);
          tcase_add_test(t, the_original_takes_any_yes);
          tcase_add_test(t, failed_calls_are_no_words); tcase_add_test(t, an_empty_history);)
