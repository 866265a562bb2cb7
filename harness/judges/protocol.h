/**
 * What a judge is asked and how its answer is read. A plug-in is one file in harness/judges/ that
 * defines one `rec_judge_protocol` and one line in protocols.def. All of them show two answers, A and
 * B, and are asked twice with the answers swapped.
 */
#ifndef REC_HARNESS_JUDGES_PROTOCOL_H
#define REC_HARNESS_JUDGES_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>

#include "core/arena.h"
#include "core/status.h"
#include "harness/judges/verdict.h"
#include "harness/systems/request.h"

enum { REC_MAX_JUDGE_SCORES = 4 };

/** One reply, read. */
typedef struct rec_judgement {
    rec_preference prefers;
    bool has_scores; /* every score of both answers was there and in range */
    double a[REC_MAX_JUDGE_SCORES], b[REC_MAX_JUDGE_SCORES]; /* (n_scores) of the protocol */
} rec_judgement;

/** Something each answer is scored on, and what reports call it: the evaluated answers' mean, the
 * baseline's, the paired difference. */
typedef struct rec_judge_score {
    const char *name, *baseline, *difference;
} rec_judge_score;

typedef struct rec_judge_protocol {
    const char *name, *help, *citation;
    const char *system_prompt;
    const rec_judge_score *scores; /* (n_scores); NULL: verdict only */
    size_t n_scores;
    double score_min, score_max;
    double temperature;
    size_t max_tokens;
    /** What cannot be read is missing from `out`. REC_ERR_RESOURCE only. */
    rec_status (*parse)(rec_judgement *out, const char *reply, rec_error *err);
} rec_judge_protocol;

extern const rec_judge_protocol *const rec_judge_protocols[];
extern const size_t rec_n_judge_protocols;
const rec_judge_protocol *rec_judge_protocol_find(const char *name); /* or NULL */

/** Two answers to one question, as they are shown. Borrowed. */
typedef struct rec_judge_case {
    const char *question;
    const char *a, *b;
} rec_judge_case;

/** The parts of the request: instructions, then question and answers between labels; what others
 * wrote is marked as data. @return arrays in the arena; what the case borrows stays borrowed */
rec_status rec_judge_prompt(const rec_text_part **parts, size_t *n_parts,
                            const rec_judge_protocol *protocol, const rec_judge_case *c,
                            rec_arena *arena, rec_error *err);

#endif
