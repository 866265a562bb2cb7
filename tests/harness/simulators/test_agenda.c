#include <stdio.h>
#include <string.h>

#include "harness/simulators/simulator.h"
#include "harness/simulators/title_leak.h"
#include "tests/harness/simulators/films.h"
#include "tests/suite.h"

extern const rec_simulator rec_simulator_agenda;

static const uint32_t history[] = {ALIENS, HER};

typedef struct talk {
    rec_simulator_options options;
    rec_simulated_user user;
    uint32_t target;
    rec_arena arena;
    rec_message messages[64];
    rec_dialogue dialogue;
    rec_user_turn turn;
} talk;

static void start(talk *t, uint32_t target)
{
    *t = (talk){.options = {.max_verify = 1}, .target = target};
    t->user = (rec_simulated_user){.options = &t->options,
                                   .dataset = &films,
                                   .history = history,
                                   .n_history = 2,
                                   .targets = &t->target,
                                   .n_targets = 1,
                                   .seed = 7,
                                   .id = 1,
                                   .arena = &t->arena};
    t->dialogue.messages = t->messages;
}

static const char *user_says(talk *t)
{
    ck_assert_ok(rec_simulator_agenda.speak(&t->turn, &t->user, &t->dialogue, NULL, err));
    ck_assert_uint_eq(t->turn.n_requests, 0);
    t->messages[t->dialogue.n++] = (rec_message){.speaker = REC_SPEAKER_USER, .text = t->turn.text};
    return t->turn.text;
}

static const char *after(talk *t, const char *recommender, const uint32_t *items, size_t n)
{
    t->messages[t->dialogue.n++] = (rec_message){
        .speaker = REC_SPEAKER_RECOMMENDER, .text = recommender, .items = items, .n_items = n};
    return user_says(t);
}

#define ck_assert_holds(text, part)                                                                \
    ck_assert_msg(strstr((text), (part)) != NULL, "no \"%s\" in \"%s\"", (part), (text))

START_TEST(a_whole_dialogue)
{
    talk t;
    start(&t, ALIEN);
    const char *words = user_says(&t);
    /* action, drama, romance, space: once each, the first in byte order */
    ck_assert_holds(words, "Often I like action.");
    ck_assert_holds(words, "should be ");
    ck_assert_str_eq(after(&t, "Who should be the director?", NULL, 0),
                     "The director should be Ridley Scott.");
    words = after(&t, "What genre do you like?", NULL, 0);
    ck_assert_holds(words, "The genre should be ");
    ck_assert_holds(words, "horror");
    ck_assert_holds(words, "space");
    const uint32_t wrong[] = {HEAT}, right[] = {HEAT, ALIEN};
    words = after(&t, "1. Heat", wrong, 1);
    ck_assert_holds(words, "No, thank you.");
    ck_assert_holds(words, "Heat (1995) is ");
    ck_assert(!t.turn.accepts);
    words = after(&t, "1. Heat\n2. Alien", right, 2);
    ck_assert(t.turn.accepts && !t.turn.ends);
    ck_assert_holds(words, "Yes");
    rec_arena_deinit(&t.arena);
}
END_TEST

/* "Aliens" holds no word "Alien", but a list title "Alien" would give it away: not named. */
START_TEST(refusals_do_not_name_the_title)
{
    talk t;
    start(&t, ALIEN);
    user_says(&t);
    static rec_catalogue look_alike;
    look_alike = films.catalogue;
    static char *titles[] = {"Alien", "Alien Contact", "Heat", "Her", "Up"};
    look_alike.titles = titles;
    rec_dataset data = films;
    data.catalogue = look_alike;
    t.user.dataset = &data;
    const uint32_t wrong[] = {ALIENS};
    const char *words = after(&t, "1. Alien Contact", wrong, 1);
    ck_assert_holds(words, "No, thank you.");
    ck_assert_msg(strstr(words, "Alien") == NULL, "%s", words);
    rec_arena_deinit(&t.arena);
}
END_TEST

START_TEST(patience_ends)
{
    talk t;
    const uint32_t wrong[] = {HEAT};
    start(&t, ALIEN);
    t.options.patience = 2;
    user_says(&t);
    after(&t, "1. Heat", wrong, 1);
    ck_assert(!t.turn.ends);
    after(&t, "1. Heat", wrong, 1);
    ck_assert(!t.turn.ends);
    after(&t, "1. Heat", wrong, 1);
    ck_assert(t.turn.ends && !t.turn.accepts);
    rec_arena_deinit(&t.arena);
}
END_TEST

