/* harness/tasks/multi_choices.c: lettered questions of a file, in the records of RecLM-eval's task of this
 * name: one JSON object per line with `prompt`, `candidates` ("A. title", "B. title", ...) and the right
 * letter in `correct_answer` or `target`. Any multiple-choice benchmark can be written so. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/json_build.h"
#include "core/memory.h"
#include "datasets/json_lines.h"
#include "harness/replies/letters.h"
#include "harness/tasks/choice.h"
#include "harness/tasks/columns.h"

typedef struct multi_choices {
    rec_prompt_options prompt;
    char *file;
    int parser, answer;
    int64_t samples;
} multi_choices;

static const rec_option options[] = {
    {"file", "the questions, one JSON object per line", offsetof(multi_choices, file),
     REC_OPT_STRING, .required = true, .is_file = true},
    {"samples", "the first so many questions; 0 = all", offsetof(multi_choices, samples),
     REC_OPT_INT, .value = 0, .min = 0, .max = 1e12},
    {"answer", "a letter that is written, or the likeliest of the letters",
     offsetof(multi_choices, answer), REC_OPT_ENUM, .choices = rec_choice_answer_names},
    {"parser", "how a letter is read out of an answer", offsetof(multi_choices, parser),
     REC_OPT_ENUM, .choices = rec_letter_parser_names},
    {"prompt", "how systems are asked; default: configs/tasks/multi_choices.yaml",
     offsetof(multi_choices, prompt), REC_OPT_TABLE, .table = rec_prompt_option_table},
    {.key = NULL},
};

static const char *const letters[] = {"A", "B", "C", "D", "E", "F", "G", "H", "I",
                                      "J", "K", "L", "M", "N", "O", "P", "Q", "R",
                                      "S", "T", "U", "V", "W", "X", "Y", "Z"};

static rec_status columns(rec_task_entry *entry, const rec_yaml *map, rec_error *err)
{
    static const char *const slots[] = {"question", NULL};
    static const rec_task_column figures[] = {
        {.metric = "acc", .k = 1, .higher_is_better = true},
        {.metric = "acc_answered", .higher_is_better = true},
        {.metric = "none_ratio"},
    };
    const multi_choices *o = entry->options;
    rec_status status = REC_OK;
    if (o->prompt.user != NULL)
        status = rec_prompt_check(&o->prompt, slots, map, err);
    for (size_t i = 0; i < sizeof figures / sizeof *figures && status == REC_OK; i++)
        status = rec_task_add_column(entry, &figures[i], err);
    return status;
}

static bool is_random(const void *self)
{
    (void)self;
    return false;
}

static size_t list_length(const void *self)
{
    (void)self; /* options are no items */
    return 0;
}

/* ---- questions ---- */

typedef struct question {
    char *text;
    char *titles[REC_MAX_OPTIONS]; /* without their letters */
    size_t n_options;
    unsigned right;
} question;

typedef struct questions {
    question *items; /* owned */
    size_t n, capacity, n_wanted;
} questions;

static void questions_free(void *self)
{
    questions *q = self;
    for (size_t i = 0; i < q->n; i++) {
        free(q->items[i].text);
        for (size_t c = 0; c < q->items[i].n_options; c++)
            free(q->items[i].titles[c]);
    }
    free(q->items);
    free(q);
}

/* "C. title" or "C) title": the title, where the letter is that of its place. */
static const char *title_of(const char *option, size_t place)
{
    if (option[0] != letters[place][0] || (option[1] != '.' && option[1] != ')'))
        return NULL;
    return option + 2 + strspn(option + 2, " ");
}

static rec_status read_options(question *q, const cJSON *list, rec_error *err)
{
    const cJSON *option;
    if (!cJSON_IsArray(list))
        return rec_fail(err, REC_ERR_DATA, "candidates: a list of \"A. title\" is due");
    cJSON_ArrayForEach(option, list)
    {
        const char *text = cJSON_GetStringValue(option);
        if (q->n_options == REC_MAX_OPTIONS)
            return rec_fail(err, REC_ERR_DATA, "candidates: more than %d", REC_MAX_OPTIONS);
        const char *title = text != NULL ? title_of(text, q->n_options) : NULL;
        if (title == NULL)
            return rec_fail(err, REC_ERR_DATA, "candidates: \"%s. title\" is due at place %zu",
                            letters[q->n_options], q->n_options + 1);
        q->titles[q->n_options] = rec_strdup(title, err);
        if (q->titles[q->n_options] == NULL)
            return REC_ERR_RESOURCE;
        q->n_options++;
    }
    return q->n_options >= 2 ? REC_OK
                             : rec_fail(err, REC_ERR_DATA, "candidates: at least two are due");
}

