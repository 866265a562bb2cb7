/* harness/judges/pairwise.c: which of two answers is better, or neither. RecLM-eval's protocol after
 * "Judging LLM-as-a-judge with MT-Bench and Chatbot Arena", NeurIPS 2023; the wording is ours. */
#include "harness/judges/protocol.h"

static const char system_prompt[] =
    "You are an impartial judge. You will read a question and two answers, A and B, given by two "
    "assistants. Decide which answer does better what the question asks for.\n"
    "Weigh how closely each answer follows the instructions of the question, and its quality: is "
    "it "
    "helpful, relevant, accurate, deep, creative and as detailed as it needs to be?\n"
    "Begin with a short comparison of the two answers. Do not let the order in which they are "
    "shown, "
    "their length, or the name of an assistant influence you; be as objective as you can.\n"
    "End with your verdict in exactly one of these forms: [[A]] if answer A is better, [[B]] if "
    "answer B is better, [[C]] if they are equally good.";

static rec_status parse(rec_judgement *out, const char *reply, rec_error *err)
{
    *out = (rec_judgement){.prefers = REC_PREFERS_NONE};
    return rec_verdict_parse(&out->prefers, reply, err);
}

const rec_judge_protocol rec_judge_protocol_pairwise = {
    .name = "pairwise",
    .help = "which answer is better: [[A]], [[B]] or [[C]], a tie",
    .citation = "Zheng et al. (2023). Judging LLM-as-a-judge with MT-Bench and Chatbot Arena. "
                "NeurIPS.",
    .system_prompt = system_prompt,
    .max_tokens = 512,
    .parse = parse,
};
