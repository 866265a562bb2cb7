#include "harness/run/evaluate.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/interrupt.h"
#include "core/journal.h"
#include "core/memory.h"
#include "core/parallel.h"
#include "core/progress.h"
#include "harness/run/host.h"
#include "harness/run/party.h"

enum { TILE_JOBS = 64, JOB_BLOCK = 1 << 10 };

void rec_evaluation_deinit(rec_evaluation *e)
{
    free(e->values);
    free(e->weights);
    free(e->list_items);
    free(e->list_scores);
    free(e->whole_run);
    for (size_t i = 0; e->texts != NULL && i < e->n * e->n_texts; i++)
        free(e->texts[i]);
    free(e->texts);
    *e = (rec_evaluation){0};
}

/* ---- the model, when it is needed ---- */

void rec_lazy_model_deinit(rec_lazy_model *m)
{
    rec_system_free(m->system);
    rec_model_facts_deinit(&m->facts);
    *m = (rec_lazy_model){0};
}

static rec_status need_system(rec_lazy_model *m, rec_error *err)
{
    if (m->system != NULL)
        return REC_OK;
    rec_model_facts_deinit(&m->facts);
    rec_status status = rec_run_model(&m->system, &m->facts, m->run, m->step, err);
    m->has_facts = status == REC_OK;
    return status;
}

rec_status rec_lazy_model_facts(rec_lazy_model *m, rec_error *err)
{
    if (m->has_facts)
        return REC_OK;
    rec_status status = rec_run_model(NULL, &m->facts, m->run, m->step, err);
    m->has_facts = status == REC_OK;
    return status;
}

/* ---- one group of jobs ---- */

typedef struct group {
    rec_evaluation *out;
    const rec_task *task;
    rec_task_data data; /* with the seed of this evaluation */
    rec_lm_pool *lms;
    unsigned can;
    const rec_sample_set *whole; /* that the samples are part of */
    rec_lazy_model *model;
    rec_journal *journal;
    const rec_step *step;
    rec_progress **progress; /* started by the first question: replays need none */
    bool replay_only;
    size_t index, first, n; /* samples first .. first + n - 1 */
    rec_job *jobs;          /* (n) */
    rec_request *requests;  /* owned: of all jobs, in order */
    size_t *request_start;  /* owned, (n + 1) */
    rec_reply_batch replies;
} group;

static void start_job(group *g, size_t j, const rec_task_entry *task, bool expects_ties)
{
    rec_evaluation *e = g->out;
    size_t at = g->first + j;
    g->jobs[j] = (rec_job){
        .task = task,
        .data = &g->data,
        .set = g->whole,
        .sample = &e->samples->samples[at],
        .can = g->can,
        .expects_ties = expects_ties,
        .arena = {.block_size = JOB_BLOCK},
        .n_columns = e->n_columns,
        .values = e->values + at * e->n_columns,
        .weights = e->weights + at * e->n_columns,
        .list_items = e->list_items + at * e->list_length,
        .list_scores = e->list_scores + at * e->list_length,
        .texts = e->texts != NULL ? e->texts + at * e->n_texts : NULL,
    };
}

static rec_status step_tile(void *context, size_t tile, rec_error *err)
{
    group *g = context;
    size_t end = (tile + 1) * TILE_JOBS < g->n ? (tile + 1) * TILE_JOBS : g->n;
    for (size_t j = tile * TILE_JOBS; j < end; j++) {
        rec_job *job = &g->jobs[j];
        bool is_first = g->replies.replies == NULL;
        if (!is_first && job->n_requests == 0)
            continue; /* done in an earlier round */
        const rec_reply *replies = is_first ? NULL : g->replies.replies + g->request_start[j];
        rec_status status = g->task->step(job, replies, err);
        if (status != REC_OK)
            return status;
    }
    return REC_OK;
}

static rec_status gather_requests(group *g, rec_error *err)
{
    size_t n = 0;
    for (size_t j = 0; j < g->n; j++) {
        g->request_start[j] = n;
        n += g->jobs[j].n_requests;
    }
    g->request_start[g->n] = n;
    rec_request *grown = rec_realloc(g->requests, n, sizeof *grown, err);
    if (grown == NULL)
        return REC_ERR_RESOURCE;
    g->requests = grown;
    for (size_t j = 0; j < g->n; j++)
        for (size_t i = 0; i < g->jobs[j].n_requests; i++)
            grown[g->request_start[j] + i] = g->jobs[j].requests[i];
    return REC_OK;
}

/* ---- replies: out of the journal, or from the system and into it ---- */

static rec_status read_replies(group *g, const char *key, size_t n, rec_error *err)
{
    char *bytes = NULL;
    size_t length;
    rec_status status = rec_journal_get(&bytes, &length, g->journal, key, err);
    if (status == REC_OK)
        status = rec_replies_decode(&g->replies, bytes, length, err);
    free(bytes);
    if (status == REC_OK && g->replies.n != n)
        status = rec_fail(err, REC_ERR_DATA, "stored replies do not fit the samples: use --fresh");
    return status;
}

