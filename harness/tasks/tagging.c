/* harness/tasks/tagging.c: which of the tags of a catalogue belong to an item? Tags are the values of a
 * column of lists (genres); the prompt shows the item's title and all tags. RecLM-eval has a template
 * for it that no command reaches. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/json_build.h"
#include "core/memory.h"
#include "harness/replies/grounding.h"
#include "harness/replies/list_parser.h"
#include "harness/systems/item_text.h"
#include "harness/tasks/columns.h"
#include "harness/tasks/prompt.h"
#include "harness/tasks/task.h"

typedef struct tagging {
    rec_prompt_options prompt;
    char *column;
    int parser;
    int64_t samples;
} tagging;

enum { MAX_TAGS = 200 }; /* a prompt shows them all */

static const rec_option options[] = {
    {"column", "the lists of tags; none: the first column of lists", offsetof(tagging, column),
     REC_OPT_REFERENCE, .refers_to = "column"},
    {"samples", "at most so many items, drawn by seed; 0 = all", offsetof(tagging, samples),
     REC_OPT_INT, .value = 0, .min = 0, .max = 1e12},
    {"parser", "how tags are read out of an answer", offsetof(tagging, parser), REC_OPT_ENUM,
     .choices = rec_list_parser_names},
    {"prompt", "how systems are asked; default: configs/tasks/tagging.yaml",
     offsetof(tagging, prompt), REC_OPT_TABLE, .table = rec_prompt_option_table},
    {.key = NULL},
};

static const char *const texts[] = {"prompt", "reply", "parsed", "parser", NULL};
enum { TEXT_PROMPT, TEXT_REPLY, TEXT_PARSED, TEXT_PARSER };

static rec_status columns(rec_task_entry *entry, const rec_yaml *map, rec_error *err)
{
    static const char *const slots[] = {"item", "tags", "n", NULL};
    static const rec_task_column figures[] = {
        {.metric = "tag_precision", .higher_is_better = true},
        {.metric = "tag_recall", .higher_is_better = true},
        {.metric = "tag_f1", .higher_is_better = true},
        {.metric = "tag_exact", .higher_is_better = true},
        {.metric = "unknown_tag_rate"},
        {.metric = "empty_rate"},
    };
    const tagging *o = entry->options;
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
    (void)self; /* tags are no items */
    return 0;
}

/* ---- samples ---- */

/* Tags of the catalogue in byte order, and of each item by number. */
typedef struct tag_data {
    char **tags; /* owned array; borrowed from the catalogue */
    size_t n;
    char *list; /* owned: "a, b, c" */
    rec_grounder *grounder;
    const rec_column *column;
} tag_data;

