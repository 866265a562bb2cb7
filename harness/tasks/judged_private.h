/** Inside of the judged tasks: who judges (judged.c asks), what verdicts become (judged_figures.c). */
#ifndef REC_HARNESS_TASKS_JUDGED_PRIVATE_H
#define REC_HARNESS_TASKS_JUDGED_PRIVATE_H

#include "harness/tasks/judged.h"

enum { REC_MAX_JUDGES = 2, REC_JUDGE_ORDERS = 2 };

/** Judge number 0 or 1 of the options; the second may be NULL. */
const rec_judge *rec_judged_judge(const rec_judged_options *o, size_t judge);
const rec_judge_protocol *rec_judged_protocol(const rec_judged_options *o, size_t judge);

/** What one judge said of a pair. Order 0 shows the evaluated answer as A, order 1 as B. */
typedef struct rec_judge_verdicts {
    rec_judgement orders[REC_JUDGE_ORDERS];
    const char *replies[REC_JUDGE_ORDERS]; /* NULL of rules */
} rec_judge_verdicts;

/** @param verdicts  (n_judges) */
void rec_judged_set_values(rec_job *job, const rec_judged_options *o,
                           const rec_judge_verdicts *verdicts, size_t n_judges, const char *answer,
                           const char *baseline);

#endif