static rec_status keep_replies(group *g, const char *key, double seconds, rec_error *err)
{
    rec_buffer bytes = {0};
    char time_key[64], text[32];
    int n = snprintf(text, sizeof text, "%.6f", seconds);
    snprintf(time_key, sizeof time_key, "time.%s", key);
    rec_status status = rec_replies_encode(&bytes, &g->replies, err);
    if (status == REC_OK)
        status = rec_journal_append(g->journal, time_key, text, (size_t)n, err);
    if (status == REC_OK)
        status = rec_journal_append(g->journal, key, bytes.data, bytes.length, err);
    if (status == REC_OK)
        status = rec_journal_sync(g->journal, err);
    rec_buffer_deinit(&bytes);
    return status;
}

static rec_status ask(group *g, const char *key, size_t n, rec_error *err)
{
    if (g->replay_only)
        return rec_fail(err, REC_ERR_DATA, "a reply is missing: recai run asks for it");
    bool asks_system = false;
    for (size_t i = 0; i < n; i++)
        asks_system = asks_system || g->requests[i].to == REC_PARTY_SYSTEM;
    rec_status status = asks_system ? need_system(g->model, err) : REC_OK;
    if (status != REC_OK)
        return status;
    if (*g->progress == NULL) {
        *g->progress = rec_progress_start(g->step->name, "samples", g->out->n);
        rec_progress_add(*g->progress, g->first);
    }
    double start = rec_now();
    const rec_parties parties = {
        .system = g->model->system, .lms = g->lms, .n_items = g->data.dataset->catalogue.n_items};
    status = rec_parties_answer(&g->replies, &parties, g->requests, n, err);
    return status == REC_OK ? keep_replies(g, key, rec_now() - start, err) : status;
}

static void add_amounts(rec_evaluation *e, const rec_request *request, const rec_reply *reply)
{
    if (reply->kind == REC_REQUEST_RANK)
        return;
    e->n_dropped += reply->n_dropped;
    if (request->to == REC_PARTY_SYSTEM) {
        e->tokens_in += reply->tokens_in;
        e->tokens_out += reply->tokens_out;
    } else {
        e->helper_tokens += reply->tokens_in + reply->tokens_out;
    }
    bool is_first = !e->has_cost;
    e->has_cost = true;
    if (reply->cost_microdollars < 0 || (!is_first && e->cost_microdollars < 0))
        e->cost_microdollars = -1;
    else
        e->cost_microdollars = (is_first ? 0 : e->cost_microdollars) + reply->cost_microdollars;
}

static void add_costs(group *g, const char *key)
{
    char time_key[64], *text = NULL;
    size_t length;
    snprintf(time_key, sizeof time_key, "time.%s", key);
    if (rec_journal_get(&text, &length, g->journal, time_key, NULL) == REC_OK)
        g->out->seconds += strtod(text, NULL);
    free(text);
    for (size_t i = 0; i < g->replies.n; i++)
        add_amounts(g->out, &g->requests[i], &g->replies.replies[i]);
}

static rec_status get_replies(group *g, size_t round, rec_error *err)
{
    size_t n = g->request_start[g->n];
    char key[48];
    snprintf(key, sizeof key, "group%zu.round%zu", g->index, round);
    rec_reply_batch_deinit(&g->replies);
    rec_status status =
        rec_journal_has(g->journal, key) ? read_replies(g, key, n, err) : ask(g, key, n, err);
    if (status == REC_OK)
        add_costs(g, key);
    return status;
}

static rec_status run_rounds(group *g, rec_error *err)
{
    for (size_t round = 0;; round++) {
        rec_status status =
            rec_parallel_tiles((g->n + TILE_JOBS - 1) / TILE_JOBS, step_tile, g, err);
        if (status == REC_OK)
            status = gather_requests(g, err);
        if (status != REC_OK || g->request_start[g->n] == 0)
            return status;
        status = get_replies(g, round, err);
        if (status != REC_OK)
            return status;
    }
}

static rec_status run_group(group *g, const rec_task_entry *task, bool expects_ties, rec_error *err)
{
    rec_status status;
    REC_TRY_NEW(g->jobs, g->n, err);
    REC_TRY_NEW(g->request_start, g->n + 1, err);
    for (size_t j = 0; j < g->n; j++)
        start_job(g, j, task, expects_ties);
    REC_TRY(run_rounds(g, err));
    for (size_t j = 0; j < g->n; j++)
        g->out->n_failed += g->jobs[j].has_failed;
cleanup:
    for (size_t j = 0; g->jobs != NULL && j < g->n; j++)
        rec_arena_deinit(&g->jobs[j].arena);
    free(g->jobs);
    free(g->requests);
    free(g->request_start);
    rec_reply_batch_deinit(&g->replies);
    return status;
}

