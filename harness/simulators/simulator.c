#include "harness/simulators/simulator.h"

#define REC_SIMULATOR(name) extern const rec_simulator rec_simulator_##name;
#include "harness/simulators/simulators.def"
#undef REC_SIMULATOR

#define REC_SIMULATOR(name) &rec_simulator_##name,
const rec_simulator *const rec_simulators[] = {
#include "harness/simulators/simulators.def"
};
#undef REC_SIMULATOR

#define REC_SIMULATOR(name) #name,
static const char *const names[] = {
#include "harness/simulators/simulators.def"
    NULL,
};
#undef REC_SIMULATOR

const size_t rec_n_simulators = sizeof rec_simulators / sizeof *rec_simulators;

const rec_option rec_simulator_option_table[] = {
    {"type", "who plays the user: rules over the catalogue (agenda) or a model (lm)",
     offsetof(rec_simulator_options, type), REC_OPT_ENUM, .value = 0, .choices = names},
    {"lm", "lm: the model that speaks and verifies", offsetof(rec_simulator_options, lm),
     REC_OPT_REFERENCE, .refers_to = "lm", .needs = REC_LM_GENERATES},
    {"temperature", "lm: of what the user says; verifying is greedy",
     offsetof(rec_simulator_options, temperature), REC_OPT_REAL, .value = 0.7, .min = 0, .max = 10},
    {"max_tokens", "lm: of one utterance", offsetof(rec_simulator_options, max_tokens), REC_OPT_INT,
     .value = 128, .min = 1, .max = 1e6},
    {"max_verify", "lm: attempts at an utterance the verifier accepts; the last one stands",
     offsetof(rec_simulator_options, max_verify), REC_OPT_INT, .value = 5, .min = 1, .max = 1000},
    {"attributes",
     "agenda: columns the user knows, \"column\" or \"column=word for it\"; none: "
     "all columns of lists",
     offsetof(rec_simulator_options, attributes), REC_OPT_STRINGS, .text = NULL},
    {"noise", "agenda: chance of not knowing an answer", offsetof(rec_simulator_options, noise),
     REC_OPT_REAL, .value = 0, .min = 0, .max = 1},
    {"patience", "agenda: refusals before giving up; 0 = no limit",
     offsetof(rec_simulator_options, patience), REC_OPT_INT, .value = 0, .min = 0, .max = 1e6},
    {.key = NULL},
};

const rec_simulator *rec_simulator_type(const rec_simulator_options *o)
{
    return rec_simulators[o->type];
}

rec_status rec_simulator_check(const rec_simulator_options *o, const rec_yaml *map, rec_error *err)
{
    bool needs_lm = rec_simulator_type(o)->needs_lm;
    const rec_yaml *node = rec_yaml_get(map, "simulator");
    node = node != NULL ? node : map;
    if (needs_lm && o->lm == NULL)
        return rec_yaml_fail(err, node, "simulator: type: lm needs `lm: NAME`, an entry of lms:");
    if (!needs_lm && o->lm != NULL)
        return rec_yaml_fail(err, node, "simulator: lm: only a user of type: lm asks a model");
    return REC_OK;
}
