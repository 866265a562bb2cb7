/* harness/tasks/rank_score.c: a job of one round: ask for the ranking, turn the places of the targets
 * into metric values. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "harness/tasks/rank_task.h"
#include "harness/tasks/strata.h"
#include "harness/tasks/text_list.h"

/* ---- columns ---- */

static rec_status add_column(rec_task_entry *entry, const rec_metric *metric, size_t k,
                             rec_error *err)
{
    rec_task_column *grown = rec_realloc(entry->columns, entry->n_columns + 1, sizeof *grown, err);
    if (grown == NULL)
        return REC_ERR_RESOURCE;
    entry->columns = grown;
    for (size_t i = 0; i < entry->n_columns; i++)
        if (grown[i].source == metric && grown[i].k == k)
            return REC_OK; /* named twice: one column */
    grown[entry->n_columns++] = (rec_task_column){
        .metric = metric->name,
        .k = k,
        .higher_is_better = metric->higher_is_better,
        .source = metric,
        .is_whole_run = metric->run_value != NULL,
    };
    return REC_OK;
}

static rec_status check_metric(const rec_metric *metric, const rec_rank_options *options,
                               rec_error *err)
{
    bool is_list_metric = metric->value_at == NULL;
    if (options->ties == REC_TIES_EXPECTED && !is_list_metric && metric->expected_at == NULL)
        return rec_fail(err, REC_ERR_CONFIG, "%s has no expected value: use another tie rule",
                        metric->name);
    return REC_OK;
}

/* A name without cut-off is meant at every k of the task; a label says its own. */
static rec_status add_metric(rec_task_entry *entry, const rec_rank_options *options,
                             const char *label, rec_error *err)
{
    const rec_metric *metric;
    size_t k;
    rec_status status = rec_metric_parse(&metric, &k, label, err);
    if (status == REC_OK)
        status = check_metric(metric, options, err);
    if (status != REC_OK || k != REC_WHOLE_LIST)
        return status == REC_OK ? add_column(entry, metric, k, err) : status;
    for (size_t i = 0; i < options->k.n && status == REC_OK; i++)
        status = add_column(entry, metric, (size_t)options->k.items[i], err);
    return status;
}

rec_status rec_rank_columns(rec_task_entry *entry, const rec_rank_options *options,
                            const rec_yaml *map, rec_error *err)
{
    const rec_yaml *node = rec_yaml_get(map, "metrics");
    if (options->k.n == 0 || options->metrics.n == 0)
        return rec_yaml_fail(err, map, "k and metrics must not be empty");
    for (size_t i = 0; i < options->metrics.n; i++) {
        rec_error deep = {.status = REC_OK};
        rec_status status = add_metric(entry, options, options->metrics.items[i], &deep);
        if (status == REC_ERR_CONFIG) {
            const rec_yaml *item = node != NULL && node->kind == REC_YAML_LIST ? node->items[i]
                                   : node != NULL                              ? node
                                                                               : map;
            return rec_yaml_fail(err, item, "metrics: %s", deep.message);
        }
        if (status != REC_OK)
            return rec_fail(err, status, "%s", deep.message);
    }
    return options->strata ? rec_rank_strata_columns(entry, err) : REC_OK;
}

size_t rec_rank_list_length(const rec_rank_options *options)
{
    int64_t longest = 0;
    for (size_t i = 0; i < options->k.n; i++)
        longest = options->k.items[i] > longest ? options->k.items[i] : longest;
    return (size_t)longest;
}

/* ---- values ---- */

/* The targets in the order metrics want them: level descending. */
typedef struct placed_targets {
    float *levels; /* NULL: all 1 */
    size_t *ranks; /* 0 = unranked */
    rec_tied_rank *tied;
} placed_targets;

typedef struct placed_target {
    float level;
    const rec_target_rank *rank;
} placed_target;

static int compare_levels(const void *a, const void *b)
{
    const placed_target *x = a, *y = b;
    if (x->level != y->level)
        return x->level > y->level ? -1 : 1;
    return (x->rank > y->rank) - (x->rank < y->rank); /* both point into one array */
}