/* Of 400 users asked for the director a quarter do not know, within four standard errors. */
START_TEST(noise_is_a_share_and_keyed)
{
    size_t n_unsure = 0;
    for (uint64_t id = 0; id < 400; id++) {
        talk t, again;
        start(&t, ALIEN);
        start(&again, ALIEN);
        t.options.noise = again.options.noise = 0.25;
        t.user.id = again.user.id = id;
        user_says(&t);
        user_says(&again);
        const char *words = after(&t, "Which director?", NULL, 0);
        ck_assert_str_eq(words, after(&again, "Which director?", NULL, 0));
        n_unsure += strcmp(words, "I am not sure about that.") == 0;
        rec_arena_deinit(&t.arena);
        rec_arena_deinit(&again.arena);
    }
    ck_assert_uint_ge(n_unsure, 65); /* 100 - 4 * sqrt(400 * .25 * .75) */
    ck_assert_uint_le(n_unsure, 135);
}
END_TEST

START_TEST(what_is_not_known_is_said)
{
    talk t;
    const uint32_t wrong[] = {HEAT};
    start(&t, UP); /* has no attributes */
    ck_assert_holds(user_says(&t), "Can you recommend");
    ck_assert_str_eq(after(&t, "Which genre?", NULL, 0), "I do not mind which genre.");
    ck_assert_str_eq(after(&t, "Hm.", NULL, 0), "I cannot say more about it.");
    ck_assert_str_eq(after(&t, "Heat!", wrong, 1), "No, I would like something else.");
    rec_arena_deinit(&t.arena);
}
END_TEST

/* Told facts come again, in turn, before there is nothing left to say. */
START_TEST(facts_come_in_turn)
{
    talk t;
    char told[6][128];
    start(&t, ALIEN);
    user_says(&t);
    for (size_t i = 0; i < 6; i++)
        snprintf(told[i], sizeof told[i], "%s", after(&t, "I see.", NULL, 0));
    ck_assert_str_ne(told[0], told[1]);
    ck_assert_str_eq(told[2], told[5]);
    rec_arena_deinit(&t.arena);
}
END_TEST

START_TEST(no_title_is_ever_said)
{
    static const char *const lines[] = {"What genre?", "Which director?", "Hello.", "1. a 2. b"};
    char *names[] = {"genres", "director", "release_year", "plot"};
    for (uint32_t target = 0; target < N_FILMS; target++)
        for (uint64_t id = 0; id < 8; id++) {
            talk t;
            start(&t, target);
            t.user.id = id;
            t.options.attributes = (rec_string_list){.items = names, .n = 4};
            const char *words = user_says(&t);
            for (size_t i = 0; i < 8; i++) {
                bool says;
                uint32_t item[] = {(target + 1) % N_FILMS};
                ck_assert_ok(rec_says_title(&says, words, film_titles[target], err));
                ck_assert_msg(!says, "%s: %s", film_titles[target], words);
                words = after(&t, lines[i % 4], item, i % 4 == 3);
            }
            rec_arena_deinit(&t.arena);
        }
}
END_TEST

/* Any of several targets is accepted, none is named. */
START_TEST(several_targets)
{
    talk t;
    const uint32_t both[] = {ALIEN, ALIENS}, second[] = {ALIENS}, wrong[] = {HEAT};
    start(&t, ALIEN);
    t.user.targets = both;
    t.user.n_targets = 2;
    user_says(&t);
    after(&t, "1. Heat", wrong, 1);
    ck_assert(!t.turn.accepts);
    after(&t, "1. Aliens", second, 1);
    ck_assert(t.turn.accepts);
    rec_arena_deinit(&t.arena);
}
END_TEST

START_TEST(unfit_catalogues)
{
    const rec_simulator_options none = {.type = 0};
    char *names[] = {"release_year"};
    const rec_simulator_options named = {.attributes = {.items = names, .n = 1}};
    const rec_dataset bare = {.catalogue = {.n_items = 1}};
    const rec_dataset numbers = {
        .catalogue = {.n_items = N_FILMS, .n_columns = 1, .columns = &film_columns[2]}};
    ck_assert_ptr_null(rec_simulator_agenda.unfit(&none, &films));
    ck_assert_ptr_nonnull(rec_simulator_agenda.unfit(&none, &bare));
    ck_assert_ptr_nonnull(rec_simulator_agenda.unfit(&none, &numbers));
    ck_assert_ptr_null(rec_simulator_agenda.unfit(&named, &numbers));
}
END_TEST

REC_SUITE("harness/simulators/agenda", tcase_add_test(t, a_whole_dialogue);
          tcase_add_test(t, refusals_do_not_name_the_title); tcase_add_test(t, patience_ends);
          tcase_add_test(t, noise_is_a_share_and_keyed);
          tcase_add_test(t, what_is_not_known_is_said); tcase_add_test(t, facts_come_in_turn);
          tcase_add_test(t, no_title_is_ever_said); tcase_add_test(t, several_targets);
          tcase_add_test(t, unfit_catalogues);)
