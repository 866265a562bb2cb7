/* harness/tasks/ranking.c: rank one target among candidates it was not consumed with: sampled
 * negatives or those stored with the data. Every target of a user is a sample of its own. */
#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/sorted.h"
#include "harness/tasks/candidates.h"
#include "harness/tasks/ranking.h"

const char *const rec_negatives_names[] = {"uniform", "popularity", "stored", NULL};

static const rec_option ranking_options[] = {
    REC_RANK_OPTIONS(rec_ranking_options, "ndcg,hit,mrr"),
    REC_RANKING_OPTIONS,
    REC_TEXT_LIST_OPTIONS(rec_ranking_options, 0),
    {.key = NULL},
};

rec_status rec_ranking_columns(rec_task_entry *entry, const rec_yaml *map, rec_error *err)
{
    rec_ranking_options *options = entry->options;
    bool needs_count = options->negatives != REC_NEGATIVES_STORED;
    if (options->candidates == 1 || (options->candidates == 0 && needs_count))
        return rec_yaml_fail(err, map, "candidates: at least 2 (0 only with negatives: stored)");
    rec_status status = rec_rank_columns(entry, &options->rank, map, err);
    return status == REC_OK ? rec_text_list_columns(entry, &options->text, true, map, err) : status;
}

bool rec_ranking_is_random(const void *options)
{
    return ((const rec_ranking_options *)options)->negatives != REC_NEGATIVES_STORED;
}

size_t rec_ranking_list_length(const void *options)
{
    return rec_rank_list_length(&((const rec_ranking_options *)options)->rank);
}

/* ---- samples ---- */

typedef struct builder {
    const rec_ranking_options *options;
    const rec_task_data *data;
    rec_sample_set *set;
    rec_popularity_draw popularity;
    rec_arena scratch;
    uint32_t *taken; /* owned: items the user touched, ascending */
    size_t n_taken;
    size_t n_short; /* samples with fewer stored negatives than asked for */
} builder;

/* Whatever part it plays, an item the user touched is no negative. */
static void collect_taken(builder *b, uint32_t user)
{
    const rec_interactions *x = &b->data->dataset->interactions;
    size_t start = x->start[user], n = x->start[user + 1] - start;
    memcpy(b->taken, x->item + start, n * sizeof *b->taken);
    b->n_taken = rec_sort_distinct_u32(b->taken, n);
}

static rec_status draw_negatives(uint32_t *out, size_t n, builder *b, const rec_sample *s,
                                 rec_error *err)
{
    rec_rng rng =
        rec_rng_keyed(b->data->seed, "ranking/negatives", (uint64_t)s->turn << 32 | s->user);
    if (b->options->negatives == REC_NEGATIVES_POPULARITY)
        return rec_draw_popular(out, n, &b->popularity, b->taken, b->n_taken, &rng, &b->scratch,
                                err);
    return rec_draw_uniform(out, n, b->data->dataset->catalogue.n_items, b->taken, b->n_taken, &rng,
                            err);
}

static rec_status check_stored(const uint32_t *items, size_t n, builder *b, const rec_sample *s,
                               rec_error *err)
{
    uint32_t *sorted = b->taken; /* the row of taken items is not needed here */
    memcpy(sorted, items, n * sizeof *sorted);
    rec_sort_u32(sorted, n);
    for (size_t i = 0; i < n; i++) {
        const char *wrong = sorted[i] == s->targets[0]            ? "contain the target"
                            : i > 0 && sorted[i - 1] == sorted[i] ? "name an item twice:"
                                                                  : NULL;
        if (wrong != NULL)
            return rec_fail(err, REC_ERR_DATA, "stored negatives of user %s %s %s",
                            b->data->dataset->user_ids[s->user], wrong,
                            b->data->dataset->catalogue.ids[sorted[i]]);
    }
    return REC_OK;
}

/* The first candidates - 1 stored negatives, or all. */
static rec_status stored_negatives(const uint32_t **items, size_t *n, builder *b,
                                   const rec_sample *s, rec_error *err)
{
    const rec_candidates *stored = b->data->dataset->negatives;
    size_t start = stored->start[s->user], n_stored = stored->start[s->user + 1] - start;
    size_t n_wanted = b->options->candidates > 0 ? (size_t)b->options->candidates - 1 : n_stored;
    if (n_stored == 0)
        return rec_fail(err, REC_ERR_DATA, "user %s has no stored negatives",
                        b->data->dataset->user_ids[s->user]);
    *items = stored->item + start;
    *n = n_wanted < n_stored ? n_wanted : n_stored;
    b->n_short += n_stored < n_wanted;
    return check_stored(*items, n_stored, b, s, err);
}

static rec_status add_candidates(rec_sample *s, builder *b, rec_error *err)
{
    const uint32_t *stored = NULL;
    size_t n = (size_t)b->options->candidates - 1;
    rec_status status = REC_OK;
    if (b->options->negatives == REC_NEGATIVES_STORED)
        status = stored_negatives(&stored, &n, b, s, err);
    if (status != REC_OK)
        return status;
    uint32_t *items = rec_arena_alloc(&b->set->arena, n + 1, sizeof *items, err);
    if (items == NULL)
        return REC_ERR_RESOURCE;
    if (stored != NULL)
        memcpy(items, stored, n * sizeof *items);
    else
        status = draw_negatives(items, n, b, s, err);
    if (status != REC_OK)
        return rec_error_prefix(err, "user %s", b->data->dataset->user_ids[s->user]);
    items[n] = s->targets[0];
    rec_rng rng = rec_rng_keyed(b->data->seed, "ranking/order", (uint64_t)s->turn << 32 | s->user);
    rec_rng_shuffle(&rng, items, n + 1, sizeof *items); /* the order that prompts show */
    s->candidates = items;
    s->n_candidates = n + 1;
    s->seen = NULL; /* candidates say what is ranked; there is nothing to mask */
    s->n_seen = 0;
    return REC_OK;
}

