/* harness/tasks/rank_samples.c: one sample per user of the test part: what was consumed before, what
 * was consumed then. */
#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/rng.h"
#include "harness/tasks/rank_task.h"

const char *const rec_history_names[] = {"train", "train_valid", NULL};
const char *const rec_ties_names[] = {"index", "optimistic", "pessimistic", "expected", NULL};
const char *const rec_relevance_names[] = {"binary", "value", NULL};

typedef struct target {
    uint32_t item;
    float gain;
} target;

typedef struct counts {
    size_t n_targets, n_repeated, n_not_relevant, n_in_history, n_without_train_rows;
} counts;

static int compare_targets(const void *a, const void *b)
{
    const target *x = a, *y = b;
    if (x->item != y->item)
        return x->item < y->item ? -1 : 1;
    return (x->gain < y->gain) - (x->gain > y->gain); /* the highest level of an item first */
}

static size_t row_length(const rec_interactions *x, uint32_t user)
{
    return x->start[user + 1] - x->start[user];
}

/* Distinct relevant items of a user's row, sorted: an item twice counts once, at its best level. */
static size_t collect_targets(target *out, const rec_interactions *test, uint32_t user,
                              rec_relevance relevance, counts *c)
{
    size_t n = 0, n_kept = 0;
    for (size_t i = test->start[user]; i < test->start[user + 1]; i++) {
        bool has_level = relevance == REC_RELEVANCE_VALUE && test->value != NULL;
        float gain = has_level ? test->value[i] : 1.0f;
        if (gain > 0.0f)
            out[n++] = (target){test->item[i], gain};
        else
            c->n_not_relevant++;
    }
    qsort(out, n, sizeof *out, compare_targets);
    for (size_t i = 0; i < n; i++) {
        if (n_kept > 0 && out[n_kept - 1].item == out[i].item)
            c->n_repeated++;
        else
            out[n_kept++] = out[i];
    }
    c->n_targets += n_kept;
    return n_kept;
}

static bool contains(const uint32_t *items, size_t n, uint32_t item)
{
    for (size_t i = 0; i < n; i++)
        if (items[i] == item)
            return true;
    return false;
}

static rec_status store_targets(rec_sample *s, rec_sample_set *set, const target *targets, size_t n,
                                bool has_levels, rec_error *err)
{
    uint32_t *items = rec_arena_alloc(&set->arena, n, sizeof *items, err);
    float *gains = has_levels ? rec_arena_alloc(&set->arena, n, sizeof *gains, err) : NULL;
    if (items == NULL || (has_levels && gains == NULL))
        return REC_ERR_RESOURCE;
    for (size_t i = 0; i < n; i++) {
        items[i] = targets[i].item;
        if (has_levels)
            gains[i] = targets[i].gain;
    }
    s->targets = items;
    s->gains = gains;
    s->n_targets = n;
    return REC_OK;
}

static void show_history(rec_sample *s, const rec_interactions *history, uint32_t user,
                         const rec_rank_options *options)
{
    size_t start = history->start[user], n = row_length(history, user), shown = n;
    if (options->history_max > 0 && (size_t)options->history_max < n)
        shown = (size_t)options->history_max;
    size_t first = start + n - shown; /* the latest ones */
    s->user = user;
    s->query = (rec_query){
        .user = options->user_rows ? user : REC_NO_USER,
        .history = history->item + first,
        .values = history->value != NULL ? history->value + first : NULL,
        .times = history->time != NULL ? history->time + first : NULL,
        .n_history = shown,
    };
    s->seen = options->mask_history ? history->item + start : NULL;
    s->n_seen = options->mask_history ? n : 0;
}

/* ---- which users ---- */

typedef struct drawn_user {
    uint64_t key;
    uint32_t user;
} drawn_user;

static int compare_drawn(const void *a, const void *b)
{
    const drawn_user *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return (x->user > y->user) - (x->user < y->user);
}

/* Every user has a random key of its own and the smallest keys are taken: a user more or fewer in
 * the data changes no other user's draw. */
static rec_status draw_users(bool *is_drawn, const rec_interactions *test, size_t n_wanted,
                             uint64_t seed, rec_error *err)
{
    drawn_user *users = rec_alloc(test->n_users, sizeof *users, err);
    if (users == NULL)
        return REC_ERR_RESOURCE;
    size_t n = 0;
    for (uint32_t u = 0; u < test->n_users; u++) {
        if (row_length(test, u) == 0)
            continue;
        rec_rng r = rec_rng_keyed(seed, "task/samples", u);
        users[n++] = (drawn_user){rec_rng_u64(&r), u};
    }
    qsort(users, n, sizeof *users, compare_drawn);
    for (size_t i = 0; i < n; i++)
        if (n_wanted == 0 || i < n_wanted)
            is_drawn[users[i].user] = true;
    free(users);
    return REC_OK;
}