/* ---- all groups ---- */

static rec_status make_room(rec_evaluation *e, rec_error *err)
{
    rec_status status;
    size_t n_values = e->n * e->n_columns, n_places = e->n * e->list_length;
    REC_TRY_NEW(e->values, n_values, err);
    REC_TRY_NEW(e->weights, n_values, err);
    REC_TRY_NEW(e->list_items, n_places, err);
    REC_TRY_NEW(e->list_scores, n_places, err);
    REC_TRY_NEW(e->whole_run, e->n_columns, err);
    if (e->n_texts > 0)
        REC_TRY_NEW(e->texts, e->n * e->n_texts, err);
    for (size_t i = 0; i < n_values; i++) {
        e->values[i] = NAN;
        e->weights[i] = 1.0;
    }
    for (size_t i = 0; i < n_places; i++)
        e->list_items[i] = REC_NO_ITEM;
    for (size_t i = 0; i < e->n_columns; i++)
        e->whole_run[i] = NAN;
    status = REC_OK;
cleanup:
    return status;
}

static rec_status run_groups(rec_evaluation *e, rec_run *r, const rec_step *step,
                             rec_lazy_model *model, rec_journal *journal, rec_error *err)
{
    const rec_task_entry *task = &r->config->tasks[step->task];
    const rec_system_type *type = &r->config->systems[step->system].prototype->type;
    size_t group_size = rec_task_group(task->type, type->can);
    rec_progress *progress = NULL;
    const rec_sample_set *whole;
    rec_status status = rec_run_samples(&whole, r, step->task, step->seed_index, err);
    for (size_t first = 0, i = 0; first < e->n && status == REC_OK; i++) {
        size_t n = e->n - first < group_size ? e->n - first : group_size;
        group g = {
            .out = e,
            .task = task->type,
            .data = r->data,
            .lms = r->config->lms,
            .can = type->can,
            .whole = whole,
            .model = model,
            .journal = journal,
            .step = step,
            .progress = &progress,
            .replay_only = r->replay_only,
            .index = i,
            .first = first,
            .n = n,
        };
        g.data.seed = e->seed;
        status = run_group(&g, task, type->expects_ties, err);
        if (status == REC_OK)
            status = rec_interrupt_check(err);
        rec_progress_add(progress, n);
        first += n;
    }
    rec_progress_end(progress);
    return status;
}

static rec_status finish(rec_evaluation *e, const rec_run *r, const rec_step *step, rec_error *err)
{
    const rec_task_entry *task = &r->config->tasks[step->task];
    rec_task_data data = r->data;
    data.seed = e->seed;
    const rec_task_outcome outcome = {
        .task = task,
        .data = &data,
        .expects_ties = r->config->systems[step->system].prototype->type.expects_ties,
        .n_samples = e->n,
        .list_length = e->list_length,
        .list_items = e->list_items,
        .samples = e->samples->samples,
        .n_columns = e->n_columns,
        .values = e->values,
    };
    return task->type->whole_run != NULL ? task->type->whole_run(e->whole_run, &outcome, err)
                                         : REC_OK;
}

rec_status rec_evaluate(rec_evaluation *out, rec_run *r, const rec_step *step,
                        rec_lazy_model *model, rec_error *err)
{
    const rec_task_entry *task = &r->config->tasks[step->task];
    rec_journal *journal = NULL;
    unsigned can = r->config->systems[step->system].prototype->type.can;
    *out = (rec_evaluation){.seed = step->seed,
                            .n_columns = rec_task_n_columns(task, can),
                            .list_length = task->type->list_length(task->options),
                            .cost_microdollars = -1};
    if (rec_task_is_text(task->type, can) || task->type->texts_of_all)
        while (task->type->texts != NULL && task->type->texts[out->n_texts] != NULL)
            out->n_texts++;
    char *path = rec_artifact_path(r, step->path, "journal", err);
    rec_status status = path != NULL ? REC_OK : REC_ERR_RESOURCE;
    if (status != REC_OK)
        goto cleanup;
    REC_TRY(rec_run_samples_for(&out->samples, r, step, err));
    REC_TRY(rec_run_prepare_text(r, step, err));
    out->n = out->samples->n;
    REC_TRY(make_room(out, err));
    REC_TRY(r->replay_only ? rec_journal_open_readonly(&journal, path, err)
                           : rec_journal_open(&journal, path, err));
    status = run_groups(out, r, step, model, journal, err);
    if (status != REC_OK && status != REC_ERR_INTERRUPTED)
        rec_error_prefix(err, "%s", step->name);
    if (status == REC_OK)
        status = finish(out, r, step, err);
cleanup:
    rec_journal_close(journal);
    free(path);
    if (status != REC_OK)
        rec_evaluation_deinit(out);
    return status;
}
