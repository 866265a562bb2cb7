/* Acceptance 22: a violation of each kind is planted and caught. */
#include "models/reclm_emb/gates.h"

#include <stdio.h>

#include "tests/models/reclm_emb/films.h"

typedef struct fixture {
    films f;
    rec_emb_items items;
    rec_emb_gates *gates;
    rec_emb_ask ask;
} fixture;

static const uint32_t history[] = {0, 1};

static void open_gates(fixture *x, rec_emb_text_kind kind, uint32_t item)
{
    films_init(&x->f);
    x->f.titles[3] = "Alien Resurrection";
    x->f.maker[3] = "Comedy House";
    x->f.titles[5] = "The Comedy of Errors (1983)";
    ck_assert_ok(rec_emb_items_init(&x->items, &x->f.roles, &x->f.catalogue, err));
    ck_assert_ok(rec_emb_gates_new(&x->gates, &x->items, err));
    x->ask = (rec_emb_ask){
        .kind = kind, .item = item, .style = {.words = 30}, .history = history, .n_history = 2};
}

static void close_gates(fixture *x)
{
    rec_emb_gates_free(x->gates);
    rec_emb_items_deinit(&x->items);
}

static rec_emb_outcome judge(fixture *x, const char *text)
{
    rec_emb_outcome outcome;
    ck_assert_ok(rec_emb_gates_begin(x->gates, err));
    ck_assert_ok(rec_emb_gates_judge(&outcome, x->gates, &x->ask, text, err));
    return outcome;
}

START_TEST(descriptions_keep_title_and_rare_words_back)
{
    fixture x;
    open_gates(&x, REC_EMB_DESCRIPTION, 3);
    ck_assert_int_eq(judge(&x, "something scary from space"), REC_EMB_WRITTEN);
    ck_assert_int_eq(judge(&x, "I want alien ressurection"), REC_EMB_SAYS_TITLE);
    ck_assert_int_eq(judge(&x, "the hope of resurrection"), REC_EMB_SAYS_TITLE);
    x.ask.kind = REC_EMB_SUMMARY; /* words of the title may be anybody's */
    ck_assert_int_eq(judge(&x, "the hope of resurrection"), REC_EMB_WRITTEN);
    close_gates(&x);
}
END_TEST

/* Heat: crime, drama, made by Mann, December 1995. */
START_TEST(descriptions_say_nothing_false)
{
    fixture x;
    open_gates(&x, REC_EMB_DESCRIPTION, 0);
    rec_emb_condition wrong = {.kind = REC_EMB_DATE, .low = 0, .high = 1};
    ck_assert_int_eq(judge(&x, "a crime drama by Mann of 1995"), REC_EMB_WRITTEN);
    ck_assert_int_eq(judge(&x, "a crime drama of the 1990s"), REC_EMB_WRITTEN);
    ck_assert_int_eq(judge(&x, "a crime comedy"), REC_EMB_SAYS_FALSE);
    ck_assert_int_eq(judge(&x, "crime by Scorsese"), REC_EMB_SAYS_FALSE);
    ck_assert_int_eq(judge(&x, "some Sci-Fi"), REC_EMB_SAYS_FALSE);
    ck_assert_int_eq(judge(&x, "a drama of 1996"), REC_EMB_SAYS_FALSE);
    ck_assert_int_eq(judge(&x, "a drama of the 1980s"), REC_EMB_SAYS_FALSE);
    x.ask.conditions = &wrong;
    x.ask.n_conditions = 1;
    ck_assert_int_eq(judge(&x, "a crime drama"), REC_EMB_SAYS_FALSE);
    close_gates(&x);
}
END_TEST

/* The maker's name says nothing about the genre of the same name. */
START_TEST(a_value_within_another_is_not_stated)
{
    fixture x;
    open_gates(&x, REC_EMB_DESCRIPTION, 3);
    ck_assert_int_eq(judge(&x, "horror by Comedy House"), REC_EMB_WRITTEN);
    ck_assert_int_eq(judge(&x, "horror, a house of comedy"), REC_EMB_SAYS_FALSE);
    close_gates(&x);
}
END_TEST

/* Heat is crime and no comedy: the comedy may be named, horror may not. */
START_TEST(dislikes_name_what_is_unwanted)
{
    fixture x;
    open_gates(&x, REC_EMB_DISLIKE, 0);
    const rec_emb_condition wish[] = {
        {.kind = REC_EMB_HAS, .value = rec_interner_find(&x.items.values, "crime", 5)},
        {.kind = REC_EMB_LACKS, .value = rec_interner_find(&x.items.values, "comedy", 6)}};
    x.ask.conditions = wish;
    x.ask.n_conditions = 2;
    ck_assert_int_eq(judge(&x, "a crime story, but please no comedy"), REC_EMB_WRITTEN);
    ck_assert_int_eq(judge(&x, "a crime story, but please no horror"), REC_EMB_SAYS_FALSE);
    ck_assert_int_eq(judge(&x, "heat, a crime story, no comedy"), REC_EMB_SAYS_TITLE);
    close_gates(&x);
}
END_TEST

