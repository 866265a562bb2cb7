#include "models/reclm_emb/training.h"

#include <string.h>

#define FIELD(name) offsetof(rec_emb_training_options, name)
static const char *const hard_names[] = {"random", "bm25", "own", NULL};

#define REC_EMB_TASK(name)                                                                         \
    {#name,                                                                                        \
     "of this task's rows",                                                                        \
     FIELD(weights[REC_EMB_TASK_##name]),                                                          \
     REC_OPT_REAL,                                                                                 \
     .value = 1,                                                                                   \
     .min = 0,                                                                                     \
     .max = 1e6},
static const rec_option weight_options[] = {
#include "models/reclm_emb/tasks/tasks.def"
    {.key = NULL},
};
#undef REC_EMB_TASK

#define REC_EMB_TASK(name)                                                                         \
    {#name,                                                                                        \
     "of this task's queries; 0 = group",                                                          \
     FIELD(groups[REC_EMB_TASK_##name]),                                                           \
     REC_OPT_INT,                                                                                  \
     .value = 0,                                                                                   \
     .min = 0,                                                                                     \
     .max = 64},
static const rec_option group_options[] = {
#include "models/reclm_emb/tasks/tasks.def"
    {.key = NULL},
};
#undef REC_EMB_TASK

const rec_option rec_emb_training_option_table[] = {
    {"tuning", "batches, optimiser, schedule, temperature", FIELD(tuning), REC_OPT_TABLE,
     .table = rec_lm_tuning_options,
     /* for a public checkpoint (configs/reclm-emb-movies.yaml): a few passes of larger batches */
     .text = "{batch_size: 32, optimizer: {lr: 0.0003, clip_norm: 1}, training: {epochs: 3, "
             "patience: 2, schedule: {kind: linear, warmup_steps: 20}}}"},
    {"full", "tune every weight; else a low-rank adapter that is merged at the end", FIELD(full),
     REC_OPT_BOOL, .value = 1},
    {"freeze_word_embeddings", "full: all weights but those of the vocabulary are tuned",
     FIELD(freeze_words), REC_OPT_BOOL, .value = 0},
    {"lora", "the adapter", FIELD(lora), REC_OPT_TABLE, .table = rec_adapter_option_table},
    {"tasks", "whose rows are trained (uh2i, i2i, ...); none: all but rel2i and dialogue",
     FIELD(tasks), REC_OPT_STRINGS, .text = NULL},
    {"mixing", "a task is drawn in proportion to its weight * (number of its rows)^mixing",
     FIELD(mixing), REC_OPT_REAL, .value = 0.5, .min = 0, .max = 1},
    {"weights", "how much a task counts, 0 = its rows are not trained", 0, REC_OPT_TABLE,
     .table = weight_options},
    {"own_group", "tasks whose queries see their own passages alone: no negatives from the batch",
     FIELD(own_group), REC_OPT_STRINGS, .text = NULL},
    {"mask", "what is known to answer a query is never its negative", FIELD(mask), REC_OPT_BOOL,
     .value = 1},
    {"group", "passages per query: its answer and group - 1 negatives", FIELD(group), REC_OPT_INT,
     .value = 2, .min = 1, .max = 64},
    {"groups", "the same for single tasks: what excludes and bounds needs negatives that break it",
     0, REC_OPT_TABLE, .table = group_options},
    {"hard", "negatives: drawn, found by words, or found by the model before tuning", FIELD(hard),
     REC_OPT_ENUM, .choices = hard_names},
    {"correct",
     "take out of the loss how often a passage is in batches: popular answers stay popular",
     FIELD(correct), REC_OPT_BOOL, .value = 1},
    {"forget_prefixes",
     "for comparison: tuned with prefixes and asked without, as the original's evaluation did",
     FIELD(forget_prefixes), REC_OPT_BOOL, .value = 0},
    {"pairs", "pairs per epoch; 0 = as many as there are rows", FIELD(pairs), REC_OPT_INT,
     .value = 0, .min = 0, .max = 1e9},
    {"dev_candidates", "items among which development rows are ranked", FIELD(dev_candidates),
     REC_OPT_INT, .value = 300, .min = 2, .max = 1e6},
    {.key = NULL},
};
#undef FIELD

static rec_status check_names(const rec_string_list *list, const char *key, rec_error *err)
{
    const char *names[REC_EMB_N_TASKS];
    char hint[REC_HINT_MAX];
    for (size_t t = 0; t < REC_EMB_N_TASKS; t++)
        names[t] = rec_emb_tasks[t]->name;
    for (size_t i = 0; i < list->n; i++)
        if (rec_emb_task_find(list->items[i]) == REC_EMB_N_TASKS)
            return rec_fail(err, REC_ERR_CONFIG, "%s: unknown task \"%.60s\"%s", key,
                            list->items[i], rec_hint(hint, list->items[i], names, REC_EMB_N_TASKS));
    return REC_OK;
}

bool rec_emb_names_task(const rec_string_list *names, size_t task)
{
    for (size_t i = 0; i < names->n; i++)
        if (strcmp(names->items[i], rec_emb_tasks[task]->name) == 0)
            return true;
    return false;
}

size_t rec_emb_group(const rec_emb_training_options *o, size_t task)
{
    return (size_t)(o->groups[task] > 0 ? o->groups[task] : o->group);
}

/* A query needs something to tell its answer from. */
static rec_status check_groups(const rec_emb_training_options *o, rec_error *err)
{
    for (size_t t = 0; t < REC_EMB_N_TASKS; t++)
        if (rec_emb_group(o, t) == 1 &&
            (!o->tuning.in_batch || rec_emb_names_task(&o->own_group, t)))
            return rec_fail(err, REC_ERR_CONFIG,
                            "group: a group of 1 leaves queries of %s nothing but their answer; "
                            "without passages of the batch (%s) they would see no negative",
                            rec_emb_tasks[t]->name,
                            o->tuning.in_batch ? "own_group" : "in_batch: false");
    return REC_OK;
}

rec_status rec_emb_training_check(const rec_emb_training_options *o, rec_error *err)
{
    rec_status status = check_names(&o->tasks, "tasks", err);
    if (status == REC_OK)
        status = check_names(&o->own_group, "own_group", err);
    if (status != REC_OK)
        return status;
    if (!o->full && o->tuning.training.patience > 0)
        return rec_fail(err, REC_ERR_CONFIG,
                        "patience: an adapter is tuned for a fixed number of epochs; set "
                        "tuning.training.patience to 0 (or full: true, which stops early)");
    return check_groups(o, err);
}
