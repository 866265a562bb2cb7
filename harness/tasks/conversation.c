/* harness/tasks/conversation.c: a system finds a user's item by talking. The task of RecLM-eval
 * (evaluates/evaluate.py, conversation); dialogues end at the first hit or acceptance there is, users
 * may be simulated by rules or by a model, and a user who gives the title away is counted. iEvaLM
 * ("Rethinking the evaluation for conversational recommendation in the era of large language models",
 * EMNLP 2023) is the source of dialogues as seeds. `compat: reclm` plays all turns and takes a hit by
 * similarity of titles, as the original does. */
#include "harness/tasks/conversation.h"

#include <stdlib.h>

#include "core/memory.h"
#include "harness/replies/reclm_errors.h"
#include "harness/tasks/columns.h"
#include "harness/tasks/rank_task.h"

static const char *const seeds_names[] = {"interactions", "dialogues", NULL};
static const char *const compat_names[] = {"none", "reclm", NULL};

static const rec_option conversation_options[] = {
    REC_TARGET_OPTIONS(rec_conversation_options, samples),
    {"simulator", "who plays the user; rules are no stand-in for a model",
     offsetof(rec_conversation_options, simulator), REC_OPT_TABLE,
     .table = rec_simulator_option_table},
    {"max_turns", "turns of a dialogue: the user speaks, the system replies",
     offsetof(rec_conversation_options, max_turns), REC_OPT_INT, .value = 5, .min = 1, .max = 100},
    {"list", "items the system is asked to list", offsetof(rec_conversation_options, list),
     REC_OPT_INT, .value = 10, .min = 1, .max = 1000},
    {"prompt",
     "instructions of the system (prompt.system); default: configs/tasks/conversation.yaml",
     offsetof(rec_conversation_options, prompt), REC_OPT_TABLE, .table = rec_prompt_option_table},
    {"seeds", "what dialogues begin from: a user's interactions, or recorded dialogues (redial)",
     offsetof(rec_conversation_options, seeds), REC_OPT_ENUM, .choices = seeds_names},
    {"compat", "reclm: every turn is played, hits are similar titles",
     offsetof(rec_conversation_options, compat), REC_OPT_ENUM, .choices = compat_names},
    {.key = NULL},
};

/* ---- columns ---- */

static rec_status add(rec_task_entry *entry, const char *metric, size_t k, bool higher_is_better,
                      rec_error *err)
{
    const rec_task_column column = {.metric = metric, .k = k, .higher_is_better = higher_is_better};
    return rec_task_add_column(entry, &column, err);
}

static rec_status add_standard(rec_task_entry *entry, size_t max_turns, rec_error *err)
{
    rec_status status;
    REC_TRY(add(entry, "recall", REC_WHOLE_LIST, true, err));
    for (size_t t = 1; t <= max_turns; t++)
        REC_TRY(add(entry, "recall", t, true, err));
    REC_TRY(add(entry, "recall_clean", 0, true, err));
    REC_TRY(add(entry, "AT", 0, false, err));
    REC_TRY(add(entry, "AT_success", 0, false, err));
    REC_TRY(add(entry, "acceptance_rate", 0, true, err));
    status = add(entry, "give_up_rate", 0, false, err);
cleanup:
    return status;
}

/* The user of a dialogue is no template. */
static rec_status check_prompt(const rec_conversation_options *o, const rec_yaml *map,
                               rec_error *err)
{
    static const char *const slots[] = {"n", NULL};
    const rec_yaml *prompt = rec_yaml_get(map, "prompt");
    rec_prompt_options instructions = o->prompt;
    if (o->prompt.user != NULL)
        return rec_yaml_fail(err, prompt, "prompt: user: the simulator speaks for the user");
    if (o->prompt.system == NULL) /* nobody is asked in text */
        return REC_OK;
    instructions.user = instructions.system;
    return rec_prompt_check(&instructions, slots, map, err);
}

