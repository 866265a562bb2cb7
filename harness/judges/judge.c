#include "harness/judges/judge.h"

#include <stddef.h>

#define REC_JUDGE(name) extern const rec_judge rec_judge_##name;
#include "harness/judges/judges.def"
#undef REC_JUDGE

#define REC_JUDGE(name) &rec_judge_##name,
const rec_judge *const rec_judges[] = {
#include "harness/judges/judges.def"
};
#undef REC_JUDGE

/* The place of each judge in the table, for the default below. */
#define REC_JUDGE(name) JUDGE_##name,
enum judge_index {
#include "harness/judges/judges.def"
    N_JUDGES
};
#undef REC_JUDGE

#define REC_JUDGE(name) #name,
const char *const rec_judge_names[] = {
#include "harness/judges/judges.def"
    NULL,
};
static const char *const second_judge_names[] = {
#include "harness/judges/judges.def"
    "none",
    NULL,
};
#undef REC_JUDGE

#define REC_JUDGE_PROTOCOL(name) #name,
static const char *const protocol_names[] = {
    "auto",
#include "harness/judges/protocols.def"
    NULL,
};
#undef REC_JUDGE_PROTOCOL

const size_t rec_n_judges = N_JUDGES;

#define JUDGE_OPTIONS(choice_names, default_type)                                                  \
    {"type",                                                                                       \
     "who judges: a model (lm) or a rule",                                                         \
     offsetof(rec_judge_options, type),                                                            \
     REC_OPT_ENUM,                                                                                 \
     .value = (default_type),                                                                      \
     .choices = (choice_names)},                                                                   \
        {"lm",                                                                                     \
         "lm: the model that is asked",                                                            \
         offsetof(rec_judge_options, lm),                                                          \
         REC_OPT_REFERENCE,                                                                        \
         .refers_to = "lm",                                                                        \
         .needs = REC_LM_GENERATES},                                                               \
        {"protocol",                                                                               \
         "what the judge is asked; auto: what suits the task",                                     \
         offsetof(rec_judge_options, protocol),                                                    \
         REC_OPT_ENUM,                                                                             \
         .value = 0,                                                                               \
         .choices = protocol_names},                                                               \
    {                                                                                              \
        .key = NULL                                                                                \
    }

const rec_option rec_judge_option_table[] = {JUDGE_OPTIONS(rec_judge_names, JUDGE_longer)};
const rec_option rec_second_judge_option_table[] = {JUDGE_OPTIONS(second_judge_names, N_JUDGES)};

const rec_judge *rec_judge_type(const rec_judge_options *o)
{
    return (size_t)o->type < rec_n_judges ? rec_judges[o->type] : NULL;
}

const rec_judge_protocol *rec_judge_protocol_of(const rec_judge_options *o, const char *usual)
{
    if (o->protocol > 0)
        return rec_judge_protocols[o->protocol - 1];
    return rec_judge_protocol_find(usual);
}

rec_status rec_judge_check(const rec_judge_options *o, const rec_yaml *map, const char *key,
                           rec_error *err)
{
    const rec_judge *type = rec_judge_type(o);
    const rec_yaml *node = rec_yaml_get(map, key);
    node = node != NULL ? node : map;
    if (type != NULL && type->prefer == NULL && o->lm == NULL)
        return rec_yaml_fail(err, node, "%s: type: lm needs `lm: NAME`, an entry of lms:", key);
    if (o->lm != NULL && (type == NULL || type->prefer != NULL))
        return rec_yaml_fail(err, node, "%s: lm: only a judge of type: lm asks a model", key);
    return REC_OK;
}