static void tag_data_free(void *self)
{
    tag_data *t = self;
    rec_grounder_free(t->grounder);
    free(t->tags);
    free(t->list);
    free(t);
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static rec_status collect_tags(tag_data *t, size_t n_items, rec_error *err)
{
    size_t n_all = t->column->start[n_items];
    t->tags = rec_alloc(n_all, sizeof *t->tags, err);
    if (t->tags == NULL)
        return REC_ERR_RESOURCE;
    memcpy(t->tags, t->column->texts, n_all * sizeof *t->tags);
    qsort(t->tags, n_all, sizeof *t->tags, compare_texts);
    for (size_t i = 0; i < n_all; i++)
        if (t->n == 0 || strcmp(t->tags[t->n - 1], t->tags[i]) != 0)
            t->tags[t->n++] = t->tags[i];
    if (t->n == 0 || t->n > MAX_TAGS)
        return rec_fail(err, REC_ERR_DATA, "column %s has %zu tags; 1 to %d can be shown",
                        t->column->name, t->n, MAX_TAGS);
    return REC_OK;
}

static rec_status join_tags(tag_data *t, rec_error *err)
{
    rec_buffer list = {0};
    rec_status status = REC_OK;
    for (size_t i = 0; i < t->n && status == REC_OK; i++)
        status = rec_buffer_printf(&list, err, "%s%s", i > 0 ? ", " : "", t->tags[i]);
    t->list = status == REC_OK ? rec_buffer_take(&list, err) : NULL;
    rec_buffer_deinit(&list);
    return t->list != NULL ? REC_OK : REC_ERR_RESOURCE;
}

static const rec_column *find_column(const rec_catalogue *c, const char *name)
{
    for (size_t i = 0; i < c->n_columns; i++)
        if (c->columns[i].type == REC_COLUMN_TEXTS &&
            (name == NULL || strcmp(c->columns[i].name, name) == 0))
            return &c->columns[i];
    return NULL;
}

static rec_status make_tags(rec_sample_set *set, const tagging *o, const rec_catalogue *c,
                            rec_error *err)
{
    tag_data *t = rec_alloc(1, sizeof *t, err);
    if (t == NULL)
        return REC_ERR_RESOURCE;
    rec_status status = REC_OK;
    t->column = find_column(c, o->column);
    set->text = t;
    set->text_free = tag_data_free;
    if (t->column == NULL)
        return rec_fail(err, REC_ERR_DATA, "column: items have no column of lists%s%s",
                        o->column != NULL ? " called " : "", o->column != NULL ? o->column : "");
    status = collect_tags(t, c->n_items, err);
    if (status == REC_OK)
        status = join_tags(t, err);
    return status == REC_OK ? rec_grounder_new(&t->grounder, t->tags, t->n, REC_SIMILAR_ERRORS, err)
                            : status;
}

static rec_status add_sample(rec_sample_set *set, const rec_catalogue *c, uint32_t item,
                             rec_error *err)
{
    uint32_t *target = rec_arena_alloc(&set->arena, 1, sizeof *target, err);
    if (target == NULL)
        return REC_ERR_RESOURCE;
    *target = item;
    set->samples[set->n++] = (rec_sample){.user = item,
                                          .name = c->ids[item],
                                          .query = {.user = REC_NO_USER},
                                          .targets = target,
                                          .n_targets = 1};
    return REC_OK;
}

/* The first so many items with tags, in an order that the seed draws. */
static rec_status samples(rec_sample_set *out, const void *self, const rec_task_data *data,
                          rec_error *err)
{
    const tagging *o = self;
    const rec_catalogue *c = &data->dataset->catalogue;
    *out = (rec_sample_set){0};
    rec_status status;
    rec_rng rng = rec_rng_keyed(data->user_seed, "tagging/items", 0);
    uint32_t *order = rec_alloc(c->n_items, sizeof *order, err);
    out->samples = rec_arena_alloc(&out->arena, c->n_items, sizeof *out->samples, err);
    status = order != NULL && out->samples != NULL ? REC_OK : REC_ERR_RESOURCE;
    if (status == REC_OK)
        status = make_tags(out, o, c, err);
    if (status != REC_OK)
        goto cleanup;
    const tag_data *t = out->text;
    rec_rng_sample(order, &rng, (uint32_t)c->n_items, (uint32_t)c->n_items);
    for (size_t i = 0; i < c->n_items; i++) {
        bool has_tags = t->column->start[order[i] + 1] > t->column->start[order[i]];
        out->n_skipped += !has_tags;
        if (has_tags && (o->samples == 0 || out->n < (size_t)o->samples))
            REC_TRY(add_sample(out, c, order[i], err));
    }
    REC_TRY(rec_json_new_object(&out->counts, err));
    status = rec_json_add_count(out->counts, "samples", out->n, err);
cleanup:
    free(order);
    if (status != REC_OK)
        rec_sample_set_deinit(out);
    return status;
}

/* ---- asking and reading ---- */

static rec_status ask(rec_job *job, const tagging *o, rec_error *err)
{
    const tag_data *t = job->set->text;
    const rec_catalogue *c = &job->data->dataset->catalogue;
    const rec_prompt_slot filled[] = {
        {.name = "item", .text = rec_item_title(c, job->sample->targets[0])},
        {.name = "tags", .text = t->list},
        {.name = "n", .number = t->n},
    };
    rec_request *request = rec_arena_alloc(&job->arena, 1, sizeof *request, err);
    rec_lm_answer_key *key = rec_arena_alloc(&job->arena, 1, sizeof *key, err);
    if (request == NULL || key == NULL)
        return REC_ERR_RESOURCE;
    if (o->prompt.user == NULL)
        return rec_fail(err, REC_ERR_CONFIG, "prompt: user: missing");
    size_t first = t->column->start[job->sample->targets[0]];
    size_t n_true = t->column->start[job->sample->targets[0] + 1] - first;
    *key = (rec_lm_answer_key){
        .targets = (const char *const *)t->column->texts + first,
        .n_targets = n_true,
        .n_wanted = n_true,
    };
    *request = (rec_request){.to = REC_PARTY_SYSTEM, .key = key};
    rec_status status = rec_prompt_build(request, &o->prompt, filled,
                                         sizeof filled / sizeof *filled, c, &job->arena, err);
    request->text.seed = job->data->seed;
    request->text.id = job->sample->user;
    job->stage = 1;
    job->state = request;
    return status == REC_OK ? rec_job_ask(job, request, 1, err) : status;
}

/* Set precision, recall and F1; a tag named twice counts once, an unknown one counts as wrong. */
static void score(rec_job *job, const rec_grounded_list *named, size_t n_named)
{
    const tag_data *t = job->set->text;
    uint32_t item = job->sample->targets[0];
    size_t first = t->column->start[item], n_true = t->column->start[item + 1] - first;
    size_t n_right = 0, n_unknown = 0, n_distinct = 0;
    for (size_t i = 0; i < n_named; i++) {
        bool is_repeated = false;
        n_unknown += named->items[i] == REC_NO_ITEM;
        for (size_t j = 0; j < i; j++)
            is_repeated = is_repeated ||
                          (named->items[j] == named->items[i] && named->items[i] != REC_NO_ITEM);
        n_distinct += !is_repeated;
        for (size_t k = 0; k < n_true && !is_repeated && named->items[i] != REC_NO_ITEM; k++)
            n_right += strcmp(t->tags[named->items[i]], t->column->texts[first + k]) == 0;
    }
    double precision = n_distinct > 0 ? (double)n_right / (double)n_distinct : 0.0;
    double recall = (double)n_right / (double)n_true;
    rec_job_set(job, "tag_precision", 0, precision);
    rec_job_set(job, "tag_recall", 0, recall);
    rec_job_set(job, "tag_f1", 0,
                n_right > 0 ? 2.0 * precision * recall / (precision + recall) : 0.0);
    rec_job_set(job, "tag_exact", 0, n_right == n_true && n_distinct == n_true);
    rec_job_set(job, "unknown_tag_rate", 0,
                n_named > 0 ? (double)n_unknown / (double)n_named : NAN);
    rec_job_set(job, "empty_rate", 0, n_named == 0);
}

static rec_status keep_texts(rec_job *job, const char *reply, const rec_title_list *list,
                             rec_error *err)
{
    const char *prompt = rec_request_text(job->state, &job->arena, err);
    rec_buffer parsed = {0};
    rec_status status = prompt != NULL ? rec_buffer_puts(&parsed, "", err) : REC_ERR_RESOURCE;
    for (size_t i = 0; i < list->n && status == REC_OK; i++)
        status = rec_buffer_printf(&parsed, err, "%s%s", i > 0 ? ", " : "", list->titles[i]);
    if (status == REC_OK)
        status = rec_job_set_text(job, TEXT_PROMPT, prompt, err);
    if (status == REC_OK)
        status = rec_job_set_text(job, TEXT_REPLY, reply, err);
    if (status == REC_OK)
        status = rec_job_set_text(job, TEXT_PARSED, parsed.data, err);
    if (status == REC_OK)
        status = rec_job_set_text(job, TEXT_PARSER, rec_list_mode_names[list->mode], err);
    rec_buffer_deinit(&parsed);
    return status;
}

static rec_status read_reply(rec_job *job, const tagging *o, const char *reply, rec_error *err)
{
    const tag_data *t = job->set->text;
    rec_title_list list = {0};
    rec_grounded_list named = {0};
    const rec_grounding_context context = {0};
    rec_status status;
    REC_TRY(
        rec_list_parsers[o->parser]->parse(&list, reply, rec_grounder_titles(t->grounder), err));
    REC_TRY(rec_ground_list(&named, t->grounder, &list, &context, err));
    score(job, &named, list.n);
    status = keep_texts(job, reply, &list, err);
cleanup:
    rec_grounded_list_deinit(&named);
    rec_title_list_deinit(&list);
    return status;
}

static rec_status step(rec_job *job, const rec_reply *replies, rec_error *err)
{
    const tagging *o = job->task->options;
    if (job->stage == 0)
        return ask(job, o, err);
    job->n_requests = 0;
    if (replies->text != NULL)
        return read_reply(job, o, replies->text, err);
    job->has_failed = true;
    return rec_job_set_text(job, TEXT_REPLY, replies->failure != NULL ? replies->failure : "", err);
}

const rec_task rec_task_tagging = {
    .name = "tagging",
    .help = "name the tags of an item",
    .needs = REC_CAN_RESPOND,
    .size = sizeof(tagging),
    .options = options,
    .group = 64,
    .texts = texts,
    .columns = columns,
    .is_random = is_random,
    .list_length = list_length,
    .samples = samples,
    .step = step,
};
