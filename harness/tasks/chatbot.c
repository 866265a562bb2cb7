/* harness/tasks/chatbot.c: free questions to a system and to a baseline, judged in pairs. RecLM-eval's
 * task of the same name asks a third each of explanations, rankings and retrievals; here the kind of a
 * question is drawn per sample, so that a sample more or fewer changes no other. Or the questions come
 * out of a file, which plugs general benchmarks in. */
#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/json.h"
#include "core/memory.h"
#include "core/rng.h"
#include "core/sorted.h"
#include "datasets/json_lines.h"
#include "harness/systems/item_text.h"
#include "harness/tasks/candidates.h"
#include "harness/tasks/judged.h"
#include "harness/tasks/prompt.h"
#include "harness/tasks/rank_task.h"
#include "harness/tasks/target_samples.h"

typedef enum kind { EXPLANATION, RANKING, RETRIEVAL, N_KINDS } kind;

typedef struct chatbot {
    rec_target_options samples;
    rec_judged_options judged;
    rec_prompt_options asks[N_KINDS];
    char *prompts;
    int64_t candidates;
} chatbot;

static const char decline[] = "I am sorry, but I cannot help with that.";

static const char *const slots[N_KINDS][4] = {
    {"history", "item", NULL}, {"history", "candidates", "n", NULL}, {"history", NULL}};

#define ASKS(kind, name)                                                                           \
    {                                                                                              \
        name, "template of such questions; default: configs/tasks/chatbot.yaml",                   \
            offsetof(chatbot, asks[kind]), REC_OPT_TABLE, .table = rec_prompt_option_table         \
    }

static const rec_option chatbot_options[] = {
    REC_TARGET_OPTIONS(chatbot, samples),
    {"prompts", "questions of your own: JSON lines with `prompt` and, if you like, `id`",
     offsetof(chatbot, prompts), REC_OPT_STRING, .text = NULL, .is_file = true},
    ASKS(EXPLANATION, "explanation"),
    ASKS(RANKING, "ranking"),
    ASKS(RETRIEVAL, "retrieval"),
    {"candidates", "items of a ranking question", offsetof(chatbot, candidates), REC_OPT_INT,
     .value = 20, .min = 2, .max = 1000},
    REC_JUDGED_OPTIONS(chatbot, "the model whose answers are compared with; none: a rule that "
                                "declines to answer"),
    {.key = NULL},
};

static rec_status chatbot_columns(rec_task_entry *entry, const rec_yaml *map, rec_error *err)
{
    chatbot *o = entry->options;
    rec_status status = REC_OK;
    o->judged.protocol = "pairwise";
    for (size_t i = 0; i < N_KINDS && status == REC_OK; i++)
        if (o->asks[i].user != NULL) /* nobody is asked otherwise */
            status = rec_prompt_check(&o->asks[i], slots[i], map, err);
    return status == REC_OK ? rec_judged_columns(entry, &o->judged, map, err) : status;
}

/* Candidates are drawn by seed. */
static bool chatbot_is_random(const void *options)
{
    const chatbot *o = options;
    return o->prompts == NULL || rec_judged_is_random(&o->judged);
}

static size_t chatbot_list_length(const void *options)
{
    (void)options;
    return 0;
}

static size_t chatbot_lm_samples(const void *options)
{
    return (size_t)((const chatbot *)options)->samples.lm_samples;
}

/* ---- questions out of a file ---- */

typedef struct question {
    char *text, *name; /* owned */
} question;

typedef struct question_list {
    question *questions; /* owned */
    size_t n;
} question_list;

static void question_list_free(void *list)
{
    question_list *l = list;
    for (size_t i = 0; i < l->n; i++) {
        free(l->questions[i].text);
        free(l->questions[i].name);
    }
    free(l->questions);
    free(l);
}