/* ---- the set ---- */

static void count_history(counts *c, const rec_sample *s, const rec_interactions *history,
                          const rec_task_data *data)
{
    const uint32_t *seen = history->item + history->start[s->user];
    for (size_t i = 0; i < s->n_targets; i++) {
        c->n_in_history += contains(seen, row_length(history, s->user), s->targets[i]);
        c->n_without_train_rows += data->popularity[s->targets[i]] == 0;
    }
}

static rec_status write_counts(rec_sample_set *set, const counts *c, rec_error *err)
{
    const struct {
        const char *key;
        size_t n;
    } rows[] = {
        {"samples", set->n},
        {"users_without_targets", set->n_skipped},
        {"targets", c->n_targets},
        {"targets_repeated", c->n_repeated},
        {"targets_not_relevant", c->n_not_relevant},
        {"targets_in_history", c->n_in_history},
        {"targets_without_train_rows", c->n_without_train_rows},
    };
    set->counts = cJSON_CreateObject();
    bool complete = set->counts != NULL;
    for (size_t i = 0; complete && i < sizeof rows / sizeof *rows; i++)
        complete = cJSON_AddNumberToObject(set->counts, rows[i].key, (double)rows[i].n) != NULL;
    return complete ? REC_OK : rec_fail(err, REC_ERR_RESOURCE, "out of memory");
}

static size_t longest_row(const rec_interactions *x)
{
    size_t longest = 0;
    for (uint32_t u = 0; u < x->n_users; u++)
        longest = row_length(x, u) > longest ? row_length(x, u) : longest;
    return longest;
}

static rec_status add_samples(rec_sample_set *set, const rec_rank_options *options,
                              const rec_task_data *data, const bool *is_drawn, target *scratch,
                              rec_error *err)
{
    counts c = {0};
    for (uint32_t u = 0; u < set->test.n_users; u++) {
        if (row_length(&set->test, u) == 0)
            set->n_skipped++;
        if (!is_drawn[u])
            continue;
        size_t n = collect_targets(scratch, &set->test, u, (rec_relevance)options->relevance, &c);
        if (n == 0) {
            set->n_skipped++;
            continue;
        }
        rec_sample *s = &set->samples[set->n];
        bool has_levels = options->relevance == REC_RELEVANCE_VALUE;
        rec_status status = store_targets(s, set, scratch, n, has_levels, err);
        if (status != REC_OK)
            return status;
        show_history(s, &set->history, u, options);
        count_history(&c, s, &set->history, data);
        set->n++;
    }
    if (set->n == 0)
        return rec_fail(err, REC_ERR_DATA,
                        "no user has a target: the part to predict is empty; "
                        "check `split:`");
    return write_counts(set, &c, err);
}

static rec_status add_vectors(rec_sample_set *set, const rec_rank_options *options,
                              const rec_dataset *d, rec_error *err)
{
    for (size_t i = 0; i < options->metrics.n; i++) {
        const rec_metric *metric;
        size_t k;
        if (rec_metric_parse(&metric, &k, options->metrics.items[i], NULL) == REC_OK &&
            metric->needs_vectors)
            return rec_item_vectors_init(&set->vectors, d, options->diversity_by, err);
    }
    return REC_OK;
}

rec_status rec_rank_samples(rec_sample_set *out, const rec_rank_options *options,
                            const rec_task_data *data, rec_target_part part, rec_error *err)
{
    unsigned history =
        options->history == REC_HISTORY_TRAIN ? REC_PART_TRAIN : REC_PART_TRAIN | REC_PART_VALID;
    rec_status status;
    bool *is_drawn = NULL;
    target *scratch = NULL;
    *out = (rec_sample_set){0};
    REC_TRY(rec_dataset_select(&out->history, data->dataset, history, err));
    REC_TRY(rec_dataset_select(&out->test, data->dataset,
                               part == REC_TARGETS_TEST ? REC_PART_TEST : REC_PART_VALID, err));
    REC_TRY_NEW(is_drawn, data->dataset->n_users, err);
    REC_TRY_NEW(scratch, longest_row(&out->test), err);
    REC_TRY(draw_users(is_drawn, &out->test, (size_t)options->samples, data->user_seed, err));
    out->samples = rec_arena_alloc(&out->arena, data->dataset->n_users, sizeof *out->samples, err);
    if (out->samples == NULL) {
        status = REC_ERR_RESOURCE;
        goto cleanup;
    }
    memset(out->samples, 0, data->dataset->n_users * sizeof *out->samples);
    REC_TRY(add_samples(out, options, data, is_drawn, scratch, err));
    status = add_vectors(out, options, data->dataset, err);
cleanup:
    free(is_drawn);
    free(scratch);
    if (status != REC_OK)
        rec_sample_set_deinit(out);
    return status;
}