static rec_status read_answer(question *q, const cJSON *object, rec_error *err)
{
    const cJSON *node = cJSON_GetObjectItemCaseSensitive(object, "correct_answer");
    const char *letter = cJSON_GetStringValue(
        node != NULL ? node : cJSON_GetObjectItemCaseSensitive(object, "target"));
    if (letter != NULL && letter[0] >= 'A' && letter[0] < 'A' + (int)q->n_options)
        q->right = (unsigned)(letter[0] - 'A');
    else if (letter != NULL && letter[0] >= 'a' && letter[0] < 'a' + (int)q->n_options)
        q->right = (unsigned)(letter[0] - 'a');
    else
        return rec_fail(err, REC_ERR_DATA, "correct_answer: a letter from A to %s is due",
                        letters[q->n_options - 1]);
    return REC_OK;
}

static rec_status add_question(void *context, const cJSON *object, size_t line, rec_error *err)
{
    questions *all = context;
    (void)line;
    if (all->n_wanted > 0 && all->n == all->n_wanted)
        return REC_OK;
    if (all->n == all->capacity) {
        size_t capacity = all->capacity > 0 ? 2 * all->capacity : 64;
        question *grown = rec_realloc(all->items, capacity, sizeof *grown, err);
        if (grown == NULL)
            return REC_ERR_RESOURCE;
        all->items = grown;
        all->capacity = capacity;
    }
    question *q = &all->items[all->n++];
    *q = (question){0};
    const char *text = rec_json_string(object, "prompt", err);
    if (text == NULL)
        return REC_ERR_DATA;
    q->text = rec_strdup(text, err);
    rec_status status = q->text != NULL ? REC_OK : REC_ERR_RESOURCE;
    if (status == REC_OK)
        status = read_options(q, cJSON_GetObjectItemCaseSensitive(object, "candidates"), err);
    return status == REC_OK ? read_answer(q, object, err) : status;
}

static rec_status read_file(rec_sample_set *set, const multi_choices *o, rec_error *err)
{
    char *path = NULL;
    questions *q = rec_alloc(1, sizeof *q, err);
    if (q == NULL)
        return REC_ERR_RESOURCE;
    set->text = q;
    set->text_free = questions_free;
    q->n_wanted = (size_t)o->samples;
    rec_status status = rec_data_path(&path, o->file, err);
    if (status == REC_OK)
        status = rec_json_lines_read(path, NULL, add_question, q, err);
    if (status == REC_OK && q->n == 0)
        status = rec_fail(err, REC_ERR_DATA, "%s: no questions", path);
    free(path);
    return status;
}

static rec_status add_sample(rec_sample_set *set, uint32_t i, rec_error *err)
{
    enum { NAME = 32 };
    char *name = rec_arena_alloc(&set->arena, NAME, 1, err);
    if (name == NULL)
        return REC_ERR_RESOURCE;
    snprintf(name, NAME, "question %u", (unsigned)i + 1);
    set->samples[set->n++] = (rec_sample){.user = i, .name = name, .query = {.user = REC_NO_USER}};
    return REC_OK;
}

static rec_status samples(rec_sample_set *out, const void *self, const rec_task_data *data,
                          rec_error *err)
{
    (void)data; /* the questions are their own data */
    rec_status status;
    *out = (rec_sample_set){0};
    REC_TRY(read_file(out, self, err));
    size_t n = ((const questions *)out->text)->n;
    out->samples = rec_arena_alloc(&out->arena, n, sizeof *out->samples, err);
    if (out->samples == NULL)
        status = REC_ERR_RESOURCE;
    for (uint32_t i = 0; i < n && status == REC_OK; i++)
        status = add_sample(out, i, err);
    if (status == REC_OK)
        status = rec_json_new_object(&out->counts, err);
    if (status == REC_OK)
        status = rec_json_add_count(out->counts, "samples", n, err);
cleanup:
    if (status != REC_OK)
        rec_sample_set_deinit(out);
    return status;
}

/* ---- asking and reading ---- */

