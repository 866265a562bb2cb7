/* Dialogues stepped by hand: scripted replies, users by rules and by a model (spec acceptance 22). */
#include "harness/tasks/conversation.h"

#include "core/json.h"
#include "tests/harness/tasks/jobs.h"

#define PROMPT "prompt: {system: \"Recommend {n} items.\"}"
#define AGENDA "{type: conversation, max_turns: 4, " PROMPT "}"
#define MODEL                                                                                      \
    "{type: conversation, max_turns: 3, " PROMPT ", simulator: {type: lm, lm: u, max_verify: 2}}"

static const char *const wrong = "1. Heat (1995)\n2. Her";

/* Replies of the system only: the user by rules asks nobody. */
static void play(test_job *t, const char *yaml, const char *const *replies, size_t n)
{
    job_open(t, yaml, ALIEN);
    job_start(t);
    for (size_t i = 0; i < n; i++) {
        ck_assert_uint_eq(t->job.n_requests, 1);
        ck_assert_int_eq(t->job.requests[0].to, REC_PARTY_SYSTEM);
        job_say(t, replies[i]);
    }
    ck_assert_uint_eq(t->job.n_requests, 0);
}

START_TEST(a_hit_at_turn_t_counts_t_turns)
{
    static const char *const hit = "1. Heat (1995)\n2. **Alien**";
    for (size_t turn = 1; turn <= 4; turn++) {
        const char *replies[4] = {wrong, wrong, wrong, wrong};
        test_job t;
        replies[turn - 1] = hit;
        play(&t, AGENDA, replies, turn);
        ck_assert_double_eq(job_value(&t, "recall", REC_WHOLE_LIST), 1.0);
        ck_assert_double_eq(job_value(&t, "AT", 0), (double)turn);
        ck_assert_double_eq(job_value(&t, "AT_success", 0), (double)turn);
        ck_assert_double_eq(job_value(&t, "recall_clean", 0), 1.0);
        for (size_t k = 1; k <= 4; k++)
            ck_assert_double_eq(job_value(&t, "recall", k), k >= turn ? 1.0 : 0.0);
        ck_assert_double_eq(job_value(&t, "listed", 0), 2.0);
        ck_assert_double_eq(job_value(&t, "tokens", 0), 13.0 * (double)turn);
        ck_assert_double_eq(job_value(&t, "leak_rate", 0), 0.0);
        job_close(&t);
    }
}
END_TEST

START_TEST(no_hit_counts_all_turns)
{
    const char *replies[] = {wrong, "What genre?", "1. Aliens", "Alienation"};
    test_job t;
    play(&t, AGENDA, replies, 4);
    ck_assert_double_eq(job_value(&t, "recall", REC_WHOLE_LIST), 0.0);
    ck_assert_double_eq(job_value(&t, "recall", 4), 0.0);
    ck_assert_double_eq(job_value(&t, "AT", 0), 4.0);
    ck_assert(isnan(job_value(&t, "AT_success", 0)));
    ck_assert_double_eq(job_value(&t, "acceptance_rate", 0), 0.0);
    job_close(&t);
}
END_TEST

START_TEST(a_title_in_prose_is_a_hit)
{
    const char *replies[] = {"Have you ever seen Alien? It is a classic."};
    test_job t;
    play(&t, AGENDA, replies, 1);
    ck_assert_double_eq(job_value(&t, "recall", 1), 1.0);
    job_close(&t);
}
END_TEST

START_TEST(a_listed_title_may_lack_its_year)
{
    test_job t;
    job_open(&t, AGENDA, HEAT);
    job_start(&t);
    job_say(&t, "1. Her\n2. Heat");
    ck_assert_uint_eq(t.job.n_requests, 0);
    ck_assert_double_eq(job_value(&t, "recall", 1), 1.0);
    job_close(&t);
}
END_TEST

START_TEST(patience_ends_a_dialogue)
{
    const char *replies[] = {wrong, wrong};
    test_job t;
    play(&t, "{type: conversation, max_turns: 9, simulator: {patience: 1}, " PROMPT "}", replies,
         2);
    ck_assert_double_eq(job_value(&t, "give_up_rate", 0), 1.0);
    ck_assert_double_eq(job_value(&t, "AT", 0), 9.0);
    job_close(&t);
}
END_TEST