static rec_status add_question(void *context, const cJSON *object, size_t line, rec_error *err)
{
    question_list *l = context;
    char number[32];
    const char *id = rec_json_scalar(cJSON_GetObjectItemCaseSensitive(object, "id"), number);
    const char *text = rec_json_string(object, "prompt", err);
    if (text == NULL)
        return REC_ERR_DATA;
    question *grown = rec_realloc(l->questions, l->n + 1, sizeof *grown, err);
    if (grown == NULL)
        return REC_ERR_RESOURCE;
    l->questions = grown;
    question *q = &grown[l->n++];
    q->text = rec_strdup(text, err);
    q->name = id != NULL ? rec_strdup(id, err) : rec_format(err, "line %zu", line);
    return q->text != NULL && q->name != NULL ? REC_OK : REC_ERR_RESOURCE;
}

static rec_status read_questions(question_list **out, const char *name, rec_error *err)
{
    char *path = NULL;
    question_list *l = rec_alloc(1, sizeof *l, err);
    rec_status status = l != NULL ? REC_OK : REC_ERR_RESOURCE;
    if (status != REC_OK)
        return status;
    REC_TRY(rec_data_path(&path, name, err));
    REC_TRY(rec_json_lines_read(path, NULL, add_question, l, err));
    status = l->n > 0 ? REC_OK : rec_fail(err, REC_ERR_DATA, "%s: no questions", path);
cleanup:
    free(path);
    if (status != REC_OK)
        question_list_free(l);
    else
        *out = l;
    return status;
}

/* `turn` is the number of the question; its user is nobody of the data. */
static rec_status file_samples(rec_sample_set *out, const chatbot *o, rec_error *err)
{
    question_list *l;
    *out = (rec_sample_set){0};
    rec_status status = read_questions(&l, o->prompts, err);
    if (status != REC_OK)
        return status;
    out->text = l;
    out->text_free = question_list_free;
    size_t most = o->samples.samples > 0 ? (size_t)o->samples.samples : l->n;
    out->n = most < l->n ? most : l->n;
    out->samples = rec_arena_alloc(&out->arena, out->n, sizeof *out->samples, err);
    if (out->samples == NULL) {
        rec_sample_set_deinit(out);
        return REC_ERR_RESOURCE;
    }
    for (size_t i = 0; i < out->n; i++)
        out->samples[i] =
            (rec_sample){.user = (uint32_t)i, .turn = (uint32_t)i, .name = l->questions[i].name};
    return REC_OK;
}

static const char *chatbot_remark(const void *options)
{
    return rec_judged_remark(&((const chatbot *)options)->judged);
}

static rec_status chatbot_samples(rec_sample_set *out, const void *options,
                                  const rec_task_data *data, rec_error *err)
{
    const chatbot *o = options;
    return o->prompts != NULL ? file_samples(out, o, err)
                              : rec_target_samples(out, &o->samples, data, err);
}

/* ---- questions out of the data ---- */

/* Items the user touched, ascending, each once; in the job's arena. */
static rec_status touched_items(uint32_t **out, size_t *n, rec_job *job, rec_error *err)
{
    const rec_interactions *x = &job->data->dataset->interactions;
    size_t start = x->start[job->sample->user];
    size_t n_rows = x->start[job->sample->user + 1] - start;
    uint32_t *items = rec_arena_alloc(&job->arena, n_rows, sizeof *items, err);
    if (items == NULL)
        return REC_ERR_RESOURCE;
    if (n_rows > 0)
        memcpy(items, x->item + start, n_rows * sizeof *items);
    *out = items;
    *n = rec_sort_distinct_u32(items, n_rows);
    return REC_OK;
}

