/* Text requests against a model made up here: one token per byte, echoes what it was given. */
#include "harness/systems/text_answer.h"

#include <string.h>

#include "tests/suite.h"

static size_t n_calls, most_parts;

/* The whole prompt as one string of the caller. */
static char *joined(const rec_lm_input *input)
{
    size_t n = 1;
    for (size_t i = 0; i < input->n_parts; i++)
        n += strlen(input->parts[i].text);
    char *text = calloc(n, 1);
    for (size_t i = 0; i < input->n_parts; i++)
        strcat(text, input->parts[i].text);
    return text;
}

static rec_status echo(rec_lm_reply *replies, rec_lm *lm, const rec_lm_request *requests, size_t n,
                       rec_error *err)
{
    (void)lm;
    (void)err;
    n_calls++;
    for (size_t i = 0; i < n; i++) {
        most_parts =
            requests[i].input.n_parts > most_parts ? requests[i].input.n_parts : most_parts;
        char *text = joined(&requests[i].input);
        replies[i] = (rec_lm_reply){.tokens_in = strlen(text), .tokens_out = 3};
        if (strstr(text, "fail") != NULL) {
            replies[i].failure = strdup("timeout: no answer in 1 s");
            replies[i].cost_microdollars = -1;
            free(text);
            continue;
        }
        replies[i].best = calloc(1, sizeof *replies[i].best);
        replies[i].best[0].text = text;
        replies[i].best[0].finish = REC_FINISH_LENGTH;
        replies[i].n_best = 1;
    }
    return REC_OK;
}

/* The later the letter, the less likely. */
static rec_status score(rec_lm_score *scores, rec_lm *lm, const rec_lm_score_request *requests,
                        size_t n, rec_error *err)
{
    (void)lm;
    (void)err;
    for (size_t i = 0; i < n; i++)
        scores[i] =
            (rec_lm_score){.sum = -(double)requests[i].completion.parts[0].text[0], .tokens_in = 1};
    return REC_OK;
}

static rec_status count(uint64_t *out, rec_lm *lm, const rec_lm_input *inputs, size_t n,
                        rec_error *err)
{
    (void)lm;
    (void)err;
    for (size_t i = 0; i < n; i++) {
        char *text = joined(&inputs[i]);
        out[i] = strlen(text);
        free(text);
    }
    return REC_OK;
}

static const rec_lm_backend backend = {
    .name = "echo", .generate = echo, .score = score, .count_tokens = count};

static rec_lm model(size_t context)
{
    return (rec_lm){.backend = &backend,
                    .can = REC_LM_GENERATES | REC_LM_TOKENS | REC_LM_LOGITS,
                    .context = context};
}

static const rec_text_part prompt[] = {
    {"system", "rules;", false, 0}, {"user", "one,", true, 1},      {"user", "two,", true, 2},
    {"user", "three,", true, 3},    {"user", "question", false, 0},
};

static rec_request request_of(const rec_text_part *parts, size_t n)
{
    return (rec_request){
        .kind = REC_REQUEST_TEXT, .parts = parts, .n_parts = n, .text = {.max_tokens = 10}};
}

START_TEST(replies_in_order)
{
    rec_lm lm = model(0);
    rec_reply_batch b = {0};
    const rec_text_part bad = {"user", "fail", false, 0};
    const rec_request requests[] = {request_of(prompt, 5), request_of(&bad, 1)};
    ck_assert_ok(rec_text_answer(&b, &lm, true, requests, 2, err));
    ck_assert_str_eq(b.replies[0].text, "rules;one,two,three,question");
    ck_assert(b.replies[0].was_cut);
    ck_assert_uint_eq(b.replies[0].tokens_out, 3);
    ck_assert_ptr_null(b.replies[0].failure);
    /* a failure is no text */
    ck_assert_ptr_null(b.replies[1].text);
    ck_assert_str_eq(b.replies[1].failure, "timeout: no answer in 1 s");
    ck_assert_int_eq(b.replies[1].cost_microdollars, -1);
    rec_reply_batch_deinit(&b);
}
END_TEST

/*
 * 28 bytes; with an answer of 10 the prompt may have context - 10:
 *   28: whole; 27 .. 24: without "one,"; 23 .. 20: without "two,"; 19 .. 14: without the history;
 *   13: it cannot be asked.
 */
