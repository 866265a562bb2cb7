/* harness/judges/lm.c: a language model, asked as the protocol says. */
#include "harness/judges/judge.h"

const rec_judge rec_judge_lm = {
    .name = "lm",
    .help = "a language model of lms:",
    .citation = "Zheng et al. (2023). Judging LLM-as-a-judge with MT-Bench and Chatbot Arena. "
                "NeurIPS.",
};
