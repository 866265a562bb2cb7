/* harness/judges/verdict.c: pairwise judging with the answers shown in both orders ("Judging
 * LLM-as-a-judge with MT-Bench and Chatbot Arena", NeurIPS 2023, section 3.4). RecLM-eval puts true
 * ties, disagreement between the orders and unreadable verdicts into one bucket; here each is a class
 * of its own. */
#include "harness/judges/verdict.h"

#include <ctype.h>
#include <math.h>
#include <string.h>
#include <strings.h>

#include "harness/judges/last_object.h"

const char *const rec_outcome_names[] = {"win", "loss", "tie", "inconsistent", "invalid", NULL};

static rec_preference preference_of_letter(char letter)
{
    switch (tolower((unsigned char)letter)) {
    case 'a':
        return REC_PREFERS_A;
    case 'b':
        return REC_PREFERS_B;
    case 'c':
        return REC_PREFERS_TIE;
    default:
        return REC_PREFERS_NONE;
    }
}

static rec_preference last_token(const char *reply)
{
    rec_preference found = REC_PREFERS_NONE;
    for (const char *at = strstr(reply, "[["); at != NULL; at = strstr(at + 1, "[[")) {
        rec_preference here = preference_of_letter(at[2]);
        if (here != REC_PREFERS_NONE && strncmp(at + 3, "]]", 2) == 0)
            found = here;
    }
    return found;
}

static rec_preference preference_of_text(const char *text)
{
    if (strcasecmp(text, "tie") == 0)
        return REC_PREFERS_TIE;
    return text[0] != '\0' && text[1] == '\0' ? preference_of_letter(text[0]) : REC_PREFERS_NONE;
}

static rec_status verdict_member(rec_preference *out, const char *reply, rec_error *err)
{
    static const char *const names[] = {"verdict", "overall", "overall_result", "winner"};
    cJSON *object;
    rec_status status = rec_last_object(&object, reply, err);
    *out = REC_PREFERS_NONE;
    for (size_t i = 0; i < sizeof names / sizeof *names && *out == REC_PREFERS_NONE; i++) {
        const cJSON *member = rec_object_member(object, names[i]);
        if (cJSON_IsString(member))
            *out = preference_of_text(member->valuestring);
    }
    cJSON_Delete(object);
    return status;
}

rec_status rec_verdict_parse(rec_preference *out, const char *reply, rec_error *err)
{
    *out = last_token(reply);
    return *out != REC_PREFERS_NONE ? REC_OK : verdict_member(out, reply, err);
}

bool rec_verdict_contains(const char *reply, char letter)
{
    const char token[] = {'[', '[', letter, ']', ']', '\0'};
    return strstr(reply, token) != NULL;
}

rec_outcome rec_outcome_of(rec_preference first, rec_preference second)
{
    if (first == REC_PREFERS_NONE || second == REC_PREFERS_NONE)
        return REC_OUTCOME_INVALID;
    if (first == REC_PREFERS_A && second == REC_PREFERS_B)
        return REC_OUTCOME_WIN;
    if (first == REC_PREFERS_B && second == REC_PREFERS_A)
        return REC_OUTCOME_LOSS;
    return first == REC_PREFERS_TIE && second == REC_PREFERS_TIE ? REC_OUTCOME_TIE
                                                                 : REC_OUTCOME_INCONSISTENT;
}

rec_outcome rec_outcome_reclm(const char *first, const char *second)
{
    if (first == NULL || second == NULL)
        return REC_OUTCOME_TIE;
    if (rec_verdict_contains(first, 'A') && rec_verdict_contains(second, 'B'))
        return REC_OUTCOME_WIN;
    if (rec_verdict_contains(first, 'B') && rec_verdict_contains(second, 'A'))
        return REC_OUTCOME_LOSS;
    return REC_OUTCOME_TIE;
}

double rec_preference_share(rec_preference first, rec_preference second)
{
    if (first == REC_PREFERS_NONE || second == REC_PREFERS_NONE)
        return NAN;
    double of_first = first == REC_PREFERS_A ? 1.0 : first == REC_PREFERS_B ? 0.0 : 0.5;
    double of_second = second == REC_PREFERS_B ? 1.0 : second == REC_PREFERS_A ? 0.0 : 0.5;
    return (of_first + of_second) / 2.0;
}