static rec_status place_targets(placed_targets *out, rec_job *job, const rec_reply *reply,
                                rec_error *err)
{
    const rec_sample *s = job->sample;
    size_t n = s->n_targets;
    placed_target *sorted = rec_arena_alloc(&job->arena, n, sizeof *sorted, err);
    float *levels = rec_arena_alloc(&job->arena, n, sizeof *levels, err);
    out->ranks = rec_arena_alloc(&job->arena, n, sizeof *out->ranks, err);
    out->tied = rec_arena_alloc(&job->arena, n, sizeof *out->tied, err);
    if (sorted == NULL || levels == NULL || out->ranks == NULL || out->tied == NULL)
        return REC_ERR_RESOURCE;
    for (size_t i = 0; i < n; i++)
        sorted[i] = (placed_target){s->gains != NULL ? s->gains[i] : 1.0f, &reply->targets[i]};
    qsort(sorted, n, sizeof *sorted, compare_levels);
    for (size_t i = 0; i < n; i++) {
        const rec_target_rank *rank = sorted[i].rank;
        levels[i] = sorted[i].level;
        out->ranks[i] = rank->rank;
        out->tied[i] = (rec_tied_rank){rank->n_above, rank->rank > 0 ? rank->n_equal : 0};
    }
    out->levels = s->gains != NULL ? levels : NULL;
    return REC_OK;
}

/* The full order is known by the places of the targets alone: every other place holds an item of
 * level 0, which counts as judged and not relevant. */
static rec_status build_ranking(rec_ranking *r, rec_job *job, const placed_targets *targets,
                                const rec_reply *reply, size_t n_places, rec_error *err)
{
    size_t n_targets = job->sample->n_targets, n_placed = 0;
    for (size_t i = 0; i < n_targets; i++) {
        n_placed += targets->ranks[i] > 0;
        n_places = targets->ranks[i] > n_places ? targets->ranks[i] : n_places;
    }
    float *gains = rec_arena_alloc(&job->arena, n_places, sizeof *gains, err);
    if (gains == NULL)
        return REC_ERR_RESOURCE;
    memset(gains, 0, n_places * sizeof *gains);
    for (size_t i = 0; i < n_targets; i++)
        if (targets->ranks[i] > 0)
            gains[targets->ranks[i] - 1] = targets->levels != NULL ? targets->levels[i] : 1.0f;
    *r = (rec_ranking){
        .gains = gains,
        .n_ranked = n_places,
        .ideal_gains = targets->levels,
        .n_relevant = n_targets,
        .n_nonrelevant_judged = reply->n_pool - n_placed,
        .relevant_ranks = targets->ranks,
        .n_pool = reply->n_pool,
    };
    return REC_OK;
}

static double list_value(const rec_job *job, const rec_task_column *c, const rec_reply *reply)
{
    const rec_list_set list = {
        .items = reply->items,
        .n_ranked = &reply->n_ranked,
        .n_lists = 1,
        .stride = reply->n_ranked,
        .n_items = job->data->dataset->catalogue.n_items,
        .popularity = job->data->popularity,
        .n_train_users = job->data->n_train_users,
        .tail_popularity = job->data->tail_popularity,
        .item_vectors = job->set->vectors.rows,
        .dim = job->set->vectors.dim,
    };
    return c->source->list_value(&list, 0, c->k);
}

/* Of a system whose scores are constant by design only expected values mean anything. */
static rec_ties ties_of(const rec_job *job, const rec_rank_options *options)
{
    return job->expects_ties ? REC_TIES_EXPECTED : (rec_ties)options->ties;
}

/* A list in index order says nothing about such a system: what it shows is undefined. */
static rec_status column_value(double *out, rec_job *job, const rec_task_column *c,
                               const rec_ranking *r, const placed_targets *targets, rec_ties ties,
                               const rec_reply *reply, rec_error *err)
{
    if (c->source->list_value != NULL)
        *out = job->expects_ties ? NAN : list_value(job, c, reply);
    else if (ties == REC_TIES_EXPECTED && c->source->expected_at == NULL)
        *out = NAN;
    else if (ties == REC_TIES_EXPECTED)
        return rec_metric_expected_ranks(out, c->source, r, targets->tied, c->k, err);
    else
        *out = c->source->value_at(r, c->k);
    return REC_OK;
}

rec_status rec_rank_score(rec_job *job, rec_ties ties, const rec_reply *reply, size_t n_places,
                          rec_error *err)
{
    placed_targets targets;
    rec_ranking r;
    rec_status status = place_targets(&targets, job, reply, err);
    if (status == REC_OK)
        status = build_ranking(&r, job, &targets, reply, n_places, err);
    for (size_t i = 0; i < job->n_columns && status == REC_OK; i++) {
        const rec_task_column *c = &job->task->columns[i];
        if (c->is_whole_run || c->source == NULL)
            continue;
        status = column_value(&job->values[i], job, c, &r, &targets, ties, reply, err);
        if (status == REC_OK && c->source->weight != NULL)
            job->weights[i] = c->source->weight(&r);
    }
    rec_strata_set(job);
    return status;
}