static const question *question_of(const rec_job *job)
{
    return &((const questions *)job->set->text)->items[job->sample->user];
}

static rec_status ask(rec_job *job, const multi_choices *o, rec_error *err)
{
    const question *q = question_of(job);
    const rec_prompt_slot slot = {.name = "question", .text = q->text};
    rec_request *request = rec_arena_alloc(&job->arena, 1, sizeof *request, err);
    rec_lm_answer_key *key = rec_arena_alloc(&job->arena, 1, sizeof *key, err);
    if (request == NULL || key == NULL)
        return REC_ERR_RESOURCE;
    if (o->prompt.user == NULL)
        return rec_fail(err, REC_ERR_CONFIG, "prompt: user: missing");
    *key = (rec_lm_answer_key){.candidates = letters,
                               .n_candidates = q->n_options,
                               .targets = &letters[q->right],
                               .n_targets = 1,
                               .n_wanted = 1};
    *request = (rec_request){.to = REC_PARTY_SYSTEM, .key = key};
    rec_status status = rec_prompt_build(request, &o->prompt, &slot, 1,
                                         &job->data->dataset->catalogue, &job->arena, err);
    request->text.seed = job->data->seed;
    request->text.id = job->sample->user;
    if (o->answer == REC_CHOICE_LIKELIHOOD) {
        request->kind = REC_REQUEST_CHOOSE;
        request->choices = letters;
        request->n_choices = q->n_options;
    }
    job->stage = 1;
    job->state = request;
    return status == REC_OK ? rec_job_ask(job, request, 1, err) : status;
}

static rec_status keep_texts(rec_job *job, const char *reply, unsigned option, const char *mode,
                             rec_error *err)
{
    const char *prompt = rec_request_text(job->state, &job->arena, err);
    const char *const kept[] = {prompt, reply, option != REC_NO_OPTION ? letters[option] : "",
                                mode};
    rec_status status = prompt != NULL ? REC_OK : REC_ERR_RESOURCE;
    for (size_t i = 0; i < sizeof kept / sizeof *kept && status == REC_OK; i++)
        status = rec_job_set_text(job, i, kept[i], err);
    return status;
}

static rec_status read_reply(rec_job *job, const multi_choices *o, const rec_reply *reply,
                             rec_error *err)
{
    const question *q = question_of(job);
    rec_letter_answer answer = {.option = REC_NO_OPTION};
    const char *mode = "likelihood";
    rec_status status = REC_OK;
    if (reply->kind == REC_REQUEST_CHOOSE) {
        if (reply->n_ranked != q->n_options)
            return rec_fail(err, REC_ERR_DATA,
                            "stored scores do not fit their sample: use --fresh");
        answer.option = (unsigned)rec_argmax(reply->scores, q->n_options);
    } else {
        status = rec_letter_parsers[o->parser]->parse(
            &answer, reply->text, (const char *const *)q->titles, q->n_options, err);
        mode = rec_letter_mode_names[answer.mode];
    }
    if (status != REC_OK)
        return status;
    bool is_answer = answer.option < q->n_options, is_right = answer.option == q->right;
    rec_job_set(job, "acc", 1, is_right);
    rec_job_set(job, "none_ratio", 0, !is_answer);
    if (is_answer)
        rec_job_set(job, "acc_answered", 0, is_right);
    return keep_texts(job, reply->text != NULL ? reply->text : "", answer.option, mode, err);
}

static rec_status step(rec_job *job, const rec_reply *replies, rec_error *err)
{
    const multi_choices *o = job->task->options;
    if (job->stage == 0)
        return ask(job, o, err);
    job->n_requests = 0;
    bool has_failed =
        replies->failure != NULL || (replies->kind == REC_REQUEST_TEXT && replies->text == NULL);
    if (!has_failed)
        return read_reply(job, o, replies, err);
    job->has_failed = true;
    return rec_job_set_text(job, 1, replies->failure != NULL ? replies->failure : "", err);
}

const rec_task rec_task_multi_choices = {
    .name = "multi_choices",
    .help = "lettered questions of a file",
    .needs = REC_CAN_CHOOSE | REC_CAN_RESPOND,
    .size = sizeof(multi_choices),
    .options = options,
    .group = 64,
    .texts = rec_choice_texts,
    .columns = columns,
    .is_random = is_random,
    .list_length = list_length,
    .samples = samples,
    .step = step,
};
