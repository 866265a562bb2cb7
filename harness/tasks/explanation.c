/* harness/tasks/explanation.c: why was this item recommended to this user? Judged against a baseline's
 * explanation. RecLM-eval's task of the same name: at most 100 words, user history and item given; the
 * wording is ours. */
#include <string.h>

#include "core/buffer.h"
#include "harness/systems/item_text.h"
#include "harness/tasks/columns.h"
#include "harness/tasks/judged.h"
#include "harness/tasks/prompt.h"
#include "harness/tasks/rank_task.h"
#include "harness/tasks/target_samples.h"

enum { MAX_WORDS = 100 }; /* what the prompt allows */

typedef struct explanation {
    rec_target_options samples;
    rec_judged_options judged;
    rec_prompt_options prompt;
} explanation;

static const char *const slots[] = {"history", "item", NULL};

static const rec_option explanation_options[] = {
    REC_TARGET_OPTIONS(explanation, samples),
    {"prompt", "how systems are asked; default: configs/tasks/explanation.yaml",
     offsetof(explanation, prompt), REC_OPT_TABLE, .table = rec_prompt_option_table},
    REC_JUDGED_OPTIONS(explanation, "the model whose explanations are compared with; none: a rule "
                                    "that names the latest items of the history"),
    {.key = NULL},
};

static rec_status explanation_columns(rec_task_entry *entry, const rec_yaml *map, rec_error *err)
{
    explanation *o = entry->options;
    const rec_task_column words[] = {{.metric = "words"}, {.metric = "too_long_rate"}};
    o->judged.protocol = "aspects";
    rec_status status = REC_OK;
    if (o->prompt.user != NULL) /* nobody is asked otherwise */
        status = rec_prompt_check(&o->prompt, slots, map, err);
    if (status == REC_OK)
        status = rec_judged_columns(entry, &o->judged, map, err);
    for (size_t i = 0; i < 2 && status == REC_OK; i++)
        status = rec_task_add_column(entry, &words[i], err);
    return status;
}

static bool explanation_is_random(const void *options)
{
    const explanation *o = options;
    return o->prompt.temperature > 0.0 || rec_judged_is_random(&o->judged);
}

static size_t explanation_list_length(const void *options)
{
    (void)options;
    return 0;
}

static size_t explanation_lm_samples(const void *options)
{
    return (size_t)((const explanation *)options)->samples.lm_samples;
}

static const char *explanation_remark(const void *options)
{
    return rec_judged_remark(&((const explanation *)options)->judged);
}

static rec_status explanation_samples(rec_sample_set *out, const void *options,
                                      const rec_task_data *data, rec_error *err)
{
    return rec_target_samples(out, &((const explanation *)options)->samples, data, err);
}

static rec_status ask_why(rec_request *out, rec_job *job, const explanation *o, rec_error *err)
{
    const rec_catalogue *c = &job->data->dataset->catalogue;
    const rec_query *q = &job->sample->query;
    const rec_prompt_slot filled[] = {
        {.name = "history",
         .items = q->history,
         .n = q->n_history,
         .is_list = true,
         .item_format = o->prompt.history_item,
         .separator = o->prompt.history_separator,
         .may_drop = true},
        {.name = "item", .text = rec_item_title(c, job->sample->targets[0])},
    };
    return rec_prompt_build(out, &o->prompt, filled, 2, c, &job->arena, err);
}

/* "We recommend X because you liked A, B and C": what any reader of the history could say. */
static rec_status rule_explanation(const char **out, rec_job *job, rec_error *err)
{
    enum { N_NAMED = 3 };
    const rec_catalogue *c = &job->data->dataset->catalogue;
    const rec_query *q = &job->sample->query;
    rec_buffer text = {0};
    size_t n = q->n_history < N_NAMED ? q->n_history : N_NAMED;
    rec_status status = rec_buffer_printf(&text, err, "We recommend %s",
                                          rec_item_title(c, job->sample->targets[0]));
    for (size_t i = 0; i < n && status == REC_OK; i++)
        status = rec_buffer_printf(&text, err, "%s%s",
                                   i == 0       ? " because you liked "
                                   : i + 1 == n ? " and "
                                                : ", ",
                                   rec_item_title(c, q->history[q->n_history - n + i]));
    if (status == REC_OK)
        status = rec_buffer_puts(&text, ".", err);
    *out = status == REC_OK ? rec_arena_strdup(&job->arena, text.data, err) : NULL;
    rec_buffer_deinit(&text);
    return *out != NULL ? REC_OK : status != REC_OK ? status : REC_ERR_RESOURCE;
}

static size_t count_words(const char *text)
{
    size_t n = 0;
    for (const char *at = text + strspn(text, " \t\r\n"); *at != '\0';) {
        n++;
        at += strcspn(at, " \t\r\n");
        at += strspn(at, " \t\r\n");
    }
    return n;
}

static rec_status explanation_step(rec_job *job, const rec_reply *replies, rec_error *err)
{
    const explanation *o = job->task->options;
    if (job->stage != 0) {
        rec_status status = rec_judged_step(job, &o->judged, replies, err);
        if (status == REC_OK && job->n_requests == 0 && !job->has_failed) {
            size_t n = count_words(rec_judged_answer(job));
            rec_job_set(job, "words", 0, (double)n);
            rec_job_set(job, "too_long_rate", 0, n > MAX_WORDS ? 1.0 : 0.0);
        }
        return status;
    }
    rec_request question = {0};
    const char *rule = NULL;
    rec_status status = ask_why(&question, job, o, err);
    if (status == REC_OK)
        status = rule_explanation(&rule, job, err);
    return status == REC_OK ? rec_judged_ask(job, &o->judged, &question, rule, err) : status;
}

static rec_status explanation_whole_run(double *values, const rec_task_outcome *outcome,
                                        rec_error *err)
{
    const explanation *o = outcome->task->options;
    return rec_judged_whole_run(values, outcome, &o->judged, err);
}

const rec_task rec_task_explanation = {
    .name = "explanation",
    .help = "explain a recommendation; judged in pairs",
    .needs = REC_CAN_RESPOND,
    .size = sizeof(explanation),
    .options = explanation_options,
    .group = 64,
    .texts = rec_judged_texts,
    .columns = explanation_columns,
    .is_random = explanation_is_random,
    .list_length = explanation_list_length,
    .lm_samples = explanation_lm_samples,
    .samples = explanation_samples,
    .step = explanation_step,
    .whole_run = explanation_whole_run,
    .remark = explanation_remark,
};