START_TEST(the_system_sees_its_own_words_as_the_assistants)
{
    test_job t;
    job_open(&t, AGENDA, ALIEN);
    job_start(&t);
    const rec_request *r = t.job.requests;
    ck_assert(job_prompt_has(r, "system", "Recommend ", false));
    ck_assert(job_prompt_has(r, "user", "Hi! Can you recommend", true));
    size_t n = r->n_parts;
    ck_assert_str_eq(r->parts[n - 2].role, "system");
    job_say(&t, "Who should direct it?");
    r = t.job.requests;
    ck_assert_uint_eq(r->n_parts, n + 2);
    ck_assert_str_eq(r->parts[n].role, "assistant");
    ck_assert_str_eq(r->parts[n].text, "Who should direct it?");
    ck_assert_str_eq(r->parts[n + 1].role, "user");
    ck_assert_uint_eq(r->parts[n + 1].drop_order, 0);
    ck_assert_uint_ne(r->parts[n - 1].drop_order, 0);
    ck_assert_uint_eq(r->parts[0].drop_order, 0);
    job_close(&t);
}
END_TEST

/* A model that keeps what it has read (tests/models/lm/test_local.c, the_cache_of_a_dialogue) reads
 * each word once: the prompt of a turn begins with the whole prompt of the turn before. */
START_TEST(prompts_grow_at_their_end)
{
    char before[4096] = "", now[4096] = "";
    test_job t;
    job_open(&t, AGENDA, ALIEN);
    job_start(&t);
    for (size_t turn = 0; turn < 4; turn++) {
        now[0] = '\0';
        for (size_t i = 0; i < t.job.requests[0].n_parts; i++) {
            const rec_text_part *p = &t.job.requests[0].parts[i];
            strcat(strcat(strcat(now, p->role), p->is_data ? ": " : "= "), p->text);
        }
        ck_assert(strncmp(now, before, strlen(before)) == 0);
        ck_assert_uint_gt(strlen(now), strlen(before));
        strcpy(before, now);
        job_say(&t, "What else?");
    }
    job_close(&t);
}
END_TEST

/* ---- a model as the user ---- */

/* One utterance that the verifier accepts; then the system is asked. */
static void user_says(test_job *t, const char *words)
{
    ck_assert_int_eq(t->job.requests[0].to, REC_PARTY_SIMULATOR);
    ck_assert_str_eq(t->job.requests[0].lm, "u");
    job_say(t, words);
    ck_assert_int_eq(t->job.requests[0].to, REC_PARTY_SIMULATOR);
    job_say(t, "Case 2. [[YES]]");
}

START_TEST(a_leaked_title_is_counted_and_taken_out)
{
    test_job t;
    job_open(&t, MODEL, ALIEN);
    job_start(&t);
    user_says(&t, "I am looking for the film Alien.");
    job_say(&t, "1. Alien");
    ck_assert_uint_eq(t.job.n_requests, 0);
    ck_assert_double_eq(job_value(&t, "leak_rate", 0), 1.0);
    ck_assert_double_eq(job_value(&t, "recall", REC_WHOLE_LIST), 1.0);
    ck_assert(isnan(job_value(&t, "recall_clean", 0)));
    job_close(&t);
}
END_TEST

START_TEST(a_verifier_that_is_never_satisfied_does_not_stop_the_dialogue)
{
    test_job t;
    job_open(&t, MODEL, ALIEN);
    job_start(&t);
    for (size_t i = 0; i < 2; i++) {
        job_say(&t, i == 0 ? "Something." : "Anything.");
        job_say(&t, "[[NO]]");
    }
    ck_assert_int_eq(t.job.requests[0].to, REC_PARTY_SYSTEM);
    ck_assert(job_prompt_has(&t.job.requests[0], "user", "Anything.", true));
    job_say(&t, "1. Alien");
    ck_assert_double_eq(job_value(&t, "violation_rate", 0), 1.0);
    ck_assert_double_eq(job_value(&t, "recall", REC_WHOLE_LIST), 1.0);
    job_close(&t);
}
END_TEST

/* An acceptance of something else ends the dialogue without a hit. */
START_TEST(acceptance_ends_it)
{
    test_job t;
    job_open(&t, MODEL, ALIEN);
    job_start(&t);
    user_says(&t, "Something scary.");
    job_say(&t, "1. Heat");
    job_say(&t, "Great, I take it.");
    job_say(&t, "Case 1: accepted. [[YES]]");
    ck_assert_uint_eq(t.job.n_requests, 0);
    ck_assert_double_eq(job_value(&t, "recall", REC_WHOLE_LIST), 0.0);
    ck_assert_double_eq(job_value(&t, "acceptance_rate", 0), 1.0);
    ck_assert_double_eq(job_value(&t, "AT", 0), 3.0);
    job_close(&t);
}
END_TEST

