/* harness/judges/score10.c: both answers scored 1 to 10, the higher one is preferred. RecLM-eval's
 * legacy reviewer with its faults mended: it swapped the system and the user text, and read "8, 9" as
 * unparsable. */
#include <stdlib.h>
#include <string.h>

#include "harness/judges/protocol.h"

static const char system_prompt[] =
    "You are an impartial reviewer of recommendation assistants. You will read a request and two "
    "answers, A and B. Score each answer from 1 (useless) to 10 (excellent) for how helpful, "
    "relevant, accurate and detailed it is.\n"
    "The first line of your reply must hold exactly two numbers, the score of A and the score of "
    "B, "
    "separated by a blank, and nothing else. From the second line on explain your scores, without "
    "letting the order of the answers, their length, or the name of an assistant influence you.";

static const rec_judge_score scores[] = {{"score", "score_baseline", "score_diff"}};
static const double score_min = 1.0, score_max = 10.0;

/* Digits with at most one point: strtod alone would take "0x8", "inf" and "1e1" as well. */
static const char *read_number(double *out, const char *at)
{
    size_t n = strspn(at, "0123456789");
    if (n == 0 || n > 2)
        return NULL;
    size_t n_fraction = at[n] == '.' ? strspn(at + n + 1, "0123456789") : 0;
    char digits[8] = {0};
    size_t length = n_fraction > 0 ? n + 1 + n_fraction : n;
    if (length >= sizeof digits)
        return NULL;
    memcpy(digits, at, length);
    *out = strtod(digits, NULL);
    return *out >= score_min && *out <= score_max ? at + length : NULL;
}

/* Two numbers with blanks, a comma or a semicolon between them are the whole first line. */
static bool read_scores(double *a, double *b, const char *reply)
{
    const char *at = read_number(a, reply + strspn(reply, " \t\r\n"));
    size_t n_between = at != NULL ? strspn(at, " \t,;") : 0;
    at = n_between > 0 ? read_number(b, at + n_between) : NULL;
    if (at == NULL)
        return false;
    at += strspn(at, " \t\r");
    return *at == '\0' || *at == '\n';
}

static rec_status parse(rec_judgement *out, const char *reply, rec_error *err)
{
    (void)err;
    *out = (rec_judgement){.prefers = REC_PREFERS_NONE};
    out->has_scores = read_scores(&out->a[0], &out->b[0], reply);
    if (out->has_scores)
        out->prefers = out->a[0] > out->b[0]   ? REC_PREFERS_A
                       : out->a[0] < out->b[0] ? REC_PREFERS_B
                                               : REC_PREFERS_TIE;
    return REC_OK;
}

const rec_judge_protocol rec_judge_protocol_score10 = {
    .name = "score10",
    .help = "both answers scored 1 to 10 on the first line; the higher one wins",
    .citation = "RecLM-eval, RecAI (2024): earlier revisions; corrected.",
    .system_prompt = system_prompt,
    .scores = scores,
    .n_scores = 1,
    .score_min = 1.0,
    .score_max = 10.0,
    .temperature = 0.2,
    .max_tokens = 1024,
    .parse = parse,
};