static rec_status conversation_columns(rec_task_entry *entry, const rec_yaml *map, rec_error *err)
{
    const rec_conversation_options *o = entry->options;
    rec_status status;
    REC_TRY(rec_simulator_check(&o->simulator, map, err));
    REC_TRY(check_prompt(o, map, err));
    if (o->compat == 0)
        REC_TRY(add_standard(entry, (size_t)o->max_turns, err));
    if (o->compat != 0)
        REC_TRY(add(entry, "reclm_recall", REC_WHOLE_LIST, true, err));
    if (o->compat != 0)
        REC_TRY(add(entry, "reclm_AT", 0, false, err));
    REC_TRY(add(entry, "leak_rate", 0, false, err));
    REC_TRY(add(entry, "violation_rate", 0, false, err));
    REC_TRY(add(entry, "listed", 0, false, err));
    status = add(entry, "tokens", 0, false, err);
cleanup:
    return status;
}

/* A model speaks at a temperature, rules order and forget by chance. */
static bool conversation_is_random(const void *options)
{
    (void)options;
    return true;
}

static size_t conversation_list_length(const void *options)
{
    (void)options;
    return 0;
}

static size_t conversation_lm_samples(const void *options)
{
    return (size_t)((const rec_conversation_options *)options)->samples.lm_samples;
}

static const char *conversation_remark(const void *options)
{
    const rec_conversation_options *o = options;
    return rec_simulator_type(&o->simulator)->needs_lm ? NULL : "user simulated by rules";
}

/* ---- samples ---- */

/* A model that plays the user costs as much as one that answers, whatever the system is. */
static int64_t n_wanted(const rec_conversation_options *o)
{
    int64_t all = o->samples.samples, few = o->samples.lm_samples;
    bool is_few = rec_simulator_type(&o->simulator)->needs_lm && few > 0 && (all == 0 || few < all);
    return is_few ? few : all;
}

static rec_status conversation_samples(rec_sample_set *out, const void *options,
                                       const rec_task_data *data, rec_error *err)
{
    rec_conversation_options wanted = *(const rec_conversation_options *)options;
    const rec_conversation_options *o = &wanted;
    wanted.samples.samples = n_wanted(options);
    const rec_simulator *simulator = rec_simulator_type(&o->simulator);
    const char *unfit =
        simulator->unfit != NULL ? simulator->unfit(&o->simulator, data->dataset) : NULL;
    if (unfit != NULL) {
        *out = (rec_sample_set){.unfit = unfit};
        return REC_OK;
    }
    return o->seeds == REC_SEEDS_DIALOGUES ? rec_dialogue_samples(out, o, data, err)
                                           : rec_target_samples(out, &o->samples, data, err);
}

static void text_free(void *text)
{
    rec_conversation_text *t = text;
    rec_grounder_free(t->grounder);
    rec_tfidf_free(t->corpus);
    rec_popular_titles_deinit(&t->popular);
    free(t);
}

static rec_status conversation_prepare_text(rec_sample_set *set, const void *options,
                                            const rec_task_data *data, rec_error *err)
{
    const rec_conversation_options *o = options;
    const rec_catalogue *c = &data->dataset->catalogue;
    rec_conversation_text *text = rec_alloc(1, sizeof *text, err);
    if (text == NULL)
        return REC_ERR_RESOURCE;
    rec_status status =
        rec_grounder_new(&text->grounder, c->titles, c->n_items, REC_SIMILAR_ERRORS, err);
    if (status == REC_OK && o->compat != 0)
        status = rec_reclm_corpus(&text->corpus, c, REC_TITLE_CONVERSATION, err);
    if (status == REC_OK)
        status = rec_popular_titles_init(&text->popular, data, err);
    if (status != REC_OK) {
        text_free(text);
        return status;
    }
    set->text = text;
    set->text_free = text_free;
    return REC_OK;
}

static const char *const texts[] = {"transcript", NULL};

const rec_task rec_task_conversation = {
    .name = "conversation",
    .help = "find a user's item by talking to a simulated user",
    .any_of = REC_CAN_SCORE | REC_CAN_RESPOND,
    .size = sizeof(rec_conversation_options),
    .options = conversation_options,
    .group = 64,
    .text_group = 16,
    .texts_of_all = true,
    .texts = texts,
    .columns = conversation_columns,
    .is_random = conversation_is_random,
    .list_length = conversation_list_length,
    .lm_samples = conversation_lm_samples,
    .samples = conversation_samples,
    .prepare_text = conversation_prepare_text,
    .step = rec_conversation_step,
    .remark = conversation_remark,
};