START_TEST(failed_calls_end_a_dialogue_unscored)
{
    for (size_t at = 0; at < 3; at++) {
        test_job t;
        job_open(&t, MODEL, ALIEN);
        job_start(&t);
        if (at > 0)
            job_say(&t, "Words.");
        if (at > 1)
            job_say(&t, "[[YES]]");
        job_say(&t, NULL);
        ck_assert(t.job.has_failed);
        ck_assert_uint_eq(t.job.n_requests, 0);
        ck_assert(isnan(job_value(&t, "recall", REC_WHOLE_LIST)));
        ck_assert(isnan(job_value(&t, "tokens", 0)));
        job_close(&t);
    }
}
END_TEST

START_TEST(transcripts_have_both_sides)
{
    test_job t;
    cJSON *json;
    job_open(&t, MODEL, ALIEN);
    job_start(&t);
    user_says(&t, "Something \"scary\" \xE2\x82.");
    job_say(&t, "1. Heat (1995)\n2. Alien");
    const char *text = t.texts[0];
    ck_assert_ok(rec_json_parse(&json, text, strlen(text), "transcript", 1, err));
    ck_assert_int_eq(cJSON_GetArraySize(json), 2);
    const cJSON *first = cJSON_GetArrayItem(json, 0), *second = cJSON_GetArrayItem(json, 1);
    ck_assert_str_eq(rec_json_string(first, "speaker", NULL), "user");
    ck_assert_str_eq(rec_json_string(first, "text", NULL), "Something \"scary\" \xEF\xBF\xBD\xEF\xBF\xBD.");
    ck_assert_str_eq(rec_json_string(second, "speaker", NULL), "recommender");
    const cJSON *items = cJSON_GetObjectItemCaseSensitive(second, "items");
    ck_assert_int_eq(cJSON_GetArraySize(items), 2);
    ck_assert_str_eq(cJSON_GetArrayItem(items, 1)->valuestring, film_ids[ALIEN]);
    cJSON_Delete(json);
    job_close(&t);
}
END_TEST

/* ---- as the original ---- */

/* All turns are played, acceptance or not; "Aliens" is similar enough. */
START_TEST(compat_plays_every_turn)
{
    const char *replies[] = {"nothing", "1. Heat\n2. Aliens", "1. Alien", "nothing"};
    test_job t;
    play(&t, "{type: conversation, max_turns: 4, compat: reclm, " PROMPT "}", replies, 4);
    ck_assert_double_eq(job_value(&t, "reclm_recall", REC_WHOLE_LIST), 1.0);
    ck_assert_double_eq(job_value(&t, "reclm_AT", 0), 2.0);
    ck_assert_uint_eq(rec_task_column_index(&t.entry, "recall", REC_WHOLE_LIST), SIZE_MAX);
    job_close(&t);
}
END_TEST

/* ---- systems that score ---- */

static void ranked(test_job *t, const uint32_t *items, size_t n)
{
    static const float scores[16];
    const rec_reply reply = {
        .kind = REC_REQUEST_RANK, .n_ranked = (uint32_t)n, .items = items, .scores = scores};
    ck_assert_uint_eq(t->job.n_requests, 1);
    ck_assert_int_eq(t->job.requests[0].kind, REC_REQUEST_RANK);
    ck_assert_ok(t->entry.type->step(&t->job, &reply, err));
}

START_TEST(a_ranking_is_read_out_page_by_page)
{
    const uint32_t items[] = {HEAT, UP, ALIEN, HER};
    test_job t;
    job_open(&t, "{type: conversation, max_turns: 3, list: 2}", ALIEN);
    t.job.can = REC_CAN_SCORE;
    job_start(&t);
    ck_assert_uint_eq(t.job.requests[0].k, 6);
    ranked(&t, items, 4);
    ck_assert_uint_eq(t.job.n_requests, 0);
    ck_assert_double_eq(job_value(&t, "AT", 0), 2.0);
    ck_assert_double_eq(job_value(&t, "recall", 1), 0.0);
    ck_assert_ptr_nonnull(strstr(t.texts[0], "1. Alien\\n2. Her"));
    job_close(&t);
}
END_TEST