/* One sample per user becomes one per target. */
static rec_status split_targets(builder *b, const rec_sample_set *users, rec_error *err)
{
    size_t n = 0;
    for (size_t i = 0; i < users->n; i++)
        n += users->samples[i].n_targets;
    rec_sample *samples = rec_arena_alloc(&b->set->arena, n, sizeof *samples, err);
    if (samples == NULL)
        return REC_ERR_RESOURCE;
    size_t at = 0;
    for (size_t i = 0; i < users->n; i++) {
        const rec_sample *whole = &users->samples[i];
        collect_taken(b, whole->user);
        for (size_t t = 0; t < whole->n_targets; t++, at++) {
            samples[at] = *whole;
            samples[at].turn = (uint32_t)t;
            samples[at].targets = whole->targets + t;
            samples[at].gains = whole->gains != NULL ? whole->gains + t : NULL;
            samples[at].n_targets = 1;
            rec_status status = add_candidates(&samples[at], b, err);
            if (status != REC_OK)
                return status;
        }
    }
    b->set->samples = samples;
    b->set->n = n;
    return REC_OK;
}

static size_t longest_row(const rec_dataset *d)
{
    size_t longest = 0;
    for (size_t u = 0; u < d->n_users; u++) {
        size_t n = d->interactions.start[u + 1] - d->interactions.start[u];
        size_t n_stored =
            d->negatives != NULL ? d->negatives->start[u + 1] - d->negatives->start[u] : 0;
        n = n > n_stored ? n : n_stored;
        longest = n > longest ? n : longest;
    }
    return longest;
}

static rec_status summarise(builder *b, rec_error *err)
{
    rec_sample_set *set = b->set;
    set->n_candidates = set->samples[0].n_candidates;
    for (size_t i = 0; i < set->n; i++) /* lists of several lengths: the longest is the label */
        if (set->samples[i].n_candidates > set->n_candidates)
            set->n_candidates = set->samples[i].n_candidates;
    cJSON *n = cJSON_GetObjectItemCaseSensitive(set->counts, "samples");
    if (n == NULL ||
        !cJSON_AddNumberToObject(set->counts, "short_candidate_lists", (double)b->n_short))
        return rec_fail(err, REC_ERR_RESOURCE, "out of memory");
    cJSON_SetNumberValue(n, (double)set->n);
    return REC_OK;
}

rec_status rec_ranking_samples(rec_sample_set *out, const void *self, const rec_task_data *data,
                               rec_error *err)
{
    const rec_ranking_options *options = self;
    builder b = {.options = options, .data = data, .set = out};
    if (options->negatives == REC_NEGATIVES_STORED && data->dataset->negatives == NULL)
        return rec_fail(err, REC_ERR_DATA, "negatives: stored, but the data set has none");
    rec_status status = rec_rank_samples(out, &options->rank, data, REC_TARGETS_TEST, err);
    if (status != REC_OK)
        return status;
    REC_TRY_NEW(b.taken, longest_row(data->dataset), err);
    REC_TRY(rec_popularity_draw_init(&b.popularity, data->popularity,
                                     data->dataset->catalogue.n_items, err));
    const rec_sample_set users = *out; /* shares the arena, which keeps its samples */
    REC_TRY(split_targets(&b, &users, err));
    REC_TRY(summarise(&b, err));
cleanup:
    rec_popularity_draw_deinit(&b.popularity);
    rec_arena_deinit(&b.scratch);
    free(b.taken);
    if (status != REC_OK)
        rec_sample_set_deinit(out);
    return status;
}

rec_status rec_ranking_step(rec_job *job, const rec_reply *replies, rec_error *err)
{
    const rec_ranking_options *options = job->task->options;
    return rec_rank_step(job, &options->rank, &options->text, replies, err);
}

static size_t ranking_lm_samples(const void *options)
{
    return (size_t)((const rec_ranking_options *)options)->text.lm_samples;
}

static rec_status ranking_prepare_text(rec_sample_set *set, const void *options,
                                       const rec_task_data *data, rec_error *err)
{
    return rec_text_list_prepare(set, &((const rec_ranking_options *)options)->text, data, err);
}

const rec_task rec_task_ranking = {
    .name = "ranking",
    .help = "rank one target among sampled or stored negatives",
    .any_of = REC_CAN_SCORE | REC_CAN_RESPOND,
    .size = sizeof(rec_ranking_options),
    .options = ranking_options,
    .group = 2048,
    .texts = rec_text_list_texts,
    .has_ideal = true,
    .columns = rec_ranking_columns,
    .is_random = rec_ranking_is_random,
    .list_length = rec_ranking_list_length,
    .samples = rec_ranking_samples,
    .lm_samples = ranking_lm_samples,
    .prepare_text = ranking_prepare_text,
    .step = rec_ranking_step,
    .whole_run = rec_rank_whole_run,
};