START_TEST(the_oldest_goes_first_and_instructions_stay)
{
    static const struct {
        size_t room;
        unsigned n_dropped;
        const char *text;
    } cases[] = {{28, 0, "rules;one,two,three,question"},
                 {27, 1, "rules;two,three,question"},
                 {24, 1, "rules;two,three,question"},
                 {23, 2, "rules;three,question"},
                 {20, 2, "rules;three,question"},
                 {19, 3, "rules;question"},
                 {14, 3, "rules;question"},
                 {13, 3, NULL}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        rec_lm lm = model(cases[i].room + 10);
        rec_reply_batch b = {0};
        const rec_request r = request_of(prompt, 5);
        ck_assert_ok(rec_text_answer(&b, &lm, true, &r, 1, err));
        ck_assert_uint_eq(b.replies[0].n_dropped, cases[i].n_dropped);
        if (cases[i].text != NULL) {
            ck_assert_str_eq(b.replies[0].text, cases[i].text);
        } else {
            ck_assert_ptr_null(b.replies[0].text);
            ck_assert_ptr_nonnull(strstr(b.replies[0].failure, "longer than the model can read"));
        }
        rec_reply_batch_deinit(&b);
    }
}
END_TEST

/* A server that tells no tokens: bytes / 3 + 8 stand for them. 28 bytes: 17. */
START_TEST(tokens_are_guessed_where_nobody_tells)
{
    rec_lm lm = model(26); /* room 16 */
    lm.can = REC_LM_GENERATES;
    rec_reply_batch b = {0};
    const rec_request r = request_of(prompt, 5);
    ck_assert_ok(rec_text_answer(&b, &lm, true, &r, 1, err));
    ck_assert_str_eq(b.replies[0].text, "rules;two,three,question"); /* 24 bytes: 16 */
    rec_reply_batch_deinit(&b);
}
END_TEST

START_TEST(choices_are_scored)
{
    static const char *const letters[] = {"B", "A", "C"};
    rec_lm lm = model(0);
    rec_reply_batch b = {0};
    rec_request requests[] = {request_of(prompt, 5), request_of(prompt, 5)};
    requests[1].kind = REC_REQUEST_CHOOSE;
    requests[1].choices = letters;
    requests[1].n_choices = 3;
    ck_assert_ok(rec_text_answer(&b, &lm, true, requests, 2, err));
    ck_assert_int_eq(b.replies[0].kind, REC_REQUEST_TEXT);
    ck_assert_int_eq(b.replies[1].kind, REC_REQUEST_CHOOSE);
    ck_assert_uint_eq(b.replies[1].n_ranked, 3);
    ck_assert_float_eq(b.replies[1].scores[0], -(float)'B');
    ck_assert_float_eq(b.replies[1].scores[1], -(float)'A');
    ck_assert_uint_eq(b.replies[1].tokens_in, 3);
    rec_reply_batch_deinit(&b);
}
END_TEST

START_TEST(what_a_model_cannot_do)
{
    static const char *const letters[] = {"A"};
    rec_lm lm = model(0);
    rec_reply_batch b = {0};
    rec_request r = request_of(prompt, 5);
    r.kind = REC_REQUEST_CHOOSE;
    r.choices = letters;
    r.n_choices = 1;
    lm.can = REC_LM_GENERATES;
    ck_assert_fails(rec_text_answer(&b, &lm, true, &r, 1, err), REC_ERR_CONFIG, "lacks: logits");
    rec_reply_batch_deinit(&b);
    r.kind = REC_REQUEST_RANK;
    ck_assert_fails(rec_text_answer(&b, &lm, true, &r, 1, err), REC_ERR_INTERNAL, "a ranking");
    rec_reply_batch_deinit(&b);
    ck_assert_ok(rec_text_answer(&b, &lm, true, &r, 0, err)); /* nothing asked, nothing answered */
    ck_assert_uint_eq(b.n, 0);
    rec_reply_batch_deinit(&b);
}
END_TEST

REC_SUITE("harness/systems/text_answer", tcase_add_test(t, replies_in_order);
          tcase_add_test(t, the_oldest_goes_first_and_instructions_stay);
          tcase_add_test(t, tokens_are_guessed_where_nobody_tells);
          tcase_add_test(t, choices_are_scored); tcase_add_test(t, what_a_model_cannot_do);)