/* Of Heat and Casino: what is in a title of the history is not said of the user. */
START_TEST(summaries_are_true_of_the_history)
{
    static const uint32_t with_comedy_in_title[] = {0, 5};
    fixture x;
    open_gates(&x, REC_EMB_SUMMARY, 3);
    ck_assert_int_eq(judge(&x, "likes crime by Mann and Scorsese"), REC_EMB_WRITTEN);
    ck_assert_int_eq(judge(&x, "likes a good comedy"), REC_EMB_SAYS_FALSE);
    ck_assert_int_eq(judge(&x, "somebody who chose The Comedy of Errors"), REC_EMB_SAYS_FALSE);
    x.ask.history = with_comedy_in_title;
    ck_assert_int_eq(judge(&x, "somebody who chose The Comedy of Errors"), REC_EMB_WRITTEN);
    ck_assert_int_eq(judge(&x, "the errors of comedy"), REC_EMB_SAYS_FALSE);
    close_gates(&x);
}
END_TEST

/* The cell is 30 words; a tenth more is let through. */
START_TEST(lengths_are_of_the_grid)
{
    fixture x;
    char text[256] = "";
    open_gates(&x, REC_EMB_SUMMARY, 3);
    for (int i = 0; i < 33; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "w%d ", i);
    ck_assert_int_eq(judge(&x, text), REC_EMB_WRITTEN);
    strcat(text, "more");
    ck_assert_int_eq(judge(&x, text), REC_EMB_WRONG_LENGTH);
    ck_assert_int_eq(judge(&x, "likes crime"), REC_EMB_WRONG_LENGTH); /* three words at least */
    /* nine runs of three words, seven of which stand there before */
    ck_assert_int_eq(judge(&x, "to eat to eat to eat to eat to eat to"), REC_EMB_MALFORMED);
    ck_assert_int_eq(judge(&x, "to eat and to drink and to eat"), REC_EMB_WRITTEN);
    close_gates(&x);
}
END_TEST

START_TEST(misspellings_are_near_their_title)
{
    fixture x;
    open_gates(&x, REC_EMB_MISSPELLING, 1);
    ck_assert_int_eq(judge(&x, "Csaino"), REC_EMB_WRITTEN);
    ck_assert_int_eq(judge(&x, "Casino"), REC_EMB_MALFORMED);
    ck_assert_int_eq(judge(&x, "Football"), REC_EMB_MALFORMED);
    ck_assert_int_eq(judge(&x, "!"), REC_EMB_WRONG_LENGTH);
    close_gates(&x);
}
END_TEST

START_TEST(dialogues_have_two_speakers_and_end_with_the_user)
{
    fixture x;
    open_gates(&x, REC_EMB_DIALOGUE, 3);
    ck_assert_int_eq(judge(&x, "User: hello there\nAssistant: what is it?\nUser: a scary one"),
                     REC_EMB_WRITTEN);
    ck_assert_int_eq(judge(&x, "User: hello there\nUser: a scary one\nAssistant: take this one"),
                     REC_EMB_MALFORMED);
    ck_assert_int_eq(judge(&x, "User: hello there\nClerk: what is it?\nUser: a scary one"),
                     REC_EMB_MALFORMED);
    ck_assert_int_eq(judge(&x, "User: I only want a scary one please"), REC_EMB_MALFORMED);
    ck_assert_int_eq(judge(&x, "User: hello there\nAssistant: Alien Resurrection?\nUser: yes that"),
                     REC_EMB_SAYS_TITLE);
    close_gates(&x);
}
END_TEST

/* After 49 texts a first repeat is one of 50: 2 %. A second would be more. */
START_TEST(few_texts_repeat)
{
    fixture x;
    rec_emb_outcome outcome;
    open_gates(&x, REC_EMB_SUMMARY, 3);
    for (int i = 0; i < 49; i++) {
        char text[64];
        snprintf(text, sizeof text, "text that has number %d", i);
        ck_assert_ok(rec_emb_gates_judge(&outcome, x.gates, &x.ask, text, err));
        ck_assert_int_eq(outcome, REC_EMB_WRITTEN);
        if (i == 10) { /* too early for a repeat */
            ck_assert_ok(rec_emb_gates_judge(&outcome, x.gates, &x.ask, text, err));
            ck_assert_int_eq(outcome, REC_EMB_REPEATS);
        }
    }
    ck_assert_ok(rec_emb_gates_judge(&outcome, x.gates, &x.ask, "text that has number 7", err));
    ck_assert_int_eq(outcome, REC_EMB_WRITTEN);
    ck_assert_ok(rec_emb_gates_judge(&outcome, x.gates, &x.ask, "text that has number 8", err));
    ck_assert_int_eq(outcome, REC_EMB_REPEATS);
    ck_assert_int_eq(judge(&x, "text that has number 8"), REC_EMB_WRITTEN); /* begun anew */
    close_gates(&x);
}
END_TEST

REC_SUITE("models/reclm_emb/gates", tcase_add_test(t, descriptions_keep_title_and_rare_words_back);
          tcase_add_test(t, descriptions_say_nothing_false);
          tcase_add_test(t, a_value_within_another_is_not_stated);
          tcase_add_test(t, dislikes_name_what_is_unwanted);
          tcase_add_test(t, summaries_are_true_of_the_history);
          tcase_add_test(t, lengths_are_of_the_grid);
          tcase_add_test(t, misspellings_are_near_their_title);
          tcase_add_test(t, dialogues_have_two_speakers_and_end_with_the_user);
          tcase_add_test(t, few_texts_repeat);)