/* The target among items the user never touched, in random order. */
static rec_status draw_candidates(uint32_t **out, size_t *n, rec_job *job, size_t n_wanted,
                                  rec_error *err)
{
    size_t n_items = job->data->dataset->catalogue.n_items, n_taken;
    uint32_t *taken, *items = rec_arena_alloc(&job->arena, n_wanted, sizeof *items, err);
    rec_rng rng = rec_rng_keyed(job->data->seed, "chatbot/candidates", rec_sample_id(job->sample));
    if (items == NULL)
        return REC_ERR_RESOURCE;
    rec_status status = touched_items(&taken, &n_taken, job, err);
    if (status != REC_OK)
        return status;
    size_t n_free = n_items - n_taken;
    *n = n_wanted < n_free + 1 ? n_wanted : n_free + 1;
    status = rec_draw_uniform(items, *n - 1, n_items, taken, n_taken, &rng, err);
    items[*n - 1] = job->sample->targets[0];
    rec_rng_shuffle(&rng, items, *n, sizeof *items);
    *out = items;
    return status;
}

static kind kind_of(const rec_job *job)
{
    rec_rng rng = rec_rng_keyed(job->data->user_seed, "chatbot/kind", rec_sample_id(job->sample));
    return (kind)rec_rng_below(&rng, N_KINDS);
}

static rec_status data_question(rec_request *out, rec_job *job, const chatbot *o, rec_error *err)
{
    const rec_catalogue *c = &job->data->dataset->catalogue;
    const rec_query *q = &job->sample->query;
    kind k = kind_of(job);
    const rec_prompt_options *template = &o->asks[k];
    uint32_t *candidates = NULL;
    size_t n = 0;
    rec_status status =
        k == RANKING ? draw_candidates(&candidates, &n, job, (size_t)o->candidates, err) : REC_OK;
    const rec_prompt_slot filled[] = {
        {.name = "history",
         .items = q->history,
         .n = q->n_history,
         .is_list = true,
         .item_format = template->history_item,
         .separator = template->history_separator,
         .may_drop = true},
        {.name = "item", .text = rec_item_title(c, job->sample->targets[0])},
        {.name = "candidates",
         .items = candidates,
         .n = n,
         .is_list = true,
         .item_format = template->candidate_item,
         .separator = template->candidate_separator},
        {.name = "n", .number = n},
    };
    return status == REC_OK ? rec_prompt_build(out, template, filled,
                                               sizeof filled / sizeof *filled, c, &job->arena, err)
                            : status;
}

/* A question of the user's is data: it is asked as it stands, by the settings of the first template. */
static rec_status file_question(rec_request *out, rec_job *job, const chatbot *o, rec_error *err)
{
    const question_list *l = job->set->text;
    char whole[] = "{question}";
    rec_prompt_options template = o->asks[EXPLANATION];
    template.user = whole;
    const rec_prompt_slot filled = {.name = "question",
                                    .text = l->questions[job->sample->turn].text};
    return rec_prompt_build(out, &template, &filled, 1, &job->data->dataset->catalogue, &job->arena,
                            err);
}

static rec_status chatbot_step(rec_job *job, const rec_reply *replies, rec_error *err)
{
    const chatbot *o = job->task->options;
    if (job->stage != 0)
        return rec_judged_step(job, &o->judged, replies, err);
    rec_request asked = {0};
    rec_status status = o->prompts != NULL ? file_question(&asked, job, o, err)
                                           : data_question(&asked, job, o, err);
    return status == REC_OK ? rec_judged_ask(job, &o->judged, &asked, decline, err) : status;
}

static rec_status chatbot_whole_run(double *values, const rec_task_outcome *outcome, rec_error *err)
{
    const chatbot *o = outcome->task->options;
    return rec_judged_whole_run(values, outcome, &o->judged, err);
}

const rec_task rec_task_chatbot = {
    .name = "chatbot",
    .help = "free questions, or those of a file; judged in pairs",
    .needs = REC_CAN_RESPOND,
    .size = sizeof(chatbot),
    .options = chatbot_options,
    .group = 64,
    .texts = rec_judged_texts,
    .columns = chatbot_columns,
    .is_random = chatbot_is_random,
    .list_length = chatbot_list_length,
    .lm_samples = chatbot_lm_samples,
    .samples = chatbot_samples,
    .step = chatbot_step,
    .whole_run = chatbot_whole_run,
    .remark = chatbot_remark,
};