/* A journal is data from outside: places must exist before they index anything. */
static rec_status check_reply(const rec_job *job, const rec_reply *reply, rec_error *err)
{
    size_t n_items = job->data->dataset->catalogue.n_items;
    bool is_good = reply->kind == REC_REQUEST_RANK && reply->n_targets == job->sample->n_targets &&
                   reply->n_pool <= n_items &&
                   reply->n_ranked <= job->task->type->list_length(job->task->options);
    for (size_t i = 0; is_good && i < reply->n_ranked; i++)
        is_good = reply->items[i] < n_items;
    for (size_t i = 0; is_good && i < reply->n_targets; i++)
        is_good = reply->targets[i].rank <= reply->n_pool &&
                  reply->targets[i].n_above + (uint64_t)reply->targets[i].n_equal <= reply->n_pool;
    return is_good ? REC_OK
                   : rec_fail(err, REC_ERR_DATA,
                              "a stored ranking does not fit its sample: use --fresh");
}

static rec_status ask(rec_job *job, const rec_rank_options *options, rec_error *err)
{
    const rec_sample *s = job->sample;
    const rec_request request = {
        .to = REC_PARTY_SYSTEM,
        .kind = REC_REQUEST_RANK,
        .rank = {.query = s->query,
                 .excluded = s->seen,
                 .n_excluded = s->n_seen,
                 .candidates = s->candidates,
                 .n_candidates = s->n_candidates,
                 .targets = s->targets,
                 .n_targets = s->n_targets,
                 .target_gains = s->gains,
                 .name = s->name != NULL ? s->name : job->data->dataset->user_ids[s->user],
                 .item_names = job->data->dataset->catalogue.ids},
        .k = rec_rank_list_length(options),
        .ties = ties_of(job, options),
    };
    job->stage = 1;
    return rec_job_ask(job, &request, 1, err);
}

rec_status rec_rank_step(rec_job *job, const rec_rank_options *options,
                         const rec_text_list_options *text, const rec_reply *replies,
                         rec_error *err)
{
    if (text != NULL && rec_task_is_text(job->task->type, job->can))
        return rec_text_list_step(job, text, replies, err);
    if (job->stage == 0)
        return ask(job, options, err);
    job->n_requests = 0;
    if (replies->failure != NULL) { /* a question without an answer: counted, not scored */
        job->has_failed = true;
        return REC_OK;
    }
    rec_status status = check_reply(job, replies, err);
    if (status != REC_OK)
        return status;
    memcpy(job->list_items, replies->items, replies->n_ranked * sizeof *job->list_items);
    memcpy(job->list_scores, replies->scores, replies->n_ranked * sizeof *job->list_scores);
    return rec_rank_score(job, ties_of(job, options), replies, replies->n_ranked, err);
}

/* ---- whole run ---- */

static uint32_t *list_lengths(const rec_task_outcome *o, rec_error *err)
{
    uint32_t *lengths = rec_alloc(o->n_samples, sizeof *lengths, err);
    for (size_t s = 0; lengths != NULL && s < o->n_samples; s++)
        while (lengths[s] < o->list_length &&
               o->list_items[s * o->list_length + lengths[s]] != REC_NO_ITEM)
            lengths[s]++;
    return lengths;
}

rec_status rec_rank_whole_run(double *values, const rec_task_outcome *outcome, rec_error *err)
{
    uint32_t *lengths = list_lengths(outcome, err);
    if (lengths == NULL)
        return REC_ERR_RESOURCE;
    const rec_list_set lists = {
        .items = outcome->list_items,
        .n_ranked = lengths,
        .n_lists = outcome->n_samples,
        .stride = outcome->list_length,
        .n_items = outcome->data->dataset->catalogue.n_items,
        .popularity = outcome->data->popularity,
        .n_train_users = outcome->data->n_train_users,
        .tail_popularity = outcome->data->tail_popularity,
    };
    rec_status status = REC_OK;
    for (size_t i = 0; i < outcome->n_columns && status == REC_OK; i++) {
        const rec_task_column *c = &outcome->task->columns[i];
        if (c->is_whole_run && c->source != NULL && !outcome->expects_ties)
            status = c->source->run_value(&values[i], &lists, c->k, err);
    }
    free(lengths);
    return status;
}