START_TEST(a_ranking_may_run_out)
{
    const uint32_t items[] = {HEAT}, foreign[] = {N_FILMS};
    static const float scores[1];
    test_job t;
    job_open(&t, "{type: conversation, max_turns: 3, list: 2}", ALIEN);
    t.job.can = REC_CAN_SCORE;
    job_start(&t);
    ranked(&t, items, 1);
    ck_assert_double_eq(job_value(&t, "AT", 0), 3.0);
    ck_assert_double_eq_tol(job_value(&t, "listed", 0), 1.0 / 3.0, 1e-15);
    job_close(&t);
    job_open(&t, AGENDA, ALIEN);
    t.job.can = REC_CAN_SCORE;
    job_start(&t);
    const rec_reply bad = {
        .kind = REC_REQUEST_RANK, .n_ranked = 1, .items = foreign, .scores = scores};
    ck_assert_fails(t.entry.type->step(&t.job, &bad, err), REC_ERR_DATA, "does not fit its sample");
    job_close(&t);
}
END_TEST

/* Pool of 4, lists of 2, one target: 2/4 after one turn, certain after two. AT = 1/2 + 2 * 1/2. */
START_TEST(chance_has_expected_values)
{
    const uint32_t items[] = {HEAT, ALIEN, UP, HER};
    static const float scores[4];
    const rec_reply reply = {
        .kind = REC_REQUEST_RANK, .n_ranked = 4, .n_pool = 4, .items = items, .scores = scores};
    test_job t;
    job_open(&t, "{type: conversation, max_turns: 3, list: 2}", ALIEN);
    t.job.can = REC_CAN_SCORE;
    t.job.expects_ties = true;
    job_start(&t);
    ck_assert_ok(t.entry.type->step(&t.job, &reply, err));
    ck_assert_double_eq(job_value(&t, "recall", 1), 0.5);
    ck_assert_double_eq(job_value(&t, "recall", 2), 1.0);
    ck_assert_double_eq(job_value(&t, "recall", 3), 1.0);
    ck_assert_double_eq(job_value(&t, "AT", 0), 1.5);
    ck_assert(isnan(job_value(&t, "AT_success", 0)));
    job_close(&t);
    /* patience for one refusal: two replies are heard */
    job_open(&t, "{type: conversation, max_turns: 3, list: 1, simulator: {patience: 1}}", ALIEN);
    t.job.can = REC_CAN_SCORE;
    t.job.expects_ties = true;
    job_start(&t);
    ck_assert_ok(t.entry.type->step(&t.job, &reply, err));
    ck_assert_double_eq_tol(job_value(&t, "recall", 1), 0.25, 1e-15);
    ck_assert_double_eq_tol(job_value(&t, "recall", 2), 0.5, 1e-15);
    ck_assert_double_eq_tol(job_value(&t, "recall", 3), 0.5, 1e-15);
    ck_assert_double_eq_tol(job_value(&t, "AT", 0), 0.25 + 2 * 0.25 + 3 * 0.5, 1e-15);
    job_close(&t);
}
END_TEST

/* The same replies give the same dialogue: what resuming from a journal rests on. */
START_TEST(a_dialogue_is_replayed_by_its_replies)
{
    const char *replies[] = {"What genre?", wrong, "1. Alien"};
    test_job first, second;
    play(&first, AGENDA, replies, 3);
    play(&second, AGENDA, replies, 3);
    ck_assert_str_eq(first.texts[0], second.texts[0]);
    ck_assert_mem_eq(first.values, second.values, sizeof first.values);
    job_close(&first);
    job_close(&second);
}
END_TEST

REC_SUITE("harness/tasks/conversation", tcase_add_test(t, a_hit_at_turn_t_counts_t_turns);
          tcase_add_test(t, no_hit_counts_all_turns); tcase_add_test(t, a_title_in_prose_is_a_hit);
          tcase_add_test(t, a_listed_title_may_lack_its_year);
          tcase_add_test(t, patience_ends_a_dialogue);
          tcase_add_test(t, the_system_sees_its_own_words_as_the_assistants);
          tcase_add_test(t, prompts_grow_at_their_end);
          tcase_add_test(t, a_leaked_title_is_counted_and_taken_out);
          tcase_add_test(t, a_verifier_that_is_never_satisfied_does_not_stop_the_dialogue);
          tcase_add_test(t, acceptance_ends_it);
          tcase_add_test(t, failed_calls_end_a_dialogue_unscored);
          tcase_add_test(t, transcripts_have_both_sides);
          tcase_add_test(t, compat_plays_every_turn);
          tcase_add_test(t, a_ranking_is_read_out_page_by_page);
          tcase_add_test(t, a_ranking_may_run_out); tcase_add_test(t, chance_has_expected_values);
          tcase_add_test(t, a_dialogue_is_replayed_by_its_replies);)
