/**
 * Who judges: a language model that is asked by a protocol, or a rule. A plug-in is one file in
 * harness/judges/ that defines one `rec_judge` and one line in judges.def. Rules are baselines and
 * test instruments: reports call them rule-based, and nobody should set them beside a model's verdict.
 */
#ifndef REC_HARNESS_JUDGES_JUDGE_H
#define REC_HARNESS_JUDGES_JUDGE_H

#include "core/option.h"
#include "core/rng.h"
#include "core/yaml.h"
#include "harness/judges/protocol.h"

typedef struct rec_judge {
    const char *name, *help, *citation;
    /** A rule's verdict; draws come from `rng`. NULL: a language model is asked. */
    rec_preference (*prefer)(const rec_judge_case *c, rec_rng *rng);
    bool draws; /* the rule draws: verdicts differ from seed to seed */
} rec_judge;

extern const rec_judge *const rec_judges[];
extern const size_t rec_n_judges;
/** For options; by index, ends with NULL. */
extern const char *const rec_judge_names[];

/** What `judge:` of a task says; a REC_OPT_TABLE of `rec_judge_option_table`. */
typedef struct rec_judge_options {
    int type;     /* index into rec_judges; rec_n_judges = none */
    int protocol; /* 0 = the task's own, else 1 + index into rec_judge_protocols */
    char *lm;     /* entry of `lms:` */
} rec_judge_options;

/** The default judge is the rule `longer`, which needs no model. */
extern const rec_option rec_judge_option_table[];
/** The same for a second judge, who by default is not there. */
extern const rec_option rec_second_judge_option_table[];

/** NULL: there is no such judge. */
const rec_judge *rec_judge_type(const rec_judge_options *o);
/** @param usual  name of the protocol that the task asks by unless told otherwise */
const rec_judge_protocol *rec_judge_protocol_of(const rec_judge_options *o, const char *usual);

/** What the table cannot say: a model needs a name. REC_ERR_CONFIG at `map`'s key.
 * @param map  the task's entry  @param key  "judge", for messages */
rec_status rec_judge_check(const rec_judge_options *o, const rec_yaml *map, const char *key,
                           rec_error *err);

#endif
