/* harness/judges/aspects.c: explanations of a recommendation, scored 1 to 3 on three aspects and
 * compared. The aspects are RecLM-eval's; wording and examples are ours. RecLM-eval reads the text
 * between the first and the last brace and keeps sums of orders whose other order failed; here the
 * last valid object counts, numbers must be integers in range, and a reply has all scores or none. */
#include <math.h>
#include <string.h>

#include "harness/judges/last_object.h"
#include "harness/judges/protocol.h"

static const char system_prompt[] =
    "You are an impartial judge of explanations. A user with a known history was recommended an "
    "item; "
    "two assistants, A and B, explain why. Score each explanation from 1 to 3 on three aspects.\n"
    "1. informativeness: how much correct and specific information about the item it gives.\n"
    "   1 = none, or wrong. Example: \"This is a popular product you will enjoy.\"\n"
    "   2 = some, but not the main features. Example, of a co-op shooter: \"It is a shooter from "
    "2008.\"\n"
    "   3 = accurate detail. Example: \"Four players fight together through levels whose enemies "
    "are "
    "placed anew each time.\"\n"
    "2. persuasiveness: how many of the features it names match what this user's history shows to "
    "be "
    "of interest.\n"
    "   1 = none or few. Example, for a user of puzzle games: \"Fans of racing games love it.\"\n"
    "   2 = some, or mixed with others. Example: \"It has puzzles, and the best car chases.\"\n"
    "   3 = accurately what interests the user. Example: \"Like the two puzzle games you finished, "
    "it "
    "teaches each rule by play.\"\n"
    "3. helpfulness: whether it helps the user decide; a good reason not to choose the item counts "
    "as "
    "help too.\n"
    "   1 = it does not. Example: \"We recommend it to you.\"\n"
    "   2 = slightly. Example: \"It is close to what you played last.\"\n"
    "   3 = clearly. Example: \"It is short and has no fighting; if you want a long campaign, skip "
    "it.\"\n"
    "Do not let the order in which the explanations are shown, their length, or the name of an "
    "assistant influence you.\n"
    "First give your reasoning in a few sentences. Then write one JSON object and nothing after "
    "it, "
    "of this form:\n"
    "{\"A\": {\"informativeness\": 1, \"persuasiveness\": 1, \"helpfulness\": 1}, "
    "\"B\": {\"informativeness\": 1, \"persuasiveness\": 1, \"helpfulness\": 1}, "
    "\"verdict\": \"[[C]]\"}\n"
    "with your scores, and [[A]] if explanation A is better overall, [[B]] if B is, [[C]] if they "
    "are "
    "equally good.";

static const rec_judge_score aspects[] = {
    {"informativeness", "informativeness_baseline", "informativeness_diff"},
    {"persuasiveness", "persuasiveness_baseline", "persuasiveness_diff"},
    {"helpfulness", "helpfulness_baseline", "helpfulness_diff"},
};
enum { N_ASPECTS = 3, SCORE_MIN = 1, SCORE_MAX = 3 };

/* A number written as a string is no integer: the judge was told the form. */
static bool read_scores(double *out, const cJSON *answer)
{
    for (size_t i = 0; i < N_ASPECTS; i++) {
        const cJSON *score = rec_object_member(answer, aspects[i].name);
        if (!cJSON_IsNumber(score) || score->valuedouble < SCORE_MIN ||
            score->valuedouble > SCORE_MAX || floor(score->valuedouble) != score->valuedouble)
            return false;
        out[i] = score->valuedouble;
    }
    return true;
}

static rec_status parse(rec_judgement *out, const char *reply, rec_error *err)
{
    cJSON *object = NULL;
    *out = (rec_judgement){.prefers = REC_PREFERS_NONE};
    rec_status status = rec_verdict_parse(&out->prefers, reply, err);
    if (status == REC_OK)
        status = rec_last_object(&object, reply, err);
    out->has_scores = read_scores(out->a, rec_object_member(object, "A")) &&
                      read_scores(out->b, rec_object_member(object, "B"));
    cJSON_Delete(object);
    return status;
}

const rec_judge_protocol rec_judge_protocol_aspects = {
    .name = "aspects",
    .help =
        "explanations: informativeness, persuasiveness, helpfulness (1 to 3 each) and a verdict",
    .citation = "RecLM-eval, RecAI (2025): explanation task.",
    .system_prompt = system_prompt,
    .scores = aspects,
    .n_scores = N_ASPECTS,
    .score_min = SCORE_MIN,
    .score_max = SCORE_MAX,
    .max_tokens = 1024,
    .parse = parse,
};
